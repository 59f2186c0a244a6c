//! All connections of a capture, one packet at a time.

use std::collections::VecDeque;

use super::connection::{Connection, Remains};
use super::finding::{Finding, Findings};
use super::report::PacketReport;
use super::summary::{ConnectionSummary, FindingCounts, Summary};
use super::table::{Key, Place, Table};
use crate::time::{Duration, Instant};
use crate::wire::{Packet, Segment};

/// How long and how many connections are kept whole that need not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// A connection that is over stays whole for so long after its last packet: late segments and
    /// resends of the last FIN are judged by all that is known of it.
    pub linger: Duration,
    /// At most so many connections stay whole though they are over.
    pub lingering: usize,
    /// A handshake that has not succeeded is given up after so long; Linux itself tries for 127 s.
    pub handshake: Duration,
    /// At most so many such handshakes stay whole, however fast SYNs come.
    pub handshakes: usize,
    /// Connections that are over keep their number and 32 octets, so that a straggler still belongs to
    /// them. Without it a straggler begins a connection of its own, and nothing at all is kept.
    pub stragglers: bool,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            linger: Duration::from_secs(120),
            lingering: 4096,
            handshake: Duration::from_secs(300),
            handshakes: 16384,
            stragglers: true,
        }
    }
}

/// Reads packets in the order of a capture and says what can be said about each.
///
/// Memory grows with the connections that are open: one that is over, or whose handshake never
/// succeeded, is given out by [`take_finished`](Self::take_finished) and shrinks to 32 octets.
#[derive(Debug, Default)]
pub struct Analyzer {
    config: Config,
    table: Table,
    live: Vec<Option<Entry>>,
    free: Vec<u32>,
    over: Vec<Remains>,
    lingering: VecDeque<Waiting>,
    handshakes: VecDeque<Waiting>,
    finished: Vec<ConnectionSummary>,
    streams: u32,
    packets: u64,
    span: Option<(Instant, Instant)>,
    counts: FindingCounts,
}

/// A live connection, its key, and whether it stands in the queue of those that are over.
#[derive(Debug)]
struct Entry {
    key: Key,
    connection: Connection,
    lingers: bool,
}

/// A connection that will be looked at again.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    until: Instant,
    place: u32,
    /// The places of `live` are used again; the number tells whether it is still the same connection.
    stream: u32,
}

