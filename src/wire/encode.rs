//! Packets to bytes, lengths and checksums computed.
//!
//! IPv4 and TCP headers are made as the RFCs draw them, in rows of 32 bits, which are summed and appended
//! as they are: pnet's setters write octet by octet into zeros, which took half as long again. The other
//! headers are written through pnet's views.

use std::net::{IpAddr, Ipv4Addr};

use pnet::packet::ip::IpNextHeaderProtocol;
use pnet::packet::ip::IpNextHeaderProtocols::{Tcp, Udp};
use pnet::packet::ipv4::Ipv4Flags;
use pnet::packet::ipv6::MutableIpv6Packet;
use pnet::packet::udp::MutableUdpPacket;

use super::checksum::{Sum, mapped};
use super::{Datagram, Ip, Options, Segment, Transport};

/// Appends the packet's bytes to `out`.
///
/// Lengths and checksums are computed; `total_len`, `len` and `checksum` of the arguments are ignored.
/// Options are padded with zeros to whole words. Decoding the bytes gives the arguments back, those
/// computed fields aside. A packet longer than its length field can tell gets zero there, as Linux does.
/// Should one address be IPv4 and the other IPv6, the former is written mapped into IPv6.
#[inline]
pub fn encode_ip(ip: &Ip, transport: &Transport, payload: &[u8], out: &mut Vec<u8>) {
    if let (Transport::Tcp(segment), &IpAddr::V4(src), &IpAddr::V4(dst)) = (transport, &ip.src, &ip.dst) {
        encode_tcp_v4(ip, (src, dst), segment, payload, out);
    } else {
        encode_any(ip, transport, payload, out);
    }
}

/// Builds what nearly every packet is, both headers at once.
fn encode_tcp_v4(
    ip: &Ip,
    (src, dst): (Ipv4Addr, Ipv4Addr),
    segment: &Segment,
    payload: &[u8],
    out: &mut Vec<u8>,
) {
    let tcp_len = segment.header_len() + payload.len();
    let text = if payload.is_empty() { Sum::ZERO } else { Sum::of(payload) };
    let pseudo_header = [src.to_bits(), dst.to_bits(), Tcp.0.into(), tcp_len as u32];
    let ip_header = ip_v4_rows(ip, src, dst, Tcp.0, tcp_len);
    let tcp_header = tcp_rows(segment, text.add_rows(&pseudo_header));
    out.reserve(2 * 20 + Options::ROOM + payload.len());
    put_rows(&[ip_header, tcp_header], out);
    segment.options.append_to(out);
    if !payload.is_empty() {
        out.extend_from_slice(payload);
    }
}

/// Builds any packet, header by header.
#[cold]
fn encode_any(ip: &Ip, transport: &Transport, payload: &[u8], out: &mut Vec<u8>) {
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
        Transport::Tcp(segment) => {
            put_rows(&[tcp_rows(segment, sum())], out);
            segment.options.append_to(out);
        }
        Transport::Udp(datagram) => put_udp(datagram, body_len, sum(), out),
        Transport::Other { .. } => {}
    }
    out.extend_from_slice(payload);
}

/// A header's rows of 32 bits, as its RFC draws them; both IPv4's and TCP's has five of them.
type Rows = [u32; 5];

/// Appends headers.
#[inline]
fn put_rows<const N: usize>(headers: &[Rows; N], out: &mut Vec<u8>) {
    let octets = headers.map(|rows| rows.map(u32::to_be_bytes));
    out.extend_from_slice(octets.as_flattened().as_flattened());
}

/// An IPv4 header without options (RFC 791 §3.1).
#[inline]
fn ip_v4_rows(ip: &Ip, src: Ipv4Addr, dst: Ipv4Addr, protocol: u8, body_len: usize) -> Rows {
    let total_len = u16::try_from(20 + body_len).unwrap_or(0);
    let flags = if ip.dont_fragment { Ipv4Flags::DontFragment } else { 0 };
    let mut rows = [
        0x4500_0000 | u32::from(ip.tos) << 16 | u32::from(total_len),
        u32::from(ip.id) << 16 | u32::from(flags) << 13,
        u32::from(ip.ttl) << 24 | u32::from(protocol) << 16,
        src.to_bits(),
        dst.to_bits(),
    ];
    rows[2] |= u32::from(Sum::ZERO.add_rows(&rows).checksum());
    rows
}

/// A TCP header's fixed part (RFC 9293 §3.1); `sum` covers the pseudo-header and the text.
#[inline]
fn tcp_rows(segment: &Segment, sum: Sum) -> Rows {
    let words = (segment.header_len() / 4) as u32;
    let mut rows = [
        u32::from(segment.src_port) << 16 | u32::from(segment.dst_port),
        segment.seq.0,
        segment.ack.0,
        words << 28 | u32::from(segment.flags.bits()) << 16 | u32::from(segment.window),
        u32::from(segment.urgent),
    ];
    let sum = segment.options.add_to(sum.add_rows(&rows));
    rows[4] |= u32::from(sum.checksum()) << 16;
    rows
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
        let rows = ip_v4_rows(ip, src, dst, protocol, body_len);
        put_rows(&[rows], out);
        Sum::ZERO.add_rows(&rows[3..])
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
        Sum::ZERO.add_block(&src.octets()).add_block(&dst.octets())
    }
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
