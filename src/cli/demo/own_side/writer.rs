//! Brings calls and segments in order, and writes them.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};

use super::{NEVER, News, TICK};
use crate::analyze::{Analyzer, Config, Findings, PacketReport};
use crate::demo::console::Console;
use crate::live::clock;
use crate::render::{self, Lines, Naming};
use crate::tcp::State;
use crate::time::{Duration, Instant};
use crate::timeline::{Call, ConnectionId, Event, Evidence, Host, HostId, Kind, Operation, PacketId, Step};
use crate::wire::{Packet, decode_frame};

/// A segment may still be on its way through the kernel, from its stamp to us, when it was sent already.
const TRANSIT: Duration = Duration::from_millis(40);
/// A `connect()` that takes longer waits for somebody who does not answer; till then everything waits with
/// it, as only its return tells which of the segments to the same server are ours.
const CONNECTING: Duration = Duration::from_secs(1);
/// How long the peer's last segments are waited for.
const AFTERMATH: Duration = Duration::from_millis(500);

/// Nobody waits longer for the end, should a capture never tell anything.
const LONGEST: Duration = Duration::from_secs(5);

/// This end and the other one.
const OURS: HostId = HostId(0);
const THEIRS: HostId = HostId(1);

/// Writes what the news tell.
pub(super) struct Writer {
    console: Arc<Console>,
    lines: Lines,
    hosts: Vec<Host>,
    waiting: BTreeMap<(Instant, u64), News>,
    arrivals: u64,
    /// Until when each capture has told everything.
    seen: Vec<Instant>,
    over: Option<Instant>,
    awaited: Vec<(Instant, Sender<()>)>,
    /// Addresses of our sockets.
    ours: BTreeSet<SocketAddr>,
    calling: Option<Calling>,
    /// Connections of ours that are not over: our address and the other's.
    open: BTreeSet<(SocketAddr, SocketAddr)>,
    analyzer: Analyzer,
    packets: u32,
}

/// A server that we call, from an address that the kernel has not told yet.
struct Calling {
    server: SocketAddr,
    since: Instant,
    /// Whoever was the first to talk to it since then.
    from: Option<SocketAddr>,
    returned: bool,
}

impl Writer {
    pub(super) fn new(
        names: [&str; 2],
        captures: usize,
        options: &render::Options,
        console: Arc<Console>,
    ) -> Self {
        Writer {
            console,
            lines: Lines::new(options, Naming::Addresses, true),
            hosts: names.map(|name| Host { name: name.to_owned(), addrs: Vec::new() }).to_vec(),
            waiting: BTreeMap::new(),
            arrivals: 0,
            seen: vec![Instant::ZERO; captures],
            over: None,
            awaited: Vec::new(),
            ours: BTreeSet::new(),
            calling: None,
            open: BTreeSet::new(),
            analyzer: Analyzer::new(Config::default()),
            packets: 0,
        }
    }

