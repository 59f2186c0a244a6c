//! The findings that Wireshark does not have.

use super::super::finding::{Finding, Findings};
use super::super::flow::{Flow, Side, duplicate_report};
use super::super::infer::{Change, End};
use super::super::report::PacketReport;
use super::super::reset;
use super::super::sequence::Seen;
use super::Connection;
use crate::tcp::State;
use crate::time::Duration;
use crate::wire::{Defect, Packet, Segment};

/// What Linux waits at least before it sends a segment again.
const SILENCE: Duration = Duration::from_millis(200);

/// How a direction's IPv4 identifications run.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ids {
    last: u16,
    /// How many in a row were one more than the one before.
    steady: u8,
}

impl Ids {
    /// How many packets of this direction were not captured before this one, when that can be told.
    fn skipped(&mut self, id: u16) -> Option<u16> {
        let step = id.wrapping_sub(self.last);
        let told = self.steady >= 4 && (2..=8).contains(&step);
        self.last = id;
        self.steady = if step == 1 { self.steady.saturating_add(1) } else { 0 };
        told.then(|| step - 1)
    }
}

impl Connection {
    /// The findings that Wireshark does not have.
    pub(super) fn ours(
        &mut self,
        seen: &Seen<'_>,
        packet: &Packet<&[u8]>,
        (fwd, rev): &(Flow, Flow),
        known: Findings,
        report: &mut PacketReport,
    ) -> Findings {
        let (side, segment) = (report.side, seen.segment);
        let flags = segment.flags;
        let resent = known.intersects(Findings::RESENDS);
        let mut findings = Findings::NONE;
        if packet.defects.contains(Defect::BadChecksum) {
            findings.insert(Finding::BadChecksum);
        }
        if packet.defects.contains(Defect::OffloadedChecksum) && self.packets[side.index()] == 1 {
            findings.insert(Finding::OffloadedChecksum);
        }
        if report.first && !flags.syn() {
            findings.insert(Finding::MidStream);
        }
        if resent && flags.syn() {
            findings.insert(Finding::SynRetransmission);
        }
        if !resent && segment.len > 0 && segment.seq_end().0 < segment.seq.0 {
            findings.insert(Finding::SequenceWrap);
        }
        if known.contains(Finding::KeepAlive) && rev.window == Some(0) {
            findings.insert(Finding::ProbeBelow);
        }
        if self.misses_first_copy(seen, packet, fwd, rev, known, side) {
            findings.insert(Finding::MissingFirstCopy);
        }
        if self.reports_unseen(segment, side) {
            findings.insert(Finding::UnseenResend);
        }
        let ends = [*self.inference.end(Side::Client), *self.inference.end(Side::Server)];
        let (sender, receiver) = (ends[side.index()], ends[side.other().index()]);
        let arrives = !packet.defects.contains(Defect::BadChecksum);
        if flags.rst() {
            findings.insert(self.reset(seen, fwd, rev, (&sender, &receiver), arrives, report));
        } else {
            report.changes = self.inference.follow(side, segment, arrives);
            findings |= self.turns(seen, fwd, (&sender, &receiver), report);
        }
        findings
    }

    /// What the states before and after a segment say about it.
    fn turns(
        &mut self,
        seen: &Seen<'_>,
        fwd: &Flow,
        (sender, receiver): (&End, &End),
        report: &PacketReport,
    ) -> Findings {
        let (side, segment) = (report.side, seen.segment);
        let flags = segment.flags;
        let mut findings = Findings::NONE;
        let entered = |state| {
            report
                .changes
                .iter()
                .any(|change: &Change| change.to == state && !change.retracts && change.from != state)
        };
        if entered(State::SynSent) && receiver.state == State::SynSent {
            findings.insert(Finding::SimultaneousOpen);
        }
        if entered(State::Closing) && !self.findings.contains(Finding::SimultaneousClose) {
            findings.insert(Finding::SimultaneousClose);
        }
        if entered(State::TimeWait) {
            findings.insert(Finding::TimeWait);
        }
        let half_open = sender.state == State::CloseWait && segment.len > 0;
        if half_open && !self.findings.contains(Finding::HalfClose) {
            findings.insert(Finding::HalfClose);
        }
        let pure_ack = segment.seq_len() == 0 && flags.ack();
        if self.challenged == Some(side) {
            let repeats = sender.received.is_none_or(|received| received == segment.ack)
                && fwd.next.is_none_or(|next| next == segment.seq);
            if pure_ack && repeats {
                findings.insert(Finding::ChallengeAck);
            }
            self.challenged = None;
        }
        if flags.syn() && !flags.ack() && receiver.state.is_synchronized() {
            self.challenged = Some(side.other());
        }
        findings
    }

    /// Follows a reset and says why it was sent.
    fn reset(
        &mut self,
        seen: &Seen<'_>,
        fwd: &Flow,
        rev: &Flow,
        (sender, receiver): (&End, &End),
        arrives: bool,
        report: &mut PacketReport,
    ) -> Finding {
        let (side, segment) = (report.side, seen.segment);
        let window = rev.window_octets().or(rev.window.map(u32::from)).unwrap_or(u32::from(u16::MAX));
        let (changes, fate) = self.inference.follow_reset(side, segment, window, arrives);
        report.changes = changes;
        let calls = rev.next != Some(rev.last_ack.unwrap_or_default()) || rev.was_keep_alive;
        let prompted = rev.last_ack == Some(segment.seq) && rev.last_at >= fwd.last_at && calls;
        let reason = reset::reason(segment, fate, sender, receiver, prompted);
        match reason {
            Finding::ResetChallenged => self.challenged = Some(side.other()),
            Finding::ResetIgnored => {}
            _ => {
                self.reset_by.get_or_insert(side);
                self.refused |= reason == Finding::ResetRefused;
            }
        }
        reason
    }

    /// Whether this is a resend of something that the capture does not hold: it lies in a gap, or the
    /// sender's identifications skip a packet before it and it was silent for as long as a timeout.
    fn misses_first_copy(
        &mut self,
        seen: &Seen<'_>,
        packet: &Packet<&[u8]>,
        fwd: &Flow,
        rev: &Flow,
        known: Findings,
        side: Side,
    ) -> bool {
        let segment = seen.segment;
        let (left, right) = (segment.seq, segment.seq_end());
        if known.contains(Finding::LostSegment)
            && let Some(next) = fwd.next
        {
            self.holes[side.index()].open(next, left);
        }
        let skipped = packet.ip.id != 0 && self.ids[side.index()].skipped(packet.ip.id).is_some();
        let in_gap = left != right && self.holes[side.index()].fill(left, right);
        if in_gap {
            let late = Findings::of(&[Finding::Retransmission, Finding::FastRetransmission]);
            return known.intersects(late);
        }
        let silent = seen.at.since(fwd.last_at) >= SILENCE && rev.last_at <= fwd.last_at;
        if skipped && silent && left != right && fwd.next == Some(left) {
            return true;
        }
        false
    }

    /// Whether a D-SACK reports octets as received twice of which the capture holds one copy.
    fn reports_unseen(&self, segment: &Segment, side: Side) -> bool {
        // Which numbers were seen twice is not remembered; a connection that has shown nothing twice
        // has none that were.
        let twice = Findings::of(&[
            Finding::NetworkDuplicate,
            Finding::KeepAlive,
            Finding::ZeroWindowProbe,
            Finding::MidStream,
        ]);
        self.resends[side.other().index()] == 0
            && !self.findings.intersects(twice)
            && duplicate_report(segment).is_some_and(|block| block.left.lt(block.right))
    }
}
