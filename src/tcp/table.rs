//! The changes of state there are: RFC 9293's Figure 5, and the departures from it, as a table.

use super::Rule;
use super::State::{self, *};

/// Each change of state that may happen and the rule that makes it happen.
///
/// `Tcb::transition` checks against it in debug builds, and a test draws it.
pub const TRANSITIONS: &[(State, State, Rule)] = &[
    // Opening
    (Closed, Listen, Rule::OpenPassive),
    (Closed, SynSent, Rule::OpenActive),
    (Closed, SynSent, Rule::OpenFastOpen),
    (Closed, SynSent, Rule::OpenAsksCookie),
    (Listen, SynReceived, Rule::ListenAnswersSyn),
    (Listen, SynReceived, Rule::FastOpenGivesCookie),
    (Listen, SynReceived, Rule::FastOpenAcceptsData),
    (Listen, SynReceived, Rule::FastOpenRejectsData),
    (Listen, Established, Rule::CookieAccepted),
    (Listen, Established, Rule::TwoWayEstablished),
    (SynSent, Established, Rule::SynSentEstablished),
    (SynSent, SynReceived, Rule::SynSentSimultaneous),
    (SynReceived, Established, Rule::SynReceivedEstablished),
    // Not opening after all
    (SynReceived, Listen, Rule::ResetReturnsToListen),
    (SynReceived, Listen, Rule::SynReturnsToListen),
    (SynReceived, Closed, Rule::ResetRefusesActiveOpen),
    (SynReceived, Closed, Rule::SynReturnsToListen),
    (SynReceived, Closed, Rule::SynAckGivesUp),
    (SynReceived, Closed, Rule::ListenerClosedResets),
    (SynReceived, Closed, Rule::AcceptQueueFullResets),
    (SynSent, Closed, Rule::SynSentRefused),
    (SynSent, Closed, Rule::SynGivesUp),
    (SynSent, Closed, Rule::CloseSynSent),
    (Listen, Closed, Rule::CloseListen),
    // Closing
    (Established, FinWait1, Rule::CloseEstablished),
    (Established, CloseWait, Rule::FinToCloseWait),
    (FinWait1, FinWait2, Rule::FinAcknowledged),
    (FinWait1, Closing, Rule::FinToClosing),
    (FinWait1, TimeWait, Rule::FinWithAckToTimeWait),
    (FinWait2, TimeWait, Rule::FinToTimeWait),
    (Closing, TimeWait, Rule::ClosingFinAcknowledged),
    (CloseWait, LastAck, Rule::CloseCloseWait),
    (LastAck, Closed, Rule::LastAckFinAcknowledged),
    (TimeWait, Closed, Rule::TimeWaitExpires),
    // Ending early
    (TimeWait, Closed, Rule::TimeWaitEndedByReset),
    (TimeWait, Closed, Rule::TimeWaitAcceptsSyn),
    (TimeWait, Closed, Rule::TimeWaitRecycled),
    (FinWait2, Closed, Rule::FinWait2Expires),
    (FinWait1, Closed, Rule::NoTimeWait),
    (FinWait2, Closed, Rule::NoTimeWait),
    (Closing, Closed, Rule::NoTimeWait),
];

/// The rules that end a connection from more than one state.
const ENDINGS: &[(Rule, &[State])] = &[
    (Rule::ResetAccepted, &[Established, FinWait1, FinWait2, CloseWait]),
    (Rule::ResetJustBelowWindow, &[CloseWait, LastAck, Closing]),
    (Rule::ResetWhileClosing, &[Closing, LastAck, TimeWait]),
    (
        Rule::ResetUnchecked,
        &[SynReceived, Established, FinWait1, FinWait2, CloseWait, Closing, LastAck, TimeWait],
    ),
    (Rule::TextAfterClose, &[FinWait1, FinWait2]),
    (Rule::CloseWithUnreadText, &[SynReceived, Established, FinWait1, FinWait2, CloseWait]),
    (Rule::LingerZero, &[SynSent, SynReceived, Established, FinWait1, FinWait2, CloseWait, Closing, LastAck]),
    (Rule::AbortSendsReset, &[SynReceived, Established, FinWait1, FinWait2, CloseWait]),
    (Rule::AbortSilent, &[Listen, SynSent, Closing, LastAck, TimeWait]),
    (Rule::ListenerClosedResets, &[Established, CloseWait]),
    (Rule::GivesUp, &[SynReceived, Established, FinWait1, FinWait2, CloseWait, Closing, LastAck]),
    (Rule::OrphanGivesUp, &[FinWait1, Closing, LastAck]),
    (Rule::KeepaliveGivesUp, &[Established, FinWait1, FinWait2, CloseWait, Closing, LastAck]),
    (
        Rule::UserTimeoutExpires,
        &[SynSent, SynReceived, Established, FinWait1, FinWait2, CloseWait, Closing, LastAck],
    ),
];

/// Whether the table has this change of state.
pub fn is_declared(from: State, to: State, rule: Rule) -> bool {
    TRANSITIONS.contains(&(from, to, rule))
        || (to == Closed && ENDINGS.iter().any(|(ending, states)| *ending == rule && states.contains(&from)))
}

/// Every declared change of state, those that end a connection from several states spelled out.
pub fn declared() -> impl Iterator<Item = (State, State, Rule)> {
    let endings = ENDINGS.iter().flat_map(|(rule, states)| states.iter().map(|from| (*from, Closed, *rule)));
    TRANSITIONS.iter().copied().chain(endings)
}
