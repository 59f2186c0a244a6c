//! What a host's TCP tells its surroundings.

use std::net::SocketAddr;

use super::decision::Transition;
use super::timers::Timer;
use super::{Error, Rule};
use crate::time::Duration;

/// A socket of a [`Host`](super::Host): a listener or a connection. Never used again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Socket(pub u32);

/// Something that happened on a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// Which socket.
    pub socket: Socket,
    /// What happened.
    pub what: What,
}

/// What a host's TCP has told, in its order, and of whom; what only users want to know is a
/// [`Notice`] instead.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// What happened.
    pub events: Vec<Event>,
    /// Local and remote address of every socket there has been, by its number; a listener's remote is the
    /// unspecified address, port 0.
    pub ends: Vec<(SocketAddr, SocketAddr)>,
}

impl Log {
    /// Forgets everything but keeps the room.
    pub fn clear(&mut self) {
        self.events.clear();
        self.ends.clear();
    }
}

/// A listener's queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Queue {
    /// Half-open connections.
    Syn,
    /// Open connections that nobody accepted yet.
    Accept,
}

/// What can happen on a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The state changed.
    State(Transition),
    /// A timer was set. Delayed ACKs are told only when they fire.
    TimerSet {
        /// Which.
        timer: Timer,
        /// In how long it fires.
        after: Duration,
    },
    /// A timer fired.
    TimerFired(Timer),
    /// A timer was stopped before it fired.
    TimerStopped(Timer),
    /// A rule fired that neither sent anything nor changed a state.
    Rule(Rule),
    /// A listener's queue has a new length.
    Queue {
        /// Which queue.
        queue: Queue,
        /// Its length.
        len: u32,
        /// What it can hold.
        limit: u32,
    },
}

/// What the user of a socket is told: that a call can go on, or that the connection is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// `connect()` can return, or a child is open.
    Connected,
    /// `accept()` will find something.
    Acceptable,
    /// `recv()` will find something.
    Readable,
    /// `send()` has room again, which had less than was to be sent.
    Writable,
    /// The peer has closed its side.
    PeerClosed,
    /// Urgent text is announced.
    Urgent,
    /// The connection failed; the next call learns the error.
    Failed(Error),
    /// The connection is over.
    Closed,
}
