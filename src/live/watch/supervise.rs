//! When each program starts, and when it is all over.

use std::io;
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::launch::Launch;
use super::signals::{Signals, Woken};
use super::tracer::{Ending, Progress, Tracer};
use super::{Item, Output, Program};
use crate::live::error::Context;
use crate::live::permission::{Denied, Restriction};
use crate::live::{Error, Result, clock};

/// Why the watching ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Every program had ended, or only servers without clients were left.
    AllEnded,
    /// The time was up.
    TimeUp,
    /// A program could not be started.
    NotStarted,
    /// The user interrupted.
    Interrupted,
    /// Nobody reads what we write any more.
    Unwatched,
}

/// A client may still turn out to be a server with a connection of its own.
const CLIENT_SETTLES: crate::time::Duration = crate::time::Duration::from_millis(300);
/// A program that neither listens nor connects does not hold the others up for longer.
const LISTEN_PATIENCE: crate::time::Duration = crate::time::Duration::from_secs(5);
/// How long the last server stays when all others are gone.
const SERVER_LINGERS: Duration = Duration::from_secs(1);
/// How long a program may take to end after it was asked to.
const POLITENESS: Duration = Duration::from_millis(700);
/// After Ctrl-C the terminal has told the programs too: they have so long before we do.
const INTERRUPT_SETTLES: Duration = Duration::from_millis(400);
/// The last segments and states are looked at after all have ended.
const AFTERMATH: Duration = Duration::from_millis(40);
/// Between two looks at the clock.
const TICK: Duration = Duration::from_millis(20);

/// Starts and ends the programs.
pub(super) struct Supervisor<'a> {
    programs: &'a [Program],
    tracer: Tracer<'a>,
    signals: Signals,
    unwatched: &'a AtomicBool,
    items: Sender<Item>,
    started: usize,
    stopped: Vec<bool>,
}

impl<'a> Supervisor<'a> {
    pub(super) fn new(
        programs: &'a [Program],
        tracer: Tracer<'a>,
        signals: Signals,
        unwatched: &'a AtomicBool,
        items: Sender<Item>,
    ) -> Self {
        let stopped = vec![false; programs.len()];
        Supervisor { programs, tracer, signals, unwatched, items, started: 0, stopped }
    }

    /// How each program ended, and whether that was our doing.
    pub(super) fn endings(&self) -> (Vec<Option<Ending>>, Vec<bool>) {
        (self.tracer.programs.iter().map(|program| program.ending).collect(), self.stopped.clone())
    }

    /// Runs everything; whatever happens, no program is left when it returns.
    pub(super) fn run(&mut self, duration: Option<Duration>, wait: bool, output: Output) -> Result<Cause> {
        let result = self.main_loop(duration, wait, output);
        let ended = self.end_all(matches!(result, Ok(Cause::Interrupted)));
        std::thread::sleep(AFTERMATH);
        ended.and(result)
    }

    fn main_loop(&mut self, duration: Option<Duration>, wait: bool, output: Output) -> Result<Cause> {
        let deadline = duration.and_then(|duration| Instant::now().checked_add(duration));
        let mut quiet_since = None;
        loop {
            let active = self.tracer.handle_all().doing("following the programs")?;
            while !self.one_failed_to_start() && self.next_may_start() {
                self.start_next(output)?;
            }
            if self.one_failed_to_start() {
                return Ok(Cause::NotStarted);
            }
            if self.tracer.is_idle() && self.started == self.programs.len() {
                return Ok(Cause::AllEnded);
            }
            if active || !self.only_servers_left() {
                quiet_since = None;
            } else if !wait && quiet_since.get_or_insert_with(Instant::now).elapsed() >= SERVER_LINGERS {
                return Ok(Cause::AllEnded);
            }
            if self.unwatched.load(Ordering::Relaxed) {
                return Ok(Cause::Unwatched);
            }
            let left = deadline.map_or(TICK, |deadline| deadline.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                return Ok(Cause::TimeUp);
            }
            if self.signals.wait(left.min(TICK)) == Woken::Interrupt {
                return Ok(Cause::Interrupted);
            }
        }
    }

