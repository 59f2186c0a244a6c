//! Who talks to whom, and on which side each stands.

use std::net::SocketAddr;

use rustc_hash::{FxHashMap, FxHashSet};

use super::flights::Flights;
use super::{Lane, Pair, Side};
use crate::tcp::State;
use crate::timeline::{
    ConnectionId, Event, HostId, Kind, Operation, Outcome, PacketId, SocketId, Step, Timeline,
};
use crate::wire::{Packet, Transport};

/// The pairs of a timeline and the way from an event to its pair and side.
pub(super) struct Pairs<'a> {
    timeline: &'a Timeline,
    pub(super) all: Vec<Pair>,
    by_lanes: FxHashMap<(Lane, Lane), usize>,
    /// The pair found last by its lanes: mostly it is the next one too.
    latest: usize,
    /// The first pair in which a host speaks with this local and this remote address.
    by_connection: FxHashMap<(HostId, SocketAddr, SocketAddr), usize>,
    /// For each event the pair it belongs to by itself.
    own: Vec<Option<usize>>,
}

impl<'a> Pairs<'a> {
    pub(super) fn find(timeline: &'a Timeline, flights: &Flights<'_>) -> Self {
        let listeners = listeners(timeline);
        let mut found = Pairs {
            timeline,
            all: Vec::new(),
            by_lanes: FxHashMap::default(),
            latest: 0,
            by_connection: FxHashMap::default(),
            own: vec![None; timeline.events.len()],
        };
        for (index, event) in timeline.events.iter().enumerate() {
            if let Some((id, packet)) = event.kind.packet() {
                let pair = found.of_packet(event, id, packet, flights, &listeners);
                found.own[index] = Some(pair);
            }
        }
        for (index, event) in timeline.events.iter().enumerate() {
            if let Some(connection) = connection(event)
                && connection.remote.port() != 0
            {
                let pair = found.of_connection(event.host, connection, &listeners);
                found.own[index] = Some(pair);
            }
        }
        found.calls();
        found.queues();
        if found.all.is_empty() {
            let lane = |index: u16| Lane {
                host: (usize::from(index) < timeline.hosts.len()).then_some(HostId(index)),
                addr: None,
            };
            found.all.push(Pair { lanes: [lane(0), lane(1)], tcp: true });
        }
        found
    }

    /// Calls on sockets whose connection is known: one that was accepted, or one that opened just when
    /// its `connect()` was entered.
    fn calls(&mut self) {
        let mut sockets: FxHashMap<(HostId, SocketId), usize> = FxHashMap::default();
        for (index, event) in self.timeline.events.iter().enumerate() {
            let Kind::Call(call) = &event.kind else { continue };
            let known = (event.host, call.socket);
            match (&call.operation, &call.step) {
                (Operation::Connect(_), Step::Entered) => {
                    sockets.remove(&known);
                    sockets.extend(self.opened(index).map(|pair| (known, pair)));
                }
                (_, Step::Returned(Outcome::Accepted { socket, peer })) => {
                    let pair = self.accepted(event.host, *peer);
                    sockets.extend(pair.map(|pair| ((event.host, *socket), pair)));
                    self.own[index] = pair;
                }
                _ => {}
            }
            if let Some(pair) = sockets.get(&known) {
                self.own[index] = Some(*pair);
            }
            if matches!((&call.operation, &call.step), (Operation::Close, Step::Returned(_))) {
                // A system gives the number to another socket.
                sockets.remove(&known);
            }
        }
    }

    /// A queue changes by what its host did just before, at the same instant.
    fn queues(&mut self) {
        for (index, events) in self.timeline.events.windows(2).enumerate() {
            let [before, event] = events else { continue };
            let together = before.host == event.host && before.at == event.at;
            if together && matches!(event.kind, Kind::Queue { .. }) {
                self.own[index + 1] = self.own[index];
            }
        }
    }

    /// The pair whose connection enters SYN-SENT right after the event at `index`, at the same instant.
    fn opened(&self, index: usize) -> Option<usize> {
        let event = self.timeline.events.get(index)?;
        let following = self.timeline.events.iter().enumerate().skip(index + 1);
        let mut now = following.take_while(|(_, next)| next.at == event.at && next.host == event.host);
        now.find(|(_, next)| matches!(next.kind, Kind::State { to: State::SynSent, .. }))
            .and_then(|(index, _)| self.own.get(index).copied().flatten())
    }

