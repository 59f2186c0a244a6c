//! Reading patterns: the words that say which packets are meant.

use crate::timeline::HostId;
use crate::wire::Flags;

use super::diagnostic::Problem;
use super::model::{Number, Variable};
use super::names::Hosts;
use super::pattern::{Check, Comparison, PacketKind, Pattern};
use super::words::{Word, Words};

/// How a pattern is written.
pub(super) const USAGE: &str = "HOST FLAGS [#N] [data] [retransmission] [seq=N] [ack=N] [len=N] [to HOST]";

/// Words that stand alone, and what they ask.
const PLAIN: [(&str, Check); 10] = [
    ("empty", Check::HasText(false)),
    ("retransmission", Check::Retransmission(true)),
    ("first", Check::Retransmission(false)),
    ("mss", Check::Mss(None)),
    ("wscale", Check::WindowScale(None)),
    ("sackOK", Check::SackPermitted),
    ("sack", Check::Sack),
    ("timestamps", Check::Timestamps),
    ("cookie", Check::FastOpen),
    ("no-options", Check::NoOptions),
];

/// Words of the form `KEY=VALUE`.
const KEYS: [&str; 8] = ["seq", "ack", "len", "win", "text", "mss", "wscale", "port"];

/// Reads a pattern up to the end of the words. A word that is none of a pattern's is offered to `other`,
/// which says whether it took it.
pub(super) fn pattern(
    words: &mut Words,
    hosts: Hosts<'_>,
    mut other: impl FnMut(&Word, &mut Words) -> Result<bool, Problem>,
) -> Result<Pattern, Problem> {
    words.usage = USAGE;
    let host = words.expect("HOST")?;
    let from = if host.text == "any" { None } else { Some(hosts.named(&host)?) };
    let mut pattern = Pattern { from, kind: PacketKind::Any, checks: Vec::new(), nth: (1, u32::MAX) };
    let mut kind: Option<Word> = None;
    while let Some(mut word) = words.next() {
        if let Some((before, count)) = word.text.split_once('#') {
            let start = word.span.start + before.len();
            pattern.nth = nth(count).ok_or_else(|| {
                Problem::new("bad-count", start..word.span.end).text("found", format!("#{count}"))
            })?;
            if before.is_empty() {
                continue;
            }
            word = Word { text: before.to_owned(), span: word.span.start..start, quoted: false };
        }
        if other(&word, words)? || condition(&mut pattern, &word, words, hosts)? {
            continue;
        }
        let flags = packet_kind(&word)?;
        match &kind {
            None => pattern.kind = flags,
            Some(earlier) => {
                return Err(Problem::new("second-kind", word.span.clone())
                    .text("first", earlier.text.as_str())
                    .text("second", word.text.as_str()));
            }
        }
        kind = Some(word);
    }
    Ok(pattern)
}

/// The kind that a word names.
fn packet_kind(word: &Word) -> Result<PacketKind, Problem> {
    match word.text.as_str() {
        "any" => return Ok(PacketKind::Any),
        "data" => return Ok(PacketKind::Data),
        "UDP" | "udp" => return Ok(PacketKind::Udp),
        _ => {}
    }
    // People write SYN+ACK, SYN-ACK and SYN/ACK as well as SYN,ACK.
    let names = word.text.replace(['+', '-', '/'], ",");
    if let Some(flags) = Flags::from_names(&names) {
        return Ok(PacketKind::Flags(flags));
    }
    if word.text.eq_ignore_ascii_case("none") {
        return Ok(PacketKind::Flags(Flags::NONE));
    }
    let flags = ["SYN", "ACK", "SYN,ACK", "FIN", "RST", "RST,ACK", "PSH,ACK", "data", "UDP", "any"];
    let choices = flags.into_iter().chain(PLAIN.iter().map(|(name, _)| *name)).chain(KEYS);
    Err(Problem::new("unknown-packet-word", word.span.clone())
        .text("found", word.text.as_str())
        .choices(&word.text, choices))
}

