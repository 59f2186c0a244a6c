//! The programs of a host: real sockets in its network namespace, called as the script says.
//!
//! One thread plays all programs of a host. No socket of it ever waits; a call that would wait is
//! taken up again when the kernel says that there is something to do, so that one may be closed while
//! another waits, and nothing is left behind when the lab ends.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::eventfd::{EfdFlags, EventFd};

use super::call::{Progress, Running};
use super::record::{Recorder, Signal};
use crate::live::error::Context;
use crate::live::{Result, namespace};
use crate::scenario::{Action, SocketName, SocketOption};
use crate::time::Instant;
use crate::timeline::{Call, HostId, Kind, Operation, Outcome, SocketId, Step};

/// The first descriptor of a program: 0, 1 and 2 are taken, as everywhere.
pub(super) const FIRST_DESCRIPTOR: u32 = 3;

/// A step for a host's programs.
#[derive(Clone, Debug)]
pub(super) struct Job {
    /// The step's number, for its signal.
    pub step: usize,
    /// The socket it is about.
    pub socket: SocketName,
    /// Whether it is called at once, even while an earlier call on the socket has not returned.
    pub now: bool,
    /// What is called.
    pub action: Action,
    /// When it was due.
    pub due: Instant,
}

impl Job {
    /// Whether the later call must wait for this one to return.
    pub(super) fn holds_up(&self, later: &Job) -> bool {
        !later.now && later.action != Action::Kill && self.socket == later.socket
    }
}

/// How a host's sockets are made.
#[derive(Clone, Debug)]
pub(super) struct Habits {
    /// The host's addresses.
    pub addrs: Vec<IpAddr>,
    /// The initial sequence number of its first connection, where it can be chosen.
    pub isn: Option<u32>,
    /// Whether some step makes the host's unnamed connection; else a call on it is about the listener.
    pub makes_connection: bool,
    /// Options that every socket gets before it is used.
    pub options: Vec<SocketOption>,
}

/// A socket of a program.
#[derive(Debug)]
pub(super) struct Socket {
    pub(super) fd: OwnedFd,
    pub(super) id: SocketId,
    /// Who sent the last datagram.
    pub(super) last_sender: Option<SocketAddr>,
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// An open socket.
    Open(SocketId),
    /// A socket that was closed.
    Closed,
    /// Nothing so far: a call waits until there is something.
    NotYet,
}

/// The sockets of one host and what it writes down.
#[derive(Debug)]
pub(super) struct World {
    pub(super) host: HostId,
    pub(super) habits: Habits,
    pub(super) sockets: BTreeMap<SocketName, Socket>,
    /// Accepted sockets whose name was taken over by a later one: still open, as in a program that
    /// forgets to close.
    pub(super) forgotten: Vec<Socket>,
    /// Names whose socket was closed.
    pub(super) closed: BTreeSet<SocketName>,
    /// Options that wait for their socket to be made.
    pub(super) options: BTreeMap<SocketName, Vec<SocketOption>>,
    /// How many connections the host has opened.
    pub(super) opened: u32,
    pub(super) next: u32,
    /// Rung by whoever has something for the programs' thread.
    pub(super) wake: Arc<EventFd>,
    pub(super) recorder: Recorder,
}

impl World {
    /// The name that a call is about: on the unnamed connection of a host that never makes one it is
    /// the listener's.
    pub(super) fn meant(&self, name: SocketName) -> SocketName {
        let listener = SocketName::LISTENER;
        let no_connection = name == SocketName::CONNECTION && !self.habits.makes_connection;
        if no_connection && self.sockets.contains_key(&listener) { listener } else { name }
    }

    /// What a name stands for.
    pub(super) fn find(&self, name: SocketName) -> Found {
        match self.sockets.get(&name) {
            Some(socket) => Found::Open(socket.id),
            None if self.closed.contains(&name) => Found::Closed,
            None => Found::NotYet,
        }
    }