    /// The pair of this host with this peer, if there is just one.
    fn accepted(&self, host: HostId, peer: SocketAddr) -> Option<usize> {
        let of_peer = |((owner, _, remote), _): &(&(HostId, SocketAddr, SocketAddr), &usize)| {
            *owner == host && *remote == peer
        };
        let mut found = self.by_connection.iter().filter(of_peer);
        found.next().filter(|_| found.next().is_none()).map(|(_, pair)| *pair)
    }

    /// The pair and side of an event; `current` is the pair shown before it. What belongs to a host
    /// and to no connection goes with what its host does next at the same instant, else stays with
    /// the pair whose turn it is, else comes before its host's next.
    pub(super) fn place(&self, index: usize, current: Option<usize>) -> Option<(usize, Side)> {
        let event = self.timeline.events.get(index)?;
        let sided = |pair: usize| Some((pair, self.side(pair, event)?));
        if let Some(own) = self.own.get(index).copied().flatten() {
            // What a forged segment does to a connection is told beside that segment.
            let here = current.filter(|current| match &event.kind {
                Kind::Call(_) | Kind::Queue { .. } => self.same_addresses(*current, own),
                _ => connection(event).is_some() && self.is_between(*current, event),
            });
            return sided(here.filter(|here| sided(*here).is_some()).unwrap_or(own));
        }
        // Slices first: skipping in a zipped iterator would walk.
        let (events, own) = (self.timeline.events.get(index..)?, self.own.get(index..)?);
        let mut upcoming = events.iter().zip(own).take(256).filter(|(later, _)| later.host == event.host);
        let next = upcoming.find_map(|(later, pair)| Some((later.at, (*pair)?)));
        let first = || (0..self.all.len()).find(|pair| sided(*pair).is_some());
        next.filter(|(at, _)| *at == event.at)
            .and_then(|(_, next)| sided(next))
            .or_else(|| current.and_then(sided))
            .or_else(|| next.and_then(|(_, next)| sided(next)))
            .or_else(|| first().and_then(sided))
    }

    fn side(&self, pair: usize, event: &Event) -> Option<Side> {
        let [left, right] = self.all.get(pair)?.lanes;
        let by_addr = || match &event.kind {
            Kind::Sent { packet, .. } | Kind::Lost { packet, .. } => Some(packet.src()),
            Kind::Arrived { packet, .. } => Some(packet.dst()),
            _ => connection(event).map(|connection| connection.local),
        };
        if left == right {
            // A connection with itself: what it sends goes to the right, and all else is told once.
            let arrives = matches!(event.kind, Kind::Arrived { .. });
            return (left.host == Some(event.host)).then_some(if arrives { Side::Right } else { Side::Left });
        }
        let at = |lane: &Lane| lane.host == Some(event.host);
        match (at(&left), at(&right)) {
            (true, true) if by_addr().is_some_and(|addr| right.addr.is_some_and(|own| same(own, addr))) => {
                Some(Side::Right)
            }
            (true, _) => Some(Side::Left),
            (_, true) => Some(Side::Right),
            _ => None,
        }
    }

    /// Whether two pairs, of which one may be with a forger, have the same addresses.
    fn same_addresses(&self, one: usize, other: usize) -> bool {
        let addresses = |pair: usize| self.all.get(pair).map(|pair| pair.lanes.map(|lane| lane.addr));
        addresses(one) == addresses(other)
    }

    /// Whether a pair has the addresses of the connection that an event is about.
    fn is_between(&self, pair: usize, event: &Event) -> bool {
        let Some((pair, connection)) = self.all.get(pair).zip(connection(event)) else { return false };
        let [left, right] = pair.lanes;
        [(left, right), (right, left)].iter().any(|(ours, theirs)| {
            ours.host == Some(event.host)
                && ours.addr == Some(connection.local)
                && theirs.addr == Some(connection.remote)
        })
    }

