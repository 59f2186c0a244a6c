//! From a timeline to rows: what stands beside what, in which order, with which words.
//!
//! Done once, in no language and for no medium; the text ladder draws from it, and other pictures can.
//! A ladder has two lanes. With more than two parties each pair of ends has its own ladder, and a
//! row says so when it [opens](Row::opens) another pair's.

mod build;
mod flights;
mod pairs;
mod words;

pub(super) use build::lay_out;

use std::net::SocketAddr;

use crate::lang::Message;
use crate::rfc::Citation;
use crate::tcp::State;
use crate::time::{Duration, Instant};
use crate::timeline::{Call, Evidence, HostId, Outcome, PacketId, QueueName, Shown, TimerName};
use crate::wire::Packet;

/// A timeline laid out.
pub(super) struct Layout<'a> {
    /// The pairs of ends that take turns.
    pub(super) pairs: Vec<Pair>,
    /// The rows, in order.
    pub(super) rows: Vec<Row<'a>>,
    /// Whether any number is counted from a side's first one.
    pub(super) relative: bool,
    /// Whether any state was inferred.
    pub(super) inferred: bool,
}

/// Two ends that talk to each other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair {
    /// The left lane, then the right one.
    pub(super) lanes: [Lane; 2],
    /// Whether they speak TCP, so that there are states to show.
    pub(super) tcp: bool,
}

/// One end: a host and the address and port that it uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Lane {
    pub(super) host: Option<HostId>,
    pub(super) addr: Option<SocketAddr>,
}

/// Which lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
}

/// Something that is drawn as one piece.
pub(super) struct Row<'a> {
    /// When.
    pub(super) at: Instant,
    /// The index of its pair.
    pub(super) pair: usize,
    /// Set when the row before was another pair's: both states as the row finds them.
    pub(super) opens: Option<[State; 2]>,
    /// Both states as the row leaves them.
    pub(super) states: [State; 2],
    pub(super) what: What<'a>,
    /// What is said below it.
    pub(super) words: Vec<Words>,
}

pub(super) enum What<'a> {
    Arrow(Arrow<'a>),
    Local { side: Side, items: Vec<Item<'a>> },
}

/// A packet between the lanes.
pub(super) struct Arrow<'a> {
    pub(super) id: PacketId,
    pub(super) packet: &'a Packet,
    /// The sender's side.
    pub(super) from: Side,
    pub(super) course: Course,
    /// When it left, where that is known.
    pub(super) sent: Option<Instant>,
    /// When it arrived, where it did and that is known.
    pub(super) arrived: Option<Instant>,
    pub(super) retransmission: bool,
    /// Whether its window differs from what its sender announced before.
    pub(super) new_window: bool,
    pub(super) shown: Shown,
}

/// How much of a packet's way a row shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Course {
    /// From end to end.
    Whole,
    /// It never arrives.
    Lost,
    /// It leaves, and arrives in a later row, after others overtook it; or not before the end.
    Departs,
    /// It arrives, having left in an earlier row.
    Arrives,
    /// A copy made by the network arrives.
    Copy,
}

/// Something that happens at one end.
pub(super) enum Item<'a> {
    /// What follows in this row is the work of this packet, which was drawn earlier.
    Arrival(PacketId),
    Call {
        call: &'a Call,
        returned: Option<&'a Outcome>,
    },
    State {
        to: State,
        evidence: Evidence,
    },
    TimerSet(TimerName, Duration),
    TimerFired(TimerName, Option<Duration>),
    Queue {
        queue: QueueName,
        len: u32,
        limit: u32,
    },
}

/// Something said about a row.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Words {
    pub(super) tone: Tone,
    /// What happened; left out where the language files do not have it.
    pub(super) message: Option<Message>,
    /// The rule and its reason, when it comes up for the first time.
    pub(super) reason: Option<Message>,
    pub(super) citation: Option<Citation>,
}

/// In what tone something is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Explains,
    /// Something went wrong on the way.
    Warns,
}

impl Side {
    pub(super) const fn other(self) -> Side {
        match self {
            Side::Left => Side::Right,
            Side::Right => Side::Left,
        }
    }

    pub(super) const fn index(self) -> usize {
        self as usize
    }
}
