//! Programs: the calls of the script, entered one after the other on each socket, and returned when
//! they can.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use crate::scenario::{Action, Payload, SocketName, SocketOption, Step};
use crate::tcp::{Error, Socket, State};
use crate::timeline::{self, Call, HostId, Kind, Note, Operation, Outcome, Shutdown, Sink, SocketId};
use crate::wire::{Datagram, Ip, Transport};

use super::simulation::Simulation;
use super::station::{Handle, PendingCall};

/// The most octets handed to the TCP in one piece.
const PIECE: u64 = 65_536;

/// What came of an attempt to make or to go on with a call.
enum Attempt {
    /// It has returned.
    Returned,
    /// It waits; whether it got further.
    Waits(bool),
}

impl<'s, S: Sink> Simulation<'s, S> {
    /// Starts an entry of the script.
    pub(super) fn start_entry(&mut self, index: u32) {
        let Some(entry) = self.script.entry(index) else { return };
        let calls = entry.steps.iter().filter(|step| is_call(&step.action)).count();
        self.script.start(index, calls as u32);
        for step in &entry.steps {
            self.take(Cow::Borrowed(step), Some(index));
        }
        self.script.went(index, self.now, &mut self.queue);
    }

    /// Takes a step now, as the script would: for a stepper in which the learner intervenes.
    pub fn perform(&mut self, step: Step) {
        self.take(Cow::Owned(step), None);
    }

    fn take(&mut self, step: Cow<'s, Step>, entry: Option<u32>) {
        let host = step.host;
        match &step.action {
            Action::Inject(inject) => return self.inject(host, inject),
            Action::Release { fault } => return self.release(fault.as_deref()),
            _ => {}
        }
        let Some(host) = host else { return };
        match &step.action {
            Action::Kill => self.kill(host),
            Action::Crash => self.crash(host),
            Action::Restart { isn } => self.restart(host, *isn),
            _ => self.call(host, PendingCall { step, entry, entered: false, done: 0 }),
        }
        self.settle(host);
    }

    /// A program calls, or will when its call before has returned.
    fn call(&mut self, host: HostId, call: PendingCall<'s>) {
        let name = call.step.socket;
        let Some(station) = self.stations.get_mut(host.0 as usize).filter(|station| station.up) else {
            return;
        };
        let Some(named) = station.sockets.get_mut(name.0 as usize) else { return };
        if !call.step.now || named.blocked.is_none() {
            named.next.push_back(call);
            station.wake(name);
            return;
        }
        // Another thread calls while one waits: should this call wait too, it comes next.
        let mut call = call;
        if let Attempt::Waits(_) = self.attempt(host, name, &mut call) {
            if let Some(named) = self.named(host, name) {
                named.next.push_front(call);
            }
        } else {
            self.finished(&call);
        }
        if let Some(station) = self.stations.get_mut(host.0 as usize) {
            station.wake(name);
        }
    }

