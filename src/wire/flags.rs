//! The control bits of a TCP header (RFC 9293 §3.1).

use std::fmt;
use std::ops::{BitAnd, BitOr, BitOrAssign};

/// A set of control bits, in their place in the header's 13th and 14th octets.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Flags(u16);

/// Each bit, its name in this field's notation and its letter in tcpdump's.
const NAMES: [(Flags, &str, char); 9] = [
    (Flags::SYN, "SYN", 'S'),
    (Flags::FIN, "FIN", 'F'),
    (Flags::RST, "RST", 'R'),
    (Flags::PSH, "PSH", 'P'),
    (Flags::URG, "URG", 'U'),
    (Flags::ECE, "ECE", 'E'),
    (Flags::CWR, "CWR", 'W'),
    (Flags::AE, "AE", 'e'),
    (Flags::ACK, "ACK", '.'),
];

impl Flags {
    /// No bits.
    pub const NONE: Flags = Flags(0);
    /// No more data from the sender.
    pub const FIN: Flags = Flags(0x001);
    /// Synchronize sequence numbers.
    pub const SYN: Flags = Flags(0x002);
    /// Reset the connection.
    pub const RST: Flags = Flags(0x004);
    /// Push.
    pub const PSH: Flags = Flags(0x008);
    /// The acknowledgment field is significant.
    pub const ACK: Flags = Flags(0x010);
    /// The urgent pointer field is significant.
    pub const URG: Flags = Flags(0x020);
    /// ECN echo (RFC 3168).
    pub const ECE: Flags = Flags(0x040);
    /// Congestion window reduced (RFC 3168).
    pub const CWR: Flags = Flags(0x080);
    /// Accurate ECN (once the nonce sum, NS).
    pub const AE: Flags = Flags(0x100);

    /// The set with exactly these header bits; bits outside the nine are dropped.
    pub const fn from_bits(bits: u16) -> Self {
        Flags(bits & 0x1ff)
    }

    /// The header bits.
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// Whether every bit of `other` is set.
    pub const fn contains(self, other: Flags) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether any bit of `other` is set.
    pub const fn intersects(self, other: Flags) -> bool {
        self.0 & other.0 != 0
    }

    /// Both sets together, usable in constants.
    #[must_use]
    pub const fn with(self, other: Flags) -> Flags {
        Flags(self.0 | other.0)
    }

    /// This set less the bits of `other`.
    #[must_use]
    pub const fn without(self, other: Flags) -> Flags {
        Flags(self.0 & !other.0)
    }

    /// Whether SYN is set.
    pub const fn syn(self) -> bool {
        self.contains(Flags::SYN)
    }

    /// Whether ACK is set.
    pub const fn ack(self) -> bool {
        self.contains(Flags::ACK)
    }

    /// Whether FIN is set.
    pub const fn fin(self) -> bool {
        self.contains(Flags::FIN)
    }

    /// Whether RST is set.
    pub const fn rst(self) -> bool {
        self.contains(Flags::RST)
    }

    /// Whether PSH is set.
    pub const fn psh(self) -> bool {
        self.contains(Flags::PSH)
    }

    /// tcpdump's letters: `S`, `S.`, `P.`, `F.`, `R`; `none` for no bits.
    pub fn letters(self) -> String {
        if self.0 == 0 {
            return "none".to_owned();
        }
        NAMES.iter().filter(|(bit, ..)| self.contains(*bit)).map(|(.., letter)| letter).collect()
    }

    /// Hands tcpdump's letters on one by one, as [`letters`](Self::letters) has them.
    pub fn each_letter(self, mut take: impl FnMut(u8)) {
        if self.0 == 0 {
            b"none".iter().for_each(|letter| take(*letter));
        }
        for (bit, _, letter) in NAMES {
            if self.contains(bit) {
                take(letter as u8);
            }
        }
    }

    /// The bits named by tcpdump's letters, or `None` for a letter that names none.
    pub fn from_letters(letters: &str) -> Option<Flags> {
        if letters == "none" {
            return Some(Flags::NONE);
        }
        letters.chars().try_fold(Flags::NONE, |set, letter| {
            NAMES.iter().find(|(.., known)| *known == letter).map(|(bit, ..)| set | *bit)
        })
    }

    /// The bits named by a list such as `SYN,ACK` (any case), or `None` for an unknown name.
    pub fn from_names(names: &str) -> Option<Flags> {
        names.split(',').try_fold(Flags::NONE, |set, name| {
            let name = name.trim();
            NAMES.iter().find(|(_, known, _)| known.eq_ignore_ascii_case(name)).map(|(bit, ..)| set | *bit)
        })
    }
}

impl BitOr for Flags {
    type Output = Flags;
    fn bitor(self, rhs: Flags) -> Flags {
        self.with(rhs)
    }
}

impl BitOrAssign for Flags {
    fn bitor_assign(&mut self, rhs: Flags) {
        self.0 |= rhs.0;
    }
}

impl BitAnd for Flags {
    type Output = Flags;
    fn bitand(self, rhs: Flags) -> Flags {
        Flags(self.0 & rhs.0)
    }
}

/// The names joined by commas, as the lecture notes write them: `SYN,ACK`.
impl fmt::Display for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> =
            NAMES.iter().filter(|(bit, ..)| self.contains(*bit)).map(|(_, name, _)| *name).collect();
        f.pad(&if names.is_empty() { "none".to_owned() } else { names.join(",") })
    }
}

impl fmt::Debug for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
