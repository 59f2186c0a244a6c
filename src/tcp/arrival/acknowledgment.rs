//! The acknowledgment field (RFC 9293 §3.10.7.4, fifth step).

use super::send_ack;
use crate::tcp::decision::{Decision, Disposition, Reset};
use crate::tcp::tcb::{Arrival, Policy, Tcb};
use crate::tcp::{Rule, State};

/// Takes the acknowledgment in. `Some` is a refusal that ends the segment's processing.
pub(super) fn acknowledgment(
    tcb: &mut Tcb,
    policy: &Policy,
    segment: &Arrival,
    acceptable: bool,
    decision: &mut Decision,
) -> Option<Decision> {
    if tcb.state == State::SynReceived {
        //= https://www.rfc-editor.org/rfc/rfc9293#section-3.10.7.4
        //# If SND.UNA < SEG.ACK =< SND.NXT, then enter ESTABLISHED
        //# state and continue processing with the variables below
        //# set to:
        if !(segment.ack.gt(tcb.snd_una) && segment.ack.le(tcb.snd_nxt)) {
            //= https://www.rfc-editor.org/rfc/rfc9293#section-3.10.7.4
            //# If the segment acknowledgment is not acceptable, form a
            //# reset segment
            //# <SEQ=SEG.ACK><CTL=RST>
            let reset = Reset { seq: segment.ack, ack: None };
            return Some(Decision::new(Disposition::SendReset(reset), Rule::SynReceivedBadAck));
        }
        tcb.snd_wl1 = segment.seq;
        tcb.snd_wl2 = segment.ack;
        set_window(tcb, segment.window);
        tcb.transition(decision, State::Established, Rule::SynReceivedEstablished);
        decision.because(Rule::SynReceivedEstablished);
        if tcb.fin_queued {
            // CLOSE was called while the handshake was under way; its turn has come.
            tcb.transition(decision, State::FinWait1, Rule::CloseEstablished);
        }
    } else {
        //= https://www.rfc-editor.org/rfc/rfc9293#section-3.10.7.4
        //# TCP stacks that implement RFC
        //# 5961 MUST add an input check that the ACK value is
        //# acceptable only if it is in the range of ((SND.UNA -
        //# MAX.SND.WND) =< SEG.ACK =< SND.NXT).
        if policy.challenge && segment.ack.lt(tcb.snd_una - tcb.max_snd_wnd) {
            return Some(Decision::new(Disposition::ChallengeAck, Rule::AckTooOld));
        }
        //= https://www.rfc-editor.org/rfc/rfc9293#section-3.10.7.4
        //# If the ACK acks something not yet sent (SEG.ACK > SND.NXT),
        //# then send an ACK, drop the segment, and return.
        if segment.ack.gt(tcb.snd_nxt) {
            return Some(send_ack(Rule::AckOfUnsent));
        }
    }
    advance(tcb, segment, acceptable, decision);
    if tcb.fin_acknowledged() {
        our_fin_is_acknowledged(tcb, policy, segment, decision);
    }
    None
}

fn set_window(tcb: &mut Tcb, window: u32) {
    tcb.snd_wnd = window;
    tcb.max_snd_wnd = tcb.max_snd_wnd.max(window);
}

/// SND.UNA and the send window.
fn advance(tcb: &mut Tcb, segment: &Arrival, acceptable: bool, decision: &mut Decision) {
    let outstanding = tcb.in_flight() > 0;
    let window_before = tcb.snd_wnd;
    if segment.ack.gt(tcb.snd_una) {
        //= https://www.rfc-editor.org/rfc/rfc9293#section-3.10.7.4
        //# If SND.UNA < SEG.ACK =< SND.NXT, then set SND.UNA <-
        //# SEG.ACK.
        decision.acked = segment.ack.since(tcb.snd_una);
        tcb.snd_una = segment.ack;
        if decision.rule == Rule::AckRepeatsNothingNew {
            decision.because(Rule::AckAdvances);
        }
    }
    if segment.ack.lt(tcb.snd_una) {
        return;
    }
    //= https://www.rfc-editor.org/rfc/rfc9293#section-3.10.7.4
    //# If (SND.WL1 < SEG.SEQ or (SND.WL1 = SEG.SEQ
    //# and SND.WL2 =< SEG.ACK)), set SND.WND <- SEG.WND, set
    //# SND.WL1 <- SEG.SEQ, and set SND.WL2 <- SEG.ACK.
    if tcb.snd_wl1.lt(segment.seq) || (tcb.snd_wl1 == segment.seq && tcb.snd_wl2.le(segment.ack)) {
        set_window(tcb, segment.window);
        tcb.snd_wl1 = segment.seq;
        tcb.snd_wl2 = segment.ack;
    }
    decision.window_updated = tcb.snd_wnd != window_before;
    if decision.acked == 0 && segment.seq_len() == 0 {
        //= https://www.rfc-editor.org/rfc/rfc5681#section-2
        //# An acknowledgment is considered a "duplicate" [...] when (a) the receiver of the ACK
        //# has outstanding data, (b) the incoming acknowledgment carries no data, (c) the SYN and
        //# FIN bits are both off, (d) the acknowledgment number is equal to the greatest
        //# acknowledgment received on the given connection [...] and (e) the advertised window
        //# in the incoming acknowledgment equals the advertised window in the last incoming
        //# acknowledgment.
        // While the window is closed, what is outstanding is a probe, and this its answer.
        let answers_probe = tcb.snd_wnd == 0;
        decision.duplicate_ack = outstanding && !decision.window_updated && acceptable && !answers_probe;
        if decision.duplicate_ack {
            decision.because(Rule::AckDuplicate);
        } else if decision.window_updated {
            decision.because(Rule::WindowUpdated);
        }
    }
}

/// What the acknowledgment of our FIN does in each state.
fn our_fin_is_acknowledged(tcb: &mut Tcb, policy: &Policy, segment: &Arrival, decision: &mut Decision) {
    let end_of_wait = if policy.no_time_wait { State::Closed } else { State::TimeWait };
    match tcb.state {
        // The peer's FIN may come in this very segment and then takes both steps at once.
        State::FinWait1 if !brings_fin_in_order(tcb, segment) => {
            tcb.transition(decision, State::FinWait2, Rule::FinAcknowledged);
            decision.because(Rule::FinAcknowledged);
        }
        State::Closing => {
            let rule = if policy.no_time_wait { Rule::NoTimeWait } else { Rule::ClosingFinAcknowledged };
            tcb.transition(decision, end_of_wait, rule);
            decision.because(rule);
        }
        //= https://www.rfc-editor.org/rfc/rfc9293#section-3.10.7.4
        //# If our FIN is now
        //# acknowledged, delete the TCB, enter the CLOSED state, and
        //# return.
        State::LastAck => {
            tcb.transition(decision, State::Closed, Rule::LastAckFinAcknowledged);
            decision.because(Rule::LastAckFinAcknowledged);
        }
        _ => {}
    }
}

/// Whether the peer's FIN stands in this segment with nothing missing before it, and fits the window.
fn brings_fin_in_order(tcb: &Tcb, segment: &Arrival) -> bool {
    segment.flags.fin()
        && segment.seq.le(tcb.rcv_nxt)
        && segment.seq_end().le(tcb.rcv_edge())
        && !(tcb.reader_gone && segment.len > 0)
}
