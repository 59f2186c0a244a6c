//! What the kernel shows beside what the segments tell: a state that both know is *observed*, at the time
//! of the segment that caused it; one too short to be caught stays *inferred*; one that no segment explains
//! (a timer's work) is observed at the time of the question.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use super::kernel::Snapshot;
use crate::live::netlink::sock_diag::Entry;
use crate::live::socket::nobody;
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

/// Whether a state was known.
enum Match {
    /// It was not.
    No,
    /// It was, and no event of another lane told so.
    Silent,
    /// It was, by this event.
    Told(EventNumber),
}

impl End {
    fn current(&self) -> State {
        self.history.last().map_or(State::Closed, |(_, state, _)| *state)
    }

    /// Whether the end had this state at some time between the two, and which event began it.
    fn had(&self, state: State, start: Instant, end: Instant) -> Match {
        let mut next_begins = None;
        for (begins, had, event) in self.history.iter().rev() {
            let overlaps =
                *begins <= end + SLACK && next_begins.is_none_or(|next: Instant| next + SLACK >= start);
            if overlaps && *had == state {
                return event.map_or(Match::Silent, Match::Told);
            }
            next_begins = Some(*begins);
        }
        // Before everything that is known of it, it was closed.
        let at_first = next_begins.is_none_or(|next| next + SLACK >= start);
        let known_from_its_birth = self.history.len() < MEMORY;
        if state == State::Closed && at_first && known_from_its_birth { Match::Silent } else { Match::No }
    }

    /// The state at this time.
    fn at(&self, at: Instant) -> State {
        let before = self.history.iter().rev().find(|(begins, ..)| *begins <= at);
        before.map_or(State::Closed, |(_, state, _)| *state)
    }

    /// Looks are compared a little later than they were taken. A state that was concluded meanwhile, to begin
    /// right after the one at this time, had begun by then: an end shows CLOSE-WAIT before it sends anything.
    fn began_by(&mut self, state: State, at: Instant) -> Option<EventNumber> {
        let (begins, _, event) = self
            .history
            .iter_mut()
            .find(|(begins, ..)| *begins > at)
            .filter(|(_, next, event)| *next == state && event.is_some())?;
        *begins = at;
        *event
    }

    /// Takes note of a state in its place, which is not the last one when a look is compared late.
    fn insert(&mut self, at: Instant, state: State) {
        let later = self.history.iter().filter(|(begins, ..)| *begins > at).count();
        self.enter(at, state, None);
        if let Some(from) = self.history.len().checked_sub(later + 1) {
            self.history[from..].rotate_right(1);
        }
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
    /// The event of this number was right, and had happened by this time.
    Earlier(EventNumber, Instant),
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
                lessons.extend(self.queue(entry, snapshot));
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

    /// A length that a queue kept for a while is told when it changes; most last only until `accept()` wakes.
    fn queue(&mut self, listener: &Entry, snapshot: &Snapshot) -> Option<Lesson> {
        let (len, limit, since) = (listener.receive_queue, listener.send_queue, snapshot.end);
        let queue = self.queues.entry(listener.local).or_insert(Queue { len: 0, limit, since, told: 0 });
        if queue.len == len {
            return None;
        }
        let before = *queue;
        let tell = before.told != before.len && snapshot.before_until.since(before.since) >= QUEUE_STAYS;
        *queue = Queue { len, limit, since, told: if tell { before.len } else { before.told } };
        let kind = Kind::Queue {
            listener: listener.local,
            queue: QueueName::Accept,
            len: before.len,
            limit: before.limit,
        };
        tell.then_some(Lesson::New(before.since, kind))
    }

    /// Queues whose present length was not told so far, though they have kept it: at the very end.
    pub(super) fn last_queues(&self) -> Vec<Lesson> {
        let untold = self.queues.iter().filter(|(_, queue)| queue.told != queue.len);
        let lesson = |(listener, queue): (&SocketAddr, &Queue)| {
            let (len, limit) = (queue.len, queue.limit);
            Lesson::New(
                queue.since,
                Kind::Queue { listener: *listener, queue: QueueName::Accept, len, limit },
            )
        };
        untold.map(lesson).collect()
    }
}

/// What to learn from the kernel's word that an end has this state.
fn compare(
    known: &mut End,
    key: (SocketAddr, SocketAddr),
    state: State,
    start: Instant,
    end: Instant,
) -> Option<Lesson> {
    match known.had(state, start, end) {
        Match::Told(event) => return Some(Lesson::Confirmed(event)),
        Match::Silent => return None,
        Match::No => {}
    }
    let from = known.at(end);
    if from == state {
        return None;
    }
    if let Some(event) = known.began_by(state, end) {
        return Some(Lesson::Earlier(event, end));
    }
    known.insert(end, state);
    let connection = ConnectionId { local: key.0, remote: key.1 };
    Some(Lesson::New(end, Kind::State { connection, from, to: state, rule: only_rule(from, state) }))
}

/// The rule of a change that only one rule makes.
fn only_rule(from: State, to: State) -> Option<Rule> {
    const RULES: [(State, State, Rule); 13] = [
        (State::Closed, State::SynSent, Rule::OpenActive),
        (State::Listen, State::Closed, Rule::CloseListen),
        (State::SynSent, State::Established, Rule::SynSentEstablished),
        (State::SynReceived, State::Established, Rule::SynReceivedEstablished),
        (State::Established, State::CloseWait, Rule::FinToCloseWait),
        (State::Established, State::FinWait1, Rule::CloseEstablished),
        (State::CloseWait, State::LastAck, Rule::CloseCloseWait),
        (State::FinWait1, State::FinWait2, Rule::FinAcknowledged),
        (State::FinWait1, State::Closing, Rule::FinToClosing),
        (State::FinWait2, State::TimeWait, Rule::FinToTimeWait),
        (State::Closing, State::TimeWait, Rule::ClosingFinAcknowledged),
        (State::FinWait2, State::Closed, Rule::FinWait2Expires),
        (State::TimeWait, State::Closed, Rule::TimeWaitExpires),
    ];
    RULES.iter().find(|(before, after, _)| (*before, *after) == (from, to)).map(|(.., rule)| *rule)
}
