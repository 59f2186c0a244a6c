//! Wireshark's reading of sequence numbers: which `tcp.analysis` flags a segment gets.
//!
//! The rules are those of Wireshark 4.0 with its default settings, each with its own little function
//! here. Where Wireshark takes the number 0 for "not seen yet", an [`Option`] says so, so that
//! connections whose numbers pass 0 are judged like any other. `tests/it/analyze/oracle.rs` compares
//! with tshark packet by packet and lists the remaining differences.

use super::finding::{Finding, Findings};
use super::flow::{Flow, Scale, window_scale};
use crate::time::{Duration, Instant};
use crate::wire::{Flags, Packet, Segment, SeqNumber};

/// A resend this soon after a duplicate ACK was asked for by it.
const FAST: Duration = Duration::from_millis(20);
/// A segment this soon after a later one was overtaken by it, where no round trip was measured.
const OVERTAKEN: Duration = Duration::from_millis(3);
/// Flags of segments that are no keep-alive, window update and the like.
const CONTROL: Flags = Flags::SYN.with(Flags::FIN).with(Flags::RST);
const NUMBERED: Flags = Flags::SYN.with(Flags::FIN);

/// The round trip of the handshake, which tells an overtaken segment from one sent again.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pace {
    syn_at: Instant,
    /// Zero stands for not measured, as nothing shorter than the capture's clock can be.
    round_trip: Duration,
    any_syn: bool,
}

impl Pace {
    /// Whether no ACK will be measured any more.
    pub(super) fn is_settled(&self) -> bool {
        !self.any_syn || self.round_trip > Duration::ZERO
    }

    /// From the first SYN's last copy to the first ACK after it.
    pub(super) fn round_trip(&self) -> Option<Duration> {
        (self.round_trip > Duration::ZERO).then_some(self.round_trip)
    }
}

/// A segment in its packet, when it was seen, and as which of the capture's.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen<'a> {
    pub(super) number: u64,
    pub(super) at: Instant,
    pub(super) packet: &'a Packet<&'a [u8]>,
    pub(super) segment: &'a Segment,
}

impl Seen<'_> {
    pub(super) fn ack(&self) -> Option<SeqNumber> {
        self.segment.flags.ack().then_some(self.segment.ack)
    }

    fn has(&self, flags: Flags) -> bool {
        self.segment.flags.intersects(flags)
    }

    /// The number after this segment's last; SYN and FIN together count once, as in Wireshark.
    fn end(&self) -> SeqNumber {
        self.segment.seq + self.segment.len + u32::from(self.has(NUMBERED))
    }

    /// A segment without text that repeats the sequence and acknowledgment numbers it is due to have.
    fn repeats(&self, fwd: &Flow) -> bool {
        self.segment.len == 0
            && !self.has(CONTROL)
            && fwd.next() == Some(self.segment.seq)
            && self.ack().is_some()
            && fwd.last_ack() == self.ack()
    }

    /// The time since `earlier`, or `None` when the capture's clock went back.
    fn since(&self, earlier: Instant) -> Option<Duration> {
        (self.at >= earlier).then(|| self.at.since(earlier))
    }
}

/// Judges a segment and takes it into account. `fwd` is the direction it goes in.
pub(super) fn judge(pace: &mut Pace, fwd: &mut Flow, rev: &mut Flow, seen: &Seen<'_>) -> Findings {
    let mut findings = window_and_ack(fwd, rev, seen);
    if fwd.last_ack() != seen.ack() {
        fwd.first_ack = seen.number as u32;
        fwd.duplicates = 0;
    }
    if acks_unseen(rev, seen) {
        findings.insert(Finding::AckLostSegment);
    }
    let numbered = seen.segment.len > 0 || seen.has(NUMBERED);
    if numbered && !findings.contains(Finding::KeepAlive) {
        findings.extend_with(resend(pace, fwd, rev, seen));
    }
    remember(fwd, seen, findings);
    learn(pace, fwd, rev, seen);
    findings
}

/// Takes a segment into account that [`judge`] would find nothing about: text that is due, or an ACK of
/// something new. Most segments are such. False, and nothing done, for any other. Only for segments with
/// ACK and without SYN, FIN or RST, once the round trip is [settled](Pace::is_settled).
pub(super) fn pass(fwd: &mut Flow, rev: &Flow, seen: &Seen<'_>) -> bool {
    let segment = seen.segment;
    let (Some(next), Some(contiguous), Some(last_ack)) = (fwd.next(), fwd.contiguous(), fwd.last_ack())
    else {
        return false;
    };
    let (Some(held), Some(acked)) = (rev.contiguous(), rev.last_ack()) else { return false };
    let end = segment.seq + segment.len;
    let news = segment.len > 1 || (segment.len == 0 && segment.ack.gt(last_ack));
    let due = segment.seq == next && next == contiguous && acked.le(next);
    let open = segment.window != 0 && segment.ack.le(held);
    if !(news && due && open) || (segment.len > 0 && rev.edge() == Some(end)) {
        return false;
    }
    if segment.ack != last_ack {
        fwd.first_ack = seen.number as u32;
        fwd.duplicates = 0;
        fwd.set_last_ack(segment.ack);
    }
    if segment.len > 0 {
        fwd.set_next(end);
        fwd.set_contiguous(end);
        fwd.next_at = seen.at;
    }
    fwd.window = Some(segment.window);
    fwd.window_from_syn = false;
    fwd.last_at = seen.at;
    fwd.was_keep_alive = false;
    fwd.was_probe = false;
    true
}

