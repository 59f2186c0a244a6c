//! What hosts receive.

use std::net::SocketAddr;

use crate::scenario::diagnostic::Problem;
use crate::scenario::model::{Payload, Span};
use crate::timeline::{Call, HostId, Kind, Operation, Outcome, Step, Timeline};
use crate::wire::Transport;

use super::{Difference, Isns, host_name};

pub(super) fn check_delivered(
    host: HostId,
    wanted: &Payload,
    span: &Span,
    timeline: &Timeline,
) -> Option<Difference> {
    let octets: u64 = timeline
        .events
        .iter()
        .filter(|event| event.host == host)
        .map(|event| match &event.kind {
            Kind::Call(Call {
                operation: Operation::Recv { .. },
                step: Step::Returned(Outcome::Value(n)),
                ..
            }) => u64::try_from(*n).unwrap_or(0),
            Kind::Call(Call { step: Step::Returned(Outcome::From { len, .. }), .. }) => u64::from(*len),
            _ => 0,
        })
        .sum();
    let problem = |key| {
        Problem::new(key, span.clone())
            .text("host", host_name(timeline, host))
            .number("expected", wanted.len())
            .number("found", octets)
    };
    if octets != wanted.len() {
        return Some(problem("delivered-differs"));
    }
    let Payload::Text(text) = wanted else { return None };
    let arrived = arrived_text(host, timeline);
    let same = arrived.get(..text.len()) == Some(text.as_slice());
    (!same).then(|| problem("delivered-garbled"))
}

/// The text that reached a host, put together by its sequence numbers, connection after connection.
fn arrived_text(host: HostId, timeline: &Timeline) -> Vec<u8> {
    let mut isns = Isns::default();
    let mut streams: Vec<((SocketAddr, SocketAddr), Vec<u8>)> = Vec::new();
    for event in &timeline.events {
        let Some((_, packet)) = event.kind.packet() else { continue };
        let path = (packet.src(), packet.dst());
        if matches!(event.kind, Kind::Sent { .. }) {
            isns.observe(path.0, path.1, &packet.transport);
        }
        if event.host != host || !matches!(event.kind, Kind::Arrived { .. }) || packet.payload.is_empty() {
            continue;
        }
        let index = streams.iter().position(|(known, _)| *known == path).unwrap_or_else(|| {
            streams.push((path, Vec::new()));
            streams.len() - 1
        });
        let Some((_, stream)) = streams.get_mut(index) else { continue };
        let offset = match (&packet.transport, isns.of(path.0, path.1).0) {
            (Transport::Tcp(segment), Some(isn)) => {
                let first = segment.seq + u32::from(segment.flags.syn());
                first.since(isn + 1) as usize
            }
            _ => stream.len(),
        };
        // A stray segment far outside of anything sent must not make us reserve gigabytes.
        if offset > 1 << 26 {
            continue;
        }
        let end = offset + packet.payload.len();
        if stream.len() < end {
            stream.resize(end, 0);
        }
        stream[offset..end].copy_from_slice(&packet.payload);
    }
    streams.into_iter().flat_map(|(_, stream)| stream).collect()
}
