//! `--timeline` with one end: the calls of this program, and its own segments where capturing is
//! permitted, written line by line beside the conversation.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration as WallTime;

use crate::analyze::{Analyzer, Config, Finding, Findings};
use crate::cli::live_failure;
use crate::demo::console::Console;
use crate::demo::socket::Witness;
use crate::lang::Message;
use crate::live::capture::{self, Capture};
use crate::live::{self, clock, packet_filter::Filter};
use crate::render::{self, Lines, Naming};
use crate::time::{Duration, Instant};
use crate::timeline::{
    Call, ConnectionId, Event, Evidence, Host, HostId, Kind, Operation, PacketId, SocketId,
};
use crate::wire::{LinkType, Packet, decode_frame};

/// How long everything waits for what happened before it and is not known yet: a captured segment
/// arrives later than the news of the call that it caused.
const PATIENCE: Duration = Duration::from_millis(40);
/// How often to see whether something has waited long enough, and whether it is over.
const TICK: WallTime = WallTime::from_millis(10);
/// How long the last segments are waited for.
const AFTERMATH: WallTime = WallTime::from_millis(60);

/// This end and the other one.
const OURS: HostId = HostId(0);
const THEIRS: HostId = HostId(1);

/// Writes the timeline until it is dropped.
pub(super) struct OwnSide {
    news: Option<Sender<News>>,
    over: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

/// Tells of calls.
pub(super) struct Calls(Sender<News>);

enum News {
    Call(Instant, Call),
    Bound(SocketAddr),
    Frame(Instant, LinkType, Vec<u8>),
}

impl OwnSide {
    /// Begins; `names` are this end's and the other's.
    pub(super) fn start(names: [&str; 2], options: &render::Options, console: &Arc<Console>) -> Self {
        let (news, inbox) = channel();
        let over = Arc::new(AtomicBool::new(false));
        let mut threads = Vec::new();
        let config = capture::Config { interface: "lo".to_owned(), filter: Filter::default(), ring: false };
        match Capture::open(&config) {
            Ok(capture) => {
                let (news, over) = (news.clone(), over.clone());
                threads.extend(spawn("segments", move || listen(capture, &news, &over)));
            }
            Err(live::Error::Denied(denied)) => {
                console.tell(&Message::new("demo-timeline-calls-only"));
                console.tell_way_out(&live_failure::refusal(&denied));
            }
            Err(_) => console.tell(&Message::new("demo-timeline-calls-only")),
        }
        let writer = Writer {
            console: console.clone(),
            lines: Lines::new(options, Naming::Addresses, true),
            hosts: names.map(|name| Host { name: name.to_owned(), addrs: Vec::new() }).to_vec(),
            ours: BTreeSet::new(),
            servers: BTreeSet::new(),
            analyzer: Analyzer::new(Config::default()),
            packets: 0,
        };
        threads.extend(spawn("timeline", move || writer.run(&inbox)));
        Self { news: Some(news), over, threads }
    }

