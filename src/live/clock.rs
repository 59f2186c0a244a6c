//! The one clock of everything live: `CLOCK_REALTIME`, which the kernel also stamps packets with,
//! so that calls and segments merge in causal order.

use nix::time::{ClockId, clock_gettime};

use crate::time::Instant;

/// Now, in nanoseconds since the UNIX epoch.
pub fn now() -> Instant {
    clock_gettime(ClockId::CLOCK_REALTIME)
        .map_or(Instant::ZERO, |time| from_parts(time.tv_sec(), time.tv_nsec()))
}

/// The instant of a kernel stamp in seconds and nanoseconds.
pub fn from_parts(seconds: i64, nanoseconds: i64) -> Instant {
    let seconds = u64::try_from(seconds).unwrap_or(0);
    let nanoseconds = u64::try_from(nanoseconds).unwrap_or(0);
    Instant::from_nanos(seconds.saturating_mul(1_000_000_000).saturating_add(nanoseconds))
}
