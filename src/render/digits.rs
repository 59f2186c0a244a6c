//! Numbers and times as digits, without a trip through the allocator or the formatter: every line has several.

/// Few characters of ASCII and of µ, written from their end to their beginning.
#[derive(Clone, Copy, Debug)]
pub(super) struct Digits {
    octets: [u8; 28],
    start: u8,
}

impl Digits {
    /// What ends with this text, which is cut if it is too long.
    pub(super) fn ending_with(text: &str) -> Self {
        let mut digits = Digits { octets: [0; 28], start: 28 };
        text.bytes().rev().for_each(|octet| digits.put(octet));
        digits
    }

    /// A number.
    pub(super) fn of(number: impl Into<u64>) -> Self {
        let mut digits = Digits::ending_with("");
        digits.number(number.into(), 1);
        digits
    }

    pub(super) fn as_str(&self) -> &str {
        str::from_utf8(&self.octets[usize::from(self.start)..]).unwrap_or_default()
    }

    /// Puts an octet in front.
    pub(super) fn put(&mut self, octet: u8) {
        if self.start > 0 {
            self.start -= 1;
            self.octets[usize::from(self.start)] = octet;
        }
    }

    /// Puts a number in front, with at least so many digits.
    pub(super) fn number(&mut self, number: u64, digits: usize) {
        let mut rest = number;
        let mut written = 0;
        while rest > 0 || written < digits {
            self.put(b'0' + (rest % 10) as u8);
            rest /= 10;
            written += 1;
        }
    }
}