/// Takes a word that is a condition; false when it is none.
fn condition(
    pattern: &mut Pattern,
    word: &Word,
    words: &mut Words,
    hosts: Hosts<'_>,
) -> Result<bool, Problem> {
    // After a kind, `data` asks for text beside the flags: `client FIN data`.
    if word.text == "data" && pattern.kind != PacketKind::Any {
        pattern.checks.push(Check::HasText(true));
        return Ok(true);
    }
    if word.text == "to" {
        let target = words.expect("HOST")?;
        to(pattern, &target, hosts)?;
        return Ok(true);
    }
    if let Some((_, check)) = PLAIN.iter().find(|(name, _)| *name == word.text) {
        pattern.checks.push(check.clone());
        return Ok(true);
    }
    let negated = word.text.strip_prefix("no-");
    if let Some((_, check)) = PLAIN.iter().find(|(name, _)| Some(*name) == negated) {
        pattern.checks.push(Check::Not(Box::new(check.clone())));
        return Ok(true);
    }
    for (mark, comparison) in [(">=", Comparison::AtLeast), ("<=", Comparison::AtMost), ("=", Comparison::Is)]
    {
        let Some((key, value)) = word.text.split_once(mark) else { continue };
        let start = (word.span.start + key.len() + mark.len()).min(word.span.end);
        let value = Word { text: value.to_owned(), span: start..word.span.end, quoted: false };
        pattern.checks.push(match key {
            "seq" if mark == "=" => Check::Seq(number(&value, hosts, false)?),
            "ack" if mark == "=" => Check::Ack(number(&value, hosts, false)?),
            "len" => Check::Len(comparison, value.number(u64::from(u32::MAX))? as u32),
            "win" => Check::Window(comparison, value.number(65_535)? as u32),
            "text" if mark == "=" => Check::Text(value.text.into_bytes()),
            "mss" if mark == "=" => Check::Mss(Some(value.number(65_535)? as u16)),
            "wscale" if mark == "=" => Check::WindowScale(Some(value.number(255)? as u8)),
            "port" if mark == "=" => Check::FromPort(value.port()?),
            _ => {
                return Err(Problem::new("unknown-condition", word.span.clone())
                    .text("found", key)
                    .choices(key, KEYS));
            }
        });
        return Ok(true);
    }
    Ok(false)
}

/// Adds the conditions of `to HOST[:PORT]`.
fn to(pattern: &mut Pattern, target: &Word, hosts: Hosts<'_>) -> Result<(), Problem> {
    let (name, port) =
        target.text.rsplit_once(':').map_or((target.text.as_str(), None), |(n, p)| (n, Some(p)));
    let part = |start: usize, text: &str| Word {
        text: text.to_owned(),
        span: target.span.start + start..target.span.start + start + text.len(),
        quoted: false,
    };
    pattern.checks.push(Check::To(hosts.named(&part(0, name))?));
    if let Some(port) = port {
        pattern.checks.push(Check::ToPort(part(name.len() + 1, port).port()?));
    }
    Ok(())
}

/// `N`, `N..M`, `N..`: which of the matching packets.
fn nth(text: &str) -> Option<(u32, u32)> {
    let (first, last) = match text.split_once("..") {
        None => (text.parse().ok()?, text.parse().ok()?),
        Some((first, "")) => (first.parse().ok()?, u32::MAX),
        Some((first, last)) => (first.parse().ok()?, last.parse().ok()?),
    };
    (first >= 1 && first <= last).then_some((first, last))
}

/// A sequence number: `1001`, `+1` (from the initial one), or, where `variables` are allowed,
/// `server.rcv_nxt-1`.
pub(super) fn number(word: &Word, hosts: Hosts<'_>, variables: bool) -> Result<Number, Problem> {
    let bad = || Problem::new("bad-sequence-number", word.span.clone()).text("found", word.text.as_str());
    if let Ok(absolute) = word.text.parse::<u32>()
        && !word.text.starts_with('+')
    {
        return Ok(Number::Absolute(absolute));
    }
    if let Some(relative) = word.text.strip_prefix('+') {
        return relative.parse::<u32>().map(|offset| Number::Relative(i64::from(offset))).map_err(|_| bad());
    }
    let Some((host, rest)) = word.text.split_once('.').filter(|_| variables) else { return Err(bad()) };
    let split = rest.find(['+', '-']).unwrap_or(rest.len());
    let (name, offset) = rest.split_at(split);
    let host = host_word(word, host, hosts)?;
    let variable = VARIABLES.iter().find(|(known, _)| *known == name).map(|(_, variable)| *variable);
    let variable = variable.ok_or_else(|| {
        Problem::new("unknown-variable", word.span.clone())
            .text("found", name)
            .choices(name, VARIABLES.iter().map(|(known, _)| *known))
    })?;
    let offset = if offset.is_empty() { 0 } else { offset.parse::<i64>().map_err(|_| bad())? };
    Ok(Number::Variable { host, variable, offset })
}

fn host_word(word: &Word, host: &str, hosts: Hosts<'_>) -> Result<HostId, Problem> {
    let span = word.span.start..(word.span.start + host.len()).min(word.span.end);
    hosts.named(&Word { text: host.to_owned(), span, quoted: false })
}

/// The variables of a connection that a number may name.
const VARIABLES: [(&str, Variable); 6] = [
    ("iss", Variable::Iss),
    ("irs", Variable::Irs),
    ("snd_una", Variable::SndUna),
    ("snd_nxt", Variable::SndNxt),
    ("rcv_nxt", Variable::RcvNxt),
    ("rcv_end", Variable::RcvEnd),
];
