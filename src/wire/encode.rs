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

/// Appends the packet's bytes to `out`.
///
/// Lengths and checksums are computed; `total_len`, `len` and `checksum` of the arguments are ignored.
/// Options are padded with zeros to whole words. Decoding the bytes gives the arguments back, those
/// computed fields aside. A packet longer than its length field can tell gets zero there, as Linux does.
/// Should one address be IPv4 and the other IPv6, the former is written mapped into IPv6.
pub fn encode_ip(ip: &Ip, transport: &Transport, payload: &[u8], out: &mut Vec<u8>) {
    let (transport_len, protocol) = match transport {
        Transport::Tcp(segment) => (segment.header_len(), Tcp.0),
        Transport::Udp(_) => (8, Udp.0),
        Transport::Other { protocol } => (0, *protocol),
    };
    let body_len = transport_len + payload.len();
    out.reserve(40 + body_len);
    let addresses = put_ip(ip, protocol, body_len, out);
    let sum = || addresses.add_pseudo(protocol, body_len as u32).add_bytes(payload);
    match transport {
        Transport::Tcp(segment) => put_tcp(segment, sum(), out),
        Transport::Udp(datagram) => put_udp(datagram, body_len, sum(), out),
        Transport::Other { .. } => {}
    }
    out.extend_from_slice(payload);
}

/// Appends `N` zeros and gives them back to be written. A fixed number is cheaper than a counted one.
#[inline]
fn room<const N: usize>(out: &mut Vec<u8>) -> &mut [u8] {
    let start = out.len();
    out.extend_from_slice(&[0; N]);
    &mut out[start..]
}

/// Appends the IP header and gives the sum of the addresses.
///
/// Checksums are summed over the fields as they are known: the octets were only just written, and
/// reading them back in wider words would wait for every narrow write.
#[inline]
fn put_ip(ip: &Ip, protocol: u8, body_len: usize, out: &mut Vec<u8>) -> Sum {
    if let (&IpAddr::V4(src), &IpAddr::V4(dst)) = (&ip.src, &ip.dst) {
        let total_len = u16::try_from(20 + body_len).unwrap_or(0);
        let flags = if ip.dont_fragment { Ipv4Flags::DontFragment } else { 0 };
        let addresses = Sum::ZERO.add_u32(src.to_bits()).add_u32(dst.to_bits());
        if let Some(mut view) = MutableIpv4Packet::new(room::<20>(out)) {
            view.set_version(4);
            view.set_header_length(5);
            view.set_dscp(ip.tos >> 2);
            view.set_ecn(ip.tos & 3);
            view.set_total_length(total_len);
            view.set_identification(ip.id);
            view.set_flags(flags);
            view.set_ttl(ip.ttl);
            view.set_next_level_protocol(IpNextHeaderProtocol(protocol));
            // By octets: without `std`, pnet has address types of its own.
            view.set_source(src.octets().into());
            view.set_destination(dst.octets().into());
            let sum = addresses
                .add_u16(u16::from_be_bytes([0x45, ip.tos]))
                .add_u16(total_len)
                .add_u16(ip.id)
                .add_u16(u16::from(flags) << 13)
                .add_u16(u16::from_be_bytes([ip.ttl, protocol]));
            view.set_checksum(sum.checksum());
        }
        addresses
    } else {
        let (src, dst) = (mapped(ip.src), mapped(ip.dst));
        if let Some(mut view) = MutableIpv6Packet::new(room::<40>(out)) {
            view.set_version(6);
            view.set_traffic_class(ip.tos);
            view.set_payload_length(u16::try_from(body_len).unwrap_or(0));
            view.set_next_header(IpNextHeaderProtocol(protocol));
            view.set_hop_limit(ip.ttl);
            view.set_source(src.octets().into());
            view.set_destination(dst.octets().into());
        }
        Sum::of(&src.octets()).add_bytes(&dst.octets())
    }
}

/// Appends a TCP header; `sum` covers the pseudo-header and the text.
#[inline]
fn put_tcp(segment: &Segment, sum: Sum, out: &mut Vec<u8>) {
    let words = (segment.header_len() / 4) as u8;
    let bits = segment.flags.bits();
    let Some(mut view) = MutableTcpPacket::new(room::<20>(out)) else { return };
    view.set_source(segment.src_port);
    view.set_destination(segment.dst_port);
    view.set_sequence(segment.seq.0);
    view.set_acknowledgement(segment.ack.0);
    view.set_data_offset(words);
    view.set_reserved((bits >> 8) as u8);
    view.set_flags(bits as u8);
    view.set_window(segment.window);
    view.set_urgent_ptr(segment.urgent);
    let sum = sum
        .add_u16(segment.src_port)
        .add_u16(segment.dst_port)
        .add_u32(segment.seq.0)
        .add_u32(segment.ack.0)
        .add_u16(u16::from(words) << 12 | bits)
        .add_u16(segment.window)
        .add_u16(segment.urgent)
        .add_bytes(segment.options.as_bytes());
    view.set_checksum(sum.checksum());
    segment.options.append_to(out);
}

/// Appends a UDP header; `sum` covers the pseudo-header and the text.
fn put_udp(datagram: &Datagram, body_len: usize, sum: Sum, out: &mut Vec<u8>) {
    let Some(mut view) = MutableUdpPacket::new(room::<8>(out)) else { return };
    let len = u16::try_from(body_len).unwrap_or(0);
    view.set_source(datagram.src_port);
    view.set_destination(datagram.dst_port);
    view.set_length(len);
    let sum = sum.add_u16(datagram.src_port).add_u16(datagram.dst_port).add_u16(len);
    // Zero would say that no checksum was made (RFC 768).
    let checksum = sum.checksum();
    view.set_checksum(if checksum == 0 { 0xffff } else { checksum });
}
