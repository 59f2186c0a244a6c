//! Bytes to packets: header fields through pnet's views, everything odd recorded as a [`Defect`].
//!
//! Nothing here allocates. Checks that common traffic passes are gathered into one comparison each,
//! and the reasons are looked for only when that comparison fails.

use std::net::IpAddr;

use pnet::packet::ip::IpNextHeaderProtocols::{Tcp, Udp};
use pnet::packet::ipv4::{Ipv4Flags, Ipv4Packet};
use pnet::packet::ipv6::Ipv6Packet;
use pnet::packet::tcp::TcpPacket;
use pnet::packet::udp::UdpPacket;

use super::checksum::Sum;
use super::link::{self, Layer, LinkType};
use super::{Datagram, Defect, Defects, Flags, Ip, Options, Packet, Segment, SeqNumber, Transport};

mod extension;

/// Why bytes could not be read as a packet at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// A header does not fit into the bytes that are there.
    #[error("a {} header takes {needed} bytes; {found} are there", layer.name())]
    TooShort {
        /// Whose header it would be.
        layer: Layer,
        /// Octets of the smallest such header.
        needed: usize,
        /// Octets that are there.
        found: usize,
    },
    /// The frame carries something else than IP: ARP, for example.
    #[error("not an IP packet: protocol 0x{protocol:04x}")]
    NotIp {
        /// The Ethernet type, or a BSD address family.
        protocol: u16,
    },
    /// The first octet is neither that of IPv4 nor that of IPv6.
    #[error("not an IP packet: version {version}, where 4 or 6 was expected")]
    NotIpVersion {
        /// The version in the first octet's high half.
        version: u8,
    },
    /// Frames of this link cannot be read.
    #[error("link type {number} is not one that can be read")]
    UnknownLink {
        /// The link's number in capture files.
        number: u16,
    },
}

/// Reads an IPv4 or IPv6 packet.
///
/// When the header tells of more octets than `bytes` has, they are taken as lost by the capture
/// ([`Defect::CutOff`]); [`decode_captured`] can tell that from a wrong length.
///
/// # Errors
/// When the bytes are too few for the IP header or the TCP or UDP header, or no IP at all.
#[inline]
pub fn decode_ip(bytes: &[u8]) -> Result<Packet<&[u8]>, DecodeError> {
    decode(bytes, None)
}

/// Reads the IP packet inside a frame of this link.
///
/// # Errors
/// As [`decode_ip`], and when the link header is cut or carries something else than IP.
#[inline]
pub fn decode_frame(link: LinkType, bytes: &[u8]) -> Result<Packet<&[u8]>, DecodeError> {
    decode(link::strip(link, bytes)?, None)
}

/// Reads a frame of which `original_len` octets were on the link and `bytes` were captured, so that a
/// header which tells of more octets than the frame had is known to be wrong
/// ([`Defect::BadIpLength`]).
///
/// # Errors
/// As [`decode_frame`].
#[inline]
pub fn decode_captured(
    link: LinkType,
    bytes: &[u8],
    original_len: usize,
) -> Result<Packet<&[u8]>, DecodeError> {
    let ip = link::strip(link, bytes)?;
    decode(ip, Some(original_len.saturating_sub(bytes.len() - ip.len())))
}

/// The part of an IP packet that its transport may read.
struct Body<'a> {
    /// The octets after the IP headers that were captured.
    bytes: &'a [u8],
    /// How many there were on the wire.
    len: usize,
    protocol: u8,
    /// The datagram's first octets, and with them the transport header, are in another packet.
    later_fragment: bool,
    /// The sum of the pseudo-header, when the checksum can be verified at all.
    pseudo: Option<Sum>,
}

#[inline]
fn decode(bytes: &[u8], frame_len: Option<usize>) -> Result<Packet<&[u8]>, DecodeError> {
    match bytes.first().map(|first| first >> 4) {
        Some(4) => decode_v4(bytes, frame_len),
        Some(6) => decode_v6(bytes, frame_len),
        Some(version) => Err(DecodeError::NotIpVersion { version }),
        None => Err(DecodeError::TooShort { layer: Layer::Ip, needed: 20, found: 0 }),
    }
}

