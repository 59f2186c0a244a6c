//! Follows programs through their system calls: every thread, every child, signals passed through.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::SocketAddr;
use std::sync::mpsc::Sender;
use std::thread::Thread;

use super::Item;
use super::calls::{self, Known, Shape};
use super::decode;
use super::launch::Launch;
use super::peek::{self, SocketKind};
use super::ptrace::{self, RawCall, Resume, Stop, Tid};
use super::sockets::Sockets;
use super::told::{Lane, Told};
use crate::live::clock;
use crate::time::Instant;
use crate::timeline::{Call, Operation, SocketId, Step};

/// A call entered or returned, and what is known about its socket.
#[derive(Clone, Debug)]
pub(super) struct CallRecord {
    pub(super) at: Instant,
    /// The program, in the order they were given.
    pub(super) program: usize,
    pub(super) thread: Tid,
    /// The socket's inode, the same in every process that shares it.
    pub(super) inode: u64,
    pub(super) kind: SocketKind,
    pub(super) local: Option<SocketAddr>,
    pub(super) call: Call,
}

/// How far a program is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Progress {
    /// Not started.
    #[default]
    Waiting,
    /// Started at this time; it has not used the network so far.
    Started(Instant),
    /// A client: it connected or sent at this time, without listening.
    Connected(Instant),
    /// It listens, or has bound a datagram socket.
    Listening,
    /// It has ended with all its children.
    Over,
}

/// How a program's first process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It could not be started: this errno.
    NotStarted(i32),
    /// By itself, with this exit code.
    Exited(i32),
    /// By this signal.
    Killed(i32),
}

/// A program that is watched.
#[derive(Debug, Default)]
pub(super) struct Watched {
    pub(super) progress: Progress,
    pub(super) ending: Option<Ending>,
    /// Its first process.
    root: Tid,
    /// Whether that process runs the program, not our code between fork and exec.
    executed: bool,
}

/// A call that a task is inside of.
#[derive(Clone, Debug)]
struct Inside {
    known: &'static Known,
    raw: RawCall,
    at: Instant,
    socket: Socket,
    operation: Operation,
}

/// A socket as a task names it.
#[derive(Clone, Copy, Debug)]
struct Socket {
    fd: i32,
    inode: u64,
    kind: SocketKind,
}

/// A traced thread.
#[derive(Debug)]
struct Task {
    process: Tid,
    program: usize,
    inside: Option<Inside>,
    /// A call that a signal interrupted: the kernel will make it again or let it fail.
    interrupted: Option<Inside>,
    /// It is inside the call that ends a signal handler.
    leaves_handler: bool,
}

impl Task {
    fn new(process: Tid, program: usize) -> Self {
        Task { process, program, inside: None, interrupted: None, leaves_handler: false }
    }
}

/// All watched programs. Every method is to be called from one thread.
pub(super) struct Tracer<'a> {
    pub(super) programs: Vec<Watched>,
    tasks: BTreeMap<Tid, Task>,
    sockets: Sockets,
    /// Programs that were told to use the calls of another kind of machine.
    foreign: BTreeSet<usize>,
    items: Sender<Item>,
    told: &'a Told,
    /// Woken after each call: the kernel may show a new state now.
    nudge: Thread,
}

impl<'a> Tracer<'a> {
    pub(super) fn new(count: usize, items: Sender<Item>, told: &'a Told, nudge: Thread) -> Self {
        let programs = std::iter::repeat_with(Watched::default).take(count).collect();
        Tracer {
            programs,
            tasks: BTreeMap::new(),
            sockets: Sockets::default(),
            foreign: BTreeSet::new(),
            items,
            told,
            nudge,
        }
    }

    /// Starts program number `program`.
    pub(super) fn start(&mut self, program: usize, launch: &Launch) -> io::Result<()> {
        let root = launch.start()?;
        if let Some(watched) = self.programs.get_mut(program) {
            *watched =
                Watched { progress: Progress::Started(clock::now()), ending: None, root, executed: false };
        }
        self.tasks.insert(root, Task::new(root, program));
        Ok(())
    }

    /// Whether any task is left.
    pub(super) fn is_idle(&self) -> bool {
        self.tasks.is_empty()
    }

    /// The processes of the programs that `wanted` selects.
    pub(super) fn processes(&self, wanted: impl Fn(usize) -> bool) -> Vec<Tid> {
        let mut processes: Vec<Tid> =
            self.tasks.values().filter(|task| wanted(task.program)).map(|task| task.process).collect();
        processes.dedup();
        processes
    }

