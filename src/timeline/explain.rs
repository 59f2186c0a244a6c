//! What an event means, as messages of the language files with the arithmetic filled in.
//!
//! Where the source named the [`Rule`] that fired, the words are the rule's: `rule-KEY.sent` or
//! `rule-KEY.arrived` says what this very segment is, with its numbers, and `rule-KEY` gives the rule
//! and its reason. Where it could not (a capture), `segment-…` explains from the segments alone.

mod ends;
mod observed;

use std::borrow::Cow;

use self::ends::{End, Ends};
use super::numbering::{Numbering, Numbers, Shown};
use super::{Call, Event, Kind, LossCause, Note, Outcome, Step};
use crate::lang::{Message, Value};
use crate::rfc::Citation;
use crate::tcp::Rule;
use crate::wire::{Packet, Segment};

/// Follows a timeline's events in their order and explains each.
#[derive(Clone, Debug, Default)]
pub struct Explainer {
    numbering: Numbering,
    ends: Ends,
}

/// The explanation of one event.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// What happened, with its numbers. The id may be an attribute (`rule-KEY.sent`) that a language
    /// file need not have: then [`Catalog::format`](crate::lang::Catalog::format) gives the rule's own text.
    pub message: Message,
    /// The rule and its reason, without numbers, where `message` does not hold it already. Worth
    /// showing once.
    pub reason: Option<Message>,
    /// Where the rule is written.
    pub citation: Option<Citation>,
}

impl Explainer {
    /// An explainer that has seen nothing, showing [readable](Numbers::Readable) numbers.
    pub fn new() -> Self {
        Explainer::default()
    }

    /// An explainer that has seen nothing, showing numbers so.
    pub fn with_numbers(numbers: Numbers) -> Self {
        Explainer { numbering: Numbering::new(numbers), ends: Ends::default() }
    }

    /// Explains an event and [follows](Self::follow) it.
    pub fn explain(&mut self, event: &Event) -> Option<Explanation> {
        self.numbering.follow(event);
        let explanation = self.describe(event);
        self.ends.follow(event);
        explanation
    }

    /// Takes notice of an event whose explanation nobody needs.
    pub fn follow(&mut self, event: &Event) {
        self.numbering.follow(event);
        self.ends.follow(event);
    }

    /// The numbers to show for a packet that was just explained or followed.
    pub fn shown(&self, packet: &Packet) -> Shown {
        self.numbering.shown(packet)
    }

    fn describe(&self, event: &Event) -> Option<Explanation> {
        match &event.kind {
            Kind::Sent { packet, rule: Some(rule), .. } => Some(self.by_rule(event, packet, *rule, "sent")),
            Kind::Arrived { packet, rule: Some(rule), .. } => {
                Some(self.by_rule(event, packet, *rule, "arrived"))
            }
            Kind::Sent { packet, rule: None, retransmission, .. } => {
                let (id, citation) = observed::segment(&self.ends, packet, *retransmission)?;
                let args = self.sending(event, packet);
                Some(Explanation { message: Message { id: id.into(), args }, reason: None, citation })
            }
            Kind::State { rule: Some(rule), .. } | Kind::Note(Note::Rule { rule, .. }) => {
                Some(Explanation::plain(rule_id(*rule, ""), Some(rule.citation())))
            }
            Kind::State { rule: None, to, .. } => {
                Some(Explanation::plain(format!("state-{}", to.name().to_ascii_lowercase()), None))
            }
            Kind::Lost { cause, .. } => Some(Explanation::from(loss(cause))),
            Kind::Call(call) => call_result(call).map(Explanation::from),
            Kind::Note(note) => note_message(note).map(Explanation::from),
            Kind::Arrived { .. } | Kind::Timer { .. } | Kind::Queue { .. } => None,
        }
    }

    fn by_rule(&self, event: &Event, packet: &Packet, rule: Rule, role: &str) -> Explanation {
        let args = match role {
            "sent" => self.sending(event, packet),
            _ => self.arriving(packet, rule),
        };
        Explanation {
            message: Message { id: rule_id(rule, role).into(), args },
            reason: Some(Message::new(rule_id(rule, ""))),
            citation: Some(rule.citation()),
        }
    }

    /// The variables of a segment that is sent.
    fn sending(&self, event: &Event, packet: &Packet) -> Vec<(Cow<'static, str>, Value)> {
        let Some(segment) = packet.segment() else {
            return vec![(Cow::Borrowed("len"), (packet.payload.len() as i64).into())];
        };
        let shown = self.numbering.shown(packet);
        let end = self.ends.get(packet.src(), packet.dst());
        let earlier = end.and_then(|end| end.sent.with_start(segment.seq));
        let waited = earlier.map_or("?".to_owned(), |earlier| event.at.since(earlier.last_at).to_string());
        let mut args = fields(segment, shown, end);
        args.push(("waited".into(), waited.into()));
        args.push(("count".into(), (earlier.map_or(0, |earlier| earlier.count) + 1).into()));
        args
    }

