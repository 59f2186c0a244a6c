//! A segment or datagram inside its IP header.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use bytes::Bytes;

use super::{Defects, Segment};

/// The IP header's fields that matter to a conversation.
// In this order no field that moves upwards when the header is built begins a word: there it would be loaded as
// a whole word, and have to wait for what was just written beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(C)]
pub struct Ip {
    /// Octets of the whole IP packet as its header tells; ignored and computed when building.
    pub total_len: u32,
    /// IPv4's don't-fragment bit; always true for IPv6, which no router fragments.
    pub dont_fragment: bool,
    /// Time to live, or IPv6's hop limit.
    pub ttl: u8,
    /// IPv4's identification; zero for IPv6. A network duplicate has the same one, a retransmission another.
    pub id: u16,
    /// Source address.
    pub src: IpAddr,
    /// Destination address; the same family as `src`.
    pub dst: IpAddr,
    /// The type-of-service or traffic-class octet, ECN in its low two bits.
    pub tos: u8,
}

/// A UDP header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Datagram {
    /// Source port.
    pub src_port: u16,
    /// Destination port.
    pub dst_port: u16,
    /// The checksum as it stood on the wire; ignored and computed when building.
    pub checksum: u16,
    /// Octets of payload on the wire.
    pub len: u32,
}

/// What an IP packet carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    /// A TCP segment.
    Tcp(Segment),
    /// A UDP datagram.
    Udp(Datagram),
    /// Another protocol, or a fragment without its header.
    Other {
        /// The protocol's number.
        protocol: u8,
    },
}

/// An IP packet. `P` holds the payload: [`Bytes`] when kept in a timeline, a slice while being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Packet<P = Bytes> {
    /// The IP header.
    pub ip: Ip,
    /// The transport header.
    pub transport: Transport,
    /// The payload's octets that are there (a cut-off capture holds fewer than the header says).
    pub payload: P,
    /// What is odd about it.
    pub defects: Defects,
}

impl Default for Ip {
    fn default() -> Self {
        let unspecified = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        Ip { src: unspecified, dst: unspecified, ttl: 64, tos: 0, id: 0, dont_fragment: true, total_len: 0 }
    }
}

impl<P> Packet<P> {
    /// Source and destination ports; zero where the transport has none.
    pub fn ports(&self) -> (u16, u16) {
        match &self.transport {
            Transport::Tcp(segment) => (segment.src_port, segment.dst_port),
            Transport::Udp(datagram) => (datagram.src_port, datagram.dst_port),
            Transport::Other { .. } => (0, 0),
        }
    }

    /// Source address and port.
    pub fn src(&self) -> SocketAddr {
        SocketAddr::new(self.ip.src, self.ports().0)
    }

    /// Destination address and port.
    pub fn dst(&self) -> SocketAddr {
        SocketAddr::new(self.ip.dst, self.ports().1)
    }

    /// The TCP segment, if it is one.
    pub fn segment(&self) -> Option<&Segment> {
        if let Transport::Tcp(segment) = &self.transport { Some(segment) } else { None }
    }
}

impl Packet<&[u8]> {
    /// The same packet with its payload copied, to be kept.
    pub fn to_owned(&self) -> Packet {
        Packet {
            ip: self.ip,
            transport: self.transport,
            payload: if self.payload.is_empty() {
                Bytes::new()
            } else {
                Bytes::copy_from_slice(self.payload)
            },
            defects: self.defects,
        }
    }
}

impl Packet {
    /// The same packet with its payload borrowed.
    pub fn borrow(&self) -> Packet<&[u8]> {
        Packet { ip: self.ip, transport: self.transport, payload: &self.payload, defects: self.defects }
    }
}
