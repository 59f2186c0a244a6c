//! The transport header inside an IP packet: TCP or UDP.

use pnet::packet::ip::IpNextHeaderProtocols::{Tcp, Udp};
use pnet::packet::tcp::TcpPacket;
use pnet::packet::udp::UdpPacket;

use super::{Body, DecodeError, Layer, Sum};
use crate::wire::{
    Datagram, Defect, Defects, Flags, Ip, Options, Packet, Segment, SeqNumber, Transport, options,
};

/// Reads what a fragment holds: of the first one the transport header too, of a later one nothing more.
#[cold]
pub(super) fn decode_fragment(
    ip: Ip,
    mut body: Body<'_>,
    later: bool,
    mut defects: Defects,
) -> Result<Packet<&[u8]>, DecodeError> {
    // The checksum covers the whole datagram.
    body.addresses = None;
    if later {
        defects.insert(Defect::Fragment);
        return Ok(opaque(ip, &body, defects));
    }
    defects.insert(Defect::FirstFragment);
    decode_whole(ip, &body, defects)
}

/// Reads the transport header and what follows it.
#[inline(never)]
pub(super) fn decode_whole<'a>(
    ip: Ip,
    body: &Body<'a>,
    defects: Defects,
) -> Result<Packet<&'a [u8]>, DecodeError> {
    if body.protocol == Tcp.0 {
        decode_tcp(ip, body, defects)
    } else if body.protocol == Udp.0 {
        decode_udp(ip, body, defects)
    } else {
        Ok(opaque(ip, body, defects))
    }
}

fn opaque<'a>(ip: Ip, body: &Body<'a>, mut defects: Defects) -> Packet<&'a [u8]> {
    if body.bytes.len() < body.len {
        defects.insert(Defect::CutOff);
    }
    Packet { ip, transport: Transport::Other { protocol: body.protocol }, payload: body.bytes, defects }
}

/// Reads a TCP segment.
// A packet is large: inlined, its parts go straight to the place that the caller gave for it.
#[allow(clippy::inline_always)]
#[inline(always)]
pub(super) fn decode_tcp<'a>(
    ip: Ip,
    body: &Body<'a>,
    mut defects: Defects,
) -> Result<Packet<&'a [u8]>, DecodeError> {
    let bytes = body.bytes;
    let too_short = DecodeError::TooShort { layer: Layer::Tcp, needed: 20, found: bytes.len() };
    let view = TcpPacket::new(bytes).ok_or(too_short)?;
    let header_len = usize::from(view.get_data_offset()) * 4;
    let (header, payload, len) = if header_len >= 20 && header_len <= bytes.len() {
        let (header, payload) = bytes.split_at(header_len);
        (header, payload, body.len - header_len)
    } else if header_len >= 20 && header_len <= body.len {
        // Cut off within the options.
        (bytes, &bytes[bytes.len()..], body.len - header_len)
    } else {
        // What is text cannot be told, so none is shown and no sequence number is taken by it.
        defects.insert(Defect::BadDataOffset);
        (&bytes[..header_len.clamp(20, bytes.len())], &bytes[bytes.len()..], 0)
    };
    let options = header.get(20..).unwrap_or_default();
    let segment = read_segment(&view, options, len);
    defects |= segment_defects(&view, &segment, options);
    if let Some(addresses) = body.addresses
        && bytes.len() == body.len
    {
        let pseudo = addresses.add_pseudo(Tcp.0, len_of(bytes));
        defects |= verify(pseudo, pseudo.add_bytes(bytes), segment.checksum);
    }
    Ok(Packet { ip, transport: Transport::Tcp(segment), payload, defects })
}

/// The header's fields, with these options and so many octets of text.
#[allow(clippy::inline_always)] // as decode_tcp
#[inline(always)]
pub(super) fn read_segment(view: &TcpPacket<'_>, options: &[u8], len: usize) -> Segment {
    let options = Options::from_bytes(options);
    Segment {
        src_port: view.get_source(),
        dst_port: view.get_destination(),
        seq: SeqNumber(view.get_sequence()),
        ack: SeqNumber(view.get_acknowledgement()),
        flags: Flags::from_bits(u16::from(view.get_reserved() & 1) << 8 | u16::from(view.get_flags())),
        window: view.get_window(),
        checksum: view.get_checksum(),
        urgent: view.get_urgent_ptr(),
        len: len as u32,
        options,
    }
}

/// What is odd about a header, which `segment` was read from, and these options in it.
fn segment_defects(view: &TcpPacket<'_>, segment: &Segment, options: &[u8]) -> Defects {
    if segment_is_fine(view, segment, options) {
        return Defects::NONE;
    }
    let mut defects = segment.field_defects();
    if has_reserved_bits(view) {
        defects.insert(Defect::ReservedBits);
    }
    defects |= options::defects(options, segment.flags.syn());
    defects
}

/// Whether nothing is odd about them.
#[allow(clippy::inline_always)] // as decode_tcp
#[inline(always)]
pub(super) fn segment_is_fine(view: &TcpPacket<'_>, segment: &Segment, options: &[u8]) -> bool {
    segment.fields_are_fine() && !has_reserved_bits(view) && options::are_usual(options, segment.flags.syn())
}

#[inline]
fn has_reserved_bits(view: &TcpPacket<'_>) -> bool {
    view.get_reserved() & !1 != 0
}

fn len_of(bytes: &[u8]) -> u32 {
    bytes.len() as u32
}

/// What is wrong with a checksum, by the sum of the pseudo-header and the sum of everything.
#[inline]
fn verify(pseudo: Sum, whole: Sum, field: u16) -> Defects {
    if whole.is_intact() { Defects::NONE } else { bad_checksum(pseudo, field) }
}

/// What is wrong with a checksum that is not right.
#[cold]
pub(super) fn bad_checksum(pseudo: Sum, field: u16) -> Defects {
    let mut defects = Defects::NONE;
    // The card was to add the rest: all that is in the field is the pseudo-header's sum.
    let offloaded = field == pseudo.folded();
    defects.insert(if offloaded { Defect::OffloadedChecksum } else { Defect::BadChecksum });
    defects
}

fn decode_udp<'a>(ip: Ip, body: &Body<'a>, mut defects: Defects) -> Result<Packet<&'a [u8]>, DecodeError> {
    let bytes = body.bytes;
    let too_short = DecodeError::TooShort { layer: Layer::Udp, needed: 8, found: bytes.len() };
    let view = UdpPacket::new(bytes).ok_or(too_short)?;
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
    if let Some(addresses) = body.addresses
        && bytes.len() == whole
        && !none_made
    {
        let pseudo = addresses.add_pseudo(Udp.0, len_of(bytes));
        defects |= verify(pseudo, pseudo.add_bytes(bytes), datagram.checksum);
    }
    Ok(Packet { ip, transport: Transport::Udp(datagram), payload: &bytes[8..], defects })
}
