//! Any programs on a private loopback: their system calls, the segments these caused, and the states
//! that the kernel reports, merged on one clock into one timeline. No root is needed.
//!
//! Three lanes feed one merger: `tracer` (the thread that started the programs, since `ptrace` demands
//! it), `segments` (pnet on the loopback), and `kernel` (`sock_diag`, asked whenever something happened).

mod calls;
mod decode;
mod kernel;
mod lanes;
mod launch;
mod merge;
mod option;
mod peek;
mod ptrace;
mod segments;
mod signals;
mod sockets;
mod states;
mod supervise;
mod told;
mod tracer;

use std::ffi::OsString;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

pub use self::signals::name as signal_name;
pub use self::supervise::Cause;
pub use self::tracer::Ending;

use self::merge::{Merged, Merger};
use self::supervise::Supervisor;
use self::told::{Lane, Told};
use self::tracer::{CallRecord, Tracer};
use super::error::Context;
use super::{Result, namespace};
use crate::analyze::Summary;
use crate::time::Instant;
use crate::timeline::{Event, Host, Timeline};

/// A program to watch.
#[derive(Clone, Debug)]
pub struct Program {
    /// The name of its lane. Control characters are shown escaped.
    pub name: String,
    /// The program, looked up in `PATH` as a shell does, and its arguments.
    pub arguments: Vec<OsString>,
}

/// Where the programs' standard output goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Output {
    /// To our standard output.
    #[default]
    Shared,
    /// To our standard error, so that ours holds data alone.
    ToError,
}

/// How to watch.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// End the programs after this long.
    pub duration: Option<Duration>,
    /// Wait until every program has ended by itself, also a server whose clients are gone.
    pub wait: bool,
    /// Where the programs' standard output goes.
    pub output: Output,
}

/// What was seen.
#[derive(Debug)]
pub struct Report {
    /// Everything, in the order of time.
    pub timeline: Timeline,
    /// The connections, one by one and in all.
    pub summary: Summary,
    /// How each program ended, in the order they were given; `None` for one that was never started.
    pub endings: Vec<Option<Ending>>,
    /// Programs that we ended, as they would not by themselves.
    pub stopped: Vec<bool>,
    /// Why the watching ended.
    pub cause: Cause,
    /// Segments that are missing from the timeline because the kernel's buffer was full.
    pub dropped: u64,
}

/// Something to follow while it happens.
#[derive(Debug)]
pub enum Update<'a> {
    /// The next event, and the hosts so far. Events come in the order of time, a moment late; one that
    /// was found out too late for its place comes out of order.
    Event(&'a Event, &'a [Host]),
    /// A program was started as this process.
    Started(usize, i32),
    /// A program's first process has ended.
    Ended(usize, Ending),
    /// The first program has not begun to listen, and the next is started nevertheless.
    NotListening(usize),
    /// A program could not be started at all, or its clients are gone and it is being ended.
    Stopping(usize),
}

/// Who follows.
pub trait Observe {
    /// Takes the next update; false when nobody wants to see more, which ends the programs.
    fn update(&mut self, update: Update<'_>) -> bool;
}

/// What the lanes send to the merger.
#[derive(Debug)]
enum Item {
    Started {
        at: Instant,
        program: usize,
        process: i32,
    },
    Ended {
        at: Instant,
        program: usize,
        ending: Ending,
    },
    NotListening {
        at: Instant,
        program: usize,
    },
    Stopping {
        at: Instant,
        program: usize,
    },
    /// The program began to do something whose calls cannot be followed; the note says what.
    Unseen {
        at: Instant,
        program: usize,
        note: &'static str,
    },
    Call(CallRecord),
    Frame {
        at: Instant,
        bytes: Vec<u8>,
    },
    Sockets(kernel::Snapshot),
}

impl Item {
    fn at(&self) -> Instant {
        match self {
            Item::Started { at, .. }
            | Item::Ended { at, .. }
            | Item::NotListening { at, .. }
            | Item::Stopping { at, .. }
            | Item::Unseen { at, .. }
            | Item::Frame { at, .. } => *at,
            Item::Call(record) => record.at,
            Item::Sockets(snapshot) => snapshot.end,
        }
    }
}

/// Runs the programs and follows them. `observe` makes the follower, on the thread where it will live.
///
/// The programs start one after the other, each as soon as the one before listens, and run until all have
/// ended, the time is up, or an interrupt (Ctrl-C) comes. Call it while the process has a single thread: it moves
/// the process into a private network for good.
///
/// # Errors
/// [`super::Error::Denied`] where namespaces or tracing are not permitted; [`super::Error::System`] when
/// the loopback or the capture cannot be set up.
pub fn run<O: Observe>(
    programs: &[Program],
    options: &Options,
    observe: impl FnOnce() -> O + Send,
) -> Result<Report> {
    namespace::enter()?;
    namespace::shrink_socket_table()?;
    let signals = signals::Signals::block()?;
    let port = segments::open()?;
    let diag = super::netlink::sock_diag::SockDiag::open()?;

    let told = Told::new();
    // The segments are being captured already.
    told.begin(Lane::Segments);
    let over = AtomicBool::new(false);
    let unwatched = AtomicBool::new(false);
    let (items, inbox) = mpsc::channel();
    let merger = Merger::new(programs.iter().map(|program| program.name.clone()).collect());
    thread::scope(|scope| {
        let merged = {
            let (unwatched, told) = (&unwatched, &told);
            spawn(scope, "merge", move || merger.run(&inbox, told, observe(), unwatched))?
        };
        // Whatever goes wrong from here on, the lanes must end, or the scope would wait for them.
        let ending = Raise(&over);
        let asker = {
            let (items, over, told) = (items.clone(), &over, &told);
            spawn(scope, "kernel", move || kernel::poll(diag, &items, told, over))?
        };
        let nudge = asker.thread().clone();
        let capturer = {
            let (items, over, told, nudge) = (items.clone(), &over, &told, nudge.clone());
            spawn(scope, "segments", move || segments::capture(port, &items, told, over, &nudge))?
        };
        let tracer = Tracer::new(programs.len(), items.clone(), &told, nudge);
        let mut supervisor = Supervisor::new(programs, tracer, signals, &unwatched, items);
        let cause = supervisor.run(options.duration, options.wait, options.output);
        drop(ending);
        asker.thread().unpark();
        let (endings, stopped) = supervisor.endings();
        drop(supervisor); // its end of the channel: the merger ends when all are closed
        let dropped = capturer.join().map_err(|_| gone("segments"))?;
        asker.join().map_err(|_| gone("kernel"))?;
        let Merged { timeline, summary } = merged.join().map_err(|_| gone("merge"))?;
        Ok(Report { timeline, summary, endings, stopped, cause: cause?, dropped })
    })
}

/// Sets the flag when dropped, in whichever way that comes about.
struct Raise<'a>(&'a AtomicBool);

impl Drop for Raise<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn spawn<'scope, T: Send + 'scope>(
    scope: &'scope thread::Scope<'scope, '_>,
    name: &str,
    body: impl FnOnce() -> T + Send + 'scope,
) -> Result<thread::ScopedJoinHandle<'scope, T>> {
    thread::Builder::new().name(name.to_owned()).spawn_scoped(scope, body).doing("starting a thread")
}

fn gone(thread: &'static str) -> super::Error {
    super::Error::ThreadGone(thread.into())
}
