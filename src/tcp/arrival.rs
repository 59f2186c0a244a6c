//! SEGMENT ARRIVES (RFC 9293 §3.10.7), split as the RFC splits it.
//!
//! Everything here is pure: a control block and a segment in, a [`Decision`] and the changed control
//! block out. Nothing panics, whatever the numbers.

mod acknowledgment;
mod closed;
mod listen;
mod reset;
mod syn_sent;
mod synchronized;
mod text;

pub use closed::closed;
pub use listen::{cookie_child, fast_open, listen};
pub(super) use text::fin_in_order;

use super::decision::{Decision, Disposition};
use super::tcb::{Arrival, Policy, Tcb};
use super::{Rule, State};

/// Decides about a segment for an existing control block, in any state but CLOSED and LISTEN
/// (which have none of their own: see [`closed`] and [`listen`]).
pub fn on_segment(tcb: &mut Tcb, policy: &Policy, segment: &Arrival) -> Decision {
    let mut decision = Decision::BLANK;
    decide(tcb, policy, segment, &mut decision);
    decision
}

/// The same, the decision written where it will be read: of the parts of what was only just written a copy
/// would have to wait for each. It is to be [`Decision::BLANK`] before.
#[inline]
pub(super) fn decide(tcb: &mut Tcb, policy: &Policy, segment: &Arrival, decision: &mut Decision) {
    match tcb.state {
        State::Closed | State::Listen => *decision = closed(segment),
        State::SynSent => syn_sent::syn_sent(tcb, policy, segment, decision),
        _ => synchronized::synchronized(tcb, policy, segment, decision),
    }
}

/// A segment dropped without an answer.
const fn ignore(rule: Rule) -> Decision {
    Decision::new(Disposition::Ignore, rule)
}

/// A segment dropped, with an ACK that says where we are.
const fn send_ack(rule: Rule) -> Decision {
    Decision::new(Disposition::SendAck, rule)
}
