//! One connection while its packets pass.

use std::net::SocketAddr;

use super::finding::{Finding, Findings};
use super::flow::{Flow, Holes, Side};
use super::infer::{Changes, Inference};
use super::recent::Recent;
use super::report::{Completeness, Facts, PacketReport};
use super::sequence::{self, Pace, Seen};
use crate::tcp::State;
use crate::time::Instant;
use crate::wire::{Defect, Packet, Segment};
use ours::Ids;

mod after;
mod ours;

pub(super) use after::Remains;

/// A connection's state, of a size that does not depend on how many packets passed.
#[derive(Clone, Debug)]
pub(super) struct Connection {
    pub(super) stream: u32,
    pub(super) ends: [SocketAddr; 2],
    /// The lower endpoint of its key is the client.
    pub(super) client_is_low: bool,
    roles_guessed: bool,
    pub(super) began: Instant,
    pub(super) last_at: Instant,
    flows: [Flow; 2],
    recent: [Recent; 2],
    holes: [Holes; 2],
    ids: [Ids; 2],
    pace: Pace,
    inference: Inference,
    completeness: Completeness,
    packets: [u32; 2],
    octets: [u64; 2],
    resends: [u32; 2],
    findings: Findings,
    reset_by: Option<Side>,
    refused: bool,
    /// The end that is to answer a doubtful RST or SYN.
    challenged: Option<Side>,
}

impl Connection {
    pub(super) fn new(
        stream: u32,
        at: Instant,
        packet: &Packet<&[u8]>,
        segment: &Segment,
        src_is_low: bool,
    ) -> Self {
        let src_is_client = opens(segment);
        let (src, dst) = (packet.src(), packet.dst());
        Connection {
            stream,
            ends: if src_is_client { [src, dst] } else { [dst, src] },
            client_is_low: src_is_low == src_is_client,
            roles_guessed: !segment.flags.syn(),
            began: at,
            last_at: at,
            flows: Default::default(),
            recent: Default::default(),
            holes: Default::default(),
            ids: Default::default(),
            pace: Pace::default(),
            inference: Inference::default(),
            completeness: Completeness::default(),
            packets: [0; 2],
            octets: [0; 2],
            resends: [0; 2],
            findings: Findings::NONE,
            reset_by: None,
            refused: false,
            challenged: None,
        }
    }

    /// A new connection on the ports of this one, begun by `packet`.
    pub(super) fn reopened(
        &self,
        stream: u32,
        at: Instant,
        packet: &Packet<&[u8]>,
        segment: &Segment,
        src_is_low: bool,
    ) -> Self {
        let mut next = Connection::new(stream, at, packet, segment, src_is_low);
        let opener = self.side(src_is_low);
        let inference = self.inference.survivor(opener.other());
        next.inference = if opener == Side::Client { inference } else { inference.swapped() };
        next.challenged = next.inference.end(Side::Server).state.is_synchronized().then_some(Side::Server);
        next
    }

    /// Which end a packet comes from.
    pub(super) const fn side(&self, src_is_low: bool) -> Side {
        if src_is_low == self.client_is_low { Side::Client } else { Side::Server }
    }

    /// Whether this SYN begins another connection than this one, by Wireshark's rule: its number is
    /// not the one that this direction began with.
    pub(super) fn is_new_syn(&self, side: Side, segment: &Segment) -> bool {
        segment.flags.syn()
            && !segment.flags.ack()
            && self.flows[side.index()].base.is_some_and(|base| base != segment.seq)
    }

    /// Both ends are done with it, as far as was seen.
    pub(super) fn is_over(&self) -> bool {
        let done = |side| matches!(self.inference.end(side).state, State::Closed | State::TimeWait);
        self.reset_by.is_some() || (done(Side::Client) && done(Side::Server))
    }

    /// The handshake was not seen to succeed.
    pub(super) fn is_embryonic(&self) -> bool {
        let opening = |side| {
            matches!(self.inference.end(side).state, State::Closed | State::SynSent | State::SynReceived)
        };
        opening(Side::Client) && opening(Side::Server)
    }

    /// Takes the next packet. `reused` says that an earlier connection had the same ports.
    pub(super) fn take(
        &mut self,
        number: u64,
        at: Instant,
        side: Side,
        packet: &Packet<&[u8]>,
        segment: &Segment,
        reused: bool,
    ) -> PacketReport {
        let first = self.packets == [0; 2];
        let place = side.index();
        self.packets[place] = self.packets[place].saturating_add(1);
        self.octets[place] += u64::from(segment.len);
        self.last_at = at;
        let seen = Seen { number, at, segment };
        let mut report = PacketReport {
            stream: self.stream,
            side,
            first,
            findings: Findings::NONE,
            seq: 0,
            ack: None,
            completeness: self.completeness,
            changes: Changes::default(),
            facts: Facts::default(),
        };
        if !packet.defects.contains(Defect::FirstFragment) {
            self.analyze(&seen, packet, reused, &mut report);
        }
        self.findings |= report.findings;
        report
    }

