//! Comparing what came of a scenario with what it expects.

use std::net::{IpAddr, SocketAddr};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::tcp::{Rule, State};
use crate::time::Instant;
use crate::timeline::{Call, Event, HostId, Kind, Note, Operation, Outcome, PacketId, Step, Timeline};
use crate::wire::{Defect, Packet, SeqNumber, Transport};

use super::diagnostic::Problem;
use super::expect::{
    CallName, ExpectedOutcome, ExpectedReturn, ExpectedRule, ExpectedSegment, ExpectedStates, Item,
};
use super::model::{Payload, Scenario, Span};
use super::pattern::Facts;

/// A place where what happened is not what was expected; it points at the line that expected it.
pub type Difference = Problem;

/// The initial sequence numbers seen so far, for numbers that count from them.
#[derive(Clone, Debug, Default)]
pub struct Isns(FxHashMap<(SocketAddr, SocketAddr), SeqNumber>);

impl Isns {
    /// Learns from a packet.
    pub fn observe(&mut self, src: SocketAddr, dst: SocketAddr, transport: &Transport) {
        if let Transport::Tcp(segment) = transport
            && segment.flags.syn()
        {
            self.0.insert((src, dst), segment.seq);
        }
    }

    /// The initial numbers of a packet's sender and of its receiver.
    pub fn of(&self, src: SocketAddr, dst: SocketAddr) -> (Option<SeqNumber>, Option<SeqNumber>) {
        (self.0.get(&(src, dst)).copied(), self.0.get(&(dst, src)).copied())
    }
}

/// What a timeline lacks or has too much of, in the order of the scenario's expectations. A timeline of
/// real kernels may be checked too, as long as its hosts are the scenario's.
pub fn check(scenario: &Scenario, timeline: &Timeline) -> Vec<Difference> {
    let expect = &scenario.expect;
    let mut differences = Vec::new();
    for states in &expect.states {
        differences.extend(check_states(states, timeline));
    }
    if let Some(segments) = &expect.segments {
        differences.extend(check_segments(segments, scenario, timeline));
    }
    differences.extend(check_returns(&expect.returns, timeline));
    for (host, payload, span) in &expect.delivered {
        differences.extend(check_delivered(*host, payload, span, timeline));
    }
    differences.extend(check_rules(&expect.rules, timeline));
    differences
}

/// Where a list and what was found part.
enum Parting<'a> {
    /// This element is not what was found at that place.
    At(&'a Span, usize),
    /// All elements were found, and then there was this one too.
    Extra(usize),
}

/// Matches a list with `...` in it against what was found.
fn part<'a, T>(
    items: &'a [Item<T>],
    found: usize,
    mut matches: impl FnMut(&T, usize) -> bool,
) -> Option<Parting<'a>> {
    // The places in `found` that can be reached with the items so far, in ascending order.
    let mut places = vec![0];
    for item in items {
        let next: Vec<usize> = match item {
            Item::Rest(_) => places.first().map_or_else(Vec::new, |first| (*first..=found).collect()),
            Item::One(wanted, _) => {
                places.iter().filter(|at| **at < found && matches(wanted, **at)).map(|at| at + 1).collect()
            }
        };
        if let (true, Item::One(_, span)) = (next.is_empty(), item) {
            return Some(Parting::At(span, places.first().copied().unwrap_or(found)));
        }
        places = next;
    }
    if places.contains(&found) { None } else { places.last().map(|last| Parting::Extra(*last)) }
}

fn check_states(expected: &ExpectedStates, timeline: &Timeline) -> Option<Difference> {
    let belongs = |remote: SocketAddr| {
        expected.with.is_none_or(|(peer, port)| {
            has_addr(timeline, peer, remote.ip()) && port.is_none_or(|port| port == remote.port())
        })
    };
    let found: Vec<State> = timeline
        .events
        .iter()
        .filter(|event| event.host == expected.host)
        .filter_map(|event| match &event.kind {
            Kind::State { connection, to, .. } if belongs(connection.remote) => Some(*to),
            _ => None,
        })
        .collect();
    let parting = part(&expected.states, found.len(), |wanted, at| found.get(at) == Some(wanted))?;
    let (span, at) = locate(&expected.states, &expected.span, &parting);
    let key = match (&parting, found.get(at)) {
        (Parting::At(..), Some(_)) => "states-differ",
        (Parting::At(..), None) => "states-missing",
        (Parting::Extra(_), _) => "states-extra",
    };
    let problem = Problem::new(key, span);
    let all: Vec<&str> = found.iter().map(|state| state.name()).collect();
    Some(
        problem
            .text("host", host_name(timeline, expected.host))
            .text("found", found.get(at).map_or("—", |state| state.name()))
            .text("all", if all.is_empty() { "—".to_owned() } else { all.join(", ") }),
    )
}

