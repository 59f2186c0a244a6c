//! Any programs on a private loopback: their system calls, the segments these caused, and the states
//! that the kernel reports, merged on one clock into one timeline. No root is needed.
//!
//! Three lanes feed one merger: `tracer` (the thread that started the programs, since `ptrace` demands
//! it), `segments` (pnet on the loopback), and `kernel` (sock_diag, asked whenever something happened).

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
mod tracer;

use std::ffi::OsString;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

pub use self::supervise::Cause;
pub use self::tracer::Ending;

use self::merge::{Merged, Merger};
use self::supervise::Supervisor;
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
#[derive(Default)]
pub struct Options {
    /// End the programs after this long.
    pub duration: Option<Duration>,
    /// Wait until every program has ended by itself, also a server whose clients are gone.
    pub wait: bool,
    /// Where the programs' standard output goes.
    pub output: Output,
    /// Where to write the segments as pcapng.
    pub save: Option<Box<dyn Write + Send>>,
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
    /// What kept the capture file from being written whole.
    pub save_error: Option<io::Error>,
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

/// What the lanes send to the merger.
#[derive(Debug)]
enum Item {
    Started { at: Instant, program: usize, process: i32 },
    Ended { at: Instant, program: usize, ending: Ending },
    NotListening { at: Instant, program: usize },
    Stopping { at: Instant, program: usize },
    Ring { at: Instant, program: usize },
    Call(CallRecord),
    Frame { at: Instant, bytes: Vec<u8> },
    Sockets(kernel::Snapshot),
}

impl Item {
    fn at(&self) -> Instant {
        match self {
            Item::Started { at, .. }
            | Item::Ended { at, .. }
            | Item::NotListening { at, .. }
            | Item::Stopping { at, .. }
            | Item::Ring { at, .. }
            | Item::Frame { at, .. } => *at,
            Item::Call(record) => record.at,
            Item::Sockets(snapshot) => snapshot.end,
        }
    }
}

/// Runs the programs one after the other, each as soon as the one before listens, until all have ended,
/// the time is up, or an interrupt (Ctrl-C) comes. Call it while the process has a single thread: it moves
/// the process into a private network for good.
///
/// # Errors
/// [`super::Error::Denied`] where namespaces or tracing are not permitted; [`super::Error::System`] when
/// the loopback or the capture cannot be set up.
pub fn run(
    programs: &[Program],
    options: Options,
    observe: impl FnMut(Update<'_>) -> bool + Send,
) -> Result<Report> {
    namespace::enter()?;
    namespace::shrink_socket_table()?;
    let signals = signals::Signals::block()?;
    let port = segments::open()?;
    let diag = super::netlink::sock_diag::SockDiag::open()?;

    let over = Arc::new(AtomicBool::new(false));
    let unwatched = Arc::new(AtomicBool::new(false));
    let (items, inbox) = mpsc::channel();
    let names = programs.iter().map(|program| program.name.clone()).collect();
    let merger = Merger::new(names, options.save);
    thread::scope(|scope| {
        let merged = {
            let unwatched = Arc::clone(&unwatched);
            thread::Builder::new()
                .name("merge".into())
                .spawn_scoped(scope, move || merger.run(&inbox, observe, &unwatched))
        }
        .doing("starting a thread")?;
        let asker = {
            let (items, over) = (items.clone(), Arc::clone(&over));
            thread::Builder::new()
                .name("kernel".into())
                .spawn_scoped(scope, move || kernel::poll(diag, &items, &over))
        }
        .doing("starting a thread")?;
        let nudge = asker.thread().clone();
        let capturer = {
            let (items, over, nudge) = (items.clone(), Arc::clone(&over), nudge.clone());
            thread::Builder::new()
                .name("segments".into())
                .spawn_scoped(scope, move || segments::capture(port, &items, &over, &nudge))
        }
        .doing("starting a thread")?;

        let tracer = Tracer::new(programs.len(), items.clone(), nudge);
        let mut supervisor = Supervisor::new(programs, tracer, signals, &unwatched, items);
        let cause = supervisor.run(options.duration, options.wait, options.output);
        over.store(true, Ordering::Relaxed);
        asker.thread().unpark();
        let (endings, stopped) = supervisor.endings();
        drop(supervisor); // its end of the channel: the merger ends when all are closed
        let dropped = capturer.join().map_err(|_| gone("segments"))?;
        asker.join().map_err(|_| gone("kernel"))?;
        let Merged { timeline, summary, save_error } = merged.join().map_err(|_| gone("merge"))?;
        Ok(Report { timeline, summary, endings, stopped, cause: cause?, dropped, save_error })
    })
}

fn gone(thread: &'static str) -> super::Error {
    super::Error::ThreadGone(thread.into())
}
