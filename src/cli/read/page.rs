//! Text in the making, in a buffer of fixed size that is written out whenever it is full.
//!
//! A capture gives a million lines. Formatting with `write!` would take longer than reading it, so the few
//! things these lines are made of are written here without it: words, numbers, addresses, durations.

use std::io::Write;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use super::super::failure::Failure;
use super::super::output::Output;
use crate::time::Duration;

/// So many octets are gathered before they are written: more than the output's own buffer has, so that they
/// go past it.
const FULL: usize = 64 * 1024;

/// What one connection or packet takes at most, with much to spare: all findings and defects at once are
/// below 4096 octets.
const ROOM: usize = 8 * 1024;

const CAPACITY: usize = FULL + ROOM;

/// The numbers 0 to 99 in two digits each.
const PAIRS: [[u8; 2]; 100] = {
    let mut table = [[b'0'; 2]; 100];
    let mut value = 0;
    while value < 100 {
        table[value] = [b'0' + (value / 10) as u8, b'0' + (value % 10) as u8];
        value += 1;
    }
    table
};

/// The numbers 0 to 255 in decimal, each with a dot behind it, and how many octets that takes.
const OCTETS: [([u8; 4], u8); 256] = {
    let mut table = [([b'.'; 4], 2); 256];
    let mut value = 0;
    while value < 256 {
        let (h, t, o) =
            (b'0' + (value / 100) as u8, b'0' + (value / 10 % 10) as u8, b'0' + (value % 10) as u8);
        table[value] = match value {
            0..10 => ([o, b'.', b'.', b'.'], 2),
            10..100 => ([t, o, b'.', b'.'], 3),
            _ => ([h, t, o, b'.'], 4),
        };
        value += 1;
    }
    table
};

/// Text in the making. What does not fit is left out; [`write_full`](Self::write_full) after each line or
/// few keeps that from happening.
pub(super) struct Page {
    octets: Box<[u8]>,
    len: usize,
}

impl Page {
    /// An empty page.
    pub(super) fn new() -> Self {
        Page { octets: vec![0; CAPACITY].into_boxed_slice(), len: 0 }
    }

