//! Three lanes become one timeline, in the order of one clock.
//!
//! Each lane delivers in its own time, so everything waits a moment for what happened before it and is
//! not known yet. Events then wait again, for the kernel to confirm the states among them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration as WallTime;

use super::lanes::Lanes;
use super::peek::SocketKind;
use super::states::{EventNumber, Lesson, States};
use super::told::Told;
use super::tracer::{CallRecord, Ending};
use super::{Item, Observe, Update};
use crate::analyze::{Analyzer, Change, Config, Finding, Findings, PacketReport, Summary};
use crate::live::socket::nobody;
use crate::tcp::{Rule, State};
use crate::time::{Duration, Instant};
use crate::timeline::{
    Call, ConnectionId, Event, Evidence, HostId, Kind, Note, Operation, Outcome, PacketId, Step, Timeline,
};
use crate::wire::{LinkType, Packet, Transport, decode_frame};

/// How long everything waits for what happened before it, when every lane has told what it knows: a segment
/// may still be on its way through the kernel, from its stamp to us.
const PATIENCE: Duration = Duration::from_millis(40);
/// How long an event waits for a confirmation.
const CONFIRMATION: Duration = Duration::from_millis(10);
/// How much later than its time a look at the kernel's list is compared, so that the segments before it
/// have had their turn.
const LOOK_LATER: Duration = Duration::from_millis(3);
/// How often to see whether something has waited long enough.
const TICK: WallTime = WallTime::from_millis(5);

