//! A segment in SYN-RECEIVED or a synchronized state (RFC 9293 §3.10.7.4): the eight steps in order.

use super::acknowledgment::acknowledgment;
use super::reset::{reset, return_to_listen};
use super::{ignore, send_ack, text};
use crate::tcp::decision::{AckNeed, Decision, Disposition, Reset};
use crate::tcp::tcb::{Arrival, Policy, Tcb};
use crate::tcp::{Rule, State};
use crate::wire::{Flags, SeqNumber};

/// Decides about a segment in SYN-RECEIVED and the synchronized states.
pub(super) fn synchronized(tcb: &mut Tcb, policy: &Policy, segment: &Arrival, decision: &mut Decision) {
    if segment.flags.syn() {
        with_syn(tcb, policy, segment, decision);
    } else {
        check(tcb, policy, segment, decision);
    }
}

#[cold]
fn with_syn(tcb: &mut Tcb, policy: &Policy, segment: &Arrival, decision: &mut Decision) {
    if tcb.state == State::TimeWait && !segment.flags.ack() && !segment.flags.rst() {
        *decision = syn_in_time_wait(tcb, policy, segment);
        return;
    }
    // Crossing SYN,ACKs of a simultaneous open begin one number below the window. Trimming the SYN,
    // which was processed before, leaves an acceptable acknowledgment (RFC 9293 §3.5 figure 8, A.2).
    if tcb.state == State::SynReceived && segment.flags.ack() && segment.seq == tcb.irs {
        let flags = segment.flags.without(Flags::SYN);
        let trimmed = Arrival { seq: segment.seq + 1, flags, ..*segment };
        return check(tcb, policy, &trimmed, decision);
    }
    check(tcb, policy, segment, decision);
}

/// The eight steps.
fn check(tcb: &mut Tcb, policy: &Policy, segment: &Arrival, decision: &mut Decision) {
    let acceptable = acceptable(tcb, policy, segment);
    let in_place = acceptable || blocked_by_zero_window(tcb, segment);
    let plain = segment.flags & Flags::SYN.with(Flags::RST).with(Flags::ACK) == Flags::ACK;
    if !in_place || !plain || segment.stale_timestamp {
        *decision = first_four(tcb, policy, segment, acceptable);
        return;
    }
    // Fifth: ACK.
    if let Some(refused) = acknowledgment(tcb, policy, segment, acceptable, decision) {
        *decision = refused;
        return;
    }
    if tcb.state == State::Closed {
        return;
    }
    if !acceptable {
        //= https://www.rfc-editor.org/rfc/rfc9293#section-3.10.7.4
        //# If the RCV.WND is zero, no segments will be acceptable, but
        //# special allowance should be made to accept valid ACKs, URGs,
        //# and RSTs.
        //= https://www.rfc-editor.org/rfc/rfc9293#section-3.4
        //# A TCP receiver MUST process the RST and URG fields of all incoming segments, even when the
        //# receive window is zero (MUST-66).
        decision.because(Rule::ZeroWindowUnacceptable);
        decision.need_ack(AckNeed::Now);
        text::urgent(tcb, segment, decision);
        return;
    }
    // Sixth, seventh, eighth: urgent pointer, text, FIN.
    text::text_and_fin(tcb, policy, segment, decision);
}

/// A segment that does not come as far as its acknowledgment.
#[cold]
fn first_four(tcb: &mut Tcb, policy: &Policy, segment: &Arrival, acceptable: bool) -> Decision {
    // First: the sequence number, and before it the timestamp.
    if segment.stale_timestamp && !segment.flags.rst() {
        return send_ack(Rule::PawsRejects);
    }
    // Second: RST.
    if segment.flags.rst() {
        return reset(tcb, policy, segment, acceptable);
    }
    if !acceptable && !blocked_by_zero_window(tcb, segment) {
        return unacceptable(tcb, policy, segment);
    }
    // Fourth: SYN.
    if segment.flags.syn() {
        return syn_in_window(tcb, policy, segment);
    }
    //= https://www.rfc-editor.org/rfc/rfc9293#section-3.10.7.4
    //# if the ACK bit is off, drop the segment and return
    ignore(Rule::NoAckDropped)
}

/// Table 6 of RFC 9293: whether any part of the segment lies in the receive window.
fn acceptable(tcb: &Tcb, policy: &Policy, segment: &Arrival) -> bool {
    // Linux counts the number just beyond the window in.
    let wnd = tcb.rcv_wnd + u32::from(policy.linux);
    let inside = |seq: SeqNumber| seq.within(tcb.rcv_nxt, wnd);
    match (segment.seq_len(), tcb.rcv_wnd) {
        (0, 0) => segment.seq == tcb.rcv_nxt,
        (0, _) => inside(segment.seq),
        (_, 0) => false,
        (len, _) => inside(segment.seq) || inside(segment.seq + (len - 1)),
    }
}

