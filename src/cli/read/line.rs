//! One line of tab-separated text in a buffer of fixed size: no allocation, no call for each octet.

use std::io::Write;
use std::net::IpAddr;

/// Longer than any line of [`super::tsv`]: all findings and defects at once are below 1200 octets.
const CAPACITY: usize = 2048;

/// The numbers 0 to 255 in decimal, and how many digits they have.
const OCTETS: [([u8; 3], usize); 256] = {
    let mut table = [([b'0'; 3], 1); 256];
    let mut value = 0;
    while value < 256 {
        let (h, t, o) = ((value / 100) as u8, (value / 10 % 10) as u8, (value % 10) as u8);
        table[value] = match value {
            0..10 => ([b'0' + o, b'0', b'0'], 1),
            10..100 => ([b'0' + t, b'0' + o, b'0'], 2),
            _ => ([b'0' + h, b'0' + t, b'0' + o], 3),
        };
        value += 1;
    }
    table
};

/// A line in the making. What does not fit is left out.
pub(super) struct Line {
    octets: [u8; CAPACITY],
    len: usize,
}

impl Line {
    /// An empty line.
    pub(super) fn new() -> Self {
        Line { octets: [0; CAPACITY], len: 0 }
    }

    /// What was written.
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.octets.get(..self.len).unwrap_or_default()
    }

    /// Begins anew.
    pub(super) fn clear(&mut self) {
        self.len = 0;
    }

    /// Appends one octet.
    #[inline]
    pub(super) fn push(&mut self, octet: u8) {
        if let Some(slot) = self.octets.get_mut(self.len) {
            *slot = octet;
            self.len += 1;
        }
    }

    /// Appends a short text.
    #[inline]
    pub(super) fn text(&mut self, text: &str) {
        text.bytes().for_each(|octet| self.push(octet));
    }

    /// Appends a number in decimal.
    #[inline]
    pub(super) fn number(&mut self, value: u64) {
        self.padded(value, value.checked_ilog10().unwrap_or(0) as usize + 1);
    }

    /// Appends a number in so many digits, with zeros before it.
    #[inline]
    pub(super) fn padded(&mut self, mut value: u64, digits: usize) {
        let Some(slot) = self.octets.get_mut(self.len..self.len + digits) else { return };
        for digit in slot.iter_mut().rev() {
            *digit = b'0' + (value % 10) as u8;
            value /= 10;
        }
        self.len += digits;
    }

    /// Appends an address.
    #[inline]
    pub(super) fn address(&mut self, addr: IpAddr) {
        match addr {
            IpAddr::V4(addr) => {
                for (i, octet) in addr.octets().into_iter().enumerate() {
                    if i > 0 {
                        self.push(b'.');
                    }
                    let (digits, count) = OCTETS[usize::from(octet)];
                    digits.into_iter().take(count).for_each(|digit| self.push(digit));
                }
            }
            IpAddr::V6(addr) => {
                let mut rest = self.octets.get_mut(self.len..).unwrap_or_default();
                let room = rest.len();
                if write!(rest, "{addr}").is_ok() {
                    self.len += room - rest.len();
                }
            }
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_what_format_writes() {
        let mut line = Line::new();
        let numbers = [0, 1, 9, 10, 99, 100, 12345, u64::from(u32::MAX), u64::MAX];
        numbers.iter().for_each(|number| line.number(*number));
        line.padded(42, 9);
        let addrs = ["0.0.0.0", "10.99.100.255", "::1", "2001:db8::ff", "::ffff:1.2.3.4"];
        addrs.iter().for_each(|addr| line.address(addr.parse().unwrap()));
        line.list(["a", "b"].into_iter());
        let expected =
            numbers.map(|number| number.to_string()).concat() + "000000042" + &addrs.concat() + "a,b";
        assert_eq!(std::str::from_utf8(line.as_bytes()), Ok(expected.as_str()));
        line.clear();
        (0..CAPACITY * 2).for_each(|_| line.push(b'x'));
        line.number(7);
        assert_eq!(line.as_bytes().len(), CAPACITY);
    }
}
