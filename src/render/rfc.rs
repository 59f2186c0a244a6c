//! The figures of RFC 9293 (6 to 13): both ends' states after each segment left or arrived.
//!
//! `...` stands for a segment on its way, `XXX` for one that is lost. Where the RFC's form is too wide for
//! the terminal, the segment stands below its line.

use rustc_hash::FxHashSet;

use super::layout::{self, Arrow, Course, Item, Lane, Layout, Row, Side, What};
use super::pen::width;
use super::{Block, Options, wrap};
use crate::lang::escape;
use crate::tcp::State;
use crate::time::Instant;
use crate::timeline::{Numbers, Operation, PacketId, Shutdown, Timeline, TimerName};
use crate::wire::{Flags, Transport};

/// Columns of a state's name.
const STATE: usize = 12;
/// Columns of an arrow with the blanks around it.
const ARROW: usize = 5;

/// Where things stand in a line.
#[derive(Clone, Copy)]
struct Columns {
    /// Columns of a line's number.
    number: usize,
    /// Columns of the widest segment, or `None` if segments stand below their lines.
    segment: Option<usize>,
    /// Columns of the terminal.
    width: usize,
}

impl Columns {
    fn new(rows: usize, segment: usize, width: usize) -> Self {
        let number = if rows < 100 { 4 } else { rows.to_string().len() + 2 };
        let fits = number + STATE + ARROW + segment + ARROW + STATE <= width;
        Columns { number, segment: fits.then_some(segment), width }
    }

    /// Where the right end's state begins, counted from the left one's.
    fn right(self) -> usize {
        STATE + self.segment.map_or(2 * ARROW - 1, |segment| segment + 2 * ARROW)
    }

    /// Blanks up to the state of `side`.
    fn indent(self, side: Side) -> String {
        " ".repeat(self.number + if side == Side::Left { 0 } else { self.right() })
    }
}

/// The blocks of a timeline, one for each line of the figure.
pub(super) fn blocks(timeline: &Timeline, options: &Options) -> impl Iterator<Item = Block> + use<> {
    let numbers = if options.absolute { Numbers::Absolute } else { Numbers::Readable };
    let layout = layout::lay_out(timeline, numbers);
    let mut figure = Figure::new(timeline, &layout, options.width);
    for (index, row) in layout.rows.iter().enumerate() {
        figure.row(index, row);
    }
    figure.blocks.into_iter()
}

struct Figure<'a> {
    timeline: &'a Timeline,
    layout: &'a Layout<'a>,
    /// Packets whose arrival has a row of its own.
    apart: FxHashSet<PacketId>,
    columns: Columns,
    line: usize,
    started: bool,
    /// Both states as the last line showed them.
    shown: [State; 2],
    blocks: Vec<Block>,
}

impl<'a> Figure<'a> {
    fn new(timeline: &'a Timeline, layout: &'a Layout<'a>, columns: usize) -> Self {
        let mut apart = FxHashSet::default();
        let mut segment = 0;
        for row in &layout.rows {
            match &row.what {
                What::Local { items, .. } => {
                    apart.extend(items.iter().filter_map(|item| match item {
                        Item::Arrival(id) => Some(*id),
                        _ => None,
                    }));
                }
                What::Arrow(arrow) => segment = segment.max(width(&describe(arrow))),
            }
        }
        Figure {
            timeline,
            layout,
            apart,
            columns: Columns::new(layout.rows.len(), segment, columns),
            line: 0,
            started: false,
            shown: [State::Closed; 2],
            blocks: Vec::new(),
        }
    }

    fn row(&mut self, index: usize, row: &Row<'_>) {
        let Some(pair) = self.layout.pairs.get(row.pair) else { return };
        let mut lines = Vec::new();
        if row.opens.is_some() {
            self.started = false;
            if !self.blocks.is_empty() {
                lines.push(String::new());
            }
            let [left, right] = pair.lanes.map(|lane| self.name(lane));
            self.names(&mut lines, &left, &right);
        }
        match &row.what {
            What::Arrow(arrow) => {
                if !self.started {
                    self.begin(&mut lines, row.states);
                }
                self.arrow(&mut lines, index, row, arrow);
            }
            What::Local { side, items } => self.local(&mut lines, row, *side, items),
        }
        if !lines.is_empty() {
            self.blocks.push(Block { at: row.at, lines });
        }
    }

