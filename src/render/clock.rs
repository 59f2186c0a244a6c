//! Times as a reader takes them in: few digits, a unit.

use std::cell::Cell;
use std::fmt;

use crate::time::{Duration, Instant};

/// Where a timeline counts from: its first event when that lies more than a day after the origin,
/// as it does where the origin is the UNIX epoch; else the origin.
pub(super) fn origin(first: Option<Instant>) -> Instant {
    let day = Duration::from_secs(86_400);
    first.filter(|first| first.since(Instant::ZERO) > day).unwrap_or(Instant::ZERO)
}

/// Tells the times of a timeline, and remembers the last one: several things happen at one instant.
pub(super) struct Clock {
    origin: Instant,
    latest: Cell<(Instant, Short)>,
}

/// A time as short text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Short {
    /// Written from the end to the beginning, without a trip through the allocator: every line has one or two.
    octets: [u8; 28],
    start: u8,
    columns: u8,
}

impl Clock {
    /// For a timeline whose first event is at `first`.
    pub(super) fn new(first: Option<Instant>) -> Self {
        let origin = origin(first);
        Clock { origin, latest: Cell::new((origin, short(Duration::ZERO))) }
    }

    /// The time from the timeline's origin to this instant.
    pub(super) fn tell(&self, at: Instant) -> Short {
        let (known, text) = self.latest.get();
        if known == at {
            return text;
        }
        let text = short(at.since(self.origin));
        self.latest.set((at, text));
        text
    }
}

/// A time in at most nine columns, up to a year and more: `250 ns`, `41.3 µs`, `11 ms`, `1.001 s`, `134.6 s`.
pub(super) fn short(span: Duration) -> Short {
    let nanos = span.as_nanos();
    let (per, unit) = span.unit();
    let whole = nanos / per;
    let decimals: u32 = match (unit, whole) {
        (_, 10_000..) => 0,
        (_, 1_000..) => 1,
        ("s", _) => 3,
        (_, 100..) => 1,
        (_, 10..) => 2,
        _ => 3,
    };
    let mut fraction = (nanos % per) * 10_u64.pow(decimals) / per;
    let mut shown = if fraction == 0 { 0 } else { decimals as usize };
    while shown > 0 && fraction.is_multiple_of(10) {
        fraction /= 10;
        shown -= 1;
    }
    let mut text = Short { octets: [0; 28], start: 28, columns: 0 };
    unit.bytes().rev().for_each(|octet| text.put(octet));
    text.put(b' ');
    if shown > 0 {
        text.number(fraction, shown);
        text.put(b'.');
    }
    text.number(whole, 1);
    text.columns = 28 - text.start - u8::from(unit == "µs");
    text
}

impl Short {
    /// Columns it takes.
    pub(super) fn width(&self) -> usize {
        usize::from(self.columns)
    }

    pub(super) fn as_str(&self) -> &str {
        str::from_utf8(&self.octets[usize::from(self.start)..]).unwrap_or_default()
    }

    /// Puts an octet in front.
    fn put(&mut self, octet: u8) {
        if self.start > 0 {
            self.start -= 1;
            self.octets[usize::from(self.start)] = octet;
        }
    }

    /// Puts a number in front, with at least so many digits.
    fn number(&mut self, number: u64, digits: usize) {
        let mut rest = number;
        let mut written = 0;
        while rest > 0 || written < digits {
            self.put(b'0' + (rest % 10) as u8);
            rest /= 10;
            written += 1;
        }
    }
}

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