/// The arguments of a finding's message.
type Numbers = Vec<(Cow<'static, str>, i64)>;

/// An event, whether it was passed on, and the socket of a call.
struct Kept {
    event: Event,
    inode: u64,
}

/// Everything, when all lanes have ended.
pub(super) struct Merged {
    pub(super) timeline: Timeline,
    pub(super) summary: Summary,
}

/// Where everything comes together.
pub(super) struct Merger {
    lanes: Lanes,
    states: States,
    waiting: BTreeMap<(Instant, u64), Item>,
    arrivals: u64,
    events: Vec<Kept>,
    /// Events that were not passed on yet.
    fresh: BTreeSet<(Instant, EventNumber)>,
    packets: u32,
    analyzer: Analyzer,
}

impl Merger {
    /// One lane for each name.
    pub(super) fn new(names: Vec<String>) -> Self {
        Merger {
            lanes: Lanes::new(names),
            states: States::default(),
            waiting: BTreeMap::new(),
            arrivals: 0,
            events: Vec::new(),
            fresh: BTreeSet::new(),
            packets: 0,
            analyzer: Analyzer::new(Config::default()),
        }
    }

    /// Merges until every lane has ended. `observe` gives false when nobody wants to hear more: then
    /// `unwatched` is set.
    pub(super) fn run(
        mut self,
        inbox: &Receiver<Item>,
        told: &Told,
        mut observe: impl Observe,
        unwatched: &AtomicBool,
    ) -> Merged {
        loop {
            let told_until = told.by_all();
            let all_in = match inbox.recv_timeout(TICK) {
                Ok(item) => {
                    self.take(item);
                    while let Ok(item) = inbox.try_recv() {
                        self.take(item);
                    }
                    false
                }
                Err(RecvTimeoutError::Timeout) => false,
                Err(RecvTimeoutError::Disconnected) => true,
            };
            let (turn, release) = if all_in {
                (Instant::from_nanos(u64::MAX), Instant::from_nanos(u64::MAX))
            } else {
                let turn = told_until.as_nanos().saturating_sub(PATIENCE.as_nanos());
                (Instant::from_nanos(turn), Instant::from_nanos(turn.saturating_sub(CONFIRMATION.as_nanos())))
            };
            let mut watched = self.give_turns(turn, &mut observe);
            watched &= self.release(release, &mut observe);
            if !watched {
                unwatched.store(true, Ordering::Relaxed);
            }
            if all_in {
                return self.finish();
            }
        }
    }

    fn take(&mut self, item: Item) {
        match &item {
            Item::Call(record) => self.lanes.hear(record),
            Item::Sockets(snapshot) => self.lanes.list(&snapshot.entries),
            _ => {}
        }
        let at = match &item {
            Item::Sockets(snapshot) => snapshot.end + LOOK_LATER,
            other => other.at(),
        };
        self.arrivals += 1;
        self.waiting.insert((at, self.arrivals), item);
    }

    /// Everything up to `until` has its turn.
    fn give_turns(&mut self, until: Instant, observe: &mut impl Observe) -> bool {
        let mut watched = true;
        while self.waiting.first_key_value().is_some_and(|((at, _), _)| *at <= until) {
            let Some((_, item)) = self.waiting.pop_first() else { break };
            watched &= self.give_turn(item, observe);
        }
        watched
    }

    fn give_turn(&mut self, item: Item, observe: &mut impl Observe) -> bool {
        match item {
            Item::Started { program, process, .. } => {
                return observe.update(Update::Started(program, process));
            }
            Item::NotListening { program, .. } => return observe.update(Update::NotListening(program)),
            Item::Stopping { program, .. } => return observe.update(Update::Stopping(program)),
            Item::Ended { at, program, ending } => {
                self.ended(at, program, ending);
                return observe.update(Update::Ended(program, ending));
            }
            Item::Unseen { at, program, note } => {
                self.add(at, host(program), Evidence::Observed, Kind::Note(Note::Message(note)));
            }
            Item::Call(record) => self.call(record),
            Item::Frame { at, bytes } => self.frame(at, &bytes),
            Item::Sockets(snapshot) => {
                for lesson in self.states.look(&snapshot) {
                    self.learn(lesson);
                }
            }
        }
        true
    }

    fn add(&mut self, at: Instant, host: HostId, evidence: Evidence, kind: Kind) -> EventNumber {
        let number = self.events.len();
        self.events.push(Kept { event: Event { at, host, evidence, kind }, inode: 0 });
        self.fresh.insert((at, number));
        number
    }

    fn ended(&mut self, at: Instant, program: usize, ending: Ending) {
        let note = match ending {
            Ending::Exited(code) => Note::Exited { code },
            Ending::Killed(signal) => Note::Killed { signal: super::signals::name(signal) },
            Ending::NotStarted(_) => return,
        };
        self.add(at, host(program), Evidence::Observed, Kind::Note(note));
    }

    fn call(&mut self, record: CallRecord) {
        self.lanes.follow(&record);
        let host = self.lanes.host_of_call(&record);
        let CallRecord { at, inode, local, call, kind, .. } = record;
        let listens = matches!(
            (&call, local),
            (Call { operation: Operation::Listen { .. }, step: Step::Returned(Outcome::Done), .. }, Some(_))
        );
        let number = self.add(at, host, Evidence::Observed, Kind::Call(call));
        if let Some(kept) = self.events.get_mut(number) {
            kept.inode = inode;
        }
        if let Some(local) = local.filter(|_| listens && kind == SocketKind::Stream) {
            let connection = ConnectionId { local, remote: nobody(local) };
            if self.states.current(&connection) != State::Listen {
                self.change(
                    at,
                    host,
                    connection,
                    State::Closed,
                    State::Listen,
                    Some(Rule::OpenPassive),
                    Evidence::Observed,
                );
            }
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn change(
        &mut self,
        at: Instant,
        host: HostId,
        connection: ConnectionId,
        from: State,
        to: State,
        rule: Option<Rule>,
        evidence: Evidence,
    ) {
        let number = self.add(at, host, evidence, Kind::State { connection, from, to, rule });
        self.states.told(at, &connection, to, number);
    }

    fn frame(&mut self, at: Instant, bytes: &[u8]) {
        let Ok(packet) = decode_frame(LinkType::Ethernet, bytes) else { return };
        let kind = match packet.transport {
            Transport::Tcp(_) => SocketKind::Stream,
            Transport::Udp(_) => SocketKind::Datagram,
            Transport::Other { .. } => return,
        };
        let (from, to) = self.lanes.ends(kind, packet.src(), packet.dst());
        self.packets = self.packets.saturating_add(1);
        let id = PacketId(self.packets);
        let report = self.analyzer.push(u64::from(self.packets), at, &packet);
        let kept: Packet = packet.to_owned();
        let (near, far) = (packet.src(), packet.dst());
        let sender = ConnectionId { local: near, remote: far };
        let receiver = ConnectionId { local: far, remote: near };
        // What the sender must have gone through to send this comes before it, what it does after it.
        self.infer(at, from, sender, report.as_ref(), |report, change| change.side == report.side);
        let retransmission = report.is_some_and(|report| report.findings.intersects(Findings::SENT_AGAIN));
        let sent = Kind::Sent { id, packet: kept.clone(), rule: None, retransmission };
        self.add(at, from, Evidence::Observed, sent);
        self.add(at, to, Evidence::Observed, Kind::Arrived { id, packet: kept, rule: None });
        self.infer(at, to, receiver, report.as_ref(), |report, change| change.side != report.side);
        for (finding, numbers) in report.iter().flat_map(worth_telling) {
            let note = Note::Finding { id, key: finding.key().into(), numbers };
            self.add(at, from, Evidence::Inferred, Kind::Note(note));
        }
    }

    /// The changes of one end's state that a packet shows.
    fn infer(
        &mut self,
        at: Instant,
        host: HostId,
        connection: ConnectionId,
        report: Option<&PacketReport>,
        wanted: impl Fn(&PacketReport, &Change) -> bool,
    ) {
        let Some(report) = report else { return };
        for change in
            report.changes.iter().filter(|change| change.from != change.to && wanted(report, change))
        {
            // The kernel may have told already.
            if self.states.current(&connection) != change.to {
                self.change(at, host, connection, change.from, change.to, change.rule, Evidence::Inferred);
            }
        }
    }

    fn learn(&mut self, lesson: Lesson) {
        match lesson {
            Lesson::Confirmed(number) => {
                if let Some(kept) = self.events.get_mut(number) {
                    kept.event.evidence = Evidence::Observed;
                }
            }
            Lesson::Earlier(number, at) => {
                if let Some(kept) = self.events.get_mut(number) {
                    if self.fresh.remove(&(kept.event.at, number)) {
                        self.fresh.insert((at, number));
                    }
                    kept.event.evidence = Evidence::Observed;
                    kept.event.at = at;
                }
            }
            Lesson::New(at, kind) => {
                let local = match &kind {
                    Kind::State { connection, .. } => connection.local,
                    Kind::Queue { listener, .. } => *listener,
                    _ => return,
                };
                let host = self.lanes.host_at(SocketKind::Stream, local);
                self.add(at, host, Evidence::Observed, kind);
            }
        }
    }

    /// Passes on what has waited long enough.
    fn release(&mut self, until: Instant, observe: &mut impl Observe) -> bool {
        let mut watched = true;
        while let Some((at, number)) = self.fresh.first().copied() {
            if at > until {
                break;
            }
            self.fresh.remove(&(at, number));
            if let Some(kept) = self.events.get(number) {
                watched &= observe.update(Update::Event(&kept.event, self.lanes.hosts()));
            }
        }
        watched
    }

    fn finish(mut self) -> Merged {
        for lesson in self.states.last_queues() {
            self.learn(lesson);
        }
        for kept in &mut self.events {
            if let Some(moved) = self.lanes.moved(kept.inode) {
                kept.event.host = moved;
            }
        }
        let mut events: Vec<Event> = self.events.into_iter().map(|kept| kept.event).collect();
        events.sort_by_key(|event| event.at); // stable: what has one time keeps its order
        Merged {
            timeline: Timeline { hosts: self.lanes.into_hosts(), events },
            summary: self.analyzer.finish(),
        }
    }
}

/// The findings about a packet that nothing else in the timeline says, with their numbers.
fn worth_telling(report: &PacketReport) -> Vec<(Finding, Numbers)> {
    let has = |finding| report.findings.iter().any(|other| other == finding);
    let said = |finding| match finding {
        // Its end's state shows it; and checksums are never computed on a loopback.
        Finding::TimeWait | Finding::OffloadedChecksum => true,
        Finding::Retransmission => has(Finding::SynRetransmission),
        _ => false,
    };
    let told = report.findings.iter().filter(|finding| !said(*finding));
    told.map(|finding| {
        let numbers = report.numbers(finding).into_iter().map(|(name, number)| (name.into(), number));
        (finding, numbers.collect())
    })
    .collect()
}

/// The lane of a program.
fn host(program: usize) -> HostId {
    HostId(u16::try_from(program).unwrap_or(u16::MAX))
}
