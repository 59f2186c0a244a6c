//! What remains of a connection when it is over.

use std::net::SocketAddr;

use super::super::finding::Finding;
use super::super::flow::{Flow, Side};
use super::super::report::Completeness;
use super::super::sequence::Seen;
use super::super::summary::{ConnectionSummary, Outcome};
use super::super::table::Key;
use super::Connection;
use crate::tcp::State;
use crate::wire::SeqNumber;

impl Connection {
    /// What remains of it.
    pub(in super::super) fn summary(&self, key: &Key) -> ConnectionSummary {
        let outcome = self.outcome();
        let mut findings = self.findings;
        match outcome {
            Outcome::Unanswered => findings.insert(Finding::Unanswered),
            Outcome::Incomplete => findings.insert(Finding::IncompleteHandshake),
            _ => {}
        }
        let [low, high] = key.ends();
        let (client, server) = if self.client_is_low { (low, high) } else { (high, low) };
        let inference = self.known();
        ConnectionSummary {
            stream: self.stream,
            client,
            server,
            roles_guessed: self.roles_guessed,
            began: self.began,
            ended: self.last_at,
            packets: self.packets,
            octets: self.octets,
            resends: self.resends,
            round_trip: self.pace.round_trip(),
            states: Side::BOTH.map(|side| inference.standing(side)),
            outcome,
            completeness: self.completeness,
            findings,
        }
    }

    fn outcome(&self) -> Outcome {
        let [client, server] = Side::BOTH.map(|side| *self.inference.end(side));
        let fins = (client.fin().is_some(), server.fin().is_some());
        match (self.reset_by, fins) {
            (Some(_), _) if self.refused => Outcome::Refused,
            // A reset behind both FINs ends nothing that was not over.
            (_, (true, true)) => Outcome::Closed,
            (Some(side), _) => Outcome::Reset(side),
            (None, (true, false)) => Outcome::HalfClosed(Side::Client),
            (None, (false, true)) => Outcome::HalfClosed(Side::Server),
            (None, (false, false)) if client.state == State::SynSent && !server.seen => Outcome::Unanswered,
            (None, (false, false)) if self.is_embryonic() => Outcome::Incomplete,
            (None, (false, false)) => Outcome::Open,
        }
    }

    /// What must be kept of it to judge stragglers.
    pub(in super::super) fn remains(&self) -> Remains {
        Remains {
            stream: self.stream,
            client_is_low: self.client_is_low,
            completeness: self.completeness,
            base: self.flows.map(|flow| flow.base().unwrap_or_default()),
            next: self.flows.map(|flow| flow.next().unwrap_or_default()),
            ack: self.flows.map(|flow| flow.last_ack().unwrap_or_default()),
            spoke: self.flows.map(|flow| flow.next().is_some()),
        }
    }
}

/// A connection that is over: enough to give its stragglers their number and to tell a resend.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Remains {
    pub(in super::super) stream: u32,
    client_is_low: bool,
    completeness: Completeness,
    base: [SeqNumber; 2],
    next: [SeqNumber; 2],
    ack: [SeqNumber; 2],
    spoke: [bool; 2],
}

impl Remains {
    /// Whether it is the connection between these ends, of which the lower stands first; its summary is among these.
    pub(in super::super) fn is_between(
        &self,
        [low, high]: [SocketAddr; 2],
        summaries: &[ConnectionSummary],
    ) -> bool {
        let ends = if self.client_is_low { (low, high) } else { (high, low) };
        let summary = summaries.get(self.stream as usize);
        summary.is_some_and(|summary| (summary.client, summary.server) == ends)
    }

    /// A connection in which both ends are closed, to judge a straggler with.
    pub(in super::super) fn revive(&self, seen: &Seen<'_>, src_is_low: bool) -> Connection {
        let mut connection = Connection::new(self.stream, seen, src_is_low);
        connection.client_is_low = self.client_is_low;
        connection.completeness = self.completeness;
        connection.packets = [1; 2];
        for side in Side::BOTH {
            let place = side.index();
            let known = |number: [SeqNumber; 2]| self.spoke[place].then_some(number[place]);
            let mut flow = Flow::default();
            flow.set_base(self.base[place]);
            flow.set_next(known(self.next));
            flow.set_contiguous(known(self.next));
            flow.set_last_ack(known(self.ack));
            connection.flows[place] = flow;
        }
        connection.inference = super::Inference::over();
        connection
    }
}
