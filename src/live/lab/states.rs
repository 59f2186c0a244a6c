//! The states of a host's connections, from two witnesses: the kernel, which was asked again and again,
//! and the host's own segments.
//!
//! A state that both know is *observed*, at the time of the segment that caused it. One that is too
//! short to be caught between two questions stays *inferred*. One that no segment explains is observed
//! at the time of the question. Where the two contradict each other the kernel is right: it did not
//! believe the segment.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;

use super::endpoint::{Change, Endpoint};
use super::observer::Look;
use crate::live::socket::nobody;
use crate::tcp::{Rule, State};
use crate::time::{Duration, Instant};
use crate::timeline::{
    Call, ConnectionId, Event, Evidence, HostId, Kind, Note, Operation, Outcome, PacketId, Step,
};

/// How far the stamp of a segment and the kernel's change of state may be apart.
const SLACK: Duration = Duration::from_micros(1_500);

/// A change of state and how it is known.
#[derive(Clone, Copy, Debug)]
struct Known {
    at: Instant,
    connection: ConnectionId,
    from: State,
    to: State,
    rule: Option<Rule>,
    /// The kernel was seen in it.
    seen: bool,
    /// The kernel was seen elsewhere.
    wrong: bool,
    /// Stands before the event that shows it, which was caused by it.
    before: bool,
    /// The place of the event that shows it.
    place: usize,
}

#[derive(Debug, Default)]
struct Witnesses {
    ends: BTreeMap<(SocketAddr, SocketAddr), Endpoint>,
    listeners: Vec<SocketAddr>,
    /// Calls of `listen()` that the kernel has shown no listener for yet: when, and the event's place.
    listens: VecDeque<(Instant, usize)>,
    known: Vec<Known>,
}

/// Puts a host's changes of state among its `events`, which are in the order of time.
/// `forged` are the packets that no host of the lab has sent, whoever they claim to come from.
pub(super) fn with_states(
    events: Vec<Event>,
    host: HostId,
    looks: &[Look],
    forged: &BTreeSet<PacketId>,
) -> Vec<Event> {
    let mut witnesses = Witnesses::default();
    // An answer counts when it was new, and once more when it was heard for the last time.
    let mut looks =
        looks.iter().flat_map(|look| [(look.start, look.end, look), (look.until, look.until, look)]);
    let mut looks = looks.by_ref().peekable();
    for (place, event) in events.iter().enumerate() {
        // A kernel that crashes is not asked any more.
        let crashes = event.host == host && matches!(event.kind, Kind::Note(Note::Crashed));
        let before = |end: Instant| end + SLACK < event.at || (crashes && end < event.at);
        while let Some((start, end, look)) = looks.next_if(|(_, end, _)| before(*end)) {
            witnesses.look((start, end), look, place);
        }
        let is_forged = matches!(&event.kind, Kind::Sent { id, .. } if forged.contains(id));
        if event.host == host && !is_forged {
            witnesses.event(event, place);
        }
    }
    for (start, end, look) in looks {
        witnesses.look((start, end), look, events.len());
    }
    weave(events, host, &witnesses.known)
}

/// Events and changes, in the order of time; a change stands beside the event that shows it.
fn weave(events: Vec<Event>, host: HostId, known: &[Known]) -> Vec<Event> {
    let mut woven = Vec::with_capacity(events.len() + known.len());
    let mut after: Vec<Event> = Vec::new();
    let state = |known: &Known| {
        let Known { at, connection, from, to, rule, seen, .. } = *known;
        let evidence = if seen { Evidence::Observed } else { Evidence::Inferred };
        Event { at, host, evidence, kind: Kind::State { connection, from, to, rule } }
    };
    let mut changes = known.iter().filter(|known| !known.wrong).peekable();
    for (place, event) in events.into_iter().enumerate() {
        woven.append(&mut after);
        while let Some(change) = changes.next_if(|change| change.place <= place) {
            if change.place == place && !change.before {
                after.push(state(change));
            } else {
                woven.push(state(change));
            }
        }
        woven.push(event);
    }
    woven.append(&mut after);
    woven.extend(changes.map(state));
    woven.sort_by_key(|event| event.at);
    woven
}

impl Witnesses {
    fn event(&mut self, event: &Event, place: usize) {
        match &event.kind {
            // What a crashed kernel knew is gone without a change of state.
            Kind::Note(Note::Crashed) => {
                self.ends.clear();
                self.listeners.clear();
            }
            Kind::Call(Call { operation: Operation::Listen { .. }, step, .. }) => match step {
                Step::Entered => self.listens.push_back((event.at, place)),
                Step::Returned(Outcome::Done) => {}
                Step::Returned(_) => drop(self.listens.pop_back()),
            },
            Kind::Sent { packet, retransmission, .. } => {
                let Some(segment) = packet.segment() else { return };
                let connection = ConnectionId { local: packet.src(), remote: packet.dst() };
                let end = self.end(connection);
                let from = end.state;
                let mut changes =
                    if segment.flags.ack() { end.acknowledged(segment.ack) } else { Vec::new() };
                changes.extend(end.sent(segment, *retransmission));
                self.note(event.at, connection, from, &changes, true, place);
            }
            Kind::Arrived { packet, .. } => {
                let Some(segment) =
                    packet.segment().filter(|_| !packet.defects.contains(crate::wire::Defect::BadChecksum))
                else {
                    return;
                };
                let connection = ConnectionId { local: packet.dst(), remote: packet.src() };
                let end = self.end(connection);
                let from = end.state;
                let changes = end.arrived(segment);
                self.note(event.at, connection, from, &changes, false, place);
            }
            _ => {}
        }
    }

