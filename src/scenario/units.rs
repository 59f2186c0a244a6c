//! Times, rates and chances as people write them: `1.5s`, `10Mbit`, `20%`.

use crate::time::Duration;

/// Why a time is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BadTime {
    /// No number at its beginning.
    NotANumber,
    /// It is below zero.
    Negative,
    /// A number without a unit.
    NoUnit,
    /// A unit nobody knows.
    UnknownUnit,
    /// More than a hundred years.
    TooLong,
}

impl BadTime {
    /// The key of its message: `scenario-time-KEY`.
    pub(super) const fn key(self) -> &'static str {
        match self {
            BadTime::NotANumber => "time-not-a-number",
            BadTime::Negative => "time-negative",
            BadTime::NoUnit => "time-without-unit",
            BadTime::UnknownUnit => "time-unknown-unit",
            BadTime::TooLong => "time-too-long",
        }
    }
}

/// The units of time and their nanoseconds.
const UNITS: [(&str, u64); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("min", 60_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// The longest time that means anything here.
const CENTURY: u64 = 100 * 365 * 24 * 3_600 * 1_000_000_000;

/// A span of time: a number, maybe with a fraction, and a unit. `0` needs none.
pub(super) fn duration(text: &str) -> Result<Duration, BadTime> {
    let text = text.trim();
    if text.starts_with('-') {
        return Err(BadTime::Negative);
    }
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() || (number.contains('.') && fraction.is_empty()) || fraction.contains('.') {
        return Err(BadTime::NotANumber);
    }
    let whole: u64 = whole.parse().map_err(|_| BadTime::TooLong)?;
    let unit = unit.trim();
    if unit.is_empty() {
        return if whole == 0 && fraction.is_empty() { Ok(Duration::ZERO) } else { Err(BadTime::NoUnit) };
    }
    let Some((_, nanos)) = UNITS.iter().find(|(name, _)| *name == unit) else {
        return Err(BadTime::UnknownUnit);
    };
    // Nine digits of a fraction are enough for nanoseconds of every unit up to the second.
    let digits: String = fraction.chars().chain(std::iter::repeat('0')).take(9).collect();
    let parts: u64 = digits.parse().map_err(|_| BadTime::NotANumber)?;
    let fraction = u64::try_from(u128::from(parts) * u128::from(*nanos) / 1_000_000_000).unwrap_or(0);
    match whole.checked_mul(*nanos).and_then(|total| total.checked_add(fraction)) {
        Some(total) if total <= CENTURY => Ok(Duration::from_nanos(total)),
        _ => Err(BadTime::TooLong),
    }
}

/// Bits a second: `10Mbit`, `1.5Gbit`, `56kbit`, also with `/s` or `ps` behind.
pub(super) fn bandwidth(text: &str) -> Option<u64> {
    let text = text.trim();
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = text.split_at(split);
    let unit = unit.trim().trim_end_matches("/s").trim_end_matches("ps");
    let factor = match unit.to_ascii_lowercase().as_str() {
        "bit" => 1.0,
        "kbit" | "kb" => 1e3,
        "mbit" | "mb" => 1e6,
        "gbit" | "gb" => 1e9,
        _ => return None,
    };
    let bits = number.parse::<f64>().ok()? * factor;
    (1.0..=1e15).contains(&bits).then_some(bits as u64)
}

/// A chance from 0 to 1, also as `20%`.
pub(super) fn chance(text: &str) -> Option<f64> {
    let text = text.trim();
    let value = match text.strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f64>().ok()? / 100.0,
        None => text.parse().ok()?,
    };
    (0.0..=1.0).contains(&value).then_some(value)
}
