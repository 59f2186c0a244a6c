//! The TCP of one host: listeners, connections, and the way from a segment to the right one.
//!
//! Sans-IO. Calls and segments come in with the time they come at; then [`Host::poll_transmit`] is
//! called until it gives nothing, [`Host::poll_event`] and [`Host::poll_notice`] likewise (both are kept
//! until then), and [`Host::poll_timeout`] says when to call [`Host::on_timeout`].

mod arriving;
mod calls;
mod deadlines;
mod demultiplexer;
mod ends;
mod listening;
mod ports;
mod transmitting;

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use super::challenges::Challenges;
use super::connection::{Connection, Context, FastOpen, Plan};
use super::event::{Event, Log, Notice, Socket, What};
use super::isn::{IsnPolicy, Secret, initial_sequence_number};
use super::line::Line;
use super::listener::Listener;
use super::settings::Settings;
use super::tcb::Tcb;
use super::{Rule, State};
use crate::time::Instant;
use crate::wire::SeqNumber;
pub use arriving::IcmpError;
use deadlines::Deadlines;
use demultiplexer::Demultiplexer;
use ends::Ends;
use transmitting::Outgoing;
pub use transmitting::Transmit;

/// What a host is made of.
#[derive(Clone, Debug)]
pub struct HostConfig {
    /// Its addresses; the first of the right family is used for connections it opens.
    pub addrs: Vec<IpAddr>,
    /// How its TCP behaves; each socket begins with a copy.
    pub settings: Settings,
    /// Where initial sequence numbers come from.
    pub isn: IsnPolicy,
    /// The key of its hashes.
    pub secret: Secret,
}

/// What was decided about a segment that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The rule that decided.
    pub rule: Rule,
    /// The connection it reached, if one.
    pub socket: Option<Socket>,
}

#[derive(Debug)]
enum Endpoint {
    Listener(Box<Listener>),
    Connection(Box<Connection>),
}

impl Endpoint {
    fn ends(&self) -> (SocketAddr, SocketAddr) {
        match self {
            Endpoint::Connection(connection) => connection.ends(),
            Endpoint::Listener(listener) => {
                let any: IpAddr = match listener.local {
                    SocketAddr::V4(_) => std::net::Ipv4Addr::UNSPECIFIED.into(),
                    SocketAddr::V6(_) => std::net::Ipv6Addr::UNSPECIFIED.into(),
                };
                (listener.local, SocketAddr::new(any, 0))
            }
        }
    }
}

#[derive(Debug)]
struct Slot {
    endpoint: Endpoint,
    /// Whether the user still holds the socket.
    user: bool,
    /// The listener a child came from, while nobody has accepted it.
    parent: Option<Socket>,
    /// It stands in the queue of those that may have something to send.
    dirty: bool,
    /// It stands in the listener's count of half-open children.
    half_open: bool,
}

/// Room is kept for so many connections that ended.
const MOST_SPARE: usize = 16;

/// One host's TCP.
pub struct Host {
    config: HostConfig,
    /// The settings of connections that have none of their own.
    settings: Arc<Settings>,
    sockets: Vec<Option<Slot>>,
    connections: Demultiplexer,
    listeners: Vec<Socket>,
    /// Connections that may have something to send.
    dirty: Line<Socket>,
    deadlines: Deadlines,
    log: Log,
    notices: Line<(Socket, Notice)>,
    /// How many events were polled of those in the log.
    given: usize,
    outbox: VecDeque<Outgoing>,
    /// The segment that is being sent.
    plan: Plan,
    next_port: u16,
    opened: u32,
    ip_id: u16,
    fast_open_cache: Vec<(IpAddr, FastOpen)>,
    challenges: Challenges,
    /// Connections that ended, whose room is used again.
    // Boxed, as they stand in the sockets: they are not copied.
    #[allow(clippy::vec_box)]
    spare: Vec<Box<Connection>>,
}

