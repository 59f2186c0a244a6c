//! `handshake list`: what can be run, grouped, one line each, and what to try first.

use std::io::Write;

use serde_json::json;
use unicode_width::UnicodeWidthStr;

use super::Context;
use super::arguments::{Format, List};
use super::failure::Failure;
use crate::lang::{Lang, escape};
use crate::scenario::{Scenario, builtin};

/// The groups by their key (the message `cli-group-KEY`), each with its scenarios. A scenario that
/// stands in none is listed last.
const GROUPS: &[(&str, &[&str])] = &[
    (
        "open",
        &[
            "three-way",
            "options",
            "no-mss",
            "ipv6",
            "simultaneous-open",
            "self-connect",
            "states",
            "fast-open",
            "syn-lost",
            "syn-lost-forever",
            "syn-lost-forever-linux",
            "synack-lost",
            "third-ack-lost",
            "third-ack-lost-then-data",
            "closed-port",
            "wrong-ack-in-syn-sent",
            "old-duplicate-syn",
        ],
    ),
    ("queues", &["backlog", "accept-queue-full", "listener-closed", "syn-flood", "syn-cookies"]),
    (
        "data",
        &[
            "data",
            "timeout-retransmit",
            "fast-retransmit",
            "reorder",
            "zero-window",
            "nagle-delayed-ack",
            "keepalive",
            "sequence-wrap",
        ],
    ),
    (
        "close",
        &[
            "teardown",
            "three-segment-close",
            "simultaneous-close",
            "half-close",
            "close-wait",
            "fin-wait-2-timeout",
            "fin-before-data",
            "fin-lost",
            "fin-ack-lost",
            "peer-fin-lost",
            "last-ack-lost",
            "time-wait-syn",
            "time-wait-rst",
            "time-wait-reuse",
            "time-wait-ports",
            "connections",
            "address-in-use",
        ],
    ),
    (
        "reset",
        &[
            "close-with-unread-data",
            "linger-zero",
            "write-after-reset",
            "kill",
            "crash",
            "reboot",
            "blind-reset",
        ],
    ),
    ("udp", &["udp-echo", "same-port"]),
    ("what-if", &["two-way", "fixed-isn", "no-time-wait", "no-rst-check"]),
];

/// The key of the group for scenarios that no group names.
const REST: &str = "more";

/// A scenario as it is listed.
struct Line {
    group: &'static str,
    name: &'static str,
    title: [String; 2],
    questions: Vec<u32>,
}

/// Writes the list.
pub(super) fn run(arguments: &List, context: &mut Context) -> Result<(), Failure> {
    let lines = lines();
    match arguments.format {
        Format::Text => text(&lines, context),
        Format::Json => records(&lines, context),
    }
}

/// All built-in scenarios, group by group; inside a group in the order of the group.
fn lines() -> Vec<Line> {
    let mut lines: Vec<Line> = builtin()
        .iter()
        .filter_map(|(name, text)| {
            let scenario = Scenario::parse(name, text).ok()?;
            Some(Line {
                group: group_of(name),
                name,
                title: [scenario.title.en.clone(), scenario.title.zh.clone()],
                questions: scenario.questions().collect(),
            })
        })
        .collect();
    lines.sort_by_key(|line| place(line.name));
    lines
}

fn group_of(name: &str) -> &'static str {
    GROUPS.iter().find(|(_, names)| names.contains(&name)).map_or(REST, |(key, _)| key)
}

fn place(name: &str) -> usize {
    let mut all = GROUPS.iter().flat_map(|(_, names)| names.iter());
    all.position(|known| *known == name).unwrap_or(usize::MAX)
}

fn text(lines: &[Line], context: &mut Context) -> Result<(), Failure> {
    let start = context.catalog.text("cli-list-start");
    context.output.line(&start)?;
    let widest = lines.iter().map(|line| line.name.len()).max().unwrap_or(0);
    let mut group = "";
    for line in lines {
        if line.group != group {
            group = line.group;
            let heading = context.catalog.text(&format!("cli-group-{group}"));
            context.output.line(&format!("\n{heading}"))?;
        }
        let [en, zh] = &line.title;
        let title = escape(if context.catalog.lang() == Lang::Zh { zh } else { en });
        let beside = 2 + widest + 2;
        if beside + title.width() <= usize::from(context.width) {
            context.output.line(&format!("  {:<widest$}  {title}", line.name))?;
        } else {
            context.output.line(&format!("  {}\n      {title}", line.name))?;
        }
    }
    let more = context.catalog.text("cli-list-more");
    context.output.line(&format!("\n{more}"))
}

/// One JSON object a line.
fn records(lines: &[Line], context: &mut Context) -> Result<(), Failure> {
    for line in lines {
        let [en, zh] = &line.title;
        let record = json!({
            "schema": 1,
            "name": line.name,
            "group": line.group,
            "title": { "en": en, "zh": zh },
            "questions": line.questions,
        });
        writeln!(context.output, "{record}").map_err(|error| context.output.failure(&error))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_scenario_stands_in_two_groups() {
        let mut all: Vec<&str> = GROUPS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        all.sort_unstable();
        let count = all.len();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