    /// Handles every task that has something to tell; whether there was one.
    pub(super) fn handle_all(&mut self) -> io::Result<bool> {
        let mut any = false;
        loop {
            match ptrace::wait() {
                Ok(Some((tid, stop))) => {
                    any = true;
                    self.told.begin(Lane::Calls);
                    let how = self.handle(tid, stop);
                    self.told.end(Lane::Calls);
                    if let Some(how) = how {
                        ptrace::resume(tid, how)?;
                    }
                }
                Ok(None) => return Ok(any),
                Err(error) if error.raw_os_error() == Some(libc::ECHILD) => {
                    self.tasks.clear();
                    return Ok(any);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn handle(&mut self, tid: Tid, stop: Stop) -> Option<Resume> {
        match stop {
            Stop::Exited(code) => self.ended(tid, Ending::Exited(code)),
            Stop::Killed(signal) => self.ended(tid, Ending::Killed(signal)),
            Stop::CallEntered => Some(if self.entered(tid) { Resume::ToReturn } else { Resume::Run(0) }),
            Stop::CallReturned => {
                self.returned(tid);
                Some(Resume::Run(0))
            }
            Stop::Forked => {
                if let Ok(child) = ptrace::event_message(tid) {
                    self.task(child);
                }
                Some(Resume::Run(0))
            }
            Stop::Executed => {
                self.executed(tid);
                Some(Resume::Run(0))
            }
            Stop::Signal(signal) => Some(Resume::Run(signal)),
            Stop::JobStopped => Some(Resume::Listen),
            Stop::Other => {
                self.task(tid);
                Some(Resume::Run(0))
            }
        }
    }

    /// The task of this id. A new one's first stop may come before its parent's event: then `/proc` tells
    /// whose it is.
    fn task(&mut self, tid: Tid) -> Option<&mut Task> {
        if !self.tasks.contains_key(&tid) {
            let (process, parent) = peek::family(tid)?;
            let program = self.tasks.get(&process).or_else(|| self.tasks.get(&parent))?.program;
            self.tasks.insert(tid, Task::new(process, program));
        }
        self.tasks.get_mut(&tid)
    }

    fn ended(&mut self, tid: Tid, ending: Ending) -> Option<Resume> {
        let task = self.tasks.remove(&tid)?;
        self.sockets.forget_process(tid);
        let watched = self.programs.get_mut(task.program)?;
        if watched.root == tid {
            watched.ending = Some(match ending {
                Ending::Exited(errno) if !watched.executed => Ending::NotStarted(errno),
                other => other,
            });
            let ending = watched.ending;
            self.say(Item::Ended {
                at: clock::now(),
                program: task.program,
                ending: ending.unwrap_or(Ending::Exited(0)),
            });
        }
        if !self.tasks.values().any(|other| other.program == task.program)
            && let Some(watched) = self.programs.get_mut(task.program)
        {
            watched.progress = Progress::Over;
        }
        None
    }

    /// The task runs another program: the process's other threads are gone, and so is what it was doing.
    fn executed(&mut self, tid: Tid) {
        let former = ptrace::event_message(tid).unwrap_or(tid);
        let gone = |other: Tid, task: &Task| task.process == tid && other != tid;
        let program = self.tasks.get(&former).map(|task| task.program);
        self.tasks.retain(|other, task| !gone(*other, task));
        let Some(program) = program else { return };
        self.tasks.insert(tid, Task::new(tid, program));
        if let Some(watched) = self.programs.get_mut(program)
            && watched.root == tid
            && !watched.executed
        {
            watched.executed = true;
            self.say(Item::Started { at: clock::now(), program, process: tid });
        }
    }

    /// A task stands before a followed call; whether its return is to be seen too.
    fn entered(&mut self, tid: Tid) -> bool {
        let at = clock::now();
        if ptrace::event_message(tid).is_ok_and(|mark| mark == calls::FOREIGN) {
            let program = self.task(tid).map(|task| task.program);
            if let Some(program) = program.filter(|program| self.foreign.insert(*program)) {
                self.say(Item::Unseen { at, program, note: "note-foreign-calls" });
            }
            return false;
        }
        let Ok(raw) = ptrace::entered_call(tid) else { return false };
        let Some(known) = calls::known(raw.number) else { return false };
        let Some(task) = self.task(tid) else { return false };
        let (process, program) = (task.process, task.program);
        if known.shape == Shape::SignalReturn {
            task.leaves_handler = task.interrupted.is_some();
            return task.leaves_handler;
        }
        if let Some(resumed) = self.resumes_interrupted(tid, &raw) {
            if let Some(task) = self.tasks.get_mut(&tid) {
                task.inside = Some(Inside { raw, ..resumed });
            }
            return true;
        }
        if known.shape == Shape::Ring {
            self.say(Item::Unseen { at, program, note: "note-io-uring" });
            return false;
        }
        let socket = if known.shape == Shape::Socket {
            let [family, kind, ..] = raw.arguments;
            let Some(kind) = SocketKind::of(family as i32, kind as i32) else { return false };
            Socket { fd: -1, inode: 0, kind }
        } else {
            let fd = raw.arguments[0] as i32;
            let Some(inode) = peek::socket_inode(process, fd) else { return false };
            let Some(kind) = self.sockets.kind(process, fd, inode) else { return false };
            Socket { fd, inode, kind }
        };
        let Some(operation) = decode::operation(tid, known.shape, known.name, &raw, socket.kind) else {
            return false;
        };
        let inside = Inside { known, raw, at, socket, operation };
        if known.shape != Shape::Socket {
            self.record(tid, at, &inside, Step::Entered);
        }
        if let Some(task) = self.tasks.get_mut(&tid) {
            task.inside = Some(inside);
        }
        true
    }

    /// The interrupted call that the kernel makes again, if this is it. If the program jumped out of its signal
    /// handler instead, the call has ended; while a handler runs, which it does deeper on the stack, nothing is
    /// decided.
    fn resumes_interrupted(&mut self, tid: Tid, raw: &RawCall) -> Option<Inside> {
        let task = self.tasks.get_mut(&tid)?;
        let before = task.interrupted.as_ref()?;
        if before.raw == *raw {
            return task.interrupted.take();
        }
        if raw.stack >= before.raw.stack {
            let before = task.interrupted.take()?;
            let at = clock::now();
            self.record(tid, at, &before, Step::Returned(decode::failure(libc::EINTR)));
        }
        None
    }

    /// A signal handler is over, and the registers are again those of the call it interrupted: these hold
    /// EINTR, or stand before the call, which is then made again.
    fn left_handler(&mut self, tid: Tid, at: Instant, value: i64, stack: u64) {
        let Some(task) = self.tasks.get_mut(&tid) else { return };
        let ends = |before: &mut Inside| before.raw.stack == stack && value == -i64::from(libc::EINTR);
        if let Some(before) = task.interrupted.take_if(ends) {
            self.record(tid, at, &before, Step::Returned(decode::failure(libc::EINTR)));
        }
    }

    fn returned(&mut self, tid: Tid) {
        let Some(task) = self.tasks.get_mut(&tid) else { return };
        let Ok((value, stack)) = ptrace::returned_value(tid) else { return };
        let at = clock::now();
        if std::mem::take(&mut task.leaves_handler) {
            return self.left_handler(tid, at, value, stack);
        }
        let Some(mut inside) = task.inside.take() else { return };
        if decode::is_interrupted(value) {
            if let Some(task) = self.tasks.get_mut(&tid) {
                task.interrupted = Some(inside);
            }
            return;
        }
        let shape = inside.known.shape;
        let process = self.tasks.get(&tid).map_or(tid, |task| task.process);
        let mut outcome =
            decode::outcome(tid, shape, &inside.raw, inside.socket.kind, &inside.operation, value);
        if shape == Shape::Socket {
            if value >= 0 {
                inside.socket.fd = value as i32;
                inside.socket.inode = peek::socket_inode(process, value as i32).unwrap_or(0);
                self.sockets.made(inside.socket.inode, inside.socket.kind);
            }
            self.record(tid, inside.at, &inside, Step::Entered);
        }
        if shape == Shape::Accept && value >= 0 {
            let inode = peek::socket_inode(process, value as i32).unwrap_or(0);
            let info = self.sockets.ask(process, value as i32, inode);
            outcome = decode::accepted(value, info.remote);
            let [_, address, ..] = inside.raw.arguments;
            if info.remote.is_none()
                && let Some(peer) = peek::address(tid, address, peek::ADDRESS_LEN)
            {
                outcome = decode::accepted(value, Some(peer));
            }
        }
        let known = self.sockets.get(inside.socket.inode);
        let names_change = matches!(shape, Shape::Bind | Shape::Listen | Shape::Connect | Shape::Socket);
        if shape != Shape::Close && (names_change || known.local.is_none()) {
            self.sockets.ask(process, inside.socket.fd, inside.socket.inode);
        }
        self.note_progress(tid, shape, &inside, value, at);
        self.record(tid, at, &inside, Step::Returned(outcome));
        self.nudge.unpark();
    }

    /// A listener lets the next program start; a client does so a little later.
    fn note_progress(&mut self, tid: Tid, shape: Shape, inside: &Inside, value: i64, at: Instant) {
        let Some(program) = self.tasks.get(&tid).map(|task| task.program) else { return };
        let Some(watched) = self.programs.get_mut(program) else { return };
        let worked = value >= 0 || value == -i64::from(libc::EINPROGRESS);
        let progress = match (shape, inside.socket.kind) {
            _ if !worked => return,
            (Shape::Listen, _) | (Shape::Bind, SocketKind::Datagram) => Progress::Listening,
            (Shape::Connect, SocketKind::Stream) | (Shape::SendTo, SocketKind::Datagram)
                if matches!(watched.progress, Progress::Started(_)) =>
            {
                Progress::Connected(at)
            }
            _ => return,
        };
        watched.progress = progress;
    }

    fn record(&self, tid: Tid, at: Instant, inside: &Inside, step: Step) {
        let Some(task) = self.tasks.get(&tid) else { return };
        let Socket { fd, inode, kind } = inside.socket;
        let known = self.sockets.get(inode);
        let socket = SocketId(u32::try_from(fd).unwrap_or(0));
        let call = Call { socket, operation: inside.operation.clone(), step };
        self.say(Item::Call(CallRecord {
            at,
            program: task.program,
            thread: tid,
            inode,
            kind,
            local: known.local,
            call,
        }));
    }

    /// The receiver is gone only when everything is ending.
    fn say(&self, item: Item) {
        let _ = self.items.send(item);
    }
}
