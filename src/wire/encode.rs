//! Packets to bytes: header fields through pnet's views, lengths and checksums computed.

use std::net::IpAddr;

use pnet::packet::ip::IpNextHeaderProtocol;
use pnet::packet::ip::IpNextHeaderProtocols::{Tcp, Udp};
use pnet::packet::ipv4::{Ipv4Flags, MutableIpv4Packet};
use pnet::packet::ipv6::MutableIpv6Packet;
use pnet::packet::tcp::MutableTcpPacket;
use pnet::packet::udp::MutableUdpPacket;

use super::checksum::{Sum, mapped};
use super::{Datagram, Ip, Segment, Transport};

/// The longest headers: IPv6 and a TCP header with 40 octets of options.
const MOST: usize = 40 + 60;

/// Appends the packet's bytes to `out`.
///
/// Lengths and checksums are computed; `total_len`, `len` and `checksum` of the arguments are ignored.
/// Options are padded with zeros to whole words. Decoding the bytes gives the arguments back, those
/// computed fields aside. A packet longer than its length field can tell gets zero there, as Linux does.
/// Should one address be IPv4 and the other IPv6, the former is written mapped into IPv6.
pub fn encode_ip(ip: &Ip, transport: &Transport, payload: &[u8], out: &mut Vec<u8>) {
    let mut headers = [0u8; MOST];
    let (transport_len, protocol) = match transport {
        Transport::Tcp(segment) => (segment.header_len(), Tcp.0),
        Transport::Udp(_) => (8, Udp.0),
        Transport::Other { protocol } => (0, *protocol),
    };
    let body_len = transport_len + payload.len();
    let ip_len = write_ip(ip, protocol, body_len, &mut headers);
    let pseudo = || Sum::pseudo(ip.src, ip.dst, protocol, body_len as u32).add(payload);
    let all = ip_len + transport_len;
    if let Some(room) = headers.get_mut(ip_len..all) {
        match transport {
            Transport::Tcp(segment) => write_tcp(segment, pseudo(), room),
            Transport::Udp(datagram) => write_udp(datagram, body_len, pseudo(), room),
            Transport::Other { .. } => {}
        }
    }
    out.reserve(all + payload.len());
    out.extend_from_slice(&headers[..all.min(MOST)]);
    out.extend_from_slice(payload);
}

/// Writes the IP header and says how long it is.
#[inline]
fn write_ip(ip: &Ip, protocol: u8, body_len: usize, headers: &mut [u8; MOST]) -> usize {
    if let (IpAddr::V4(src), IpAddr::V4(dst)) = (ip.src, ip.dst) {
        let room = &mut headers[..20];
        if let Some(mut view) = MutableIpv4Packet::new(room) {
            view.set_version(4);
            view.set_header_length(5);
            view.set_dscp(ip.tos >> 2);
            view.set_ecn(ip.tos & 3);
            view.set_total_length(u16::try_from(20 + body_len).unwrap_or(0));
            view.set_identification(ip.id);
            view.set_flags(if ip.dont_fragment { Ipv4Flags::DontFragment } else { 0 });
            view.set_ttl(ip.ttl);
            view.set_next_level_protocol(IpNextHeaderProtocol(protocol));
            view.set_source(src);
            view.set_destination(dst);
        }
        let checksum = Sum::of(room).checksum();
        room[10..12].copy_from_slice(&checksum.to_be_bytes());
        20
    } else {
        if let Some(mut view) = MutableIpv6Packet::new(&mut headers[..40]) {
            view.set_version(6);
            view.set_traffic_class(ip.tos);
            view.set_payload_length(u16::try_from(body_len).unwrap_or(0));
            view.set_next_header(IpNextHeaderProtocol(protocol));
            view.set_hop_limit(ip.ttl);
            view.set_source(mapped(ip.src));
            view.set_destination(mapped(ip.dst));
        }
        40
    }
}

/// Writes a TCP header into `room`, which is as long as it; `sum` covers the pseudo-header and the text.
#[inline]
fn write_tcp(segment: &Segment, sum: Sum, room: &mut [u8]) {
    let words = (room.len() / 4) as u8;
    let options = segment.options.as_bytes();
    if let Some(mut view) = MutableTcpPacket::new(room) {
        let bits = segment.flags.bits();
        view.set_source(segment.src_port);
        view.set_destination(segment.dst_port);
        view.set_sequence(segment.seq.0);
        view.set_acknowledgement(segment.ack.0);
        view.set_data_offset(words);
        view.set_reserved((bits >> 8) as u8);
        view.set_flags(bits as u8);
        view.set_window(segment.window);
        view.set_urgent_ptr(segment.urgent);
    }
    if let Some(place) = room.get_mut(20..20 + options.len()) {
        place.copy_from_slice(options);
    }
    let checksum = sum.add(room).checksum();
    room[16..18].copy_from_slice(&checksum.to_be_bytes());
}

/// Writes a UDP header into `room`; `sum` covers the pseudo-header and the text.
fn write_udp(datagram: &Datagram, body_len: usize, sum: Sum, room: &mut [u8]) {
    if let Some(mut view) = MutableUdpPacket::new(room) {
        view.set_source(datagram.src_port);
        view.set_destination(datagram.dst_port);
        view.set_length(u16::try_from(body_len).unwrap_or(0));
    }
    // Zero would say that no checksum was made (RFC 768).
    let checksum = match sum.add(room).checksum() {
        0 => 0xffff,
        checksum => checksum,
    };
    room[6..8].copy_from_slice(&checksum.to_be_bytes());
}
