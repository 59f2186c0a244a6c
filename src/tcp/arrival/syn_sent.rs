//! A segment in SYN-SENT (RFC 9293 §3.10.7.3).

use super::{ignore, text};
use crate::tcp::decision::{AckNeed, Decision, Disposition, Reset};
use crate::tcp::tcb::{Arrival, Policy, Tcb};
use crate::tcp::{Error, Rule, State};

/// Decides about a segment in SYN-SENT.
#[inline(never)] // Once in a connection: it need not stand in the way of all the others.
pub(super) fn syn_sent(tcb: &mut Tcb, policy: &Policy, segment: &Arrival, decision: &mut Decision) {
    if let Some(refused) = refuse(tcb, segment) {
        *decision = refused;
        return;
    }
    let flags = segment.flags;
    //= https://www.rfc-editor.org/rfc/rfc9293#section-3.10.7.3
    //# RCV.NXT is set to SEG.SEQ+1, IRS is set to
    //# SEG.SEQ.
    tcb.irs = segment.seq;
    tcb.rcv_nxt = segment.seq + 1;
    tcb.rcv_up = tcb.rcv_nxt;
    tcb.snd_wnd = segment.window;
    tcb.max_snd_wnd = segment.window;
    tcb.snd_wl1 = segment.seq;
    if !flags.ack() {
        //= https://www.rfc-editor.org/rfc/rfc9293#section-3.5
        //# A TCP implementation MUST support simultaneous open attempts
        //# (MUST-10).
        decision.disposition = Disposition::SendSynAck;
        decision.because(Rule::SynSentSimultaneous);
        tcb.snd_wl2 = tcb.iss;
        tcb.transition(decision, State::SynReceived, Rule::SynSentSimultaneous);
        return;
    }
    decision.because(Rule::SynSentEstablished);
    decision.acked = segment.ack.since(tcb.snd_una);
    tcb.snd_una = segment.ack;
    tcb.snd_wl2 = segment.ack;
    tcb.transition(decision, State::Established, Rule::SynSentEstablished);
    decision.need_ack(AckNeed::Now);
    if segment.len > 0 && !policy.text_on_syn_ack {
        return;
    }
    let after_syn =
        Arrival { seq: segment.seq + 1, flags: flags.without(crate::wire::Flags::SYN), ..*segment };
    if after_syn.seq_len() > 0 {
        text::text_and_fin(tcb, policy, &after_syn, decision);
        // What the user must know first is that the connection is open.
        decision.because(Rule::SynSentEstablished);
    }
}

/// What cannot open the connection: a bad acknowledgment, a reset, anything but a SYN.
fn refuse(tcb: &mut Tcb, segment: &Arrival) -> Option<Decision> {
    let flags = segment.flags;
    //= https://www.rfc-editor.org/rfc/rfc9293#section-3.10.7.3
    //# If SEG.ACK =< ISS or SEG.ACK > SND.NXT, send a reset (unless
    //# the RST bit is set, if so drop the segment and return)
    if flags.ack() && (segment.ack.le(tcb.iss) || segment.ack.gt(tcb.snd_nxt)) {
        if flags.rst() {
            return Some(ignore(Rule::SynSentBadAckWithReset));
        }
        let reset = Reset { seq: segment.ack, ack: None };
        return Some(Decision::new(Disposition::SendReset(reset), Rule::SynSentBadAckResets));
    }
    if flags.rst() {
        //= https://www.rfc-editor.org/rfc/rfc9293#section-3.10.7.3
        //# If the ACK was acceptable, then signal to the user "error:
        //# connection reset", drop the segment, enter CLOSED state,
        //# delete TCB, and return.  Otherwise (no ACK), drop the
        //# segment and return.
        if !flags.ack() {
            return Some(ignore(Rule::SynSentResetWithoutAck));
        }
        let abort = Disposition::Abort { reset: None, error: Some(Error::Refused) };
        let mut decision = Decision::new(abort, Rule::SynSentRefused);
        tcb.transition(&mut decision, State::Closed, Rule::SynSentRefused);
        return Some(decision);
    }
    //= https://www.rfc-editor.org/rfc/rfc9293#section-3.10.7.3
    //# if neither of the SYN or RST bits is set, then drop the
    //# segment and return.
    if !flags.syn() {
        return Some(ignore(Rule::SynSentDropsOther));
    }
    None
}
