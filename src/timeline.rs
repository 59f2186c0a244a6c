//! One stream of events, whoever produced it.
//!
//! Sources (the simulator, captures, kernels) write [`Event`]s; the terminal, the
//! files and the quiz read them. Neither knows the other. From the events alone every state can be
//! rebuilt.

mod both_ways;
mod event;
pub mod explain;
pub mod journal;
mod numbering;

pub(crate) use both_ways::BothWays;
pub use event::{
    Action, Call, ConnectionId, Event, Evidence, HostId, Kind, LossCause, Note, Operation, Outcome, PacketId,
    Shutdown, SocketId, Step,
};

pub use crate::tcp::{Queue as QueueName, Timer as TimerName};
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
