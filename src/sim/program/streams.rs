//! The calls on TCP sockets.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use crate::scenario::{Action, Payload, SocketName, SocketOption};
use crate::sim::simulation::Simulation;
use crate::sim::station::{Handle, PendingCall};
use crate::tcp::{Error, Socket, State};
use crate::timeline::{HostId, Operation, Outcome, Shutdown, SocketId};

use super::{Attempt, outcome, piece};

impl Simulation<'_> {
    /// The TCP socket that a name stands for, with its descriptor.
    fn tcp_socket(&self, host: HostId, name: SocketName) -> Option<(Socket, SocketId)> {
        let station = self.stations.get(host.0 as usize)?;
        match station.sockets.get(name.0 as usize)?.handle? {
            Handle::Tcp(socket) => Some((socket, station.descriptor_of(name))),
            Handle::Udp(..) => None,
        }
    }

    pub(super) fn listen(&mut self, host: HostId, name: SocketName, port: u16, backlog: u32) -> Attempt {
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

    pub(super) fn connect(
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

    pub(super) fn accept(
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
                    let endpoints = station.tcp.endpoints(child);
                    let socket = station.bind(made, child);
                    station.wake(made);
                    let peer = endpoints.map_or_else(unspecified, |(_, remote)| remote);
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

    pub(super) fn send(
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

    pub(super) fn recv(
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
            let Some(station) = self.stations.get_mut(host.0 as usize) else { return Attempt::Returned };
            let received = &mut self.received;
            let taken = station.tcp.recv_with(now, socket, max as usize, |octets| {
                if let Some(received) = received {
                    received.entry((host, name)).or_default().extend_from_slice(octets);
                }
            });
            let outcome = match taken {
                Err(Error::WouldBlock) => return Attempt::Waits(progress),
                Err(error) => Outcome::Failed(error),
                Ok(0) => Outcome::EndOfStream,
                Ok(len) => Outcome::Value(len as i64),
            };
            let more = to_end && matches!(outcome, Outcome::Value(_));
            self.leave(host, descriptor, Operation::Recv { max }, outcome);
            if !more {
                return Attempt::Returned;
            }
            (call.entered, progress) = (false, true);
        }
    }

    pub(super) fn shutdown(&mut self, host: HostId, name: SocketName, how: Shutdown) -> Attempt {
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

    pub(super) fn close(&mut self, host: HostId, name: SocketName, operation: Operation) -> Attempt {
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

    pub(super) fn set(
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
}

fn unspecified() -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0)
}