    /// The first line: where both stand before anything is sent. What an end's own call has just
    /// changed is told by the first segment.
    fn begin(&mut self, lines: &mut Vec<String>, states: [State; 2]) {
        self.started = true;
        let [left, right] = states.map(|state| if state == State::SynSent { State::Closed } else { state });
        let number = self.number();
        self.shown = [left, right];
        lines.push(format!("{number}{}{}", pad(left.name(), self.columns.right()), right.name()));
    }

    /// Who the two ends are: the right one above its states, or else as far to the right as it finds room.
    fn names(&self, lines: &mut Vec<String>, left: &str, right: &str) {
        let Columns { number, width: columns, .. } = self.columns;
        let room = columns.saturating_sub(number);
        let blanks = " ".repeat(number);
        let above = self.columns.right().min(room.saturating_sub(width(right)));
        if above > width(left) {
            lines.push(format!("{blanks}{}{right}", pad(left, above)));
            return;
        }
        lines.extend(wrap(left, room).iter().map(|part| format!("{blanks}{part}")));
        let furthest = number + self.columns.right();
        lines.extend(wrap(right, room).iter().map(|part| {
            let before = furthest.min(columns.saturating_sub(width(part)));
            format!("{}{part}", " ".repeat(before))
        }));
    }

    fn arrow(&mut self, lines: &mut Vec<String>, index: usize, row: &Row<'_>, arrow: &Arrow<'_>) {
        let goes = !matches!(arrow.course, Course::Arrives | Course::Copy);
        let comes = matches!(arrow.course, Course::Whole | Course::Arrives | Course::Copy)
            && !(goes && self.apart.contains(&arrow.id));
        let to = arrow.from.other();
        let mut states = row.states;
        if comes {
            states[to.index()] = self.after_arrival(index, to, arrow.arrived, states[to.index()]);
        }
        let lost = arrow.course == Course::Lost;
        if arrow.retransmission && goes {
            let mark = "(Retransmission)";
            let indent = self.columns.indent(arrow.from);
            let most = self.columns.width.saturating_sub(mark.len());
            lines.push(format!("{}{mark}", &indent[..indent.len().min(most)]));
        }
        self.segment(lines, states, arrow.from, &describe(arrow), [goes, comes, lost]);
    }

