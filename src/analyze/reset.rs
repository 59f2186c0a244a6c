//! Why a connection was reset, as far as the segments tell.

use super::finding::Finding;
use super::infer::{End, ResetFate};
use crate::tcp::State;
use crate::wire::Segment;

/// The reason of a reset. `sender` and `receiver` are the ends before it; `prompted` says that the
/// receiver's last segment came after the sender's, acknowledges what the reset starts with, and
/// called for an answer.
pub(super) fn reason(
    segment: &Segment,
    fate: ResetFate,
    sender: &End,
    receiver: &End,
    prompted: bool,
) -> Finding {
    let opening = |end: &End| matches!(end.state, State::SynSent | State::SynReceived);
    match fate {
        ResetFate::Challenged => Finding::ResetChallenged,
        ResetFate::Ignored if receiver.state != State::SynSent => Finding::ResetIgnored,
        _ if receiver.state == State::SynSent && !sender.syn => Finding::ResetRefused,
        _ if opening(sender) || opening(receiver) => Finding::ResetHandshake,
        _ if sender.fin().is_some() => Finding::ResetAfterClose,
        _ if !segment.flags.ack() && prompted => Finding::ResetNoConnection,
        _ => Finding::ResetAbort,
    }
}
