//! Segments that nobody gave a reason for, explained from what went before on the wire.

use super::ends::{End, Ends};
use crate::rfc::Citation;
use crate::wire::{Packet, Segment, Transport};

const HANDSHAKE: Citation = Citation::rfc(9293, "3.5");
const NUMBERS: Citation = Citation::rfc(9293, "3.4");
const RESET: Citation = Citation::rfc(9293, "3.5.2");
const CLOSING: Citation = Citation::rfc(9293, "3.6");
const REPEATING: Citation = Citation::rfc(6298, "5");
const KEEPALIVE: Citation = Citation::rfc(9293, "3.8.4");
const WINDOW: Citation = Citation::rfc(9293, "3.8.6");

/// The message that explains a packet, and where to read more; `None` when there is nothing to say.
pub(super) fn segment(
    ends: &Ends,
    packet: &Packet,
    retransmission: bool,
) -> Option<(&'static str, Option<Citation>)> {
    let segment = match &packet.transport {
        Transport::Tcp(segment) => segment,
        Transport::Udp(_) => return Some(("segment-datagram", None)),
        Transport::Other { .. } => return None,
    };
    let sender = ends.get(packet.src(), packet.dst());
    let (id, citation) = control(segment, sender, retransmission)
        .or_else(|| text(segment, sender, retransmission))
        .unwrap_or_else(|| acknowledgment(segment, sender));
    Some((id, Some(citation)))
}

/// SYN, FIN and RST.
fn control(
    segment: &Segment,
    sender: Option<&End>,
    retransmission: bool,
) -> Option<(&'static str, Citation)> {
    let flags = segment.flags;
    let answers_syn = || {
        let acked = sender.and_then(|end| end.arrived.with_end(segment.ack));
        sender.is_none_or(|end| end.nxt.is_none()) && acked.is_some_and(|seen| seen.extent.syn)
    };
    Some(match (flags.rst(), flags.syn(), flags.fin()) {
        (true, ..) if flags.ack() && answers_syn() => ("segment-refused", RESET),
        (true, ..) => ("segment-rst", RESET),
        (_, true, _) => match (flags.ack(), retransmission) {
            (false, false) => ("segment-syn", HANDSHAKE),
            (false, true) => ("segment-syn-again", REPEATING),
            (true, false) => ("segment-syn-ack", HANDSHAKE),
            (true, true) => ("segment-syn-ack-again", REPEATING),
        },
        (.., true) if retransmission => ("segment-fin-again", REPEATING),
        (.., true) if segment.len > 0 => ("segment-fin-data", CLOSING),
        (.., true) => ("segment-fin", CLOSING),
        _ => return None,
    })
}

/// Segments with text, and keep-alive probes, which have one octet or none.
fn text(segment: &Segment, sender: Option<&End>, retransmission: bool) -> Option<(&'static str, Citation)> {
    let nothing_unacknowledged = sender.is_some_and(|end| end.nxt.is_some() && end.nxt == end.una);
    let just_below = sender.and_then(|end| end.nxt).is_some_and(|nxt| segment.seq + 1 == nxt);
    if segment.len <= 1 && just_below && nothing_unacknowledged {
        return Some(("segment-keepalive", KEEPALIVE));
    }
    match (segment.len, retransmission) {
        (0, _) => None,
        (_, true) => Some(("segment-data-again", REPEATING)),
        (_, false) => Some(("segment-data", NUMBERS)),
    }
}

fn acknowledgment(segment: &Segment, sender: Option<&End>) -> (&'static str, Citation) {
    let last = sender.and_then(|end| end.last_ack);
    let acked = sender.and_then(|end| end.arrived.with_end(segment.ack)).map(|seen| seen.extent);
    match last {
        _ if segment.window == 0 => ("segment-window-zero", WINDOW),
        Some((ack, window)) if ack == segment.ack && window != segment.window => ("segment-window", WINDOW),
        Some((ack, _)) if ack == segment.ack => ("segment-ack-again", NUMBERS),
        _ if acked.is_some_and(|extent| extent.syn) => ("segment-handshake-ack", HANDSHAKE),
        _ if acked.is_some_and(|extent| extent.fin) => ("segment-ack-fin", CLOSING),
        _ => ("segment-ack", NUMBERS),
    }
}
