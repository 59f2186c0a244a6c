//! Lines as things happen: for what comes live, when nobody knows yet what will stand beside it.

use std::net::SocketAddr;

use rustc_hash::{FxHashMap, FxHashSet};

use super::ladder::items::call_text;
use super::ladder::label;
use super::layout::{Lane, Pair};
use super::pen::{Ink, Pen, width};
use super::wrap::wrap;
use super::{Options, clock};
use crate::lang::{Catalog, Lang, Message, escape};
use crate::tcp::State;
use crate::time::Instant;
use crate::timeline::explain::{Explainer, Explanation};
use crate::timeline::{
    Call, ConnectionId, Event, Evidence, Host, HostId, Kind, Note, Numbers, Operation, Outcome, PacketId,
    QueueName, Step,
};
use crate::wire::{Packet, Transport};

/// Columns of the times.
const TIME: usize = 9;
/// Where the text begins.
const INDENT: usize = TIME + 2;
/// How often the segments that make up most of any traffic are explained.
const ROUTINE_SHOWN: u32 = 2;

/// How the ends are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// By address and port.
    Addresses,
    /// By host and port.
    Hosts,
}

/// Writes events one after the other, and remembers what it has said.
pub struct Lines {
    catalog: Catalog,
    options: Options,
    naming: Naming,
    /// Whether segments are explained.
    explain: bool,
    explainer: Explainer,
    origin: Option<Instant>,
    /// Explanations that are given once.
    given: FxHashSet<String>,
    routine: u32,
    windows: FxHashMap<(SocketAddr, SocketAddr), u16>,
}

impl Lines {
    /// A writer that has seen nothing.
    pub fn new(options: &Options, naming: Naming, explain: bool) -> Self {
        let numbers = if options.absolute { Numbers::Absolute } else { Numbers::Readable };
        Lines {
            catalog: Catalog::new(options.lang),
            options: *options,
            naming,
            explain,
            explainer: Explainer::with_numbers(numbers),
            origin: None,
            given: FxHashSet::default(),
            routine: 0,
            windows: FxHashMap::default(),
        }
    }

    /// The lines for events that belong together: a packet, the states it leads to, what was found in it.
    pub fn write(&mut self, events: &[Event], hosts: &[Host]) -> Vec<String> {
        let Some(first) = events.first() else { return Vec::new() };
        let origin = *self.origin.get_or_insert(first.at);
        let mut time = Some(clock::short(first.at.since(origin)).to_string());
        let mut lines = Vec::new();
        let mut states = Vec::new();
        let mut said = Vec::new();
        for event in events {
            let explanation = self.explainer.explain(event);
            match &event.kind {
                Kind::Sent { id, packet, retransmission, .. } => {
                    let text =
                        self.packet((event.host, receiver(events, *id)), packet, *retransmission, hosts);
                    self.lay_down(&mut lines, &mut time, &text);
                    if self.explain && !self.is_routine(packet) {
                        said.extend(explanation);
                    }
                }
                Kind::State { connection, from, to, .. } if from != to => {
                    states.push(self.state(event, connection, (*from, *to), hosts));
                }
                Kind::Call(call) => {
                    if let Some(text) = Self::call(event, call, hosts) {
                        self.lay_down(&mut lines, &mut time, &[(Ink::Call, text)]);
                    }
                }
                Kind::Queue { listener, queue, len, limit } => {
                    let id = match queue {
                        QueueName::Syn => "render-queue-syn",
                        QueueName::Accept => "render-queue-accept",
                    };
                    let text = self.catalog.format(&Message::new(id).with("len", *len).with("limit", *limit));
                    let text = format!("{}  {text}", self.end(event.host, *listener, hosts));
                    self.lay_down(&mut lines, &mut time, &[(Ink::Faint, text)]);
                }
                Kind::Note(Note::Exited { .. } | Note::Killed { .. }) => {
                    let told = explanation.map(|explanation| self.catalog.format(&explanation.message));
                    let text = format!("{}  {}", name(event.host, hosts), told.unwrap_or_default());
                    self.lay_down(&mut lines, &mut time, &[(Ink::Notice, text)]);
                }
                // Harmless, and the same on every packet of an interface.
                Kind::Note(Note::Finding { key, .. })
                    if key == "offloaded-checksum" && !self.given.insert(key.to_string()) => {}
                Kind::Note(_) => said.extend(explanation),
                _ => {}
            }
        }
        for state in states {
            self.lay_down(&mut lines, &mut time, &[(Ink::State, state)]);
        }
        for explanation in said {
            self.say(&mut lines, &explanation);
        }
        lines
    }