#[inline]
fn decode_v4(bytes: &[u8], frame_len: Option<usize>) -> Result<Packet<&[u8]>, DecodeError> {
    let too_short = |needed| DecodeError::TooShort { layer: Layer::Ip, needed, found: bytes.len() };
    let view = Ipv4Packet::new(bytes).ok_or(too_short(20))?;
    let mut defects = Defects::NONE;
    let mut header_len = usize::from(view.get_header_length()) * 4;
    if header_len < 20 {
        defects.insert(Defect::BadIpLength);
        header_len = 20;
    }
    let (header, _) = bytes.split_at_checked(header_len).ok_or(too_short(header_len))?;
    let header_sum = if let Some(plain) = header.first_chunk::<20>().filter(|_| header.len() == 20) {
        Sum::of(plain)
    } else {
        Sum::of(header)
    };
    if header_sum.folded() != 0xffff {
        defects.insert(Defect::BadIpChecksum);
    }
    let total_len = extent(
        usize::from(view.get_total_length()),
        header_len,
        bytes.len(),
        frame_len,
        usize::from(u16::MAX),
        &mut defects,
    );
    let (src, dst) = (view.get_source(), view.get_destination());
    let flags = view.get_flags();
    let ip = Ip {
        src: IpAddr::V4(src),
        dst: IpAddr::V4(dst),
        ttl: view.get_ttl(),
        tos: view.get_dscp() << 2 | view.get_ecn(),
        id: view.get_identification(),
        dont_fragment: flags & Ipv4Flags::DontFragment != 0,
        total_len: total_len as u32,
    };
    let protocol = view.get_next_level_protocol().0;
    let len = total_len - header_len;
    let mut body = Body {
        bytes: &bytes[header_len..total_len.min(bytes.len())],
        len,
        protocol,
        later_fragment: false,
        pseudo: Some(Sum::pseudo(ip.src, ip.dst, protocol, len as u32)),
    };
    let offset = view.get_fragment_offset();
    if offset != 0 || flags & Ipv4Flags::MoreFragments != 0 {
        note_fragment(offset != 0, &mut body, &mut defects);
    }
    if header_len > 20 && is_source_routed(&header[20..]) {
        // The pseudo-header holds the last hop's address, which the packet does not carry in `dst` yet.
        body.pseudo = None;
    }
    decode_transport(ip, &body, defects)
}

#[inline]
fn decode_v6(bytes: &[u8], frame_len: Option<usize>) -> Result<Packet<&[u8]>, DecodeError> {
    let view = Ipv6Packet::new(bytes).ok_or(DecodeError::TooShort {
        layer: Layer::Ip,
        needed: 40,
        found: bytes.len(),
    })?;
    let mut defects = Defects::NONE;
    let payload_len = usize::from(view.get_payload_length());
    let next = view.get_next_header().0;
    let told = match (payload_len, next) {
        // A jumbogram tells its length in a hop-by-hop option.
        (0, extension::HOP_BY_HOP) => frame_len.unwrap_or(bytes.len()),
        (0, extension::NO_NEXT) => 40,
        (0, _) => 0,
        _ => 40 + payload_len,
    };
    let most = 40 + usize::from(u16::MAX);
    let total_len = extent(told, 40, bytes.len(), frame_len, most, &mut defects);
    let ip = Ip {
        src: IpAddr::V6(view.get_source()),
        dst: IpAddr::V6(view.get_destination()),
        ttl: view.get_hop_limit(),
        tos: view.get_traffic_class(),
        id: 0,
        dont_fragment: true,
        total_len: total_len as u32,
    };
    let mut body = Body {
        bytes: &bytes[40..total_len.min(bytes.len())],
        len: total_len - 40,
        protocol: next,
        later_fragment: false,
        pseudo: None,
    };
    let mut routed = false;
    let mut fragment = None;
    if extension::is_extension(next) {
        let walk = extension::walk(next, body.bytes, body.len);
        defects |= walk.defects;
        body.bytes = walk.rest;
        body.len = walk.len;
        body.protocol = walk.protocol;
        routed = walk.routed;
        fragment = walk.fragment;
    }
    if !routed {
        body.pseudo = Some(Sum::pseudo(ip.src, ip.dst, body.protocol, body.len as u32));
    }
    if let Some(later) = fragment {
        note_fragment(later, &mut body, &mut defects);
    }
    decode_transport(ip, &body, defects)
}

/// The octets of the packet: what its header tells, as far as that can be.
#[inline]
fn extent(
    told: usize,
    header_len: usize,
    captured: usize,
    frame_len: Option<usize>,
    most: usize,
    defects: &mut Defects,
) -> usize {
    if told >= header_len && told <= captured {
        return told;
    }
    if told >= header_len && frame_len.is_none_or(|frame_len| told <= frame_len) {
        defects.insert(Defect::CutOff);
        return told;
    }
    // A length of zero on more octets than the field can tell is how Linux writes packets that it
    // hands to the card in one piece; nothing is wrong with it.
    if told != 0 || captured <= most {
        defects.insert(Defect::BadIpLength);
    }
    let frame_len = frame_len.unwrap_or(captured).max(captured);
    if frame_len > captured {
        defects.insert(Defect::CutOff);
    }
    frame_len
}

fn note_fragment(later: bool, body: &mut Body<'_>, defects: &mut Defects) {
    body.later_fragment = later;
    body.pseudo = None;
    defects.insert(if later { Defect::Fragment } else { Defect::FirstFragment });
}

/// Whether IPv4 options hold a source route that has not been used up (RFC 791 §3.1).
fn is_source_routed(mut options: &[u8]) -> bool {
    while let [kind, after @ ..] = options {
        match kind {
            0 => return false,
            1 => options = after,
            _ => {
                let (Some(&len), Some(&pointer)) = (after.first(), after.get(1)) else { return false };
                if matches!(kind, 131 | 137) {
                    return pointer <= len;
                }
                let Some(rest) = options.get(usize::from(len).max(2)..) else { return false };
                options = rest;
            }
        }
    }
    false
}