/// Where to point for a parting, and at which place it is.
fn locate<T>(items: &[Item<T>], whole: &Span, parting: &Parting<'_>) -> (Span, usize) {
    match parting {
        Parting::At(span, at) => ((*span).clone(), *at),
        Parting::Extra(at) => {
            let last = items.last().map(|item| match item {
                Item::One(_, span) | Item::Rest(span) => span.clone(),
            });
            (last.unwrap_or_else(|| whole.clone()), *at)
        }
    }
}

/// A packet that was sent.
struct Sent<'a> {
    at: Instant,
    host: HostId,
    id: PacketId,
    packet: &'a Packet,
    retransmission: bool,
    isns: (Option<SeqNumber>, Option<SeqNumber>),
}

fn sent_packets(timeline: &Timeline) -> Vec<Sent<'_>> {
    let mut isns = Isns::default();
    let mut sent = Vec::new();
    for event in &timeline.events {
        if let Kind::Sent { id, packet, retransmission, .. } = &event.kind {
            let (src, dst) = (packet.src(), packet.dst());
            isns.observe(src, dst, &packet.transport);
            let isns = isns.of(src, dst);
            let (at, host) = (event.at, event.host);
            sent.push(Sent { at, host, id: *id, packet, retransmission: *retransmission, isns });
        }
    }
    sent
}

fn check_segments(
    items: &[Item<ExpectedSegment>],
    scenario: &Scenario,
    timeline: &Timeline,
) -> Option<Difference> {
    let sent = sent_packets(timeline);
    let lost: FxHashSet<PacketId> = timeline.events.iter().filter_map(lost_packet).collect();
    let matches = |wanted: &ExpectedSegment, at: usize| {
        sent.get(at).is_some_and(|found| {
            let facts = Facts {
                from: found.host,
                to: scenario.host_of(found.packet.ip.dst),
                ip: &found.packet.ip,
                transport: &found.packet.transport,
                payload: &found.packet.payload,
                retransmission: found.retransmission,
                isns: found.isns,
            };
            wanted.pattern.matches(&facts)
                && wanted.lost.is_none_or(|wanted| wanted == lost.contains(&found.id))
                && wanted.at.is_none_or(|about| about.holds(found.at))
        })
    };
    let parting = part(items, sent.len(), matches)?;
    let whole = items.first().map_or(0..0, |item| match item {
        Item::One(_, span) | Item::Rest(span) => span.clone(),
    });
    let (span, at) = locate(items, &whole, &parting);
    let key = match (&parting, sent.get(at)) {
        (Parting::At(..), Some(_)) => "segment-differs",
        (Parting::At(..), None) => "segment-missing",
        (Parting::Extra(_), _) => "segment-extra",
    };
    let found = sent
        .get(at)
        .map_or_else(|| "—".to_owned(), |found| describe(timeline, found, lost.contains(&found.id)));
    Some(Problem::new(key, span).text("found", found).number("position", at as u64 + 1))
}

/// The packet of an event that says it never reached anybody's TCP.
fn lost_packet(event: &Event) -> Option<PacketId> {
    match &event.kind {
        Kind::Lost { id, .. } => Some(*id),
        Kind::Arrived { id, packet, .. } if packet.defects.contains(Defect::BadChecksum) => Some(*id),
        _ => None,
    }
}

