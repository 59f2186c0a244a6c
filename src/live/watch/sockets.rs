//! What is known about the programs' sockets, by inode: the same in every process that shares one.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;

use super::peek::{self, Borrowed, SocketKind};
use super::ptrace::Tid;

/// What is known about one socket.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct SocketInfo {
    /// TCP or UDP; `None` for anything else.
    pub(super) kind: Option<SocketKind>,
    /// Its own address, once it has a port.
    pub(super) local: Option<SocketAddr>,
    /// Its peer's address, once it is connected.
    pub(super) remote: Option<SocketAddr>,
}

/// All sockets that were met.
#[derive(Debug, Default)]
pub(super) struct Sockets {
    known: BTreeMap<u64, SocketInfo>,
    processes: BTreeMap<Tid, OwnedFd>,
}

impl Sockets {
    /// What is known about a socket, without asking.
    pub(super) fn get(&self, inode: u64) -> SocketInfo {
        self.known.get(&inode).copied().unwrap_or_default()
    }

    /// A socket was just made: inodes are used again.
    pub(super) fn made(&mut self, inode: u64, kind: SocketKind) {
        self.known.insert(inode, SocketInfo { kind: Some(kind), ..SocketInfo::default() });
    }

    /// TCP or UDP; asked only once for each.
    pub(super) fn kind(&mut self, process: Tid, fd: i32, inode: u64) -> Option<SocketKind> {
        match self.known.get(&inode) {
            Some(known) => known.kind,
            None => self.ask(process, fd, inode).kind,
        }
    }

    /// Asks the kernel about a socket of a stopped program.
    pub(super) fn ask(&mut self, process: Tid, fd: i32, inode: u64) -> SocketInfo {
        let borrowed = self.process(process).and_then(|process| Borrowed::new(process, fd).ok());
        let answer = borrowed.and_then(|socket| {
            let kind = socket.kind()?;
            Some(SocketInfo { kind: Some(kind), local: socket.local(), remote: socket.peer() })
        });
        // Where borrowing is not possible, what `socket()` was asked for is still known.
        let known = self.known.entry(inode).or_default();
        if let Some(answer) = answer {
            *known = answer;
        }
        *known
    }

    /// The process is gone.
    pub(super) fn forget_process(&mut self, process: Tid) {
        self.processes.remove(&process);
    }

    fn process(&mut self, process: Tid) -> Option<&OwnedFd> {
        match self.processes.entry(process) {
            Entry::Occupied(entry) => Some(entry.into_mut()),
            Entry::Vacant(entry) => Some(entry.insert(peek::process(process).ok()?)),
        }
    }
}
