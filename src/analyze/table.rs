//! From addresses and ports to connections: one hash table for IPv4, one for IPv6.
//!
//! Both directions have one key. The tables are only ever looked up, never walked, so the order of
//! their entries decides nothing. Connections that are over have tables of their own: those of the live
//! ones stay small enough for the processor's cache, and nearly every packet needs only them.

use std::hash::{Hash, Hasher};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use rustc_hash::FxHashMap;

use crate::wire::{Packet, Segment};

/// An address and a port as a number that orders them.
fn rank(addr: IpAddr, port: u16) -> (u128, u16) {
    match addr {
        IpAddr::V4(addr) => (u128::from(addr.to_bits()), port),
        IpAddr::V6(addr) => (addr.to_bits(), port),
    }
}

/// Two endpoints, the lower first.
#[derive(Clone, Copy, Debug)]
pub(super) enum Key {
    /// Addresses and ports of IPv4.
    V4(Words<3>),
    /// Addresses and ports of IPv6.
    V6(Words<9>),
}

/// Two addresses and two ports, without padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Words<const N: usize>([u32; N]);

impl<const N: usize> Hash for Words<N> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let (pairs, last) = self.0.as_chunks::<2>();
        for [high, low] in pairs {
            state.write_u64(u64::from(*high) << 32 | u64::from(*low));
        }
        for word in last {
            state.write_u32(*word);
        }
    }
}

impl Key {
    /// The packet's key, and whether its source is the lower endpoint.
    pub(super) fn of(packet: &Packet<&[u8]>, segment: &Segment) -> (Key, bool) {
        let (from, to) = (segment.src_port, segment.dst_port);
        let ports = |low: u16, high: u16| u32::from(low) << 16 | u32::from(high);
        if let (IpAddr::V4(src), IpAddr::V4(dst)) = (packet.ip.src, packet.ip.dst) {
            let (src, dst) = (src.to_bits(), dst.to_bits());
            return if (src, from) <= (dst, to) {
                (Key::V4(Words([src, dst, ports(from, to)])), true)
            } else {
                (Key::V4(Words([dst, src, ports(to, from)])), false)
            };
        }
        let (src, dst) = (rank(packet.ip.src, from), rank(packet.ip.dst, to));
        let forward = src <= dst;
        let ((low, low_port), (high, high_port)) = if forward { (src, dst) } else { (dst, src) };
        let word = |addr: u128, at: u32| (addr >> (96 - 32 * at)) as u32;
        let words = [
            word(low, 0),
            word(low, 1),
            word(low, 2),
            word(low, 3),
            word(high, 0),
            word(high, 1),
            word(high, 2),
            word(high, 3),
            ports(low_port, high_port),
        ];
        (Key::V6(Words(words)), forward)
    }
}

impl Key {
    /// Both endpoints, the lower first.
    pub(super) fn ends(&self) -> [SocketAddr; 2] {
        match self {
            Key::V4(Words([low, high, ports])) => [(low, ports >> 16), (high, ports & 0xffff)]
                .map(|(addr, port)| SocketAddr::new(Ipv4Addr::from_bits(*addr).into(), port as u16)),
            Key::V6(Words([addrs @ .., ports])) => {
                let addr = |words: &[u32]| {
                    Ipv6Addr::from_bits(words.iter().fold(0, |bits, word| bits << 32 | u128::from(*word)))
                };
                let (low, high) = addrs.split_at(4);
                let (low, high) = (addr(low), addr(high));
                [(low, ports >> 16), (high, ports & 0xffff)]
                    .map(|(addr, port)| SocketAddr::new(addr.into(), port as u16))
            }
        }
    }
}

/// A number for each pair of endpoints.
#[derive(Debug, Default)]
pub(super) struct Table {
    v4: FxHashMap<Words<3>, u32>,
    v6: FxHashMap<Words<9>, u32>,
}

impl Table {
    #[inline]
    pub(super) fn get(&self, key: &Key) -> Option<u32> {
        match key {
            Key::V4(words) => self.v4.get(words).copied(),
            Key::V6(words) => self.v6.get(words).copied(),
        }
    }

    pub(super) fn insert(&mut self, key: Key, number: u32) {
        match key {
            Key::V4(words) => self.v4.insert(words, number),
            Key::V6(words) => self.v6.insert(words, number),
        };
    }

    pub(super) fn remove(&mut self, key: &Key) {
        match key {
            Key::V4(words) => self.v4.remove(words),
            Key::V6(words) => self.v6.remove(words),
        };
    }
}
