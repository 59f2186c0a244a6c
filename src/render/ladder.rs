//! The ladder: two lanes, time flowing downwards, each side's times on its own side.

mod arrow;
pub(super) mod items;
pub(super) mod label;

use std::cell::OnceCell;

use super::clock::Clock;
use super::layout::{self, Item, Lane, Layout, Pair, Row, Side, Tone, What, Words};
use super::pen::{Ink, Pen, fit, width};
use super::wrap::wrap;
use super::{Block, Options};
use crate::lang::{Catalog, Lang, Message, Value, escape};
use crate::tcp::State;
use crate::time::Instant;
use crate::timeline::{Numbers, Timeline};

/// Below this many columns there is one column of times, not two.
const NARROW: usize = 64;
/// Beyond this many columns a ladder grows no wider: long arrows and long lines are hard to follow.
const WIDEST: usize = 120;
/// Narrower than this nothing can be drawn.
const NARROWEST: usize = 36;

/// The blocks of a timeline, one for each row.
pub(super) fn blocks<'a>(timeline: &'a Timeline, options: &Options) -> impl Iterator<Item = Block> + use<'a> {
    let catalog = Catalog::new(options.lang);
    let numbers = if options.absolute { Numbers::Absolute } else { Numbers::Readable };
    let layout = layout::lay_out(timeline, numbers);
    let clock = Clock::new(timeline.events.first().map(|event| event.at));
    let columns = Columns::measure(&layout, options.width, &clock);
    let ladder = Ladder { timeline, catalog, columns, clock, color: options.color, ascii: options.ascii };
    let Layout { pairs, rows, relative, inferred } = layout;
    let last = rows.last().map(|row| row.at);
    let mut said = None;
    let mut first = true;
    let legend = OnceCell::new();
    let mut rows = rows.into_iter();
    std::iter::from_fn(move || {
        let Some(row) = rows.next() else {
            // The legend is a block of its own, at the end.
            legend.set(()).ok()?;
            let lines = ladder.legend(relative, inferred);
            return (!lines.is_empty()).then(|| Block { at: last.unwrap_or_default(), lines });
        };
        let pair = pairs.get(row.pair)?;
        let mut lines = Vec::new();
        if let Some(states) = row.opens {
            ladder.header(&mut lines, pair, states, first);
        } else if let Some(states) = said {
            lines.push(ladder.framed(pair, states, None, None, "", |_| {}));
        }
        first = false;
        said = ladder.row(&mut lines, pair, &row).then_some(row.states);
        Some(Block { at: row.at, lines })
    })
}

/// Where things stand in a line.
#[derive(Clone, Copy)]
struct Columns {
    /// Width of the packet numbers.
    number: usize,
    /// Width of the times.
    time: usize,
    /// The left lifeline's column.
    left: usize,
    /// Columns between the lifelines.
    inner: usize,
    narrow: bool,
}

struct Ladder<'a> {
    timeline: &'a Timeline,
    catalog: Catalog,
    columns: Columns,
    clock: Clock,
    color: bool,
    ascii: bool,
}

impl Columns {
    fn measure(layout: &Layout<'_>, width_wanted: usize, clock: &Clock) -> Self {
        let total = width_wanted.clamp(NARROWEST, WIDEST);
        let narrow = total < NARROW;
        let mut time = 4;
        let mut highest = 0;
        for row in &layout.rows {
            let mut see = |at: Instant| time = time.max(clock.tell(at).width());
            see(row.at);
            if let What::Arrow(arrow) = &row.what {
                highest = highest.max(arrow.id.0);
                arrow.arrived.into_iter().for_each(see);
            }
        }
        let number = highest.to_string().len().max(2);
        let left = number + 1 + time + 1;
        let after = if narrow { 0 } else { 1 + time };
        Columns { number, time, left, inner: total.saturating_sub(left + 2 + after).max(8), narrow }
    }

    fn right(&self) -> usize {
        self.left + 1 + self.inner
    }

    fn total(&self) -> usize {
        self.right() + 1 + if self.narrow { 0 } else { 1 + self.time }
    }
}

