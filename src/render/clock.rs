//! Times as a reader takes them in: few digits, a unit.

use std::fmt;

use crate::time::{Duration, Instant};

/// Where a timeline counts from: its first event when that lies more than a day after the origin,
/// as it does where the origin is the UNIX epoch; else the origin.
pub(super) fn origin(first: Option<Instant>) -> Instant {
    let day = Duration::from_secs(86_400);
    first.filter(|first| first.since(Instant::ZERO) > day).unwrap_or(Instant::ZERO)
}

/// A time as short text, without a trip through the allocator: every line has one or two.
#[derive(Clone, Copy)]
pub(super) struct Short {
    octets: [u8; 28],
    len: u8,
    columns: u8,
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
    let mut shown = decimals;
    while shown > 0 && fraction.is_multiple_of(10) {
        fraction /= 10;
        shown -= 1;
    }
    let mut text = Short { octets: [0; 28], len: 0, columns: 0 };
    text.number(whole, 1);
    if shown > 0 {
        text.push(b'.');
        text.number(fraction, shown as usize);
    }
    text.push(b' ');
    unit.bytes().for_each(|octet| text.push(octet));
    text.columns = text.len - u8::from(unit == "µs");
    text
}

impl Short {
    /// Columns it takes.
    pub(super) fn width(&self) -> usize {
        usize::from(self.columns)
    }

    pub(super) fn as_str(&self) -> &str {
        str::from_utf8(&self.octets[..usize::from(self.len)]).unwrap_or_default()
    }

    fn push(&mut self, octet: u8) {
        if let Some(slot) = self.octets.get_mut(usize::from(self.len)) {
            *slot = octet;
            self.len += 1;
        }
    }

    /// Appends a number with at least so many digits.
    fn number(&mut self, number: u64, digits: usize) {
        let mut reversed = [b'0'; 20];
        let mut rest = number;
        let mut count = 0;
        for slot in &mut reversed {
            if rest == 0 && count >= digits {
                break;
            }
            *slot = b'0' + (rest % 10) as u8;
            rest /= 10;
            count += 1;
        }
        reversed[..count].iter().rev().for_each(|digit| self.push(*digit));
    }
}

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
