//! A scenario on real kernels: each host a network namespace of its own, joined by our wire, which
//! applies the scenario's faults. The host calls are made by real sockets; frames at both ends, calls
//! and the kernel's own word on its states become one timeline.

mod call;
mod endpoint;
mod engine;
mod faults;
mod flows;
mod forge;
mod known;
mod network;
mod observer;
mod profile;
mod program;
mod programs;
mod record;
mod script;
mod stage;
mod states;
mod suit;
mod wire;

pub use engine::Received;
pub use known::{Judgment, judge};
pub use network::Refused;
pub use profile::adapted;
pub use program::Program;
pub use record::Frame;
pub use suit::{Remark, Unsuitable, suitable};

use std::collections::BTreeMap;
use std::process::ExitStatus;
use std::sync::mpsc;

use crate::live::{Error, Result, clock, namespace};
use crate::scenario::Scenario;
use crate::tcp::State;
use crate::time::{Duration, Instant};
use crate::timeline::{Call, Event, Host, HostId, Kind, Note, PacketId, Step, Timeline};
use engine::Reasons;
use record::{Recorder, Signal};
use script::Script;
use stage::Stage;

/// How to run a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Where random losses come from.
    pub seed: u64,
    /// What is to be waited for. Without it, until nothing happens any more.
    pub expected: Option<Expected>,
    /// The lab ends after this long, whatever happens.
    pub limit: Duration,
    /// The hosts that run our own TCP instead of their kernel's.
    pub engines: Vec<HostId>,
    /// A program that plays a host instead of the script. The lab ends when it does.
    pub program: Option<Program>,
}

impl Default for Options {
    fn default() -> Self {
        let limit = Duration::from_secs(30);
        Options { seed: 0, expected: None, limit, engines: Vec::new(), program: None }
    }
}

/// What the simulator made of the scenario, so that the lab knows how long to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// When its last segment passed or its last call returned: the lab goes on for so long and a
    /// little more.
    pub lasts: Duration,
    /// How many calls returned.
    pub returns: usize,
}

impl Expected {
    /// What a timeline of the simulator's lets one expect.
    pub fn of(timeline: &Timeline) -> Expected {
        let returned = |kind: &Kind| matches!(kind, Kind::Call(Call { step: Step::Returned(_), .. }));
        let counts = |kind: &Kind| {
            returned(kind) || matches!(kind, Kind::Sent { .. } | Kind::Arrived { .. } | Kind::Lost { .. })
        };
        let last = timeline.events.iter().filter(|event| counts(&event.kind)).map(|event| event.at).max();
        Expected {
            lasts: last.unwrap_or_default().since(Instant::ZERO),
            returns: timeline.events.iter().filter(|event| returned(&event.kind)).count(),
        }
    }
}

/// What came of a run.
#[derive(Clone, Debug)]
pub struct Run {
    /// Everything that was observed, its times counted from the script's beginning.
    pub timeline: Timeline,
    /// The frames at both ends of each cable, their times from the UNIX epoch.
    pub frames: Vec<Frame>,
    /// When the script began, from the UNIX epoch.
    pub origin: Instant,
    /// How long it took until the network stood.
    pub setup: Duration,
    /// How long the script ran.
    pub lasted: Duration,
    /// How much later than it should the lab itself did something: on a busy machine, times mean little.
    pub late: Duration,
    /// Whether every step of the script had returned.
    pub complete: bool,
    /// How the program of the user's ended; `None` when there was none, or it had to be killed.
    pub program_ended: Option<ExitStatus>,
    /// What our own TCP's programs received, host by host.
    pub received: Vec<(HostId, Received)>,
    /// Faults that never met a packet, as written.
    pub dead_faults: Vec<String>,
    /// Settings that this kernel refused.
    pub refused: Vec<Refused>,
}

/// How much longer than the simulator the lab goes on: segments that only the kernel sends are seen.
const MORE: Duration = Duration::from_millis(300);
/// How long nothing may happen before the lab ends, when nobody said how long it lasts.
const SILENCE: Duration = Duration::from_millis(1_500);
/// How long nothing may happen before a run whose calls have all returned is over, besides the time that a
/// packet is on the way.
const CALM: Duration = Duration::from_millis(20);
/// How long a program waits for somebody to listen before it is started all the same.
const PATIENCE: Duration = Duration::from_millis(200);
/// How long a program that is to be called may take until it listens.
const STARTING: Duration = Duration::from_secs(5);
/// How often to see whether a program has ended.
const GLANCE: Duration = Duration::from_millis(5);
/// How long after everything stands the script begins.
const BEFORE: Duration = Duration::from_millis(4);

