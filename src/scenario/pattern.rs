//! Which packets are meant: `server SYN,ACK #1`, `client data retransmission`, `any RST to server`.
//!
//! Faults, conditions and expectations all aim with the same words.

use crate::timeline::HostId;
use crate::wire::{Flags, Ip, SeqNumber, TcpOption, Transport};

use super::model::Number;

/// A set of packets.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    /// The host they leave; any when `None`.
    pub from: Option<HostId>,
    /// What they are.
    pub kind: PacketKind,
    /// What else must hold.
    pub checks: Vec<Check>,
    /// Which of them: from the first to the last of these, counted from 1.
    pub nth: (u32, u32),
}

/// The kind of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PacketKind {
    /// Every packet.
    Any,
    /// A TCP segment with text.
    Data,
    /// A UDP datagram.
    Udp,
    /// A TCP segment with these control bits and no others. PSH, ECE and CWR count only when they are
    /// named; ACK alone is a segment without text; FIN alone is a FIN with or without ACK.
    Flags(Flags),
}

/// How numbers compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// Equal.
    Is,
    /// At least.
    AtLeast,
    /// At most.
    AtMost,
}

/// Something that must hold of a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    /// It has text, or has none.
    HasText(bool),
    /// It repeats numbers sent before, or does not.
    Retransmission(bool),
    /// Where it goes.
    To(HostId),
    /// Its source port.
    FromPort(u16),
    /// Its destination port.
    ToPort(u16),
    /// Its sequence number.
    Seq(Number),
    /// Its acknowledgment number.
    Ack(Number),
    /// Its octets of text.
    Len(Comparison, u32),
    /// Its window field.
    Window(Comparison, u32),
    /// Its text.
    Text(Vec<u8>),
    /// It has an MSS option, or this one.
    Mss(Option<u16>),
    /// It has a window scale option, or this one.
    WindowScale(Option<u8>),
    /// It has SACK-permitted.
    SackPermitted,
    /// It has SACK blocks.
    Sack,
    /// It has timestamps.
    Timestamps,
    /// It has a Fast Open option.
    FastOpen,
    /// It has no option at all.
    NoOptions,
    /// This does not hold of it: `no-timestamps`.
    Not(Box<Check>),
}

/// What is known of a packet when it is matched.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The host it leaves.
    pub from: HostId,
    /// The host it goes to, when there is one.
    pub to: Option<HostId>,
    /// Its IP header.
    pub ip: &'a Ip,
    /// Its transport header.
    pub transport: &'a Transport,
    /// Its payload.
    pub payload: &'a [u8],
    /// Whether it repeats numbers sent before.
    pub retransmission: bool,
    /// The initial sequence numbers of its sender and of its receiver, where they are known.
    pub isns: (Option<SeqNumber>, Option<SeqNumber>),
}

impl Pattern {
    /// Whether any of its numbers is relative, so that initial sequence numbers must be known.
    pub fn is_relative(&self) -> bool {
        self.checks
            .iter()
            .any(|check| matches!(check, Check::Seq(Number::Relative(_)) | Check::Ack(Number::Relative(_))))
    }

    /// Whether a packet is of the set, its count aside.
    pub fn matches(&self, facts: &Facts<'_>) -> bool {
        self.from.is_none_or(|from| from == facts.from)
            && self.kind_matches(facts)
            && self.checks.iter().all(|check| check.holds(facts))
    }

    /// Whether the n-th packet of the set (from 1) is meant.
    pub const fn means(&self, nth: u32) -> bool {
        self.nth.0 <= nth && nth <= self.nth.1
    }

    fn kind_matches(&self, facts: &Facts<'_>) -> bool {
        let (PacketKind::Data | PacketKind::Flags(_), Transport::Tcp(segment)) = (self.kind, facts.transport)
        else {
            return match self.kind {
                PacketKind::Any => true,
                PacketKind::Udp => matches!(facts.transport, Transport::Udp(_)),
                PacketKind::Data | PacketKind::Flags(_) => false,
            };
        };
        let PacketKind::Flags(wanted) = self.kind else { return segment.len > 0 };
        let unnamed = Flags::PSH.with(Flags::ECE).with(Flags::CWR).with(Flags::AE).without(wanted);
        let found = segment.flags.without(unnamed);
        match wanted {
            Flags::ACK => found == wanted && (segment.len == 0 || self.speaks_of_text()),
            Flags::FIN => found.without(Flags::ACK) == wanted,
            _ => found == wanted,
        }
    }

    fn speaks_of_text(&self) -> bool {
        self.checks.iter().any(|check| matches!(check, Check::HasText(_) | Check::Len(..) | Check::Text(_)))
    }
}

impl Number {
    /// The number itself, given the initial sequence number that a relative one counts from.
    /// A connection's variable is not known here.
    pub fn resolve(self, isn: Option<SeqNumber>) -> Option<SeqNumber> {
        match self {
            Number::Absolute(number) => Some(SeqNumber(number)),
            Number::Relative(offset) => isn.map(|isn| SeqNumber(isn.0.wrapping_add(offset as u32))),
            Number::Variable { .. } => None,
        }
    }
}

impl Comparison {
    fn holds(self, found: u32, wanted: u32) -> bool {
        match self {
            Comparison::Is => found == wanted,
            Comparison::AtLeast => found >= wanted,
            Comparison::AtMost => found <= wanted,
        }
    }
}

impl Check {
    /// Whether it holds of a packet.
    pub fn holds(&self, facts: &Facts<'_>) -> bool {
        let (src_port, dst_port) = match facts.transport {
            Transport::Tcp(segment) => (segment.src_port, segment.dst_port),
            Transport::Udp(datagram) => (datagram.src_port, datagram.dst_port),
            Transport::Other { .. } => (0, 0),
        };
        match self {
            Check::HasText(wanted) => return facts.payload.is_empty() != *wanted,
            Check::Retransmission(wanted) => return facts.retransmission == *wanted,
            Check::To(host) => return facts.to == Some(*host),
            Check::FromPort(port) => return src_port == *port,
            Check::ToPort(port) => return dst_port == *port,
            Check::Len(comparison, wanted) => {
                return comparison.holds(facts.payload.len() as u32, *wanted);
            }
            Check::Text(text) => return facts.payload == text.as_slice(),
            Check::Not(check) => return !check.holds(facts),
            _ => {}
        }
        let Transport::Tcp(segment) = facts.transport else { return false };
        let options = &segment.options;
        match self {
            Check::Seq(number) => number.resolve(facts.isns.0) == Some(segment.seq),
            Check::Ack(number) => segment.flags.ack() && number.resolve(facts.isns.1) == Some(segment.ack),
            Check::Window(comparison, wanted) => comparison.holds(u32::from(segment.window), *wanted),
            Check::Mss(wanted) => options.mss().is_some_and(|mss| wanted.is_none_or(|wanted| wanted == mss)),
            Check::WindowScale(wanted) => {
                options.window_scale().is_some_and(|scale| wanted.is_none_or(|wanted| wanted == scale))
            }
            Check::SackPermitted => options.sack_permitted(),
            Check::Sack => options.sack().is_some(),
            Check::Timestamps => options.timestamps().is_some(),
            Check::FastOpen => options.fast_open().is_some(),
            Check::NoOptions => !options.iter().any(|option| option != TcpOption::Nop),
            _ => false,
        }
    }
}
