//! The shape that nearly all packets have: a TCP segment in one piece, behind an IPv4 header without
//! options, wholly captured.
//!
//! A few comparisons tell it, and leave nothing to be asked about lengths. Its fields are read and judged
//! by the same functions as those of every other packet.

use pnet::packet::ip::IpNextHeaderProtocols::Tcp;
use pnet::packet::ipv4::{Ipv4Flags, Ipv4Packet};
use pnet::packet::tcp::TcpPacket;

use super::transport::{bad_checksum, read_segment, segment_is_fine};
use super::{Sum, ip_v4};
use crate::wire::{Defects, Options, Packet, Transport};

/// The packet in these octets, when it has this shape and nothing but perhaps its TCP checksum is odd.
#[allow(clippy::inline_always)] // as transport::decode_tcp
#[inline(always)]
pub(super) fn decode_plain(bytes: &[u8]) -> Option<Packet<&[u8]>> {
    let ([ip_header, tcp_header], _) = bytes.first_chunk::<40>()?.as_chunks::<20>() else { return None };
    let (ip, tcp) = (Ipv4Packet::new(ip_header)?, TcpPacket::new(tcp_header)?);
    let in_one_piece = ip.get_flags() & Ipv4Flags::MoreFragments == 0 && ip.get_fragment_offset() == 0;
    // Version 4, five words.
    if ip_header[0] != 0x45 || !in_one_piece || ip.get_next_level_protocol() != Tcp {
        return None;
    }
    let total_len = usize::from(ip.get_total_length());
    let rest = bytes.get(40..total_len)?;
    let options_len = (usize::from(tcp.get_data_offset()) * 4).checked_sub(20)?;
    let (options, text) = rest.split_at_checked(options_len)?;
    if !Options::is_quick(options) {
        return None;
    }
    let defects = judge(ip_header, tcp_header, options, rest)?;
    let transport = Transport::Tcp(read_segment(&tcp, options, text.len()));
    Some(Packet { ip: ip_v4(&ip, total_len), transport, payload: text, defects })
}

/// What is wrong with the TCP checksum; `None` when something else is odd. That is found out before the text
/// is summed, so that no text is summed twice.
// Apart from the reading: together, fields would be cut out of the wide words that are summed here, and be kept
// while all this is looked at; both takes more than to load them again.
#[inline(never)]
fn judge(ip: &[u8; 20], tcp: &[u8; 20], options: &[u8], rest: &[u8]) -> Option<Defects> {
    let view = TcpPacket::new(tcp)?;
    let segment = read_segment(&view, &[], 0);
    if !segment_is_fine(&view, &segment, options) || !Sum::ZERO.add_block(ip).is_intact() {
        return None;
    }
    let text = if rest.is_empty() { Sum::ZERO } else { Sum::of(rest) };
    let sum = pseudo_header(ip, rest).add_block(tcp).add(text);
    Some(if sum.is_intact() { Defects::NONE } else { judge_checksum(ip, &view, rest) })
}

#[cold]
fn judge_checksum(ip: &[u8; 20], tcp: &TcpPacket<'_>, rest: &[u8]) -> Defects {
    bad_checksum(pseudo_header(ip, rest), tcp.get_checksum())
}

#[inline]
fn pseudo_header(ip: &[u8; 20], rest: &[u8]) -> Sum {
    let ([.., src, dst], _) = ip.as_chunks::<4>() else { return Sum::ZERO };
    Sum::ZERO.add_block(src).add_block(dst).add_pseudo(Tcp.0, (20 + rest.len()) as u32)
}