/// A packet in the words of expectations: `client SYN,ACK seq=5000 ack=1001 at=11ms`.
fn describe(timeline: &Timeline, sent: &Sent<'_>, lost: bool) -> String {
    use std::fmt::Write as _;
    let mut text = host_name(timeline, sent.host);
    match &sent.packet.transport {
        Transport::Tcp(segment) => {
            let _ = write!(text, " {} seq={}", segment.flags, segment.seq);
            if segment.flags.ack() {
                let _ = write!(text, " ack={}", segment.ack);
            }
            if segment.len > 0 {
                let _ = write!(text, " len={}", segment.len);
            }
        }
        Transport::Udp(datagram) => {
            let _ = write!(text, " UDP len={}", datagram.len);
        }
        Transport::Other { protocol } => {
            let _ = write!(text, " protocol={protocol}");
        }
    }
    if sent.retransmission {
        text.push_str(" retransmission");
    }
    if lost {
        text.push_str(" lost");
    }
    let _ = write!(text, " at={}", sent.at.since(Instant::ZERO).to_string().replace(' ', ""));
    text
}

/// The word for an operation, where there is one.
fn call_name(operation: &Operation) -> Option<CallName> {
    Some(match operation {
        Operation::Listen { .. } => CallName::Listen,
        Operation::Connect(_) => CallName::Connect,
        Operation::Accept => CallName::Accept,
        Operation::Send { .. } => CallName::Send,
        Operation::Recv { .. } => CallName::Recv,
        Operation::Shutdown(_) => CallName::Shutdown,
        Operation::Close => CallName::Close,
        Operation::Abort => CallName::Abort,
        Operation::SendTo { .. } => CallName::SendTo,
        Operation::RecvFrom { .. } => CallName::RecvFrom,
        _ => return None,
    })
}

fn check_returns(expected: &[ExpectedReturn], timeline: &Timeline) -> Vec<Difference> {
    let mut differences = Vec::new();
    let mut hosts: Vec<HostId> = expected.iter().map(|wanted| wanted.host).collect();
    hosts.sort_unstable();
    hosts.dedup();
    for host in hosts {
        let found: Vec<(Instant, CallName, &Outcome)> = timeline
            .events
            .iter()
            .filter(|event| event.host == host)
            .filter_map(|event| match &event.kind {
                Kind::Call(Call { operation, step: Step::Returned(outcome), .. }) => {
                    Some((event.at, call_name(operation)?, outcome))
                }
                _ => None,
            })
            .collect();
        let mut from = 0;
        for wanted in expected.iter().filter(|wanted| wanted.host == host) {
            let rest = found.get(from..).unwrap_or_default();
            let place = rest.iter().position(|(at, call, outcome)| {
                *call == wanted.call
                    && outcome_is(outcome, &wanted.outcome)
                    && wanted.at.is_none_or(|about| about.holds(*at))
            });
            if let Some(place) = place {
                from += place + 1;
                continue;
            }
            let others: Vec<String> = rest
                .iter()
                .filter(|(_, call, _)| *call == wanted.call)
                .map(|(at, call, outcome)| describe_return(*at, *call, outcome))
                .collect();
            differences.push(
                Problem::new("return-missing", wanted.span.clone())
                    .text("host", host_name(timeline, host))
                    .text("found", if others.is_empty() { "—".to_owned() } else { others.join(", ") }),
            );
        }
    }
    differences
}

fn outcome_is(found: &Outcome, wanted: &ExpectedOutcome) -> bool {
    match wanted {
        ExpectedOutcome::Fine => !matches!(found, Outcome::Failed(_) | Outcome::FailedWith(_)),
        ExpectedOutcome::End => matches!(found, Outcome::EndOfStream),
        ExpectedOutcome::Octets(octets) => match found {
            Outcome::Value(value) => u64::try_from(*value) == Ok(*octets),
            Outcome::From { len, .. } => u64::from(*len) == *octets,
            _ => false,
        },
        ExpectedOutcome::Error(name) => match found {
            Outcome::Failed(error) => error.errno() == name,
            Outcome::FailedWith(errno) => errno == name,
            _ => false,
        },
    }
}

fn describe_return(at: Instant, call: CallName, outcome: &Outcome) -> String {
    let name = CallName::ALL.iter().find(|(_, known)| *known == call).map_or("", |(name, _)| *name);
    let outcome = match outcome {
        Outcome::Done | Outcome::Accepted { .. } => "ok".to_owned(),
        Outcome::Value(value) => value.to_string(),
        Outcome::EndOfStream => "end".to_owned(),
        Outcome::From { len, .. } => len.to_string(),
        Outcome::Failed(error) => error.errno().to_owned(),
        Outcome::FailedWith(errno) => errno.to_string(),
    };
    format!("{name} {outcome} at={}", at.since(Instant::ZERO).to_string().replace(' ', ""))
}

