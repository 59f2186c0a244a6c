//! All connections of a capture, one packet at a time.

use std::collections::VecDeque;

use super::connection::{Connection, Remains};
use super::finding::{Finding, Findings};
use super::report::PacketReport;
use super::sequence::Seen;
use super::summary::{ConnectionSummary, FindingCounts, Summary};
use super::table::{Key, Table};
use crate::time::{Duration, Instant};
use crate::wire::Packet;

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
    /// Connections that are over keep their number, their ends and 32 octets, so that a straggler still belongs to
    /// them. Without it a straggler begins a connection of its own, and nothing at all is kept.
    pub stragglers: bool,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            linger: Duration::from_secs(120),
            lingering: 1024,
            handshake: Duration::from_secs(300),
            handshakes: 16384,
            stragglers: true,
        }
    }
}

/// Reads packets in the order of a capture and says what can be said about each.
///
/// Memory grows with the connections, not with their packets: one that is over, or whose handshake never
/// succeeded, shrinks to its summary and what it takes to know its stragglers.
#[derive(Debug, Default)]
pub struct Analyzer {
    config: Config,
    /// Where in `live` a key's connection stands.
    places: Table<3>,
    /// Where in `over` it stands, apart from the others: there are many of these and hardly any packets.
    places_over: Table<5>,
    /// The live connections, and between them vacant places.
    live: Vec<Entry>,
    /// Which places are vacant.
    free: Vec<u32>,
    /// What remains of connections that were let go; their ends are in their summaries.
    over: Vec<Remains>,
    /// Places in `over` whose ends have begun another connection.
    free_over: Vec<u32>,
    lingering: VecDeque<Waiting>,
    handshakes: VecDeque<Waiting>,
    /// When the first of both queues is due.
    look_at: Instant,
    /// By number; [`VACANT`] where the connection has not been let go yet.
    summaries: Vec<ConnectionSummary>,
    streams: u32,
    packets: u64,
    span: Option<(Instant, Instant)>,
    counts: FindingCounts,
}

/// A live connection, its key, and whether it stands in the queue of those that are over. The key is beside
/// what every packet touches, and all that begins with a line of the processor's cache.
#[derive(Debug)]
#[repr(C, align(64))]
struct Entry {
    key: Key,
    lingers: bool,
    connection: Connection,
}

/// The number of no connection: its place is vacant.
const VACANT: u32 = u32::MAX;

impl Entry {
    fn is_taken(&self) -> bool {
        self.connection.stream != VACANT
    }
}

