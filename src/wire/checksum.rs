//! The Internet checksum (RFC 1071), summed in wide words.
//!
//! A ones'-complement sum does not care in which order words are added, how wide they are, or in which
//! byte order they were loaded, as long as the result is folded and swapped once at the end. So octets
//! are added eight at a time in machine order, the carry of each addition going into the next one, and
//! that of the last going round.

use std::net::{IpAddr, Ipv6Addr};

/// A ones'-complement sum under way. Pieces may be added in any order, but each must start at an even
/// place of what is summed; an odd last octet counts as the high half of a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum(u64);

impl Sum {
    /// The empty sum.
    pub const ZERO: Sum = Sum(0);

    /// The sum of these octets.
    #[inline]
    pub fn of(bytes: &[u8]) -> Sum {
        Sum::ZERO.add_bytes(bytes)
    }

    /// Adds octets.
    // A call would take about as long as what most packets bring.
    #[allow(clippy::inline_always)]
    #[inline(always)]
    #[must_use]
    pub fn add_bytes(self, bytes: &[u8]) -> Sum {
        let mut sum = self;
        let mut rest = bytes;
        if rest.len() >= 64 {
            let (blocks, tail) = rest.as_chunks::<64>();
            // Each for itself, so that no block waits for the one before.
            sum = blocks.iter().fold(sum, Sum::add_block);
            rest = tail;
        }
        if let Some((block, tail)) = rest.split_first_chunk::<32>() {
            sum = sum.add_block(block);
            rest = tail;
        }
        if let Some((block, tail)) = rest.split_first_chunk::<16>() {
            sum = sum.add_block(block);
            rest = tail;
        }
        if let Some((word, tail)) = rest.split_first_chunk::<8>() {
            sum = sum.plus(u64::from_ne_bytes(*word));
            rest = tail;
        }
        if let Some((word, tail)) = rest.split_first_chunk::<4>() {
            sum = sum.plus(u32::from_ne_bytes(*word).into());
            rest = tail;
        }
        match *rest {
            [] => sum,
            [a] => sum.plus(u16::from_ne_bytes([a, 0]).into()),
            [a, b] => sum.plus(u16::from_ne_bytes([a, b]).into()),
            [a, b, c, ..] => sum.plus(u32::from_ne_bytes([a, b, c, 0]).into()),
        }
    }

    /// Adds eight octets as they were loaded; a carry out of the top comes in at the bottom.
    #[inline]
    const fn plus(self, word: u64) -> Sum {
        let (sum, carry) = self.0.overflowing_add(word);
        Sum(sum + carry as u64)
    }

    /// Adds octets of a fixed number, a multiple of four, as one long addition.
    #[inline]
    pub(super) fn add_block<const N: usize>(self, block: &[u8; N]) -> Sum {
        let (words, half) = block.as_chunks::<8>();
        let (mut sum, mut carry) = (0u64, false);
        for word in words {
            (sum, carry) = sum.carrying_add(u64::from_ne_bytes(*word), carry);
        }
        if let Some(half) = half.first_chunk::<4>() {
            (sum, carry) = sum.carrying_add(u32::from_ne_bytes(*half).into(), carry);
        }
        (sum, carry) = self.0.carrying_add(sum, carry);
        // A sum that carried is not all ones: it takes the carry without carrying again.
        Sum(sum.wrapping_add(carry.into()))
    }

    /// Adds what another sum holds.
    #[inline]
    pub(super) const fn add(self, other: Sum) -> Sum {
        self.plus(other.0)
    }

    /// Adds one 16-bit number.
    #[inline]
    #[must_use]
    pub fn add_u16(self, number: u16) -> Sum {
        self.plus(number.to_be().into())
    }

    /// Adds one 32-bit number.
    #[inline]
    #[must_use]
    pub fn add_u32(self, number: u32) -> Sum {
        self.plus(number.to_be().into())
    }

    /// Adds rows of 32 bits, fewer than 2^32 of them.
    #[inline]
    pub(super) fn add_rows(self, rows: &[u32]) -> Sum {
        self.plus(rows.iter().copied().map(u64::from).sum::<u64>().to_be())
    }

    /// The sum folded to 16 bits, not complemented, as it would stand in a header field.
    #[inline]
    pub const fn folded(self) -> u16 {
        // Each half added to the other: the upper one gets the carry of the lower.
        let sum = (self.0.wrapping_add(self.0.rotate_left(32)) >> 32) as u32;
        let sum = sum.wrapping_add(sum.rotate_left(16)) >> 16;
        u16::from_be(sum as u16)
    }

    /// Whether octets with this sum hold their own checksum and are intact.
    #[inline]
    pub const fn is_intact(self) -> bool {
        self.folded() == 0xffff
    }

    /// The checksum: the folded sum, complemented.
    #[inline]
    pub const fn checksum(self) -> u16 {
        !self.folded()
    }

    /// The sum of a pseudo-header: both addresses, the protocol's number and the octets of the
    /// transport's header and text (RFC 9293 §3.1, RFC 8200 §8.1).
    #[inline]
    pub fn pseudo(src: IpAddr, dst: IpAddr, protocol: u8, len: u32) -> Sum {
        let addresses = match (src, dst) {
            (IpAddr::V4(src), IpAddr::V4(dst)) => Sum::ZERO.add_u32(src.to_bits()).add_u32(dst.to_bits()),
            _ => Sum::ZERO.add_block(&mapped(src).octets()).add_block(&mapped(dst).octets()),
        };
        addresses.add_pseudo(protocol, len)
    }

    /// Adds a pseudo-header's other fields to the sum of its addresses.
    #[inline]
    pub(super) fn add_pseudo(self, protocol: u8, len: u32) -> Sum {
        self.add_u16(protocol.into()).add_u32(len)
    }
}

/// The address as IPv6, an IPv4 one mapped into it.
pub(super) fn mapped(addr: IpAddr) -> Ipv6Addr {
    match addr {
        IpAddr::V4(v4) => v4.to_ipv6_mapped(),
        IpAddr::V6(v6) => v6,
    }
}
