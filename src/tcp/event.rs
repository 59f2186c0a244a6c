//! What a host's TCP tells its surroundings.

use super::decision::Transition;
use super::timers::{Timer, TimerAction};
use super::{Error, Rule};

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
    /// This listener has made the connection from a SYN.
    Born(Socket),
    /// The state changed.
    State(Transition),
    /// A timer was set, fired or stopped. Delayed ACKs are told only when they fire.
    Timer {
        /// Which.
        timer: Timer,
        /// What became of it.
        action: TimerAction,
    },
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
    /// `connect()` can return, or a child is open.
    Connected,
    /// `accept()` will find something.
    Acceptable,
    /// `recv()` will find something.
    Readable,
    /// `send()` has room again.
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
