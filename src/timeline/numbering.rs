//! Sequence numbers as people read them: counted from each side's first one, or raw.

use super::{BothWays, Event, HostId, Kind};
use crate::wire::{Flags, Packet, SeqNumber, Transport};

/// How far before a connection's first number lie those that are taken for an earlier connection's. What is
/// farther away may as well come after two thousand million octets.
const EARLIER: u32 = 1 << 24;

/// How sequence numbers are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Numbers {
    /// Raw where they are easy to read (both first numbers within 100,000 of zero, as scenarios choose
    /// them, on either side of the wrap), relative otherwise. SYNs are always raw.
    #[default]
    Readable,
    /// Counted from the first number of each side, once it is known; SYNs raw, as tcpdump does.
    Relative,
    /// As they stand in the header.
    Absolute,
}

/// Follows a timeline's packets and knows each direction's first number.
#[derive(Clone, Debug, Default)]
pub struct Numbering {
    numbers: Numbers,
    origins: BothWays<Origin>,
}

#[derive(Clone, Copy, Debug)]
struct Origin {
    first: SeqNumber,
    /// The host that sends in this direction; another one that uses its address forges.
    host: Option<HostId>,
}

/// A segment's numbers as they are to be shown, and what was subtracted to get them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// SEG.SEQ.
    pub seq: u32,
    /// SEG.ACK.
    pub ack: u32,
    /// What `seq` is counted from: 0 when it is raw.
    pub seq_origin: u32,
    /// What `ack` is counted from: 0 when it is raw.
    pub ack_origin: u32,
}

impl Numbering {
    /// Nothing known yet.
    pub fn new(numbers: Numbers) -> Self {
        Numbering { numbers, origins: BothWays::default() }
    }

    /// Learns from an event; to be called for each, in order.
    pub fn follow(&mut self, event: &Event) {
        match &event.kind {
            Kind::Sent { packet, .. } => self.learn(packet, Some(event.host)),
            Kind::Arrived { packet, .. } => self.learn(packet, None),
            _ => {}
        }
    }

    fn learn(&mut self, packet: &Packet, host: Option<HostId>) {
        let Transport::Tcp(segment) = &packet.transport else { return };
        let (origins, [there, back]) = self.origins.entry(packet.src(), packet.dst());
        if segment.flags.syn() {
            let new = Origin { first: segment.seq, host };
            let origin = origins[there].get_or_insert(new);
            // A later SYN opens a new connection between the same ports, unless somebody forged it.
            if host.is_some() && (origin.host == host || origin.host.is_none()) {
                *origin = new;
            }
        } else if !segment.flags.rst() {
            // A capture that begins in the middle: the first octet seen gets number 1.
            origins[there].get_or_insert(Origin { first: segment.seq - 1, host });
        }
        if segment.flags.contains(Flags::ACK) && !segment.flags.rst() {
            origins[back].get_or_insert(Origin { first: segment.ack - 1, host: None });
        }
    }

    /// The numbers counted from each side's first, where that is known: `(rel_seq, rel_ack)`.
    pub fn relative(&self, packet: &Packet) -> (Option<u32>, Option<u32>) {
        let Transport::Tcp(segment) = &packet.transport else { return (None, None) };
        let [there, back] = self.origins.get(packet.src(), packet.dst());
        let seq = there.map(|origin| segment.seq.since(origin.first));
        let ack = back.map(|origin| segment.ack.since(origin.first));
        (seq, ack.filter(|_| segment.flags.ack()))
    }

    /// The numbers to show for a packet.
    pub fn shown(&self, packet: &Packet) -> Shown {
        let Transport::Tcp(segment) = &packet.transport else { return Shown::default() };
        let (seq_origin, ack_origin) = if segment.flags.syn() || self.numbers == Numbers::Absolute {
            (0, 0)
        } else {
            // A number from shortly before the first one belongs to an earlier connection: counted from
            // this one's it would be four thousand millions.
            let counted = |origin: u32, number: SeqNumber| {
                let before = SeqNumber(origin).since(number);
                if (1..EARLIER).contains(&before) { 0 } else { origin }
            };
            let [there, back] = self.origins.get(packet.src(), packet.dst());
            (counted(self.base(there, back), segment.seq), counted(self.base(back, there), segment.ack))
        };
        Shown {
            seq: segment.seq.0.wrapping_sub(seq_origin),
            ack: segment.ack.0.wrapping_sub(ack_origin),
            seq_origin,
            ack_origin,
        }
    }

    /// What one direction's numbers are counted from, beside the other's.
    fn base(&self, origin: Option<&Origin>, other: Option<&Origin>) -> u32 {
        let Some(origin) = origin else { return 0 };
        let is_readable = |origin: &Origin| (origin.first.0 as i32).unsigned_abs() <= 100_000;
        // Not one side raw and the other relative: `seq=1001 ack=1` would make nobody wiser.
        let readable = is_readable(origin) && other.is_none_or(is_readable);
        if readable && self.numbers == Numbers::Readable { 0 } else { origin.first.0 }
    }
}
