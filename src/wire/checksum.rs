//! The Internet checksum (RFC 1071), summed in wide lanes.
//!
//! A ones'-complement sum does not care in which order words are added, how wide they are, or in which
//! byte order they were loaded, as long as the result is folded and swapped once at the end. So the
//! octets are added as 32-bit words in machine order into 64-bit accumulators, several at a time,
//! which compilers turn into vector adds. No carry can be lost: 2^32 words fit below 2^64.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A ones'-complement sum under way. Pieces may be added in any order, but every piece except the
/// last must have an even number of octets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum(u64);

impl Sum {
    /// The empty sum.
    pub const ZERO: Sum = Sum(0);

    /// The sum of these octets; an odd last one counts as the high half of a word.
    #[inline]
    pub fn of(bytes: &[u8]) -> Sum {
        Sum::ZERO.add(bytes)
    }

    /// Adds octets; an odd last one counts as the high half of a word.
    #[inline]
    #[must_use]
    pub fn add(self, bytes: &[u8]) -> Sum {
        let mut total = self.0;
        let mut rest = bytes;
        if rest.len() >= 128 {
            let (blocks, tail) = rest.as_chunks::<64>();
            total += wide(blocks);
            rest = tail;
        }
        let (words, tail) = rest.as_chunks::<8>();
        for word in words {
            let word = u64::from_ne_bytes(*word);
            total += (word & 0xffff_ffff) + (word >> 32);
        }
        let mut last = [0u8; 8];
        if let Some(slot) = last.get_mut(..tail.len()) {
            slot.copy_from_slice(tail);
        }
        let word = u64::from_ne_bytes(last);
        Sum(narrow(total + (word & 0xffff_ffff) + (word >> 32)))
    }

    /// Adds one 16-bit number.
    #[inline]
    #[must_use]
    pub fn add_u16(self, number: u16) -> Sum {
        Sum(self.0 + u64::from(number.to_be()))
    }

    /// Adds one 32-bit number.
    #[inline]
    #[must_use]
    pub fn add_u32(self, number: u32) -> Sum {
        Sum(self.0 + u64::from(number.to_be()))
    }

    /// The sum folded to 16 bits, not complemented, as it would stand in a header field. Summed over
    /// octets that hold their own checksum it is `0xffff` when they are intact.
    #[inline]
    pub const fn folded(self) -> u16 {
        let sum = (self.0 & 0xffff_ffff) + (self.0 >> 32);
        let sum = (sum & 0xffff) + ((sum >> 16) & 0xffff) + (sum >> 32);
        let sum = (sum & 0xffff) + (sum >> 16);
        let sum = (sum & 0xffff) + (sum >> 16);
        u16::from_be(sum as u16)
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
        match (src, dst) {
            (IpAddr::V4(src), IpAddr::V4(dst)) => Sum::pseudo_v4(src, dst, protocol, len),
            _ => Sum::pseudo_v6(mapped(src), mapped(dst), protocol, len),
        }
    }

    #[inline]
    fn pseudo_v4(src: Ipv4Addr, dst: Ipv4Addr, protocol: u8, len: u32) -> Sum {
        let addresses =
            u64::from(u32::from_ne_bytes(src.octets())) + u64::from(u32::from_ne_bytes(dst.octets()));
        Sum(addresses).add_u16(protocol.into()).add_u32(len)
    }

    #[inline]
    fn pseudo_v6(src: Ipv6Addr, dst: Ipv6Addr, protocol: u8, len: u32) -> Sum {
        Sum::of(&src.octets()).add(&dst.octets()).add_u16(protocol.into()).add_u32(len)
    }
}

/// The address as IPv6, an IPv4 one mapped into it.
pub(super) fn mapped(addr: IpAddr) -> Ipv6Addr {
    match addr {
        IpAddr::V4(v4) => v4.to_ipv6_mapped(),
        IpAddr::V6(v6) => v6,
    }
}

/// Folds a sum to at most 33 bits, so that the next piece can be added without a carry being lost.
#[inline]
const fn narrow(sum: u64) -> u64 {
    (sum & 0xffff_ffff) + (sum >> 32)
}

/// The sum of whole blocks, in lanes that do not depend on each other.
fn wide(blocks: &[[u8; 64]]) -> u64 {
    let mut lanes = [0u64; 8];
    for block in blocks {
        let (words, _) = block.as_chunks::<8>();
        for (lane, word) in lanes.iter_mut().zip(words) {
            let word = u64::from_ne_bytes(*word);
            *lane += (word & 0xffff_ffff) + (word >> 32);
        }
    }
    lanes.iter().map(|lane| narrow(*lane)).sum()
}