/// A segment that begins just where it should, and is refused only because the window is closed.
fn blocked_by_zero_window(tcb: &Tcb, segment: &Arrival) -> bool {
    tcb.rcv_wnd == 0 && segment.seq == tcb.rcv_nxt && !segment.flags.syn()
}

/// The answer to a segment outside the window: an ACK, by the most telling rule.
//= https://www.rfc-editor.org/rfc/rfc9293#section-3.10.7.4
//# If an incoming segment is not acceptable, an acknowledgment
//# should be sent in reply (unless the RST bit is set, if so
//# drop the segment and return):
#[cold]
fn unacceptable(tcb: &Tcb, policy: &Policy, segment: &Arrival) -> Decision {
    let below = segment.seq_end().le(tcb.rcv_nxt);
    let repeats_fin = segment.flags.fin() && segment.seq_end() == tcb.rcv_nxt;
    match tcb.state {
        State::SynReceived if segment.flags.syn() && segment.seq == tcb.irs && policy.linux => {
            Decision::new(Disposition::RepeatSynAck, Rule::SynRepeated)
        }
        State::SynReceived if segment.flags.syn() && segment.seq == tcb.irs => send_ack(Rule::SynRepeated),
        //= https://www.rfc-editor.org/rfc/rfc9293#section-3.10.7.4
        //# The only thing that can arrive in this state is a
        //# retransmission of the remote FIN.  Acknowledge it, and
        //# restart the 2 MSL timeout.
        State::TimeWait if repeats_fin => {
            Decision { restart_time_wait: true, ..send_ack(Rule::TimeWaitFinRepeated) }
        }
        State::CloseWait | State::Closing | State::LastAck if repeats_fin => send_ack(Rule::FinRepeated),
        _ if repeats_syn_ack(tcb, segment) => challenge(Rule::SynAckRepeated),
        _ if segment.flags.syn() => challenge(Rule::SynChallenged),
        _ if segment.seq + 1 == tcb.rcv_nxt && segment.len <= 1 && !segment.flags.fin() => {
            send_ack(Rule::KeepaliveAnswered)
        }
        _ if below && segment.len > 0 => send_ack(Rule::TextDuplicate),
        _ => send_ack(Rule::SequenceUnacceptable),
    }
}

/// The SYN,ACK that opened this connection, once more.
fn repeats_syn_ack(tcb: &Tcb, segment: &Arrival) -> bool {
    segment.flags.contains(Flags::SYN | Flags::ACK)
        && segment.seq == tcb.irs
        && segment.ack == tcb.iss + 1
        && segment.len == 0
}

fn challenge(rule: Rule) -> Decision {
    Decision::new(Disposition::ChallengeAck, rule)
}

/// A SYN whose number lies in the window.
#[cold]
fn syn_in_window(tcb: &mut Tcb, policy: &Policy, segment: &Arrival) -> Decision {
    if tcb.state != State::SynReceived || !tcb.passive {
        //= https://www.rfc-editor.org/rfc/rfc9293#section-3.10.7.4
        //# RFC 5961 recommends that in
        //# these synchronized states, if the SYN bit is set,
        //# irrespective of the sequence number, TCP endpoints MUST send
        //# a "challenge ACK" to the remote peer:
        return challenge(Rule::SynChallenged);
    }
    if policy.linux {
        let mut decision = Decision::new(
            Disposition::Abort {
                reset: Some(Reset { seq: SeqNumber(0), ack: Some(segment.seq_end()) }),
                error: None,
            },
            Rule::SynReturnsToListen,
        );
        tcb.transition(&mut decision, State::Closed, Rule::SynReturnsToListen);
        return decision;
    }
    //= https://www.rfc-editor.org/rfc/rfc9293#section-3.10.7.4
    //# If the connection was initiated with a passive OPEN, then
    //# return this connection to the LISTEN state and return.
    return_to_listen(tcb, Rule::SynReturnsToListen)
}

/// A bare SYN in TIME-WAIT: a new connection, if it is surely newer than the old one.
//= https://www.rfc-editor.org/rfc/rfc9293#section-3.6.1
//# it MAY accept a new SYN from the remote TCP endpoint to
//# reopen the connection directly from TIME-WAIT state (MAY-2)
#[cold]
fn syn_in_time_wait(tcb: &mut Tcb, policy: &Policy, segment: &Arrival) -> Decision {
    let newer = segment.newer_timestamp || (segment.seq.gt(tcb.rcv_nxt) && !segment.stale_timestamp);
    if !(policy.time_wait_accepts_syn && newer) {
        return send_ack(Rule::TimeWaitRefusesSyn);
    }
    let mut decision = Decision::new(Disposition::Reopen, Rule::TimeWaitAcceptsSyn);
    tcb.transition(&mut decision, State::Closed, Rule::TimeWaitAcceptsSyn);
    decision
}
