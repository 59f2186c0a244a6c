//! Both ends of a connection as one key.

use std::hash::{Hash, Hasher};
use std::net::{IpAddr, SocketAddr};

use crate::wire::{Packet, Segment};

/// Addresses and ports in fixed places, so that finding a connection is comparing a few words. IPv4
/// addresses stand as IPv6 has them mapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ends {
    local: u128,
    remote: u128,
    /// The version of IP above the local port above the remote one: an address that is mapped is another one.
    ports: u64,
}

impl Ends {
    #[inline]
    pub(super) fn new(local: SocketAddr, remote: SocketAddr) -> Self {
        Ends {
            local: bits(local.ip()),
            remote: bits(remote.ip()),
            ports: ports(local.ip(), local.port(), remote.port()),
        }
    }

    /// The ends of the connection that a segment which arrives would belong to.
    #[inline]
    pub(super) fn of_arriving(packet: &Packet<&[u8]>, segment: &Segment) -> Self {
        Ends {
            local: bits(packet.ip.dst),
            remote: bits(packet.ip.src),
            ports: ports(packet.ip.dst, segment.dst_port, segment.src_port),
        }
    }

    pub(super) fn local_port(&self) -> u16 {
        (self.ports >> 16) as u16
    }
}

impl Hash for Ends {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        // The upper halves of mapped addresses are the same; those of others are mixed in.
        let mixed = self.local.rotate_left(31) ^ self.remote;
        state.write_u64(mixed as u64 ^ (mixed >> 64) as u64);
        state.write_u64(self.ports);
    }
}

#[inline]
fn bits(addr: IpAddr) -> u128 {
    match addr {
        IpAddr::V4(v4) => 0xffff_0000_0000 | u128::from(v4.to_bits()),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

#[inline]
fn ports(addr: IpAddr, local: u16, remote: u16) -> u64 {
    u64::from(addr.is_ipv6()) << 32 | u64::from(local) << 16 | u64::from(remote)
}