fn check_delivered(host: HostId, wanted: &Payload, span: &Span, timeline: &Timeline) -> Option<Difference> {
    let octets: u64 = timeline
        .events
        .iter()
        .filter(|event| event.host == host)
        .map(|event| match &event.kind {
            Kind::Call(Call {
                operation: Operation::Recv { .. },
                step: Step::Returned(Outcome::Value(n)),
                ..
            }) => u64::try_from(*n).unwrap_or(0),
            Kind::Call(Call { step: Step::Returned(Outcome::From { len, .. }), .. }) => u64::from(*len),
            _ => 0,
        })
        .sum();
    let problem = |key| {
        Problem::new(key, span.clone())
            .text("host", host_name(timeline, host))
            .number("expected", wanted.len())
            .number("found", octets)
    };
    if octets != wanted.len() {
        return Some(problem("delivered-differs"));
    }
    let Payload::Text(text) = wanted else { return None };
    let arrived = arrived_text(host, timeline);
    let same = arrived.get(..text.len()) == Some(text.as_slice());
    (!same).then(|| problem("delivered-garbled"))
}

/// The text that reached a host, put together by its sequence numbers, connection after connection.
fn arrived_text(host: HostId, timeline: &Timeline) -> Vec<u8> {
    let mut isns = Isns::default();
    let mut streams: Vec<((SocketAddr, SocketAddr), Vec<u8>)> = Vec::new();
    for event in &timeline.events {
        let Some((_, packet)) = event.kind.packet() else { continue };
        let path = (packet.src(), packet.dst());
        if matches!(event.kind, Kind::Sent { .. }) {
            isns.observe(path.0, path.1, &packet.transport);
        }
        if event.host != host || !matches!(event.kind, Kind::Arrived { .. }) || packet.payload.is_empty() {
            continue;
        }
        let index = streams.iter().position(|(known, _)| *known == path).unwrap_or_else(|| {
            streams.push((path, Vec::new()));
            streams.len() - 1
        });
        let Some((_, stream)) = streams.get_mut(index) else { continue };
        let offset = match (&packet.transport, isns.of(path.0, path.1).0) {
            (Transport::Tcp(segment), Some(isn)) => {
                let first = segment.seq + u32::from(segment.flags.syn());
                first.since(isn + 1) as usize
            }
            _ => stream.len(),
        };
        // A stray segment far outside of anything sent must not make us reserve gigabytes.
        if offset > 1 << 26 {
            continue;
        }
        let end = offset + packet.payload.len();
        if stream.len() < end {
            stream.resize(end, 0);
        }
        stream[offset..end].copy_from_slice(&packet.payload);
    }
    streams.into_iter().flat_map(|(_, stream)| stream).collect()
}

fn check_rules(expected: &[ExpectedRule], timeline: &Timeline) -> Vec<Difference> {
    let mut places: FxHashMap<HostId, usize> = FxHashMap::default();
    let mut differences = Vec::new();
    for wanted in expected {
        let from = places.entry(wanted.host).or_insert(0);
        let rest = timeline.events.get(*from..).unwrap_or_default();
        let place = rest.iter().position(|event| {
            event.host == wanted.host
                && fired(&event.kind) == Some(wanted.rule)
                && wanted.at.is_none_or(|about| about.holds(event.at))
        });
        match place {
            Some(place) => *from += place + 1,
            None => differences.push(
                Problem::new("rule-missing", wanted.span.clone())
                    .text("host", host_name(timeline, wanted.host))
                    .text("rule", wanted.rule.key()),
            ),
        }
    }
    differences
}

/// The rule that an event tells of.
fn fired(kind: &Kind) -> Option<Rule> {
    match kind {
        Kind::State { rule, .. } | Kind::Sent { rule, .. } | Kind::Arrived { rule, .. } => *rule,
        Kind::Note(Note::Rule { rule, .. }) => Some(*rule),
        _ => None,
    }
}

fn host_name(timeline: &Timeline, host: HostId) -> String {
    timeline.host(host).map(|host| host.name.clone()).unwrap_or_default()
}

fn has_addr(timeline: &Timeline, host: HostId, addr: IpAddr) -> bool {
    timeline.host(host).is_some_and(|host| host.addrs.contains(&addr))
}
