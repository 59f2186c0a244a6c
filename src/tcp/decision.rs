//! What the deciding code tells its driver to do.

use super::{Error, Rule, State};
use crate::wire::SeqNumber;

/// A change of state and the rule behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Transition {
    /// Before.
    pub from: State,
    /// After.
    pub to: State,
    /// Why.
    pub rule: Rule,
}

/// The numbers of a reset to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Reset {
    /// Its sequence number.
    pub seq: SeqNumber,
    /// Its acknowledgment: `Some` makes it RST,ACK.
    pub ack: Option<SeqNumber>,
}

/// The outcome for a segment or call, by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Disposition {
    /// Dropped without an answer.
    #[default]
    Ignore,
    /// Processed; [`Decision`]'s other fields say what it brought.
    Accept,
    /// Dropped, and an ACK says where we are: `<SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>`.
    SendAck,
    /// The same ACK as a challenge, subject to the limit of RFC 5961 §7.
    ChallengeAck,
    /// Dropped, and the SYN,ACK goes out again.
    RepeatSynAck,
    /// Answered by our SYN,ACK.
    SendSynAck,
    /// Our SYN goes out.
    SendSyn,
    /// A reset goes out; the connection stays.
    SendReset(Reset),
    /// The connection ends; a reset goes out if there is one, and the user learns the error if there is one.
    Abort {
        /// What to send.
        reset: Option<Reset>,
        /// What the user learns.
        error: Option<Error>,
    },
    /// The half-open connection is forgotten; the listener stays.
    ReturnToListen,
    /// TIME-WAIT ends and the SYN is offered to the listener.
    Reopen,
}

/// What became of a segment's text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Text {
    /// There was none, or none of it is new.
    #[default]
    None,
    /// Text in order: after skipping `skip` octets of the segment, `len` octets go to the user.
    InOrder {
        /// Octets at the segment's start that were taken before.
        skip: u32,
        /// New octets.
        len: u32,
    },
    /// Text ahead of a gap, to be held: `len` octets that begin `ahead` numbers after RCV.NXT.
    Ahead {
        /// The size of the gap, from RCV.NXT.
        ahead: u32,
        /// Octets inside the window.
        len: u32,
    },
}

/// How soon an ACK must go out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AckNeed {
    /// No ACK is due.
    #[default]
    No,
    /// An ACK is due and may be delayed.
    MayDelay,
    /// An ACK is due now.
    Now,
}

/// Everything that was decided about one segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Decision {
    /// The outcome.
    pub disposition: Disposition,
    /// The rule that decided.
    pub rule: Rule,
    /// Numbers newly acknowledged, SYN and FIN among them.
    pub acked: u32,
    /// Whether this is a duplicate acknowledgment in the sense of RFC 5681 §2.
    pub duplicate_ack: bool,
    /// Whether the send window was updated.
    pub window_updated: bool,
    /// What became of the text.
    pub text: Text,
    /// Whether the peer's FIN was processed just now.
    pub fin: bool,
    /// Where a FIN ahead of a gap stands, so that the driver can bring it up when the gap has filled.
    pub fin_ahead: Option<SeqNumber>,
    /// How soon an ACK must go out.
    pub ack: AckNeed,
    /// Whether the 2MSL timer starts again.
    pub restart_time_wait: bool,
    /// Whether the urgent pointer moved ahead.
    pub urgent: bool,
    pub(super) transitions: [Transition; 4],
    /// How many of them there are.
    pub(super) changes: u8,
}

/// What stands where no change is recorded.
const NO_CHANGE: Transition =
    Transition { from: State::Closed, to: State::Closed, rule: Rule::ClosedIgnoresReset };

impl Decision {
    /// What a segment begins with that is processed.
    pub(super) const BLANK: Decision = Decision::new(Disposition::Accept, Rule::AckRepeatsNothingNew);

    /// Whether the state changed.
    pub(super) const fn changes_state(&self) -> bool {
        self.changes > 0
    }

    /// A decision of this outcome by this rule, with nothing else in it.
    pub(super) const fn new(disposition: Disposition, rule: Rule) -> Self {
        Decision {
            disposition,
            rule,
            acked: 0,
            duplicate_ack: false,
            window_updated: false,
            text: Text::None,
            fin: false,
            fin_ahead: None,
            ack: AckNeed::No,
            restart_time_wait: false,
            urgent: false,
            transitions: [NO_CHANGE; 4],
            changes: 0,
        }
    }

    /// The changes of state, in their order: at most four, as in a segment that completes the handshake,
    /// acknowledges a FIN that Fast Open let go before, and brings text that nobody will read.
    pub fn transitions(&self) -> &[Transition] {
        self.transitions.get(..usize::from(self.changes)).unwrap_or_default()
    }

    pub(super) fn record(&mut self, transition: Transition) {
        if let Some(place) = self.transitions.get_mut(usize::from(self.changes)) {
            *place = transition;
            self.changes += 1;
        } else {
            debug_assert!(false, "more than four changes of state by one segment");
        }
    }

    /// Names a rule more telling than the one named so far.
    pub(super) fn because(&mut self, rule: Rule) {
        self.rule = rule;
    }

    pub(super) fn need_ack(&mut self, need: AckNeed) {
        self.ack = self.ack.max(need);
    }
}
