//! One call of a program, from its entry to its return, across as many tries as the kernel asks for.

mod opening;

use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

use nix::errno::Errno;
use nix::libc;
use nix::poll::PollFlags;
use nix::sys::socket::{MsgFlags, Shutdown as HowToShut, SockType, recv, send, shutdown};

use opening::FastOpening;

use super::programs::{Found, Job, World};
use crate::live::socket;
use crate::scenario::{Action, Payload, SocketName};
use crate::timeline::{Kind, Note, Operation, Outcome, Shutdown, SocketId};

/// Whether a call has returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// It waits for the kernel.
    Waits,
    /// It has returned.
    Done,
}

/// How far a call has come.
#[derive(Clone, Debug)]
enum Stage {
    /// Not entered yet.
    New,
    /// Entered; the kernel is asked for `events` on the socket.
    Entered { id: SocketId, operation: Operation, events: PollFlags, octets: usize },
    /// Entered; a thread of its own sends the text of the SYN.
    FastOpen { id: SocketId, operation: Operation, answer: FastOpening },
}

/// A call of a program.
#[derive(Clone, Debug)]
pub(super) struct Running {
    pub(super) job: Job,
    stage: Stage,
}

/// How far apart the initial sequence numbers of a host are, as in the simulator.
pub(super) const ISN_STEP: u32 = 10_000;

/// A program's largest single read or write.
const CHUNK: usize = 1 << 16;

impl Running {
    pub(super) fn new(job: Job) -> Running {
        Running { job, stage: Stage::New }
    }