    /// Octets that stand here, since it was last written out.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// What was written.
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.octets.get(..self.len).unwrap_or_default()
    }

    /// Takes back what was written after this many octets.
    pub(super) fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// Writes the page out, if it is time, and begins anew.
    ///
    /// # Errors
    /// When it cannot be written.
    #[inline]
    pub(super) fn write_full(&mut self, output: &mut Output) -> Result<(), Failure> {
        if self.len < FULL { Ok(()) } else { self.write_out(output) }
    }

    /// Writes the page out and begins anew.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn write_out(&mut self, output: &mut Output) -> Result<(), Failure> {
        let written = output.octets(self.as_bytes());
        self.len = 0;
        written
    }

    /// Appends these octets of which the first `len` count.
    #[inline]
    pub(super) fn some<const N: usize>(&mut self, octets: [u8; N], len: usize) {
        if let Some(slot) = self.octets.get_mut(self.len..).and_then(|rest| rest.first_chunk_mut::<N>()) {
            *slot = octets;
            self.len += len;
        }
    }

    /// Appends one octet.
    #[inline]
    pub(super) fn push(&mut self, octet: u8) {
        self.some([octet], 1);
    }

    /// Appends a line break and spaces.
    #[inline]
    pub(super) fn new_line(&mut self, indent: usize) {
        const BLANK: [u8; 16] = *b"\n               ";
        let fitting = indent.min(BLANK.len() - 1);
        self.some(BLANK, 1 + fitting);
        self.spaces(indent - fitting);
    }

    /// Appends spaces.
    pub(super) fn spaces(&mut self, count: usize) {
        if count > 0
            && let Some(slot) = self.octets.get_mut(self.len..self.len + count)
        {
            slot.fill(b' ');
            self.len += count;
        }
    }

    /// Appends a text.
    #[inline]
    pub(super) fn text(&mut self, text: &str) {
        let end = self.len + text.len();
        if let Some(slot) = self.octets.get_mut(self.len..end) {
            slot.copy_from_slice(text.as_bytes());
            self.len = end;
        }
    }

    /// Appends a number in decimal.
    #[inline]
    pub(super) fn number(&mut self, value: u64) {
        match value {
            0..10 => self.push(b'0' + value as u8),
            10..100 => self.some(PAIRS[value as usize], 2),
            100..1000 => {
                let [tens, ones] = PAIRS[(value % 100) as usize];
                self.some([b'0' + (value / 100) as u8, tens, ones, b' '], 3);
            }
            1000..10_000 => {
                let ([a, b], [c, d]) = (PAIRS[(value / 100) as usize], PAIRS[(value % 100) as usize]);
                self.some([a, b, c, d], 4);
            }
            _ => self.padded(value, value.ilog10() as usize + 1),
        }
    }

    /// Appends a number in so many digits, with zeros before it.
    #[inline]
    pub(super) fn padded(&mut self, mut value: u64, digits: usize) {
        let Some(mut slot) = self.octets.get_mut(self.len..self.len + digits) else { return };
        while let [rest @ .., tens, ones] = slot {
            [*tens, *ones] = PAIRS[(value % 100) as usize];
            value /= 100;
            slot = rest;
        }
        if let [last] = slot {
            *last = b'0' + (value % 10) as u8;
        }
        self.len += digits;
    }

    /// Appends an address.
    #[inline]
    pub(super) fn address(&mut self, addr: IpAddr) {
        match addr {
            IpAddr::V4(addr) => {
                for octet in addr.octets() {
                    let (digits, len) = OCTETS[usize::from(octet)];
                    self.some(digits, usize::from(len));
                }
                // Without the last dot.
                self.len -= 1;
            }
            IpAddr::V6(addr) => self.sixth(addr),
        }
    }

    /// Appends an address and a port.
    pub(super) fn endpoint(&mut self, end: SocketAddr) {
        if end.is_ipv6() {
            self.push(b'[');
            self.address(end.ip());
            self.push(b']');
        } else {
            self.address(end.ip());
        }
        self.push(b':');
        self.number(u64::from(end.port()));
    }

    /// Appends an address of IPv6, as RFC 5952 §4 has it.
    fn sixth(&mut self, addr: Ipv6Addr) {
        if addr.to_ipv4_mapped().is_some() {
            let mut rest = self.octets.get_mut(self.len..).unwrap_or_default();
            let room = rest.len();
            if write!(rest, "{addr}").is_ok() {
                self.len += room - rest.len();
            }
            return;
        }
        let parts = addr.segments();
        let (from, len) = longest_zeros(parts);
        let mut place = 0;
        while place < 8 {
            if place == from && len > 1 {
                self.some(*b"::", 2);
                place += len;
                continue;
            }
            if place > 0 && (len < 2 || place != from + len) {
                self.push(b':');
            }
            self.hex(parts[place]);
            place += 1;
        }
    }

    /// Appends a number in hexadecimal.
    fn hex(&mut self, value: u16) {
        let digits = (16 - value.leading_zeros()).div_ceil(4).max(1);
        for place in (0..digits).rev() {
            let digit = (value >> (4 * place) & 0xf) as u8;
            self.push(if digit < 10 { b'0' + digit } else { b'a' - 10 + digit });
        }
    }

    /// Appends a duration as its `Display` has it, and says how many columns that takes.
    pub(super) fn duration(&mut self, duration: Duration) -> usize {
        let nanos = duration.as_nanos();
        let (whole, thousandths, unit, len) = match nanos {
            1_000_000_000.. => (nanos / 1_000_000_000, nanos / 1_000_000 % 1000, *b" s  ", 2),
            0 | 1_000_000.. => (nanos / 1_000_000, nanos / 1000 % 1000, *b" ms ", 3),
            1000.. => (nanos / 1000, nanos % 1000, [b' ', 0xc2, 0xb5, b's'], 4),
            _ => (nanos, 0, *b" ns ", 3),
        };
        let start = self.len;
        self.number(whole);
        let [hundreds, tens, ones] = [thousandths / 100, thousandths / 10 % 10, thousandths % 10];
        let decimals = match (hundreds, tens, ones) {
            (0, 0, 0) => 0,
            (_, 0, 0) => 2,
            (_, _, 0) => 3,
            _ => 4,
        };
        self.some([b'.', b'0' + hundreds as u8, b'0' + tens as u8, b'0' + ones as u8], decimals);
        self.some(unit, len);
        // The µ takes two octets and one column.
        self.len - start - usize::from(len == 4)
    }

    /// Appends words with commas between them.
    #[inline]
    pub(super) fn list(&mut self, words: impl Iterator<Item = &'static str>) {
        for (i, word) in words.enumerate() {
            if i > 0 {
                self.push(b',');
            }
            self.text(word);
        }
    }
}

