//! The findings that Wireshark does not have.

use super::super::finding::{Finding, Findings};
use super::super::flow::{Side, duplicate_report, only_timestamps};
use super::super::report::PacketReport;
use super::super::reset;
use super::super::sequence::Seen;
use super::{Before, Connection};
use crate::tcp::State;
use crate::time::Duration;
use crate::wire::{Defect, Flags, Segment, SeqNumber};

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
    /// Whether some packets of this direction were not captured before this one, when that can be told.
    fn skips(&mut self, id: u16) -> bool {
        let step = id.wrapping_sub(self.last);
        let told = self.steady >= 4 && (2..=8).contains(&step);
        self.last = id;
        self.steady = if step == 1 { self.steady.saturating_add(1) } else { 0 };
        told
    }
}

/// Findings that leave no segment plain: gaps and resends are looked into.
pub(super) const LOUD: Findings = Findings::RESENDS.with(Finding::LostSegment).with(Finding::KeepAlive);

/// Defects that make a segment more than text and acknowledgment.
const NOT_PLAIN: [Defect; 3] = [Defect::BadChecksum, Defect::OffloadedChecksum, Defect::FirstFragment];

/// Whether a segment is nothing but text and acknowledgment, intact and without SACK blocks.
pub(super) fn is_plain(seen: &Seen<'_>) -> bool {
    let defects = seen.packet.defects;
    seen.segment.flags.without(Flags::PSH) == Flags::ACK
        && (defects.is_empty() || NOT_PLAIN.iter().all(|defect| !defects.contains(*defect)))
        && only_timestamps(seen.segment)
}

/// Whether the segment's text passes the number 0.
fn wraps(segment: &Segment) -> bool {
    segment.len > 0 && segment.seq_end().0 < segment.seq.0
}

impl Connection {
    /// As [`ours`](Self::ours) for a plain segment on a quiet connection: most packets are.
    pub(super) fn plain(&mut self, seen: &Seen<'_>, before: &Before, side: Side) -> Findings {
        let mut findings = Findings::NONE;
        self.spoke[side.index()] = true;
        if wraps(seen.segment) {
            findings.insert(Finding::SequenceWrap);
        }
        if self.skips_one(seen, before, side) {
            findings.insert(Finding::MissingFirstCopy);
        }
        findings
    }

    /// The findings that Wireshark does not have.
    pub(super) fn ours(
        &mut self,
        seen: &Seen<'_>,
        before: &Before,
        known: Findings,
        report: &mut PacketReport,
    ) -> Findings {
        if self.quiet {
            self.wake();
        }
        let (side, segment, defects) = (report.side, seen.segment, seen.packet.defects);
        let flags = segment.flags;
        let resent = known.intersects(Findings::RESENDS);
        let probed = self.flows[side.other().index()].window == Some(0);
        let bad = defects.contains(Defect::BadChecksum);
        let offloaded = defects.contains(Defect::OffloadedChecksum);
        let mut findings = Findings::NONE;
        for (finding, found) in [
            (Finding::BadChecksum, bad),
            (Finding::OffloadedChecksum, offloaded && self.packets[side.index()] == 1),
            (Finding::MidStream, report.first && !flags.syn()),
            (Finding::SynRetransmission, resent && flags.syn()),
            (Finding::SequenceWrap, wraps(segment) && !resent),
            (Finding::ProbeBelow, probed && known.contains(Finding::KeepAlive)),
            (Finding::MissingFirstCopy, self.misses_first_copy(seen, before, known, side)),
            (Finding::UnseenResend, self.reports_unseen(segment, side)),
        ] {
            findings.extend_with(found.then_some(finding));
        }
        if flags.rst() {
            findings.insert(self.reset(seen, before, !bad, report));
        } else {
            let states = [side, side.other()].map(|side| self.inference.end(side).state);
            let received = self.inference.end(side).received();
            self.inference.follow(side, segment, !bad, &mut report.changes);
            findings |= self.turns(seen, before, states, received, report);
        }
        self.quiet = self.inference.is_quiet()
            && self.holes.is_none()
            && self.challenged.is_none()
            && self.pace.is_settled();
        findings
    }

