//! The states of a host's connections, from two witnesses: the kernel, which was asked again and again,
//! and the host's own segments.
//!
//! A state that both know is *observed*, at the time of the segment that caused it. One that is too
//! short to be caught between two questions stays *inferred*. One that no segment explains is observed
//! at the time of the question. Where the two contradict each other the kernel is right: it did not
//! believe the segment.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use super::endpoint::{Change, Endpoint};
use super::observer::Look;
use crate::tcp::{Rule, State};
use crate::time::{Duration, Instant};
use crate::timeline::{Call, ConnectionId, Event, Evidence, HostId, Kind, Operation, Outcome, Step};

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
    known: Vec<Known>,
}

/// Puts a host's changes of state among its `events`, which are in the order of time.
pub(super) fn with_states(events: Vec<Event>, host: HostId, looks: &[Look]) -> Vec<Event> {
    let mut witnesses = Witnesses::default();
    let mut looks = looks.iter().peekable();
    for (place, event) in events.iter().enumerate() {
        while let Some(look) = looks.next_if(|look| look.end + SLACK < event.at) {
            witnesses.look(look, place);
        }
        if event.host == host {
            witnesses.event(event, place);
        }
    }
    for look in looks {
        witnesses.look(look, events.len());
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
            Kind::Call(Call {
                operation: Operation::Listen { .. },
                step: Step::Returned(Outcome::Done),
                ..
            }) => {}
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

    fn end(&mut self, connection: ConnectionId) -> &mut Endpoint {
        let listens = self.listeners.iter().any(|listener| {
            listener.port() == connection.local.port()
                && (listener.ip() == connection.local.ip() || listener.ip().is_unspecified())
        });
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
            let (seen, wrong, rule) = (false, false, Some(rule));
            self.known.push(Known { at, connection, from, to, rule, seen, wrong, before, place });
            from = to;
        }
    }

    fn look(&mut self, look: &Look, place: usize) {
        for (connection, state) in &look.sockets {
            if *state == State::Listen {
                if !self.listeners.contains(&connection.local) {
                    self.listeners.push(connection.local);
                    let rule = Some(Rule::OpenPassive);
                    self.observed(look.start, *connection, State::Closed, State::Listen, rule, place);
                }
                continue;
            }
            self.compare(look, *connection, *state, place);
        }
        let absent: Vec<ConnectionId> = self
            .ends
            .iter()
            .filter(|(_, end)| !matches!(end.state, State::Closed | State::Listen))
            .map(|(&(local, remote), _)| ConnectionId { local, remote })
            .filter(|connection| !look.sockets.iter().any(|(listed, _)| listed == connection))
            .collect();
        for connection in absent {
            self.compare(look, connection, State::Closed, place);
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
            let nobody = SocketAddr::new(
                if local.is_ipv4() {
                    std::net::Ipv4Addr::UNSPECIFIED.into()
                } else {
                    std::net::Ipv6Addr::UNSPECIFIED.into()
                },
                0,
            );
            let connection = ConnectionId { local, remote: nobody };
            let rule = Some(Rule::CloseListen);
            self.observed(look.start, connection, State::Listen, State::Closed, rule, place);
        }
    }

    /// What the kernel's word about one connection means for what its segments showed.
    fn compare(&mut self, look: &Look, connection: ConnectionId, state: State, place: usize) {
        let (earliest, latest) = (look.start - SLACK, look.end + SLACK);
        let mut until = None;
        let mut found = false;
        let mut stale = Vec::new();
        let mut first_from = None;
        for (index, known) in self.known.iter().enumerate().rev() {
            if known.wrong || known.connection != connection {
                continue;
            }
            let overlaps = known.at <= latest && until.is_none_or(|until: Instant| until >= earliest);
            if overlaps && known.to == state {
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
            }
            until = Some(known.at);
            first_from = Some(known.from);
        }
        // Before everything that is known of it, it was in the state that the first change left.
        let was_before = first_from == Some(state) && until.is_some_and(|until| until >= earliest);
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
        self.end(connection).state = state;
        if from != state {
            let rule = match (from, state) {
                (State::TimeWait, State::Closed) => Some(Rule::TimeWaitExpires),
                (State::FinWait2, State::Closed) => Some(Rule::FinWait2Expires),
                _ => None,
            };
            self.observed(look.start, connection, from, state, rule, place);
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
