//! Everything that a run needs, set up and taken down: network, wire, programs, observers.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::Options;
use super::engine::{Engine, Reasons};
use super::faults::Faults;
use super::forge::forge;
use super::network::{HostPlan, Network, Refused};
use super::observer::{Look, Observer};
use super::profile::{Mapping, engine_config};
use super::program::{Program, Running};
use super::programs::{Habits, Job, Programs};
use super::record::{Recorder, Signal};
use super::wire::{self, Command, Wire};
use crate::live::{Error, Result};
use crate::scenario::{Action, Entry, Scenario, SocketName, Step};
use crate::time::Instant;
use crate::timeline::{HostId, Kind, Note};

/// What a host is played by.
#[derive(Debug)]
enum Player {
    /// Programs on the kernel of its namespace, and who asks that kernel.
    Kernel(Programs, Observer),
    /// Our own TCP.
    Engine(Engine),
}

/// A run's surroundings.
#[derive(Debug)]
pub(super) struct Stage {
    scenario: Scenario,
    seed: u64,
    recorder: Recorder,
    network: Network,
    wire: Option<Wire>,
    players: Vec<Option<Player>>,
    habits: Vec<Habits>,
    engines: Vec<HostId>,
    /// The host that a program plays.
    left_out: Option<HostId>,
    curtain: Curtain,
}

/// What is left when it is taken down.
#[derive(Debug, Default)]
pub(super) struct Curtain {
    /// The kernels' answers, host by host.
    pub looks: Vec<(HostId, Vec<Look>)>,
    /// Our engines' reasons, host by host.
    pub reasons: Vec<(HostId, Reasons)>,
    /// Faults that never met a packet.
    pub dead_faults: Vec<String>,
    /// Settings that the kernel refused.
    pub refused: Vec<Refused>,
}

impl Stage {
    /// Builds the network. The wire and the programs follow in [`begin`](Self::begin).
    ///
    /// # Errors
    /// What the kernel does not permit or cannot do.
    pub(super) fn build(scenario: &Scenario, options: &Options, recorder: Recorder) -> Result<Stage> {
        let mappings: Vec<Mapping> = scenario.hosts.iter().map(Mapping::of).collect();
        let plans =
            scenario.hosts.iter().zip(&mappings).enumerate().map(|(index, (host, mapping))| HostPlan {
                name: host.name.clone(),
                addrs: host.addrs.clone(),
                kernel: !options.engines.contains(&HostId(index as u16)),
                mtu: mapping.mtu.unwrap_or(1500),
                settings: mapping.sysctls.clone(),
            });
        let network = Network::build(plans.collect(), strangers(scenario))?;
        let habits = scenario.hosts.iter().zip(mappings).enumerate().map(|(index, (host, mapping))| Habits {
            addrs: host.addrs.clone(),
            isn: host.isn,
            makes_connection: makes_connection(scenario, HostId(index as u16)),
            options: mapping.options,
        });
        Ok(Stage {
            scenario: scenario.clone(),
            seed: options.seed,
            recorder,
            network,
            wire: None,
            players: Vec::new(),
            habits: habits.collect(),
            engines: options.engines.clone(),
            left_out: options.program.as_ref().map(|program| program.host),
            curtain: Curtain::default(),
        })
    }

    /// Starts the wire and the hosts' programs; the script begins at `origin`.
    ///
    /// # Errors
    /// What the kernel does not permit or cannot do.
    pub(super) fn begin(&mut self, origin: Instant) -> Result<()> {
        let faults = Faults::of(&self.scenario, self.seed, origin);
        let ends: Vec<String> =
            (0..self.scenario.hosts.len()).map(|host| self.network.wire_end(host)).collect();
        self.wire = Some(Wire::start(&ends, faults, self.recorder.clone())?);
        for index in 0..self.scenario.hosts.len() {
            let player = self.player(index)?;
            self.players.push(player);
        }
        Ok(())
    }

    /// The script begins only at `origin`.
    pub(super) fn begin_anew(&self, origin: Instant) {
        self.tell(Command::Origin(origin));
    }

    fn player(&self, index: usize) -> Result<Option<Player>> {
        let (Some(host), Some(habits)) = (self.network.hosts().get(index), self.habits.get(index)) else {
            return Ok(None);
        };
        let id = HostId(index as u16);
        if self.engines.contains(&id) {
            let config = engine_config(&self.scenario, index, habits.isn, self.seed);
            let addrs = self.scenario.hosts.iter().map(|host| host.addrs.clone()).collect();
            let engine = Engine::start(host, id, config, habits.clone(), addrs, self.recorder.clone())?;
            return Ok(Some(Player::Engine(engine)));
        }
        let ipv6 = habits.addrs.iter().any(IpAddr::is_ipv6);
        let observer = Observer::start(host, id, ipv6, self.recorder.clone())?;
        let programs = Programs::start(host, id, habits.clone(), self.recorder.clone())?;
        Ok(Some(Player::Kernel(programs, observer)))
    }

    /// Takes the steps of an entry, in their order.
    ///
    /// # Errors
    /// A host cannot be made anew.
    pub(super) fn play(&mut self, number: usize, entry: &Entry, due: Instant) -> Result<()> {
        for step in &entry.steps {
            self.step(number, step, due)?;
        }
        Ok(())
    }

