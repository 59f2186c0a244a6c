//! A recording of events in little room: what a simulation writes while it runs.
//!
//! An [`Event`](super::Event) is made to be read: it holds whole packets and addresses. A simulation makes
//! millions, and most are looked at later or never, so it writes down only what cannot be told from the rest.
//! Packets are kept as the octets they were, addresses by number. What the TCPs tell stays in their own
//! logs, and an entry of the journal says how much its host's had told before it. Nothing is lost:
//! [`Journal::into_events`] gives every event back.

mod call;
mod reading;

use std::net::SocketAddr;

use super::{HostId, Kind, PacketId};
use crate::tcp::{self, Rule, Transition};
use crate::time::Instant;
use call::Compact;

/// What happened, in the order of time.
#[derive(Debug, Default)]
pub struct Journal {
    entries: Vec<Entry>,
    /// Packets, one after the other.
    octets: Vec<u8>,
    addrs: Vec<SocketAddr>,
    calls: Vec<Compact>,
    /// What is too rare to deserve a form of its own.
    rare: Vec<Kind>,
    /// What the hosts' TCPs told, handed in; those of one host in the order in which it had them.
    logs: Vec<(HostId, tcp::Log)>,
    /// Logs to be used again.
    spare: Vec<tcp::Log>,
}

/// Where in the order of things something belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// When it happens.
    pub at: Instant,
    /// On which host.
    pub host: HostId,
    /// How much that host's TCP has told before it.
    pub told: u32,
}

/// Where in a journal the octets of a packet lie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    start: usize,
    len: u32,
}

impl Kept {
    #[inline]
    fn of(self, octets: &[u8]) -> &[u8] {
        octets.get(self.start..self.start + self.len as usize).unwrap_or_default()
    }
}

/// What happened. Its parts have fixed places, so that writing one down is storing a few words.
#[derive(Clone, Copy, Debug)]
struct Entry {
    at: Instant,
    /// Where the packet begins among the octets.
    start: usize,
    /// How much the host's TCP had told before.
    told: u32,
    /// The packet's number, or the place of what is kept elsewhere.
    number: u32,
    /// The packet's length.
    len: u32,
    host: HostId,
    rule: Option<Rule>,
    what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Sent,
    SentAgain,
    Arrived,
    /// A call, at its place among the calls.
    Call,
    /// Something at its place among what is rare.
    Rare,
    /// From here on the host has another TCP, which begins a log of its own.
    Restarted,
    /// Nothing but what the TCP tells next.
    Tells,
}

impl Journal {
    /// Forgets everything but keeps the room for the next run.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.octets.clear();
        self.addrs.clear();
        self.calls.clear();
        self.rare.clear();
        self.spare.extend(self.logs.drain(..).map(|(_, log)| log));
    }

    /// An empty log for a TCP to write into, in the room of an older one if there is any.
    pub fn blank_log(&mut self) -> tcp::Log {
        self.spare.pop().unwrap_or_default()
    }

    /// Takes the log of a host's TCP, at the end or when the host gets another one.
    pub fn hand_in(&mut self, host: HostId, log: tcp::Log) {
        self.logs.push((host, log));
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

    /// Writes down what has no packet.
    #[inline]
    fn write(&mut self, moment: Moment, what: What, number: usize) {
        self.write_packet(moment, what, PacketId(number as u32), Kept::default(), None);
    }

    #[inline]
    fn write_packet(&mut self, moment: Moment, what: What, id: PacketId, packet: Kept, rule: Option<Rule>) {
        let (Moment { at, host, told }, Kept { start, len }) = (moment, packet);
        self.entries.push(Entry { at, start, told, number: id.0, len, host, rule, what });
    }

    /// Something is told: it belongs to this moment, where the entry before belongs to another.
    #[inline]
    pub fn tells(&mut self, moment: Moment) {
        let goes_on =
            self.entries.last().is_some_and(|last| last.at == moment.at && last.host == moment.host);
        if !goes_on {
            self.write(moment, What::Tells, 0);
        }
    }

    /// A host's TCP from here on is another.
    pub fn restarted(&mut self, moment: Moment) {
        self.write(moment, What::Restarted, 0);
    }

    /// A packet left a host.
    #[inline]
    pub fn sent(&mut self, moment: Moment, id: PacketId, packet: Kept, why: (Option<Rule>, bool)) {
        let (rule, again) = why;
        self.write_packet(moment, if again { What::SentAgain } else { What::Sent }, id, packet, rule);
    }

    /// A packet reached a host.
    #[inline]
    pub fn arrived(&mut self, moment: Moment, id: PacketId, packet: Kept, rule: Option<Rule>) {
        self.write_packet(moment, What::Arrived, id, packet, rule);
    }

    /// Anything.
    #[cold]
    pub fn rare(&mut self, moment: Moment, kind: Kind) {
        self.rare.push(kind);
        self.write(moment, What::Rare, self.rare.len() - 1);
    }

    /// Every change of state in the logs handed in; of each host in their order.
    pub fn transitions(&self) -> impl Iterator<Item = Transition> {
        self.logs.iter().flat_map(|(_, log)| &log.events).filter_map(|event| match event.what {
            tcp::What::State(transition) => Some(transition),
            _ => None,
        })
    }
}