    /// `127.0.0.1:40000 → 127.0.0.1:80  SYN seq=1000 win=65535 <mss 1460>`
    fn packet(
        &mut self,
        (from, to): (HostId, Option<HostId>),
        packet: &Packet,
        again: bool,
        hosts: &[Host],
    ) -> Vec<(Ink, String)> {
        let shown = self.explainer.shown(packet);
        let (src, dst) = (packet.src(), packet.dst());
        let far = to.map_or_else(|| dst.to_string(), |to| self.end(to, dst, hosts));
        let ends = format!("{} → {far}  ", self.end(from, src, hosts));
        let window = packet.segment().map(|segment| segment.window);
        let before = window.and_then(|window| self.windows.insert((src, dst), window));
        let parts = label::Parts::of_packet(packet, shown, window != before);
        let text = label::preview(packet, usize::MAX);
        let rest = [parts.numbers, parts.extra, text].into_iter().filter(|part| !part.is_empty());
        let mut text = vec![(Ink::Faint, ends), (parts.ink, parts.head.into_owned())];
        text.extend(rest.map(|part| (Ink::Plain, format!(" {part}"))));
        if again {
            text.push((Ink::Notice, format!(" {}", self.catalog.text("render-again"))));
        }
        text
    }

    /// `client:40000  SYN-SENT ▸ ESTABLISHED`
    fn state(
        &self,
        event: &Event,
        connection: &ConnectionId,
        (from, to): (State, State),
        hosts: &[Host],
    ) -> String {
        let mark = if event.evidence == Evidence::Inferred { '▹' } else { '▸' };
        format!("{}  {from} {mark} {to}", self.end(event.host, connection.local, hosts))
    }

    /// A call when it returns, and also when it begins if it may wait. What a call sends comes before its
    /// return: so one that sends is shown when it begins, and its return only where it tells something new.
    fn call(event: &Event, call: &Call, hosts: &[Host]) -> Option<String> {
        const NOBODY: Pair = Pair { lanes: [Lane { host: None, addr: None }; 2], tcp: true };
        let waits = matches!(
            call.operation,
            Operation::Connect(_) | Operation::Accept | Operation::Recv { .. } | Operation::RecvFrom { .. }
        );
        let sends = match (&call.operation, &call.step) {
            (Operation::Send { len } | Operation::SendTo { len, .. }, Step::Returned(outcome)) => {
                *outcome == Outcome::Value(i64::from(*len))
            }
            (Operation::Shutdown(_) | Operation::Close, Step::Returned(outcome)) => *outcome == Outcome::Done,
            (operation, Step::Entered) => matches!(
                operation,
                Operation::Send { .. } | Operation::SendTo { .. } | Operation::Shutdown(_) | Operation::Close
            ),
            _ => false,
        };
        let name = name(event.host, hosts);
        match &call.step {
            Step::Entered if sends => Some(format!("{name}  {}", call_text(&NOBODY, call, None))),
            Step::Returned(_) if sends => None,
            Step::Entered => waits.then(|| format!("{name}  {} …", call_text(&NOBODY, call, None))),
            Step::Returned(outcome) => Some(format!("{name}  {}", call_text(&NOBODY, call, Some(outcome)))),
        }
    }

    fn end(&self, host: HostId, addr: SocketAddr, hosts: &[Host]) -> String {
        match self.naming {
            Naming::Addresses => addr.to_string(),
            // A host that nobody named has its address for a name, port and all.
            Naming::Hosts if name(host, hosts) == addr.to_string() => addr.to_string(),
            Naming::Hosts => format!("{}:{}", name(host, hosts), addr.port()),
        }
    }