    /// Whom the calls are told to.
    pub(super) fn witness(&self) -> Option<Arc<dyn Witness>> {
        self.news.clone().map(|news| Arc::new(Calls(news)) as Arc<dyn Witness>)
    }
}

impl Drop for OwnSide {
    /// Waits for what the last calls sent.
    fn drop(&mut self) {
        std::thread::sleep(AFTERMATH);
        self.over.store(true, Ordering::Relaxed);
        self.news = None;
        for thread in self.threads.drain(..) {
            // A thread that has panicked has nothing more to write.
            let _ = thread.join();
        }
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Option<JoinHandle<()>> {
    std::thread::Builder::new().name(name.to_owned()).spawn(work).ok()
}

impl Witness for Calls {
    fn call(&self, call: Call) {
        // When the writer is gone, nobody wants to know.
        let _ = self.0.send(News::Call(clock::now(), call));
    }

    fn bound(&self, _socket: SocketId, local: SocketAddr) {
        let _ = self.0.send(News::Bound(local));
    }
}

fn listen(mut capture: Capture, news: &Sender<News>, over: &AtomicBool) {
    let link = capture.link();
    while !over.load(Ordering::Relaxed) {
        let received = capture.receive(TICK, |frame| {
            let _ = news.send(News::Frame(frame.at, link, frame.data.to_vec()));
        });
        if received.is_err() {
            break;
        }
    }
}

/// Brings calls and segments in order, and writes them.
struct Writer {
    console: Arc<Console>,
    lines: Lines,
    hosts: Vec<Host>,
    /// Addresses of our sockets.
    ours: BTreeSet<SocketAddr>,
    /// Addresses that we call: before a socket of ours has an address, these tell its segments.
    servers: BTreeSet<SocketAddr>,
    analyzer: Analyzer,
    packets: u32,
}

impl Writer {
    fn run(mut self, inbox: &Receiver<News>) {
        let mut waiting: BTreeMap<(Instant, u64), News> = BTreeMap::new();
        let mut arrivals = 0;
        loop {
            let more = match inbox.recv_timeout(TICK) {
                Ok(news) => {
                    for news in std::iter::once(news).chain(inbox.try_iter()) {
                        let at = match &news {
                            News::Call(at, call) => {
                                self.note_server(call);
                                *at
                            }
                            News::Bound(local) => {
                                self.ours.insert(*local);
                                continue;
                            }
                            News::Frame(at, ..) => *at,
                        };
                        arrivals += 1;
                        waiting.insert((at, arrivals), news);
                    }
                    true
                }
                Err(RecvTimeoutError::Timeout) => true,
                Err(RecvTimeoutError::Disconnected) => false,
            };
            let now = clock::now().as_nanos();
            while let Some(first) = waiting.first_entry() {
                let (at, _) = *first.key();
                if more && at.as_nanos() + PATIENCE.as_nanos() > now {
                    break;
                }
                self.write(at, first.remove());
            }
            if !more {
                return;
            }
        }
    }

    fn note_server(&mut self, call: &Call) {
        if let Operation::Connect(to) | Operation::SendTo { to, .. } = call.operation {
            self.servers.insert(to);
        }
    }

    fn write(&mut self, at: Instant, news: News) {
        let events = match news {
            News::Call(_, call) => {
                vec![Event { at, host: OURS, evidence: Evidence::Observed, kind: Kind::Call(call) }]
            }
            News::Frame(_, link, bytes) => match decode_frame(link, &bytes) {
                Ok(packet) => self.segment(at, &packet),
                Err(_) => return,
            },
            News::Bound(_) => return,
        };
        let lines = self.lines.write(&events, &self.hosts);
        self.console.show(&lines);
    }

    /// The events of a packet of ours, with the states it leads to; none for one of somebody else.
    fn segment(&mut self, at: Instant, packet: &Packet<&[u8]>) -> Vec<Event> {
        let (src, dst) = (packet.src(), packet.dst());
        let Some(from) = self.sender(src, dst) else { return Vec::new() };
        let to = if from == OURS { THEIRS } else { OURS };
        self.packets = self.packets.saturating_add(1);
        let report = self.analyzer.push(u64::from(self.packets), at, packet);
        let retransmission = report.is_some_and(|report| report.findings.intersects(resends()));
        let id = PacketId(self.packets);
        let sent = Kind::Sent { id, packet: packet.to_owned(), rule: None, retransmission };
        let mut events = vec![Event { at, host: from, evidence: Evidence::Observed, kind: sent }];
        let changes = report
            .iter()
            .flat_map(|report| report.changes.iter().map(move |change| (change, change.side == report.side)));
        for (change, by_sender) in changes.filter(|(change, _)| change.from != change.to) {
            let (host, local, remote) = if by_sender { (from, src, dst) } else { (to, dst, src) };
            let connection = ConnectionId { local, remote };
            let kind = Kind::State { connection, from: change.from, to: change.to, rule: change.rule };
            events.push(Event { at, host, evidence: Evidence::Inferred, kind });
        }
        events
    }

    /// Which end sent it, if it is about a socket of ours.
    fn sender(&self, src: SocketAddr, dst: SocketAddr) -> Option<HostId> {
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
        // Until the kernel has given our socket an address, whoever talks to our server may be we.
        let unknown = self.ours.is_empty();
        match (self.servers.contains(&dst), self.servers.contains(&src)) {
            (true, _) if unknown => Some(OURS),
            (_, true) if unknown => Some(THEIRS),
            _ => None,
        }
    }
}

fn resends() -> Findings {
    Findings::of(&[
        Finding::Retransmission,
        Finding::FastRetransmission,
        Finding::SpuriousRetransmission,
        Finding::SynRetransmission,
    ])
}