/// A packet and the connection that it belongs to.
struct Arrival<'a> {
    seen: Seen<'a>,
    key: Key,
    mark: u32,
    src_is_low: bool,
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
        let mut report = PacketReport::default();
        self.push_into(number, at, packet, &mut report).then_some(report)
    }

    /// As [`push`](Self::push), with the report written where the caller has room for it: a million copies
    /// take their time. False, and nothing written, for anything but TCP.
    pub fn push_into(
        &mut self,
        number: u64,
        at: Instant,
        packet: &Packet<&[u8]>,
        report: &mut PacketReport,
    ) -> bool {
        let Some(segment) = packet.segment() else { return false };
        self.packets += 1;
        self.span = Some((self.span.map_or(at, |(first, _)| first), at));
        let (key, src_is_low) = Key::of(packet, segment);
        let mark = key.mark();
        let seen = Seen { number, at, packet, segment };
        report.clear();
        let is_its = |entry: &Entry| entry.key == key;
        let found = self.places.get(mark, |place| self.live.get(place as usize).is_some_and(is_its));
        let entry = found.and_then(|place| self.live.get_mut(place as usize));
        if let (Some(place), Some(Entry { connection, lingers, .. })) = (found, entry) {
            let side = connection.side(src_is_low);
            if connection.is_new_syn(side, segment) {
                self.begin_anew(&Arrival { seen, key, mark, src_is_low }, place, report);
            } else {
                connection.take(&seen, side, false, report);
                if connection.is_over() && !*lingers {
                    self.settle(place, at);
                }
            }
        } else {
            self.meet(&Arrival { seen, key, mark, src_is_low }, report);
        }
        if !report.findings.is_empty() {
            self.counts.add(report.findings);
        }
        if at >= self.look_at || self.lingering.len() > self.config.lingering {
            self.retire(at);
        }
        true
    }

    /// Connections that are kept whole at the moment.
    #[must_use]
    pub fn open(&self) -> usize {
        self.live.len() - self.free.len()
    }

    /// Ends the analysis: every connection that is left, and the capture as a whole.
    #[must_use]
    pub fn finish(mut self) -> Summary {
        for entry in std::mem::take(&mut self.live).iter().filter(|entry| entry.is_taken()) {
            self.sum_up(entry.connection.summary(&entry.key));
        }
        Summary {
            connections: self.summaries,
            streams: self.streams,
            packets: self.packets,
            span: self.span,
            counts: self.counts,
        }
    }

    /// Keeps the summary of a connection in its place.
    fn sum_up(&mut self, summary: ConnectionSummary) {
        self.counts.add(about_the_whole(&summary));
        let place = summary.stream as usize;
        if place >= self.summaries.len() {
            // The connections between are still live; each is summed up once, before all ends.
            self.summaries.resize(place + 1, ConnectionSummary { stream: VACANT, ..summary });
        }
        if let Some(slot) = self.summaries.get_mut(place) {
            *slot = summary;
        }
    }

    /// Takes a packet of no live connection.
    #[inline(never)]
    fn meet(&mut self, arrival: &Arrival<'_>, report: &mut PacketReport) {
        let is_over = |place: u32| {
            let remains = self.over.get(place as usize);
            remains.is_some_and(|remains| remains.is_between(arrival.key.ends(), &self.summaries))
        };
        match self.places_over.get(arrival.mark, is_over) {
            Some(over) => self.straggler(arrival, over, report),
            None => self.begin(arrival, None, report),
        }
    }

    /// `before` is the connection that had these ends before.
    fn begin(&mut self, arrival: &Arrival<'_>, before: Option<&Connection>, report: &mut PacketReport) {
        let Arrival { seen, key, mark, src_is_low } = arrival;
        let stream = self.streams;
        self.streams += 1;
        let place = self.free.pop().unwrap_or(self.live.len() as u32);
        if place as usize == self.live.len() {
            self.live.push(Entry { key: *key, lingers: false, connection: Connection::default() });
        }
        let Some(Entry { key: own, lingers, connection }) = self.live.get_mut(place as usize) else { return };
        (*own, *lingers) = (*key, false);
        self.places.insert(*mark, place);
        if let Some(before) = before {
            *connection = before.reopened(stream, seen, *src_is_low);
        } else {
            connection.begin(stream, seen, *src_is_low);
        }
        let side = connection.side(*src_is_low);
        connection.take(seen, side, before.is_some(), report);
        if connection.is_embryonic() {
            let until = seen.at + self.config.handshake;
            self.handshakes.push_back(Waiting { until, place, stream });
            self.look_at = self.look_at.min(until);
            if self.handshakes.len() > self.config.handshakes {
                self.look_at = seen.at;
            }
        }
        self.settle(place, seen.at);
    }

    /// The connection at this place gives way to another one between the same ends.
    #[cold]
    fn begin_anew(&mut self, arrival: &Arrival<'_>, place: u32, report: &mut PacketReport) {
        let Some(before) = self.live.get(place as usize).map(|entry| entry.connection.clone()) else {
            return;
        };
        self.vacate(place);
        self.begin(arrival, Some(&before), report);
    }

    fn straggler(&mut self, arrival: &Arrival<'_>, over: u32, report: &mut PacketReport) {
        let Arrival { seen, mark, src_is_low, .. } = arrival;
        let Some(remains) = self.over.get_mut(over as usize) else { return };
        let mut connection = remains.revive(seen, *src_is_low);
        let side = connection.side(*src_is_low);
        if connection.is_new_syn(side, seen.segment) {
            self.places_over.remove(*mark, over);
            self.free_over.push(over);
            return self.begin(arrival, Some(&connection), report);
        }
        connection.take(seen, side, false, report);
        *remains = connection.remains();
    }

    /// Gives a connection out and frees its place.
    fn vacate(&mut self, place: u32) {
        let Some(entry) = self.live.get_mut(place as usize) else { return };
        let summary = entry.connection.summary(&entry.key);
        self.places.remove(entry.key.mark(), place);
        entry.connection.stream = VACANT;
        self.free.push(place);
        self.sum_up(summary);
    }

    /// Queues a connection that is over, once.
    fn settle(&mut self, place: u32, at: Instant) {
        let Some(entry) = self.live.get_mut(place as usize) else { return };
        if !entry.lingers && entry.connection.is_over() {
            entry.lingers = true;
            let stream = entry.connection.stream;
            let until = at + self.config.linger;
            self.lingering.push_back(Waiting { until, place, stream });
            self.look_at = self.look_at.min(until);
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
        let fronts = [self.lingering.front(), self.handshakes.front()];
        let next = fronts.into_iter().flatten().map(|waiting| waiting.until).min();
        self.look_at = next.unwrap_or(Instant::from_nanos(u64::MAX));
    }

    /// The connection that was queued, if it is still there.
    fn live(&self, waiting: Waiting) -> Option<&Connection> {
        let connection = &self.live.get(waiting.place as usize)?.connection;
        (connection.stream == waiting.stream).then_some(connection)
    }

    /// Shrinks a connection to its remains.
    fn let_go(&mut self, place: u32) {
        let Some(Entry { key, connection, .. }) = self.live.get(place as usize) else { return };
        let (mark, remains) = (key.mark(), connection.remains());
        self.vacate(place);
        if !self.config.stragglers {
            return;
        }
        let over = self.free_over.pop().unwrap_or(self.over.len() as u32);
        match self.over.get_mut(over as usize) {
            Some(slot) => *slot = remains,
            None => self.over.push(remains),
        }
        self.places_over.insert(mark, over);
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
