//! Bytes to packets: header fields through pnet's views, everything odd recorded as a [`Defect`].
//!
//! Nothing here allocates. Checks that common traffic passes are gathered into one comparison each,
//! and the reasons are looked for only when that comparison fails.

use pnet::packet::ip::IpNextHeaderProtocols::{Tcp, Udp};
use pnet::packet::ipv4::{Ipv4Flags, Ipv4Packet};
use pnet::packet::ipv6::Ipv6Packet;

use super::checksum::Sum;
use super::link::{self, Layer, LinkType};
use super::{Defect, Defects, Ip, Packet};

mod extension;
mod plain;
mod transport;

use plain::decode_plain;

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
pub fn decode_ip(bytes: &[u8]) -> Result<Packet<&[u8]>, DecodeError> {
    decode(bytes, None)
}

/// Reads the IP packet inside a frame of this link.
///
/// # Errors
/// As [`decode_ip`], and when the link header is cut or carries something else than IP.
pub fn decode_frame(link: LinkType, bytes: &[u8]) -> Result<Packet<&[u8]>, DecodeError> {
    decode(link::strip(link, bytes)?, None)
}

/// Reads a frame of which `original_len` octets were on the link and `bytes` were captured, so that a
/// header which tells of more octets than the frame had is known to be wrong
/// ([`Defect::BadIpLength`]).
///
/// # Errors
/// As [`decode_frame`].
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
    /// The sum of the addresses, when the checksum can be verified at all.
    addresses: Option<Sum>,
}

#[inline]
fn decode(bytes: &[u8], frame_len: Option<usize>) -> Result<Packet<&[u8]>, DecodeError> {
    match decode_plain(bytes) {
        Some(packet) => Ok(packet),
        None => decode_any(bytes, frame_len),
    }
}

/// Reads a packet of any shape.
#[cold]
#[inline(never)]
fn decode_any(bytes: &[u8], frame_len: Option<usize>) -> Result<Packet<&[u8]>, DecodeError> {
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
    let (plain, _) = bytes.split_first_chunk::<20>().ok_or(too_short(20))?;
    let mut defects = Defects::NONE;
    let mut sum = Sum::ZERO.add_block(plain);
    let mut addresses = Some(Sum::of(&plain[12..]));
    let mut header_len = usize::from(view.get_header_length()) * 4;
    if header_len != 20 {
        if header_len < 20 {
            defects.insert(Defect::BadIpLength);
            header_len = 20;
        }
        let options = bytes.get(20..header_len).ok_or(too_short(header_len))?;
        sum = sum.add_bytes(options);
        if is_source_routed(options) {
            // The pseudo-header holds the last hop's address, which is not in the header's place for it yet.
            addresses = None;
        }
    }
    defects |= header_defects(sum);
    let most = usize::from(u16::MAX);
    let told = usize::from(view.get_total_length());
    let total_len = extent(told, header_len, bytes.len(), frame_len, most, &mut defects);
    let body = Body {
        bytes: &bytes[header_len..total_len.min(bytes.len())],
        len: total_len - header_len,
        protocol: view.get_next_level_protocol().0,
        addresses,
    };
    let fragment = view.get_fragment_offset() != 0 || view.get_flags() & Ipv4Flags::MoreFragments != 0;
    if fragment || body.protocol != Tcp.0 {
        return decode_v4_rest(plain, total_len, body, defects);
    }
    transport::decode_tcp(ip_v4(&view, total_len), &body, defects)
}

/// What is wrong with an IPv4 header of this sum, its checksum included.
#[inline]
fn header_defects(sum: Sum) -> Defects {
    let mut defects = Defects::NONE;
    if !sum.is_intact() {
        defects.insert(Defect::BadIpChecksum);
    }
    defects
}

/// Reads what is no TCP segment in one piece.
#[inline(never)]
fn decode_v4_rest<'a>(
    header: &[u8; 20],
    total_len: usize,
    body: Body<'a>,
    defects: Defects,
) -> Result<Packet<&'a [u8]>, DecodeError> {
    let too_short = DecodeError::TooShort { layer: Layer::Ip, needed: 20, found: header.len() };
    let view = Ipv4Packet::new(header).ok_or(too_short)?;
    let ip = ip_v4(&view, total_len);
    let later = view.get_fragment_offset() != 0;
    if later || view.get_flags() & Ipv4Flags::MoreFragments != 0 {
        transport::decode_fragment(ip, body, later, defects)
    } else {
        transport::decode_whole(ip, &body, defects)
    }
}

// Addresses go through their octets: without `std`, pnet has address types of its own.
#[allow(clippy::inline_always)] // as transport::decode_tcp
#[inline(always)]
fn ip_v4(view: &Ipv4Packet<'_>, total_len: usize) -> Ip {
    Ip {
        src: view.get_source().octets().into(),
        dst: view.get_destination().octets().into(),
        ttl: view.get_ttl(),
        tos: view.get_dscp() << 2 | view.get_ecn(),
        id: view.get_identification(),
        dont_fragment: view.get_flags() & Ipv4Flags::DontFragment != 0,
        total_len: total_len as u32,
    }
}

#[inline]
fn decode_v6(bytes: &[u8], frame_len: Option<usize>) -> Result<Packet<&[u8]>, DecodeError> {
    let too_short = DecodeError::TooShort { layer: Layer::Ip, needed: 40, found: bytes.len() };
    let view = Ipv6Packet::new(bytes).ok_or(too_short)?;
    let (header, _) = bytes.split_first_chunk::<40>().ok_or(too_short)?;
    let mut defects = Defects::NONE;
    let payload_len = usize::from(view.get_payload_length());
    let next = view.get_next_header().0;
    let told = match (payload_len, next) {
        // A jumbogram tells its length in a hop-by-hop option.
        (0, extension::HOP_BY_HOP) => frame_len.unwrap_or(bytes.len()),
        // No transport has an empty header: its length was left to the card.
        (0, next) if bytes.len() > 40 && (next == Tcp.0 || next == Udp.0) => 0,
        (0, _) => 40,
        _ => 40 + payload_len,
    };
    let most = 40 + usize::from(u16::MAX);
    let total_len = extent(told, 40, bytes.len(), frame_len, most, &mut defects);
    let ip = Ip {
        src: view.get_source().octets().into(),
        dst: view.get_destination().octets().into(),
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
        addresses: Some(Sum::of(&header[8..])),
    };
    let mut fragment = None;
    if extension::is_extension(next) {
        let walk = extension::walk(next, body.bytes, body.len);
        defects |= walk.defects;
        body.bytes = walk.rest;
        body.len = walk.len;
        body.protocol = walk.protocol;
        if walk.routed {
            body.addresses = None;
        }
        fragment = walk.fragment;
    }
    if let Some(later) = fragment {
        transport::decode_fragment(ip, body, later, defects)
    } else {
        transport::decode_whole(ip, &body, defects)
    }
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
    let (total_len, odd) = odd_extent(told, header_len, captured, frame_len, most);
    *defects |= odd;
    total_len
}

#[cold]
fn odd_extent(
    told: usize,
    header_len: usize,
    captured: usize,
    frame_len: Option<usize>,
    most: usize,
) -> (usize, Defects) {
    let mut defects = Defects::NONE;
    if told >= header_len && frame_len.is_none_or(|frame_len| told <= frame_len) {
        defects.insert(Defect::CutOff);
        return (told, defects);
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
    (frame_len, defects)
}

/// Whether IPv4 options hold a source route that has not been used up (RFC 791 §3.1).
#[cold]
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