    /// Data and plain acknowledgments, after the first few.
    fn is_routine(&mut self, packet: &Packet) -> bool {
        let plain = match &packet.transport {
            Transport::Tcp(segment) => !(segment.flags.syn() || segment.flags.fin() || segment.flags.rst()),
            _ => true,
        };
        self.routine += plain as u32;
        plain && self.routine > ROUTINE_SHOWN
    }

    fn pen(&self) -> Pen {
        Pen::new(self.options.color, self.options.ascii)
    }

    /// One text in pieces, over as many lines as it takes; the time stands before the first line. Pieces
    /// have their colour in the first line; what follows it is indented, and plain.
    fn lay_down(&self, lines: &mut Vec<String>, time: &mut Option<String>, pieces: &[(Ink, String)]) {
        let room = self.options.width.saturating_sub(INDENT).max(24);
        let whole: String = pieces.iter().map(|(_, piece)| piece.as_str()).collect();
        // Two columns less for every line, as all but the first are indented by them.
        let wrapped = if width(&whole) <= room { vec![whole] } else { wrap(&whole, room - 2) };
        let mut wrapped = wrapped.into_iter();
        let mut left = wrapped.next().unwrap_or_default();
        let mut pen = self.begin(time.take());
        for (ink, piece) in pieces {
            if let Some(rest) = left.strip_prefix(piece.as_str()) {
                pen.put(*ink, piece);
                left = rest.to_owned();
            } else {
                break;
            }
        }
        pen.put(Ink::Plain, &left);
        lines.push(pen.finish());
        for line in wrapped {
            let mut pen = self.begin(None);
            pen.put(Ink::Plain, "  ");
            pen.put(Ink::Plain, &line);
            lines.push(pen.finish());
        }
    }

    fn begin(&self, time: Option<String>) -> Pen {
        let mut pen = self.pen();
        if let Some(time) = time {
            pen.blanks(TIME.saturating_sub(width(&time)));
            pen.put(Ink::Faint, &time);
        }
        pen.reach(INDENT);
        pen
    }

    /// An explanation, and its reason the first time.
    fn say(&mut self, lines: &mut Vec<String>, explanation: &Explanation) {
        let mut text = String::new();
        let reason = explanation.reason.iter().filter(|reason| self.given.insert(reason.id.to_string()));
        for message in std::iter::once(&explanation.message).chain(reason) {
            if !text.is_empty() && self.catalog.lang() == Lang::En {
                text.push(' ');
            }
            text.push_str(&self.catalog.format(message));
        }
        let citation = explanation.citation.map(|citation| citation.to_string()).unwrap_or_default();
        let right = self.options.width.max(INDENT + 24);
        let mut texts = wrap(&text, right - INDENT - 2);
        let last = texts.last().map_or(0, |line| width(line));
        if !citation.is_empty() && INDENT + 2 + last + 2 + width(&citation) > right {
            texts.push(String::new());
        }
        let count = texts.len();
        for (number, line) in texts.into_iter().enumerate() {
            let mut pen = self.begin(None);
            pen.put(Ink::Plain, "  ");
            pen.put(Ink::Plain, &line);
            if number + 1 == count {
                pen.reach(right.saturating_sub(width(&citation)));
                pen.put(Ink::Faint, &citation);
            }
            lines.push(pen.finish());
        }
    }
}

/// Where the packet of this number arrives, if these events tell.
fn receiver(events: &[Event], id: PacketId) -> Option<HostId> {
    let arrives = |event: &&Event| matches!(&event.kind, Kind::Arrived { id: other, .. } if *other == id);
    events.iter().find(arrives).map(|event| event.host)
}

fn name(host: HostId, hosts: &[Host]) -> String {
    hosts.get(usize::from(host.0)).map_or_else(|| "?".to_owned(), |host| escape(&host.name).into_owned())
}
