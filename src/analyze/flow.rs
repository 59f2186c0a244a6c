//! One direction of a connection: what its segments have shown so far.

use super::numbers::{Numbers, named};
use crate::time::Instant;
use crate::wire::{SackBlock, Segment, SeqNumber, TcpOption};

/// Which end of a connection. The client is the end that sent the first SYN; where the capture does
/// not hold it, the end with the port that looks chosen by its system.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// The end that opened.
    #[default]
    Client,
    /// The end that was opened to.
    Server,
}

impl Side {
    /// Both, the client first.
    pub const BOTH: [Side; 2] = [Side::Client, Side::Server];

    /// The other end.
    #[must_use]
    pub const fn other(self) -> Side {
        match self {
            Side::Client => Side::Server,
            Side::Server => Side::Client,
        }
    }

    /// The place of this side's entry in a pair.
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// What is known of a direction's window scaling (RFC 7323 §2.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Scale {
    /// The SYNs are not in the capture.
    #[default]
    Unknown,
    /// The SYNs rule it out: the window field is the window.
    Off,
    /// The window field is to be shifted left by so many bits.
    Shift(u8),
}

/// What one end has sent. The fields that decide Wireshark's flags have its meaning of them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Flow {
    /// When the highest number was sent.
    pub(super) next_at: Instant,
    /// When the last segment was sent.
    pub(super) last_at: Instant,
    numbers: Numbers<4>,
    /// The packet that first carried the present acknowledgment number.
    pub(super) first_ack: u32,
    /// The window field of the last segment.
    pub(super) window: Option<u16>,
    /// Duplicate ACKs in a row; −1 right after an ACK of something unseen.
    pub(super) duplicates: i16,
    /// How to read the window.
    pub(super) scale: Scale,
    /// The last segment that tells a window was a SYN, so its window is not scaled.
    pub(super) window_from_syn: bool,
    /// The last segment was a keep-alive.
    pub(super) was_keep_alive: bool,
    /// The last segment was a zero-window probe.
    pub(super) was_probe: bool,
}

impl Flow {
    named! {
        /// The number that counts as 0 in relative numbers: the initial sequence number where it is known.
        0 base set_base;
        /// The number after the highest sent.
        1 next set_next;
        /// The number after the highest sent without a gap before it.
        2 contiguous set_contiguous;
        /// The acknowledgment number of the last segment, when it had one.
        3 last_ack set_last_ack;
    }

    /// The window last advertised, in octets, where that can be told.
    pub(super) fn window_octets(&self) -> Option<u32> {
        let field = u32::from(self.window?);
        match self.scale {
            _ if self.window_from_syn => Some(field),
            Scale::Unknown => None,
            Scale::Off => Some(field),
            Scale::Shift(bits) => Some(field << bits.min(14)),
        }
    }

    /// The number at which the window last advertised ends, where that can be told.
    pub(super) fn edge(&self) -> Option<SeqNumber> {
        let known = self.scale != Scale::Unknown;
        self.last_ack().zip(self.window_octets()).filter(|_| known).map(|(ack, window)| ack + window)
    }

    /// `number` counted from this direction's first one.
    pub(super) fn relative(&self, number: SeqNumber) -> u32 {
        self.base().map_or(0, |base| number.since(base))
    }
}

/// Ranges that a direction has skipped, at most four: the oldest are forgotten first.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Holes {
    ranges: [SackBlock; 4],
}

impl Holes {
    /// Remembers that the numbers from `left` up to `right` were not seen.
    pub(super) fn open(&mut self, left: SeqNumber, right: SeqNumber) {
        self.ranges.rotate_right(1);
        self.ranges[0] = SackBlock { left, right };
    }

    /// Takes the segment's numbers out of the holes; says whether any of them was in one.
    pub(super) fn fill(&mut self, left: SeqNumber, right: SeqNumber) -> bool {
        let mut any = false;
        for hole in &mut self.ranges {
            if hole.left == hole.right || !left.lt(hole.right) || !right.gt(hole.left) {
                continue;
            }
            any = true;
            if left.le(hole.left) {
                hole.left = right.min(hole.right);
            } else {
                hole.right = left;
            }
        }
        any
    }
}

/// The block of a D-SACK: what this ACK reports as received twice (RFC 2883 §4).
pub(super) fn duplicate_report(segment: &Segment) -> Option<SackBlock> {
    if !segment.flags.ack() || segment.flags.syn() || only_timestamps(segment) {
        return None;
    }
    let blocks = segment.options.iter().find_map(|option| match option {
        TcpOption::Sack(blocks) => Some(blocks),
        _ => None,
    })?;
    let (first, rest) = blocks.as_slice().split_first()?;
    let acked = first.right.le(segment.ack);
    let inside = rest.first().is_some_and(|next| first.left.ge(next.left) && first.right.le(next.right));
    (acked || inside).then_some(*first)
}

/// The options of nearly every segment: none, or two octets of padding and timestamps.
pub(super) fn only_timestamps(segment: &Segment) -> bool {
    let options = segment.options.as_bytes();
    options.is_empty() || (options.len() == 12 && options.starts_with(&[1, 1, 8, 10]))
}

/// The shift of the segment's window scale option, at most 14 (RFC 7323 §2.3). Two of a connection's
/// packets are asked for it, so the options are only stepped over, not read.
pub(super) fn window_scale(segment: &Segment) -> Option<u8> {
    let mut rest = segment.options.as_bytes();
    loop {
        rest = match rest {
            [] | [0, ..] => return None,
            [1, rest @ ..] => rest,
            [3, 3, bits, ..] => return Some((*bits).min(14)),
            [_, len, ..] if *len >= 2 => rest.get(usize::from(*len)..)?,
            _ => return None,
        };
    }
}