    /// The receiver's state once it has dealt with what the row at `index` shows to arrive.
    fn after_arrival(&self, index: usize, side: Side, at: Option<Instant>, before: State) -> State {
        let following = self.layout.rows.iter().skip(index + 1);
        let until_next = following.take_while(|row| matches!(row.what, What::Local { .. }));
        let of_arrival = |row: &&Row<'_>| match &row.what {
            What::Local { side: other, items } => {
                let foreign = |item: &Item<'_>| matches!(item, Item::Arrival(_) | Item::TimerFired(..));
                *other == side && at.is_none_or(|at| at == row.at) && !items.iter().any(foreign)
            }
            What::Arrow(_) => false,
        };
        until_next.filter(of_arrival).last().map_or(before, |row| row.states[side.index()])
    }

    /// A segment's line or lines. It `goes` (it leaves in this row), it `comes` (it arrives), it is `lost`.
    fn segment(
        &mut self,
        lines: &mut Vec<String>,
        states: [State; 2],
        from: Side,
        segment: &str,
        [goes, comes, lost]: [bool; 3],
    ) {
        self.shown = states;
        let arrow = if from == Side::Left { "-->" } else { "<--" };
        let departure = if goes { arrow } else { "..." };
        let arrival = match (comes, lost) {
            (true, _) => arrow,
            (_, true) => "XXX",
            _ => "...",
        };
        let show = |state: State, is_there: bool| if is_there { state.name() } else { "" };
        let (left, right) = match from {
            Side::Left => ((show(states[0], goes), departure), (arrival, show(states[1], comes))),
            Side::Right => ((show(states[0], comes), arrival), (departure, show(states[1], goes))),
        };
        let number = self.number();
        let beside = self.columns.segment.map(|columns| pad(segment, columns) + " ").unwrap_or_default();
        let line = format!("{number}{} {} {beside}{} {}", pad(left.0, STATE), left.1, right.0, right.1);
        lines.push(line.trim_end().to_owned());
        if self.columns.segment.is_none() {
            let blanks = " ".repeat(self.columns.number);
            let room = self.columns.width.saturating_sub(self.columns.number);
            lines.extend(fields(segment, room).map(|part| format!("{blanks}{part}")));
        }
    }

    /// A call or timer that matters, in parentheses, and a state that no segment shows.
    fn local(&mut self, lines: &mut Vec<String>, row: &Row<'_>, side: Side, items: &[Item<'_>]) {
        let arrival =
            items.iter().find_map(|item| if let Item::Arrival(id) = item { Some(*id) } else { None });
        if let Some(arrow) = arrival.and_then(|id| self.arrow_of(id)) {
            self.segment(lines, row.states, arrow.from, &describe(arrow), [false, true, false]);
            return;
        }
        let remark = items.iter().find_map(remark);
        let state = row.states[side.index()];
        // A timer's end shows in no segment.
        let silent = items
            .iter()
            .any(|item| matches!(item, Item::TimerFired(TimerName::TimeWait | TimerName::FinWait2, _)))
            && state != self.shown[side.index()];
        if remark.is_none() || !self.started {
            return;
        }
        let indent = self.columns.indent(side);
        for text in remark.into_iter().chain(silent.then_some(state.name())) {
            lines.push(format!("{indent}{text}"));
        }
        if silent {
            self.shown = row.states;
        }
    }

    fn arrow_of(&self, id: PacketId) -> Option<&'a Arrow<'a>> {
        self.layout.rows.iter().find_map(|row| match &row.what {
            What::Arrow(arrow) if arrow.id == id => Some(arrow),
            _ => None,
        })
    }

    fn number(&mut self) -> String {
        self.line += 1;
        pad(&format!("{}.", self.line), self.columns.number)
    }

    fn name(&self, lane: Lane) -> String {
        let host = lane.host.and_then(|host| self.timeline.host(host));
        let name = host.map(|host| escape(&host.name).into_owned()).unwrap_or_default();
        let addr = lane.addr.map(|addr| addr.to_string()).unwrap_or_default();
        format!("{name} {addr}").trim().to_owned()
    }
}

fn remark(item: &Item<'_>) -> Option<&'static str> {
    match item {
        Item::Call { call, .. } => match call.operation {
            Operation::Close | Operation::Shutdown(Shutdown::Write | Shutdown::Both) => Some("(Close)"),
            Operation::Abort => Some("(Abort)"),
            _ => None,
        },
        Item::TimerFired(TimerName::TimeWait, _) => Some("(2 MSL)"),
        Item::TimerFired(..) => Some("(Timeout)"),
        _ => None,
    }
}

/// `<SEQ=300><ACK=101><CTL=SYN,ACK>`, as the RFC writes segments.
fn describe(arrow: &Arrow<'_>) -> String {
    let segment = match &arrow.packet.transport {
        Transport::Tcp(segment) => segment,
        Transport::Udp(datagram) => return format!("UDP <DATA={}>", datagram.len),
        Transport::Other { protocol } => return format!("IP protocol {protocol}"),
    };
    let ack = if segment.flags.ack() { format!("<ACK={}>", arrow.shown.ack) } else { String::new() };
    let data = if segment.len > 0 { format!("<DATA={}>", segment.len) } else { String::new() };
    let control = segment.flags.without(Flags::PSH);
    format!("<SEQ={}>{ack}<CTL={control}>{data}", arrow.shown.seq)
}

/// A segment's fields, `<…>`, in lines of at most `columns`.
fn fields(segment: &str, columns: usize) -> impl Iterator<Item = String> {
    let mut lines = vec![String::new()];
    for field in segment.split_inclusive('>') {
        match lines.last_mut() {
            Some(line) if line.is_empty() || width(line) + width(field) <= columns => line.push_str(field),
            _ => lines.push(field.to_owned()),
        }
    }
    lines.into_iter()
}

/// The text with blanks up to `columns`.
fn pad(text: &str, columns: usize) -> String {
    let blanks = columns.saturating_sub(width(text));
    format!("{text}{}", " ".repeat(blanks))
}
