//! One stream of events, whoever produced it.
//!
//! Sources (the simulator, captures, kernels) write [`Event`]s into a [`Sink`]; the terminal, the
//! files and the quiz read them. Neither knows the other. From the events alone every state can be
//! rebuilt.

mod event;
pub mod explain;
mod numbering;

pub use event::{
    Call, ConnectionId, Event, Evidence, HostId, Kind, LossCause, Note, Operation, Outcome, PacketId,
    Shutdown, SocketId, Step,
};

pub use crate::tcp::{Queue as QueueName, Timer as TimerName, TimerAction as Action};
pub use numbering::{Numbering, Numbers, Shown};

use std::net::IpAddr;

/// A host that takes part: its index is its [`HostId`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// The name shown: `client`, `server`, or an address where nobody named it.
    pub name: String,
    /// Its addresses, the main one first.
    pub addrs: Vec<IpAddr>,
}

/// Takes events as they happen, in the order of their time.
pub trait Sink {
    /// Takes one event.
    fn record(&mut self, event: Event);

    /// Whether events are wanted at all. A source need not make events that nobody wants.
    fn wants_events(&self) -> bool {
        true
    }
}

/// Hosts and their events, in memory.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timeline {
    /// Who takes part.
    pub hosts: Vec<Host>,
    /// What happened, in the order of time; events of one instant stand in causal order.
    pub events: Vec<Event>,
}

impl Timeline {
    /// The host with this id.
    pub fn host(&self, id: HostId) -> Option<&Host> {
        self.hosts.get(id.0 as usize)
    }
}

impl Sink for Timeline {
    fn record(&mut self, event: Event) {
        self.events.push(event);
    }
}

/// Forgets everything: for measuring the cost of events, and for runs only their result matters of.
#[derive(Clone, Copy, Debug, Default)]
pub struct Discard;

impl Sink for Discard {
    fn record(&mut self, _event: Event) {}

    fn wants_events(&self) -> bool {
        false
    }
}