    /// The descriptor and events that the call waits for. A call that was not entered waits for others.
    pub(super) fn waits_for<'w>(&self, world: &'w World) -> Option<(BorrowedFd<'w>, PollFlags)> {
        let Stage::Entered { id, events, .. } = &self.stage else { return None };
        Some((world.descriptor(*id)?, *events))
    }

    /// Enters the call, or tries again.
    pub(super) fn go_on(&mut self, world: &mut World) -> Progress {
        if matches!(self.stage, Stage::New) {
            return self.enter(world);
        }
        self.retry(world)
    }

    fn enter(&mut self, world: &mut World) -> Progress {
        let name = world.meant(self.job.socket);
        self.job.socket = name;
        if uses_socket(&self.job.action) && world.find(name) == Found::NotYet {
            return Progress::Waits;
        }
        match self.job.action.clone() {
            Action::Listen { port, backlog } => opening::listener(world, name, port, backlog),
            Action::Connect { to, from, fast_open } => {
                return self.connect(world, to, from, fast_open);
            }
            Action::Set { option, shown } => {
                let operation = Operation::SetOption { name: shown.0.into(), value: shown.1.into() };
                if world.find(name) == Found::NotYet {
                    world.options.entry(name).or_default().push(option);
                    world.entered(SocketId(0), &operation);
                    world.returned(SocketId(0), &operation, Outcome::Done);
                } else {
                    self.immediate(world, &operation, |fd| opening::set_option(fd, option));
                }
            }
            Action::Shutdown(how) => {
                let direction = match how {
                    Shutdown::Read => HowToShut::Read,
                    Shutdown::Write => HowToShut::Write,
                    Shutdown::Both => HowToShut::Both,
                };
                self.immediate(world, &Operation::Shutdown(how), |fd| shutdown(fd.as_raw_fd(), direction));
            }
            Action::Close => close(world, name, &Operation::Close),
            Action::Abort => {
                if let Some(found) = world.sockets.get(&name) {
                    let _ = socket::set_linger(found.fd.as_fd(), Some(0));
                }
                close(world, name, &Operation::Abort);
            }
            Action::Kill => {
                world.recorder.now(world.host, Kind::Note(Note::Killed { signal: "SIGKILL".into() }));
                // The kernel closes a dead process's descriptors in the order of their numbers.
                let mut open: Vec<_> = std::mem::take(&mut world.sockets).into_values().collect();
                open.append(&mut world.forgotten);
                open.sort_by_key(|socket| socket.id);
            }
            Action::Accept { .. } => return self.wait_on(world, Operation::Accept, PollFlags::POLLIN),
            Action::Send(payload) => {
                let operation = Operation::Send { len: payload.len() as u32 };
                return self.wait_on(world, operation, PollFlags::POLLOUT);
            }
            Action::Recv { max, .. } => {
                return self.wait_on(world, Operation::Recv { max }, PollFlags::POLLIN);
            }
            Action::UdpBind(port) => opening::datagrams(world, name, port),
            Action::UdpSend { to, payload } => send_datagram(world, name, to, &payload),
            Action::UdpRecv => {
                let operation = Operation::RecvFrom { max: CHUNK as u32 };
                return self.wait_on(world, operation, PollFlags::POLLIN);
            }
            // What the network does is not for a program.
            Action::Crash | Action::Restart { .. } | Action::Inject(_) | Action::Release { .. } => {}
        }
        Progress::Done
    }

    /// A call that never waits.
    fn immediate(
        &self,
        world: &World,
        operation: &Operation,
        call: impl FnOnce(BorrowedFd<'_>) -> nix::Result<()>,
    ) {
        let Some(found) = world.sockets.get(&self.job.socket) else {
            not_open(world, operation);
            return;
        };
        world.entered(found.id, operation);
        world.returned(found.id, operation, outcome(call(found.fd.as_fd())));
    }

    /// Enters a call that may wait, and tries it at once.
    fn wait_on(&mut self, world: &mut World, operation: Operation, events: PollFlags) -> Progress {
        let Some(found) = world.sockets.get(&self.job.socket) else {
            not_open(world, &operation);
            return Progress::Done;
        };
        world.entered(found.id, &operation);
        self.stage = Stage::Entered { id: found.id, operation, events, octets: 0 };
        self.retry(world)
    }

    fn connect(
        &mut self,
        world: &mut World,
        to: SocketAddr,
        from: Option<u16>,
        fast_open: Option<Payload>,
    ) -> Progress {
        let operation = Operation::Connect(to);
        let fd = match opening::connection(world, self.job.socket, to, from) {
            Ok(fd) => fd,
            Err(errno) => {
                world.entered(SocketId(world.next), &operation);
                world.returned(SocketId(world.next), &operation, failed(errno));
                return Progress::Done;
            }
        };
        world.entered(SocketId(world.next), &operation);
        if fast_open.as_ref().is_some_and(Payload::is_empty) {
            // No text: the SYN only asks for a cookie.
            let _ = socket::set(fd.as_fd(), libc::IPPROTO_TCP, libc::TCP_FASTOPEN_CONNECT, 1);
        }
        if let Some(text) = fast_open.filter(|text| !text.is_empty()) {
            let answer = FastOpening::begin(&fd, chunk(&text, 0), to, &world.wake);
            let id = world.keep(self.job.socket, fd);
            self.stage = Stage::FastOpen { id, operation, answer };
            return Progress::Waits;
        }
        let begun = socket::begin_connect(fd.as_fd(), to);
        let id = world.keep(self.job.socket, fd);
        match begun {
            Err(Errno::EINPROGRESS) => {
                self.stage = Stage::Entered { id, operation, events: PollFlags::POLLOUT, octets: 0 };
                Progress::Waits
            }
            other => {
                world.returned(id, &operation, outcome(other));
                Progress::Done
            }
        }
    }

    #[allow(clippy::too_many_lines)] // an arm for each kind of waiting
    fn retry(&mut self, world: &mut World) -> Progress {
        if let Stage::FastOpen { id, operation, answer } = &self.stage {
            let Some(result) = answer.end() else { return Progress::Waits };
            world.returned(*id, operation, outcome(result));
            return Progress::Done;
        }
        let Stage::Entered { id, operation, octets, .. } = &mut self.stage else { return Progress::Done };
        let (id, operation) = (*id, operation.clone());
        let Some(fd) = world.descriptor(id) else {
            // Another call has closed the socket meanwhile.
            world.returned(id, &operation, Outcome::FailedWith("EBADF".into()));
            return Progress::Done;
        };
        match &self.job.action {
            Action::Connect { to, .. } => {
                // Writable says that it is over, the second connect() how: EISCONN, or its error.
                let result = match socket::pending_error(fd) {
                    Ok(()) => socket::begin_connect(fd, *to),
                    error => error,
                };
                match result {
                    Err(Errno::EALREADY | Errno::EINPROGRESS) => Progress::Waits,
                    other => {
                        let connected = other == Err(Errno::EISCONN);
                        world.returned(id, &operation, outcome(if connected { Ok(()) } else { other }));
                        Progress::Done
                    }
                }
            }
            Action::Accept { name, forever } => {
                let (name, forever) = (*name, *forever);
                match socket::accept(fd) {
                    Err(Errno::EAGAIN) => Progress::Waits,
                    Err(errno) => {
                        world.returned(id, &operation, failed(errno));
                        Progress::Done
                    }
                    Ok((accepted, peer)) => {
                        for option in world.options.remove(&name).unwrap_or_default() {
                            let _ = opening::set_option(accepted.as_fd(), option);
                        }
                        world.opened += 1;
                        let socket = world.keep(name, accepted);
                        let peer = peer.unwrap_or_else(|| SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), 0));
                        world.returned(id, &operation, Outcome::Accepted { socket, peer });
                        if !forever {
                            return Progress::Done;
                        }
                        world.entered(id, &operation);
                        self.retry(world)
                    }
                }
            }
            Action::Send(payload) => loop {
                let chunk = chunk(payload, *octets);
                match send(fd.as_raw_fd(), &chunk, MsgFlags::MSG_NOSIGNAL) {
                    Ok(sent) => *octets += sent,
                    Err(Errno::EAGAIN) => return Progress::Waits,
                    Err(errno) => {
                        world.returned(id, &operation, failed(errno));
                        return Progress::Done;
                    }
                }
                if *octets as u64 >= payload.len() {
                    world.returned(id, &operation, Outcome::Value(*octets as i64));
                    return Progress::Done;
                }
            },
            Action::Recv { max, to_end } => {
                let mut room = vec![0; (*max as usize).min(CHUNK)];
                loop {
                    match recv(fd.as_raw_fd(), &mut room, MsgFlags::empty()) {
                        Err(Errno::EAGAIN) => return Progress::Waits,
                        Err(errno) => world.returned(id, &operation, failed(errno)),
                        Ok(0) => world.returned(id, &operation, Outcome::EndOfStream),
                        Ok(received) => {
                            world.returned(id, &operation, Outcome::Value(received as i64));
                            if *to_end {
                                world.entered(id, &operation);
                                continue;
                            }
                        }
                    }
                    return Progress::Done;
                }
            }
            Action::UdpRecv => {
                let mut room = vec![0; CHUNK];
                match socket::receive_datagram(fd, &mut room) {
                    Err(Errno::EAGAIN) => return Progress::Waits,
                    Err(errno) => world.returned(id, &operation, failed(errno)),
                    Ok((len, from)) => {
                        if let Some(found) = world.sockets.get_mut(&self.job.socket) {
                            found.last_sender = from;
                        }
                        let nobody = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), 0);
                        let from = from.unwrap_or(nobody);
                        world.returned(id, &operation, Outcome::From { len: len as u32, from });
                    }
                }
                Progress::Done
            }
            _ => Progress::Done,
        }
    }
}