/// Where the longest run of zeros begins, the first of equals, and how long it is.
fn longest_zeros(parts: [u16; 8]) -> (usize, usize) {
    let mut longest = (0, 0);
    let mut run = (0, 0);
    for (place, part) in parts.into_iter().enumerate() {
        run = if part == 0 { (run.0, run.1 + 1) } else { (place + 1, 0) };
        if run.1 > longest.1 {
            longest = run;
        }
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_what_format_writes() {
        let mut page = Page::new();
        let numbers = [0, 1, 9, 10, 99, 100, 101, 999, 12345, 654_321, u64::from(u32::MAX), u64::MAX];
        numbers.iter().for_each(|number| page.number(*number));
        page.padded(42, 9);
        page.padded(7, 2);
        page.list(["a", "b"].into_iter());
        page.spaces(3);
        let expected = numbers.map(|number| number.to_string()).concat() + "00000004207a,b   ";
        assert_eq!(std::str::from_utf8(page.as_bytes()), Ok(expected.as_str()));
        (0..CAPACITY * 2).for_each(|_| page.push(b'x'));
        page.number(7);
        assert_eq!(page.as_bytes().len(), CAPACITY);
    }

    #[test]
    fn writes_addresses_as_the_standard_library_does() {
        let addrs = [
            "0.0.0.0",
            "10.99.100.255",
            "::",
            "::1",
            "1::",
            "2001:db8::ff",
            "::ffff:1.2.3.4",
            "::1.2.3.4",
            "fe80::1:0:0:1",
            "1:0:0:2::3",
            "0:1:2:3:4:5:6:7",
            "1:2:3:0:5:6:7:8",
            "1:2:3:4:5:6::",
            "1234:abcd:f:0:a0:b00:c000:d",
        ];
        for text in addrs {
            let addr: IpAddr = text.parse().unwrap();
            let mut page = Page::new();
            page.address(addr);
            page.push(b' ');
            page.endpoint(SocketAddr::new(addr, 80));
            let expected = format!("{addr} {}", SocketAddr::new(addr, 80));
            assert_eq!(std::str::from_utf8(page.as_bytes()), Ok(expected.as_str()));
        }
    }

    #[test]
    fn writes_durations_as_display_does() {
        for nanos in [
            0,
            1,
            999,
            1_000,
            1_500,
            1_050,
            1_005,
            999_999,
            1_000_000,
            21_120_000,
            1_999_999_999,
            131_000_000_000,
            u64::MAX,
        ] {
            let duration = Duration::from_nanos(nanos);
            let mut page = Page::new();
            let columns = page.duration(duration);
            let expected = duration.to_string();
            assert_eq!(std::str::from_utf8(page.as_bytes()), Ok(expected.as_str()));
            assert_eq!(columns, expected.chars().count());
        }
    }
}
