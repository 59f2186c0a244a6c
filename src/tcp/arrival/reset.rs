//! The RST bit in the synchronized states and SYN-RECEIVED (RFC 9293 §3.10.7.4, second step).

use super::ignore;
use crate::tcp::decision::{Decision, Disposition};
use crate::tcp::tcb::{Arrival, Policy, Tcb};
use crate::tcp::{Error, Rule, State};

/// Decides about a reset. `in_window` is the verdict of the sequence check.
#[cold]
pub(super) fn reset(tcb: &mut Tcb, policy: &Policy, segment: &Arrival, in_window: bool) -> Decision {
    if !policy.challenge {
        return ended(tcb, Rule::ResetUnchecked, Some(Error::Reset));
    }
    if tcb.state == State::TimeWait && policy.time_wait_ignores_reset {
        return ignore(Rule::TimeWaitIgnoresReset);
    }
    // Linux: after the peer's FIN its resets may carry the number of that FIN.
    let after_fin = matches!(tcb.state, State::CloseWait | State::LastAck | State::Closing);
    if policy.linux && after_fin && segment.seq + 1 == tcb.rcv_nxt {
        return ended(tcb, Rule::ResetJustBelowWindow, error_in(tcb.state));
    }
    //= https://www.rfc-editor.org/rfc/rfc9293#section-3.10.7.4
    //# 1)  If the RST bit is set and the sequence number is outside
    //# the current receive window, silently drop the segment.
    if !in_window {
        return ignore(Rule::SequenceUnacceptableReset);
    }
    //= https://www.rfc-editor.org/rfc/rfc9293#section-3.10.7.4
    //# 3)  If the RST bit is set and the sequence number does not
    //# exactly match the next expected sequence value, yet is
    //# within the current receive window, TCP endpoints MUST send
    //# an acknowledgment (challenge ACK):
    if segment.seq != tcb.rcv_nxt {
        return Decision::new(Disposition::ChallengeAck, Rule::ResetChallenged);
    }
    match tcb.state {
        //= https://www.rfc-editor.org/rfc/rfc9293#section-3.10.7.4
        //# If this connection was initiated with a passive OPEN
        //# (i.e., came from the LISTEN state), then return this
        //# connection to LISTEN state and return.
        //= https://www.rfc-editor.org/rfc/rfc9293#section-3.5
        //# Note that a TCP implementation MUST keep track of whether a connection has reached SYN-RECEIVED
        //# state as the result of a passive OPEN or an active OPEN (MUST-11).
        State::SynReceived if tcb.passive => return_to_listen(tcb, Rule::ResetReturnsToListen),
        State::SynReceived => {
            let error = if policy.linux { Error::Reset } else { Error::Refused };
            ended(tcb, Rule::ResetRefusesActiveOpen, Some(error))
        }
        State::TimeWait => ended(tcb, Rule::TimeWaitEndedByReset, None),
        State::Closing | State::LastAck => ended(tcb, Rule::ResetWhileClosing, None),
        //= https://www.rfc-editor.org/rfc/rfc9293#section-3.10.7.4
        //# 2)  If the RST bit is set and the sequence number exactly
        //# matches the next expected sequence number (RCV.NXT), then
        //# TCP endpoints MUST reset the connection in the manner
        //# prescribed below according to the connection state.
        state => {
            let error =
                if policy.linux && state == State::CloseWait { Error::BrokenPipe } else { Error::Reset };
            ended(tcb, Rule::ResetAccepted, Some(error))
        }
    }
}

/// The half-open child of a listener is forgotten.
pub(super) fn return_to_listen(tcb: &mut Tcb, rule: Rule) -> Decision {
    let mut decision = Decision::new(Disposition::ReturnToListen, rule);
    tcb.transition(&mut decision, State::Listen, rule);
    decision
}

fn error_in(state: State) -> Option<Error> {
    (state == State::CloseWait).then_some(Error::BrokenPipe)
}

fn ended(tcb: &mut Tcb, rule: Rule, error: Option<Error>) -> Decision {
    let mut decision = Decision::new(Disposition::Abort { reset: None, error }, rule);
    tcb.transition(&mut decision, State::Closed, rule);
    decision
}
