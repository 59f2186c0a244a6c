//! Our contestant: the simulator, run on a scenario, with every event recorded.

use std::fmt::Write as _;

use handshake::scenario::Scenario;
use handshake::sim::{Options, Simulation};
use handshake::tcp::State;
use handshake::timeline::journal::Journal;

const HEAD: &str = r#"
title = { en = "bench", zh = "bench" }
notes = { en = "bench", zh = "bench" }
teaches = []
[hosts]
client = { addr = "10.0.0.1", isn = 1000 }
server = { addr = "10.0.0.2", isn = 5000 }
[link]
delay = "1ms"
[[script]]
at = "0ms"
do = "server listen 80 backlog 4096"
"#;

fn scenario(body: &str) -> Scenario {
    let text = format!("{HEAD}{body}");
    Scenario::parse("bench", &text).unwrap_or_else(|diagnostic| panic!("{diagnostic:?}"))
}

/// Connection number `number` begins at `at` milliseconds.
fn conversation(text: &mut String, at: u64, number: u32) {
    let _ = write!(
        text,
        r#"
[[script]]
at = "{at}ms"
do = [
  "client c{number} connect server:80", "client c{number} send 100", "client c{number} recv 1000",
  "client c{number} close",
]
[[script]]
at = "{at}ms"
do = [
  "server accept as s{number}", "server s{number} recv 100", "server s{number} send 1000",
  "server s{number} recv", "server s{number} close",
]
"#
    );
}

fn run_counted(scenario: Scenario, connections: u32) -> Box<dyn FnMut()> {
    // A journal that is used again for every run, as the buffers of the peer are.
    let mut journal = Some(Journal::default());
    Box::new(move || {
        journal.as_mut().unwrap().clear();
        let mut simulation = Simulation::new(&scenario, &Options::default(), journal.take());
        while simulation.step() {}
        journal = simulation.finish().0;
        let transitions = journal.as_ref().unwrap().transitions();
        let ended = transitions.filter(|it| (it.from, it.to) == (State::TimeWait, State::Closed));
        assert_eq!(ended.count() as u32, connections, "a connection did not end in order");
    })
}

/// Connections that follow one another, each after the TIME-WAIT of the one before, as the peer's do.
pub fn one_by_one(count: u32) -> Box<dyn FnMut()> {
    let mut text = String::new();
    (0..count).for_each(|number| conversation(&mut text, 1 + 250_000 * u64::from(number), number));
    run_counted(scenario(&text), count)
}

/// Connections that run at once.
pub fn at_once(count: u32) -> Box<dyn FnMut()> {
    let mut text = String::new();
    (0..count).for_each(|number| conversation(&mut text, 1, number));
    run_counted(scenario(&text), count)
}

/// One connection that carries so many octets from the client to the server. Nobody wants its events,
/// as smoltcp keeps none.
pub fn bulk(octets: usize) -> Box<dyn FnMut()> {
    let text = format!(
        "[[script]]\nat = \"1ms\"\ndo = [\"server accept as s\", \"server s recv {octets} all\"]\n\
         [[script]]\nat = \"1ms\"\ndo = [\"client connect server:80\", \"client send {octets}\"]\n"
    );
    let scenario = scenario(&text);
    Box::new(move || {
        let mut simulation = Simulation::new(&scenario, &Options::default(), None);
        while simulation.step() {}
        assert!(simulation.steps() as usize > octets / 1460, "the octets did not arrive");
    })
}
