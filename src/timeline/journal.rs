//! A recording of events in little room: what a simulation writes while it runs.
//!
//! An [`Event`] is made to be read: it holds whole packets and addresses. A simulation makes millions,
//! and most are looked at later or never, so it writes down only what cannot be told from the rest.
//! Packets are kept as the octets they were, connections and addresses by number. Nothing is lost:
//! [`Journal::into_events`] gives every event back.

mod call;

use std::net::SocketAddr;

use bytes::Bytes;

use super::{Action, ConnectionId, Event, Evidence, HostId, Kind, Note, PacketId, QueueName, TimerName};
use crate::tcp::{Rule, State};
use crate::time::Instant;
use crate::wire::{self, Packet};
use call::Compact;

/// What happened, in the order of time.
#[derive(Debug, Default)]
pub struct Journal {
    entries: Vec<Entry>,
    /// Packets, one after the other.
    octets: Vec<u8>,
    connections: Vec<ConnectionId>,
    addrs: Vec<SocketAddr>,
    /// What is too rare to deserve a form of its own.
    rare: Vec<Kind>,
}

/// A connection's place in a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connection(u32);

/// Where in a journal the octets of a packet lie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    start: usize,
    len: u32,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    at: Instant,
    host: HostId,
    what: What,
}

#[derive(Clone, Copy, Debug)]
enum What {
    Call(Compact),
    State { connection: Connection, from: State, to: State, rule: Rule },
    Sent { id: PacketId, packet: Kept, rule: Option<Rule>, retransmission: bool },
    Arrived { id: PacketId, packet: Kept, rule: Option<Rule> },
    Timer { connection: Connection, timer: TimerName, action: Action },
    Queue { listener: Connection, queue: QueueName, len: u32, limit: u32 },
    Rule { connection: Connection, rule: Rule },
    Rare(u32),
}