impl Host {
    /// A host that knows nothing yet.
    pub fn new(config: HostConfig) -> Self {
        Host {
            settings: Arc::new(config.settings),
            next_port: config.settings.ephemeral_ports.0,
            challenges: Challenges::new(config.settings.challenge_limit),
            config,
            sockets: Vec::new(),
            connections: Demultiplexer::default(),
            listeners: Vec::new(),
            dirty: Line::default(),
            deadlines: Deadlines::default(),
            log: Log::default(),
            notices: Line::default(),
            given: 0,
            outbox: VecDeque::new(),
            plan: Plan::default(),
            opened: 0,
            ip_id: 0,
            fast_open_cache: Vec::new(),
            spare: Vec::new(),
        }
    }

    /// What the host is made of.
    pub fn config(&self) -> &HostConfig {
        &self.config
    }

    /// The next thing that happened; it is forgotten then. To be called until it gives `None`.
    #[must_use = "an event is given once"]
    pub fn poll_event(&mut self) -> Option<Event> {
        let event = self.log.events.get(self.given).copied();
        self.given += 1;
        if event.is_none() {
            self.forget_events();
        }
        event
    }

    /// The next thing that the user of a socket is told. To be called until it gives `None`.
    #[must_use = "a notice is given once"]
    #[inline]
    pub fn poll_notice(&mut self) -> Option<(Socket, Notice)> {
        self.notices.pop()
    }

    /// Everything that was told since it was last taken or forgotten: for who reads it where it stands,
    /// instead of polling.
    #[inline]
    pub fn events(&self) -> &[Event] {
        &self.log.events
    }

    /// Forgets what was told.
    #[inline]
    pub fn forget_events(&mut self) {
        self.log.events.clear();
        self.given = 0;
    }

    /// Has the log written into the room of another, which is emptied. To be done before anything happens.
    pub fn use_room(&mut self, mut room: Log) {
        room.clear();
        self.log = room;
    }

    /// Gives everything away that was told, at the end.
    pub fn into_log(self) -> Log {
        self.log
    }

    /// Local and remote address of a connection; a listener's remote is the unspecified address, port 0.
    pub fn endpoints(&self, socket: Socket) -> Option<(SocketAddr, SocketAddr)> {
        self.slot(socket).map(|slot| slot.endpoint.ends())
    }

    /// The socket's state; CLOSED for one that is gone.
    pub fn state(&self, socket: Socket) -> State {
        match self.slot(socket).map(|slot| &slot.endpoint) {
            None => State::Closed,
            Some(Endpoint::Listener(_)) => State::Listen,
            Some(Endpoint::Connection(connection)) => connection.state(),
        }
    }

    /// Whether any connection, TIME-WAIT included, has this local port: what `bind()` on Linux refuses
    /// without `SO_REUSEADDR`. Looks at every connection.
    pub fn is_port_busy(&self, port: u16) -> bool {
        self.connections.has_local_port(port)
    }

    /// STATUS: the control block of a connection (RFC 9293 §3.10.6).
    pub fn tcb(&self, socket: Socket) -> Option<&Tcb> {
        self.connection(socket).map(|connection| &connection.tcb)
    }

    fn slot(&self, socket: Socket) -> Option<&Slot> {
        self.sockets.get(socket.0 as usize)?.as_ref()
    }

    fn slot_mut(&mut self, socket: Socket) -> Option<&mut Slot> {
        self.sockets.get_mut(socket.0 as usize)?.as_mut()
    }

    fn connection(&self, socket: Socket) -> Option<&Connection> {
        match &self.slot(socket)?.endpoint {
            Endpoint::Connection(connection) => Some(connection),
            Endpoint::Listener(_) => None,
        }
    }

    fn listener(&self, socket: Socket) -> Option<&Listener> {
        match &self.slot(socket)?.endpoint {
            Endpoint::Listener(listener) => Some(listener),
            Endpoint::Connection(_) => None,
        }
    }

    fn listener_mut(&mut self, socket: Socket) -> Option<&mut Listener> {
        match &mut self.slot_mut(socket)?.endpoint {
            Endpoint::Listener(listener) => Some(listener),
            Endpoint::Connection(_) => None,
        }
    }