    /// What the states of sender and receiver before and after a segment say about it.
    fn turns(
        &mut self,
        seen: &Seen<'_>,
        before: &Before,
        [sender, receiver]: [State; 2],
        received: Option<SeqNumber>,
        report: &PacketReport,
    ) -> Findings {
        let (side, segment) = (report.side, seen.segment);
        let flags = segment.flags;
        let mut findings = Findings::NONE;
        let entered = |state| report.changes.enter(state);
        if entered(State::SynSent) && receiver == State::SynSent {
            findings.insert(Finding::SimultaneousOpen);
        }
        if entered(State::Closing) && !self.findings.contains(Finding::SimultaneousClose) {
            findings.insert(Finding::SimultaneousClose);
        }
        if entered(State::TimeWait) {
            findings.insert(Finding::TimeWait);
        }
        let half_open = sender == State::CloseWait && segment.len > 0;
        if half_open && !self.findings.contains(Finding::HalfClose) {
            findings.insert(Finding::HalfClose);
        }
        let pure_ack = segment.seq_len() == 0 && flags.ack();
        if self.challenged == Some(side) {
            let repeats = received.is_none_or(|received| received == segment.ack)
                && before.next.is_none_or(|next| next == segment.seq);
            if pure_ack && repeats {
                findings.insert(Finding::ChallengeAck);
            }
            self.challenged = None;
        }
        if flags.syn() && !flags.ack() && receiver.is_synchronized() {
            self.challenged = Some(side.other());
        }
        findings
    }

    /// Follows a reset and says why it was sent.
    fn reset(
        &mut self,
        seen: &Seen<'_>,
        before: &Before,
        arrives: bool,
        report: &mut PacketReport,
    ) -> Finding {
        let (side, segment) = (report.side, seen.segment);
        let rev = self.flows[side.other().index()];
        let window = rev.window_octets().or(rev.window.map(u32::from)).unwrap_or(u32::from(u16::MAX));
        let [sender, receiver] = [side, side.other()].map(|side| *self.inference.end(side));
        let fate = self.inference.follow_reset(side, segment, window, arrives, &mut report.changes);
        let calls = rev.next() != Some(rev.last_ack().unwrap_or_default()) || rev.was_keep_alive;
        let prompted = rev.last_ack() == Some(segment.seq) && rev.last_at >= before.last_at && calls;
        let reason = reset::reason(segment, fate, &sender, &receiver, prompted);
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
    fn misses_first_copy(&mut self, seen: &Seen<'_>, before: &Before, known: Findings, side: Side) -> bool {
        let segment = seen.segment;
        let (left, right) = (segment.seq, segment.seq_end());
        if known.contains(Finding::LostSegment)
            && let Some(next) = before.next
        {
            self.holes.get_or_insert_default()[side.index()].open(next, left);
        }
        let skips_one = self.skips_one(seen, before, side);
        let holes = self.holes.as_mut().filter(|_| left != right);
        if holes.is_some_and(|holes| holes[side.index()].fill(left, right)) {
            let late = Findings::of(&[Finding::Retransmission, Finding::FastRetransmission]);
            return known.intersects(late);
        }
        skips_one
    }

    /// Whether the sender's identifications skip a packet before this one, it was silent for as long as
    /// a timeout, and the other end said nothing that the skipped one could have answered.
    fn skips_one(&mut self, seen: &Seen<'_>, before: &Before, side: Side) -> bool {
        let id = seen.packet.ip.id;
        id != 0
            && self.ids[side.index()].skips(id)
            && seen.at.since(before.last_at) >= SILENCE
            && self.flows[side.other().index()].last_at <= before.last_at
            && seen.segment.seq_len() > 0
            && before.next == Some(seen.segment.seq)
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
