//! What can happen.

use std::borrow::Cow;
use std::net::SocketAddr;

use crate::tcp::{Error, Queue as QueueName, Rule, State, Timer as TimerName, Transition, What};
use crate::time::{Duration, Instant};
use crate::wire::Packet;

/// A host's place in [`Timeline::hosts`](super::Timeline::hosts).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HostId(pub u16);

/// A packet on the wire. Its `Sent`, `Arrived` and `Lost` events share the number; a copy made by
/// the network arrives again under the same number, a retransmission has a new one. Counted from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PacketId(pub u32);

/// A socket of one host, as its descriptor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SocketId(pub u32);

/// A connection as one host sees it. A listener has port 0 at `remote`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ConnectionId {
    /// This host's end.
    pub local: SocketAddr,
    /// The other end.
    pub remote: SocketAddr,
}

/// What became of a timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// It runs, and will fire after this long.
    Set(Duration),
    /// It fired.
    Fired,
    /// It was stopped before it fired.
    Stopped,
}

/// How an event is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Evidence {
    /// The simulator did it.
    Simulated,
    /// A kernel said so, or a capture holds it.
    Observed,
    /// Concluded from segments alone.
    Inferred,
}

/// Something that happened on one host.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// When.
    pub at: Instant,
    /// Where.
    pub host: HostId,
    /// How it is known.
    pub evidence: Evidence,
    /// What.
    pub kind: Kind,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// A program called the sockets API, or the call returned.
    Call(Call),
    /// A connection changed its state.
    State {
        /// Which connection.
        connection: ConnectionId,
        /// The state before.
        from: State,
        /// The state after.
        to: State,
        /// The rule that changed it; `None` where it was observed and no rule can be known.
        rule: Option<Rule>,
    },
    /// A packet left this host.
    Sent {
        /// Its number.
        id: PacketId,
        /// The packet.
        packet: Packet,
        /// Why it was sent, where that is known.
        rule: Option<Rule>,
        /// Whether it repeats sequence numbers that were sent before.
        retransmission: bool,
    },
    /// A packet reached this host.
    Arrived {
        /// Its number.
        id: PacketId,
        /// The packet.
        packet: Packet,
        /// The rule that decided about it, where that is known.
        rule: Option<Rule>,
    },
    /// A packet from this host was lost on the way.
    Lost {
        /// Its number.
        id: PacketId,
        /// The packet.
        packet: Packet,
        /// Why.
        cause: LossCause,
    },
    /// A timer was set, fired or stopped.
    Timer {
        /// Which connection.
        connection: ConnectionId,
        /// Which timer.
        timer: TimerName,
        /// What became of it.
        action: Action,
    },
    /// A listener's queue changed its length.
    Queue {
        /// The listener's address.
        listener: SocketAddr,
        /// Which queue.
        queue: QueueName,
        /// Connections in it now.
        len: u32,
        /// How many it can hold.
        limit: u32,
    },
    /// Anything worth saying beside the segments.
    Note(Note),
}

/// A call of the sockets API.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The socket it is about.
    pub socket: SocketId,
    /// What was asked.
    pub operation: Operation,
    /// Whether it was entered or returned.
    pub step: Step,
}

/// Whether a call begins or ends.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// The program called.
    Entered,
    /// The call came back.
    Returned(Outcome),
}

/// What a call asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Operation {
    /// `socket()`.
    Socket,
    /// `bind()`.
    Bind(SocketAddr),
    /// `listen()` with its backlog.
    Listen {
        /// The queue length asked for.
        backlog: u32,
    },
    /// `accept()`.
    Accept,
    /// `connect()`.
    Connect(SocketAddr),
    /// `send()` of so many octets.
    Send {
        /// Octets offered.
        len: u32,
    },
    /// `recv()` of at most so many octets.
    Recv {
        /// Octets of room.
        max: u32,
    },
    /// `sendto()` of a datagram.
    SendTo {
        /// Octets offered.
        len: u32,
        /// To whom.
        to: SocketAddr,
    },
    /// `recvfrom()`.
    RecvFrom {
        /// Octets of room.
        max: u32,
    },
    /// `shutdown()`.
    Shutdown(Shutdown),
    /// `close()`.
    Close,
    /// An abort: `close()` with a linger time of zero, or the RFC's ABORT.
    Abort,
    /// `setsockopt()`, by the option's name and value as a C programmer would write them.
    SetOption {
        /// `TCP_NODELAY`.
        name: Cow<'static, str>,
        /// `1`.
        value: Cow<'static, str>,
    },
    /// Any other system call, by name and arguments (unescaped: escape before showing).
    Other {
        /// The call's name.
        name: Cow<'static, str>,
        /// Its arguments.
        arguments: Cow<'static, str>,
    },
}

