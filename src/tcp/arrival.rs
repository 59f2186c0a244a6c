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
    match tcb.state {
        State::Closed | State::Listen => closed(segment),
        State::SynSent => syn_sent::syn_sent(tcb, policy, segment),
        _ => synchronized::synchronized(tcb, policy, segment),
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