impl Journal {
    /// How many events there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing has happened.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Forgets everything but keeps the room for the next run.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.octets.clear();
        self.connections.clear();
        self.addrs.clear();
        self.rare.clear();
    }

    /// Gives a connection its number.
    pub fn connection(&mut self, connection: ConnectionId) -> Connection {
        self.connections.push(connection);
        Connection((self.connections.len() - 1) as u32)
    }

    /// Has `write` append an IP packet.
    #[inline]
    pub fn packet(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Kept {
        let start = self.octets.len();
        write(&mut self.octets);
        Kept { start, len: (self.octets.len() - start) as u32 }
    }

    /// The octets of a packet; none for one that another journal keeps.
    #[inline]
    pub fn octets(&self, packet: Kept) -> &[u8] {
        self.octets.get(packet.start..packet.start + packet.len as usize).unwrap_or_default()
    }

    #[inline]
    fn write(&mut self, at: Instant, host: HostId, what: What) {
        self.entries.push(Entry { at, host, what });
    }

    /// A change of state.
    #[inline]
    pub fn state(&mut self, at: Instant, host: HostId, connection: Connection, change: (State, State, Rule)) {
        let (from, to, rule) = change;
        self.write(at, host, What::State { connection, from, to, rule });
    }

    /// A timer was set, fired or stopped.
    #[inline]
    pub fn timer(
        &mut self,
        at: Instant,
        host: HostId,
        connection: Connection,
        timer: TimerName,
        action: Action,
    ) {
        self.write(at, host, What::Timer { connection, timer, action });
    }

    /// A listener's queue has a new length, of so many.
    #[inline]
    pub fn queue(
        &mut self,
        at: Instant,
        host: HostId,
        listener: Connection,
        queue: QueueName,
        (len, limit): (u32, u32),
    ) {
        self.write(at, host, What::Queue { listener, queue, len, limit });
    }

    /// A rule fired that neither sent anything nor changed a state.
    #[inline]
    pub fn rule(&mut self, at: Instant, host: HostId, connection: Connection, rule: Rule) {
        self.write(at, host, What::Rule { connection, rule });
    }

    /// A packet left a host.
    #[inline]
    pub fn sent(&mut self, at: Instant, host: HostId, id: PacketId, packet: Kept, why: (Option<Rule>, bool)) {
        let (rule, retransmission) = why;
        self.write(at, host, What::Sent { id, packet, rule, retransmission });
    }

    /// A packet reached a host.
    #[inline]
    pub fn arrived(&mut self, at: Instant, host: HostId, id: PacketId, packet: Kept, rule: Option<Rule>) {
        self.write(at, host, What::Arrived { id, packet, rule });
    }

    /// Anything.
    #[cold]
    pub fn rare(&mut self, at: Instant, host: HostId, kind: Kind) {
        self.rare.push(kind);
        self.write(at, host, What::Rare((self.rare.len() - 1) as u32));
    }

    /// Every change of state: when, where, of which connection, from, to, and by which rule.
    pub fn states(
        &self,
    ) -> impl Iterator<Item = (Instant, HostId, Option<&ConnectionId>, State, State, Rule)> {
        self.entries.iter().filter_map(|entry| match entry.what {
            What::State { connection, from, to, rule } => {
                Some((entry.at, entry.host, self.connections.get(connection.0 as usize), from, to, rule))
            }
            _ => None,
        })
    }

    /// The events from number `from` on, in their order.
    pub fn events_from(&self, from: usize) -> impl Iterator<Item = Event> {
        let text = |octets: &[u8], _| Bytes::copy_from_slice(octets);
        self.entries.iter().skip(from).filter_map(move |entry| self.event(entry, &text))
    }

    /// All events; packets share the journal's memory.
    pub fn into_events(mut self) -> impl Iterator<Item = Event> {
        let entries = std::mem::take(&mut self.entries);
        let octets = Bytes::from(std::mem::take(&mut self.octets));
        entries.into_iter().filter_map(move |entry| {
            let text = |text: &[u8], start: usize| octets.slice(start..start + text.len());
            self.told(&entry, &octets, &text)
        })
    }

    fn event(&self, entry: &Entry, text: &impl Fn(&[u8], usize) -> Bytes) -> Option<Event> {
        self.told(entry, &self.octets, text)
    }

    /// An entry as the event it stands for. `text` keeps a packet's text, of which it gets the octets
    /// and where they lie.
    fn told(&self, entry: &Entry, octets: &[u8], text: &impl Fn(&[u8], usize) -> Bytes) -> Option<Event> {
        let connection = |number: Connection| self.connections.get(number.0 as usize).copied();
        let packet = |kept: Kept| -> Option<Packet> {
            let octets = octets.get(kept.start..kept.start + kept.len as usize)?;
            let packet = wire::decode_ip(octets).ok()?;
            let payload = if packet.payload.is_empty() {
                Bytes::new()
            } else {
                let before = packet.payload.as_ptr().addr() - octets.as_ptr().addr();
                text(packet.payload, kept.start + before)
            };
            Some(Packet { ip: packet.ip, transport: packet.transport, payload, defects: packet.defects })
        };
        let kind = match entry.what {
            What::Call(call) => Kind::Call(self.call_of(call)?),
            What::State { connection: number, from, to, rule } => {
                Kind::State { connection: connection(number)?, from, to, rule: Some(rule) }
            }
            What::Sent { id, packet: kept, rule, retransmission } => {
                Kind::Sent { id, packet: packet(kept)?, rule, retransmission }
            }
            What::Arrived { id, packet: kept, rule } => Kind::Arrived { id, packet: packet(kept)?, rule },
            What::Timer { connection: number, timer, action } => {
                Kind::Timer { connection: connection(number)?, timer, action }
            }
            What::Queue { listener, queue, len, limit } => {
                Kind::Queue { listener: connection(listener)?.local, queue, len, limit }
            }
            What::Rule { connection: number, rule } => {
                Kind::Note(Note::Rule { connection: connection(number)?, rule })
            }
            What::Rare(index) => self.rare.get(index as usize)?.clone(),
        };
        Some(Event { at: entry.at, host: entry.host, evidence: Evidence::Simulated, kind })
    }
}