impl Ladder<'_> {
    fn pen(&self) -> Pen {
        Pen::new(self.color, self.ascii)
    }

    fn word(&self, id: &'static str) -> String {
        self.catalog.format(&Message::new(id))
    }

    /// A line with both lifelines, something between them, and the times beside them.
    fn framed(
        &self,
        pair: &Pair,
        states: [State; 2],
        left_at: Option<Instant>,
        right_at: Option<Instant>,
        number: &str,
        between: impl FnOnce(&mut Pen),
    ) -> String {
        let lifeline = |side: Side| lifeline(pair, states[side.index()]);
        let mut pen = self.pen();
        self.margin(&mut pen, left_at, number);
        pen.put_wide(Ink::Faint, lifeline(Side::Left), 1);
        between(&mut pen);
        pen.reach(self.columns.right());
        pen.put_wide(Ink::Faint, lifeline(Side::Right), 1);
        self.after(&mut pen, right_at);
        pen.finish()
    }

    /// The packet number and the left time.
    fn margin(&self, pen: &mut Pen, at: Option<Instant>, number: &str) {
        pen.blanks(self.columns.number.saturating_sub(number.len()));
        pen.put_wide(Ink::Plain, number, number.len());
        if let Some(at) = at {
            let time = self.clock.tell(at);
            pen.reach(self.columns.left - 1 - time.width().min(self.columns.time));
            pen.put_wide(Ink::Faint, time.as_str(), time.width());
        }
        pen.reach(self.columns.left);
    }

    /// The right time.
    fn after(&self, pen: &mut Pen, at: Option<Instant>) {
        if let Some(at) = at.filter(|_| !self.columns.narrow) {
            let time = self.clock.tell(at);
            pen.reach(pen.width() + 1 + self.columns.time.saturating_sub(time.width()));
            pen.put_wide(Ink::Faint, time.as_str(), time.width());
        }
    }

    /// Who stands where, and in which states.
    fn header(&self, lines: &mut Vec<String>, pair: &Pair, states: [State; 2], first: bool) {
        if !first {
            lines.push(String::new());
        }
        let [(left, left_addr), (right, right_addr)] = pair.lanes.map(|lane| self.names(lane));
        let both = self.columns.inner + 2;
        let heading = if first { self.word("render-time") } else { String::new() };
        let one = (format!("{left} {left_addr}"), format!("{right} {right_addr}"));
        let fits = width(&one.0) + width(&one.1) + 2 <= both;
        let rows = if fits { vec![one] } else { vec![(left, right), (left_addr, right_addr)] };
        let names = pair.tcp.then(|| {
            [Side::Left, Side::Right].map(|side| self.state(pair.lanes[side.index()], states[side.index()]))
        });
        // Back at a pair already introduced, one line does if it can.
        if let (false, Some([left_state, right_state]), [(left, right)]) = (first, names, rows.as_slice()) {
            let left = format!("{}  {left_state}", left.trim());
            let right = format!("{right_state}  {}", right.trim());
            if width(left.trim()) + width(right.trim()) + 2 <= both {
                self.head(lines, "", left.trim(), right.trim());
                return;
            }
        }
        for (index, (left, right)) in rows.iter().enumerate() {
            self.head(lines, if index == 0 { &heading } else { "" }, left.trim(), right.trim());
        }
        if let Some([left, right]) = names {
            self.head(lines, "", left, right);
        }
    }

    /// A line of a header: something at each lifeline, and a word above each column of times.
    fn head(&self, lines: &mut Vec<String>, heading: &str, left: &str, right: &str) {
        let both = self.columns.inner + 2;
        let right = fit(right, both.saturating_sub(8));
        let left = fit(left, both.saturating_sub(width(&right) + 1));
        let mut pen = self.pen();
        pen.reach(self.columns.left.saturating_sub(1 + width(heading)));
        pen.put(Ink::Faint, heading);
        pen.reach(self.columns.left);
        pen.put(Ink::State, &left);
        pen.reach((self.columns.right() + 1).saturating_sub(width(&right)));
        pen.put(Ink::State, &right);
        if !self.columns.narrow && !heading.is_empty() {
            pen.reach(pen.width() + 1 + self.columns.time.saturating_sub(width(heading)));
            pen.put(Ink::Faint, heading);
        }
        lines.push(pen.finish());
    }

    /// A lane's host and address. A host nobody named bears its address as name.
    fn names(&self, lane: Lane) -> (String, String) {
        let addr = lane.addr.map(|addr| addr.to_string()).unwrap_or_default();
        let host = lane.host.and_then(|host| self.timeline.host(host));
        let name = host.map(|host| escape(&host.name).into_owned()).unwrap_or_default();
        let is_address = lane.addr.is_some_and(|addr| name == addr.ip().to_string());
        if is_address || name.is_empty() {
            return (addr, String::new());
        }
        if self.is_forged(lane) {
            let message = Message::new("render-forged").with("addr", addr);
            return (name, self.catalog.format(&message));
        }
        (name, addr)
    }

    /// Whether a host uses an address that is not its own.
    fn is_forged(&self, lane: Lane) -> bool {
        let host = lane.host.and_then(|host| self.timeline.host(host));
        host.zip(lane.addr).is_some_and(|(host, addr)| !host.addrs.contains(&addr.ip()))
    }

    /// A state's name; forgers and hosts that do not exist have none.
    fn state(&self, lane: Lane, state: State) -> &'static str {
        if lane.host.is_none() || self.is_forged(lane) { "" } else { state.name() }
    }

    /// Draws a row; tells whether it ends in text that needs a little room below.
    fn row(&self, lines: &mut Vec<String>, pair: &Pair, row: &Row<'_>) -> bool {
        let mut time = None;
        match &row.what {
            What::Arrow(arrow) => self.arrow(lines, pair, row.states, arrow, row.at),
            What::Local { side, items } if items.is_empty() => time = Some((*side, row.at)),
            What::Local { side, items } => self.local(lines, pair, row, *side, items),
        }
        let mut crowded = false;
        for words in &row.words {
            crowded = self.words(lines, pair, row.states, words, time.take());
        }
        crowded
    }

    fn local(&self, lines: &mut Vec<String>, pair: &Pair, row: &Row<'_>, side: Side, items: &[Item<'_>]) {
        let room = self.columns.inner.saturating_sub(2);
        let changed = items.iter().any(|item| matches!(item, Item::State { .. }));
        let other = side.other().index();
        let other = self.state(pair.lanes[other], row.states[other]);
        let mut at = Some(row.at);
        let drawn = items::draw(self, pair, items, room);
        let count = drawn.len();
        for (index, line) in drawn.into_iter().enumerate() {
            let used: usize = line.iter().map(|(_, text)| width(text)).sum();
            // Beside a change the other end's state is repeated, so that both are always in view.
            let both = changed && pair.tcp && index + 1 == count && used + other.len() + 3 <= room;
            let (left_at, right_at) = self.times(side, at.take());
            lines.push(self.framed(pair, row.states, left_at, right_at, "", |pen| {
                pen.put(Ink::Plain, " ");
                let put_other = |pen: &mut Pen| pen.put(Ink::Faint, if both { other } else { "" });
                if side == Side::Right {
                    put_other(pen);
                    pen.reach(self.columns.right().saturating_sub(used + 1));
                }
                for (ink, text) in line {
                    pen.put(ink, &text);
                }
                if side == Side::Left {
                    pen.reach(self.columns.right().saturating_sub(if both { other.len() + 1 } else { 0 }));
                    put_other(pen);
                }
            }));
        }
    }

    /// A time on its side; in a narrow ladder always on the left.
    fn times(&self, side: Side, at: Option<Instant>) -> (Option<Instant>, Option<Instant>) {
        match side {
            Side::Right if !self.columns.narrow => (None, at),
            _ => (at, None),
        }
    }

    fn words(
        &self,
        lines: &mut Vec<String>,
        pair: &Pair,
        states: [State; 2],
        words: &Words,
        time: Option<(Side, Instant)>,
    ) -> bool {
        let mut text = String::new();
        for message in words.message.iter().chain(&words.reason) {
            let start = text.len();
            if start > 0 && self.catalog.lang() == Lang::En {
                text.push(' ');
            }
            // An attribute need not exist; a message must, and shows the gap where it does not.
            if !message.id.contains('.') {
                text.push_str(&self.catalog.format(message));
            } else if self.catalog.write(&mut text, message).is_err() && text.trim_end().len() == start {
                text.truncate(start);
            }
        }
        if text.is_empty() {
            return false;
        }
        let ink = if words.tone == Tone::Warns { Ink::Notice } else { Ink::Plain };
        let mut time = time;
        let citation = words.citation.map(|citation| citation.to_string()).unwrap_or_default();
        let room = self.text_room();
        let citation = fit(&citation, room);
        let mut texts = wrap(&text, room);
        let last = texts.last().map_or(0, |line| width(line));
        let beside = last + 2 + width(&citation) <= room;
        if !beside && !citation.is_empty() {
            texts.push(String::new());
        }
        let count = texts.len();
        for (index, line) in texts.into_iter().enumerate() {
            let (left_at, right_at) =
                time.take().map_or((None, None), |(side, at)| self.times(side, Some(at)));
            lines.push(self.framed(pair, states, left_at, right_at, "", |pen| {
                pen.put(Ink::Plain, "  ");
                pen.put(ink, &line);
                if index + 1 == count {
                    pen.reach(self.columns.right().saturating_sub(1 + width(&citation)));
                    pen.put(Ink::Faint, &citation);
                }
            }));
        }
        // A citation alone in its line leaves room enough below the text.
        citation.is_empty() || beside
    }

    fn text_room(&self) -> usize {
        self.columns.inner.saturating_sub(3)
    }

    fn legend(&self, relative: bool, inferred: bool) -> Vec<String> {
        let wanted = [(inferred, "render-legend-inferred"), (relative, "render-legend-relative")];
        let texts = wanted.into_iter().filter(|(wanted, _)| *wanted).map(|(_, id)| self.word(id));
        let mut lines: Vec<String> = texts
            .flat_map(|text| wrap(&text, self.columns.total()))
            .map(|line| {
                let mut pen = self.pen();
                pen.put(Ink::Faint, &line);
                pen.finish()
            })
            .collect();
        if !lines.is_empty() {
            lines.insert(0, String::new());
        }
        lines
    }

    fn format(&self, id: &'static str, args: impl IntoIterator<Item = (&'static str, Value)>) -> String {
        let message =
            args.into_iter().fold(Message::new(id), |message, (name, value)| message.with(name, value));
        self.catalog.format(&message)
    }
}

/// A piece of the line that stands for an end in this state.
fn lifeline(pair: &Pair, state: State) -> &'static str {
    if pair.tcp && state == State::Closed { "┊" } else { "│" }
}
