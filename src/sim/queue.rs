//! What is to happen, by time; what was asked for first happens first within one instant.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::time::Instant;
use crate::timeline::{HostId, PacketId};

use super::frames::FrameId;

/// Something that is to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// A frame reaches its host.
    Arrival(FrameId),
    /// A host's next timer.
    Timer(HostId),
    /// An entry of the script.
    Entry(u32),
    /// A frame that waits to be overtaken has waited long enough.
    Overdue(FrameId, PacketId),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pending {
    at: Instant,
    order: u64,
    due: Due,
}

// Reversed, because the standard heap gives its greatest element.
impl Ord for Pending {
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.order).cmp(&(self.at, self.order))
    }
}

impl PartialOrd for Pending {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The event queue.
#[derive(Debug, Default)]
pub(super) struct Queue {
    heap: BinaryHeap<Pending>,
    order: u64,
}

impl Queue {
    /// Adds something.
    pub(super) fn push(&mut self, at: Instant, due: Due) {
        self.order += 1;
        self.heap.push(Pending { at, order: self.order, due });
    }

    /// When the next thing happens.
    pub(super) fn next_at(&self) -> Option<Instant> {
        self.heap.peek().map(|pending| pending.at)
    }

    /// Takes the next thing.
    pub(super) fn pop(&mut self) -> Option<(Instant, Due)> {
        self.heap.pop().map(|pending| (pending.at, pending.due))
    }
}
