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

/// The states of each end, by its own and the other's address.
type Histories = BTreeMap<(SocketAddr, SocketAddr), Vec<State>>;

/// A scenario run, and its capture.
pub fn run(name: &str, text: &str) -> (Timeline, Vec<u8>) {
    let scenario = Scenario::parse(name, text).unwrap();
    let timeline = sim::run(&scenario, &sim::Options::default()).unwrap().timeline;
    let mut bytes = Vec::new();
    pcapng::write(&timeline, &Catalog::new(Lang::En), &mut bytes).unwrap();
    (timeline, bytes)
}

fn push(histories: &mut Histories, key: (SocketAddr, SocketAddr), states: [State; 2]) {
    let history = histories.entry(key).or_default();
    for state in states {
        if history.last() != Some(&state) {
            history.push(state);
        }
    }
}

/// What the simulator's timeline says, less what no segment shows.
fn simulated(timeline: &Timeline) -> Histories {
    let mut histories = Histories::new();
    for event in &timeline.events {
        let Kind::State { connection, from, to, rule } = event.kind else { continue };
        let listens = connection.remote.port() == 0;
        if listens || rule.is_some_and(is_silent) {
            continue;
        }
        push(&mut histories, (connection.local, connection.remote), [from, to]);
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
            | Rule::UserTimeoutExpires
            | Rule::AbortSilent
            | Rule::CloseSynSent
    )
}

/// What the analysis says of the capture.
fn inferred(capture: &[u8]) -> Histories {
    let mut reader = Reader::open(capture).unwrap();
    let mut analyzer = Analyzer::new(Config::default());
    let mut recorders: BTreeMap<u32, Recorder> = BTreeMap::new();
    while let Some(record) = reader.next_record().unwrap() {
        let Ok(packet) = record.packet() else { continue };
        let Some(report) = analyzer.push(record.number, record.at, &packet) else { continue };
        recorders.entry(report.stream).or_default().record(record.number, record.at, &packet, &report);
    }
    let mut histories = Histories::new();
    for recorder in recorders.into_values() {
        for event in recorder.finish(None).events {
            let Kind::State { connection, from, to, .. } = event.kind else { continue };
            push(&mut histories, (connection.local, connection.remote), [from, to]);
        }
    }
    histories
}

/// Where the two differ, and why that must be so.
const EXCEPTIONS: &[(&str, &str)] = &[];

#[test]
fn read_back_they_give_the_simulators_states() {
    let mut differences = Vec::new();
    let mut needed = Vec::new();
    for (name, text) in scenario::builtin() {
        let (timeline, capture) = run(name, text);
        let (simulated, inferred) = (simulated(&timeline), inferred(&capture));
        let row = |states: Option<&Vec<State>>| {
            states.map_or_else(|| "nothing".to_owned(), |states| super::talk::names(states))
        };
        let mut differs = Vec::new();
        for key in simulated.keys().chain(inferred.keys().filter(|key| !simulated.contains_key(key))) {
            let (was, seen) = (row(simulated.get(key)), row(inferred.get(key)));
            if was != seen {
                differs.push(format!("{name} {}→{}:\n   was {was}\n  seen {seen}", key.0, key.1));
            }
        }
        match EXCEPTIONS.iter().find(|(scenario, _)| scenario == name) {
            Some(_) if !differs.is_empty() => needed.push(name),
            _ => differences.extend(differs),
        }
    }
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
    for (name, _) in EXCEPTIONS {
        assert!(needed.contains(&name), "{name} needs no exception any more");
    }
}
