//! The order of a script: which entries are due when, given what has happened.

use crate::scenario::{Condition, Entry, Facts, Trigger};
use crate::time::Instant;

use super::record::Signal;

/// How far an entry has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Progress {
    /// When it is to start, once that is known.
    due: Option<Instant>,
    started: bool,
    /// Steps that have not returned yet.
    open: usize,
    /// How many packets or states have met its condition.
    met: u32,
}

/// A script being played.
#[derive(Clone, Debug)]
pub(super) struct Script {
    entries: Vec<Entry>,
    progress: Vec<Progress>,
}

impl Script {
    /// A script whose times count from `origin`.
    pub(super) fn new(entries: Vec<Entry>, origin: Instant) -> Script {
        let progress = entries
            .iter()
            .map(|entry| {
                let due = match entry.trigger {
                    Trigger::At(at) => Some(origin + at.since(Instant::ZERO) + entry.delay),
                    _ => None,
                };
                Progress { due, open: entry.steps.len(), ..Progress::default() }
            })
            .collect();
        let mut script = Script { entries, progress };
        // A first entry that says nothing of its time starts at once.
        if matches!(
            script.entries.first().map(|entry| &entry.trigger),
            Some(Trigger::WithPrevious | Trigger::AfterPrevious)
        ) {
            script.set_due(0, origin);
        }
        script
    }

    /// When the next entry is due, as far as is known now.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.progress.iter().filter(|progress| !progress.started).filter_map(|progress| progress.due).min()
    }

    /// Whether every entry has started and every step has returned.
    pub(super) fn is_over(&self) -> bool {
        self.progress.iter().all(|progress| progress.started && progress.open == 0)
    }

    /// The entry that is due at `now`, the earliest first; it counts as started.
    pub(super) fn start_due(&mut self, now: Instant) -> Option<(usize, Entry, Instant)> {
        let (number, due) = self
            .progress
            .iter()
            .enumerate()
            .filter(|(_, progress)| !progress.started)
            .filter_map(|(number, progress)| progress.due.filter(|due| *due <= now).map(|due| (number, due)))
            .min_by_key(|(number, due)| (*due, *number))?;
        let progress = self.progress.get_mut(number)?;
        progress.started = true;
        let entry = self.entries.get(number)?.clone();
        if self.entries.get(number + 1).is_some_and(|next| next.trigger == Trigger::WithPrevious) {
            self.set_due(number + 1, now);
        }
        self.go_after(number, now);
        Some((number, entry, due))
    }

    /// A step has returned.
    pub(super) fn returned(&mut self, entry: usize, now: Instant) {
        if let Some(progress) = self.progress.get_mut(entry) {
            progress.open = progress.open.saturating_sub(1);
        }
        self.go_after(entry, now);
    }

    /// Lets the entry that waits for the end of this one start, if this one has ended.
    fn go_after(&mut self, entry: usize, now: Instant) {
        let over = self.progress.get(entry).is_some_and(|progress| progress.started && progress.open == 0);
        let waits = self.entries.get(entry + 1).is_some_and(|next| next.trigger == Trigger::AfterPrevious);
        if over && waits {
            self.set_due(entry + 1, now);
        }
    }

    fn set_due(&mut self, entry: usize, now: Instant) {
        let delay = self.entries.get(entry).map(|entry| entry.delay).unwrap_or_default();
        if let Some(progress) = self.progress.get_mut(entry)
            && progress.due.is_none()
        {
            progress.due = Some(now + delay);
        }
    }

    /// Something happened that entries may wait for.
    pub(super) fn happened(&mut self, signal: &Signal, now: Instant) {
        for number in 0..self.entries.len() {
            let Some(Trigger::When(condition)) = self.entries.get(number).map(|entry| &entry.trigger) else {
                continue;
            };
            let Some(wanted) = meets(condition, signal) else { continue };
            let Some(progress) = self.progress.get_mut(number) else { continue };
            progress.met += 1;
            if wanted(progress.met, condition) {
                self.set_due(number, now);
            }
        }
    }
}

type Counts = fn(u32, &Condition) -> bool;

/// Whether a signal is one that the condition counts; then how to tell whether this count is meant.
fn meets(condition: &Condition, signal: &Signal) -> Option<Counts> {
    let by_pattern: Counts = |met, condition| match condition {
        Condition::Sent(pattern) | Condition::Arrived(pattern) => pattern.means(met),
        Condition::State { .. } => false,
    };
    let by_state: Counts = |met, condition| matches!(condition, Condition::State { nth, .. } if *nth == met);
    match (condition, signal) {
        (Condition::State { host, state, .. }, Signal::State { host: whose, state: entered, .. }) => {
            (host == whose && state == entered).then_some(by_state)
        }
        (Condition::Sent(pattern), Signal::Packet { arrived: false, .. })
        | (Condition::Arrived(pattern), Signal::Packet { arrived: true, .. }) => {
            let Signal::Packet { from, to, packet, retransmission, isns, .. } = signal else { return None };
            let facts = Facts {
                from: *from,
                to: *to,
                ip: &packet.ip,
                transport: &packet.transport,
                payload: &packet.payload,
                retransmission: *retransmission,
                isns: *isns,
            };
            pattern.matches(&facts).then_some(by_pattern)
        }
        _ => None,
    }
}
