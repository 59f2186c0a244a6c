//! The packets that are sent.

use rustc_hash::FxHashSet;

use crate::scenario::diagnostic::Problem;
use crate::scenario::expect::{ExpectedSegment, Item};
use crate::scenario::model::Scenario;
use crate::scenario::pattern::Facts;
use crate::time::Instant;
use crate::timeline::{Event, HostId, Kind, PacketId, Timeline};
use crate::wire::{Defect, Packet, SeqNumber, Transport};

use super::{Difference, Isns, Parting, host_name, locate, part};

/// A packet that was sent.
struct Sent<'a> {
    at: Instant,
    host: HostId,
    id: PacketId,
    packet: &'a Packet,
    retransmission: bool,
    isns: (Option<SeqNumber>, Option<SeqNumber>),
}

fn sent_packets(timeline: &Timeline) -> Vec<Sent<'_>> {
    let mut isns = Isns::default();
    let mut sent = Vec::new();
    for event in &timeline.events {
        if let Kind::Sent { id, packet, retransmission, .. } = &event.kind {
            let (src, dst) = (packet.src(), packet.dst());
            isns.observe(src, dst, &packet.transport);
            let isns = isns.of(src, dst);
            let (at, host) = (event.at, event.host);
            sent.push(Sent { at, host, id: *id, packet, retransmission: *retransmission, isns });
        }
    }
    sent
}

pub(super) fn check_segments(
    items: &[Item<ExpectedSegment>],
    scenario: &Scenario,
    timeline: &Timeline,
) -> Option<Difference> {
    let sent = sent_packets(timeline);
    let lost: FxHashSet<PacketId> = timeline.events.iter().filter_map(lost_packet).collect();
    let matches = |wanted: &ExpectedSegment, at: usize| {
        sent.get(at).is_some_and(|found| {
            let facts = Facts {
                from: found.host,
                to: scenario.host_of(found.packet.ip.dst),
                ip: &found.packet.ip,
                transport: &found.packet.transport,
                payload: &found.packet.payload,
                retransmission: found.retransmission,
                isns: found.isns,
            };
            wanted.pattern.matches(&facts)
                && wanted.lost.is_none_or(|wanted| wanted == lost.contains(&found.id))
                && wanted.at.is_none_or(|about| about.holds(found.at))
        })
    };
    let parting = part(items, sent.len(), matches)?;
    let whole = items.first().map_or(0..0, |item| match item {
        Item::One(_, span) | Item::Rest(span) => span.clone(),
    });
    let (span, at) = locate(items, &whole, &parting);
    let key = match (&parting, sent.get(at)) {
        (Parting::At(..), Some(_)) => "segment-differs",
        (Parting::At(..), None) => "segment-missing",
        (Parting::Extra(_), _) => "segment-extra",
    };
    let found = sent
        .get(at)
        .map_or_else(|| "—".to_owned(), |found| describe(timeline, found, lost.contains(&found.id)));
    Some(Problem::new(key, span).text("found", found).number("position", at as u64 + 1))
}

/// The packet of an event that says it never reached anybody's TCP.
fn lost_packet(event: &Event) -> Option<PacketId> {
    match &event.kind {
        Kind::Lost { id, .. } => Some(*id),
        Kind::Arrived { id, packet, .. } if packet.defects.contains(Defect::BadChecksum) => Some(*id),
        _ => None,
    }
}

/// A packet in the words of expectations: `client SYN,ACK seq=5000 ack=1001 at=11ms`.
fn describe(timeline: &Timeline, sent: &Sent<'_>, lost: bool) -> String {
    use std::fmt::Write as _;
    let mut text = host_name(timeline, sent.host);
    match &sent.packet.transport {
        Transport::Tcp(segment) => {
            let _ = write!(text, " {} seq={}", segment.flags, segment.seq);
            if segment.flags.ack() {
                let _ = write!(text, " ack={}", segment.ack);
            }
            if segment.len > 0 {
                let _ = write!(text, " len={}", segment.len);
            }
        }
        Transport::Udp(datagram) => {
            let _ = write!(text, " UDP len={}", datagram.len);
        }
        Transport::Other { protocol } => {
            let _ = write!(text, " protocol={protocol}");
        }
    }
    if sent.retransmission {
        text.push_str(" retransmission");
    }
    if lost {
        text.push_str(" lost");
    }
    let _ = write!(text, " at={}", sent.at.since(Instant::ZERO).to_string().replace(' ', ""));
    text
}