    fn one_failed_to_start(&self) -> bool {
        self.tracer.programs.iter().any(|program| matches!(program.ending, Some(Ending::NotStarted(_))))
    }

    /// The next one starts when the one before listens; or is a client; or is over; or takes too long.
    fn next_may_start(&mut self) -> bool {
        if self.started == self.programs.len() {
            return false;
        }
        let Some(before) = self.started.checked_sub(1) else { return true };
        let now = clock::now();
        match self.tracer.programs.get(before).map(|program| program.progress) {
            Some(Progress::Listening | Progress::Over) | None => true,
            Some(Progress::Connected(at)) => now.since(at) >= CLIENT_SETTLES,
            Some(Progress::Started(at)) => {
                let late = now.since(at) >= LISTEN_PATIENCE;
                if late {
                    let _ = self.items.send(Item::NotListening { at: now, program: before });
                }
                late
            }
            Some(Progress::Waiting) => false,
        }
    }

    fn start_next(&mut self, output: Output) -> Result<()> {
        let Some(program) = self.programs.get(self.started) else { return Ok(()) };
        let number = self.started;
        self.started += 1;
        let output = match output {
            Output::Shared => None,
            Output::ToError => Some(io::stderr().as_fd().try_clone_to_owned().doing("duplicating stderr")?),
        };
        let launched =
            Launch::new(&program.arguments, output).and_then(|launch| self.tracer.start(number, &launch));
        match launched {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
                if let Some(watched) = self.tracer.programs.get_mut(number) {
                    watched.progress = Progress::Over;
                    watched.ending = Some(Ending::NotStarted(libc::EINVAL));
                }
                Ok(()) // an empty name, or a NUL octet in an argument
            }
            Err(error) => match error.raw_os_error().map(nix::errno::Errno::from_raw) {
                Some(errno @ (nix::errno::Errno::EPERM | nix::errno::Errno::EACCES)) => {
                    Err(Error::Denied(Denied { restriction: Restriction::Tracing, errno }))
                }
                _ => Err(error).doing("starting a program"),
            },
        }
    }

    /// Whether nobody is left who could talk to the programs that still run: there were several, all have been
    /// started, and those still there only listen.
    fn only_servers_left(&self) -> bool {
        let all_started = self.started == self.programs.len() && self.programs.len() > 1;
        let over = self.tracer.programs.iter().filter(|program| program.progress == Progress::Over).count();
        let serve = |progress: Progress| matches!(progress, Progress::Over | Progress::Listening);
        all_started && over > 0 && self.tracer.programs.iter().all(|program| serve(program.progress))
    }

    /// Asks, then tells, every task that is left to end.
    fn end_all(&mut self, interrupted: bool) -> Result<()> {
        let steps: &[(Option<Signal>, Duration)] = if interrupted {
            &[
                (None, INTERRUPT_SETTLES),
                (Some(Signal::SIGTERM), POLITENESS),
                (Some(Signal::SIGKILL), POLITENESS),
            ]
        } else {
            &[(Some(Signal::SIGTERM), POLITENESS), (Some(Signal::SIGKILL), POLITENESS)]
        };
        for (signal, patience) in steps {
            if self.tracer.is_idle() {
                break;
            }
            if let Some(signal) = signal {
                self.tell_all(*signal);
            }
            let until = Instant::now() + *patience;
            while !self.tracer.is_idle() && Instant::now() < until {
                self.signals.wait(TICK);
                self.tracer.handle_all().doing("ending the programs")?;
            }
        }
        Ok(())
    }

    fn tell_all(&mut self, signal: Signal) {
        for number in 0..self.programs.len() {
            let processes = self.tracer.processes(|program| program == number);
            let (Some(watched), Some(stopped)) =
                (self.tracer.programs.get(number), self.stopped.get_mut(number))
            else {
                continue;
            };
            if !processes.is_empty() && watched.ending.is_none() && !*stopped {
                *stopped = true;
                let _ = self.items.send(Item::Stopping { at: clock::now(), program: number });
            }
            for process in processes {
                let _ = kill(Pid::from_raw(process), signal);
                // A job that was stopped takes no other signal before it goes on.
                let _ = kill(Pid::from_raw(process), Signal::SIGCONT);
            }
        }
    }
}
