//! Looking into a stopped program: its memory, its sockets, its parents.

#![allow(unsafe_code)]

use std::fs;
use std::io;
use std::mem;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use nix::sys::uio::{RemoteIoVec, process_vm_readv};
use nix::unistd::Pid;

use super::ptrace::Tid;

/// Copies up to `len` octets of a program's memory; fewer, or none, where it has no memory.
pub(super) fn memory(tid: Tid, address: u64, len: usize) -> Vec<u8> {
    let mut copy = vec![0; len];
    let remote = [RemoteIoVec { base: address as usize, len }];
    let read =
        process_vm_readv(Pid::from_raw(tid), &mut [io::IoSliceMut::new(&mut copy)], &remote).unwrap_or(0);
    copy.truncate(read);
    copy
}

/// The machine words at an address.
pub(super) fn words<const N: usize>(tid: Tid, address: u64) -> Option<[u64; N]> {
    let bytes = memory(tid, address, N * 8);
    let mut words = [0; N];
    for (word, chunk) in words.iter_mut().zip(bytes.chunks_exact(8)) {
        *word = u64::from_ne_bytes(chunk.try_into().ok()?);
    }
    (bytes.len() == N * 8).then_some(words)
}

/// The total length of an `iovec` array, as far as its first 64 entries go.
pub(super) fn vector_len(tid: Tid, address: u64, count: u64) -> u64 {
    let bytes = memory(tid, address, count.min(64) as usize * 16);
    bytes
        .chunks_exact(16)
        .filter_map(|entry| Some(u64::from_ne_bytes(entry.get(8..16)?.try_into().ok()?)))
        .fold(0, u64::saturating_add)
}

/// Octets of the longest address that is read, `struct sockaddr_in6`.
pub(super) const ADDRESS_LEN: u64 = 28;

/// The internet address in a program's `sockaddr`.
pub(super) fn address(tid: Tid, address: u64, len: u64) -> Option<SocketAddr> {
    if address == 0 {
        return None;
    }
    parse_address(&memory(tid, address, len.min(ADDRESS_LEN) as usize))
}

/// Reads a `sockaddr`. An IPv4 address in IPv6's clothes (`::ffff:127.0.0.1`) is the IPv4 address that
/// its segments carry.
fn parse_address(bytes: &[u8]) -> Option<SocketAddr> {
    let family = i32::from(u16::from_ne_bytes(bytes.get(..2)?.try_into().ok()?));
    let port = u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?);
    let ip = match family {
        libc::AF_INET => Ipv4Addr::from(<[u8; 4]>::try_from(bytes.get(4..8)?).ok()?).into(),
        libc::AF_INET6 => Ipv6Addr::from(<[u8; 16]>::try_from(bytes.get(8..24)?).ok()?).to_canonical(),
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

/// A program's socket, borrowed while the program is stopped.
pub(super) struct Borrowed(OwnedFd);

/// What kind of internet socket it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum SocketKind {
    /// TCP.
    Stream,
    /// UDP.
    Datagram,
}

impl SocketKind {
    /// By the arguments of `socket()`; `None` for what is neither TCP nor UDP.
    pub(super) fn of(family: i32, kind: i32) -> Option<Self> {
        if ![libc::AF_INET, libc::AF_INET6].contains(&family) {
            return None;
        }
        match kind & !(libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC) {
            libc::SOCK_STREAM => Some(SocketKind::Stream),
            libc::SOCK_DGRAM => Some(SocketKind::Datagram),
            _ => None,
        }
    }
}

impl Borrowed {
    /// Borrows descriptor `fd` of a process.
    pub(super) fn new(process: &OwnedFd, fd: i32) -> io::Result<Self> {
        // SAFETY: no pointer is passed; a descriptor that comes back is new and ours alone.
        unsafe {
            let fd = libc::syscall(libc::SYS_pidfd_getfd, process.as_raw_fd(), fd, 0);
            if fd < 0 {
                Err(io::Error::last_os_error())
            } else {
                Ok(Borrowed(OwnedFd::from_raw_fd(fd as i32)))
            }
        }
    }

    /// TCP, UDP, or neither.
    pub(super) fn kind(&self) -> Option<SocketKind> {
        SocketKind::of(self.option(libc::SO_DOMAIN)?, self.option(libc::SO_TYPE)?)
    }

    fn option(&self, name: i32) -> Option<i32> {
        let mut value = 0_i32;
        let mut len = size_of_val(&value) as libc::socklen_t;
        // SAFETY: value and length are places of the size that the call is told.
        let answer = unsafe {
            let value = (&raw mut value).cast();
            libc::getsockopt(self.0.as_raw_fd(), libc::SOL_SOCKET, name, value, &raw mut len)
        };
        (answer == 0).then_some(value)
    }

    /// Its own address, once it has a port.
    pub(super) fn local(&self) -> Option<SocketAddr> {
        self.name(libc::getsockname).filter(|address| address.port() != 0)
    }

    /// Its peer's address, once it is connected.
    pub(super) fn peer(&self) -> Option<SocketAddr> {
        self.name(libc::getpeername)
    }

    fn name(
        &self,
        call: unsafe extern "C" fn(i32, *mut libc::sockaddr, *mut libc::socklen_t) -> i32,
    ) -> Option<SocketAddr> {
        // SAFETY: all-zero octets are a valid `sockaddr_storage`.
        let mut storage: libc::sockaddr_storage = unsafe { mem::zeroed() };
        let mut len = size_of_val(&storage) as libc::socklen_t;
        // SAFETY: both calls write at most `len` octets to the storage, and the length back to `len`.
        let answer = unsafe { call(self.0.as_raw_fd(), (&raw mut storage).cast(), &raw mut len) };
        // SAFETY: the storage is longer than that, and initialized.
        let bytes =
            unsafe { std::slice::from_raw_parts((&raw const storage).cast::<u8>(), ADDRESS_LEN as usize) };
        if answer == 0 { parse_address(bytes) } else { None }
    }
}

/// A descriptor for a process.
pub(super) fn process(pid: Tid) -> io::Result<OwnedFd> {
    // SAFETY: no pointer is passed; a descriptor that comes back is new and ours alone.
    unsafe {
        let fd = libc::syscall(libc::SYS_pidfd_open, pid, 0);
        if fd < 0 { Err(io::Error::last_os_error()) } else { Ok(OwnedFd::from_raw_fd(fd as i32)) }
    }
}

/// The inode of the socket that is descriptor `fd` of a process; `None` when it is no socket.
pub(super) fn socket_inode(pid: Tid, fd: i32) -> Option<u64> {
    let target = fs::read_link(format!("/proc/{pid}/fd/{fd}")).ok()?;
    target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
}

/// A task's process and that process's parent, from `/proc`.
pub(super) fn family(tid: Tid) -> Option<(Tid, Tid)> {
    let status = fs::read_to_string(format!("/proc/{tid}/status")).ok()?;
    let field = |name: &str| -> Option<Tid> {
        status.lines().find_map(|line| line.strip_prefix(name))?.trim().parse().ok()
    };
    Some((field("Tgid:")?, field("PPid:")?))
}