    /// The variables of a segment that arrived.
    fn arriving(&self, packet: &Packet, rule: Rule) -> Vec<(Cow<'static, str>, Value)> {
        let Some(segment) = packet.segment() else {
            return vec![(Cow::Borrowed("len"), (packet.payload.len() as i64).into())];
        };
        let shown = self.numbering.shown(packet);
        let receiver = self.ends.get(packet.dst(), packet.src());
        let mut args = fields(segment, shown, self.ends.get(packet.src(), packet.dst()));
        // A FIN that was kept counts when the gap before it fills, by a segment that has none.
        let kept = receiver.and_then(|end| end.arrived.end_of_fin());
        if let (Rule::FinToCloseWait, false, Some(end)) = (rule, segment.flags.fin(), kept) {
            args.retain(|(name, _)| name != "end");
            args.push(("end".into(), end.0.wrapping_sub(shown.seq_origin).into()));
        }
        let known = |number: Option<u32>| number.map_or(Value::from("?"), Value::from);
        let expected = receiver.and_then(|end| end.expected);
        let theirs = |number: u32| number.wrapping_sub(shown.seq_origin);
        let ours = |number: u32| number.wrapping_sub(shown.ack_origin);
        let last = expected.zip(receiver).map(|(first, end)| (first + end.window - 1).0);
        args.push(("expected".into(), known(expected.map(|number| theirs(number.0)))));
        args.push(("last".into(), known(last.map(theirs))));
        args.push(("una".into(), known(receiver.and_then(|end| end.una).map(|number| ours(number.0)))));
        args.push(("nxt".into(), known(receiver.and_then(|end| end.nxt).map(|number| ours(number.0)))));
        args
    }
}

impl Explanation {
    fn plain(id: impl Into<Cow<'static, str>>, citation: Option<Citation>) -> Self {
        Explanation { message: Message::new(id), reason: None, citation }
    }
}

impl From<Message> for Explanation {
    fn from(message: Message) -> Self {
        Explanation { message, reason: None, citation: None }
    }
}

fn rule_id(rule: Rule, role: &str) -> String {
    let mut id = String::with_capacity(48);
    id.push_str("rule-");
    id.push_str(rule.key());
    if !role.is_empty() {
        id.push('.');
        id.push_str(role);
    }
    id
}

/// The segment's own fields, and its two sums: what it ends at, and what it acknowledges.
fn fields(segment: &Segment, shown: Shown, sender: Option<&End>) -> Vec<(Cow<'static, str>, Value)> {
    let acked = sender.and_then(|end| end.arrived.with_end(segment.ack)).map(|sent| sent.extent);
    let ends = sum(shown.seq, segment.len, segment.flags.syn(), segment.flags.fin());
    let acks = match acked {
        Some(extent) => {
            let start = extent.start.0.wrapping_sub(shown.ack_origin);
            sum(start, extent.len, extent.syn, extent.fin)
        }
        None => shown.ack.to_string(),
    };
    let mut args = Vec::with_capacity(12);
    let mut push = |name: &'static str, value: Value| args.push((Cow::Borrowed(name), value));
    push("flags", segment.flags.to_string().into());
    push("seq", shown.seq.into());
    push("ack", shown.ack.into());
    push("len", segment.len.into());
    push("win", segment.window.into());
    push("end", shown.seq.wrapping_add(segment.seq_len()).into());
    push("ends", ends.into());
    push("acks", acks.into());
    args
}

/// `1000 + 1 = 1001`: a first number, the octets of text, and one each for SYN and FIN.
fn sum(start: u32, len: u32, syn: bool, fin: bool) -> String {
    use std::fmt::Write as _;
    let mut text = start.to_string();
    let parts = [syn as u32, len, fin as u32];
    let mut total = start;
    for part in parts.into_iter().filter(|part| *part > 0) {
        total = total.wrapping_add(part);
        // Writing to a String cannot fail.
        let _ = write!(text, " + {part}");
    }
    if total != start {
        let _ = write!(text, " = {total}");
    }
    text
}

fn loss(cause: &LossCause) -> Message {
    match cause {
        LossCause::Fault(fault) => Message::new("note-lost-fault").with("fault", fault.clone()),
        LossCause::Random => Message::new("note-lost-random"),
        LossCause::HostDown => Message::new("note-lost-host-down"),
        LossCause::NoRoute => Message::new("note-lost-no-route"),
        LossCause::Corrupted => Message::new("note-lost-corrupted"),
    }
}

fn call_result(call: &Call) -> Option<Message> {
    match &call.step {
        Step::Returned(Outcome::Failed(error)) => {
            Some(Message::new(format!("error-{}", error.errno().to_ascii_lowercase())))
        }
        Step::Returned(Outcome::EndOfStream) => Some(Message::new("note-end-of-stream")),
        _ => None,
    }
}

fn note_message(note: &Note) -> Option<Message> {
    Some(match note {
        Note::FaultTouched { fault, act, .. } => {
            Message::new("note-fault-touched").with("fault", fault.clone()).with("act", act.clone())
        }
        Note::Crashed => Message::new("note-crashed"),
        Note::Restarted => Message::new("note-restarted"),
        Note::Exited { code } => Message::new("note-exited").with("code", *code),
        Note::Killed { signal } => Message::new("note-killed").with("signal", signal.clone()),
        Note::Finding { key, numbers, .. } => {
            let side = numbers.iter().find(|(name, _)| name == "side");
            let role = side.map_or("", |(_, side)| if *side == 0 { ".client" } else { ".server" });
            let args = numbers.iter().map(|(name, number)| (name.clone(), Value::from(*number))).collect();
            Message { id: format!("finding-{key}{role}").into(), args }
        }
        Note::Message(id) => Message::new(*id),
        Note::Text(text) => Message::new("note-text").with("text", text.clone()),
        Note::Rule { .. } => return None,
    })
}
