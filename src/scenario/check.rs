//! Comparing what came of a scenario with what it expects.

mod delivered;
mod returns;
mod segments;

use std::net::{IpAddr, SocketAddr};

use rustc_hash::FxHashMap;

use crate::tcp::{Rule, State};
use crate::timeline::{HostId, Kind, Note, Timeline};
use crate::wire::{SeqNumber, Transport};

use super::diagnostic::Problem;
use super::expect::{ExpectedRule, ExpectedStates, Item};
use super::model::{Scenario, Span};

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
        differences.extend(segments::check_segments(segments, scenario, timeline));
    }
    differences.extend(returns::check_returns(&expect.returns, timeline));
    for (host, payload, span) in &expect.delivered {
        differences.extend(delivered::check_delivered(*host, payload, span, timeline));
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
fn part<T>(
    items: &[Item<T>],
    found: usize,
    mut matches: impl FnMut(&T, usize) -> bool,
) -> Option<Parting<'_>> {
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
