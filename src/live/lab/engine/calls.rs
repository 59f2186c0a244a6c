//! The programs on our own TCP: the same calls as on a kernel, over [`tcp::Host`](crate::tcp::Host).

use std::collections::BTreeMap;
use std::net::SocketAddr;

use crate::live::clock;
use crate::live::lab::engine::Received;
use crate::live::lab::programs::{FIRST_DESCRIPTOR, Habits, Job};
use crate::live::lab::record::{Recorder, Signal};
use crate::scenario::{Action, Payload, SocketName, SocketOption};
use crate::tcp::{Error, Host, Settings, Socket, State};
use crate::timeline::{Call, HostId, Kind, Note, Operation, Outcome, Shutdown, SocketId, Step};

/// A call that has not returned.
#[derive(Debug)]
struct Running {
    job: Job,
    /// The socket and what was asked, once it is entered.
    entered: Option<(Socket, Operation)>,
    octets: usize,
}

/// The programs and their sockets.
#[derive(Debug)]
pub(super) struct Programs {
    host: HostId,
    settings: Settings,
    recorder: Recorder,
    /// Names and what they stand for; a closed socket keeps its name, and calls on it fail.
    sockets: BTreeMap<SocketName, Socket>,
    /// Options that wait for their socket to be made.
    options: BTreeMap<SocketName, Vec<SocketOption>>,
    makes_connection: bool,
    running: Vec<Running>,
    /// What all sockets received.
    pub(super) received: Received,
}

/// What came of entering a call.
enum Entry {
    /// It waits for its outcome on this socket.
    Entered(Socket, Operation),
    /// Its socket is not there yet.
    NotYet,
    /// It has returned at once.
    Returned,
}

/// The descriptor that stands for a socket of the engine.
fn descriptor(socket: Socket) -> SocketId {
    SocketId(FIRST_DESCRIPTOR + socket.0)
}

/// A program's largest single read or write.
const CHUNK: usize = 1 << 16;

impl Programs {
    pub(super) fn new(host: HostId, settings: Settings, habits: &Habits, recorder: Recorder) -> Programs {
        Programs {
            host,
            settings,
            recorder,
            sockets: BTreeMap::new(),
            options: BTreeMap::new(),
            makes_connection: habits.makes_connection,
            running: Vec::new(),
            received: Received::default(),
        }
    }

    pub(super) fn give(&mut self, job: Job) {
        self.running.push(Running { job, entered: None, octets: 0 });
    }

    /// Goes on with the calls that may, up to the first that returns; whether any did.
    pub(super) fn advance(&mut self, tcp: &mut Host) -> bool {
        let mut moved = false;
        let mut index = 0;
        while index < self.running.len() {
            let (earlier, rest) = self.running.split_at(index);
            let Some(call) = rest.first() else { break };
            if earlier.iter().any(|other| other.job.holds_up(&call.job)) {
                index += 1;
                continue;
            }
            let mut call = self.running.remove(index);
            let before = (call.entered.is_some(), call.octets);
            if self.go_on(tcp, &mut call) {
                self.recorder.signal(Signal::Returned { step: call.job.step });
                if call.job.action == Action::Kill {
                    // The calls of a dead process never return.
                    self.running.clear();
                }
                // A system call sends what it can before the program makes its next.
                return true;
            }
            moved |= before != (call.entered.is_some(), call.octets);
            self.running.insert(index, call);
            index += 1;
        }
        moved
    }

    /// Enters the call or tries again; whether it has returned.
    fn go_on(&mut self, tcp: &mut Host, call: &mut Running) -> bool {
        let now = clock::now();
        if call.entered.is_none() {
            // A call on the unnamed connection of a host that never makes one is about the listener.
            let listens = self.sockets.contains_key(&SocketName::LISTENER);
            if call.job.socket == SocketName::CONNECTION && !self.makes_connection && listens {
                call.job.socket = SocketName::LISTENER;
            }
            match self.enter(tcp, &call.job) {
                Entry::Entered(socket, operation) => call.entered = Some((socket, operation)),
                Entry::NotYet => return false,
                Entry::Returned => return true,
            }
        }
        let Some((socket, operation)) = call.entered.clone() else { return true };
        let outcome = match &call.job.action {
            Action::Connect { .. } => match tcp.state(socket) {
                State::SynSent | State::SynReceived => return false,
                State::Closed => Outcome::Failed(tcp.take_error(socket).unwrap_or(Error::Refused)),
                _ => Outcome::Done,
            },
            Action::Accept { name, forever } => match tcp.accept(now, socket) {
                Err(Error::WouldBlock) => return false,
                Err(error) => Outcome::Failed(error),
                Ok(child) => {
                    self.sockets.insert(*name, child);
                    self.apply_options(tcp, *name, child);
                    let nobody = SocketAddr::from(([0, 0, 0, 0], 0));
                    let peer = tcp.endpoints(child).map_or(nobody, |(_, remote)| remote);
                    let outcome = Outcome::Accepted { socket: descriptor(child), peer };
                    if *forever {
                        self.note(descriptor(socket), &operation, Step::Returned(outcome));
                        self.note(descriptor(socket), &operation, Step::Entered);
                        call.octets += 1;
                        return false;
                    }
                    outcome
                }
            },
            Action::Send(payload) => loop {
                if call.octets as u64 >= payload.len() {
                    break Outcome::Value(call.octets as i64);
                }
                match tcp.send(now, socket, &chunk(payload, call.octets)) {
                    Ok(taken) => call.octets += taken,
                    Err(Error::WouldBlock) => return false,
                    Err(error) => break Outcome::Failed(error),
                }
            },
            Action::Recv { max, to_end } => {
                let mut room = Vec::new();
                let result = tcp.recv(now, socket, *max as usize, &mut room);
                self.received.take(&room);
                match result {
                    Err(Error::WouldBlock) => return false,
                    Err(error) => Outcome::Failed(error),
                    Ok(0) => Outcome::EndOfStream,
                    Ok(len) if *to_end => {
                        call.octets += len;
                        self.note(descriptor(socket), &operation, Step::Returned(Outcome::Value(len as i64)));
                        self.note(descriptor(socket), &operation, Step::Entered);
                        return false;
                    }
                    Ok(len) => Outcome::Value(len as i64),
                }
            }
            Action::Shutdown(Shutdown::Read) => Outcome::Done,
            Action::Shutdown(_) => done(tcp.shutdown_write(now, socket)),
            Action::Close => done(tcp.close(now, socket)),
            Action::Abort => done(tcp.abort(now, socket)),
            Action::Set { option, .. } => {
                if let Some(settings) = tcp.settings_mut(socket) {
                    option.apply(settings);
                }
                tcp.settings_changed(now, socket);
                Outcome::Done
            }
            _ => Outcome::Done,
        };
        self.note(descriptor(socket), &operation, Step::Returned(outcome));
        true
    }