    fn named(&mut self, host: HostId, name: SocketName) -> Option<&mut super::station::NamedSocket<'s>> {
        self.stations.get_mut(host.0 as usize)?.sockets.get_mut(name.0 as usize)
    }

    /// Lets the programs that were woken go on; whether anything came of it.
    pub(super) fn run_programs(&mut self, host: HostId) -> bool {
        let mut progress = false;
        let mut at = 0;
        loop {
            let Some(station) = self.stations.get_mut(host.0 as usize) else { return progress };
            let Some(name) = station.awake.get(at).copied() else {
                station.awake.clear();
                return progress;
            };
            at += 1;
            if let Some(named) = station.sockets.get_mut(name.0 as usize) {
                named.awake = false;
            }
            progress |= self.go_on(host, name);
        }
    }

    fn go_on(&mut self, host: HostId, name: SocketName) -> bool {
        let mut progress = false;
        loop {
            let Some(named) = self.named(host, name) else { return progress };
            let Some(mut call) = named.blocked.take().or_else(|| named.next.pop_front()) else {
                return progress;
            };
            match self.attempt(host, name, &mut call) {
                Attempt::Returned => {
                    progress = true;
                    self.finished(&call);
                    // A system call sends what it can before the program makes its next.
                    self.transmit(host);
                }
                Attempt::Waits(further) => {
                    if let Some(named) = self.named(host, name) {
                        named.blocked = Some(call);
                    }
                    return progress || further;
                }
            }
        }
    }

    fn finished(&mut self, call: &PendingCall<'_>) {
        if let Some(entry) = call.entry {
            self.script.returned(entry, self.now, &mut self.queue);
        }
    }

    /// Makes a call or goes on with it.
    fn attempt(&mut self, host: HostId, name: SocketName, call: &mut PendingCall<'s>) -> Attempt {
        let step = call.step.clone();
        match &step.action {
            Action::Listen { port, backlog } => self.listen(host, name, *port, *backlog),
            Action::Connect { to, from, fast_open } => {
                self.connect(host, name, call, *to, *from, fast_open.as_ref())
            }
            Action::Accept { name: made, forever } => self.accept(host, name, call, *made, *forever),
            Action::Send(payload) => self.send(host, name, call, payload),
            Action::Recv { max, to_end } => self.recv(host, name, call, *max, *to_end),
            Action::Shutdown(how) => self.shutdown(host, name, *how),
            Action::Close => self.close(host, name, Operation::Close),
            Action::Abort => self.close(host, name, Operation::Abort),
            Action::Set { option, shown } => self.set(host, name, *option, shown),
            Action::UdpBind(port) => self.udp_bind(host, name, *port),
            Action::UdpSend { to, payload } => self.udp_send(host, name, *to, payload),
            Action::UdpRecv => self.udp_recv(host, name, call),
            _ => Attempt::Returned,
        }
    }

    pub(super) fn enter(&mut self, host: HostId, socket: SocketId, operation: Operation) {
        self.record(host, Kind::Call(Call { socket, operation, step: timeline::Step::Entered }));
    }

    pub(super) fn leave(&mut self, host: HostId, socket: SocketId, operation: Operation, outcome: Outcome) {
        self.record(host, Kind::Call(Call { socket, operation, step: timeline::Step::Returned(outcome) }));
    }

    /// Records the entry of a call that may wait, once.
    fn enter_once(
        &mut self,
        host: HostId,
        call: &mut PendingCall<'_>,
        socket: SocketId,
        operation: Operation,
    ) {
        if !std::mem::replace(&mut call.entered, true) {
            self.enter(host, socket, operation);
        }
    }

    /// The TCP socket that a name stands for, with its descriptor.
    fn tcp_socket(&self, host: HostId, name: SocketName) -> Option<(Socket, SocketId)> {
        let station = self.stations.get(host.0 as usize)?;
        match station.sockets.get(name.0 as usize)?.handle? {
            Handle::Tcp(socket) => Some((socket, station.descriptor_of(name))),
            Handle::Udp(..) => None,
        }
    }

    fn listen(&mut self, host: HostId, name: SocketName, port: u16, backlog: u32) -> Attempt {
        let now = self.now;
        let Some(station) = self.stations.get_mut(host.0 as usize) else { return Attempt::Returned };
        let addr = match station.tcp.config().addrs[..] {
            [only] => only,
            _ => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        };
        let local = SocketAddr::new(addr, port);
        let made = if station.port_is_refused(name, port) {
            Err(Error::AddrInUse)
        } else {
            station.tcp.listen(now, local, backlog)
        };
        let descriptor = match made {
            Ok(socket) => station.bind(name, socket),
            Err(_) => station.descriptor(),
        };
        self.enter(host, descriptor, Operation::Bind(local));
        match made {
            Ok(_) => {
                self.leave(host, descriptor, Operation::Bind(local), Outcome::Done);
                self.enter(host, descriptor, Operation::Listen { backlog });
                self.leave(host, descriptor, Operation::Listen { backlog }, Outcome::Done);
            }
            Err(error) => self.leave(host, descriptor, Operation::Bind(local), Outcome::Failed(error)),
        }
        Attempt::Returned
    }

    fn connect(
        &mut self,
        host: HostId,
        name: SocketName,
        call: &mut PendingCall<'_>,
        to: SocketAddr,
        from: Option<u16>,
        fast_open: Option<&Payload>,
    ) -> Attempt {
        let now = self.now;
        if call.entered {
            return self.connected(host, name, to);
        }
        call.entered = true;
        let text = fast_open.map(|payload| piece(payload, 0)).unwrap_or_default();
        let Some(station) = self.stations.get_mut(host.0 as usize) else { return Attempt::Returned };
        let mut settings = station.tcp.config().settings;
        if let Some(named) = station.sockets.get_mut(name.0 as usize) {
            named.options.drain(..).for_each(|option| option.apply(&mut settings));
        }
        if fast_open.is_some() {
            settings.fast_open_client = true;
        }
        let unspecified = if to.is_ipv4() {
            IpAddr::V4(Ipv4Addr::UNSPECIFIED)
        } else {
            IpAddr::V6(std::net::Ipv6Addr::UNSPECIFIED)
        };
        let local = from.map(|port| SocketAddr::new(unspecified, port));
        let made = station.tcp.connect_with(now, local, to, settings, &text);
        let descriptor = match made {
            Ok(socket) => station.bind(name, socket),
            Err(_) => station.descriptor(),
        };
        self.enter(host, descriptor, Operation::Connect(to));
        match made {
            Ok(_) => Attempt::Waits(true),
            Err(error) => {
                self.leave(host, descriptor, Operation::Connect(to), Outcome::Failed(error));
                Attempt::Returned
            }
        }
    }

    /// `connect()` was woken: it may be able to return.
    fn connected(&mut self, host: HostId, name: SocketName, to: SocketAddr) -> Attempt {
        let Some((socket, descriptor)) = self.tcp_socket(host, name) else { return Attempt::Returned };
        let Some(station) = self.stations.get_mut(host.0 as usize) else { return Attempt::Returned };
        let outcome = match station.tcp.state(socket) {
            State::SynSent | State::SynReceived => return Attempt::Waits(false),
            State::Closed => {
                let error = station.tcp.take_error(socket).unwrap_or(Error::Aborted);
                Outcome::Failed(error)
            }
            _ => Outcome::Done,
        };
        self.leave(host, descriptor, Operation::Connect(to), outcome);
        Attempt::Returned
    }

    fn accept(
        &mut self,
        host: HostId,
        name: SocketName,
        call: &mut PendingCall<'_>,
        made: SocketName,
        forever: bool,
    ) -> Attempt {
        let now = self.now;
        let mut progress = false;
        loop {
            let Some((listener, descriptor)) = self.tcp_socket(host, name) else {
                return Attempt::Waits(progress);
            };
            self.enter_once(host, call, descriptor, Operation::Accept);
            let Some(station) = self.stations.get_mut(host.0 as usize) else { return Attempt::Returned };
            let outcome = match station.tcp.accept(now, listener) {
                Err(Error::WouldBlock) => return Attempt::Waits(progress),
                Err(error) => Outcome::Failed(error),
                Ok(child) => {
                    let connection = station.connection(child);
                    let socket = station.bind(made, child);
                    station.wake(made);
                    let peer = connection.map_or_else(unspecified, |connection| connection.remote);
                    self.apply_options(host, made);
                    Outcome::Accepted { socket, peer }
                }
            };
            let failed = matches!(outcome, Outcome::Failed(_));
            self.leave(host, descriptor, Operation::Accept, outcome);
            if !forever || failed {
                return Attempt::Returned;
            }
            // A server's loop: the next accept() is entered at once.
            (call.entered, progress) = (false, true);
        }
    }

    fn send(
        &mut self,
        host: HostId,
        name: SocketName,
        call: &mut PendingCall<'_>,
        payload: &Payload,
    ) -> Attempt {
        let now = self.now;
        let Some((socket, descriptor)) = self.tcp_socket(host, name) else { return Attempt::Waits(false) };
        let operation = Operation::Send { len: u32::try_from(payload.len()).unwrap_or(u32::MAX) };
        self.enter_once(host, call, descriptor, operation.clone());
        let before = call.done;
        loop {
            let text = piece(payload, call.done);
            let Some(station) = self.stations.get_mut(host.0 as usize) else { return Attempt::Returned };
            match station.tcp.send(now, socket, &text) {
                Ok(taken) => call.done += taken as u64,
                Err(Error::WouldBlock) => return Attempt::Waits(call.done > before),
                Err(error) => {
                    // As write(2): what was taken before the error is reported, the error comes next time.
                    let outcome = if call.done > before {
                        Outcome::Value(call.done as i64)
                    } else {
                        Outcome::Failed(error)
                    };
                    self.leave(host, descriptor, operation, outcome);
                    return Attempt::Returned;
                }
            }
            if call.done >= payload.len() {
                self.leave(host, descriptor, operation, Outcome::Value(call.done as i64));
                return Attempt::Returned;
            }
        }
    }

    fn recv(
        &mut self,
        host: HostId,
        name: SocketName,
        call: &mut PendingCall<'_>,
        max: u32,
        to_end: bool,
    ) -> Attempt {
        let now = self.now;
        let mut progress = false;
        loop {
            let Some((socket, descriptor)) = self.tcp_socket(host, name) else {
                return Attempt::Waits(progress);
            };
            self.enter_once(host, call, descriptor, Operation::Recv { max });
            self.scratch.clear();
            let Some(station) = self.stations.get_mut(host.0 as usize) else { return Attempt::Returned };
            let outcome = match station.tcp.recv(now, socket, max as usize, &mut self.scratch) {
                Err(Error::WouldBlock) => return Attempt::Waits(progress),
                Err(error) => Outcome::Failed(error),
                Ok(0) => Outcome::EndOfStream,
                Ok(len) => Outcome::Value(len as i64),
            };
            let more = to_end && matches!(outcome, Outcome::Value(_));
            if let Some(received) = &mut self.received {
                received.entry((host, name)).or_default().extend_from_slice(&self.scratch);
            }
            self.leave(host, descriptor, Operation::Recv { max }, outcome);
            if !more {
                return Attempt::Returned;
            }
            (call.entered, progress) = (false, true);
        }
    }

    fn shutdown(&mut self, host: HostId, name: SocketName, how: Shutdown) -> Attempt {
        let now = self.now;
        let Some((socket, descriptor)) = self.tcp_socket(host, name) else { return Attempt::Waits(false) };
        self.enter(host, descriptor, Operation::Shutdown(how));
        let Some(station) = self.stations.get_mut(host.0 as usize) else { return Attempt::Returned };
        let done = match how {
            // Only the program's own side changes: nothing is sent, nothing is told to the peer.
            Shutdown::Read => Ok(()),
            Shutdown::Write | Shutdown::Both => station.tcp.shutdown_write(now, socket),
        };
        self.leave(host, descriptor, Operation::Shutdown(how), outcome(done));
        Attempt::Returned
    }

    fn close(&mut self, host: HostId, name: SocketName, operation: Operation) -> Attempt {
        let now = self.now;
        let Some(station) = self.stations.get_mut(host.0 as usize) else { return Attempt::Returned };
        let descriptor = station.descriptor_of(name);
        let handle = station.sockets.get(name.0 as usize).and_then(|named| named.handle);
        let done = match handle {
            None => return self.without_socket(host, name),
            Some(Handle::Udp(port, _)) => {
                station.udp.close(port);
                Ok(())
            }
            Some(Handle::Tcp(socket)) if operation == Operation::Abort => station.tcp.abort(now, socket),
            Some(Handle::Tcp(socket)) => station.tcp.close(now, socket),
        };
        self.enter(host, descriptor, operation.clone());
        self.leave(host, descriptor, operation, outcome(done));
        Attempt::Returned
    }

    /// A call on the default connection of a host that has only a listener is about the listener.
    fn without_socket(&mut self, host: HostId, name: SocketName) -> Attempt {
        let makes_one = self.scenario.script.iter().flat_map(|entry| &entry.steps).any(|step| {
            step.host == Some(host)
                && match step.action {
                    Action::Connect { .. } => step.socket == name,
                    Action::Accept { name: made, .. } => made == name,
                    _ => false,
                }
        });
        if makes_one || name != SocketName::CONNECTION {
            return Attempt::Waits(false);
        }
        let has_listener = self.named(host, SocketName::LISTENER).is_some_and(|named| named.handle.is_some());
        if has_listener {
            self.close(host, SocketName::LISTENER, Operation::Close)
        } else {
            Attempt::Waits(false)
        }
    }

    fn set(
        &mut self,
        host: HostId,
        name: SocketName,
        option: SocketOption,
        shown: &(&'static str, String),
    ) -> Attempt {
        let operation = Operation::SetOption { name: shown.0.into(), value: Cow::Owned(shown.1.clone()) };
        let descriptor = self.stations.get(host.0 as usize).map(|station| station.descriptor_of(name));
        self.enter(host, descriptor.unwrap_or_default(), operation.clone());
        if let Some(named) = self.named(host, name) {
            named.options.push(option);
        }
        self.apply_options(host, name);
        self.leave(host, descriptor.unwrap_or_default(), operation, Outcome::Done);
        Attempt::Returned
    }

    /// Sets the options that wait for a socket, once there is one.
    fn apply_options(&mut self, host: HostId, name: SocketName) {
        let Some((socket, _)) = self.tcp_socket(host, name) else { return };
        let now = self.now;
        let Some(station) = self.stations.get_mut(host.0 as usize) else { return };
        let Some(named) = station.sockets.get_mut(name.0 as usize) else { return };
        if named.options.is_empty() {
            return;
        }
        if let Some(settings) = station.tcp.settings_mut(socket) {
            named.options.drain(..).for_each(|option| option.apply(settings));
            station.tcp.settings_changed(now, socket);
        }
    }

    fn udp_bind(&mut self, host: HostId, name: SocketName, port: u16) -> Attempt {
        let Some(station) = self.stations.get_mut(host.0 as usize) else { return Attempt::Returned };
        let descriptor = station.descriptor();
        let local = SocketAddr::new(
            station.tcp.config().addrs.first().copied().unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
            port,
        );
        let bound = station.udp.bind(port, name);
        if let (Ok(port), Some(named)) = (bound, station.sockets.get_mut(name.0 as usize)) {
            named.handle = Some(Handle::Udp(port, descriptor));
        }
        self.enter(host, descriptor, Operation::Bind(local));
        self.leave(host, descriptor, Operation::Bind(local), outcome(bound.map(|_| ())));
        Attempt::Returned
    }

    fn udp_port(&mut self, host: HostId, name: SocketName) -> Result<(u16, SocketId), Error> {
        let station = self.stations.get_mut(host.0 as usize).ok_or(Error::Invalid)?;
        if let Some(Handle::Udp(port, descriptor)) =
            station.sockets.get(name.0 as usize).and_then(|n| n.handle)
        {
            return Ok((port, descriptor));
        }
        let port = station.udp.bind_any(name)?;
        let descriptor = station.descriptor();
        if let Some(named) = station.sockets.get_mut(name.0 as usize) {
            named.handle = Some(Handle::Udp(port, descriptor));
        }
        Ok((port, descriptor))
    }

    fn udp_send(
        &mut self,
        host: HostId,
        name: SocketName,
        to: Option<SocketAddr>,
        payload: &Payload,
    ) -> Attempt {
        let Ok((port, descriptor)) = self.udp_port(host, name) else { return Attempt::Returned };
        let Some(station) = self.stations.get_mut(host.0 as usize) else { return Attempt::Returned };
        let Some(to) = to.or_else(|| station.udp.last_from(port)) else { return Attempt::Waits(false) };
        let text = piece(payload, 0);
        let len = text.len() as u32;
        let operation = Operation::SendTo { len, to };
        let src = station.tcp.config().addrs.iter().copied().find(|addr| addr.is_ipv4() == to.is_ipv4());
        station.ip_id = station.ip_id.wrapping_add(1);
        let id = if to.is_ipv4() { 0x8000 | station.ip_id } else { 0 };
        self.enter(host, descriptor, operation.clone());
        let Some(src) = src else {
            self.leave(host, descriptor, operation, Outcome::Failed(Error::Unreachable));
            return Attempt::Returned;
        };
        let ip = Ip { src, dst: to.ip(), id, ..Ip::default() };
        let datagram = Datagram { src_port: port, dst_port: to.port(), checksum: 0, len };
        self.send_raw(host, &ip, &Transport::Udp(datagram), &text);
        self.leave(host, descriptor, operation, Outcome::Value(i64::from(len)));
        Attempt::Returned
    }

    fn udp_recv(&mut self, host: HostId, name: SocketName, call: &mut PendingCall<'_>) -> Attempt {
        let Ok((port, descriptor)) = self.udp_port(host, name) else { return Attempt::Returned };
        let operation = Operation::RecvFrom { max: PIECE as u32 };
        self.enter_once(host, call, descriptor, operation.clone());
        let Some(station) = self.stations.get_mut(host.0 as usize) else { return Attempt::Returned };
        let outcome = match station.udp.receive(port) {
            Err(Error::WouldBlock) => return Attempt::Waits(false),
            Err(error) => Outcome::Failed(error),
            Ok((len, from)) => Outcome::From { len, from },
        };
        self.leave(host, descriptor, operation, outcome);
        Attempt::Returned
    }

    /// The process dies; its kernel closes what it had open, in the order of the descriptors.
    fn kill(&mut self, host: HostId) {
        self.record(host, Kind::Note(Note::Killed { signal: "SIGKILL".into() }));
        self.cancel(host);
        let now = self.now;
        let Some(station) = self.stations.get_mut(host.0 as usize) else { return };
        let mut open: Vec<Handle> =
            station.sockets.iter_mut().filter_map(|named| named.handle.take()).collect();
        open.sort_by_key(|handle| match handle {
            Handle::Tcp(socket) => {
                station.known.get(socket.0 as usize).map_or(SocketId(0), |known| known.descriptor)
            }
            Handle::Udp(_, descriptor) => *descriptor,
        });
        for handle in open {
            match handle {
                // An error means that the program had closed the socket before.
                Handle::Tcp(socket) => drop(station.tcp.close(now, socket)),
                Handle::Udp(port, _) => station.udp.close(port),
            }
        }
    }

    fn crash(&mut self, host: HostId) {
        self.record(host, Kind::Note(Note::Crashed));
        self.cancel(host);
        if let Some(station) = self.stations.get_mut(host.0 as usize) {
            station.up = false;
            station.armed = None;
        }
    }

    fn restart(&mut self, host: HostId, isn: Option<u32>) {
        self.cancel(host);
        let (scenario, choice) = (self.scenario, self.choice);
        if let Some(station) = self.stations.get_mut(host.0 as usize) {
            station.restart(scenario, &choice, isn);
        }
        self.record(host, Kind::Note(Note::Restarted));
    }

    /// The calls of a host's programs end with their process: none of them returns.
    fn cancel(&mut self, host: HostId) {
        let Some(station) = self.stations.get_mut(host.0 as usize) else { return };
        let mut calls = Vec::new();
        for named in &mut station.sockets {
            calls.extend(named.blocked.take());
            calls.extend(named.next.drain(..));
        }
        for call in calls {
            self.finished(&call);
        }
    }
}