    fn of_packet(
        &mut self,
        event: &Event,
        id: PacketId,
        packet: &Packet,
        flights: &Flights<'_>,
        listeners: &FxHashSet<(HostId, u16)>,
    ) -> usize {
        let flight = flights.get(id);
        let known = |end: Option<HostId>| end.filter(|_| flight.is_some());
        let is_arrival = matches!(event.kind, Kind::Arrived { .. });
        let sender =
            if is_arrival { known(flight.and_then(|flight| flight.sender)) } else { Some(event.host) };
        let receiver = if is_arrival { Some(event.host) } else { flight.and_then(|flight| flight.receiver) };
        let from =
            Lane { host: sender.or_else(|| self.host_of(packet.src(), receiver)), addr: Some(packet.src()) };
        let to = Lane {
            host: receiver.or_else(|| self.host_of(packet.dst(), from.host)),
            addr: Some(packet.dst()),
        };
        self.pair(from, to, matches!(packet.transport, Transport::Tcp(_)), listeners)
    }

    fn of_connection(
        &mut self,
        host: HostId,
        connection: ConnectionId,
        listeners: &FxHashSet<(HostId, u16)>,
    ) -> usize {
        if let Some(known) = self.by_connection.get(&(host, connection.local, connection.remote)) {
            return *known;
        }
        let ours = Lane { host: Some(host), addr: Some(connection.local) };
        let theirs =
            Lane { host: self.host_of(connection.remote, Some(host)), addr: Some(connection.remote) };
        self.pair(ours, theirs, true, listeners)
    }

    fn pair(&mut self, from: Lane, to: Lane, tcp: bool, listeners: &FxHashSet<(HostId, u16)>) -> usize {
        let is_latest = |pair: &Pair| pair.lanes == [from, to] || pair.lanes == [to, from];
        if self.all.get(self.latest).is_some_and(is_latest) {
            return self.latest;
        }
        if let Some(known) = self.by_lanes.get(&(from, to)).or_else(|| self.by_lanes.get(&(to, from))) {
            self.latest = *known;
            return self.latest;
        }
        let listens = |lane: Lane| {
            lane.host.zip(lane.addr).is_some_and(|(host, addr)| listeners.contains(&(host, addr.port())))
        };
        // Who listens stands on the right; else who was heard first stands on the left.
        let lanes = if listens(from) && !listens(to) { [to, from] } else { [from, to] };
        let index = self.all.len();
        self.all.push(Pair { lanes, tcp });
        self.by_lanes.insert((from, to), index);
        for (ours, theirs) in [(from, to), (to, from)] {
            if let (Some(host), Some(local), Some(remote)) = (ours.host, ours.addr, theirs.addr) {
                // The honest peer wins over one that only borrows its address.
                let honest = theirs.host.is_none_or(|host| self.has_address(host, remote));
                let known = self.by_connection.contains_key(&(host, local, remote));
                if honest || !known {
                    self.by_connection.insert((host, local, remote), index);
                }
            }
        }
        index
    }

    fn has_address(&self, host: HostId, addr: SocketAddr) -> bool {
        self.timeline.host(host).is_some_and(|host| host.addrs.contains(&addr.ip()))
    }

    /// The host with this address; where several have it (loopback), another than `than` if possible.
    fn host_of(&self, addr: SocketAddr, than: Option<HostId>) -> Option<HostId> {
        let ids = || (0..self.timeline.hosts.len()).map(|index| HostId(index as u16));
        let mut owners = ids().filter(|host| self.has_address(*host, addr));
        let first = owners.next()?;
        Some(if Some(first) == than { owners.next().unwrap_or(first) } else { first })
    }
}

/// The connection that an event is about, if it is about one.
pub(super) fn connection(event: &Event) -> Option<ConnectionId> {
    match &event.kind {
        Kind::State { connection, .. }
        | Kind::Timer { connection, .. }
        | Kind::Note(crate::timeline::Note::Rule { connection, .. }) => Some(*connection),
        _ => None,
    }
}

/// Every port that some host listens on at some time.
fn listeners(timeline: &Timeline) -> FxHashSet<(HostId, u16)> {
    let listening = |event: &Event| match &event.kind {
        Kind::State { connection, from, to, .. } => {
            let listens = *to == State::Listen || *from == State::Listen;
            listens.then(|| (event.host, connection.local.port()))
        }
        Kind::Queue { listener, .. } => Some((event.host, listener.port())),
        _ => None,
    };
    timeline.events.iter().filter_map(listening).collect()
}

fn same(one: SocketAddr, other: SocketAddr) -> bool {
    one == other || one.port() == other.port() && other.ip().is_unspecified()
}
