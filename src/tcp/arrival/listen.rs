//! A segment for a listener (RFC 9293 §3.10.7.2).
//!
//! The listener's own control block never changes: a SYN makes a child that begins in LISTEN and
//! moves to SYN-RECEIVED, as the sockets API has it.

use super::ignore;
use crate::tcp::decision::{AckNeed, Decision, Disposition, Reset};
use crate::tcp::tcb::{Arrival, Policy, Tcb};
use crate::tcp::{Rule, State};
use crate::wire::SeqNumber;

/// Decides about a segment in LISTEN. A SYN that is answered gives the child's control block, made
/// with the initial sequence number `iss` and the receive window `rcv_wnd`.
pub fn listen(policy: &Policy, segment: &Arrival, iss: SeqNumber, rcv_wnd: u32) -> (Decision, Option<Tcb>) {
    //= https://www.rfc-editor.org/rfc/rfc9293#section-3.10.7.2
    //# An incoming RST should be ignored.  Return.
    if segment.flags.rst() {
        return (ignore(Rule::ListenIgnoresReset), None);
    }
    //= https://www.rfc-editor.org/rfc/rfc9293#section-3.10.7.2
    //# Any acknowledgment is bad if it arrives on a connection still
    //# in the LISTEN state.
    if segment.flags.ack() {
        let reset = Reset { seq: segment.ack, ack: None };
        return (Decision::new(Disposition::SendReset(reset), Rule::ListenResetsAck), None);
    }
    if !segment.flags.syn() {
        return (ignore(Rule::ListenDropsOther), None);
    }
    if policy.linux && segment.flags.fin() {
        return (ignore(Rule::ListenDropsSynFin), None);
    }
    //= https://www.rfc-editor.org/rfc/rfc9293#section-3.10.7.2
    //# Set RCV.NXT to SEG.SEQ+1, IRS is set to SEG.SEQ
    let mut child = child_of(segment, iss, rcv_wnd);
    let mut decision = Decision::new(Disposition::SendSynAck, Rule::ListenAnswersSyn);
    if policy.two_way {
        // Broken on purpose: the peer is believed before it has shown that it heard us.
        decision.because(Rule::TwoWayEstablished);
        child.snd_una = child.snd_nxt;
        child.transition(&mut decision, State::Established, Rule::TwoWayEstablished);
    } else {
        child.transition(&mut decision, State::SynReceived, Rule::ListenAnswersSyn);
    }
    (decision, Some(child))
}

/// The control block that a SYN makes, still in LISTEN, its SYN counted as sent.
fn child_of(segment: &Arrival, iss: SeqNumber, rcv_wnd: u32) -> Tcb {
    Tcb {
        state: State::Listen,
        passive: true,
        iss,
        irs: segment.seq,
        snd_una: iss,
        //= https://www.rfc-editor.org/rfc/rfc9293#section-3.10.7.2
        //# SND.NXT is set to ISS+1 and SND.UNA to ISS.
        snd_nxt: iss + 1,
        snd_up: iss,
        snd_wnd: segment.window,
        max_snd_wnd: segment.window,
        snd_wl1: segment.seq,
        snd_wl2: iss,
        rcv_nxt: segment.seq + 1,
        rcv_up: segment.seq + 1,
        rcv_wnd,
        ..Tcb::default()
    }
}

/// The same for a Fast Open SYN (RFC 7413 §4.2.2): with `accepted`, its text is taken along with it.
pub fn fast_open(
    segment: &Arrival,
    iss: SeqNumber,
    rcv_wnd: u32,
    rule: Rule,
    accepted: bool,
) -> (Decision, Tcb) {
    let mut child = child_of(segment, iss, rcv_wnd);
    let mut decision = Decision::new(Disposition::SendSynAck, rule);
    if accepted {
        let len = segment.len.min(rcv_wnd);
        child.rcv_nxt += len;
        child.rcv_wnd -= len;
        decision.text = crate::tcp::decision::Text::InOrder { skip: 0, len };
    }
    child.transition(&mut decision, State::SynReceived, rule);
    (decision, child)
}

/// The control block that a valid SYN cookie's acknowledgment makes, open at once (RFC 4987 §3.6).
/// `segment` is the handshake's third; the cookie was our initial sequence number.
pub fn cookie_child(segment: &Arrival, rcv_wnd: u32) -> (Decision, Tcb) {
    let iss = segment.ack - 1;
    let syn = Arrival { seq: segment.seq - 1, window: segment.window, ..Arrival::default() };
    let mut child = child_of(&syn, iss, rcv_wnd);
    child.snd_una = segment.ack;
    child.snd_wl1 = segment.seq;
    child.snd_wl2 = segment.ack;
    let mut decision = Decision::new(Disposition::Accept, Rule::CookieAccepted);
    child.transition(&mut decision, State::Established, Rule::CookieAccepted);
    decision.need_ack(AckNeed::No);
    (decision, child)
}