    /// Works on a connection with its surroundings at hand; `None` when it is none.
    fn with<T>(
        &mut self,
        socket: Socket,
        now: Instant,
        work: impl FnOnce(&mut Connection, &mut Context<'_>) -> T,
    ) -> Option<T> {
        let Host { sockets, log, notices, challenges, .. } = self;
        let slot = sockets.get_mut(socket.0 as usize)?.as_mut()?;
        let Endpoint::Connection(connection) = &mut slot.endpoint else { return None };
        let mut cx = Context { now, socket, events: &mut log.events, notices, challenges };
        Some(work(connection, &mut cx))
    }

    /// After something was done to a connection: it stands in the queue of those that may have something
    /// to send, or its next deadline is noted.
    fn mark(&mut self, socket: Socket) {
        let Host { sockets, dirty, deadlines, .. } = self;
        let Some(Some(slot)) = sockets.get_mut(socket.0 as usize) else { return };
        if let Endpoint::Connection(connection) = &mut slot.endpoint {
            look_after(socket, connection, &mut slot.dirty, dirty, deadlines);
        }
    }

    /// After a connection has sent all it can: its next deadline is noted, or it is forgotten.
    fn settle(&mut self, socket: Socket) {
        let Some(slot) = self.sockets.get_mut(socket.0 as usize).and_then(Option::as_mut) else { return };
        slot.dirty = false;
        let Endpoint::Connection(connection) = &mut slot.endpoint else { return };
        if connection.is_finished() {
            let (local, remote) = connection.ends();
            let key = Ends::new(local, remote);
            self.connections.remove(&key, socket);
            self.leave_queues(socket);
            if !self.slot(socket).is_some_and(|slot| slot.user) {
                self.forget(socket);
            }
        } else {
            self.deadlines.touch(socket, connection);
        }
    }

    fn insert(&mut self, endpoint: Endpoint, user: bool, parent: Option<Socket>) -> Socket {
        let socket = Socket(self.sockets.len() as u32);
        let half_open = parent.is_some();
        self.log.ends.push(endpoint.ends());
        self.sockets.push(Some(Slot { endpoint, user, parent, dirty: false, half_open }));
        socket
    }

    /// A connection, in the room of one that ended if there is any; with settings of its own or the host's.
    fn make(&mut self, tcb: &Tcb, ends: (SocketAddr, SocketAddr), own: Option<Settings>) -> Box<Connection> {
        let Host { spare, settings, .. } = self;
        let own = own.map(Arc::new);
        let settings = own.as_ref().unwrap_or(settings);
        let mut connection = spare.pop().unwrap_or_else(|| Connection::room(settings));
        connection.begin(tcb, ends, settings);
        connection
    }

    fn forget(&mut self, socket: Socket) {
        let Some(place) = self.sockets.get_mut(socket.0 as usize) else { return };
        if let Some(Slot { endpoint: Endpoint::Connection(connection), .. }) = place.take()
            && self.spare.len() < MOST_SPARE
        {
            self.spare.push(connection);
        }
    }

    fn next_isn(&mut self, now: Instant, local: SocketAddr, remote: SocketAddr) -> SeqNumber {
        let policy = match self.config.isn {
            IsnPolicy::Fixed { first, .. } if self.config.settings.fixed_isn => {
                IsnPolicy::Fixed { first, step: 0 }
            }
            IsnPolicy::Rfc6528 if self.config.settings.fixed_isn => {
                IsnPolicy::Fixed { first: SeqNumber(self.config.secret.0[0] as u32), step: 0 }
            }
            policy => policy,
        };
        let isn = initial_sequence_number(policy, self.config.secret, now, local, remote, self.opened);
        self.opened = self.opened.wrapping_add(1);
        isn
    }

    fn tell(&mut self, socket: Socket, what: What) {
        self.log.events.push(Event { socket, what });
    }
}

/// After something was done to a connection: it stands in the queue of those that may have something to send,
/// or its timers are looked at.
#[inline]
fn look_after(
    socket: Socket,
    connection: &mut Connection,
    is_dirty: &mut bool,
    dirty: &mut Line<Socket>,
    deadlines: &mut Deadlines,
) {
    if connection.is_idle() {
        deadlines.touch(socket, connection);
    } else if !std::mem::replace(is_dirty, true) {
        dirty.push(socket);
    }
}
