//! A recording of events in little room: what a simulation writes while it runs.
//!
//! An [`Event`] is made to be read: it holds whole packets and addresses. A simulation makes millions,
//! and most are looked at later or never, so it writes down only what cannot be told from the rest.
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

/// The same in parts, so that an entry needs no room to align them.
#[derive(Clone, Copy, Debug)]
struct Stored {
    start: [u16; 3],
    len: u32,
}

impl From<Kept> for Stored {
    #[inline]
    fn from(Kept { start, len }: Kept) -> Self {
        let part = |shift: u32| (start as u64 >> shift) as u16;
        Stored { start: [part(0), part(16), part(32)], len }
    }
}

impl From<Stored> for Kept {
    fn from(Stored { start, len }: Stored) -> Self {
        let [low, middle, high] = start.map(u64::from);
        Kept { start: (high << 32 | middle << 16 | low) as usize, len }
    }
}

impl Kept {
    #[inline]
    fn of(self, octets: &[u8]) -> &[u8] {
        octets.get(self.start..self.start + self.len as usize).unwrap_or_default()
    }
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    at: Instant,
    /// How much the host's TCP had told before.
    told: u32,
    what: What,
}

/// What happened, and on which host.
#[derive(Clone, Copy, Debug)]
enum What {
    Sent {
        host: HostId,
        rule: Option<Rule>,
        id: PacketId,
        packet: Stored,
    },
    SentAgain {
        host: HostId,
        rule: Option<Rule>,
        id: PacketId,
        packet: Stored,
    },
    Arrived {
        host: HostId,
        rule: Option<Rule>,
        id: PacketId,
        packet: Stored,
    },
    Call {
        host: HostId,
        call: u32,
    },
    Rare {
        host: HostId,
        kind: u32,
    },
    /// From here on the host has another TCP, which begins a log of its own.
    Restarted {
        host: HostId,
    },
    /// Nothing but what the TCP tells next.
    Tells {
        host: HostId,
    },
}

impl What {
    fn host(self) -> HostId {
        match self {
            What::Sent { host, .. }
            | What::SentAgain { host, .. }
            | What::Arrived { host, .. }
            | What::Call { host, .. }
            | What::Rare { host, .. }
            | What::Restarted { host }
            | What::Tells { host } => host,
        }
    }
}

impl Journal {
    /// Whether nothing has happened.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

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

    #[inline]
    fn write(&mut self, moment: Moment, what: What) {
        self.entries.push(Entry { at: moment.at, told: moment.told, what });
    }

    /// Something is told: it belongs to this moment, where the entry before belongs to another.
    #[inline]
    pub fn tells(&mut self, moment: Moment) {
        let goes_on =
            self.entries.last().is_some_and(|last| last.at == moment.at && last.what.host() == moment.host);
        if !goes_on {
            self.write(moment, What::Tells { host: moment.host });
        }
    }

    /// A host's TCP from here on is another.
    pub fn restarted(&mut self, moment: Moment) {
        self.write(moment, What::Restarted { host: moment.host });
    }

    /// A packet left a host.
    #[inline]
    pub fn sent(&mut self, moment: Moment, id: PacketId, packet: Kept, why: (Option<Rule>, bool)) {
        let (host, rule, packet) = (moment.host, why.0, packet.into());
        let what = match why {
            (_, false) => What::Sent { host, rule, id, packet },
            (_, true) => What::SentAgain { host, rule, id, packet },
        };
        self.write(moment, what);
    }

    /// A packet reached a host.
    #[inline]
    pub fn arrived(&mut self, moment: Moment, id: PacketId, packet: Kept, rule: Option<Rule>) {
        self.write(moment, What::Arrived { host: moment.host, rule, id, packet: packet.into() });
    }

    /// Anything.
    #[cold]
    pub fn rare(&mut self, moment: Moment, kind: Kind) {
        self.rare.push(kind);
        self.write(moment, What::Rare { host: moment.host, kind: (self.rare.len() - 1) as u32 });
    }

    /// Every change of state in the logs handed in; of each host in their order.
    pub fn transitions(&self) -> impl Iterator<Item = Transition> {
        self.logs.iter().flat_map(|(_, log)| &log.events).filter_map(|event| match event.what {
            tcp::What::State(transition) => Some(transition),
            _ => None,
        })
    }
}