/// The release of this machine's kernel, such as `6.1.0-18-amd64`.
pub fn kernel_release() -> String {
    nix::sys::utsname::uname()
        .map_or_else(|_| "?".to_owned(), |name| name.release().to_string_lossy().into_owned())
}

/// Moves the process to where labs can be built: a network namespace of its own. Call it once, while
/// the process has one thread; its network is another afterwards.
///
/// # Errors
/// [`Error::Denied`] where the system does not permit it.
pub fn enter() -> Result<()> {
    namespace::enter().map(drop)
}

/// A lab that stands: hosts, cables, settings. It goes away with this value.
#[derive(Debug)]
pub struct Prepared {
    stage: Stage,
    recorder: Recorder,
    signals: mpsc::Receiver<Signal>,
    /// How long it took.
    setup: Duration,
}

/// Builds the lab of a scenario. Call [`enter`] first.
///
/// # Errors
/// [`Error::Denied`] where the system does not permit it; [`Error::System`] when something of the lab
/// itself breaks.
pub fn prepare(scenario: &Scenario, options: &Options) -> Result<Prepared> {
    let begin = clock::now();
    let (recorder, signals) = Recorder::new();
    let stage = Stage::build(scenario, options, recorder.clone())?;
    Ok(Prepared { stage, recorder, signals, setup: clock::now().since(begin) })
}

/// Runs a scenario on real kernels. Call [`enter`] before the first run, and [`suitable`] to hear what
/// cannot be done as the scenario says.
///
/// # Errors
/// [`Error::Denied`] where the system does not permit it; [`Error::System`] when something of the lab
/// itself breaks.
pub fn run(scenario: &Scenario, options: &Options) -> Result<Run> {
    let Prepared { mut stage, recorder, signals, setup } = prepare(scenario, options)?;
    let mut origin = clock::now() + BEFORE;
    stage.begin(origin)?;
    let mut program = None;
    // A program that others call is there before they do.
    if let Some(wanted) = options.program.as_ref().filter(|wanted| stage::listens(scenario, wanted.host)) {
        let mut running = stage.start(wanted)?;
        await_listener(&mut running, wanted.host, &signals)?;
        program = Some(running);
        origin = clock::now() + BEFORE;
        stage.begin_anew(origin);
    }
    let mut script = Script::new(scenario.script.clone(), origin);
    let mut last_sign = origin;
    let mut program_ended = None;
    let mut somebody_listens = false;
    let links = &scenario.links;
    let all_links = links.directions.iter().map(|(.., link)| link).chain([&links.common]);
    let longest_way = all_links.map(|link| link.delay + link.jitter).max().unwrap_or_default();
    loop {
        let now = clock::now();
        if let Some(wanted) = options.program.as_ref().filter(|_| program.is_none())
            && (somebody_listens || now.since(origin) > PATIENCE)
        {
            program = Some(stage.start(wanted)?);
        }
        if let (Some(running), None) = (&mut program, program_ended) {
            program_ended = program::Running::ended(running);
            last_sign = now;
        }
        while let Some((number, entry, due)) = script.start_due(now) {
            recorder.due(due);
            stage.play(number, &entry, due)?;
        }
        let done = script.is_over()
            || options.expected.is_some_and(|expected| recorder.returns() >= expected.returns);
        let ends = match (&options.program, program_ended) {
            (None, _) => end(options, origin, last_sign, done, longest_way),
            (Some(_), None) => origin + options.limit,
            (Some(_), Some(_)) => (last_sign + MORE).min(origin + options.limit),
        };
        if now >= ends {
            break;
        }
        let wake = script.next_due().map_or(ends, |due| due.min(ends));
        let wake = if options.program.is_some() { wake.min(now + GLANCE) } else { wake };
        let wait = std::time::Duration::from_nanos(wake.since(now).as_nanos());
        let Ok(signal) = signals.recv_timeout(wait) else { continue };
        let now = clock::now();
        match &signal {
            Signal::Broken(reason) => return Err(broken(reason)),
            Signal::Returned { step } => script.returned(*step, now),
            Signal::State { state: State::Listen, .. } => {
                somebody_listens = true;
                script.happened(&signal, signal.at().unwrap_or(now));
            }
            _ => script.happened(&signal, signal.at().unwrap_or(now)),
        }
        last_sign = now;
    }

    let lasted = clock::now().since(origin);
    drop(program);
    let complete = script.is_over();
    let curtain = stage.close();
    let record::Written { mut events, frames, forged, late } = recorder.finish();
    for (host, looks) in &curtain.looks {
        events = states::with_states(events, *host, looks, &forged);
    }
    for (host, reasons) in &curtain.reasons {
        explain(&mut events, *host, reasons);
    }
    let frames = number(&mut events, frames);
    for event in &mut events {
        event.at = Instant::ZERO + event.at.since(origin);
    }
    let hosts = scenario.hosts.iter().map(|host| Host { name: host.name.clone(), addrs: host.addrs.clone() });
    Ok(Run {
        timeline: Timeline { hosts: hosts.collect(), events },
        frames,
        origin,
        setup,
        lasted,
        late,
        complete,
        program_ended,
        received: curtain.reasons.iter().map(|(host, reasons)| (*host, reasons.received)).collect(),
        dead_faults: curtain.dead_faults,
        refused: curtain.refused,
    })
}

