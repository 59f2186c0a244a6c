//! Blocking sockets whose calls are the lecture's: `socket`, `bind`, `listen`, `accept`, `connect`,
//! `send`, `recv`, `close`, each in the open, so that they can be told beside the segments they cause.
//!
//! They differ from the standard library's in three things: a [`Witness`] hears of every call, the
//! backlog can be chosen, and a [`Stop`] ends a call that waits.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::sync::{Arc, Weak};
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::socket::sockopt::ReuseAddr;
use nix::sys::socket::{
    AddressFamily, Backlog, SockFlag, SockType, SockaddrStorage, bind, connect, getsockname, listen,
    setsockopt, socket,
};

use super::error::Error;
use super::line::Line;
use super::stop::{HangUp, Ready, Stop};
use crate::timeline::{Call, Operation, Outcome, SocketId, Step};

/// Hears of every call of this program's sockets, when it begins and when it returns.
pub trait Witness: Send + Sync {
    /// One end of a call, at the time it happens.
    fn call(&self, call: Call);

    /// The kernel has given a socket this address of ours.
    fn bound(&self, socket: SocketId, local: SocketAddr);
}

/// Opens sockets.
#[derive(Clone)]
pub struct Sockets {
    stop: Stop,
    witness: Option<Arc<dyn Witness>>,
}

/// A socket, closed when dropped.
pub(super) struct Open<T: HangUp + AsFd + 'static> {
    /// Empty only while it is being closed.
    socket: Option<Arc<T>>,
    id: SocketId,
    /// Its own address for `bind`, else the peer's: the one that errors are about.
    about: SocketAddr,
    sockets: Sockets,
}

/// A listening socket: the telephone on standby.
pub struct Listener(Open<TcpListener>);

impl Sockets {
    /// Sockets that `stop` ends and `witness`, if any, hears of.
    pub fn new(stop: Stop, witness: Option<Arc<dyn Witness>>) -> Self {
        Self { stop, witness }
    }

    /// `socket()`, `bind()` and `listen()`. Port 0 lets the kernel choose one; see
    /// [`Listener::address`]. `SO_REUSEADDR` is set, so that a server can start again while the
    /// connections of the last one are in TIME-WAIT; a port where another listens stays taken.
    ///
    /// # Errors
    /// The call that failed, with the address.
    pub fn listen(&self, address: SocketAddr, backlog: u32) -> Result<Listener, Error> {
        let fd = self.socket(address, SockType::Stream)?;
        let listener: Open<TcpListener> = self.open(fd.into(), address);
        listener.set_option("SO_REUSEADDR", "1", |socket| setsockopt(socket, ReuseAddr, &true))?;
        listener.bind(address)?;
        let size = Backlog::new(i32::try_from(backlog).unwrap_or(i32::MAX)).unwrap_or(Backlog::MAXCONN);
        listener.observed(
            "listen",
            Operation::Listen { backlog },
            |()| Outcome::Done,
            |socket| Ok(listen(socket, size)?),
        )?;
        Ok(Listener(listener))
    }

    /// `socket()` and `connect()`, to the first of these addresses that answers; `None` when this
    /// program was asked to end meanwhile.
    ///
    /// # Errors
    /// What failed at the last of them.
    pub fn connect(&self, addresses: &[SocketAddr]) -> Result<Option<Line>, Error> {
        let mut result = Ok(None);
        for address in addresses {
            result = self.connect_one(*address);
            if result.is_ok() {
                break;
            }
        }
        result
    }

    fn connect_one(&self, address: SocketAddr) -> Result<Option<Line>, Error> {
        let fd = self.socket(address, SockType::Stream)?;
        let line: Open<TcpStream> = self.open(fd.into(), address);
        let connected = line.observed(
            "connect",
            Operation::Connect(address),
            |()| Outcome::Done,
            |socket| {
                match connect(socket.as_fd().as_raw_fd(), &SockaddrStorage::from(address)) {
                    // The kernel goes on connecting; the result is told by the socket.
                    Err(Errno::EINTR) => {
                        self.stop.wait_writable(socket.as_fd(), None)?;
                        socket.take_error()?.map_or(Ok(()), Err)?;
                    }
                    result => result?,
                }
                line.tell_address(socket);
                Ok(())
            },
        );
        match connected {
            _ if self.stop.is_raised() => Ok(None),
            Ok(()) => Ok(Some(Line(line))),
            Err(error) => Err(error),
        }
    }

    pub(super) fn socket(&self, address: SocketAddr, kind: SockType) -> Result<OwnedFd, Error> {
        let family = if address.is_ipv6() { AddressFamily::Inet6 } else { AddressFamily::Inet };
        let fd = socket(family, kind, SockFlag::SOCK_CLOEXEC, None)
            .map_err(|errno| Error::socket("socket", address, errno))?;
        let id = descriptor(&fd);
        self.tell(id, Operation::Socket, Step::Entered);
        self.tell(id, Operation::Socket, Step::Returned(Outcome::Value(id.0.into())));
        Ok(fd)
    }

    pub(super) fn open<T: HangUp + AsFd>(&self, socket: T, about: SocketAddr) -> Open<T> {
        let id = descriptor(&socket);
        let socket = Arc::new(socket);
        let weak: Weak<T> = Arc::downgrade(&socket);
        self.stop.watch(weak);
        Open { socket: Some(socket), id, about, sockets: self.clone() }
    }

    fn tell(&self, socket: SocketId, operation: Operation, step: Step) {
        if let Some(witness) = &self.witness {
            witness.call(Call { socket, operation, step });
        }
    }
}

