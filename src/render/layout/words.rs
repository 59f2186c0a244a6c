//! Which explanations are shown, and where, so that nothing is said twice.
//!
//! A rule often shows in several events of one instant: a SYN arrives, the state changes, and the
//! SYN,ACK goes out, all by one rule. It is said once, where it has most to say: with the segment
//! that is sent, else with the change of state, else with the arrival. Its reason is given the first
//! time only, and routine (data, plain acknowledgments) is spelled out only the first few times.

use std::borrow::Cow;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Tone, Words};
use crate::lang::Message;
use crate::tcp::{Rule, State};
use crate::timeline::explain::{Explainer, Explanation};
use crate::timeline::{Event, HostId, Kind, Note, Numbers, Shown};
use crate::wire::{Defect, Packet};

/// How often routine is spelled out.
const ROUTINE_SHOWN: u32 = 2;

/// Follows the events and decides what is said about each.
pub(super) struct Speaker<'a> {
    events: &'a [Event],
    explainer: Explainer,
    /// Reasons given already.
    given: FxHashSet<Cow<'static, str>>,
    /// How often each routine rule was spelled out; `None` stands for segments without a rule.
    routine: FxHashMap<Option<Rule>, u32>,
    /// An arrival's words that wait for the change of state they go with.
    waiting: Option<(HostId, Rule, Words)>,
}

impl<'a> Speaker<'a> {
    pub(super) fn new(events: &'a [Event], numbers: Numbers) -> Self {
        Speaker {
            events,
            explainer: Explainer::with_numbers(numbers),
            given: FxHashSet::default(),
            routine: FxHashMap::default(),
            waiting: None,
        }
    }

    /// The numbers to show for a packet of the event spoken about last.
    pub(super) fn shown(&self, packet: &Packet) -> Shown {
        self.explainer.shown(packet)
    }

    /// What to say about the event at `index`. To be called for each event in order.
    pub(super) fn speak(&mut self, index: usize) -> Option<Words> {
        let event = self.events.get(index)?;
        match &event.kind {
            Kind::Sent { rule, packet, .. } => {
                let plain = packet.segment().is_some_and(|segment| {
                    !segment.flags.syn() && !segment.flags.fin() && !segment.flags.rst()
                });
                let is_routine = rule.map_or(plain, is_routine);
                if is_routine && self.is_worn(*rule) {
                    self.explainer.follow(event);
                    return None;
                }
            }
            Kind::Arrived { rule: None, .. } => {
                self.explainer.follow(event);
                return None;
            }
            Kind::Arrived { rule: Some(rule), .. } => return self.arrival(index, event, *rule),
            Kind::State { rule: Some(rule), .. } => {
                let waiting = self.waiting.take_if(|(host, waits, _)| *host == event.host && waits == rule);
                if self.is_said_later(index, event, *rule, false) {
                    self.explainer.follow(event);
                    return None;
                }
                if let Some((.., words)) = waiting {
                    self.explainer.follow(event);
                    return Some(words);
                }
            }
            Kind::State { rule: None, to, .. } if !is_worth_words(*to) => {
                self.explainer.follow(event);
                return None;
            }
            Kind::Note(Note::Rule { rule, .. }) if self.is_said_later(index, event, *rule, true) => {
                self.explainer.follow(event);
                return None;
            }
            _ => {}
        }
        let explanation = self.explainer.explain(event)?;
        // A rule or state that speaks for itself alone is a reason: worth saying once.
        match &event.kind {
            Kind::State { .. } | Kind::Note(Note::Rule { .. }) | Kind::Call(_) => {
                let message = Some(explanation.message);
                self.once(Explanation { reason: message, message: Message::new(""), ..explanation })
            }
            Kind::Sent { packet, .. } if packet.segment().is_none() => self.once(Explanation {
                reason: Some(explanation.message),
                message: Message::new(""),
                ..explanation
            }),
            _ => self.once(explanation),
        }
    }

    /// What is odd about a packet, each oddity the first time it comes up.
    pub(super) fn defects(&mut self, packet: &Packet) -> Vec<Words> {
        if packet.defects.is_empty() {
            return Vec::new();
        }
        let harmless = |defect: &Defect| matches!(defect, Defect::OffloadedChecksum | Defect::CutOff);
        let odd = packet.defects.iter().filter(|defect| !harmless(defect));
        let ids = odd.map(|defect| format!("defect-{}", defect.key()));
        ids.filter(|id| self.given.insert(id.clone().into()))
            .map(|id| Words::from(Explanation::from(Message::new(id))))
            .collect()
    }

    fn arrival(&mut self, index: usize, event: &Event, rule: Rule) -> Option<Words> {
        let quiet = is_quiet(rule) || is_routine(rule) && self.is_worn(Some(rule));
        if quiet || self.is_said_later(index, event, rule, false) {
            self.explainer.follow(event);
            return None;
        }
        let explanation = self.explainer.explain(event)?;
        let words = self.once(explanation)?;
        if self.is_said_later(index, event, rule, true) {
            self.waiting = Some((event.host, rule, words));
            return None;
        }
        Some(words)
    }

    fn is_worn(&mut self, rule: Option<Rule>) -> bool {
        let count = self.routine.entry(rule).or_insert(0);
        *count += 1;
        *count > ROUTINE_SHOWN
    }

    /// The words of an explanation, its reason only if it is new.
    fn once(&mut self, explanation: Explanation) -> Option<Words> {
        let reason = explanation.reason.filter(|reason| self.given.insert(reason.id.clone()));
        let message = (!explanation.message.id.is_empty()).then_some(explanation.message);
        let citation = explanation.citation;
        (message.is_some() || reason.is_some()).then_some(Words {
            tone: Tone::Explains,
            message,
            reason,
            citation,
        })
    }

    /// Whether a later event of this instant and host is about the same rule: a segment that is sent,
    /// or with `or_state` a change of state.
    fn is_said_later(&self, index: usize, event: &Event, rule: Rule, or_state: bool) -> bool {
        let later = self.events.iter().skip(index + 1).take_while(|later| later.at == event.at).take(64);
        later.filter(|later| later.host == event.host).any(|later| match &later.kind {
            Kind::Sent { rule: sent, .. } => *sent == Some(rule),
            Kind::State { rule: changed, .. } => or_state && *changed == Some(rule),
            _ => false,
        })
    }
}

impl From<Explanation> for Words {
    fn from(explanation: Explanation) -> Self {
        Words {
            tone: Tone::Warns,
            message: Some(explanation.message),
            reason: explanation.reason,
            citation: explanation.citation,
        }
    }
}

/// Arrivals that went as the sender wished; the segment's own words have said everything.
fn is_quiet(rule: Rule) -> bool {
    use Rule::*;
    matches!(rule, TextAccepted | AckAdvances | AckRepeatsNothingNew | WindowUpdated | KarnSkipsSample)
}

/// The states that learners ask about; the others are plain from the segments beside them.
fn is_worth_words(state: State) -> bool {
    matches!(state, State::FinWait2 | State::CloseWait | State::Closing | State::TimeWait)
}

/// What happens so often that it need not be spelled out each time.
fn is_routine(rule: Rule) -> bool {
    use Rule::*;
    matches!(
        rule,
        SendsText
            | AcksAtOnce
            | AcksEverySecondSegment
            | AcksOutOfOrder
            | AckDelayExpired
            | AckQuick
            | AckDuplicate
            | TextHeld
            | TextFillsGap
            | WindowOpens
            | LimitedTransmit
            | ReportsDuplicate
    )
}
