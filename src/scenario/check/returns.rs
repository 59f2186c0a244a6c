//! How calls return.

use crate::scenario::diagnostic::Problem;
use crate::scenario::expect::{CallName, ExpectedOutcome, ExpectedReturn};
use crate::time::Instant;
use crate::timeline::{Call, HostId, Kind, Operation, Outcome, Step, Timeline};

use super::{Difference, host_name};

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

pub(super) fn check_returns(expected: &[ExpectedReturn], timeline: &Timeline) -> Vec<Difference> {
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
