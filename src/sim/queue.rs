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
///
/// What was planned before the start waits in a list of its own, in the order of time: a script of
/// thousands of entries would make every look into the heap a search through all of them.
#[derive(Debug, Default)]
pub(super) struct Queue {
    heap: BinaryHeap<Pending>,
    planned: Vec<Pending>,
    order: u64,
}

impl Queue {
    /// A queue with what is planned from the start; of things at one instant the first comes first.
    pub(super) fn new(plan: impl IntoIterator<Item = (Instant, Due)>) -> Self {
        let number = |(index, (at, due))| Pending { at, order: index as u64, due };
        let mut planned: Vec<Pending> = plan.into_iter().enumerate().map(number).collect();
        // The next one stands last, where it can be taken.
        planned.sort_unstable();
        Queue { order: planned.len() as u64, heap: BinaryHeap::new(), planned }
    }

    /// Adds something.
    #[inline]
    pub(super) fn push(&mut self, at: Instant, due: Due) {
        self.order += 1;
        self.heap.push(Pending { at, order: self.order, due });
    }

    /// When the next thing happens.
    #[inline]
    pub(super) fn next_at(&self) -> Option<Instant> {
        let next = [self.heap.peek(), self.planned.last()];
        next.into_iter().flatten().map(|pending| pending.at).min()
    }

    /// Takes the next thing, if it happens at `until` or before.
    #[inline]
    pub(super) fn pop(&mut self, until: Instant) -> Option<(Instant, Due)> {
        let planned_first = match (self.heap.peek(), self.planned.last()) {
            (None, None) => return None,
            (Some(_), None) => false,
            (None, Some(_)) => true,
            // "Greater" is earlier.
            (Some(pushed), Some(planned)) => planned > pushed,
        };
        let next = if planned_first { self.planned.last() } else { self.heap.peek() }?;
        let (at, due) = (next.at, next.due);
        if at > until {
            return None;
        }
        if planned_first {
            self.planned.pop();
        } else {
            self.heap.pop();
        }
        Some((at, due))
    }
}
