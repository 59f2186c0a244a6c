//! What remains of a connection, and of a whole capture, when its packets are gone.

use std::net::SocketAddr;

use super::finding::{Finding, Findings};
use super::flow::Side;
use super::infer::Standing;
use super::report::Completeness;
use crate::time::{Duration, Instant};

/// How a connection went, as far as the capture shows; the text is the message `outcome-KEY`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The SYN drew no answer.
    Unanswered,
    /// The SYN drew a reset.
    Refused,
    /// SYN and SYN,ACK, but no end of the handshake.
    Incomplete,
    /// Still open when the capture ended.
    Open,
    /// One end has closed, the other has not.
    HalfClosed(Side),
    /// Both ends closed.
    Closed,
    /// This end broke it off.
    Reset(Side),
}

impl Outcome {
    /// The names of all outcomes.
    pub const KEYS: [&'static str; 7] =
        ["unanswered", "refused", "incomplete", "open", "half-closed", "closed", "reset"];

    /// The outcome's stable name.
    pub const fn key(self) -> &'static str {
        Outcome::KEYS[self.place()]
    }

    /// The place of its name among [`KEYS`](Self::KEYS).
    pub const fn place(self) -> usize {
        match self {
            Outcome::Unanswered => 0,
            Outcome::Refused => 1,
            Outcome::Incomplete => 2,
            Outcome::Open => 3,
            Outcome::HalfClosed(_) => 4,
            Outcome::Closed => 5,
            Outcome::Reset(_) => 6,
        }
    }
}

/// One connection. Pairs are indexed by [`Side::index`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConnectionSummary {
    /// Its number: Wireshark's `tcp.stream`.
    pub stream: u32,
    /// The end that opened.
    pub client: SocketAddr,
    /// The end that was opened to.
    pub server: SocketAddr,
    /// No SYN was seen, so which end is the client was told from the ports.
    pub roles_guessed: bool,
    /// When its first packet was captured.
    pub began: Instant,
    /// When its last packet was captured.
    pub ended: Instant,
    /// Packets that each end sent.
    pub packets: [u32; 2],
    /// Octets of text that each end sent, resends counted again.
    pub octets: [u64; 2],
    /// Packets with any of Wireshark's four names for resends.
    pub resends: [u32; 2],
    /// From the first SYN to the first ACK after it.
    pub round_trip: Option<Duration>,
    /// The states that both ends were in at last.
    pub states: [Standing; 2],
    /// How it went.
    pub outcome: Outcome,
    /// Which phases were seen.
    pub completeness: Completeness,
    /// Everything that was found in any of its packets, and about it as a whole.
    pub findings: Findings,
}

impl ConnectionSummary {
    /// How long it lasted.
    pub fn lasted(&self) -> Duration {
        self.ended.since(self.began)
    }
}

/// A whole capture.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// The connections that nobody took before, in the order of their numbers.
    pub connections: Vec<ConnectionSummary>,
    /// Connections in all.
    pub streams: u32,
    /// TCP packets.
    pub packets: u64,
    /// When the first and the last TCP packet were captured.
    pub span: Option<(Instant, Instant)>,
    /// In how many packets each finding was made, by its place in [`Finding::ALL`]; for the two that
    /// are about whole connections, in how many of these.
    pub counts: FindingCounts,
}

/// A count for each finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FindingCounts([u64; Finding::ALL.len()]);

impl Default for FindingCounts {
    fn default() -> Self {
        FindingCounts([0; Finding::ALL.len()])
    }
}

impl FindingCounts {
    /// How often this finding was made.
    pub fn of(&self, finding: Finding) -> u64 {
        self.0.get(finding as usize).copied().unwrap_or(0)
    }

    /// The findings that were made, with their counts, in the order of their declaration.
    pub fn iter(&self) -> impl Iterator<Item = (Finding, u64)> {
        Finding::ALL.iter().map(|finding| (*finding, self.of(*finding))).filter(|(_, count)| *count > 0)
    }

    pub(super) fn add(&mut self, findings: Findings) {
        for finding in findings.iter() {
            if let Some(count) = self.0.get_mut(finding as usize) {
                *count += 1;
            }
        }
    }
}
