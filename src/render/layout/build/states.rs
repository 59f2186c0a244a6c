//! Which state each end is in while the rows are laid out.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::render::layout::{Lane, Pair, Side};
use crate::tcp::State;
use crate::timeline::{ConnectionId, HostId};

/// The states of all connections and listeners, as the events so far tell.
#[derive(Default)]
pub(super) struct States {
    connections: FxHashMap<(HostId, ConnectionId), State>,
    /// Ports that are listened on now.
    listening: FxHashSet<(HostId, u16)>,
    /// The pair asked for last and the states of its ends, until a state changes: every row asks.
    latest: Option<(usize, [State; 2])>,
}

impl States {
    /// The states of both ends of the pair with this index: of the connection if there ever was one, else of a
    /// listener on that port.
    pub(super) fn of(&mut self, index: usize, pair: &Pair) -> [State; 2] {
        if let Some((_, states)) = self.latest.filter(|(known, _)| *known == index) {
            return states;
        }
        let [left, right] = pair.lanes;
        let states = [self.of_lane(left, right), self.of_lane(right, left)];
        self.latest = Some((index, states));
        states
    }

    fn of_lane(&self, ours: Lane, theirs: Lane) -> State {
        let (Some(host), Some(local)) = (ours.host, ours.addr) else { return State::Closed };
        let own = connection(ours, theirs).and_then(|connection| self.connections.get(&connection));
        own.copied().unwrap_or_else(|| {
            if self.listening.contains(&(host, local.port())) { State::Listen } else { State::Closed }
        })
    }

    /// Whether the lane's own connection was ever there.
    pub(super) fn has_connection(&self, pair: &Pair, side: Side) -> bool {
        let (ours, theirs) = (pair.lanes[side.index()], pair.lanes[side.other().index()]);
        connection(ours, theirs).is_some_and(|connection| self.connections.contains_key(&connection))
    }

    pub(super) fn change(&mut self, host: HostId, connection: ConnectionId, to: State) {
        self.latest = None;
        if connection.remote.port() != 0 {
            self.connections.insert((host, connection), to);
        } else if to == State::Listen {
            self.listening.insert((host, connection.local.port()));
        } else {
            self.listening.remove(&(host, connection.local.port()));
        }
    }

    /// A host forgets everything.
    pub(super) fn crash(&mut self, host: HostId) {
        self.latest = None;
        self.connections.retain(|(other, _), _| *other != host);
        self.listening.retain(|(other, _)| *other != host);
    }
}

fn connection(ours: Lane, theirs: Lane) -> Option<(HostId, ConnectionId)> {
    Some((ours.host?, ConnectionId { local: ours.addr?, remote: theirs.addr? }))
}
