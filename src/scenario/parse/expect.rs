//! Reading `[expect]`.

use crate::tcp::{Error, Rule, State};
use crate::time::{Duration, Instant};
use crate::timeline::HostId;

use crate::scenario::aim;
use crate::scenario::diagnostic::Problem;
use crate::scenario::expect::{
    About, CallName, Expect, ExpectedOutcome, ExpectedReturn, ExpectedRule, ExpectedSegment, ExpectedStates,
    Item,
};
use crate::scenario::model::{HostSpec, Payload, Span};
use crate::scenario::names::Hosts;
use crate::scenario::reader::{Fields, Reader, Value};
use crate::scenario::units;
use crate::scenario::words::{Text, Word, Words, size};

/// The keys of `[expect]` that are not hosts.
pub(in crate::scenario) const KEYS: [&str; 4] = ["segments", "returns", "delivered", "rules"];

/// Reads the table `[expect]`.
pub(in crate::scenario) fn expect(reader: &mut Reader<'_>, value: &Value<'_>, specs: &[HostSpec]) -> Expect {
    let hosts = Hosts(specs);
    let mut expect = Expect::default();
    let Some(table) = value.get_ref().as_table() else {
        let _: Option<()> = reader.wrong_type("expect", value, "table");
        return expect;
    };
    let fields = Fields::new(table, value.span(), "[expect]");
    for (key, span, value) in &fields.entries {
        match *key {
            "segments" => {
                expect.segments = Some(items(reader, "segments", value, |text| segment(text, hosts)));
            }
            "returns" => {
                for entry in texts(reader, "returns", value) {
                    let parsed = returned(&entry, hosts);
                    expect.returns.extend(reader.keep(parsed));
                }
            }
            "rules" => {
                for entry in texts(reader, "rules", value) {
                    let parsed = rule(&entry, hosts);
                    expect.rules.extend(reader.keep(parsed));
                }
            }
            "delivered" => delivered(reader, value, hosts, &mut expect),
            name => {
                let key_text = Text::new(reader.source, name, span.clone());
                match who(&key_text, span, hosts) {
                    Ok((host, with)) => {
                        let states = items(reader, name, value, state);
                        expect.states.push(ExpectedStates { host, with, states, span: value.span() });
                    }
                    Err(problem) => reader.note(problem),
                }
            }
        }
    }
    expect
}

type Who = (HostId, Option<(HostId, Option<u16>)>);

/// `client` or `server with client:40000`.
fn who(key: &Text<'_>, span: &Span, hosts: Hosts<'_>) -> Result<Who, Problem> {
    let whole = |text: &str| Word { text: text.to_owned(), span: span.clone(), quoted: false };
    let Some((host, peer)) = key.value.split_once(" with ") else {
        let host = hosts.find(key.value).ok_or_else(|| {
            Problem::new("unknown-expectation", span.clone())
                .text("key", key.value)
                .choices(key.value, hosts.0.iter().map(|host| host.name.as_str()).chain(KEYS))
        })?;
        return Ok((host, None));
    };
    let host = hosts.named(&whole(host.trim()))?;
    let (peer, port) = peer.rsplit_once(':').map_or((peer, None), |(peer, port)| (peer, Some(port)));
    let port = port.map(|port| whole(port).port()).transpose()?;
    Ok((host, Some((hosts.named(&whole(peer.trim()))?, port))))
}

/// The strings of a list.
fn texts<'a, 's: 'a>(reader: &mut Reader<'s>, key: &str, value: &'a Value<'_>) -> Vec<Text<'a>> {
    let Some(array) = value.get_ref().as_array() else {
        let _: Option<()> = reader.wrong_type(key, value, "list");
        return Vec::new();
    };
    array.iter().filter_map(|entry| reader.text(key, entry)).collect()
}

/// A list in which `...` stands for any number of anything.
fn items<'a, 's: 'a, T>(
    reader: &mut Reader<'s>,
    key: &str,
    value: &'a Value<'_>,
    mut parse: impl FnMut(&Text<'_>) -> Result<T, Problem>,
) -> Vec<Item<T>> {
    let mut items = Vec::new();
    for text in texts(reader, key, value) {
        if matches!(text.value.trim(), "..." | "…") {
            items.push(Item::Rest(text.span));
        } else if let Some(item) = reader.keep(parse(&text)) {
            items.push(Item::One(item, text.span));
        }
    }
    items
}

fn state(text: &Text<'_>) -> Result<State, Problem> {
    State::from_name(text.value.trim()).ok_or_else(|| unknown_state(text.value, text.span.clone()))
}

/// The problem that no state has this name.
pub(in crate::scenario) fn unknown_state(found: &str, span: Span) -> Problem {
    Problem::new("unknown-state", span)
        .text("found", found)
        .choices(found, State::ALL.iter().map(|state| state.name()))
}