/// The wire or an engine has given up.
fn broken(reason: &str) -> Error {
    Error::System { doing: "running the wire".into(), source: std::io::Error::other(reason.to_owned()) }
}

/// Waits until the program that plays a host listens, has ended, or has had enough time.
fn await_listener(
    program: &mut program::Running,
    host: HostId,
    signals: &mpsc::Receiver<Signal>,
) -> Result<()> {
    let until = clock::now() + STARTING;
    while clock::now() < until && program.ended().is_none() {
        match signals.recv_timeout(std::time::Duration::from_nanos(GLANCE.as_nanos())) {
            Ok(Signal::State { host: whose, state: State::Listen, .. }) if whose == host => break,
            Ok(Signal::Broken(reason)) => return Err(broken(&reason)),
            _ => {}
        }
    }
    Ok(())
}

/// When the run is over, as far as can be said now.
fn end(options: &Options, origin: Instant, last_sign: Instant, done: bool, longest_way: Duration) -> Instant {
    let limit = origin + options.limit;
    let silence = last_sign + SILENCE;
    let natural = match options.expected {
        // What the last call brought about still leaves its host, and arrives.
        Some(expected) if done => (origin + expected.lasts + MORE).max(last_sign + longest_way + CALM),
        // A call that the simulator saw return does not: it gets a little time.
        Some(expected) => (origin + expected.lasts + MORE).max(silence),
        None => silence,
    };
    natural.min(limit)
}

/// Adds our engine's reasons to the segments it sent and got: both are in the order of its cable.
fn explain(events: &mut [Event], host: HostId, reasons: &Reasons) {
    let (mut sent_so_far, mut arrived_so_far) = (reasons.sent.iter(), reasons.arrived.iter());
    for event in events.iter_mut().filter(|event| event.host == host) {
        match &mut event.kind {
            Kind::Sent { packet, rule, .. } if packet.segment().is_some() => {
                *rule = sent_so_far.next().map(|(rule, _)| *rule);
            }
            Kind::Arrived { packet, rule, .. } if packet.segment().is_some() => {
                *rule = arrived_so_far.next().copied().flatten();
            }
            _ => {}
        }
    }
}

/// Numbers the packets in the order they were sent in. The wire counted them as it got to them, which
/// is not the same when two hosts send at once.
fn number(events: &mut [Event], mut frames: Vec<Frame>) -> Vec<Frame> {
    let mut numbers: BTreeMap<PacketId, PacketId> = BTreeMap::new();
    for event in events.iter() {
        if let Kind::Sent { id, .. } = &event.kind {
            let next = PacketId(numbers.len() as u32 + 1);
            numbers.entry(*id).or_insert(next);
        }
    }
    let renumbered = |id: &mut PacketId| *id = numbers.get(id).copied().unwrap_or(*id);
    for event in events.iter_mut() {
        match &mut event.kind {
            Kind::Sent { id, .. }
            | Kind::Arrived { id, .. }
            | Kind::Lost { id, .. }
            | Kind::Note(Note::FaultTouched { id, .. }) => renumbered(id),
            _ => {}
        }
    }
    for frame in &mut frames {
        renumbered(&mut frame.id);
    }
    frames
}
