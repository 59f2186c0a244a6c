//! The same scenario and seed give the same events, byte for byte.

use std::fmt::Write as _;

use handshake::scenario::{Scenario, builtin};
use handshake::sim::{self, Options, Simulation};
use handshake::timeline::Timeline;
use handshake::timeline::journal::Journal;

use super::scenario;

/// Everything that happened, as text: two runs are the same when it is.
fn written(timeline: &Timeline) -> String {
    let mut text = String::new();
    for event in &timeline.events {
        let _ = writeln!(text, "{event:?}");
    }
    text
}

#[test]
fn every_built_in_scenario_runs_the_same_twice() {
    for (name, text) in builtin() {
        let scenario = Scenario::parse(name, text).unwrap();
        let runs = [0, 1].map(|_| written(&sim::run(&scenario, &Options::default()).unwrap().timeline));
        assert_eq!(runs[0], runs[1], "{name}");
    }
}

const CHANCE: &str = r#"
[link]
delay = "5ms"
jitter = "3ms"
loss = 0.1
duplicate = 0.1
reorder = 0.1
corrupt = 0.05
[[script]]
do = ["server listen 80", "server accept", "server recv all", "server close"]
[[script]]
do = ["client connect server:80", "client send 20000", "client close"]
"#;

#[test]
fn a_seed_decides_everything_that_is_random() {
    let scenario = scenario("profile = \"rfc9293\"\nseed = 1", CHANCE);
    let with = |seed| {
        let options = Options { seed, ..Options::default() };
        written(&sim::run(&scenario, &options).unwrap().timeline)
    };
    assert_eq!(with(None), with(Some(1)), "the scenario's own seed");
    assert_eq!(with(Some(2)), with(Some(2)));
    assert_ne!(with(Some(1)), with(Some(2)));
}

#[test]
fn initial_sequence_numbers_come_from_the_seed_too() {
    let text = r#"title = { en = "A test", zh = "测试" }
notes = { en = "x", zh = "x" }
[hosts]
a = "10.0.0.1"
b = "10.0.0.2"
[[script]]
do = ["b listen 80", "a connect b:80"]
"#;
    let scenario = Scenario::parse("test", text).unwrap();
    let isn = |seed| {
        let options = Options { seed: Some(seed), ..Options::default() };
        let run = sim::run(&scenario, &options).unwrap();
        super::sent(&run.timeline)[0].2.segment().unwrap().seq
    };
    assert_eq!(isn(3), isn(3));
    assert_ne!(isn(3), isn(4));
}

#[test]
fn steps_one_by_one_are_the_run() {
    for (name, text) in builtin().iter().take(8) {
        let scenario = Scenario::parse(name, text).unwrap();
        let whole = sim::run(&scenario, &Options::default()).unwrap();
        let mut simulation = Simulation::new(&scenario, &Options::default(), Some(Journal::default()));
        let mut last = simulation.now();
        while let Some(next) = simulation.next_at() {
            assert!(simulation.step());
            assert_eq!(simulation.now(), next, "{name}");
            assert!(last <= next, "{name}: time went back");
            last = next;
        }
        assert!(!simulation.step());
        let (journal, ..) = simulation.finish();
        assert_eq!(journal.unwrap().into_events(), whole.timeline.events, "{name}");
    }
}

#[test]
fn nobody_who_listens_changes_nothing() {
    for (name, text) in builtin() {
        let scenario = Scenario::parse(name, text).unwrap();
        let options = Options::default();
        let mut seen = Simulation::new(&scenario, &options, Some(Journal::default()));
        let mut unseen = Simulation::new(&scenario, &options, None);
        loop {
            assert_eq!(seen.next_at(), unseen.next_at(), "{name}");
            let (seen, unseen) = (seen.step(), unseen.step());
            assert_eq!(seen, unseen, "{name}");
            if !seen {
                break;
            }
        }
    }
}
