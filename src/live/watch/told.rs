//! Until when the lanes have told everything, so that nothing is judged before what happened before it is known,
//! however long a lane has to wait for a processor.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::live::clock;
use crate::time::Instant;

/// A lane that tells what happens.
#[derive(Clone, Copy, Debug)]
pub(super) enum Lane {
    Calls,
    Segments,
    States,
}

/// For each lane the time, in nanoseconds, of what it may still tell about; later things it tells later.
#[derive(Debug)]
pub(super) struct Told([AtomicU64; 3]);

/// A lane that has nothing half told.
const IDLE: u64 = u64::MAX;

impl Told {
    pub(super) fn new() -> Self {
        Told([const { AtomicU64::new(IDLE) }; 3])
    }

    /// The lane looks at something now. To be called before the clock is read for what will be told.
    pub(super) fn begin(&self, lane: Lane) {
        self.until_now(lane, clock::now());
    }

    /// What the lane looked at is told, or there was nothing to tell. The next thing will be stamped when the
    /// lane looks at it.
    pub(super) fn end(&self, lane: Lane) {
        self.0[lane as usize].store(IDLE, Ordering::SeqCst);
    }

    /// All that happened in this lane before `at` is told.
    pub(super) fn until_now(&self, lane: Lane, at: Instant) {
        self.0[lane as usize].store(at.as_nanos(), Ordering::SeqCst);
    }

    /// Until when all lanes have told everything. It holds for what was sent before this was asked: empty the
    /// inbox afterwards.
    pub(super) fn by_all(&self) -> Instant {
        // The clock first: a lane that is idle then, and begins a moment later, stamps later than that.
        let now = clock::now().as_nanos();
        let earliest = self.0.iter().map(|lane| lane.load(Ordering::SeqCst)).min().unwrap_or(now);
        Instant::from_nanos(now.min(earliest))
    }
}