/// The rules about windows, gaps and repeated ACKs, in Wireshark's order.
fn window_and_ack(fwd: &mut Flow, rev: &Flow, seen: &Seen<'_>) -> Findings {
    let mut findings = Findings::NONE;
    let segment = seen.segment;
    let (seq, len, window) = (segment.seq, segment.len, segment.window);
    if len == 1 && fwd.next() == Some(seq) && rev.window == Some(0) {
        findings.insert(Finding::ZeroWindowProbe);
        return findings;
    }
    let control = seen.has(CONTROL);
    if window == 0 && !control {
        findings.insert(Finding::ZeroWindow);
    }
    if fwd.next().is_some_and(|next| seq.gt(next)) && !segment.flags.rst() {
        findings.insert(Finding::LostSegment);
    }
    if len <= 1 && !control && fwd.next().is_some_and(|next| seq == next - 1) {
        findings.insert(Finding::KeepAlive);
    }
    if len > 0 && !control && rev.edge() == Some(seq + len) {
        findings.insert(Finding::WindowFull);
    }
    if !seen.repeats(fwd) {
        return findings;
    }
    match (window, fwd.window == Some(window)) {
        (0, true) if rev.was_probe => findings.insert(Finding::ZeroWindowProbeAck),
        (0, _) => {}
        (_, false) => findings.insert(Finding::WindowUpdate),
        (_, true) if rev.was_keep_alive => findings.insert(Finding::KeepAliveAck),
        (_, true) => {
            fwd.duplicates = fwd.duplicates.max(0).saturating_add(1);
            findings.insert(Finding::DuplicateAck);
        }
    }
    findings
}

/// Whether the segment acknowledges numbers that the capture does not hold. Said once a gap.
fn acks_unseen(rev: &mut Flow, seen: &Seen<'_>) -> bool {
    let (Some(ack), Some(contiguous)) = (seen.ack(), rev.contiguous()) else { return false };
    if !ack.gt(contiguous) {
        return false;
    }
    if rev.next().is_some_and(|next| contiguous.lt(next)) {
        rev.set_contiguous(rev.next());
        return true;
    }
    let first = rev.duplicates == 0;
    rev.duplicates = -1;
    first
}

/// Which kind of resend this is, if it is one.
fn resend(pace: &Pace, fwd: &Flow, rev: &Flow, seen: &Seen<'_>) -> Option<Finding> {
    let (seq, len) = (seen.segment.seq, seen.segment.len);
    if len > 0 && rev.last_ack().is_some_and(|ack| (seq + len).le(ack)) {
        return Some(Finding::SpuriousRetransmission);
    }
    let next = fwd.next().filter(|next| seq.lt(*next))?;
    if len > 1 && seq == next - 1 {
        // New data behind the octet of a zero-window probe.
        return None;
    }
    let asked_for = rev.duplicates >= 2 && rev.last_ack() == Some(seq);
    if asked_for && seen.since(rev.last_at).is_some_and(|time| time < FAST) {
        return Some(Finding::FastRetransmission);
    }
    let threshold = pace.round_trip().unwrap_or(OVERTAKEN);
    if next != seen.end() && seen.since(fwd.next_at).is_some_and(|time| time < threshold) {
        return Some(Finding::OutOfOrder);
    }
    Some(Finding::Retransmission)
}

fn remember(fwd: &mut Flow, seen: &Seen<'_>, findings: Findings) {
    let probe = findings.contains(Finding::ZeroWindowProbe);
    let end = seen.end();
    if !probe && fwd.next().is_none_or(|next| end.gt(next)) {
        fwd.set_next(end);
        fwd.next_at = seen.at;
    }
    if !probe && fwd.contiguous().is_none_or(|contiguous| contiguous == seen.segment.seq) {
        fwd.set_contiguous(fwd.next());
    }
    fwd.window = Some(seen.segment.window);
    fwd.set_last_ack(seen.ack());
    fwd.last_at = seen.at;
    fwd.was_keep_alive = findings.contains(Finding::KeepAlive);
    fwd.was_probe = probe;
}

/// Takes the window scale from SYNs and the round trip from the first ACK after one.
fn learn(pace: &mut Pace, fwd: &mut Flow, rev: &mut Flow, seen: &Seen<'_>) {
    let flags = seen.segment.flags;
    if flags.syn() {
        if let Some(bits) = window_scale(seen.segment) {
            fwd.scale = Scale::Shift(bits);
        }
        if fwd.scale == Scale::Unknown {
            (fwd.scale, rev.scale) = (Scale::Off, Scale::Off);
        } else if flags.ack() && rev.scale == Scale::Off {
            fwd.scale = Scale::Off;
        }
        fwd.window_from_syn = true;
        if !flags.ack() {
            pace.syn_at = seen.at;
            pace.any_syn = true;
        }
    } else if flags.ack() {
        fwd.window_from_syn = false;
        if !pace.is_settled() {
            pace.round_trip = seen.since(pace.syn_at).unwrap_or_default();
        }
    }
}
