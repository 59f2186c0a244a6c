//! The simulation itself: virtual time, and everything that happens in it.

use rustc_hash::FxHashMap;

use crate::scenario::{Isns, Problem, Scenario, SocketName, Trigger};
use crate::tcp::Tcb;
use crate::time::Instant;
use crate::timeline::journal::Journal;
use crate::timeline::{HostId, Kind, PacketId};
use crate::wire::{self, Ip, Transport};

use super::faults::Faults;
use super::frames::Frames;
use super::network::Network;
use super::queue::{Due, Queue};
use super::script::Script;
use super::station::{Choice, Handle, Station};
use super::{Options, Received};

/// A run in progress. [`step`](Self::step) does the next thing; [`run`](super::run) does all of them.
pub struct Simulation<'s> {
    pub(super) scenario: &'s Scenario,
    /// What happened, if somebody wants to know.
    pub(super) journal: Option<Journal>,
    pub(super) now: Instant,
    pub(super) until: Instant,
    pub(super) queue: Queue,
    pub(super) stations: Vec<Station<'s>>,
    pub(super) script: Script<'s>,
    pub(super) choice: Choice,
    pub(super) received: Option<FxHashMap<(HostId, SocketName), Vec<u8>>>,
    /// Initial sequence numbers, when somebody counts from them.
    pub(super) isns: Option<Isns>,
    /// Whether anything aims at single packets, so that each must be looked at.
    pub(super) aims: bool,
    pub(super) network: Network,
    pub(super) frames: Frames,
    pub(super) faults: Faults<'s>,
    pub(super) packets: u32,
    steps: u64,
}

impl<'s> Simulation<'s> {
    /// A simulation at time zero. What happens goes to the journal, if there is one.
    pub fn new(scenario: &'s Scenario, options: &Options, mut journal: Option<Journal>) -> Self {
        let choice = Choice { seed: options.seed.unwrap_or(scenario.seed), profile: options.profile };
        let mut stations = Vec::with_capacity(scenario.hosts.len());
        for (index, spec) in scenario.hosts.iter().enumerate() {
            let id = HostId(index as u16);
            stations.push(Station::new(id, scenario, spec, &choice));
        }
        let script = Script::new(&scenario.script);
        for station in &mut stations {
            station.watched = script.watches(station.id);
            if let Some(journal) = &mut journal {
                station.tcp.use_room(journal.blank_log());
            }
        }
        let planned = scenario.script.iter().enumerate().filter_map(|(index, entry)| {
            let at = match entry.trigger {
                Trigger::At(at) => at,
                // The first entry has none before it to go with.
                Trigger::WithPrevious | Trigger::AfterPrevious if index == 0 => Instant::ZERO + entry.delay,
                _ => return None,
            };
            Some((at, Due::Entry(index as u32)))
        });
        Simulation {
            scenario,
            journal,
            now: Instant::ZERO,
            until: options.until.or(scenario.until).unwrap_or(Instant::from_nanos(u64::MAX)),
            queue: Queue::new(planned),
            stations,
            isns: (script.is_relative() || scenario.faults.iter().any(|fault| fault.pattern.is_relative()))
                .then(Isns::default),
            aims: script.aims() || !scenario.faults.is_empty(),
            script,
            choice,
            received: options.keep_received.then(FxHashMap::default),
            network: Network::new(&scenario.hosts, &scenario.links, choice.seed),
            frames: Frames::default(),
            faults: Faults::new(&scenario.faults),
            packets: 0,
            steps: 0,
        }
    }

    /// The time it is.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// When the next thing happens; `None` when nothing is left to happen.
    pub fn next_at(&self) -> Option<Instant> {
        self.queue.next_at().filter(|at| *at <= self.until)
    }

    /// How many things have happened so far: arrivals, timers, entries of the script.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// The control block of the connection behind a socket's name, while there is one.
    pub fn tcb(&self, host: HostId, name: SocketName) -> Option<&Tcb> {
        let station = self.stations.get(host.0 as usize)?;
        match station.sockets.get(name.0 as usize)?.handle? {
            Handle::Tcp(socket) => station.tcp.tcb(socket),
            Handle::Udp(..) => None,
        }
    }