    /// Enters a call.
    fn enter(&mut self, tcp: &mut Host, job: &Job) -> Entry {
        let now = clock::now();
        let operation = match &job.action {
            Action::Listen { port, backlog } => {
                let addr = match tcp.config().addrs.as_slice() {
                    [only] => *only,
                    _ => std::net::Ipv4Addr::UNSPECIFIED.into(),
                };
                let opened = tcp.listen(now, SocketAddr::new(addr, *port), *backlog);
                return self.opened(job.socket, Operation::Listen { backlog: *backlog }, opened);
            }
            Action::Connect { to, from, fast_open } => {
                let any = tcp.config().addrs.iter().copied().find(|addr| addr.is_ipv4() == to.is_ipv4());
                let local = from.zip(any).map(|(port, addr)| SocketAddr::new(addr, port));
                let text = fast_open.as_ref().map(|payload| chunk(payload, 0)).unwrap_or_default();
                let mut settings = self.settings;
                settings.fast_open_client |= fast_open.is_some();
                for option in self.options.remove(&job.socket).unwrap_or_default() {
                    option.apply(&mut settings);
                }
                let opened = tcp.connect_with(now, local, *to, settings, &text);
                return self.opened(job.socket, Operation::Connect(*to), opened);
            }
            Action::Kill => {
                self.recorder.now(self.host, Kind::Note(Note::Killed { signal: "SIGKILL".into() }));
                for (_, socket) in std::mem::take(&mut self.sockets) {
                    let _ = tcp.close(now, socket);
                }
                return Entry::Returned;
            }
            Action::Accept { .. } => Operation::Accept,
            Action::Send(payload) => Operation::Send { len: payload.len() as u32 },
            Action::Recv { max, .. } => Operation::Recv { max: *max },
            Action::Shutdown(how) => Operation::Shutdown(*how),
            Action::Close => Operation::Close,
            Action::Abort => Operation::Abort,
            Action::Set { option, shown } => {
                let operation = Operation::SetOption { name: shown.0.into(), value: shown.1.clone().into() };
                if !self.sockets.contains_key(&job.socket) {
                    self.options.entry(job.socket).or_default().push(*option);
                    self.note(SocketId(0), &operation, Step::Entered);
                    self.note(SocketId(0), &operation, Step::Returned(Outcome::Done));
                    return Entry::Returned;
                }
                operation
            }
            // The engine is a TCP; what the network does is not for a program.
            _ => return Entry::Returned,
        };
        let Some(socket) = self.sockets.get(&job.socket).copied() else { return Entry::NotYet };
        self.note(descriptor(socket), &operation, Step::Entered);
        Entry::Entered(socket, operation)
    }

    fn opened(&mut self, name: SocketName, operation: Operation, opened: Result<Socket, Error>) -> Entry {
        match opened {
            Ok(socket) => {
                self.sockets.insert(name, socket);
                self.note(descriptor(socket), &operation, Step::Entered);
                Entry::Entered(socket, operation)
            }
            Err(error) => {
                self.note(SocketId(0), &operation, Step::Entered);
                self.note(SocketId(0), &operation, Step::Returned(Outcome::Failed(error)));
                Entry::Returned
            }
        }
    }

    fn apply_options(&mut self, tcp: &mut Host, name: SocketName, socket: Socket) {
        let options = self.options.remove(&name).unwrap_or_default();
        if let Some(settings) = tcp.settings_mut(socket).filter(|_| !options.is_empty()) {
            for option in options {
                option.apply(settings);
            }
            tcp.settings_changed(clock::now(), socket);
        }
    }

    fn note(&self, socket: SocketId, operation: &Operation, step: Step) {
        let call = Call { socket, operation: operation.clone(), step };
        self.recorder.now(self.host, Kind::Call(call));
    }
}

fn done(result: Result<(), Error>) -> Outcome {
    result.map_or_else(Outcome::Failed, |()| Outcome::Done)
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
