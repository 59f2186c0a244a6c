//! Whose address is this? Both ends of everything on a loopback have the same IP address, so a lane is
//! found by address *and* port, and these by who bound, connected or sent.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::peek::SocketKind;
use super::ptrace::Tid;
use super::tracer::CallRecord;
use crate::live::netlink::sock_diag::Entry;
use crate::timeline::{Host, HostId, Operation, Step};

/// An end of a conversation.
pub(super) type Place = (SocketKind, SocketAddr);

/// The lanes of a timeline and who belongs to which.
#[derive(Debug)]
pub(super) struct Lanes {
    hosts: Vec<Host>,
    /// How many of the hosts are programs; they come first.
    programs: usize,
    owners: BTreeMap<Place, HostId>,
    inodes: BTreeMap<Place, u64>,
    /// Sockets that were moved to a lane of their own.
    moved: BTreeMap<u64, HostId>,
    /// The program that a socket was first seen in.
    first_seen: BTreeMap<u64, HostId>,
    /// The lane of a program's sockets that talk to the program itself.
    seconds: BTreeMap<HostId, HostId>,
    /// Who is inside a call towards where.
    reaching: BTreeMap<Tid, (Place, HostId, u64)>,
}

impl Lanes {
    /// One lane for each program.
    pub(super) fn new(names: Vec<String>) -> Self {
        let programs = names.len();
        let hosts = names.into_iter().map(|name| Host { name, addrs: Vec::new() }).collect();
        Lanes {
            hosts,
            programs,
            owners: BTreeMap::new(),
            inodes: BTreeMap::new(),
            moved: BTreeMap::new(),
            first_seen: BTreeMap::new(),
            seconds: BTreeMap::new(),
            reaching: BTreeMap::new(),
        }
    }

    /// The lanes so far.
    pub(super) fn hosts(&self) -> &[Host] {
        &self.hosts
    }

    pub(super) fn into_hosts(self) -> Vec<Host> {
        self.hosts
    }

    /// Learns from a call as soon as it is known, which may be before its turn in the timeline: a return
    /// tells the port of the segments that went out during the call.
    pub(super) fn hear(&mut self, record: &CallRecord) {
        let Some(local) = record.local else { return };
        let place = (record.kind, local);
        let program = program_host(record);
        self.first_seen.insert(record.inode, program);
        if let Some(owner) = self.owners.get(&place)
            && self.seconds.get(&program) == Some(owner)
            && !self.inodes.contains_key(&place)
        {
            self.moved.insert(record.inode, *owner);
        }
        let host = self.moved.get(&record.inode).copied().unwrap_or(program);
        self.inodes.insert(place, record.inode);
        self.own(place, host);
    }

    /// Learns from a call in its turn: who is on the way to whom.
    pub(super) fn follow(&mut self, record: &CallRecord) {
        match (&record.call.step, &record.call.operation) {
            (Step::Entered, Operation::Connect(to) | Operation::SendTo { to, .. }) => {
                let host = self.host_of_call(record);
                self.reaching.insert(record.thread, ((record.kind, *to), host, record.inode));
            }
            _ => {
                self.reaching.remove(&record.thread);
            }
        }
    }

    /// Learns from the kernel's list, which knows the port of a call that has not returned yet.
    pub(super) fn list(&mut self, entries: &[Entry]) {
        for entry in entries {
            let place = (SocketKind::Stream, entry.local);
            let inode = u64::from(entry.inode);
            if !self.owners.contains_key(&place)
                && let Some(host) = self.moved.get(&inode).or_else(|| self.first_seen.get(&inode)).copied()
            {
                self.own(place, host);
            }
        }
    }

    /// The lane of a call.
    pub(super) fn host_of_call(&self, record: &CallRecord) -> HostId {
        self.moved.get(&record.inode).copied().unwrap_or_else(|| program_host(record))
    }

    /// The lane that a socket was moved to after its first calls had been given to its program's.
    pub(super) fn moved(&self, inode: u64) -> Option<HostId> {
        self.moved.get(&inode).copied()
    }

    /// The lanes of a packet's sender and receiver.
    pub(super) fn ends(&mut self, kind: SocketKind, src: SocketAddr, dst: SocketAddr) -> (HostId, HostId) {
        let to = self.find((kind, dst)).or_else(|| self.reached_from((kind, src), (kind, dst)));
        let from = self.find((kind, src)).or_else(|| self.reached_from((kind, dst), (kind, src)));
        let to = to.unwrap_or_else(|| self.stranger(dst));
        let from = from.unwrap_or_else(|| self.stranger(src));
        // A socket that is bound to no address in particular shows its address by its packets.
        self.has(from, src.ip());
        self.has(to, dst.ip());
        if from == to && src != dst { (self.second((kind, src), from), to) } else { (from, to) }
    }

    /// The lane of one end.
    pub(super) fn host_at(&mut self, kind: SocketKind, local: SocketAddr) -> HostId {
        self.find((kind, local)).unwrap_or_else(|| self.stranger(local))
    }

    fn find(&self, (kind, address): Place) -> Option<HostId> {
        let any = |ip: IpAddr| self.owners.get(&(kind, SocketAddr::new(ip, address.port())));
        self.owners
            .get(&(kind, address))
            .or_else(|| any(Ipv4Addr::UNSPECIFIED.into()))
            .or_else(|| any(Ipv6Addr::UNSPECIFIED.into()))
            .copied()
    }

    /// Who is inside a call towards `target`: then `end`, which nobody has a claim on, is theirs.
    fn reached_from(&mut self, target: Place, end: Place) -> Option<HostId> {
        let (_, host, inode) = self.reaching.values().find(|(place, ..)| *place == target).copied()?;
        self.inodes.insert(end, inode);
        self.own(end, host);
        Some(host)
    }

    /// The lane of an end that no program owns (a closed port, at which the kernel itself answers): its name
    /// is its address.
    fn stranger(&mut self, address: SocketAddr) -> HostId {
        let name = address.to_string();
        let mut strangers = (0_u16..).zip(&self.hosts).skip(self.programs);
        match strangers.find(|(_, host)| host.name == name) {
            Some((number, _)) => HostId(number),
            None => self.add(Host { name, addrs: vec![address.ip()] }),
        }
    }

    /// A lane of its own for a socket that talks to its own program.
    fn second(&mut self, place: Place, program: HostId) -> HostId {
        let host = self.seconds.get(&program).copied().unwrap_or_else(|| {
            let name = self.hosts.get(usize::from(program.0)).map_or("?", |host| host.name.as_str());
            let name = format!("{name} (2)");
            self.add(Host { name, addrs: Vec::new() })
        });
        self.seconds.insert(program, host);
        if let Some(inode) = self.inodes.get(&place) {
            self.moved.insert(*inode, host);
        }
        self.own(place, host);
        host
    }

    fn own(&mut self, place: Place, host: HostId) {
        self.owners.insert(place, host);
        self.has(host, place.1.ip());
    }

    fn has(&mut self, host: HostId, ip: IpAddr) {
        if let Some(host) = self.hosts.get_mut(usize::from(host.0))
            && !ip.is_unspecified()
            && !host.addrs.contains(&ip)
        {
            host.addrs.push(ip);
        }
    }

    fn add(&mut self, host: Host) -> HostId {
        let id = HostId(u16::try_from(self.hosts.len()).unwrap_or(u16::MAX));
        self.hosts.push(host);
        id
    }
}

fn program_host(record: &CallRecord) -> HostId {
    HostId(u16::try_from(record.program).unwrap_or(u16::MAX))
}