/// Whether a step is a call, which enters and returns.
fn is_call(action: &Action) -> bool {
    !matches!(
        action,
        Action::Inject(_) | Action::Release { .. } | Action::Kill | Action::Crash | Action::Restart { .. }
    )
}

fn outcome(result: Result<(), Error>) -> Outcome {
    result.map_or_else(Outcome::Failed, |()| Outcome::Done)
}

fn unspecified() -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0)
}

/// A piece of a counted payload, wherever in its period it begins.
static PATTERN: [u8; PATTERN_LEN] = {
    let mut octets = [0; PATTERN_LEN];
    let mut place = 0;
    while place < PATTERN_LEN {
        octets[place] = Payload::octet(place as u64);
        place += 1;
    }
    octets
};
const PATTERN_LEN: usize = (PIECE + Payload::PERIOD) as usize;

/// The next octets of a payload, from `from` on, at most one piece.
pub(super) fn piece(payload: &Payload, from: u64) -> Cow<'_, [u8]> {
    match payload {
        Payload::Text(text) => Cow::Borrowed(text.get(from as usize..).unwrap_or_default()),
        Payload::Count(count) => {
            let len = count.saturating_sub(from).min(PIECE) as usize;
            let start = (from % Payload::PERIOD) as usize;
            Cow::Borrowed(PATTERN.get(start..start + len).unwrap_or_default())
        }
    }
}
