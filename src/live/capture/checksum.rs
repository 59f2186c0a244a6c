//! Finishing what the network card would have finished.

use crate::wire::checksum::Sum;
use crate::wire::{Defect, LinkType, Transport, decode_frame};

const ETHERNET: usize = 14;
const IPV6_HEADER: usize = 40;

/// Completes the checksum of a frame that was captured before the network card (or nobody, on a loopback)
/// computed it: the field holds the pseudo-header's sum alone, and readers of the file would call it wrong.
/// Says whether it changed anything. Frames with IPv6 extension headers or VLAN tags are left as they are.
pub fn finish_checksum(link: LinkType, frame: &mut [u8]) -> bool {
    let Some((start, field, sum)) = unfinished(link, frame) else { return false };
    let checksum = match sum.checksum() {
        // A UDP checksum of 0 means "none": its other spelling is sent (RFC 768).
        0 if field - start == UDP_FIELD => 0xffff,
        other => other,
    };
    match frame.get_mut(field..field + 2) {
        Some(place) => place.copy_from_slice(&checksum.to_be_bytes()),
        None => return false,
    }
    true
}

const TCP_FIELD: usize = 16;
const UDP_FIELD: usize = 6;

/// Where the transport header begins, where its checksum stands, and what the sum must come to.
fn unfinished(link: LinkType, frame: &[u8]) -> Option<(usize, usize, Sum)> {
    let packet = decode_frame(link, frame).ok()?;
    if !packet.defects.contains(Defect::OffloadedChecksum) {
        return None;
    }
    let (protocol, at) = match packet.transport {
        Transport::Tcp(_) => (6, TCP_FIELD),
        Transport::Udp(_) => (17, UDP_FIELD),
        Transport::Other { .. } => return None,
    };
    let ip = if link == LinkType::Ethernet { ETHERNET } else { 0 };
    let header = if packet.ip.src.is_ipv4() {
        usize::from(frame.get(ip)? & 0x0f) * 4
    } else {
        (*frame.get(ip + 6)? == protocol).then_some(IPV6_HEADER)?
    };
    let start = ip + header;
    // A super-segment that is too long for the field has a total length of 0.
    let end = match packet.ip.total_len as usize {
        0 => frame.len(),
        len => ip + len,
    };
    let text = frame.get(start..end)?;
    let pseudo = Sum::pseudo(packet.ip.src, packet.ip.dst, protocol, text.len() as u32);
    // The field itself, which holds the pseudo-header's sum, must not count.
    let sum = pseudo.add_bytes(text.get(..at)?).add_bytes(text.get(at + 2..)?);
    Some((start, start + at, sum))
}
