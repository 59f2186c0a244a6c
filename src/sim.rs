//! The simulator: our own TCP on a virtual clock.
//!
//! Hosts, links and programs of a [`Scenario`] run deterministically: the same scenario and seed give
//! the same events, byte for byte. Packets are really encoded, travel as octets, and are decoded and
//! verified where they arrive. Nothing waits: 131 s of SYN retries, or four minutes of TIME-WAIT, pass
//! at once.
//!
//! [`run`] does it all; a [`Simulation`] does it step by step, into a [`Journal`].

mod convert;
mod delivery;
mod faults;
mod frames;
mod inject;
mod network;
mod program;
mod queue;
mod script;
mod simulation;
mod station;
mod udp;

pub use simulation::Simulation;

use rustc_hash::FxHashMap;

use crate::scenario::{Problem, Scenario, SocketName};
use crate::tcp::Profile;
use crate::time::Instant;
use crate::timeline::journal::Journal;
use crate::timeline::{self, HostId, Timeline};

/// What a run sets instead of the scenario.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Where random numbers come from; the scenario's seed when `None`.
    pub seed: Option<u64>,
    /// The stack of every host; what the scenario says when `None`.
    pub profile: Option<Profile>,
    /// When to stop.
    pub until: Option<Instant>,
    /// Whether to keep what was received, see [`Run::received`].
    pub keep_received: bool,
}

/// What came of a run.
#[derive(Debug)]
pub struct Run {
    /// Everything that happened.
    pub timeline: Timeline,
    /// What the scenario said in vain: faults that never touched a packet, conditions that never held.
    /// [`Scenario::diagnostic`] points at them.
    pub problems: Vec<Problem>,
    /// What was received, if it was kept.
    pub received: Received,
}

/// What the programs of a run received.
#[derive(Debug, Default)]
pub struct Received(FxHashMap<(HostId, SocketName), Vec<u8>>);

impl Received {
    /// What the program of a socket received, in its order; empty when it was not kept.
    pub fn by(&self, host: HostId, name: SocketName) -> &[u8] {
        self.0.get(&(host, name)).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Why a run was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It does not come to an end by itself.
    #[error(
        "the scenario does not end: {steps} steps, and {seconds} s of virtual time, were not enough; give it an `until`"
    )]
    Endless {
        /// How many things had happened.
        steps: u64,
        /// The virtual time then.
        seconds: u64,
    },
}

/// After so many steps a run that has no end of its own is given up.
const ENOUGH: u64 = 20_000_000;

/// Runs a scenario until nothing is left to happen, or until its end.
///
/// # Errors
/// [`Error::Endless`] when it neither ends nor has an `until`, as with keep-alive probes that are always
/// answered.
pub fn run(scenario: &Scenario, options: &Options) -> Result<Run, Error> {
    let mut timeline = Timeline { hosts: hosts(scenario), events: Vec::new() };
    let mut simulation = Simulation::new(scenario, options, Some(Journal::default()));
    while simulation.step() {
        if simulation.steps() >= ENOUGH {
            let seconds = simulation.now().as_nanos() / 1_000_000_000;
            return Err(Error::Endless { steps: simulation.steps(), seconds });
        }
    }
    let (journal, problems, received) = simulation.finish();
    timeline.events.extend(journal.into_iter().flat_map(Journal::into_events));
    Ok(Run { timeline, problems, received })
}

/// The hosts of a scenario, as a timeline lists them.
pub fn hosts(scenario: &Scenario) -> Vec<timeline::Host> {
    let host = |host: &crate::scenario::HostSpec| timeline::Host {
        name: host.name.clone(),
        addrs: host.addrs.clone(),
    };
    scenario.hosts.iter().map(host).collect()
}
