//! What the standard library's sockets cannot do: options by number, calls that never wait, a chosen
//! initial sequence number.
#![allow(unsafe_code)]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::libc;
use nix::sys::socket::{
    AddressFamily, MsgFlags, SockFlag, SockType, SockaddrLike, SockaddrStorage, accept4, connect,
    getpeername, recvfrom, sendto, socket,
};

use crate::tcp::Error;

/// A socket that never waits, for the family of `addr`.
///
/// # Errors
/// The family is switched off, or the process has too many descriptors.
pub fn open(kind: SockType, addr: SocketAddr) -> nix::Result<OwnedFd> {
    let family = if addr.is_ipv4() { AddressFamily::Inet } else { AddressFamily::Inet6 };
    socket(family, kind, SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK, None)
}

/// Sets an option whose value is an `int`.
///
/// # Errors
/// As setsockopt(2).
pub fn set(fd: BorrowedFd<'_>, level: i32, name: i32, value: i32) -> nix::Result<()> {
    set_value(fd, level, name, &value)
}

/// Sets `SO_LINGER`: off, or so many seconds.
///
/// # Errors
/// As setsockopt(2).
pub fn set_linger(fd: BorrowedFd<'_>, seconds: Option<i32>) -> nix::Result<()> {
    let value = libc::linger { l_onoff: i32::from(seconds.is_some()), l_linger: seconds.unwrap_or(0) };
    set_value(fd, libc::SOL_SOCKET, libc::SO_LINGER, &value)
}

fn set_value<T: Copy>(fd: BorrowedFd<'_>, level: i32, name: i32, value: &T) -> nix::Result<()> {
    // SAFETY: the kernel copies `size_of::<T>()` octets from `value` during the call; `T` is one of
    // the plain C types above.
    let result = unsafe {
        libc::setsockopt(
            fd.as_raw_fd(),
            level,
            name,
            std::ptr::from_ref(value).cast(),
            size_of::<T>() as libc::socklen_t,
        )
    };
    Errno::result(result).map(drop)
}

/// The error that waits on a socket, and clears it.
///
/// # Errors
/// The error that waited.
pub fn pending_error(fd: BorrowedFd<'_>) -> nix::Result<()> {
    let mut value: i32 = 0;
    let mut length = size_of::<i32>() as libc::socklen_t;
    // SAFETY: the kernel writes at most `length` octets into `value`.
    let result = unsafe {
        libc::getsockopt(
            fd.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_ERROR,
            (&raw mut value).cast(),
            &raw mut length,
        )
    };
    Errno::result(result)?;
    if value == 0 { Ok(()) } else { Err(Errno::from_raw(value)) }
}

/// Chooses the initial sequence number of a socket that is not connected yet. The means is
/// checkpointing's repair mode (`CAP_NET_ADMIN` over the network namespace): the number that was put
/// there is still the next one to write when the mode is left, and `connect()` only picks one where
/// there is none. Zero cannot be chosen.
///
/// # Errors
/// The kernel has no repair mode, or does not permit it.
pub fn choose_isn(fd: BorrowedFd<'_>, isn: u32) -> nix::Result<()> {
    const TCP_SEND_QUEUE: i32 = 2;
    /// Leaves repair mode without the window probe that would wake a restored peer.
    const TCP_REPAIR_OFF_NO_WP: i32 = -1;
    set(fd, libc::IPPROTO_TCP, libc::TCP_REPAIR, 1)?;
    let chosen = set(fd, libc::IPPROTO_TCP, libc::TCP_REPAIR_QUEUE, TCP_SEND_QUEUE)
        .and_then(|()| set(fd, libc::IPPROTO_TCP, libc::TCP_QUEUE_SEQ, isn as i32));
    set(fd, libc::IPPROTO_TCP, libc::TCP_REPAIR, TCP_REPAIR_OFF_NO_WP)?;
    chosen
}

/// Begins to connect.
///
/// # Errors
/// `EINPROGRESS` while it goes on; else as connect(2).
pub fn begin_connect(fd: BorrowedFd<'_>, to: SocketAddr) -> nix::Result<()> {
    connect(fd.as_raw_fd(), &SockaddrStorage::from(to))
}