    fn is_listening(&self, local: SocketAddr) -> bool {
        self.listeners.iter().any(|listener| {
            listener.port() == local.port() && (listener.ip() == local.ip() || listener.ip().is_unspecified())
        })
    }

    fn end(&mut self, connection: ConnectionId) -> &mut Endpoint {
        let listens = self.is_listening(connection.local);
        let fresh = if listens { Endpoint::listening() } else { Endpoint::default() };
        self.ends.entry((connection.local, connection.remote)).or_insert(fresh)
    }

    fn note(
        &mut self,
        at: Instant,
        connection: ConnectionId,
        from: State,
        changes: &[Change],
        before: bool,
        place: usize,
    ) {
        let mut from = from;
        for (to, rule) in changes.iter().copied() {
            // Whatever was there before, it is the listener that answers.
            from = if rule == Rule::ListenAnswersSyn { State::Listen } else { from };
            let (seen, wrong, rule) = (false, false, Some(rule));
            self.known.push(Known { at, connection, from, to, rule, seen, wrong, before, place });
            from = to;
        }
    }

    fn look(&mut self, time: (Instant, Instant), look: &Look, place: usize) {
        for (connection, state) in &look.sockets {
            if *state == State::Listen {
                if !self.listeners.contains(&connection.local) {
                    self.listeners.push(connection.local);
                    let rule = Some(Rule::OpenPassive);
                    // The kernel was asked a little before or after the call that it shows.
                    let call = self.listens.pop_front().filter(|(at, _)| *at <= time.1);
                    let (at, place, before) =
                        call.map_or((time.0, place, true), |(at, place)| (at, place, false));
                    let (from, to, seen, wrong) = (State::Closed, State::Listen, true, false);
                    let connection = *connection;
                    self.known.push(Known { at, connection, from, to, rule, seen, wrong, before, place });
                }
                continue;
            }
            self.compare(time, *connection, *state, place);
        }
        let absent: Vec<ConnectionId> = self
            .ends
            .iter()
            .filter(|(_, end)| !matches!(end.state, State::Closed | State::Listen))
            .map(|(&(local, remote), _)| ConnectionId { local, remote })
            .filter(|connection| !look.sockets.iter().any(|(listed, _)| listed == connection))
            .collect();
        for connection in absent {
            self.compare(time, connection, State::Closed, place);
        }
        let closed: Vec<SocketAddr> = self
            .listeners
            .iter()
            .copied()
            .filter(|listener| {
                !look
                    .sockets
                    .iter()
                    .any(|(listed, state)| *state == State::Listen && listed.local == *listener)
            })
            .collect();
        for local in closed {
            self.listeners.retain(|listener| *listener != local);
            let connection = ConnectionId { local, remote: nobody(local) };
            let rule = Some(Rule::CloseListen);
            // After the close() that took it away, which came before the answer.
            self.observed(time.1, connection, State::Listen, State::Closed, rule, place);
        }
    }

    /// What the kernel's word about one connection means for what its segments showed.
    fn compare(&mut self, time: (Instant, Instant), connection: ConnectionId, state: State, place: usize) {
        let (earliest, latest) = (time.0 - SLACK, time.1 + SLACK);
        // A child that the listener has not made, or has dropped again, is listed nowhere.
        let means = |known: State| known == state || (known, state) == (State::Listen, State::Closed);
        let mut until = None;
        let mut found = false;
        let mut stale = Vec::new();
        let mut first_from = None;
        let mut newer = None;
        for (index, known) in self.known.iter().enumerate().rev() {
            if known.wrong || known.connection != connection {
                continue;
            }
            let overlaps = known.at <= latest && until.is_none_or(|until: Instant| until >= earliest);
            if overlaps && means(known.to) {
                found = true;
                self.known[index].seen = true;
                break;
            }
            if until.is_some_and(|until: Instant| until < earliest) {
                break;
            }
            // Too old to be just late: the kernel did not follow it.
            if known.at < earliest && !known.seen {
                stale.push(index);
            } else if stale.is_empty() {
                newer = Some(index);
            }
            until = Some(known.at);
            first_from = Some(known.from);
        }
        // Before everything that is known of it, it was in the state that the first change left.
        let was_before = first_from.is_some_and(means) && until.is_some_and(|until| until >= earliest);
        if found || was_before {
            return;
        }
        let current = self.end(connection).state;
        if current == state {
            return;
        }
        let believed = stale.last().and_then(|index| self.known.get(*index)).map(|known| known.from);
        for index in stale {
            self.known[index].wrong = true;
        }
        let from = believed.unwrap_or(current);
        // What a listener has not taken is still the listener's.
        let state = if state == State::Closed && from == State::Listen { from } else { state };
        if let (Some(newer), true) = (newer.and_then(|index| self.known.get_mut(index)), from == state) {
            // What came after the question stands; it only began elsewhere.
            newer.from = from;
            return;
        }
        self.end(connection).state = state;
        if from != state {
            let rule = match (from, state) {
                (State::TimeWait, State::Closed) => Some(Rule::TimeWaitExpires),
                (State::FinWait2, State::Closed) => Some(Rule::FinWait2Expires),
                _ => None,
            };
            self.observed(time.0, connection, from, state, rule, place);
        }
    }

    fn observed(
        &mut self,
        at: Instant,
        connection: ConnectionId,
        from: State,
        to: State,
        rule: Option<Rule>,
        place: usize,
    ) {
        let (seen, wrong, before) = (true, false, true);
        self.known.push(Known { at, connection, from, to, rule, seen, wrong, before, place });
    }
}
