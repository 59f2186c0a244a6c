//! Copies that the network made, told apart from what a host sent again.
//!
//! A host that sends a segment again sends a new IP packet: its identification is another one. A
//! packet that passes twice with the same identification and the same bytes was doubled on its way,
//! or by the capture: a mirrored switch port, or loopback captured on both of its sides. Wireshark
//! calls such a copy a retransmission or a duplicate ACK.
//!
//! IPv6 has no identification, and Linux leaves it zero in SYN,ACKs and resets. There a copy is
//! believed only when it comes at once and nobody asked for a resend.

use std::hash::Hasher;

use rustc_hash::FxHasher;

use super::flow::Flow;
use super::mix::{SEEDS, fold};
use super::sequence::Seen;
use crate::time::Duration;
use crate::wire::{Defect, Packet, Segment};

/// Copies without an identification are believed when they follow this soon.
const AT_ONCE: Duration = Duration::from_millis(1);

/// What one direction sent last.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Recent {
    marks: [u32; 8],
    place: u8,
    /// The last segment that took sequence numbers came twice.
    doubled: bool,
}

impl Recent {
    /// Whether this packet is a copy of one seen before; remembers it.
    pub(super) fn is_copy(&mut self, seen: &Seen<'_>, fwd: &Flow, rev: &Flow) -> bool {
        let Seen { at, packet, segment, .. } = *seen;
        let mark = mark(packet, segment);
        let place = self.place;
        let numbered = segment.seq_len() > 0;
        let nothing_new = fwd.next().is_some_and(|next| segment.seq_end().le(next))
            && (!segment.flags.ack() || fwd.last_ack().is_some_and(|last| segment.ack.le(last)));
        if nothing_new && self.marks.contains(&mark) {
            let identified = packet.ip.id != 0;
            let at_once = at >= fwd.last_at && at.since(fwd.last_at) <= AT_ONCE;
            let unasked = rev.duplicates <= 0 && (numbered || self.doubled);
            if identified || (at_once && unasked) {
                self.doubled |= numbered;
                return true;
            }
        }
        if numbered {
            self.doubled = false;
        }
        self.put(place, mark);
        false
    }

    /// Remembers a packet that is known to be new.
    pub(super) fn remember(&mut self, seen: &Seen<'_>) {
        let place = self.place;
        self.doubled &= seen.segment.seq_len() == 0;
        self.put(place, mark(seen.packet, seen.segment));
    }

    /// Puts a mark into its place. The caller has read the place before it wrote what stands beside it: a read
    /// of both would wait until that write is done.
    fn put(&mut self, place: u8, mark: u32) {
        self.marks[usize::from(place % 8)] = mark;
        self.place = place.wrapping_add(1);
    }
}

/// A hash of the options and the text.
#[inline(never)]
fn contents(packet: &Packet<&[u8]>, segment: &Segment) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(segment.options.as_bytes());
    hasher.write(packet.payload);
    hasher.finish()
}

/// A hash of what makes a packet itself. The TCP checksum stands for the options and the text, except
/// where it was left to the network card.
#[inline]
fn mark(packet: &Packet<&[u8]>, segment: &Segment) -> u32 {
    let numbers = u64::from(segment.seq.0) << 32 | u64::from(segment.ack.0);
    let fields = u64::from(packet.ip.id) << 48
        | u64::from(segment.checksum) << 32
        | u64::from(segment.window) << 16
        | u64::from(segment.flags.bits());
    let mut hash = fold(numbers ^ SEEDS[0], fields ^ SEEDS[1]) ^ u64::from(segment.len);
    if packet.defects.contains(Defect::OffloadedChecksum) {
        hash ^= contents(packet, segment);
    }
    // Zero marks an empty place.
    (fold(hash, SEEDS[2]) as u32).max(1)
}