/// Connects with text that goes with the SYN if the kernel has a Fast Open cookie, and as soon as it may
/// else; waits until the text is in the send buffer.
///
/// # Errors
/// As sendto(2).
pub fn send_with_syn(fd: BorrowedFd<'_>, text: &[u8], to: SocketAddr) -> nix::Result<()> {
    let blocking = |on: bool| {
        let flags = if on { OFlag::empty() } else { OFlag::O_NONBLOCK };
        fcntl(fd, FcntlArg::F_SETFL(flags)).map(drop)
    };
    blocking(true)?;
    let flags = MsgFlags::MSG_NOSIGNAL | MsgFlags::from_bits_retain(libc::MSG_FASTOPEN);
    let sent = sendto(fd.as_raw_fd(), text, &SockaddrStorage::from(to), flags);
    blocking(false)?;
    sent.map(drop)
}

/// Takes a connection from a listener's queue.
///
/// # Errors
/// `EAGAIN` when there is none; else as accept(2).
pub fn accept(fd: BorrowedFd<'_>) -> nix::Result<(OwnedFd, Option<SocketAddr>)> {
    let raw = accept4(fd.as_raw_fd(), SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK)?;
    // SAFETY: accept4 has just made this descriptor and nobody else knows it.
    let accepted = unsafe { OwnedFd::from_raw_fd(raw) };
    let peer = getpeername::<SockaddrStorage>(raw).ok().and_then(|addr| socket_addr(&addr));
    Ok((accepted, peer))
}

/// Sends a datagram.
///
/// # Errors
/// As sendto(2).
pub fn send_datagram(fd: BorrowedFd<'_>, octets: &[u8], to: SocketAddr) -> nix::Result<usize> {
    sendto(fd.as_raw_fd(), octets, &SockaddrStorage::from(to), MsgFlags::MSG_NOSIGNAL)
}

/// Receives a datagram and learns who sent it.
///
/// # Errors
/// `EAGAIN` when there is none; else as recvfrom(2).
pub fn receive_datagram(fd: BorrowedFd<'_>, room: &mut [u8]) -> nix::Result<(usize, Option<SocketAddr>)> {
    let (len, from) = recvfrom::<SockaddrStorage>(fd.as_raw_fd(), room)?;
    Ok((len, from.and_then(|addr| socket_addr(&addr))))
}

/// An address of the standard library.
pub fn socket_addr(addr: &SockaddrStorage) -> Option<SocketAddr> {
    match addr.family()? {
        AddressFamily::Inet => addr.as_sockaddr_in().map(|addr| SocketAddr::V4((*addr).into())),
        AddressFamily::Inet6 => addr.as_sockaddr_in6().map(|addr| SocketAddr::V6((*addr).into())),
        _ => None,
    }
}

/// Our TCP's name for the kernel's error, where it has one.
pub fn error_of(errno: Errno) -> Option<Error> {
    const TABLE: [(Errno, Error); 13] = [
        (Errno::ECONNREFUSED, Error::Refused),
        (Errno::ECONNRESET, Error::Reset),
        (Errno::ETIMEDOUT, Error::TimedOut),
        (Errno::EPIPE, Error::BrokenPipe),
        (Errno::ECONNABORTED, Error::Aborted),
        (Errno::EADDRINUSE, Error::AddrInUse),
        (Errno::EADDRNOTAVAIL, Error::AddrNotAvailable),
        (Errno::ENOTCONN, Error::NotConnected),
        (Errno::EISCONN, Error::AlreadyConnected),
        (Errno::EINVAL, Error::Invalid),
        (Errno::EAGAIN, Error::WouldBlock),
        (Errno::ENETUNREACH, Error::Unreachable),
        (Errno::EHOSTUNREACH, Error::Unreachable),
    ];
    TABLE.iter().find(|(known, _)| *known == errno).map(|(_, error)| *error)
}

/// The other end of a listener, which has none: port 0 of no address.
pub(super) fn nobody(local: SocketAddr) -> SocketAddr {
    let ip: IpAddr = match local {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    SocketAddr::new(ip, 0)
}