/// The directions that `shutdown()` ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shutdown {
    /// `SHUT_RD`.
    Read,
    /// `SHUT_WR`: sends the FIN, and still receives.
    Write,
    /// `SHUT_RDWR`.
    Both,
}

/// How a call came back.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Zero, or nothing to tell.
    Done,
    /// A count of octets, or a descriptor.
    Value(i64),
    /// `accept()`: the new socket and who is at its other end.
    Accepted {
        /// The new socket.
        socket: SocketId,
        /// The peer.
        peer: SocketAddr,
    },
    /// `recv()` gave nothing: the peer has closed its sending side.
    EndOfStream,
    /// `recvfrom()`: octets and sender.
    From {
        /// Octets received.
        len: u32,
        /// The sender.
        from: SocketAddr,
    },
    /// It failed.
    Failed(Error),
    /// It failed with an error our TCP does not know, by its errno name.
    FailedWith(Cow<'static, str>),
}

/// Why a packet was lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LossCause {
    /// An aimed fault, as the scenario writes it: `lose server SYN,ACK #1`.
    Fault(Cow<'static, str>),
    /// The link's random loss.
    Random,
    /// The destination host is down.
    HostDown,
    /// No host has the destination address.
    NoRoute,
    /// Corrupted on the way, and discarded for its checksum.
    Corrupted,
}

/// Something said beside the segments. Texts are messages of the language files where a variant
/// names one; free text is for what only a source can know.
#[derive(Clone, Debug, PartialEq)]
pub enum Note {
    /// A fault touched a packet; `act` is `lose`, `delay 200ms`, `duplicate` …
    FaultTouched {
        /// The packet.
        id: PacketId,
        /// The fault as written.
        fault: Cow<'static, str>,
        /// What it did.
        act: Cow<'static, str>,
    },
    /// The host crashed: everything it knew is gone.
    Crashed,
    /// The host is up again and knows nothing.
    Restarted,
    /// The host's program ended by itself.
    Exited {
        /// Its exit code.
        code: i32,
    },
    /// A signal ended the host's program.
    Killed {
        /// The signal's name: `SIGSEGV`.
        signal: Cow<'static, str>,
    },
    /// A rule fired that neither sent a packet nor changed a state (Nagle holds, Karn skips …).
    Rule {
        /// Which connection.
        connection: ConnectionId,
        /// The rule.
        rule: Rule,
    },
    /// A finding of the analysis about a packet, by its key: the message `finding-KEY`.
    Finding {
        /// The packet.
        id: PacketId,
        /// The finding's key.
        key: Cow<'static, str>,
        /// The message's arguments: `("expected", 1001)`, `("octets", 1460)` …
        numbers: Vec<(Cow<'static, str>, i64)>,
    },
    /// A message of the language files, without arguments.
    Message(&'static str),
    /// Free text from a source (a program's output, a scenario's remark); unescaped.
    Text(String),
}

impl Kind {
    /// What a TCP tells of a connection, as an event.
    pub fn of_tcp(connection: ConnectionId, what: What) -> Kind {
        match what {
            What::State(Transition { from, to, rule }) => {
                Kind::State { connection, from, to, rule: Some(rule) }
            }
            What::TimerSet { timer, after } => Kind::Timer { connection, timer, action: Action::Set(after) },
            What::TimerFired(timer) => Kind::Timer { connection, timer, action: Action::Fired },
            What::TimerStopped(timer) => Kind::Timer { connection, timer, action: Action::Stopped },
            What::Queue { queue, len, limit } => {
                Kind::Queue { listener: connection.local, queue, len, limit }
            }
            What::Rule(rule) => Kind::Note(Note::Rule { connection, rule }),
        }
    }

    /// The packet's number and the packet, for the kinds that carry one.
    pub fn packet(&self) -> Option<(PacketId, &Packet)> {
        match self {
            Kind::Sent { id, packet, .. }
            | Kind::Arrived { id, packet, .. }
            | Kind::Lost { id, packet, .. } => Some((*id, packet)),
            _ => None,
        }
    }
}
