//! Reading `[[script]]`.

use crate::scenario::aim;
use crate::scenario::command;
use crate::scenario::diagnostic::Problem;
use crate::scenario::model::{Condition, Entry, HostSpec, Step, Trigger};
use crate::scenario::names::Hosts;
use crate::scenario::reader::{Fields, Reader, Value};
use crate::scenario::words::{Text, Words};
use crate::tcp::State;
use crate::time::{Duration, Instant};

/// Reads `[[script]]`.
pub(super) fn script(reader: &mut Reader<'_>, value: &Value<'_>, hosts: &mut [HostSpec]) -> Vec<Entry> {
    let mut script = Vec::new();
    if value.get_ref().as_array().is_none_or(|entries| entries.is_empty()) {
        reader.note(Problem::new("nothing-happens", value.span()));
    }
    for value in Reader::list(value) {
        let Some(fields) = reader.table("script", value, "[[script]]", &["at", "when", "after", "do"]) else {
            continue;
        };
        let trigger = trigger(reader, &fields, Hosts(hosts));
        let delay = fields.get("after").and_then(|value| reader.duration("after", value));
        let mut steps: Vec<Step> = Vec::new();
        let mut span = fields.span.clone();
        if let Some(value) = reader.required(&fields, "do") {
            span = value.span();
            for value in Reader::list(value) {
                let Some(text) = reader.text("do", value) else { continue };
                let parsed = command::steps(&text, hosts);
                steps.extend(reader.keep(parsed).into_iter().flatten());
            }
        }
        script.push(Entry { trigger, delay: delay.unwrap_or(Duration::ZERO), steps, span });
    }
    script
}

fn trigger(reader: &mut Reader<'_>, fields: &Fields<'_, '_>, hosts: Hosts<'_>) -> Trigger {
    let (at, when, after) = (fields.get("at"), fields.get("when"), fields.get("after"));
    if let (Some(_), Some(other)) = (at, when.or(after)) {
        reader.note(Problem::new("two-triggers", other.span()));
    }
    if let Some(value) = at {
        let at = reader.duration("at", value).unwrap_or(Duration::ZERO);
        return Trigger::At(Instant::ZERO + at);
    }
    if let Some(value) = when {
        let condition = reader.text("when", value).and_then(|text| {
            let parsed = condition(&text, hosts);
            reader.keep(parsed)
        });
        return condition.map_or(Trigger::WithPrevious, Trigger::When);
    }
    if after.is_some() { Trigger::AfterPrevious } else { Trigger::WithPrevious }
}

/// `server ESTABLISHED`, `server ESTABLISHED #2`, `client sends FIN`, `client receives SYN,ACK`.
fn condition(text: &Text<'_>, hosts: Hosts<'_>) -> Result<Condition, Problem> {
    const USAGE: &str = "HOST STATE [#N] | HOST sends FLAGS … | PACKETS arrives";
    let mut words = Words::split(text)?;
    words.usage = USAGE;
    let host_word = words.expect("HOST")?;
    let what = words.expect("STATE|FLAGS")?;
    let (name, count) = match what.text.split_once('#') {
        Some((name, count)) => (name.to_owned(), Some(count.to_owned())),
        None => (
            what.text.clone(),
            words.peek().and_then(|word| word.text.strip_prefix('#').map(ToOwned::to_owned)),
        ),
    };
    if let Some(state) = State::from_name(&name) {
        let host = hosts.named(&host_word)?;
        let nth = match &count {
            Some(count) => count.parse::<u32>().ok().filter(|nth| *nth > 0).ok_or_else(|| {
                Problem::new("bad-count", what.span.clone()).text("found", format!("#{count}"))
            })?,
            None => 1,
        };
        if !what.text.contains('#') && count.is_some() {
            words.next();
        }
        words.finish()?;
        return Ok(Condition::State { host, state, nth });
    }
    let mut again = Words::split(text)?;
    let arrives = again.take_last("arrives");
    let looks_like_state = name.contains(['-', '_']) && name.chars().all(|c| !c.is_ascii_lowercase());
    match aim::pattern(&mut again, hosts, |_, _| Ok(false)) {
        Ok(pattern) if arrives => Ok(Condition::Arrived(pattern)),
        Ok(pattern) => Ok(Condition::Sent(pattern)),
        Err(problem) if problem.key == "unknown-packet-word" || looks_like_state => {
            let states = State::ALL.iter().map(|state| state.name());
            let names = ["SYN", "SYN,ACK", "ACK", "FIN", "RST", "data"];
            Err(Problem::new("unknown-condition-word", problem.span)
                .text("found", name.as_str())
                .choices(&name, states.chain(names)))
        }
        Err(problem) => Err(problem),
    }
}