#[inline]
fn decode_transport<'a>(
    ip: Ip,
    body: &Body<'a>,
    mut defects: Defects,
) -> Result<Packet<&'a [u8]>, DecodeError> {
    if body.protocol == Tcp.0 && !body.later_fragment {
        decode_tcp(ip, body, defects)
    } else if body.protocol == Udp.0 && !body.later_fragment {
        decode_udp(ip, body, defects)
    } else {
        if body.bytes.len() < body.len {
            defects.insert(Defect::CutOff);
        }
        let transport = Transport::Other { protocol: body.protocol };
        Ok(Packet { ip, transport, payload: body.bytes, defects })
    }
}

#[inline]
fn decode_tcp<'a>(ip: Ip, body: &Body<'a>, mut defects: Defects) -> Result<Packet<&'a [u8]>, DecodeError> {
    let bytes = body.bytes;
    let view = TcpPacket::new(bytes).ok_or(DecodeError::TooShort {
        layer: Layer::Tcp,
        needed: 20,
        found: bytes.len(),
    })?;
    let header_len = usize::from(view.get_data_offset()) * 4;
    let reserved = view.get_reserved();
    let flags = Flags::from_bits(u16::from(reserved & 1) << 8 | u16::from(view.get_flags()));
    let (options, payload, len) = if header_len >= 20 && header_len <= bytes.len() {
        let (header, payload) = bytes.split_at(header_len);
        (Options::from_bytes(&header[20..]), payload, body.len - header_len)
    } else if header_len >= 20 && header_len <= body.len {
        // Cut off within the options.
        (Options::from_bytes(&bytes[20..]), &bytes[bytes.len()..], body.len - header_len)
    } else {
        // What is text cannot be told, so none is shown and no sequence number is taken by it.
        defects.insert(Defect::BadDataOffset);
        let end = header_len.clamp(20, bytes.len());
        (Options::from_bytes(&bytes[20..end]), &bytes[bytes.len()..], 0)
    };
    let segment = Segment {
        src_port: view.get_source(),
        dst_port: view.get_destination(),
        seq: SeqNumber(view.get_sequence()),
        ack: SeqNumber(view.get_acknowledgement()),
        flags,
        window: view.get_window(),
        checksum: view.get_checksum(),
        urgent: view.get_urgent_ptr(),
        len: len as u32,
        options,
    };
    if reserved & !1 != 0 {
        defects.insert(Defect::ReservedBits);
    }
    defects |= segment.field_defects();
    defects |= segment.options.defects(flags.syn());
    if let Some(pseudo) = body.pseudo
        && bytes.len() == body.len
    {
        verify(pseudo, bytes, segment.checksum, &mut defects);
    }
    Ok(Packet { ip, transport: Transport::Tcp(segment), payload, defects })
}

#[inline]
fn verify(pseudo: Sum, bytes: &[u8], field: u16, defects: &mut Defects) {
    if pseudo.add(bytes).folded() != 0xffff {
        let offloaded = field == pseudo.folded();
        defects.insert(if offloaded { Defect::OffloadedChecksum } else { Defect::BadChecksum });
    }
}

fn decode_udp<'a>(ip: Ip, body: &Body<'a>, mut defects: Defects) -> Result<Packet<&'a [u8]>, DecodeError> {
    let bytes = body.bytes;
    let view = UdpPacket::new(bytes).ok_or(DecodeError::TooShort {
        layer: Layer::Udp,
        needed: 8,
        found: bytes.len(),
    })?;
    let told = usize::from(view.get_length());
    // Zero stands for a jumbogram (RFC 2675 §4); a first fragment holds less than its header tells.
    let jumbo = told == 0 && body.len > usize::from(u16::MAX);
    let partial = told >= 8 && defects.contains(Defect::FirstFragment);
    let whole = if told == body.len || jumbo || partial {
        body.len
    } else {
        defects.insert(Defect::BadUdpLength);
        if (8..body.len).contains(&told) { told } else { body.len }
    };
    let bytes = &bytes[..whole.min(bytes.len())];
    let datagram = Datagram {
        src_port: view.get_source(),
        dst_port: view.get_destination(),
        checksum: view.get_checksum(),
        len: (whole - 8) as u32,
    };
    if datagram.src_port == 0 || datagram.dst_port == 0 {
        defects.insert(Defect::PortZero);
    }
    // In IPv4 a checksum of zero says that the sender made none (RFC 768).
    let none_made = datagram.checksum == 0 && ip.src.is_ipv4();
    if body.pseudo.is_some() && bytes.len() == whole && !none_made {
        let pseudo = Sum::pseudo(ip.src, ip.dst, Udp.0, whole as u32);
        verify(pseudo, bytes, datagram.checksum, &mut defects);
    }
    Ok(Packet { ip, transport: Transport::Udp(datagram), payload: &bytes[8..], defects })
}
