//! From the file's text to a [`Scenario`], with every mistake pointed at.

mod expect;
mod faults;
mod hosts;
mod lab;
mod links;
mod script;

use std::sync::Arc;

use toml::de::DeTable;

use crate::tcp::{Profile, Variant};
use crate::time::Instant;

use super::diagnostic::{Diagnostic, Problem};
use super::expect::Expect;
use super::model::{Action, Entry, Fault, Localized, Scenario, Span, Trigger};
use super::names::Hosts;
use super::reader::{Fields, Reader, Value};
use super::setting::{self, Setting};

/// The keys at the top of a scenario.
const KEYS: [&str; 14] = [
    "title", "notes", "teaches", "profile", "variant", "seed", "until", "hosts", "settings", "link",
    "script", "fault", "expect", "lab",
];

/// Reads a scenario.
pub(super) fn parse(name: &str, text: &str) -> Result<Scenario, Diagnostic> {
    let source: Arc<str> = Arc::from(text);
    let mut reader = Reader { source: text, problems: Vec::new() };
    let (table, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        let problems = errors.iter().map(not_toml).collect();
        return Err(refused(name, &source, problems));
    }
    let fields = Fields::new(table.get_ref(), 0..0, "top");
    reader.unknown_keys(&fields, &KEYS);
    let scenario = document(&mut reader, &fields, name, &source);
    match scenario {
        Some(scenario) if reader.problems.is_empty() => Ok(scenario),
        _ => Err(refused(name, &source, reader.problems)),
    }
}

fn refused(name: &str, source: &Arc<str>, mut problems: Vec<Problem>) -> Diagnostic {
    if problems.is_empty() {
        problems.push(Problem::new("nothing-happens", 0..0));
    }
    let file = format!("{}.toml", name.strip_suffix(".toml").unwrap_or(name));
    Diagnostic::of(&file, source, problems)
}

fn not_toml(error: &toml::de::Error) -> Problem {
    Problem::new("not-toml", error.span().unwrap_or(0..0)).text("detail", error.message())
}

fn document(
    reader: &mut Reader<'_>,
    fields: &Fields<'_, '_>,
    name: &str,
    source: &Arc<str>,
) -> Option<Scenario> {
    let localized = |reader: &mut Reader<'_>, key: &'static str| -> Option<Localized> {
        reader.required(fields, key).and_then(|value| reader.localized(key, value))
    };
    let title = localized(reader, "title");
    let notes = localized(reader, "notes");
    let profile = fields.get("profile").and_then(|value| profile(reader, value));
    let variants = Variant::ALL.map(|variant| (variant.name(), variant));
    let variant = fields.get("variant").and_then(|value| reader.choice("variant", value, &variants));
    let seed = fields.get("seed").and_then(|value| reader.integer("seed", value, i64::MAX as u64));
    let until = fields.get("until").and_then(|value| reader.duration("until", value));
    let until = until.map(|until| Instant::ZERO + until);
    let common: Vec<Setting> = fields
        .get("settings")
        .and_then(|value| reader.table("settings", value, "[settings]", setting::NAMES))
        .map(|fields| settings(reader, &fields))
        .unwrap_or_default();
    let mut hosts = match reader.required(fields, "hosts") {
        Some(value) => hosts::hosts(reader, value, &common),
        None => Vec::new(),
    };
    let links =
        fields.get("link").map(|value| links::links(reader, value, Hosts(&hosts))).unwrap_or_default();
    // Twice, so that a socket may be named above the line that makes it: the script need not be in order.
    let noted = reader.problems.len();
    let script_value = reader.required(fields, "script")?;
    let _ = script::script(reader, script_value, &mut hosts);
    reader.problems.truncate(noted);
    let script = script::script(reader, script_value, &mut hosts);
    let faults = match fields.get("fault") {
        Some(value) => Reader::list(value)
            .into_iter()
            .filter_map(|value| faults::fault(reader, value, Hosts(&hosts)))
            .collect(),
        None => Vec::new(),
    };
    let expect = match fields.get("expect") {
        Some(value) => expect::expect(reader, value, &hosts),
        None => Expect::default(),
    };
    let lab = fields.get("lab").map(|value| lab::lab(reader, value, Hosts(&hosts))).unwrap_or_default();
    let teaches = fields.get("teaches").map(|value| teaches(reader, value)).unwrap_or_default();
    check_releases(reader, &script, &faults);
    check_end(reader, &script, until);
    Some(Scenario {
        name: name.trim_end_matches(".toml").to_owned(),
        source: Arc::clone(source),
        title: title?,
        notes: notes?,
        teaches,
        profile: profile.unwrap_or_default(),
        variant,
        seed: seed.unwrap_or(1),
        until,
        hosts,
        links,
        script,
        faults,
        expect,
        lab,
    })
}

fn profile(reader: &mut Reader<'_>, value: &Value<'_>) -> Option<Profile> {
    reader.choice("profile", value, &Profile::ALL.map(|profile| (profile.name(), profile)))
}

fn settings(reader: &mut Reader<'_>, fields: &Fields<'_, '_>) -> Vec<Setting> {
    fields.entries.iter().filter_map(|(name, _, value)| setting::setting(reader, name, value)).collect()
}

fn teaches(reader: &mut Reader<'_>, value: &Value<'_>) -> Vec<String> {
    let mut topics = Vec::new();
    for value in Reader::list(value) {
        let Some(text) = reader.text("teaches", value) else { continue };
        let question = text.value.strip_prefix("interview/").and_then(|number| number.parse::<u32>().ok());
        let rfc = text.value.strip_prefix("rfc").and_then(|rest| rest.split('#').next()?.parse::<u16>().ok());
        if question.is_some_and(|number| number >= 1) || rfc.is_some() {
            topics.push(text.value.to_owned());
        } else {
            reader.note(Problem::new("bad-topic", text.span.clone()).text("found", text.value));
        }
    }
    topics
}

/// A `release` must name a fault that there is.
fn check_releases(reader: &mut Reader<'_>, script: &[Entry], faults: &[Fault]) {
    let names: Vec<&str> = faults.iter().filter_map(|fault| fault.name.as_deref()).collect();
    for step in script.iter().flat_map(|entry| &entry.steps) {
        if let Action::Release { fault: Some(name) } = &step.action
            && !names.contains(&name.as_str())
        {
            reader.note(
                Problem::new("unknown-fault", step.span.clone())
                    .text("found", name.as_str())
                    .choices(name, names.iter().copied()),
            );
        }
    }
}

/// Nothing may be asked for after the end.
fn check_end(reader: &mut Reader<'_>, script: &[Entry], until: Option<Instant>) {
    let Some(until) = until else { return };
    let late: Vec<Span> = script
        .iter()
        .filter(|entry| matches!(entry.trigger, Trigger::At(at) if at > until))
        .map(|entry| entry.span.clone())
        .collect();
    for span in late {
        reader
            .note(Problem::new("after-the-end", span).text("until", until.since(Instant::ZERO).to_string()));
    }
}