/// Whether the call is about a socket that must be there.
fn uses_socket(action: &Action) -> bool {
    match action {
        Action::Accept { .. }
        | Action::Send(_)
        | Action::Recv { .. }
        | Action::Shutdown(_)
        | Action::Close
        | Action::Abort
        | Action::UdpRecv => true,
        // An answer has somebody to go to once something was received.
        Action::UdpSend { to, .. } => to.is_none(),
        _ => false,
    }
}

/// The next octets of a payload, from `start` on.
fn chunk(payload: &Payload, start: usize) -> Vec<u8> {
    match payload {
        Payload::Text(text) => text.get(start..).unwrap_or_default().to_vec(),
        Payload::Count(count) => {
            let end = (*count as usize).min(start + CHUNK);
            (start..end).map(|place| Payload::octet(place as u64)).collect()
        }
    }
}

fn close(world: &mut World, name: SocketName, operation: &Operation) {
    let Some(found) = world.sockets.remove(&name) else {
        not_open(world, operation);
        return;
    };
    world.entered(found.id, operation);
    let id = found.id;
    drop(found);
    world.closed.insert(name);
    world.returned(id, operation, Outcome::Done);
}

fn send_datagram(world: &mut World, name: SocketName, to: Option<SocketAddr>, payload: &Payload) {
    let to = to.or_else(|| world.sockets.get(&name)?.last_sender);
    let Some(to) = to else {
        not_open(
            world,
            &Operation::SendTo { len: payload.len() as u32, to: SocketAddr::from(([0, 0, 0, 0], 0)) },
        );
        return;
    };
    if !world.sockets.contains_key(&name)
        && let Ok(fd) = socket::open(SockType::Datagram, to)
    {
        world.keep(name, fd);
    }
    let operation = Operation::SendTo { len: payload.len() as u32, to };
    let Some(found) = world.sockets.get(&name) else {
        not_open(world, &operation);
        return;
    };
    world.entered(found.id, &operation);
    let sent = socket::send_datagram(found.fd.as_fd(), &chunk(payload, 0), to);
    let outcome = sent.map_or_else(failed, |sent| Outcome::Value(sent as i64));
    world.returned(found.id, &operation, outcome);
}

/// A call on a socket that is not there.
fn not_open(world: &World, operation: &Operation) {
    world.entered(SocketId(0), operation);
    world.returned(SocketId(0), operation, Outcome::FailedWith("EBADF".into()));
}

fn outcome(result: nix::Result<()>) -> Outcome {
    result.map_or_else(failed, |()| Outcome::Done)
}

fn failed(errno: Errno) -> Outcome {
    match socket::error_of(errno) {
        Some(error) => Outcome::Failed(error),
        None => Outcome::FailedWith(format!("{errno:?}").into()),
    }
}
