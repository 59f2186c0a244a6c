//! What the kernel shows beside what the segments tell: a state that both know is *observed*, at the time
//! of the segment that caused it; one too short to be caught stays *inferred*; one that no segment explains
//! (a timer's work) is observed at the time of the question.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::kernel::Snapshot;
use crate::tcp::{Rule, State};
use crate::time::{Duration, Instant};
use crate::timeline::{ConnectionId, Kind, QueueName};

/// The number of an event among those that were recorded.
pub(super) type EventNumber = usize;

/// How far the clocks of a segment's stamp and of the answer may be apart.
const SLACK: Duration = Duration::from_micros(1500);
/// How long a queue must keep its length to be worth telling.
const QUEUE_STAYS: Duration = Duration::from_millis(2);
/// States of one end that are remembered.
const MEMORY: usize = 8;

/// One end of a connection.
#[derive(Debug, Default)]
struct End {
    /// The states it had, each with its beginning and the event that tells of it.
    history: Vec<(Instant, State, Option<EventNumber>)>,
    /// The kernel has shown it.
    shown: bool,
}

impl End {
    fn current(&self) -> State {
        self.history.last().map_or(State::Closed, |(_, state, _)| *state)
    }

    /// The event that began this state, if the end had it at some time between the two.
    fn had(&self, state: State, start: Instant, end: Instant) -> Option<Option<EventNumber>> {
        let mut next_begins = None;
        for (begins, had, event) in self.history.iter().rev() {
            let overlaps = *begins <= end + SLACK && next_begins.is_none_or(|next: Instant| next + SLACK >= start);
            if overlaps && *had == state {
                return Some(*event);
            }
            next_begins = Some(*begins);
        }
        // Before everything that is known of it, it was closed.
        let at_first = next_begins.is_none_or(|next| next + SLACK >= start);
        (state == State::Closed && at_first && self.history.len() < MEMORY).then_some(None)
    }

    fn enter(&mut self, at: Instant, state: State, event: Option<EventNumber>) {
        if self.history.len() == MEMORY {
            self.history.remove(0);
        }
        self.history.push((at, state, event));
    }
}

/// What a listener's queue holds, since when.
#[derive(Clone, Copy, Debug)]
struct Queue {
    len: u32,
    limit: u32,
    since: Instant,
    told: u32,
}

/// All ends.
#[derive(Debug, Default)]
pub(super) struct States {
    ends: BTreeMap<(SocketAddr, SocketAddr), End>,
    queues: BTreeMap<SocketAddr, Queue>,
}

/// What a look at the kernel's list teaches.
#[derive(Debug, PartialEq)]
pub(super) enum Lesson {
    /// The event of this number was right.
    Confirmed(EventNumber),
    /// Something that no other lane told.
    New(Instant, Kind),
}

impl States {
    /// Takes note of a change that another lane told, and of the event for it.
    pub(super) fn told(&mut self, at: Instant, connection: &ConnectionId, to: State, event: EventNumber) {
        self.ends.entry((connection.local, connection.remote)).or_default().enter(at, to, Some(event));
    }

    /// The state that an end has now.
    pub(super) fn current(&self, connection: &ConnectionId) -> State {
        self.ends.get(&(connection.local, connection.remote)).map_or(State::Closed, End::current)
    }

    /// Compares the kernel's list with what is known.
    pub(super) fn look(&mut self, snapshot: &Snapshot) -> Vec<Lesson> {
        let mut lessons = Vec::new();
        let (start, end) = (snapshot.start, snapshot.end);
        let mut present = BTreeSet::new();
        // A socket that is only bound is listed as closed, in the place that its listener will have.
        for entry in snapshot.entries.iter().filter(|entry| entry.state != State::Closed) {
            let key = if entry.state == State::Listen {
                self.queue(entry.local, entry.receive_queue, entry.send_queue, end, &mut lessons);
                (entry.local, nobody(entry.local))
            } else {
                (entry.local, entry.remote)
            };
            present.insert(key);
            let known = self.ends.entry(key).or_default();
            known.shown = true;
            lessons.extend(compare(known, key, entry.state, start, end));
        }
        for (key, known) in &mut self.ends {
            if known.shown && !present.contains(key) {
                known.shown = false;
                lessons.extend(compare(known, *key, State::Closed, start, end));
            }
        }
        lessons
    }

    fn queue(&mut self, listener: SocketAddr, len: u32, limit: u32, now: Instant, lessons: &mut Vec<Lesson>) {
        let queue = self.queues.entry(listener).or_insert(Queue { len: 0, limit, since: now, told: 0 });
        if queue.len == len {
            return;
        }
        if queue.told != queue.len && now.since(queue.since) >= QUEUE_STAYS {
            queue.told = queue.len;
            let kind = Kind::Queue { listener, queue: QueueName::Accept, len: queue.len, limit: queue.limit };
            lessons.push(Lesson::New(queue.since, kind));
        }
        *queue = Queue { len, limit, since: now, told: queue.told };
    }
}

/// What to learn from the kernel's word that an end has this state.
fn compare(known: &mut End, key: (SocketAddr, SocketAddr), state: State, start: Instant, end: Instant) -> Option<Lesson> {
    if let Some(event) = known.had(state, start, end) {
        return event.map(Lesson::Confirmed);
    }
    let from = known.current();
    if from == state {
        return None;
    }
    known.enter(start, state, None);
    let rule = match (from, state) {
        (State::TimeWait, State::Closed) => Some(Rule::TimeWaitExpires),
        (State::FinWait2, State::Closed) => Some(Rule::FinWait2Expires),
        (State::Listen, State::Closed) => Some(Rule::CloseListen),
        _ => None,
    };
    let connection = ConnectionId { local: key.0, remote: key.1 };
    Some(Lesson::New(start, Kind::State { connection, from, to: state, rule }))
}

/// The other end of a listener.
pub(super) fn nobody(local: SocketAddr) -> SocketAddr {
    let ip: IpAddr = match local {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    SocketAddr::new(ip, 0)
}