impl<T: HangUp + AsFd + AsRawFd> Open<T> {
    /// The address that it is about: for a line, the peer's.
    pub(super) fn about(&self) -> SocketAddr {
        self.about
    }

    /// Makes a call and tells the witness.
    pub(super) fn observed<R>(
        &self,
        name: &'static str,
        operation: Operation,
        outcome: impl FnOnce(&R) -> Outcome,
        call: impl FnOnce(&T) -> io::Result<R>,
    ) -> Result<R, Error> {
        let Some(socket) = &self.socket else {
            return Err(Error::socket(name, self.about, Errno::EBADF));
        };
        self.sockets.tell(self.id, operation.clone(), Step::Entered);
        let was_raised = self.stop().is_raised();
        let result = call(socket);
        let outcome = match &result {
            Ok(value) => outcome(value),
            Err(error) => Outcome::FailedWith(errno_name(error).into()),
        };
        // A call that only the wish to end has woken has no result worth telling.
        if was_raised == self.stop().is_raised() {
            self.sockets.tell(self.id, operation, Step::Returned(outcome));
        }
        result.map_err(|error| Error::socket(name, self.about, error))
    }

    /// `setsockopt()`; name and value as a C programmer would write them.
    pub(super) fn set_option(
        &self,
        name: &'static str,
        value: &str,
        set: impl FnOnce(&T) -> nix::Result<()>,
    ) -> Result<(), Error> {
        let operation = Operation::SetOption { name: name.into(), value: value.to_owned().into() };
        self.observed("setsockopt", operation, |()| Outcome::Done, |socket| Ok(set(socket)?))
    }

    pub(super) fn bind(&self, address: SocketAddr) -> Result<(), Error> {
        self.observed(
            "bind",
            Operation::Bind(address),
            |()| Outcome::Done,
            |socket| {
                bind(socket.as_raw_fd(), &SockaddrStorage::from(address))?;
                self.tell_address(socket);
                Ok(())
            },
        )
    }

    /// Tells the witness of the address that the socket has by now.
    pub(super) fn tell_address(&self, socket: &T) {
        let Some(witness) = &self.sockets.witness else { return };
        let local = getsockname::<SockaddrStorage>(socket.as_raw_fd());
        if let Some(local) = local.ok().as_ref().and_then(socket_address) {
            witness.bound(self.id, local);
        }
    }

    pub(super) fn fd(&self) -> Result<BorrowedFd<'_>, Error> {
        let open = self.socket.as_ref().map(AsFd::as_fd);
        open.ok_or_else(|| Error::socket("poll", self.about, Errno::EBADF))
    }

    pub(super) fn get(&self) -> Result<&T, Error> {
        self.socket.as_deref().ok_or_else(|| Error::socket("poll", self.about, Errno::EBADF))
    }

    pub(super) fn stop(&self) -> &Stop {
        &self.sockets.stop
    }

    /// Waits until there is something to receive.
    pub(super) fn wait(&self, patience: Option<Duration>) -> Result<Ready, Error> {
        let ready = self.stop().wait_readable(&[self.fd()?], patience);
        ready.map_err(|error| Error::socket("poll", self.about, error))
    }
}

impl<T: HangUp + AsFd> Drop for Open<T> {
    fn drop(&mut self) {
        self.sockets.tell(self.id, Operation::Close, Step::Entered);
        self.socket = None;
        self.sockets.tell(self.id, Operation::Close, Step::Returned(Outcome::Done));
    }
}

impl Listener {
    /// The address it really listens on.
    ///
    /// # Errors
    /// The kernel's; none is known for a socket that listens.
    pub fn address(&self) -> Result<SocketAddr, Error> {
        let address = self.0.get()?.local_addr();
        address.map_err(|error| Error::socket("getsockname", self.0.about, error))
    }

    /// Waits for the next peer; `None` when this program was asked to end.
    ///
    /// # Errors
    /// `accept()`'s. A connection that was reset while it waited to be accepted is no error; the
    /// next one is waited for.
    pub fn accept(&self) -> Result<Option<(Line, SocketAddr)>, Error> {
        loop {
            let accepted = self.0.observed("accept", Operation::Accept, accepted, TcpListener::accept);
            match accepted {
                _ if self.0.stop().is_raised() => return Ok(None),
                Ok((stream, peer)) => return Ok(Some((Line(self.0.sockets.open(stream, peer)), peer))),
                Err(Error::Socket { source, .. }) if source.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

fn accepted((stream, peer): &(TcpStream, SocketAddr)) -> Outcome {
    Outcome::Accepted { socket: descriptor(stream), peer: *peer }
}

/// Makes a call again that was interrupted: the process was stopped and continued, or is traced.
pub(super) fn retried<R>(mut call: impl FnMut() -> io::Result<R>) -> io::Result<R> {
    loop {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// The address in the kernel's form, as Rust has it.
pub(super) fn socket_address(address: &SockaddrStorage) -> Option<SocketAddr> {
    let v4 = address.as_sockaddr_in().map(|v4| SocketAddr::V4((*v4).into()));
    v4.or_else(|| address.as_sockaddr_in6().map(|v6| SocketAddr::V6((*v6).into())))
}

fn descriptor(socket: &impl AsFd) -> SocketId {
    SocketId(socket.as_fd().as_raw_fd().unsigned_abs())
}

fn errno_name(error: &io::Error) -> String {
    match error.raw_os_error() {
        Some(code) => format!("{:?}", Errno::from_raw(code)),
        None => error.to_string(),
    }
}