    fn analyze(&mut self, seen: &Seen<'_>, packet: &Packet<&[u8]>, reused: bool, report: &mut PacketReport) {
        let (side, segment) = (report.side, seen.segment);
        let [client, server] = &mut self.flows;
        let (fwd, rev) = if side == Side::Client { (client, server) } else { (server, client) };
        let copy = self.recent[side.index()].is_copy(seen.at, packet, segment, fwd, rev);
        let mut findings = Findings::NONE;
        if reused {
            findings.insert(Finding::ReusedPorts);
        }
        if !copy && set_bases(fwd, rev, segment) {
            findings.insert(Finding::ReusedPorts);
        }
        let before = (*fwd, *rev);
        if copy {
            findings.insert(Finding::NetworkDuplicate);
        } else {
            findings |= sequence::judge(&mut self.pace, fwd, rev, seen);
            findings |= self.ours(seen, packet, &before, findings, report);
            self.count(side, segment, report.first, findings);
        }
        let (fwd, rev) = (&self.flows[side.index()], &self.flows[side.other().index()]);
        report.seq = fwd.relative(segment.seq);
        report.ack = segment.flags.ack().then(|| rev.relative(segment.ack));
        report.completeness = self.completeness;
        report.findings = findings;
        if !findings.is_empty() {
            report.facts = facts(seen, packet, &before, fwd, rev);
        }
    }

    /// Wireshark's completeness, and the counts of the summary.
    fn count(&mut self, side: Side, segment: &Segment, first: bool, findings: Findings) {
        let flags = segment.flags;
        let mut phases = 0;
        if first && flags.syn() && !flags.ack() {
            phases |= Completeness::SYN;
            phases |= if segment.len > 0 { Completeness::DATA } else { 0 };
        }
        if flags.syn() && flags.ack() {
            phases |= Completeness::SYN_ACK;
        } else if flags.ack() {
            phases |= if segment.len > 0 { Completeness::DATA } else { Completeness::ACK };
        }
        if flags.fin() && flags.ack() {
            phases |= Completeness::FIN;
        }
        if flags.rst() {
            phases |= Completeness::RST;
        }
        self.completeness.0 |= phases;
        if findings.intersects(Findings::RESENDS) {
            self.resends[side.index()] += 1;
        }
    }
}

/// Whether the source of this packet, a connection's first, is the client: it sent the SYN, or its
/// port looks like one that a system chose (Linux takes them from 32768 up).
fn opens(segment: &Segment) -> bool {
    if segment.flags.syn() {
        return !segment.flags.ack();
    }
    let chosen = |port: u16| port >= 32768;
    match (chosen(segment.src_port), chosen(segment.dst_port)) {
        (true, false) => true,
        (false, true) => false,
        _ => segment.src_port >= segment.dst_port,
    }
}

/// Sets what counts as 0 in relative numbers, once a direction, as Wireshark does; a SYN,ACK may set
/// it anew, and then true is returned. A SYN again takes up where the handshake stood.
fn set_bases(fwd: &mut Flow, rev: &mut Flow, segment: &Segment) -> bool {
    let flags = segment.flags;
    let renewed = flags.syn() && fwd.base.is_some_and(|base| base != segment.seq);
    if renewed {
        fwd.base = Some(segment.seq);
    } else if flags.syn() && !flags.ack() && fwd.base.is_some() {
        // A reset may have been sent with any number in between.
        fwd.next = fwd.contiguous;
    }
    fwd.base.get_or_insert(if flags.syn() { segment.seq } else { segment.seq - 1 });
    if flags.ack() {
        rev.base.get_or_insert(segment.ack - 1);
    }
    renewed
}

/// The numbers behind findings; `before` is what both directions were before the packet.
fn facts(
    seen: &Seen<'_>,
    packet: &Packet<&[u8]>,
    (sender, receiver): &(Flow, Flow),
    fwd: &Flow,
    rev: &Flow,
) -> Facts {
    let relative = |flow: &Flow, number: Option<_>| number.map_or(0, |number| flow.relative(number));
    Facts {
        expected: relative(fwd, sender.next),
        end: fwd.relative(seen.segment.seq_end()),
        acknowledged: relative(fwd, receiver.last_ack),
        held: relative(rev, receiver.contiguous),
        elapsed: seen.at.since(sender.next_at),
        duplicates: fwd.duplicates.max(receiver.duplicates).max(0) as u32,
        first_ack: fwd.first_ack,
        window: receiver.window_octets().unwrap_or(0),
        offers: fwd.window_octets().unwrap_or(0),
        offered: sender.window_octets().unwrap_or(0),
        ip_id: packet.ip.id,
    }
}
