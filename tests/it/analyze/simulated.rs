//! The simulator's own captures, read back: they must give the states that the simulator had.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use handshake::analyze::{Analyzer, Config, Recorder};
use handshake::lang::{Catalog, Lang};
use handshake::render::pcapng;
use handshake::scenario::{self, Scenario};
use handshake::sim;
use handshake::tcp::{Rule, State};
use handshake::timeline::{Kind, Timeline};
use handshake::wire::capture::Reader;

use super::talk::names;

/// An end: its own address, the other's.
type End = (SocketAddr, SocketAddr);

/// A scenario run, and its capture.
pub fn run(name: &str, text: &str) -> (Timeline, Vec<u8>) {
    let scenario = Scenario::parse(name, text).unwrap();
    let timeline = sim::run(&scenario, &sim::Options::default()).unwrap().timeline;
    let mut bytes = Vec::new();
    pcapng::write(&timeline, &Catalog::new(Lang::En), &mut bytes).unwrap();
    (timeline, bytes)
}

fn push(history: &mut Vec<State>, states: [State; 2]) {
    for state in states {
        if history.last() != Some(&state) {
            history.push(state);
        }
    }
}

/// What the simulator's timeline says of each end, with what no segment shows and without it: a state
/// that ends by a timer may show later, by a reset.
fn simulated(timeline: &Timeline) -> BTreeMap<End, [Vec<State>; 2]> {
    let mut histories: BTreeMap<End, [Vec<State>; 2]> = BTreeMap::new();
    for event in &timeline.events {
        let Kind::State { connection, from, to, rule } = event.kind else { continue };
        if connection.remote.port() == 0 {
            // The listener itself.
            continue;
        }
        let [whole, shown] = histories.entry((connection.local, connection.remote)).or_default();
        push(whole, [from, to]);
        if !rule.is_some_and(is_silent) {
            push(shown, [from, to]);
        }
    }
    histories
}

/// Rules that change a state without any segment: timers, and calls that send nothing.
fn is_silent(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::TimeWaitExpires
            | Rule::FinWait2Expires
            | Rule::GivesUp
            | Rule::SynGivesUp
            | Rule::SynAckGivesUp
            | Rule::OrphanGivesUp
            | Rule::KeepaliveGivesUp
            | Rule::UserTimeoutExpires
            | Rule::AbortSilent
            | Rule::CloseSynSent
    )
}

/// What the analysis says of the capture.
fn inferred(capture: &[u8]) -> BTreeMap<End, Vec<State>> {
    let mut reader = Reader::open(capture).unwrap();
    let mut analyzer = Analyzer::new(Config::default());
    let mut recorders: BTreeMap<u32, Recorder> = BTreeMap::new();
    while let Some(record) = reader.next_record().unwrap() {
        let Ok(packet) = record.packet() else { continue };
        let Some(report) = analyzer.push(record.number, record.at, &packet) else { continue };
        recorders.entry(report.stream).or_default().record(record.number, record.at, &packet, &report);
    }
    let mut histories: BTreeMap<End, Vec<State>> = BTreeMap::new();
    for recorder in recorders.into_values() {
        for event in recorder.finish(None).events {
            let Kind::State { connection, from, to, .. } = event.kind else { continue };
            push(histories.entry((connection.local, connection.remote)).or_default(), [from, to]);
        }
    }
    histories
}

/// Where the two differ, and why that must be so.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("self-connect", "both directions have the same addresses and ports: which end sent what cannot be told"),
    ("old-duplicate-syn", "a SYN of an earlier connection looks like the beginning of one"),
    ("time-wait-syn", "a SYN of an earlier connection looks like the beginning of one"),
    ("two-way", "a server that is established by the SYN alone: nobody but that variant does this"),
    ("blind-reset", "the reset is an attacker's, in the client's name"),
    ("no-rst-check", "a server that believes any reset: nobody but that variant does this"),
    ("no-time-wait", "a client that skips TIME-WAIT: nobody but that variant does this"),
    ("syn-cookies", "with a cookie the server remembers nothing, so that it is never in SYN-RECEIVED"),
];

#[test]
fn read_back_they_give_the_simulators_states() {
    let mut differences = Vec::new();
    let mut needed = Vec::new();
    let mut ends = 0;
    for (name, text) in scenario::builtin() {
        let (timeline, capture) = run(name, text);
        let (simulated, inferred) = (simulated(&timeline), inferred(&capture));
        // Forged senders are no hosts: nobody was in any state there.
        let is_host = |addr: SocketAddr| timeline.hosts.iter().any(|host| host.addrs.contains(&addr.ip()));
        let nothing = <[Vec<State>; 2]>::default();
        let mut differs = Vec::new();
        for end in simulated.keys().chain(inferred.keys().filter(|end| !simulated.contains_key(end))) {
            let was = simulated.get(end).unwrap_or(&nothing);
            let seen = inferred.get(end).cloned().unwrap_or_default();
            ends += 1;
            if is_host(end.0) && !was.contains(&seen) {
                let (was, seen) = (names(&was[0]), names(&seen));
                differs.push(format!("{name} {}→{}:\n   was {was}\n  seen {seen}", end.0, end.1));
            }
        }
        match EXCEPTIONS.iter().find(|(scenario, _)| scenario == name) {
            Some(_) if !differs.is_empty() => needed.push(name),
            _ => differences.extend(differs),
        }
    }
    assert!(ends > 80, "only {ends} ends were compared");
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
    for (name, reason) in EXCEPTIONS {
        assert!(needed.contains(&name), "{name} needs no exception any more: {reason}");
    }
}
