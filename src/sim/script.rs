//! The script at work: which entries have started, what the others wait for, which calls are open.

use crate::scenario::{Condition, Entry, Facts, Pattern, Problem, Trigger};
use crate::tcp::State;
use crate::time::Instant;
use crate::timeline::HostId;

use super::queue::{Due, Queue};

/// The entries of a script.
#[derive(Debug)]
pub(super) struct Script<'s> {
    entries: &'s [Entry],
    progress: Vec<Progress>,
    states: Vec<StateWatch>,
    packets: Vec<PacketWatch<'s>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Progress {
    started: bool,
    /// Calls that have not returned yet.
    open: u32,
}

/// An entry that waits for a state.
#[derive(Debug)]
struct StateWatch {
    entry: u32,
    host: HostId,
    state: State,
    /// How many more times the state must be entered.
    left: u32,
}

/// An entry that waits for a packet.
#[derive(Debug)]
struct PacketWatch<'s> {
    entry: u32,
    pattern: &'s Pattern,
    /// Whether it must arrive, or only be sent.
    arrives: bool,
    /// How many more there must be.
    left: u32,
}

impl<'s> Script<'s> {
    pub(super) fn new(entries: &'s [Entry]) -> Self {
        let (mut states, mut packets) = (Vec::new(), Vec::new());
        for (index, entry) in entries.iter().enumerate() {
            let Trigger::When(condition) = &entry.trigger else { continue };
            let index = index as u32;
            match condition {
                Condition::State { host, state, nth } => {
                    states.push(StateWatch { entry: index, host: *host, state: *state, left: *nth });
                }
                Condition::Sent(pattern) | Condition::Arrived(pattern) => packets.push(PacketWatch {
                    entry: index,
                    pattern,
                    arrives: matches!(condition, Condition::Arrived(_)),
                    left: pattern.nth.0,
                }),
            }
        }
        Script { entries, progress: vec![Progress::default(); entries.len()], states, packets }
    }

    /// The entry at this place.
    pub(super) fn entry(&self, index: u32) -> Option<&'s Entry> {
        self.entries.get(index as usize)
    }

    /// Whether some entry waits for a state of this host.
    pub(super) fn watches(&self, host: HostId) -> bool {
        self.states.iter().any(|watch| watch.host == host)
    }

    /// Whether some entry waits for packets.
    pub(super) fn aims(&self) -> bool {
        !self.packets.is_empty()
    }

    /// Whether some entry waits for an arrival.
    pub(super) fn awaits_arrivals(&self) -> bool {
        self.packets.iter().any(|watch| watch.arrives)
    }

    /// Whether numbers that count from initial sequence numbers are used.
    pub(super) fn is_relative(&self) -> bool {
        use crate::scenario::{Action, Number};
        let relative = |number: &Number| matches!(number, Number::Relative(_));
        self.packets.iter().any(|watch| watch.pattern.is_relative())
            || self.entries.iter().flat_map(|entry| &entry.steps).any(|step| match &step.action {
                Action::Inject(inject) => relative(&inject.seq) || inject.ack.as_ref().is_some_and(relative),
                _ => false,
            })
    }

    /// A connection of a host enters a state.
    pub(super) fn entered(&mut self, now: Instant, host: HostId, state: State, queue: &mut Queue) {
        let entries = self.entries;
        self.states.retain_mut(|watch| {
            if (watch.host, watch.state) != (host, state) {
                return true;
            }
            watch.left -= 1;
            if watch.left == 0 {
                start_later(entries, watch.entry, now, queue);
            }
            watch.left > 0
        });
    }

    /// A packet is sent.
    pub(super) fn sent(&mut self, now: Instant, facts: &Facts<'_>, queue: &mut Queue) {
        self.packet(now, facts, false, queue);
    }

    /// A packet arrives.
    pub(super) fn arrived(&mut self, now: Instant, facts: &Facts<'_>, queue: &mut Queue) {
        self.packet(now, facts, true, queue);
    }

    fn packet(&mut self, now: Instant, facts: &Facts<'_>, arrives: bool, queue: &mut Queue) {
        let entries = self.entries;
        self.packets.retain_mut(|watch| {
            if watch.arrives != arrives || !watch.pattern.matches(facts) {
                return true;
            }
            watch.left -= 1;
            if watch.left == 0 {
                start_later(entries, watch.entry, now, queue);
            }
            watch.left > 0
        });
    }

    /// An entry starts with so many calls.
    pub(super) fn start(&mut self, index: u32, calls: u32) {
        if let Some(progress) = self.progress.get_mut(index as usize) {
            progress.started = true;
            progress.open = calls;
        }
    }

    /// The entry has been gone through: the next one may go with it.
    pub(super) fn went(&mut self, index: u32, now: Instant, queue: &mut Queue) {
        let next = index + 1;
        match self.entry(next).map(|entry| &entry.trigger) {
            Some(Trigger::WithPrevious) => start_later(self.entries, next, now, queue),
            Some(Trigger::AfterPrevious) if self.open(index) == 0 => {
                start_later(self.entries, next, now, queue);
            }
            _ => {}
        }
    }

    /// A call of an entry has returned; after the last one the next entry may start.
    pub(super) fn returned(&mut self, index: u32, now: Instant, queue: &mut Queue) {
        let Some(progress) = self.progress.get_mut(index as usize) else { return };
        progress.open = progress.open.saturating_sub(1);
        let next = index + 1;
        let waits = self.entry(next).is_some_and(|entry| entry.trigger == Trigger::AfterPrevious);
        if waits && self.open(index) == 0 && !self.has_started(next) {
            start_later(self.entries, next, now, queue);
        }
    }

    fn open(&self, index: u32) -> u32 {
        self.progress.get(index as usize).map_or(0, |progress| progress.open)
    }

    fn has_started(&self, index: u32) -> bool {
        self.progress.get(index as usize).is_some_and(|progress| progress.started)
    }

    /// Entries that never started, though what comes before them did.
    pub(super) fn dead(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (index, entry) in self.entries.iter().enumerate() {
            let index = index as u32;
            if self.has_started(index) {
                continue;
            }
            match entry.trigger {
                Trigger::When(_) => problems.push(Problem::new("dead-condition", entry.span.clone())),
                Trigger::AfterPrevious if index > 0 && self.has_started(index - 1) => {
                    problems.push(Problem::new("dead-after", entry.span.clone()));
                }
                _ => {}
            }
        }
        problems
    }
}

fn start_later(entries: &[Entry], index: u32, now: Instant, queue: &mut Queue) {
    if let Some(entry) = entries.get(index as usize) {
        queue.push(now + entry.delay, Due::Entry(index));
    }
}
