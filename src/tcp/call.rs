//! The user's calls, as far as they decide (RFC 9293 §3.10.1 to §3.10.5), and the timeouts that end
//! a connection (§3.10.8).

use super::decision::{Decision, Disposition, Reset};
use super::tcb::Tcb;
use super::{Error, Rule, State};
use crate::wire::SeqNumber;

/// Active OPEN: the control block of a connection whose SYN is to go out.
pub fn open_active(iss: SeqNumber, rcv_wnd: u32, rule: Rule) -> (Decision, Tcb) {
    //= https://www.rfc-editor.org/rfc/rfc9293#section-3.10.1
    //# A SYN segment of the form
    //# <SEQ=ISS><CTL=SYN> is sent.  Set SND.UNA to ISS, SND.NXT to ISS+1,
    //# enter SYN-SENT state, and return.
    let mut tcb = Tcb { iss, snd_una: iss, snd_nxt: iss + 1, snd_up: iss, rcv_wnd, ..Tcb::default() };
    let mut decision = Decision::new(Disposition::SendSyn, rule);
    tcb.transition(&mut decision, State::SynSent, rule);
    (decision, tcb)
}

/// CLOSE: no more text from this side.
///
/// A FIN that is due stands in [`Tcb::fin_queued`]; the driver sends it when the text has gone.
pub fn close(tcb: &mut Tcb) -> Decision {
    let mut decision = Decision::new(Disposition::Accept, Rule::CloseEstablished);
    match tcb.state {
        State::Listen => {
            decision.because(Rule::CloseListen);
            tcb.transition(&mut decision, State::Closed, Rule::CloseListen);
        }
        State::SynSent => {
            decision.because(Rule::CloseSynSent);
            tcb.transition(&mut decision, State::Closed, Rule::CloseSynSent);
        }
        //= https://www.rfc-editor.org/rfc/rfc9293#section-3.10.4
        //# otherwise, queue for processing after entering ESTABLISHED state.
        // The FIN could go at once when nothing waits to be sent, but then FIN-WAIT-1 would skip the
        // check of the SYN's acknowledgment, and an old duplicate FIN would be believed.
        State::SynReceived => {
            decision.because(Rule::CloseSynReceived);
            tcb.fin_queued = true;
        }
        //= https://www.rfc-editor.org/rfc/rfc9293#section-3.10.4
        //# Queue this until all preceding SENDs have been segmentized, then
        //# form a FIN segment and send it.  In any case, enter FIN-WAIT-1
        //# state.
        State::Established => {
            tcb.fin_queued = true;
            tcb.transition(&mut decision, State::FinWait1, Rule::CloseEstablished);
        }
        State::CloseWait => {
            decision.because(Rule::CloseCloseWait);
            tcb.fin_queued = true;
            tcb.transition(&mut decision, State::LastAck, Rule::CloseCloseWait);
        }
        // A second CLOSE: "ok", and no second FIN.
        _ => decision.disposition = Disposition::Ignore,
    }
    decision
}

/// ABORT, by the rule that called for it: a reset where the peer would otherwise wait.
pub fn abort(tcb: &mut Tcb, rule: Rule) -> Decision {
    //= https://www.rfc-editor.org/rfc/rfc9293#section-3.10.5
    //# <SEQ=SND.NXT><CTL=RST>
    let tells_peer = matches!(
        tcb.state,
        State::SynReceived | State::Established | State::FinWait1 | State::FinWait2 | State::CloseWait
    );
    let reset = tells_peer.then_some(Reset { seq: tcb.snd_nxt, ack: None });
    let rule = match (tells_peer, rule) {
        (false, Rule::AbortSendsReset) => Rule::AbortSilent,
        (_, rule) => rule,
    };
    ended(tcb, rule, reset, Some(Error::Aborted))
}

/// The end of a connection by a timeout.
pub fn time_out(tcb: &mut Tcb, rule: Rule, error: Option<Error>) -> Decision {
    ended(tcb, rule, None, error)
}

fn ended(tcb: &mut Tcb, rule: Rule, reset: Option<Reset>, error: Option<Error>) -> Decision {
    let mut decision = Decision::new(Disposition::Abort { reset, error }, rule);
    if tcb.state != State::Closed {
        tcb.transition(&mut decision, State::Closed, rule);
    }
    decision
}
