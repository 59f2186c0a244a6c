//! What the analysis says about one packet.

use super::finding::{Finding, Findings};
use super::flow::Side;
use super::infer::Changes;
use crate::tcp::State;
use crate::time::Duration;
use crate::wire::SeqNumber;

/// The analysis of one TCP packet.
#[derive(Clone, Copy, Debug, Default)]
pub struct PacketReport {
    /// The connection's number: Wireshark's `tcp.stream`, counted from 0 in the order of appearance.
    pub stream: u32,
    /// Which end sent it.
    pub side: Side,
    /// This packet is the connection's first.
    pub first: bool,
    /// What can be said about it.
    pub findings: Findings,
    /// The sequence number, counted from the sender's initial one.
    pub seq: u32,
    /// The acknowledgment number, counted from the other end's initial sequence number.
    pub ack: Option<u32>,
    /// What the segments seen so far tell about the connection, as Wireshark's `tcp.completeness`.
    pub completeness: Completeness,
    /// Changes of either end's state that this packet shows.
    pub changes: Changes,
    /// The numbers behind the findings; all zero when there are none.
    pub facts: Facts,
}

/// The numbers behind the findings about a packet, as they were before it. Sequence numbers are relative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The number that the sender was due to send next.
    pub expected: u32,
    /// The number after the last one that this segment takes.
    pub end: u32,
    /// What the other end has acknowledged.
    pub acknowledged: u32,
    /// The highest number of the other end's that was seen without a gap.
    pub held: u32,
    /// Since the sender's highest number was sent, or since its last SYN.
    pub elapsed: Duration,
    /// Which of the duplicate ACKs in a row this is.
    pub duplicates: u32,
    /// The packet that first carried this acknowledgment number.
    pub first_ack: u64,
    /// The window that the other end last advertised, in octets.
    pub window: u32,
    /// The window that this segment advertises, in octets.
    pub offers: u32,
    /// The window that the sender advertised before, in octets.
    pub offered: u32,
    /// The IPv4 identification.
    pub ip_id: u16,
}

impl PacketReport {
    /// Makes it that of a packet about which nothing is known. A default one would be made elsewhere and copied.
    pub(super) fn clear(&mut self) {
        (self.stream, self.side, self.first) = (0, Side::Client, false);
        (self.seq, self.ack) = (0, None);
        self.findings = Findings::NONE;
        self.completeness = Completeness(0);
        self.changes.clear();
        self.facts = Facts::default();
    }

    /// The arguments of the message `finding-KEY`, by name; with a `side`, of its attribute `client` (0) or
    /// `server` (1).
    pub fn numbers(&self, finding: Finding) -> Vec<(&'static str, i64)> {
        let facts = &self.facts;
        let seq = ("seq", i64::from(self.seq));
        let end = ("end", i64::from(facts.end));
        let ack = ("ack", i64::from(self.ack.unwrap_or(0)));
        let expected = ("expected", i64::from(facts.expected));
        let octets = ("octets", i64::from(SeqNumber(facts.end).since(SeqNumber(self.seq))));
        let acknowledged = ("acknowledged", i64::from(facts.acknowledged));
        let millis = ("millis", facts.elapsed.as_millis() as i64);
        let window = ("window", i64::from(facts.window));
        let count = ("count", i64::from(facts.duplicates));
        match finding {
            Finding::Retransmission => vec![seq, end, octets, millis],
            Finding::FastRetransmission => vec![seq, octets, ("count", i64::from(facts.duplicates))],
            Finding::SpuriousRetransmission => vec![seq, end, acknowledged],
            Finding::OutOfOrder => vec![seq, end, expected],
            Finding::DuplicateAck => vec![ack, count, ("first", facts.first_ack as i64)],
            Finding::LostSegment => {
                let missing = SeqNumber(self.seq).since(SeqNumber(facts.expected));
                vec![seq, expected, ("missing", i64::from(missing))]
            }
            Finding::AckLostSegment => vec![ack, ("held", i64::from(facts.held))],
            Finding::WindowFull => vec![end, acknowledged, window],
            Finding::WindowUpdate => {
                vec![("before", i64::from(facts.offered)), ("after", i64::from(facts.offers))]
            }
            Finding::KeepAlive => vec![seq, expected],
            Finding::NetworkDuplicate => vec![("id", i64::from(facts.ip_id))],
            Finding::MissingFirstCopy => vec![seq, octets],
            Finding::SynRetransmission => vec![millis],
            Finding::ResetChallenged | Finding::ResetIgnored => vec![seq, acknowledged, window],
            Finding::ResetNoConnection => vec![seq],
            Finding::TimeWait => {
                let enters = self.changes.iter().find(|change| change.to == State::TimeWait);
                vec![("side", enters.map_or(self.side, |change| change.side).index() as i64)]
            }
            _ => Vec::new(),
        }
    }
}

/// Which phases of a connection were seen: Wireshark's `tcp.completeness`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Completeness(pub u8);

impl Completeness {
    /// A SYN began it.
    pub const SYN: u8 = 1;
    /// A SYN,ACK answered.
    pub const SYN_ACK: u8 = 2;
    /// A segment without text had ACK set.
    pub const ACK: u8 = 4;
    /// A segment carried text.
    pub const DATA: u8 = 8;
    /// A FIN passed.
    pub const FIN: u8 = 16;
    /// A reset passed.
    pub const RST: u8 = 32;

    /// Whether all of these phases were seen.
    pub const fn has(self, phases: u8) -> bool {
        self.0 & phases == phases
    }
}
