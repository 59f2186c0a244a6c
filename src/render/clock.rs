//! Times as a reader takes them in: few digits, a unit.

use crate::time::{Duration, Instant};

/// Where a timeline counts from: its first event when that lies more than a day after the origin,
/// as it does where the origin is the UNIX epoch; else the origin.
pub(super) fn origin(first: Option<Instant>) -> Instant {
    let day = Duration::from_secs(86_400);
    first.filter(|first| first.since(Instant::ZERO) > day).unwrap_or(Instant::ZERO)
}

/// A time in at most nine columns: `250 ns`, `41.3 µs`, `11 ms`, `1.001 s`, `134.6 s`.
pub(super) fn short(span: Duration) -> String {
    let nanos = span.as_nanos();
    let (unit, per) = match nanos {
        0 => return "0 ms".to_owned(),
        n if n < 1_000 => return format!("{n} ns"),
        n if n < 1_000_000 => ("µs", 1_000),
        n if n < 1_000_000_000 => ("ms", 1_000_000),
        _ => ("s", 1_000_000_000),
    };
    let whole = nanos / per;
    let decimals = match (unit, whole) {
        (_, 10_000..) => 0,
        (_, 1_000..) => 1,
        ("s", _) => 3,
        (_, 100..) => 1,
        (_, 10..) => 2,
        _ => 3,
    };
    let step = per / 10_u64.pow(decimals);
    let fraction = (nanos % per) / step;
    let digits = format!("{fraction:0width$}", width = decimals as usize);
    match digits.trim_end_matches('0') {
        "" => format!("{whole} {unit}"),
        digits => format!("{whole}.{digits} {unit}"),
    }
}
