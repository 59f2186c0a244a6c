//! A recording of events in little room: what a simulation writes while it runs.
//!
//! An [`Event`] is made to be read: it holds whole packets and addresses. A simulation makes millions,
//! and most are looked at later or never, so it writes down only what cannot be told from the rest.
//! Packets are kept as the octets they were, connections and addresses by number. Nothing is lost:
//! [`Journal::into_events`] gives every event back.

mod call;

use std::net::SocketAddr;

use bytes::Bytes;

use super::{ConnectionId, Event, Evidence, HostId, Kind, PacketId};
use crate::tcp::{self, Rule, Transition};
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

impl Kept {
    fn of(self, octets: &[u8]) -> &[u8] {
        octets.get(self.start..self.start + self.len as usize).unwrap_or_default()
    }
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
    Tcp { connection: Connection, what: tcp::What },
    Sent { id: PacketId, packet: Kept, rule: Option<Rule>, retransmission: bool },
    Arrived { id: PacketId, packet: Kept, rule: Option<Rule> },
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
        packet.of(&self.octets)
    }

    #[inline]
    fn write(&mut self, at: Instant, host: HostId, what: What) {
        self.entries.push(Entry { at, host, what });
    }

    /// What a host's TCP tells of a connection; passed over where that is no event.
    #[inline]
    pub fn tcp(&mut self, at: Instant, host: HostId, connection: Connection, what: tcp::What) {
        use tcp::What::{Queue, Rule, State, Timer};
        if matches!(what, State(_) | Timer { .. } | Queue { .. } | Rule(_)) {
            self.write(at, host, What::Tcp { connection, what });
        }
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

    /// Every change of state, in their order.
    pub fn transitions(&self) -> impl Iterator<Item = Transition> {
        self.entries.iter().filter_map(|entry| match entry.what {
            What::Tcp { what: tcp::What::State(transition), .. } => Some(transition),
            _ => None,
        })
    }

    /// The events from number `from` on, in their order.
    pub fn events_from(&self, from: usize) -> impl Iterator<Item = Event> {
        self.entries
            .iter()
            .skip(from)
            .filter_map(|entry| self.told(entry, &self.octets, Bytes::copy_from_slice))
    }

    /// All events; packets share the journal's memory.
    pub fn into_events(mut self) -> impl Iterator<Item = Event> {
        let entries = std::mem::take(&mut self.entries);
        let octets = Bytes::from(std::mem::take(&mut self.octets));
        entries.into_iter().filter_map(move |entry| self.told(&entry, &octets, |text| octets.slice_ref(text)))
    }

    /// An entry as the event it stands for. `text` keeps a packet's text, which lies in `octets`.
    fn told(&self, entry: &Entry, octets: &[u8], text: impl Fn(&[u8]) -> Bytes) -> Option<Event> {
        let connection = |number: Connection| self.connections.get(number.0 as usize).copied();
        let packet = |kept: Kept| -> Option<Packet> {
            let Packet { ip, transport, payload, defects } = wire::decode_ip(kept.of(octets)).ok()?;
            let payload = if payload.is_empty() { Bytes::new() } else { text(payload) };
            Some(Packet { ip, transport, payload, defects })
        };
        let kind = match entry.what {
            What::Call(call) => Kind::Call(self.call_of(call)?),
            What::Tcp { connection: number, what } => Kind::of_tcp(connection(number)?, what)?,
            What::Sent { id, packet: kept, rule, retransmission } => {
                Kind::Sent { id, packet: packet(kept)?, rule, retransmission }
            }
            What::Arrived { id, packet: kept, rule } => Kind::Arrived { id, packet: packet(kept)?, rule },
            What::Rare(index) => self.rare.get(index as usize)?.clone(),
        };
        Some(Event { at: entry.at, host: entry.host, evidence: Evidence::Simulated, kind })
    }
}