/// `client SYN seq=1000 lost at=1s`.
fn segment(text: &Text<'_>, hosts: Hosts<'_>) -> Result<ExpectedSegment, Problem> {
    let mut words = Words::split(text)?;
    let (mut lost, mut at) = (None, None);
    let pattern = aim::pattern(&mut words, hosts, |word, _| {
        match word.text.as_str() {
            "lost" => lost = Some(true),
            "arrives" => lost = Some(false),
            _ => match about(word) {
                Some(time) => at = Some(time?),
                None => return Ok(false),
            },
        }
        Ok(true)
    })?;
    if pattern.nth != (1, u32::MAX) {
        return Err(Problem::new("count-in-list", text.span.clone()));
    }
    Ok(ExpectedSegment { pattern, lost, at, shown: text.value.to_owned() })
}

/// `at=3s`, `at≈3s` or `at~3s`; `None` for another word.
fn about(word: &Word) -> Option<Result<About, Problem>> {
    let rest = word.text.strip_prefix("at")?;
    let near = rest.starts_with('≈') || rest.starts_with('~');
    let time = rest.strip_prefix(['=', '≈', '~'])?;
    let parsed = units::duration(time).map(|at| {
        let slack = at.div(20).as_nanos().max(10_000_000);
        let tolerance = if near { Duration::from_nanos(slack) } else { Duration::from_nanos(999_999) };
        About { at: Instant::ZERO + at, tolerance }
    });
    Some(parsed.map_err(|reason| Problem::new(reason.key(), word.span.clone()).text("found", time)))
}

/// Takes the next word if it is a time.
fn take_about(words: &mut Words) -> Result<Option<About>, Problem> {
    let Some(time) = words.peek().and_then(about) else { return Ok(None) };
    words.next();
    time.map(Some)
}

/// `client connect ECONNREFUSED`, `server recv 5`, `server recv end`, `client close ok`.
fn returned(text: &Text<'_>, hosts: Hosts<'_>) -> Result<ExpectedReturn, Problem> {
    let mut words = Words::split(text)?;
    words.usage = "HOST CALL ok|N|end|ERRNO [at=TIME]";
    let host = hosts.named(&words.expect("HOST")?)?;
    let verb = words.expect("CALL")?;
    let call = CallName::ALL.iter().find(|(name, _)| *name == verb.text).map(|(_, call)| *call).ok_or_else(
        || {
            Problem::new("unknown-call", verb.span.clone())
                .text("found", verb.text.as_str())
                .choices(&verb.text, CallName::ALL.iter().map(|(name, _)| *name))
        },
    )?;
    let word = words.expect("ok|N|end|ERRNO")?;
    let outcome = match word.text.as_str() {
        "ok" => ExpectedOutcome::Fine,
        "end" => ExpectedOutcome::End,
        other => match size(other) {
            Some(octets) => ExpectedOutcome::Octets(octets),
            None if Error::ALL.iter().any(|error| error.errno() == other) => {
                ExpectedOutcome::Error(other.to_owned())
            }
            None => {
                let choices = Error::ALL.iter().map(|error| error.errno()).chain(["ok", "end"]);
                return Err(Problem::new("unknown-outcome", word.span.clone())
                    .text("found", other)
                    .choices(other, choices));
            }
        },
    };
    let at = take_about(&mut words)?;
    words.finish()?;
    Ok(ExpectedReturn { host, call, outcome, at, shown: text.value.to_owned(), span: text.span.clone() })
}

/// `server syn-challenged`, `client time-wait-expires at=60s`.
fn rule(text: &Text<'_>, hosts: Hosts<'_>) -> Result<ExpectedRule, Problem> {
    let mut words = Words::split(text)?;
    words.usage = "HOST RULE [at=TIME]";
    let host = hosts.named(&words.expect("HOST")?)?;
    let word = words.expect("RULE")?;
    let rule = Rule::from_key(&word.text).ok_or_else(|| {
        let keys: Vec<&str> = Rule::ALL.iter().map(|rule| rule.key()).collect();
        let mut problem = Problem::new("unknown-rule", word.span.clone()).text("found", word.text.as_str());
        problem.near = crate::scenario::diagnostic::nearest(&word.text, &keys).map(ToOwned::to_owned);
        problem
    })?;
    let at = take_about(&mut words)?;
    words.finish()?;
    Ok(ExpectedRule { host, rule, at, span: text.span.clone() })
}

/// `{ server = "hello", client = 1000 }`.
fn delivered(reader: &mut Reader<'_>, value: &Value<'_>, hosts: Hosts<'_>, expect: &mut Expect) {
    let names: Vec<&str> = hosts.0.iter().map(|host| host.name.as_str()).collect();
    let Some(fields) = reader.table("delivered", value, "[expect] delivered", &names) else { return };
    for (name, _, value) in &fields.entries {
        let Some(host) = hosts.find(name) else { continue };
        let payload = if value.get_ref().is_str() {
            reader.text(name, value).map(|text| Payload::Text(text.value.as_bytes().to_vec()))
        } else {
            reader.integer(name, value, u64::MAX >> 1).map(Payload::Count)
        };
        if let Some(payload) = payload {
            expect.delivered.push((host, payload, value.span()));
        }
    }
}
