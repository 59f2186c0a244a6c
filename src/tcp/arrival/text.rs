//! Urgent pointer, text and FIN (RFC 9293 §3.10.7.4, steps six to eight).

use crate::tcp::decision::{AckNeed, Decision, Disposition, Reset, Text};
use crate::tcp::tcb::{Arrival, Policy, Tcb};
use crate::tcp::{Error, Rule, State};

/// Takes in what a segment brings beyond its acknowledgment. The segment has passed the sequence
/// check; what lies outside the window is trimmed here.
pub(super) fn text_and_fin(tcb: &mut Tcb, policy: &Policy, segment: &Arrival, decision: &mut Decision) {
    urgent(tcb, segment, decision);
    if segment.seq_len() == 0 {
        return;
    }
    // Beyond the peer's FIN there can be nothing new.
    if !tcb.state.receives_text() {
        if !decision.changes_state() {
            decision.because(Rule::TextAfterPeerFin);
        }
        decision.need_ack(AckNeed::Now);
        return;
    }
    if segment.len > 0 && take_text(tcb, segment, decision) == Taken::ConnectionEnded {
        return;
    }
    if segment.flags.fin() {
        let at = segment.seq + segment.len;
        if at == tcb.rcv_nxt && tcb.rcv_wnd > 0 {
            fin_in_order(tcb, policy, decision);
        } else if at.gt(tcb.rcv_nxt) && at.lt(tcb.rcv_edge()) {
            decision.fin_ahead = Some(at);
            decision.because(Rule::FinHeld);
            decision.need_ack(AckNeed::Now);
        }
    }
}

/// The urgent pointer: RCV.UP <- max(RCV.UP, SEG.UP).
pub(super) fn urgent(tcb: &mut Tcb, segment: &Arrival, decision: &mut Decision) {
    if !segment.flags.contains(crate::wire::Flags::URG) || !tcb.state.receives_text() {
        return;
    }
    //= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.5
    //# A TCP implementation MUST support a sequence of urgent data of
    //# any length (MUST-31) [19].
    let pointer = segment.seq + u32::from(segment.urgent);
    if pointer.gt(tcb.rcv_up) {
        tcb.rcv_up = pointer;
        decision.urgent = true;
        decision.because(Rule::UrgentAdvances);
    }
}

#[derive(PartialEq, Eq)]
enum Taken {
    Yes,
    ConnectionEnded,
}

fn take_text(tcb: &mut Tcb, segment: &Arrival, decision: &mut Decision) -> Taken {
    if tcb.reader_gone {
        //= https://www.rfc-editor.org/rfc/rfc9293#section-3.6.1
        //# If such a host issues a CLOSE call while received data is still
        //# pending in the TCP connection, or if new data is received after
        //# CLOSE is called, its TCP implementation SHOULD send a RST to
        //# show that data was lost (SHLD-3).
        let reset = Reset { seq: tcb.snd_nxt, ack: None };
        decision.disposition = Disposition::Abort { reset: Some(reset), error: Some(Error::Reset) };
        decision.because(Rule::TextAfterClose);
        tcb.transition(decision, State::Closed, Rule::TextAfterClose);
        return Taken::ConnectionEnded;
    }
    let end = (segment.seq + segment.len).min(tcb.rcv_edge());
    if segment.seq.gt(tcb.rcv_nxt) {
        //= https://www.rfc-editor.org/rfc/rfc9293#section-3.10.7.4
        //# Segments with higher
        //# beginning sequence numbers SHOULD be held for later
        //# processing (SHLD-31).
        decision.text = Text::Ahead { ahead: segment.seq.since(tcb.rcv_nxt), len: end.since(segment.seq) };
        decision.because(Rule::TextHeld);
        decision.need_ack(AckNeed::Now);
        return Taken::Yes;
    }
    if end.le(tcb.rcv_nxt) {
        decision.because(Rule::TextDuplicate);
        decision.need_ack(AckNeed::Now);
        return Taken::Yes;
    }
    let skip = tcb.rcv_nxt.since(segment.seq);
    let len = end.since(tcb.rcv_nxt);
    //= https://www.rfc-editor.org/rfc/rfc9293#section-3.10.7.4
    //# Once the TCP endpoint takes responsibility for the data, it
    //# advances RCV.NXT over the data accepted, and adjusts RCV.WND
    //# as appropriate to the current buffer availability.  The
    //# total of RCV.NXT and RCV.WND should not be reduced.
    tcb.rcv_nxt = end;
    tcb.rcv_wnd -= len;
    decision.text = Text::InOrder { skip, len };
    if decision.rule != Rule::SynReceivedEstablished {
        decision.because(Rule::TextAccepted);
    }
    decision.need_ack(AckNeed::MayDelay);
    Taken::Yes
}

/// The peer's FIN, with nothing missing before it.
//= https://www.rfc-editor.org/rfc/rfc9293#section-3.10.7.4
//# If the FIN bit is set, signal the user "connection closing" and
//# return any pending RECEIVEs with same message, advance RCV.NXT
//# over the FIN, and send an acknowledgment for the FIN.
pub(in crate::tcp) fn fin_in_order(tcb: &mut Tcb, policy: &Policy, decision: &mut Decision) {
    tcb.rcv_nxt += 1;
    tcb.rcv_wnd = tcb.rcv_wnd.saturating_sub(1);
    decision.fin = true;
    // Linux lets the ACK of a FIN wait like any other: it may ride on our own FIN.
    let may_wait = policy.linux && tcb.state == State::Established;
    decision.need_ack(if may_wait { AckNeed::MayDelay } else { AckNeed::Now });
    let (to, rule) = match tcb.state {
        State::FinWait1 if tcb.fin_acknowledged() => (State::TimeWait, Rule::FinWithAckToTimeWait),
        State::FinWait1 => (State::Closing, Rule::FinToClosing),
        State::FinWait2 => (State::TimeWait, Rule::FinToTimeWait),
        _ => (State::CloseWait, Rule::FinToCloseWait),
    };
    let (to, rule) = if to == State::TimeWait && policy.no_time_wait {
        (State::Closed, Rule::NoTimeWait)
    } else {
        (to, rule)
    };
    tcb.transition(decision, to, rule);
    decision.because(rule);
    decision.restart_time_wait = to == State::TimeWait;
}
