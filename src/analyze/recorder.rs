//! One connection of a capture as a timeline.

use std::borrow::Cow;
use std::net::SocketAddr;

use bytes::{Bytes, BytesMut};

use super::finding::{Finding, Findings};
use super::flow::Side;
use super::infer::Change;
use super::report::PacketReport;
use super::summary::ConnectionSummary;
use crate::time::Instant;
use crate::timeline::{ConnectionId, Event, Evidence, Host, HostId, Kind, Note, PacketId, Timeline};
use crate::wire::Packet;

/// Octets of memory that are taken for payloads at a time.
const ROOM: usize = 64 * 1024;

/// Events that there is room for from the second packet on; what stays empty of it costs only addresses.
const EVENTS: usize = 2048;

/// Writes the packets of one connection down as events.
///
/// The hosts are called `client` and `server`. A packet passes the point of capture at one instant, so
/// it is sent and has arrived at that instant, both [`Observed`](Evidence::Observed), under the number
/// that it has in the capture; a copy that the network made arrives once more under the first one's.
/// States are [`Inferred`](Evidence::Inferred): the sender's stand before its packet, the receiver's
/// behind it. A state that turns out not to have been reached is taken out again. Where the capture
/// begins in the middle, a state is told that goes from ESTABLISHED to itself.
#[derive(Debug, Default)]
pub struct Recorder {
    timeline: Timeline,
    /// Octets of each payload that are kept, if not all.
    most: Option<usize>,
    /// Room for the next payloads: they lie in a few large pieces of memory.
    room: BytesMut,
    ends: Option<[SocketAddr; 2]>,
    last: Option<(Instant, HostId, PacketId)>,
}

impl Recorder {
    /// A recorder that has seen nothing.
    #[must_use]
    pub fn new() -> Self {
        Recorder::default()
    }

    /// A recorder that keeps at most so many octets of each payload, for whoever looks at no more of them: a
    /// connection's payloads are most of what it takes to keep it.
    #[must_use]
    pub fn with_payloads_of(octets: usize) -> Self {
        Recorder { most: Some(octets), ..Recorder::default() }
    }

    /// Takes the connection's next packet, the `number`th of the capture, with its analysis.
    pub fn record(&mut self, number: u64, at: Instant, packet: &Packet<&[u8]>, report: &PacketReport) {
        let side = report.side;
        let ends = *self.ends.get_or_insert_with(|| match side {
            Side::Client => [packet.src(), packet.dst()],
            Side::Server => [packet.dst(), packet.src()],
        });
        if self.timeline.hosts.is_empty() {
            self.timeline.hosts = ["client", "server"]
                .into_iter()
                .zip(ends)
                .map(|(name, end)| Host { name: name.to_owned(), addrs: vec![end.ip()] })
                .collect();
        }
        // A live capture makes a recorder for each packet, which must take no more than that packet needs.
        let is_first = self.last.is_none();
        if !is_first && self.timeline.events.capacity() < EVENTS {
            self.timeline.events.reserve(EVENTS);
        }
        let (from, to) = (host(side), host(side.other()));
        let copied = report.findings.contains(Finding::NetworkDuplicate);
        let original = if copied { self.original(from, packet) } else { None };
        let id = original.unwrap_or(PacketId(number as u32));
        report
            .changes
            .iter()
            .filter(|change| change.side == side)
            .for_each(|change| self.change(at, *change));
        let payload = self.keep(packet.payload, if is_first { 0 } else { ROOM });
        let packet = Packet { ip: packet.ip, transport: packet.transport, payload, defects: packet.defects };
        if original.is_none() {
            let resends = Findings::of(&[
                Finding::Retransmission,
                Finding::FastRetransmission,
                Finding::SpuriousRetransmission,
                Finding::MissingFirstCopy,
            ]);
            let retransmission = report.findings.intersects(resends);
            let kind = Kind::Sent { id, packet: packet.clone(), rule: None, retransmission };
            self.push(at, from, Evidence::Observed, kind);
        }
        self.push(at, to, Evidence::Observed, Kind::Arrived { id, packet, rule: None });
        report
            .changes
            .iter()
            .filter(|change| change.side != side)
            .for_each(|change| self.change(at, *change));
        for finding in report.findings.iter() {
            let numbers = report.numbers(finding);
            self.note(at, from, id, finding, numbers);
        }
        self.last = Some((at, from, id));
    }

    /// Ends the timeline; the summary tells what can only be said about the connection as a whole.
    #[must_use]
    pub fn finish(mut self, summary: Option<&ConnectionSummary>) -> Timeline {
        let whole = Findings::of(&[Finding::Unanswered, Finding::IncompleteHandshake]);
        if let (Some(summary), Some((at, host, id))) = (summary, self.last) {
            for finding in summary.findings.only(whole).iter() {
                self.note(at, host, id, finding, Vec::new());
            }
        }
        self.timeline
    }

    /// Keeps what is wanted of a payload; new memory for it is at least so large.
    fn keep(&mut self, payload: &[u8], least: usize) -> Bytes {
        let kept = self.most.and_then(|most| payload.get(..most)).unwrap_or(payload);
        if kept.is_empty() {
            return Bytes::new();
        }
        if self.room.capacity() < kept.len() {
            self.room = BytesMut::with_capacity(least.max(kept.len()));
        }
        self.room.extend_from_slice(kept);
        self.room.split().freeze()
    }

    fn push(&mut self, at: Instant, host: HostId, evidence: Evidence, kind: Kind) {
        self.timeline.events.push(Event { at, host, evidence, kind });
    }

    fn note(
        &mut self,
        at: Instant,
        host: HostId,
        id: PacketId,
        finding: Finding,
        numbers: Vec<(&'static str, i64)>,
    ) {
        let numbers = numbers.into_iter().map(|(name, value)| (Cow::Borrowed(name), value)).collect();
        let note = Note::Finding { id, key: Cow::Borrowed(finding.key()), numbers };
        self.push(at, host, Evidence::Inferred, Kind::Note(note));
    }

    fn change(&mut self, at: Instant, change: Change) {
        let host = host(change.side);
        if change.retracts {
            let of_host = |event: &Event| event.host == host && matches!(event.kind, Kind::State { .. });
            if let Some(last) = self.timeline.events.iter().rposition(of_host) {
                self.timeline.events.remove(last);
            }
            return;
        }
        let Some([client, server]) = self.ends else { return };
        let (local, remote) = match change.side {
            Side::Client => (client, server),
            Side::Server => (server, client),
        };
        let connection = ConnectionId { local, remote };
        let kind = Kind::State { connection, from: change.from, to: change.to, rule: change.rule };
        self.push(at, host, Evidence::Inferred, kind);
    }

    /// The number of the packet that this one is a copy of.
    fn original(&self, from: HostId, copy: &Packet<&[u8]>) -> Option<PacketId> {
        self.timeline.events.iter().rev().find_map(|event| match &event.kind {
            Kind::Sent { id, packet, .. }
                if event.host == from && packet.ip.id == copy.ip.id && packet.transport == copy.transport =>
            {
                Some(*id)
            }
            _ => None,
        })
    }
}

/// The host on this side of a recorded connection.
const fn host(side: Side) -> HostId {
    HostId(side as u16)
}
