//! The differences between kernel and simulator that a scenario says are known: which of those found are
//! among them, and which of them were not found any more.

use std::collections::BTreeSet;

use crate::analyze::{Comparison, Row};
use crate::scenario::{Differing, Facts, Isns, Known, Pattern, Scenario};
use crate::timeline::{HostId, Kind, PacketId, Timeline};

/// What is to be made of a comparison.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judgment {
    /// For each row that differs: its place, and the known difference it is, if any.
    pub rows: Vec<(usize, Option<usize>)>,
    /// The same for each end whose states differ.
    pub states: Vec<(usize, Option<usize>)>,
    /// Known differences that are always there, and were not.
    pub gone: Vec<usize>,
}

impl Judgment {
    /// Whether nothing was found but what is known.
    pub fn is_as_known(&self) -> bool {
        let known = |found: &[(usize, Option<usize>)]| found.iter().all(|(_, known)| known.is_some());
        known(&self.rows) && known(&self.states) && self.gone.is_empty()
    }

    /// The known differences that were found.
    pub fn found(&self) -> BTreeSet<usize> {
        self.rows.iter().chain(&self.states).filter_map(|(_, known)| *known).collect()
    }
}

/// Judges the comparison of the simulator (left) and the lab (right).
pub fn judge(
    scenario: &Scenario,
    comparison: &Comparison,
    simulated: &Timeline,
    real: &Timeline,
) -> Judgment {
    let known = &scenario.lab.known;
    let meant: Vec<[BTreeSet<PacketId>; 2]> = known
        .iter()
        .map(|known| match &known.what {
            Differing::Segments(pattern) => [means(pattern, simulated), means(pattern, real)],
            Differing::States(_) => Default::default(),
        })
        .collect();
    let of_row = |row: &Row| {
        let (left, right) = (row.left().map(|seen| seen.id), row.right().map(|seen| seen.id));
        meant.iter().position(|[simulated, real]| {
            left.is_some_and(|id| simulated.contains(&id)) || right.is_some_and(|id| real.contains(&id))
        })
    };
    let differing = comparison.rows.iter().enumerate().filter(|(_, row)| !row.is_same());
    let rows = differing.map(|(place, row)| (place, of_row(row))).collect();
    let differing = comparison.states.iter().enumerate().filter(|(_, states)| !states.is_same());
    let states = differing
        .map(|(place, states)| {
            let is_about = |known: &Known| known.what == Differing::States(states.host);
            (place, known.iter().position(is_about))
        })
        .collect();
    let mut judgment = Judgment { rows, states, gone: Vec::new() };
    let found = judgment.found();
    let gone =
        |(place, known): (usize, &Known)| (!known.sometimes && !found.contains(&place)).then_some(place);
    judgment.gone = known.iter().enumerate().filter_map(gone).collect();
    judgment
}

/// The packets of a timeline that a pattern means.
fn means(pattern: &Pattern, timeline: &Timeline) -> BTreeSet<PacketId> {
    let mut isns = Isns::default();
    let mut count = 0;
    let mut meant = BTreeSet::new();
    for event in &timeline.events {
        let Kind::Sent { id, packet, retransmission, .. } = &event.kind else { continue };
        isns.observe(packet.src(), packet.dst(), &packet.transport);
        let to = timeline.hosts.iter().position(|host| host.addrs.contains(&packet.ip.dst));
        let facts = Facts {
            from: event.host,
            to: to.map(|index| HostId(index as u16)),
            ip: &packet.ip,
            transport: &packet.transport,
            payload: &packet.payload,
            retransmission: *retransmission,
            isns: isns.of(packet.src(), packet.dst()),
        };
        if pattern.matches(&facts) {
            count += 1;
            if pattern.means(count) {
                meant.insert(*id);
            }
        }
    }
    meant
}
