//! From the file's text to a [`Scenario`], with every mistake pointed at.

use std::net::IpAddr;
use std::sync::Arc;

use toml::de::DeTable;

use crate::tcp::{Profile, State, Variant};
use crate::time::{Duration, Instant};

use super::aim;
use super::command;
use super::diagnostic::{Diagnostic, Problem};
use super::expect::Expect;
use super::link::{Link, Links};
use super::model::{
    Act, Condition, Entry, Fault, HostSpec, Localized, Scenario, SocketName, Span, Step, Trigger,
};
use super::names::Hosts;
use super::parse_expect;
use super::reader::{Fields, Reader, Value};
use super::setting::{self, Setting};
use super::units;
use super::words::{Text, Word, Words};

/// The keys at the top of a scenario.
const KEYS: [&str; 13] = [
    "title", "notes", "teaches", "profile", "variant", "seed", "until", "hosts", "settings", "link",
    "script", "fault", "expect",
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
    let file = if name.ends_with(".toml") { name.to_owned() } else { format!("{name}.toml") };
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
        Some(value) => hosts(reader, value, &common),
        None => Vec::new(),
    };
    let links = fields.get("link").map(|value| links(reader, value, Hosts(&hosts))).unwrap_or_default();
    // Twice, so that a socket may be named above the line that makes it: the script need not be in order.
    let noted = reader.problems.len();
    let script_value = reader.required(fields, "script")?;
    let _ = script(reader, script_value, &mut hosts);
    reader.problems.truncate(noted);
    let script = script(reader, script_value, &mut hosts);
    let faults = match fields.get("fault") {
        Some(value) => {
            reader.list(value).into_iter().filter_map(|value| fault(reader, value, Hosts(&hosts))).collect()
        }
        None => Vec::new(),
    };
    let expect = match fields.get("expect") {
        Some(value) => parse_expect::expect(reader, value, &hosts),
        None => Expect::default(),
    };
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
    for value in reader.list(value) {
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

/// Reads `[hosts]`: `NAME = "ADDRESS"` or `NAME = { addr = …, isn = …, profile = …, SETTING = … }`.
fn hosts(reader: &mut Reader<'_>, value: &Value<'_>, common: &[Setting]) -> Vec<HostSpec> {
    let mut hosts: Vec<HostSpec> = Vec::new();
    let Some(table) = value.get_ref().as_table() else {
        let _: Option<()> = reader.wrong_type("hosts", value, "table");
        return hosts;
    };
    let fields = Fields::new(table, value.span(), "[hosts]");
    if fields.entries.is_empty() {
        reader.note(Problem::new("no-hosts", value.span()));
    }
    let mut keys = vec!["addr", "isn", "profile"];
    keys.extend(setting::NAMES);
    for (name, span, value) in &fields.entries {
        let reserved = ["any", "udp"].iter().chain(&parse_expect::KEYS).any(|reserved| reserved == name);
        if reserved || command::is_verb(name) || name.is_empty() || name.contains([' ', ':', '>', '.', '#']) {
            reader.note(Problem::new("bad-host-name", span.clone()).text("found", *name));
            continue;
        }
        let mut host = HostSpec {
            name: (*name).to_owned(),
            addrs: Vec::new(),
            isn: None,
            profile: None,
            settings: common.to_vec(),
            sockets: SocketName::DEFAULTS.map(ToOwned::to_owned).to_vec(),
            span: span.clone(),
        };
        if value.get_ref().is_str() {
            addresses(reader, value, &mut host, &hosts);
        } else if let Some(fields) = reader.table(name, value, "[hosts]", &keys) {
            if let Some(addr) = reader.required(&fields, "addr") {
                addresses(reader, addr, &mut host, &hosts);
            }
            let isn = fields.get("isn").and_then(|value| reader.integer("isn", value, u64::from(u32::MAX)));
            host.isn = isn.map(|isn| isn as u32);
            host.profile = fields.get("profile").and_then(|value| profile(reader, value));
            host.settings.extend(settings(reader, &fields));
        }
        hosts.push(host);
    }
    hosts
}

fn addresses(reader: &mut Reader<'_>, value: &Value<'_>, host: &mut HostSpec, others: &[HostSpec]) {
    for value in reader.list(value) {
        let Some(text) = reader.text("addr", value) else { continue };
        let Ok(addr) = text.value.parse::<IpAddr>() else {
            reader.note(Problem::new("bad-address", value.span()).text("found", text.value));
            continue;
        };
        if addr.is_multicast() || addr.is_unspecified() {
            reader.note(Problem::new("bad-address", value.span()).text("found", text.value));
        } else if let Some(other) = others.iter().find(|other| other.addrs.contains(&addr)) {
            reader.note(
                Problem::new("address-taken", value.span())
                    .text("found", text.value)
                    .text("host", other.name.clone()),
            );
        }
        host.addrs.push(addr);
    }
}

/// Reads `[link]`: the keys of one link for all, and `"FROM>TO" = "DELAY"` or a table for one direction.
fn links(reader: &mut Reader<'_>, value: &Value<'_>, hosts: Hosts<'_>) -> Links {
    const KEYS: [&str; 7] = ["delay", "jitter", "bandwidth", "loss", "duplicate", "reorder", "corrupt"];
    let mut links = Links::default();
    let Some(table) = value.get_ref().as_table() else {
        let _: Option<()> = reader.wrong_type("link", value, "table");
        return links;
    };
    let fields = Fields::new(table, value.span(), "[link]");
    let direction = |key: &str| key.contains('>');
    for (key, span, value) in &fields.entries {
        if KEYS.contains(key) {
            link_field(reader, &mut links.common, key, value);
        } else if !direction(key) {
            reader.note(
                Problem::new("unknown-key", span.clone())
                    .text("key", *key)
                    .text("place", "[link]")
                    .choices(key, KEYS),
            );
        }
    }
    for (key, span, value) in fields.entries.iter().filter(|(key, ..)| direction(key)) {
        let (from, to) = key.split_once('>').unwrap_or((key, ""));
        let word = |text: &str| Word { text: text.trim().to_owned(), span: span.clone(), quoted: false };
        let (from, to) = (reader.keep(hosts.named(&word(from))), reader.keep(hosts.named(&word(to))));
        let mut link = links.common;
        if value.get_ref().is_str() {
            link_field(reader, &mut link, "delay", value);
        } else if let Some(fields) = reader.table(key, value, "[link]", &KEYS) {
            for (key, _, value) in &fields.entries {
                link_field(reader, &mut link, key, value);
            }
        }
        if let (Some(from), Some(to)) = (from, to) {
            links.directions.push((from, to, link));
        }
    }
    links
}

fn link_field(reader: &mut Reader<'_>, link: &mut Link, key: &str, value: &Value<'_>) {
    fn set<T>(slot: &mut T, value: Option<T>) {
        if let Some(value) = value {
            *slot = value;
        }
    }
    match key {
        "delay" => set(&mut link.delay, reader.duration(key, value)),
        "jitter" => set(&mut link.jitter, reader.duration(key, value)),
        "bandwidth" => set(&mut link.bandwidth, reader.bandwidth(key, value).map(Some)),
        "loss" => set(&mut link.loss, reader.chance(key, value)),
        "duplicate" => set(&mut link.duplicate, reader.chance(key, value)),
        "reorder" => set(&mut link.reorder, reader.chance(key, value)),
        "corrupt" => set(&mut link.corrupt, reader.chance(key, value)),
        _ => {}
    }
}

/// Reads `[[script]]`.
fn script(reader: &mut Reader<'_>, value: &Value<'_>, hosts: &mut [HostSpec]) -> Vec<Entry> {
    let mut script = Vec::new();
    if value.get_ref().as_array().is_none_or(|entries| entries.is_empty()) {
        reader.note(Problem::new("nothing-happens", value.span()));
    }
    for value in reader.list(value) {
        let Some(fields) = reader.table("script", value, "[[script]]", &["at", "when", "after", "do"]) else {
            continue;
        };
        let trigger = trigger(reader, &fields, Hosts(hosts));
        let delay = fields.get("after").and_then(|value| reader.duration("after", value));
        let mut steps: Vec<Step> = Vec::new();
        let mut span = fields.span.clone();
        if let Some(value) = reader.required(&fields, "do") {
            span = value.span();
            for value in reader.list(value) {
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

/// Reads one `[[fault]]`.
fn fault(reader: &mut Reader<'_>, value: &Value<'_>, hosts: Hosts<'_>) -> Option<Fault> {
    let fields = reader.table("fault", value, "[[fault]]", &["name", "match", "act", "from", "until"])?;
    let aimed = reader.required(&fields, "match").and_then(|value| reader.text("match", value));
    let act = reader.required(&fields, "act").and_then(|value| reader.text("act", value));
    let name =
        fields.get("name").and_then(|value| reader.text("name", value)).map(|text| text.value.to_owned());
    let time = |reader: &mut Reader<'_>, key: &str| {
        fields.get(key).and_then(|value| reader.duration(key, value)).map(|time| Instant::ZERO + time)
    };
    let (from, until) = (time(reader, "from"), time(reader, "until"));
    if let (Some(start), Some(end)) = (from, until)
        && end <= start
    {
        let span = fields.get("until").map_or(0..0, toml::Spanned::span);
        reader.note(Problem::new("until-before-from", span));
    }
    let (aimed, act) = (aimed?, act?);
    let pattern =
        Words::split(&aimed).and_then(|mut words| aim::pattern(&mut words, hosts, |_, _| Ok(false)));
    let pattern = reader.keep(pattern);
    let parsed = self::act(&act);
    let parsed = reader.keep(parsed);
    Some(Fault {
        name,
        pattern: pattern?,
        act: parsed?,
        from,
        until,
        shown: format!("{} {}", act.value, aimed.value),
        act_shown: act.value.to_owned(),
        span: aimed.span,
    })
}

/// `lose`, `delay 200ms`, `duplicate [N] [after 5ms]`, `reorder N`, `corrupt`, `hold`.
fn act(text: &Text<'_>) -> Result<Act, Problem> {
    let mut words = Words::split(text)?;
    words.usage = "lose | delay TIME | duplicate [N] [after TIME] | reorder [N] | corrupt | hold";
    let verb = words.expect("lose|delay|duplicate|reorder|corrupt|hold")?;
    let time = |word: Word| {
        units::duration(&word.text)
            .map_err(|reason| Problem::new(reason.key(), word.span).text("found", word.text))
    };
    let count = |words: &mut Words| match words.peek() {
        Some(word) if word.text.starts_with(|c: char| c.is_ascii_digit()) => {
            let number = word.number(1_000)?;
            words.next();
            Ok(number as u32)
        }
        _ => Ok(1),
    };
    let act = match verb.text.as_str() {
        "lose" => Act::Lose,
        "delay" => Act::Delay(time(words.expect("TIME")?)?),
        "duplicate" => {
            let copies = count(&mut words)?;
            let after = if words.take("after") { time(words.expect("TIME")?)? } else { Duration::ZERO };
            Act::Duplicate { copies, after }
        }
        "reorder" => Act::Reorder(count(&mut words)?),
        "corrupt" => Act::Corrupt,
        "hold" => Act::Hold,
        other => {
            return Err(Problem::new("unknown-act", verb.span.clone())
                .text("found", other)
                .choices(other, ["lose", "delay", "duplicate", "reorder", "corrupt", "hold"]));
        }
    };
    words.finish()?;
    Ok(act)
}

/// A `release` must name a fault that there is.
fn check_releases(reader: &mut Reader<'_>, script: &[Entry], faults: &[Fault]) {
    let names: Vec<&str> = faults.iter().filter_map(|fault| fault.name.as_deref()).collect();
    for step in script.iter().flat_map(|entry| &entry.steps) {
        if let super::model::Action::Release { fault: Some(name) } = &step.action
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