    pub(super) fn run(mut self, inbox: &Receiver<News>) {
        loop {
            match inbox.recv_timeout(TICK) {
                Ok(news) => std::iter::once(news).chain(inbox.try_iter()).for_each(|news| self.take(news)),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    self.seen.clear();
                    self.over.get_or_insert(Instant::ZERO);
                }
            }
            self.write_until(self.known());
            if self.is_done() {
                self.write_until(NEVER);
                return;
            }
        }
    }

    fn take(&mut self, news: News) {
        let at = match &news {
            News::Call(at, call) => {
                self.note_calling(*at, call);
                *at
            }
            News::Frame(at, ..) => *at,
            News::Bound(local) => {
                self.ours.insert(*local);
                return;
            }
            News::Until(capture, at) => {
                if let Some(seen) = self.seen.get_mut(*capture) {
                    *seen = *at;
                }
                return;
            }
            News::Awaited(at, written) => {
                self.awaited.push((*at, written.clone()));
                return;
            }
            News::Over(at) => {
                self.over = Some(*at);
                return;
            }
        };
        self.arrivals += 1;
        self.waiting.insert((at, self.arrivals), news);
    }

    /// Until when everything is known.
    fn known(&self) -> Instant {
        let seen = self.seen.iter().min().copied().unwrap_or(NEVER);
        let known = if seen == NEVER { NEVER } else { earlier(seen, TRANSIT) };
        match &self.calling {
            Some(Calling { since, returned: false, .. })
                if !self.seen.is_empty() && clock::now().since(*since) < CONNECTING =>
            {
                known.min(*since)
            }
            _ => known,
        }
    }

    /// Whether the program is over, and nothing more is to be expected.
    fn is_done(&self) -> bool {
        let Some(over) = self.over else { return false };
        let late = clock::now().since(over);
        (self.known() > over && (self.open.is_empty() || late > AFTERMATH)) || late > LONGEST
    }

    fn write_until(&mut self, limit: Instant) {
        let mut lines = Vec::new();
        while let Some(first) = self.waiting.first_entry() {
            let (at, _) = *first.key();
            if at > limit {
                break;
            }
            let news = first.remove();
            let events = self.events(at, news);
            lines.extend(self.lines.write(&events, &self.hosts));
        }
        self.console.show(&lines);
        self.awaited.retain(|(at, _)| *at > limit);
    }

    fn events(&mut self, at: Instant, news: News) -> Vec<Event> {
        match news {
            News::Call(_, call) => {
                vec![Event { at, host: OURS, evidence: Evidence::Observed, kind: Kind::Call(call) }]
            }
            News::Frame(_, link, bytes) => match decode_frame(link, &bytes) {
                Ok(packet) => self.segment(at, &packet),
                Err(_) => Vec::new(),
            },
            News::Bound(_) | News::Until(..) | News::Awaited(..) | News::Over(_) => Vec::new(),
        }
    }

    fn note_calling(&mut self, at: Instant, call: &Call) {
        let (Operation::Connect(server) | Operation::SendTo { to: server, .. }) = call.operation else {
            return;
        };
        match (&call.step, &mut self.calling) {
            (Step::Returned(_), Some(calling)) => calling.returned = true,
            (Step::Entered, _) if self.ours.is_empty() || matches!(call.operation, Operation::Connect(_)) => {
                self.calling = Some(Calling { server, since: at, from: None, returned: false });
            }
            _ => {}
        }
    }

    /// The events of a packet of ours, with the states it leads to; none for one of somebody else.
    fn segment(&mut self, at: Instant, packet: &Packet<&[u8]>) -> Vec<Event> {
        let (src, dst) = (packet.src(), packet.dst());
        let Some(from) = self.sender(at, src, dst) else { return Vec::new() };
        let to = if from == OURS { THEIRS } else { OURS };
        self.packets = self.packets.saturating_add(1);
        let report = self.analyzer.push(u64::from(self.packets), at, packet);
        let retransmission =
            report.as_ref().is_some_and(|report| report.findings.intersects(Findings::SENT_AGAIN));
        let id = PacketId(self.packets);
        let sent = Kind::Sent { id, packet: packet.to_owned(), rule: None, retransmission };
        let mut events = vec![Event { at, host: from, evidence: Evidence::Observed, kind: sent }];
        if let Some(report) = report {
            self.add_states(&mut events, at, [(from, src), (to, dst)], &report);
        }
        events
    }

    /// What the packet tells about the states of both ends, its sender the first.
    fn add_states(
        &mut self,
        events: &mut Vec<Event>,
        at: Instant,
        ends: [(HostId, SocketAddr); 2],
        report: &PacketReport,
    ) {
        for change in report.changes.iter().filter(|change| change.from != change.to) {
            let [sender, receiver] = ends;
            let by_sender = change.side == report.side;
            let ((host, local), (_, remote)) =
                if by_sender { (sender, receiver) } else { (receiver, sender) };
            let connection = ConnectionId { local, remote };
            match change.to {
                State::Closed | State::TimeWait => self.open.remove(&(local, remote)),
                _ => host == OURS && self.open.insert((local, remote)),
            };
            let kind = Kind::State { connection, from: change.from, to: change.to, rule: change.rule };
            events.push(Event { at, host, evidence: Evidence::Inferred, kind });
        }
    }

    /// Which end sent it, if it is about a socket of ours.
    fn sender(&mut self, at: Instant, src: SocketAddr, dst: SocketAddr) -> Option<HostId> {
        let is_ours = |end: SocketAddr| {
            let anywhere = |ours: &SocketAddr| ours.ip().is_unspecified() && ours.port() == end.port();
            self.ours.contains(&end) || self.ours.iter().any(anywhere)
        };
        if is_ours(src) {
            return Some(OURS);
        }
        if is_ours(dst) {
            return Some(THEIRS);
        }
        // A call that failed leaves no address behind: then the first to call the server was we.
        let calling = self.calling.as_mut().filter(|calling| self.ours.is_empty() && at >= calling.since)?;
        match (dst == calling.server, src == calling.server) {
            (true, _) => (*calling.from.get_or_insert(src) == src).then_some(OURS),
            (_, true) => (calling.from == Some(dst)).then_some(THEIRS),
            _ => None,
        }
    }
}

fn earlier(at: Instant, by: Duration) -> Instant {
    Instant::from_nanos(at.as_nanos().saturating_sub(by.as_nanos()))
}