    fn step(&mut self, entry: usize, step: &Step, due: Instant) -> Result<()> {
        if step.host.is_some() && step.host == self.left_out {
            self.recorder.signal(Signal::Returned { step: entry });
            return Ok(());
        }
        let host = step.host.unwrap_or_default();
        let index = host.0 as usize;
        match &step.action {
            Action::Inject(inject) => {
                let from = step.host.or_else(|| self.scenario.host_of(inject.src.ip())).unwrap_or_default();
                self.recorder.now(from, Kind::Note(Note::Message("note-injected")));
                self.tell(Command::Inject { from, forge: forge(&self.scenario, inject) });
            }
            Action::Release { fault } => self.tell(Command::Release(fault.clone())),
            Action::Crash => {
                self.tell(Command::Cut(host));
                self.end_player(index, Some(Note::Crashed));
            }
            Action::Restart { isn } => {
                self.network.restart(index)?;
                if let Some(habits) = self.habits.get_mut(index) {
                    habits.isn = isn.or(habits.isn);
                }
                let player = self.player(index)?;
                if let Some(place) = self.players.get_mut(index) {
                    *place = player;
                }
                let port = wire::open(&self.network.wire_end(index))?;
                self.tell(Command::Join(host, port));
                self.recorder.now(host, Kind::Note(Note::Restarted));
            }
            _ => {
                let job =
                    Job { step: entry, socket: step.socket, now: step.now, action: step.action.clone(), due };
                match self.players.get(index) {
                    Some(Some(Player::Kernel(programs, _))) => programs.give(job),
                    Some(Some(Player::Engine(engine))) => engine.give(job),
                    // A host that is down calls nothing.
                    _ => self.recorder.signal(Signal::Returned { step: entry }),
                }
                return Ok(());
            }
        }
        self.recorder.signal(Signal::Returned { step: entry });
        Ok(())
    }

    /// Starts a program that plays a host.
    ///
    /// # Errors
    /// There is no such program, or no such host.
    pub(super) fn start(&self, program: &Program) -> Result<Running> {
        let Some(host) = self.network.hosts().get(program.host.0 as usize) else {
            return Err(Error::ThreadGone("an unknown host".into()));
        };
        Running::start(host, &program.words)
    }

    fn tell(&self, command: Command) {
        if let Some(wire) = &self.wire {
            wire.tell(command);
        }
    }

    /// Ends a host's player; `last_word` is written down once its kernel is not asked any more.
    fn end_player(&mut self, index: usize, last_word: Option<Note>) {
        let id = HostId(index as u16);
        match self.players.get_mut(index).and_then(Option::take) {
            // The observer first: what the end of the programs does to their sockets is no part of the story.
            Some(Player::Kernel(mut programs, mut observer)) => {
                let looks = observer.stop();
                match self.curtain.looks.iter_mut().find(|(host, _)| *host == id) {
                    // A host that crashed and came back has had two observers.
                    Some((_, earlier)) => earlier.extend(looks),
                    None => self.curtain.looks.push((id, looks)),
                }
                self.write(id, last_word);
                programs.stop();
            }
            Some(Player::Engine(mut engine)) => {
                self.write(id, last_word);
                self.curtain.reasons.push((id, engine.stop()));
            }
            None => {}
        }
    }

    fn write(&self, host: HostId, note: Option<Note>) {
        if let Some(note) = note {
            self.recorder.now(host, Kind::Note(note));
        }
    }

    /// Takes everything down.
    pub(super) fn close(mut self) -> Curtain {
        let faults = self.wire.as_mut().and_then(Wire::stop);
        for index in 0..self.players.len() {
            self.end_player(index, None);
        }
        let dead = faults.map(|faults| faults.dead().map(|fault| fault.shown.clone()).collect());
        self.curtain.dead_faults = dead.unwrap_or_default();
        self.curtain.refused = self.network.refused;
        self.curtain
    }
}

/// Whether the script lets a host listen: others call it.
pub(super) fn listens(scenario: &Scenario, host: HostId) -> bool {
    let mut steps = scenario.script.iter().flat_map(|entry| &entry.steps);
    steps.any(|step| step.host == Some(host) && matches!(step.action, Action::Listen { .. }))
}

/// Whether some step makes the unnamed connection of a host.
fn makes_connection(scenario: &Scenario, host: HostId) -> bool {
    let unnamed = SocketName::CONNECTION;
    let steps = scenario.script.iter().flat_map(|entry| &entry.steps).filter(|step| step.host == Some(host));
    steps.into_iter().any(|step| match &step.action {
        Action::Connect { .. } => step.socket == unnamed,
        Action::Accept { name, .. } => *name == unnamed,
        _ => false,
    })
}

/// Addresses that the script's segments name and no host has.
fn strangers(scenario: &Scenario) -> Vec<IpAddr> {
    let mut found = BTreeSet::new();
    for step in scenario.script.iter().flat_map(|entry| &entry.steps) {
        match &step.action {
            Action::Inject(inject) => found.extend([inject.src.ip(), inject.dst.ip()]),
            Action::Connect { to, .. } | Action::UdpSend { to: Some(to), .. } => {
                found.insert(to.ip());
            }
            _ => {}
        }
    }
    found.into_iter().filter(|addr| scenario.host_of(*addr).is_none()).collect()
}
