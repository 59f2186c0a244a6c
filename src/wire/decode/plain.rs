//! The shape that nearly all packets have: a TCP segment in one piece, behind an IPv4 header without
//! options, wholly captured.
//!
//! A few comparisons tell it, and leave nothing to be asked about lengths. Its fields are read and judged
//! by the same functions as those of every other packet.

use pnet::packet::ip::IpNextHeaderProtocols::Tcp;
use pnet::packet::ipv4::{Ipv4Flags, Ipv4Packet};
use pnet::packet::tcp::TcpPacket;

use super::transport::{read_segment, verify};
use super::{Sum, header_defects, ip_v4};
use crate::wire::{Defects, Packet, Transport};

/// The packet in these octets, when it has this shape.
#[allow(clippy::inline_always)] // as transport::decode_tcp
#[inline(always)]
pub(super) fn decode_plain(bytes: &[u8]) -> Option<Packet<&[u8]>> {
    let (headers, _) = bytes.split_first_chunk::<40>()?;
    let (ip, tcp) = (Ipv4Packet::new(&headers[..20])?, TcpPacket::new(&headers[20..])?);
    let in_one_piece = ip.get_flags() & Ipv4Flags::MoreFragments == 0 && ip.get_fragment_offset() == 0;
    // Version 4, five words.
    if headers[0] != 0x45 || !in_one_piece || ip.get_next_level_protocol() != Tcp {
        return None;
    }
    let total_len = usize::from(ip.get_total_length());
    let rest = bytes.get(40..total_len)?;
    let options_len = (usize::from(tcp.get_data_offset()) * 4).checked_sub(20)?;
    let (options, text) = rest.split_at_checked(options_len)?;
    let mut defects = checksum_defects(headers, rest);
    let (segment, odd) = read_segment(&tcp, options, text.len());
    defects |= odd;
    Some(Packet { ip: ip_v4(&ip, total_len), transport: Transport::Tcp(segment), payload: text, defects })
}

/// What is wrong with the checksums of both headers and what follows them.
// Apart from the fields: inlined, they would be cut out of the wide words that are summed here, which takes more
// than to load them again.
#[inline(never)]
fn checksum_defects(headers: &[u8; 40], rest: &[u8]) -> Defects {
    let ([ip, tcp], _) = headers.as_chunks::<20>() else { return Defects::NONE };
    let Some(addresses) = ip.last_chunk::<8>() else { return Defects::NONE };
    let mut defects = header_defects(Sum::ZERO.add_block(ip));
    let pseudo = Sum::ZERO.add_block(addresses).add_pseudo(Tcp.0, (tcp.len() + rest.len()) as u32);
    let sum = pseudo.add_block(tcp);
    let sum = if rest.is_empty() { sum } else { sum.add_bytes(rest) };
    defects |= verify(pseudo, sum, u16::from_be_bytes([tcp[16], tcp[17]]));
    defects
}
