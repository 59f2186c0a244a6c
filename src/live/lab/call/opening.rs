//! How the sockets of a host are made.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::sync::{Arc, OnceLock};
use std::thread;

use nix::libc;
use nix::sys::eventfd::EventFd;
use nix::sys::socket::{Backlog, SockType, SockaddrStorage, bind, listen};

use super::super::programs::World;
use super::{ISN_STEP, failed, outcome};
use crate::live::socket;
use crate::scenario::{SocketName, SocketOption};
use crate::time::Duration;
use crate::timeline::{Operation, Outcome, SocketId};

/// A socket about to connect, with its options, its own port and its initial sequence number.
pub(super) fn connection(
    world: &mut World,
    name: SocketName,
    to: SocketAddr,
    from: Option<u16>,
) -> nix::Result<OwnedFd> {
    let fd = socket::open(SockType::Stream, to)?;
    prepare(world, &fd);
    for option in world.options.remove(&name).unwrap_or_default() {
        let _ = set_option(fd.as_fd(), option);
    }
    if let Some(first) = world.habits.isn {
        let isn = first.wrapping_add(world.opened.wrapping_mul(ISN_STEP));
        // Where the kernel does not permit it, it begins where it likes.
        let _ = socket::choose_isn(fd.as_fd(), isn);
    }
    world.opened += 1;
    if let Some(port) = from {
        let own = SocketAddr::new(own_addr(world, to.is_ipv4()), port);
        bind(fd.as_raw_fd(), &SockaddrStorage::from(own))?;
    }
    Ok(fd)
}

/// A `connect()` whose text goes with the SYN if the kernel has a cookie, and with the third segment else:
/// only a call that waits does that, so it has a thread of its own.
#[derive(Clone, Debug)]
pub(super) struct FastOpening(Arc<OnceLock<nix::Result<()>>>);

impl FastOpening {
    /// Begins on a thread, which inherits this one's network namespace; `wake` is rung at the end.
    pub(super) fn begin(fd: &OwnedFd, text: Vec<u8>, to: SocketAddr, wake: &Arc<EventFd>) -> FastOpening {
        let answer = Arc::new(OnceLock::new());
        let opening = FastOpening(Arc::clone(&answer));
        let bell = Arc::clone(wake);
        let Ok(own) = fd.try_clone() else {
            let _ = answer.set(Err(nix::errno::Errno::EMFILE));
            return opening;
        };
        thread::spawn(move || {
            let _ = answer.set(socket::send_with_syn(own.as_fd(), &text, to));
            let _ = bell.write(1);
        });
        opening
    }

    /// How it ended, once it has.
    pub(super) fn end(&self) -> Option<nix::Result<()>> {
        self.0.get().copied()
    }
}

/// The host's address of a family; any where it has none.
fn own_addr(world: &World, ipv4: bool) -> IpAddr {
    let own = world.habits.addrs.iter().find(|addr| addr.is_ipv4() == ipv4);
    let any = if ipv4 { IpAddr::V4(Ipv4Addr::UNSPECIFIED) } else { IpAddr::V6(Ipv6Addr::UNSPECIFIED) };
    own.copied().unwrap_or(any)
}

/// Sets on a new socket what every socket of the host gets.
pub(super) fn prepare(world: &World, fd: &OwnedFd) {
    for option in &world.habits.options {
        let _ = set_option(fd.as_fd(), *option);
    }
}

pub(super) fn listener(world: &mut World, name: SocketName, port: u16, backlog: u32) {
    // One address: that one. Several: whichever a SYN asks for.
    let addr = match world.habits.addrs.as_slice() {
        [only] => *only,
        several if several.iter().any(IpAddr::is_ipv6) => Ipv6Addr::UNSPECIFIED.into(),
        _ => Ipv4Addr::UNSPECIFIED.into(),
    };
    let local = SocketAddr::new(addr, port);
    let id = SocketId(world.next);
    world.entered(id, &Operation::Bind(local));
    let bound = socket::open(SockType::Stream, local).and_then(|fd| {
        // As servers do, so that an old TIME-WAIT does not keep the port.
        socket::set(fd.as_fd(), libc::SOL_SOCKET, libc::SO_REUSEADDR, 1)?;
        prepare(world, &fd);
        bind(fd.as_raw_fd(), &SockaddrStorage::from(local))?;
        Ok(fd)
    });
    let fd = match bound {
        Ok(fd) => fd,
        Err(errno) => {
            world.returned(id, &Operation::Bind(local), failed(errno));
            return;
        }
    };
    world.returned(id, &Operation::Bind(local), Outcome::Done);
    let operation = Operation::Listen { backlog };
    let length = Backlog::new(i32::try_from(backlog).unwrap_or(i32::MAX)).unwrap_or(Backlog::MAXCONN);
    world.entered(id, &operation);
    let result = listen(&fd, length);
    world.keep(name, fd);
    world.returned(id, &operation, outcome(result));
}

pub(super) fn datagrams(world: &mut World, name: SocketName, port: u16) {
    let ipv4 = world.habits.addrs.first().is_none_or(IpAddr::is_ipv4);
    let local = SocketAddr::new(own_addr(world, ipv4), port);
    let operation = Operation::Bind(local);
    let id = SocketId(world.next);
    world.entered(id, &operation);
    let bound = socket::open(SockType::Datagram, local).and_then(|fd| {
        bind(fd.as_raw_fd(), &SockaddrStorage::from(local))?;
        Ok(fd)
    });
    let outcome = outcome(bound.as_ref().map(drop).map_err(|errno| *errno));
    if let Ok(fd) = bound {
        world.keep(name, fd);
    }
    world.returned(id, &operation, outcome);
}

/// Sets an option of our TCP on a real socket.
pub(super) fn set_option(fd: BorrowedFd<'_>, option: SocketOption) -> nix::Result<()> {
    let tcp = |name, value: u64| socket::set(fd, libc::IPPROTO_TCP, name, value.min(i32::MAX as u64) as i32);
    let general =
        |name, value: u64| socket::set(fd, libc::SOL_SOCKET, name, value.min(i32::MAX as u64) as i32);
    let whole_seconds = |time: Duration| time.as_millis().div_ceil(1_000);
    match option {
        SocketOption::NoDelay(on) => tcp(libc::TCP_NODELAY, u64::from(on)),
        SocketOption::QuickAck(on) => tcp(libc::TCP_QUICKACK, u64::from(on)),
        SocketOption::KeepIdle(time) => tcp(libc::TCP_KEEPIDLE, whole_seconds(time)),
        SocketOption::KeepInterval(time) => tcp(libc::TCP_KEEPINTVL, whole_seconds(time)),
        SocketOption::KeepCount(count) => tcp(libc::TCP_KEEPCNT, u64::from(count)),
        SocketOption::UserTimeout(time) => tcp(libc::TCP_USER_TIMEOUT, time.map_or(0, Duration::as_millis)),
        SocketOption::KeepAlive(on) => general(libc::SO_KEEPALIVE, u64::from(on)),
        SocketOption::ReuseAddr(on) => general(libc::SO_REUSEADDR, u64::from(on)),
        // The kernel doubles what it is given, for its own bookkeeping.
        SocketOption::ReceiveBuffer(octets) => general(libc::SO_RCVBUF, u64::from(octets)),
        SocketOption::SendBuffer(octets) => general(libc::SO_SNDBUF, u64::from(octets)),
        SocketOption::Linger(time) => {
            socket::set_linger(fd, time.map(|time| whole_seconds(time).min(i32::MAX as u64) as i32))
        }
    }
}
