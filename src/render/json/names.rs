//! The names of enumerated values, both ways.

use crate::tcp::Error;
use crate::timeline::{Evidence, QueueName, Shutdown, TimerName};

/// A value with a fixed list of names.
pub(super) trait Named: Copy + PartialEq + 'static {
    /// Each value and its name.
    const NAMES: &'static [(Self, &'static str)];

    fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(value, _)| *value == self).map_or("", |(_, name)| name)
    }

    fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, known)| *known == name).map(|(value, _)| *value)
    }
}

impl Named for Evidence {
    const NAMES: &'static [(Self, &'static str)] = &[
        (Evidence::Simulated, "simulated"),
        (Evidence::Observed, "observed"),
        (Evidence::Inferred, "inferred"),
    ];
}

impl Named for TimerName {
    const NAMES: &'static [(Self, &'static str)] = &[
        (TimerName::Retransmission, "retransmission"),
        (TimerName::Persist, "persist"),
        (TimerName::DelayedAck, "delayed-ack"),
        (TimerName::Keepalive, "keepalive"),
        (TimerName::TimeWait, "time-wait"),
        (TimerName::FinWait2, "fin-wait-2"),
        (TimerName::User, "user"),
        (TimerName::LossProbe, "loss-probe"),
    ];
}

impl Named for QueueName {
    const NAMES: &'static [(Self, &'static str)] = &[(QueueName::Syn, "syn"), (QueueName::Accept, "accept")];
}

impl Named for Shutdown {
    const NAMES: &'static [(Self, &'static str)] =
        &[(Shutdown::Read, "SHUT_RD"), (Shutdown::Write, "SHUT_WR"), (Shutdown::Both, "SHUT_RDWR")];
}

impl Named for Error {
    const NAMES: &'static [(Self, &'static str)] = &[
        (Error::Refused, Error::Refused.errno()),
        (Error::Reset, Error::Reset.errno()),
        (Error::TimedOut, Error::TimedOut.errno()),
        (Error::BrokenPipe, Error::BrokenPipe.errno()),
        (Error::Aborted, Error::Aborted.errno()),
        (Error::AddrInUse, Error::AddrInUse.errno()),
        (Error::AddrNotAvailable, Error::AddrNotAvailable.errno()),
        (Error::NotConnected, Error::NotConnected.errno()),
        (Error::AlreadyConnected, Error::AlreadyConnected.errno()),
        (Error::Invalid, Error::Invalid.errno()),
        (Error::WouldBlock, Error::WouldBlock.errno()),
        (Error::Unreachable, Error::Unreachable.errno()),
    ];
}