    /// The descriptor of an open socket.
    pub(super) fn descriptor(&self, id: SocketId) -> Option<BorrowedFd<'_>> {
        let open = self.sockets.values().chain(&self.forgotten).find(|socket| socket.id == id);
        open.map(|socket| socket.fd.as_fd())
    }

    /// Writes down a call that is entered.
    pub(super) fn entered(&self, socket: SocketId, operation: &Operation) {
        let call = Call { socket, operation: operation.clone(), step: Step::Entered };
        self.recorder.now(self.host, Kind::Call(call));
    }

    /// Writes down a call that returns.
    pub(super) fn returned(&self, socket: SocketId, operation: &Operation, outcome: Outcome) {
        let call = Call { socket, operation: operation.clone(), step: Step::Returned(outcome) };
        self.recorder.now(self.host, Kind::Call(call));
    }

    /// Gives a descriptor the next number and a name.
    pub(super) fn keep(&mut self, name: SocketName, fd: OwnedFd) -> SocketId {
        let id = SocketId(self.next);
        self.next += 1;
        let socket = Socket { fd, id, last_sender: None };
        self.forgotten.extend(self.sockets.insert(name, socket));
        id
    }
}

/// The thread of a host's programs, from outside.
#[derive(Debug)]
pub(super) struct Programs {
    jobs: Option<mpsc::Sender<Job>>,
    wake: Arc<EventFd>,
    thread: Option<JoinHandle<()>>,
}

impl Programs {
    /// Starts the programs' thread in the host's namespace.
    ///
    /// # Errors
    /// The thread could not be started.
    pub(super) fn start(
        host: &namespace::Host,
        id: HostId,
        habits: Habits,
        recorder: Recorder,
    ) -> Result<Programs> {
        let wake = Arc::new(EventFd::from_flags(EfdFlags::EFD_NONBLOCK).doing("making an event descriptor")?);
        let (jobs, queue) = mpsc::channel();
        let world = World {
            host: id,
            habits,
            sockets: BTreeMap::new(),
            forgotten: Vec::new(),
            closed: BTreeSet::new(),
            options: BTreeMap::new(),
            opened: 0,
            next: FIRST_DESCRIPTOR,
            wake: Arc::clone(&wake),
            recorder,
        };
        let bell = Arc::clone(&wake);
        let thread = host.spawn(&format!("{} programs", host.name()), move || play(world, &queue, &bell))?;
        Ok(Programs { jobs: Some(jobs), wake, thread: Some(thread) })
    }

    /// Gives the programs a step to do.
    pub(super) fn give(&self, job: Job) {
        if let Some(jobs) = &self.jobs {
            let _ = jobs.send(job);
            let _ = self.wake.write(1);
        }
    }

    /// Ends the programs; whatever they had open is closed.
    pub(super) fn stop(&mut self) {
        self.jobs = None;
        let _ = self.wake.write(1);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Programs {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Plays the programs until nobody can give a step any more.
fn play(mut world: World, queue: &mpsc::Receiver<Job>, wake: &EventFd) {
    let mut running: Vec<Running> = Vec::new();
    loop {
        let _ = wake.read();
        loop {
            match queue.try_recv() {
                Ok(job) => {
                    world.recorder.due(job.due);
                    running.push(Running::new(job));
                }
                Err(mpsc::TryRecvError::Empty) => break,
                Err(mpsc::TryRecvError::Disconnected) => return,
            }
        }
        advance(&mut world, &mut running);
        let waiting = running.iter().filter_map(|call| call.waits_for(&world));
        let mut polled: Vec<PollFd<'_>> = waiting.map(|(fd, events)| PollFd::new(fd, events)).collect();
        polled.push(PollFd::new(wake.as_fd(), PollFlags::POLLIN));
        // EINTR is answered by looking again.
        let _ = poll(&mut polled, PollTimeout::NONE);
    }
}

/// Goes on with every call that may, until none moves any further.
fn advance(world: &mut World, running: &mut Vec<Running>) {
    let mut moved = true;
    while std::mem::take(&mut moved) {
        let mut index = 0;
        while index < running.len() {
            let (earlier, rest) = running.split_at_mut(index);
            let Some(call) = rest.first_mut() else { break };
            if earlier.iter().any(|other| other.job.holds_up(&call.job)) {
                index += 1;
                continue;
            }
            match call.go_on(world) {
                Progress::Waits => index += 1,
                Progress::Done => {
                    world.recorder.signal(Signal::Returned { step: call.job.step });
                    let call = running.remove(index);
                    if call.job.action == Action::Kill {
                        // The calls of a dead process never return.
                        running.clear();
                    }
                    moved = true;
                }
            }
        }
    }
}
