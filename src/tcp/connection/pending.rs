//! What waits to be sent beside text.

use crate::tcp::Rule;
use crate::tcp::decision::Reset;
use crate::wire::SeqNumber;

/// What waits to be sent beside text, and by which rule. That nothing does is seen at a glance.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pending {
    /// Which of the four wait.
    due: u8,
    ack: Rule,
    probe: Rule,
    syn: (Rule, bool),
    reset: (Reset, Rule),
    /// New text goes out whatever the congestion window and Nagle say: a tail loss probe.
    pub(super) loss_probe: bool,
}

const ACK: u8 = 1;
const PROBE: u8 = 2;
const SYN: u8 = 4;
const RESET: u8 = 8;

impl Default for Pending {
    fn default() -> Self {
        let rule = Rule::AcksAtOnce;
        let reset = Reset { seq: SeqNumber(0), ack: None };
        Pending {
            due: 0,
            ack: rule,
            probe: rule,
            syn: (rule, false),
            reset: (reset, rule),
            loss_probe: false,
        }
    }
}

impl Pending {
    /// Whether any of them waits.
    #[inline]
    pub(super) const fn any(&self) -> bool {
        self.due != 0
    }

    /// Whether the peer is to be probed.
    #[inline]
    pub(super) const fn probe(&self) -> bool {
        self.due & PROBE != 0
    }

    /// Whether a reset or an ACK waits.
    pub(super) const fn reset_or_ack(&self) -> bool {
        self.due & (RESET | ACK) != 0
    }

    /// Whether a reset or a SYN waits, which go before everything else.
    #[inline]
    pub(super) const fn reset_or_syn(&self) -> bool {
        self.due & (RESET | SYN) != 0
    }

    /// An ACK is owed.
    #[inline]
    pub(super) fn ask_ack(&mut self, rule: Rule) {
        self.due |= ACK;
        self.ack = rule;
    }

    /// The peer is to be probed.
    pub(super) fn ask_probe(&mut self, rule: Rule) {
        self.due |= PROBE;
        self.probe = rule;
    }

    /// A SYN or SYN,ACK is to go out, by the state; `again` when it has before.
    pub(super) fn ask_syn(&mut self, rule: Rule, again: bool) {
        self.due |= SYN;
        self.syn = (rule, again);
    }

    /// A reset is to go out.
    pub(super) fn ask_reset(&mut self, reset: Reset, rule: Rule) {
        self.due |= RESET;
        self.reset = (reset, rule);
    }

    /// Takes the ACK that is owed.
    #[inline]
    pub(super) fn take_ack(&mut self) -> Option<Rule> {
        self.take(ACK).then_some(self.ack)
    }

    /// Takes the probe that is due.
    #[inline]
    pub(super) fn take_probe(&mut self) -> Option<Rule> {
        self.take(PROBE).then_some(self.probe)
    }

    /// Takes the SYN that is due.
    pub(super) fn take_syn(&mut self) -> Option<(Rule, bool)> {
        self.take(SYN).then_some(self.syn)
    }

    /// Takes the reset that is due.
    pub(super) fn take_reset(&mut self) -> Option<(Reset, Rule)> {
        self.take(RESET).then_some(self.reset)
    }

    #[inline]
    fn take(&mut self, which: u8) -> bool {
        let waits = self.due & which != 0;
        self.due &= !which;
        waits
    }
}