    /// Ends the simulation: the journal, what the scenario said in vain, and what was received.
    pub fn finish(mut self) -> (Option<Journal>, Vec<Problem>, Received) {
        if let Some(journal) = &mut self.journal {
            for station in self.stations {
                journal.hand_in(station.id, station.tcp.into_log());
            }
        }
        let mut problems = self.faults.dead();
        problems.extend(self.script.dead());
        (self.journal, problems, Received(self.received.unwrap_or_default()))
    }

    /// Does the next thing and everything that follows from it at the same instant on its host; false
    /// when nothing is left to happen or the end is reached.
    pub fn step(&mut self) -> bool {
        let Some((at, due)) = self.queue.pop(self.until) else { return false };
        self.now = self.now.max(at);
        self.steps += 1;
        match due {
            Due::Arrival(frame) => self.arrive(frame),
            Due::Timer(host) => self.timer(host, at),
            Due::Entry(index) => self.start_entry(index),
            Due::Overdue(frame, id) => self.overdue(frame, id),
        }
        true
    }

    /// Records an event that the journal has no form of its own for.
    pub(super) fn record(&mut self, host: HostId, kind: Kind) {
        if let (Some(journal), Some(station)) = (&mut self.journal, self.stations.get(host.0 as usize)) {
            journal.rare(station.moment(self.now), kind);
        }
    }

    fn timer(&mut self, host: HostId, at: Instant) {
        let Some(station) = self.stations.get_mut(host.0 as usize) else { return };
        if station.armed != Some(at) || !station.up {
            return;
        }
        station.armed = None;
        if station.tcp.poll_timeout().is_some_and(|due| due <= self.now) {
            station.tcp.on_timeout(self.now);
            self.settle(host);
        } else {
            self.arm(host);
        }
    }

    /// Sees to it that the host's next timer goes off.
    pub(super) fn arm(&mut self, host: HostId) {
        let Some(station) = self.stations.get_mut(host.0 as usize) else { return };
        let Some(earliest) = station.tcp.earliest_timeout().filter(|_| station.up) else { return };
        if station.armed.is_some_and(|armed| armed <= earliest) {
            return;
        }
        let Some(at) = station.tcp.poll_timeout() else { return };
        if station.armed.is_none_or(|armed| at < armed) {
            station.armed = Some(at);
            self.queue.push(at, Due::Timer(host));
        }
    }

    /// After something happened on a host: tells its events, sends what it has to send, lets its
    /// programs go on, until nothing more follows.
    pub(super) fn settle(&mut self, host: HostId) {
        loop {
            self.transmit(host);
            if !self.run_programs(host) {
                break;
            }
        }
        self.arm(host);
    }

    /// Sends everything a host's TCP has to send.
    pub(super) fn transmit(&mut self, host: HostId) {
        loop {
            self.drain(host);
            let Some(station) = self.stations.get_mut(host.0 as usize) else { return };
            let moment = station.moment(self.now);
            let Some(transmit) = station.tcp.poll_transmit(self.now) else {
                // That nothing goes out may have a reason to be told.
                return self.drain(host);
            };
            self.packets += 1;
            let id = PacketId(self.packets);
            let (frame_id, frame) = self.frames.take();
            frame.write(self.journal.as_mut(), |octets| {
                wire::encode_ip(transmit.ip, transmit.transport, transmit.payload, octets);
            });
            (frame.id, frame.from, frame.retransmission) = (id, host, transmit.retransmission);
            if let Some(journal) = &mut self.journal {
                let why = (Some(transmit.rule), transmit.retransmission);
                let kept = frame.kept(journal);
                journal.sent(moment, id, kept, why);
            }
            let dst = transmit.ip.dst;
            self.dispatch(frame_id, dst);
        }
    }

    /// Sends a packet that is not its TCP's: a datagram, or a segment somebody made up.
    pub(super) fn send_raw(&mut self, host: HostId, ip: &Ip, transport: &Transport, payload: &[u8]) {
        self.packets += 1;
        let id = PacketId(self.packets);
        let (frame_id, frame) = self.frames.take();
        frame.write(self.journal.as_mut(), |octets| wire::encode_ip(ip, transport, payload, octets));
        (frame.id, frame.from, frame.retransmission) = (id, host, false);
        if let (Some(journal), Some(station)) = (&mut self.journal, self.stations.get(host.0 as usize)) {
            let kept = frame.kept(journal);
            journal.sent(station.moment(self.now), id, kept, (None, false));
        }
        self.dispatch(frame_id, ip.dst);
    }
}