impl Analyzer {
    /// An analyzer that has seen nothing.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Analyzer { config, ..Analyzer::default() }
    }

    /// Takes the next packet of the capture, the `number`th, captured `at`. `None` for anything but TCP.
    pub fn push(&mut self, number: u64, at: Instant, packet: &Packet<&[u8]>) -> Option<PacketReport> {
        let segment = packet.segment()?;
        self.packets += 1;
        self.span = Some((self.span.map_or(at, |(first, _)| first), at));
        let (key, src_is_low) = Key::of(packet, segment);
        let report = match self.table.get(&key) {
            None => self.begin(number, at, packet, segment, key, src_is_low, None),
            Some(Place::Live(place)) => self.go_on(number, at, packet, segment, key, src_is_low, place),
            Some(Place::Over(place)) => self.straggler(number, at, packet, segment, key, src_is_low, place),
        };
        self.counts.add(report.findings);
        self.retire(at);
        Some(report)
    }

    /// The connections that ended since this was last asked, in the order of their ends.
    pub fn take_finished(&mut self) -> impl Iterator<Item = ConnectionSummary> {
        self.finished.drain(..)
    }

    /// Connections that are kept whole at the moment.
    #[must_use]
    pub fn open(&self) -> usize {
        self.live.len() - self.free.len()
    }

    /// Ends the analysis: every connection that is left, and the capture as a whole.
    #[must_use]
    pub fn finish(mut self) -> Summary {
        let left = std::mem::take(&mut self.live);
        let mut connections = std::mem::take(&mut self.finished);
        for entry in left.into_iter().flatten() {
            let summary = entry.connection.summary();
            self.counts.add(about_the_whole(&summary));
            connections.push(summary);
        }
        connections.sort_unstable_by_key(|connection| connection.stream);
        Summary {
            connections,
            streams: self.streams,
            packets: self.packets,
            span: self.span,
            counts: self.counts,
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the packet and where it was seen; a struct would only be unpacked again"
    )]
    fn begin(
        &mut self,
        number: u64,
        at: Instant,
        packet: &Packet<&[u8]>,
        segment: &Segment,
        key: Key,
        src_is_low: bool,
        before: Option<&Connection>,
    ) -> PacketReport {
        let stream = self.streams;
        self.streams += 1;
        let mut connection = match before {
            Some(before) => before.reopened(stream, at, packet, segment, src_is_low),
            None => Connection::new(stream, at, packet, segment, src_is_low),
        };
        let side = connection.side(src_is_low);
        let report = connection.take(number, at, side, packet, segment, before.is_some());
        let embryonic = connection.is_embryonic();
        let place = self.keep(Entry { key, connection, lingers: false });
        self.table.insert(key, Place::Live(place));
        if embryonic {
            self.handshakes.push_back(Waiting { until: at + self.config.handshake, place, stream });
        }
        self.settle(place, at);
        report
    }

    #[expect(clippy::too_many_arguments, reason = "as `begin`")]
    fn go_on(
        &mut self,
        number: u64,
        at: Instant,
        packet: &Packet<&[u8]>,
        segment: &Segment,
        key: Key,
        src_is_low: bool,
        place: u32,
    ) -> PacketReport {
        let Some(Some(entry)) = self.live.get_mut(place as usize) else {
            return self.begin(number, at, packet, segment, key, src_is_low, None);
        };
        let side = entry.connection.side(src_is_low);
        if entry.connection.is_new_syn(side, segment) {
            let before = self.drop_live(place);
            return self.begin(number, at, packet, segment, key, src_is_low, before.as_ref());
        }
        let report = entry.connection.take(number, at, side, packet, segment, false);
        self.settle(place, at);
        report
    }

    #[expect(clippy::too_many_arguments, reason = "as `begin`")]
    fn straggler(
        &mut self,
        number: u64,
        at: Instant,
        packet: &Packet<&[u8]>,
        segment: &Segment,
        key: Key,
        src_is_low: bool,
        place: u32,
    ) -> PacketReport {
        let Some(remains) = self.over.get_mut(place as usize) else {
            return self.begin(number, at, packet, segment, key, src_is_low, None);
        };
        let mut connection = remains.revive(at, packet, segment, src_is_low);
        let side = connection.side(src_is_low);
        if connection.is_new_syn(side, segment) {
            return self.begin(number, at, packet, segment, key, src_is_low, Some(&connection));
        }
        let report = connection.take(number, at, side, packet, segment, false);
        *remains = connection.remains();
        report
    }

    fn keep(&mut self, entry: Entry) -> u32 {
        if let Some(place) = self.free.pop() {
            if let Some(slot) = self.live.get_mut(place as usize) {
                *slot = Some(entry);
            }
            return place;
        }
        self.live.push(Some(entry));
        self.live.len() as u32 - 1
    }

    /// Gives a connection out and frees its place.
    fn drop_live(&mut self, place: u32) -> Option<Connection> {
        let entry = self.live.get_mut(place as usize)?.take()?;
        self.free.push(place);
        let summary = entry.connection.summary();
        self.counts.add(about_the_whole(&summary));
        self.finished.push(summary);
        Some(entry.connection)
    }

    /// Queues a connection that is over, once.
    fn settle(&mut self, place: u32, at: Instant) {
        let Some(Some(entry)) = self.live.get_mut(place as usize) else { return };
        if !entry.lingers && entry.connection.is_over() {
            entry.lingers = true;
            let stream = entry.connection.stream;
            self.lingering.push_back(Waiting { until: at + self.config.linger, place, stream });
        }
    }

    /// Lets go of what has waited long enough, or waits with too many others.
    fn retire(&mut self, now: Instant) {
        let Config { linger, lingering, handshake, handshakes, .. } = self.config;
        let due = |queue: &VecDeque<Waiting>, most| {
            queue.front().is_some_and(|first| now >= first.until || queue.len() > most)
        };
        while due(&self.lingering, lingering)
            && let Some(waiting) = self.lingering.pop_front()
        {
            match self.live(waiting) {
                None => {}
                Some(connection) if waits_on(connection, linger, now) && self.lingering.len() < lingering => {
                    let until = connection.last_at + linger;
                    self.lingering.push_back(Waiting { until, ..waiting });
                }
                Some(_) => self.let_go(waiting.place),
            }
        }
        while due(&self.handshakes, handshakes)
            && let Some(waiting) = self.handshakes.pop_front()
        {
            match self.live(waiting) {
                None => {}
                Some(connection) if !connection.is_embryonic() || connection.is_over() => {}
                Some(connection)
                    if waits_on(connection, handshake, now) && self.handshakes.len() < handshakes =>
                {
                    let until = connection.last_at + handshake;
                    self.handshakes.push_back(Waiting { until, ..waiting });
                }
                Some(_) => self.let_go(waiting.place),
            }
        }
    }

    /// The connection that was queued, if it is still there.
    fn live(&self, waiting: Waiting) -> Option<&Connection> {
        let entry = self.live.get(waiting.place as usize)?.as_ref()?;
        (entry.connection.stream == waiting.stream).then_some(&entry.connection)
    }

    /// Shrinks a connection to its remains.
    fn let_go(&mut self, place: u32) {
        let Some(key) = self.live.get(place as usize).and_then(|entry| Some(entry.as_ref()?.key)) else {
            return;
        };
        let Some(connection) = self.drop_live(place) else { return };
        if self.config.stragglers {
            let place = self.over.len() as u32;
            self.over.push(connection.remains());
            self.table.insert(key, Place::Over(place));
        } else {
            self.table.remove(&key);
        }
    }
}

/// Whether packets of this connection passed so lately that it stays.
fn waits_on(connection: &Connection, linger: Duration, now: Instant) -> bool {
    now < connection.last_at + linger
}

/// The findings that are made about a connection when it is over, not about one of its packets.
fn about_the_whole(summary: &ConnectionSummary) -> Findings {
    summary.findings.only(Findings::of(&[Finding::Unanswered, Finding::IncompleteHandshake]))
}
