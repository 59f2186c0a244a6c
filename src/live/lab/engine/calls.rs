//! The programs on our own TCP: the same calls as on a kernel, over [`tcp::Host`](crate::tcp::Host).

use std::collections::BTreeMap;
use std::net::SocketAddr;

use crate::live::clock;
use crate::live::lab::programs::Job;
use crate::live::lab::record::{Recorder, Signal};
use crate::scenario::{Action, Payload, SocketName};
use crate::tcp::{Error, Host, Settings, Socket, State};
use crate::timeline::{Call, HostId, Kind, Operation, Outcome, Shutdown, SocketId, Step};

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
    sockets: BTreeMap<SocketName, Socket>,
    running: Vec<Running>,
}

/// A program's largest single read or write.
const CHUNK: usize = 1 << 16;

impl Programs {
    pub(super) fn new(host: HostId, settings: Settings, recorder: Recorder) -> Programs {
        Programs { host, settings, recorder, sockets: BTreeMap::new(), running: Vec::new() }
    }

    pub(super) fn give(&mut self, job: Job) {
        self.running.push(Running { job, entered: None, octets: 0 });
    }

    /// Goes on with every call that may; whether any did.
    pub(super) fn advance(&mut self, tcp: &mut Host) -> bool {
        let mut moved = false;
        let mut index = 0;
        while index < self.running.len() {
            let (earlier, rest) = self.running.split_at(index);
            let Some(call) = rest.first() else { break };
            let exists = self.sockets.contains_key(&call.job.socket);
            if earlier.iter().any(|other| other.job.holds_up(&call.job, exists)) {
                index += 1;
                continue;
            }
            let mut call = self.running.remove(index);
            let before = (call.entered.is_some(), call.octets);
            if self.go_on(tcp, &mut call) {
                self.recorder.signal(Signal::Returned { step: call.job.step });
                moved = true;
            } else {
                moved |= before != (call.entered.is_some(), call.octets);
                self.running.insert(index, call);
                index += 1;
            }
        }
        moved
    }

    /// Enters the call or tries again; whether it has returned.
    fn go_on(&mut self, tcp: &mut Host, call: &mut Running) -> bool {
        let now = clock::now();
        let name = call.job.socket;
        if call.entered.is_none() {
            let Some(entered) = self.enter(tcp, &call.job) else { return true };
            call.entered = Some(entered);
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
                    let nobody = SocketAddr::from(([0, 0, 0, 0], 0));
                    let peer = tcp.endpoints(child).map_or(nobody, |(_, remote)| remote);
                    let outcome = Outcome::Accepted { socket: SocketId(child.0), peer };
                    if *forever {
                        self.note(socket, &operation, Step::Returned(outcome));
                        self.note(socket, &operation, Step::Entered);
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
                match tcp.recv(now, socket, *max as usize, &mut room) {
                    Err(Error::WouldBlock) => return false,
                    Err(error) => Outcome::Failed(error),
                    Ok(0) => Outcome::EndOfStream,
                    Ok(len) if *to_end => {
                        call.octets += len;
                        self.note(socket, &operation, Step::Returned(Outcome::Value(len as i64)));
                        self.note(socket, &operation, Step::Entered);
                        return false;
                    }
                    Ok(len) => Outcome::Value(len as i64),
                }
            }
            Action::Shutdown(Shutdown::Read) => Outcome::Done,
            Action::Shutdown(_) => done(tcp.shutdown_write(now, socket)),
            Action::Close => {
                self.sockets.remove(&name);
                done(tcp.close(now, socket))
            }
            Action::Abort => {
                self.sockets.remove(&name);
                done(tcp.abort(now, socket))
            }
            Action::Set { option, .. } => {
                if let Some(settings) = tcp.settings_mut(socket) {
                    option.apply(settings);
                }
                tcp.settings_changed(now, socket);
                Outcome::Done
            }
            _ => Outcome::Done,
        };
        self.note(socket, &operation, Step::Returned(outcome));
        true
    }

    /// The socket of a call that is entered now, and what it asks; `None` when there is nothing to wait for.
    fn enter(&mut self, tcp: &mut Host, job: &Job) -> Option<(Socket, Operation)> {
        let now = clock::now();
        let operation = match &job.action {
            Action::Listen { port, backlog } => {
                let operation = Operation::Listen { backlog: *backlog };
                let addrs = &tcp.config().addrs;
                let addr = match addrs.as_slice() {
                    [only] => *only,
                    _ => std::net::Ipv4Addr::UNSPECIFIED.into(),
                };
                let opened = tcp.listen(now, SocketAddr::new(addr, *port), *backlog);
                return self.opened(job.socket, operation, opened);
            }
            Action::Connect { to, from, fast_open } => {
                let operation = Operation::Connect(*to);
                let any = tcp.config().addrs.iter().copied().find(|addr| addr.is_ipv4() == to.is_ipv4());
                let local = from.zip(any).map(|(port, addr)| SocketAddr::new(addr, port));
                let text = fast_open.as_ref().map(|payload| chunk(payload, 0)).unwrap_or_default();
                let opened = tcp.connect_with(now, local, *to, self.settings, &text);
                return self.opened(job.socket, operation, opened);
            }
            Action::Kill => {
                for (_, socket) in std::mem::take(&mut self.sockets) {
                    let _ = tcp.close(now, socket);
                }
                return None;
            }
            Action::Accept { .. } => Operation::Accept,
            Action::Send(payload) => Operation::Send { len: payload.len() as u32 },
            Action::Recv { max, .. } => Operation::Recv { max: *max },
            Action::Shutdown(how) => Operation::Shutdown(*how),
            Action::Close => Operation::Close,
            Action::Abort => Operation::Abort,
            Action::Set { shown, .. } => {
                Operation::SetOption { name: shown.0.into(), value: shown.1.clone().into() }
            }
            // The engine is a TCP; what the network does is not for a program.
            _ => return None,
        };
        let Some(socket) = self.sockets.get(&job.socket).copied() else {
            self.note(Socket(0), &operation, Step::Entered);
            self.note(Socket(0), &operation, Step::Returned(Outcome::FailedWith("EBADF".into())));
            return None;
        };
        self.note(socket, &operation, Step::Entered);
        Some((socket, operation))
    }

    fn opened(
        &mut self,
        name: SocketName,
        operation: Operation,
        opened: Result<Socket, Error>,
    ) -> Option<(Socket, Operation)> {
        match opened {
            Ok(socket) => {
                self.sockets.insert(name, socket);
                self.note(socket, &operation, Step::Entered);
                Some((socket, operation))
            }
            Err(error) => {
                self.note(Socket(0), &operation, Step::Entered);
                self.note(Socket(0), &operation, Step::Returned(Outcome::Failed(error)));
                None
            }
        }
    }

    fn note(&self, socket: Socket, operation: &Operation, step: Step) {
        let call = Call { socket: SocketId(socket.0), operation: operation.clone(), step };
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
