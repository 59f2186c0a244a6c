//! What must come of a scenario.

use crate::tcp::{Rule, State};
use crate::time::{Duration, Instant};
use crate::timeline::HostId;

use super::model::{Payload, Span};
use super::pattern::Pattern;

/// Everything that is expected of a run; what is not mentioned is not checked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expect {
    /// The states that hosts go through.
    pub states: Vec<ExpectedStates>,
    /// The packets sent by all hosts, in their order.
    pub segments: Option<Vec<Item<ExpectedSegment>>>,
    /// How calls return: for each host in this order, other returns may lie between.
    pub returns: Vec<ExpectedReturn>,
    /// What hosts received, all their sockets together.
    pub delivered: Vec<(HostId, Payload, Span)>,
    /// Rules that fire: for each host in this order, others may lie between.
    pub rules: Vec<ExpectedRule>,
}

/// A rule that fires.
#[derive(Clone, Debug, PartialEq)]
pub struct ExpectedRule {
    /// On which host.
    pub host: HostId,
    /// Which.
    pub rule: Rule,
    /// When.
    pub at: Option<About>,
    /// Where it is written.
    pub span: Span,
}

/// An element of an expected list, or `...` for any number of any.
#[derive(Clone, Debug, PartialEq)]
pub enum Item<T> {
    /// Exactly one of these.
    One(T, Span),
    /// Any number of anything.
    Rest(Span),
}

/// The states a host enters, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct ExpectedStates {
    /// The host.
    pub host: HostId,
    /// Only its connections with this host, and there with this port.
    pub with: Option<(HostId, Option<u16>)>,
    /// The states.
    pub states: Vec<Item<State>>,
    /// Where they are written.
    pub span: Span,
}

/// A packet that is sent.
#[derive(Clone, Debug, PartialEq)]
pub struct ExpectedSegment {
    /// What it is.
    pub pattern: Pattern,
    /// Whether it is lost (`true`), arrives (`false`), or either.
    pub lost: Option<bool>,
    /// When it is sent.
    pub at: Option<About>,
    /// As written.
    pub shown: String,
}

/// A time, exactly (`at=3s`, to the millisecond) or nearly (`at≈3s`, to five percent).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct About {
    /// The time.
    pub at: Instant,
    /// How far from it is near enough.
    pub tolerance: Duration,
}

/// How a call returns.
#[derive(Clone, Debug, PartialEq)]
pub struct ExpectedReturn {
    /// Who called.
    pub host: HostId,
    /// Which call.
    pub call: CallName,
    /// What it returned.
    pub outcome: ExpectedOutcome,
    /// When.
    pub at: Option<About>,
    /// As written.
    pub shown: String,
    /// Where it is written.
    pub span: Span,
}

/// A call, by its verb.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallName {
    /// `listen`.
    Listen,
    /// `connect`.
    Connect,
    /// `accept`.
    Accept,
    /// `send`.
    Send,
    /// `recv`.
    Recv,
    /// `shutdown`.
    Shutdown,
    /// `close`.
    Close,
    /// `abort`.
    Abort,
    /// `sendto` of a datagram.
    SendTo,
    /// `recvfrom` of a datagram.
    RecvFrom,
}

impl CallName {
    /// Every call and the word for it.
    pub const ALL: [(&'static str, CallName); 10] = [
        ("listen", CallName::Listen),
        ("connect", CallName::Connect),
        ("accept", CallName::Accept),
        ("send", CallName::Send),
        ("recv", CallName::Recv),
        ("shutdown", CallName::Shutdown),
        ("close", CallName::Close),
        ("abort", CallName::Abort),
        ("sendto", CallName::SendTo),
        ("recvfrom", CallName::RecvFrom),
    ];
}

/// What a call returns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpectedOutcome {
    /// No error.
    Fine,
    /// So many octets.
    Octets(u64),
    /// The end of the stream.
    End,
    /// An error, by its errno name.
    Error(String),
}

impl About {
    /// Whether a time is near enough.
    pub fn holds(&self, at: Instant) -> bool {
        at.since(self.at) <= self.tolerance && self.at.since(at) <= self.tolerance
    }
}
