//! The sockets API on a host (RFC 9293 §3.9.1).

use std::net::SocketAddr;
use std::sync::Arc;

use super::{Endpoint, Ends, Host};
use crate::tcp::connection::{Connection, FastOpen};
use crate::tcp::decision::Transition;
use crate::tcp::event::{Queue, Socket, What};
use crate::tcp::listener::Listener;
use crate::tcp::settings::Settings;
use crate::tcp::{Error, Rule, State, call};
use crate::time::Instant;

impl Host {
    /// Passive OPEN on `local`, whose address may be unspecified.
    ///
    /// # Errors
    /// [`Error::AddrInUse`] when another listener has the port, [`Error::AddrNotAvailable`] when the
    /// address is not this host's.
    //= https://www.rfc-editor.org/rfc/rfc9293#section-3.9.1.1
    //# Every passive OPEN call either creates a new connection record in
    //# LISTEN state, or it returns an error; it MUST NOT affect any
    //# previously created connection record (MUST-41).
    pub fn listen(&mut self, _now: Instant, local: SocketAddr, backlog: u32) -> Result<Socket, Error> {
        if !local.ip().is_unspecified() && !self.has_addr(local.ip()) {
            return Err(Error::AddrNotAvailable);
        }
        //= https://www.rfc-editor.org/rfc/rfc9293#section-3.9.1.1
        //# A TCP implementation that supports multiple concurrent connections
        //# MUST provide an OPEN call that will functionally allow an application
        //# to LISTEN on a port while a connection block with the same local port
        //# is in SYN-SENT or SYN-RECEIVED state (MUST-42).
        let taken = self.listeners.iter().filter_map(|socket| self.listener(*socket)).any(|other| {
            let (a, b) = (other.local, local);
            a.port() == b.port() && (a.ip() == b.ip() || a.ip().is_unspecified() || b.ip().is_unspecified())
        });
        if taken {
            return Err(Error::AddrInUse);
        }
        let listener = Listener::new(local, backlog, &self.config.settings);
        let socket = self.insert(Endpoint::Listener(Box::new(listener)), true, None);
        self.listeners.push(socket);
        let transition = Transition { from: State::Closed, to: State::Listen, rule: Rule::OpenPassive };
        self.tell(socket, What::State(transition));
        Ok(socket)
    }

    /// Active OPEN to `remote`, from `local` or from a port of the host's choice, with the host's settings.
    ///
    /// # Errors
    /// See [`connect_with`](Self::connect_with).
    pub fn connect(
        &mut self,
        now: Instant,
        local: Option<SocketAddr>,
        remote: SocketAddr,
    ) -> Result<Socket, Error> {
        self.open(now, local, remote, None, &[])
    }

    /// Active OPEN with settings of its own, and text that Fast Open may send with the SYN.
    ///
    /// # Errors
    /// [`Error::Unreachable`] for a broadcast, multicast or unspecified destination or one of a family
    /// this host has no address of; [`Error::AddrNotAvailable`] when no port is free;
    /// [`Error::AddrInUse`] when the pair of endpoints is taken.
    pub fn connect_with(
        &mut self,
        now: Instant,
        local: Option<SocketAddr>,
        remote: SocketAddr,
        settings: Settings,
        text: &[u8],
    ) -> Result<Socket, Error> {
        self.open(now, local, remote, Some(settings).filter(|own| *own != *self.settings), text)
    }

    fn open(
        &mut self,
        now: Instant,
        local: Option<SocketAddr>,
        remote: SocketAddr,
        own: Option<Settings>,
        text: &[u8],
    ) -> Result<Socket, Error> {
        //= https://www.rfc-editor.org/rfc/rfc9293#section-3.9.1.1
        //# A TCP implementation MUST reject as an error a local OPEN call for an invalid remote IP address
        //# (e.g., a broadcast or multicast address) (MUST-46).
        if remote.ip().is_multicast()
            || is_broadcast(remote)
            || remote.ip().is_unspecified()
            || remote.port() == 0
        {
            return Err(Error::Unreachable);
        }
        let source = self.source_for(remote.ip()).ok_or(Error::Unreachable)?;
        let mut is_free = false;
        let local = match local {
            //= https://www.rfc-editor.org/rfc/rfc9293#section-3.9.1.1
            //# The optional "local IP address" parameter MUST be supported to allow the specification of the
            //# local IP address (MUST-43).
            Some(local) if local.port() != 0 => {
                let ip = if local.ip().is_unspecified() { source } else { local.ip() };
                SocketAddr::new(ip, local.port())
            }
            other => {
                let ip = other.map(|local| local.ip()).filter(|ip| !ip.is_unspecified()).unwrap_or(source);
                is_free = true;
                SocketAddr::new(ip, self.pick_port(now, ip, remote)?)
            }
        };
        if !self.has_addr(local.ip()) {
            return Err(Error::AddrNotAvailable);
        }
        let ends = Ends::new(local, remote);
        if !is_free && !self.make_free(now, &ends) {
            return Err(Error::AddrInUse);
        }
        let iss = self.next_isn(now, local, remote);
        let cached =
            self.fast_open_cache.iter().find(|(addr, _)| *addr == remote.ip()).map(|(_, cookie)| *cookie);
        let settings = own.as_ref().unwrap_or(&self.settings);
        let (rule, fast_open) = match (settings.fast_open_client && !text.is_empty(), cached) {
            (false, _) => (Rule::OpenActive, None),
            (true, Some(cookie)) => (Rule::OpenFastOpen, Some(cookie)),
            (true, None) => (Rule::OpenAsksCookie, Some(FastOpen::new(&[]))),
        };
        let (decision, tcb) =
            call::open_active(iss, settings.receive_buffer.min(settings.initial_window), rule);
        let mut connection = self.make(&tcb, (local, remote), own);
        connection.offer_fast_open(fast_open);
        // The buffer is empty and the connection new: the text is taken.
        let _ = connection.send(text);
        let socket = self.insert(Endpoint::Connection(connection), true, None);
        self.connections.insert(ends, socket);
        self.with(socket, now, |connection, cx| connection.carry_out(cx, &decision));
        self.mark(socket);
        Ok(socket)
    }

    /// Takes the oldest open connection off a listener's accept queue.
    ///
    /// # Errors
    /// [`Error::WouldBlock`] when there is none, [`Error::Invalid`] when the socket is no listener.
    pub fn accept(&mut self, _now: Instant, socket: Socket) -> Result<Socket, Error> {
        let listener = self.listener_mut(socket).ok_or(Error::Invalid)?;
        let child = listener.accept_queue.pop_front().ok_or(Error::WouldBlock)?;
        if let Some(slot) = self.slot_mut(child) {
            slot.user = true;
            slot.parent = None;
        }
        self.tell_queue(socket, Queue::Accept);
        Ok(child)
    }

    /// SEND: queues octets and says how many were taken.
    ///
    /// # Errors
    /// The error that ended the connection (once), [`Error::BrokenPipe`] when this side may not send
    /// any more, [`Error::WouldBlock`] when the buffer is full.
    pub fn send(&mut self, now: Instant, socket: Socket, octets: &[u8]) -> Result<usize, Error> {
        let taken = self.user(socket, now, |connection, _| connection.send(octets))??;
        self.mark(socket);
        Ok(taken)
    }

    /// SEND with the URGENT flag (RFC 9293 §3.8.5).
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub fn send_urgent(&mut self, now: Instant, socket: Socket, octets: &[u8]) -> Result<usize, Error> {
        let taken = self.user(socket, now, |connection, _| connection.send_urgent(octets))??;
        self.mark(socket);
        Ok(taken)
    }

    /// RECEIVE: appends at most `max` octets to `out` and says how many; none means that the peer has closed.
    ///
    /// # Errors
    /// [`Error::WouldBlock`] when nothing is there yet, or the error that ended the connection (once).
    pub fn recv(
        &mut self,
        now: Instant,
        socket: Socket,
        max: usize,
        out: &mut Vec<u8>,
    ) -> Result<usize, Error> {
        self.recv_with(now, socket, max, |octets| out.extend_from_slice(octets))
    }

    /// RECEIVE without a copy: lends at most `max` octets to `user`, which are gone then, and says how
    /// many; none means that the peer has closed.
    ///
    /// # Errors
    /// As [`recv`](Self::recv).
    pub fn recv_with(
        &mut self,
        now: Instant,
        socket: Socket,
        max: usize,
        user: impl FnOnce(&[u8]),
    ) -> Result<usize, Error> {
        let len = self.user(socket, now, |connection, cx| connection.recv(cx, max, user))??;
        self.mark(socket);
        Ok(len)
    }

    /// Octets that can be read now.
    pub fn readable(&self, socket: Socket) -> usize {
        self.connection(socket).map_or(0, Connection::readable)
    }

    /// Octets up to the end of urgent text (MUST-33).
    pub fn urgent_left(&self, socket: Socket) -> u32 {
        self.connection(socket).map_or(0, Connection::urgent_left)
    }

    /// CLOSE of the sending side: `shutdown(SHUT_WR)`.
    ///
    /// # Errors
    /// [`Error::NotConnected`] before the connection is open or after its end.
    pub fn shutdown_write(&mut self, now: Instant, socket: Socket) -> Result<(), Error> {
        self.user(socket, now, Connection::shutdown_write)??;
        self.mark(socket);
        Ok(())
    }

    /// `close()`: the user gives the socket up; the connection closes in order, if it can.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the socket is closed already.
    pub fn close(&mut self, now: Instant, socket: Socket) -> Result<(), Error> {
        self.give_up(now, socket, Connection::close)
    }

    /// ABORT: the connection ends by a reset.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the socket is closed already.
    pub fn abort(&mut self, now: Instant, socket: Socket) -> Result<(), Error> {
        self.give_up(now, socket, |connection, cx| connection.abort_by(cx, Rule::AbortSendsReset))
    }

    fn give_up(
        &mut self,
        now: Instant,
        socket: Socket,
        end: impl FnOnce(&mut Connection, &mut crate::tcp::connection::Context<'_>),
    ) -> Result<(), Error> {
        let slot = self.slot_mut(socket).filter(|slot| slot.user).ok_or(Error::Invalid)?;
        slot.user = false;
        if matches!(slot.endpoint, Endpoint::Listener(_)) {
            self.close_listener(now, socket);
            return Ok(());
        }
        self.with(socket, now, end);
        self.mark(socket);
        Ok(())
    }

    /// The settings of one socket, to be changed by the user (`setsockopt`); then
    /// [`settings_changed`](Self::settings_changed) is to be called.
    pub fn settings_mut(&mut self, socket: Socket) -> Option<&mut Settings> {
        match &mut self.slot_mut(socket)?.endpoint {
            Endpoint::Connection(connection) => Some(Arc::make_mut(&mut connection.settings)),
            Endpoint::Listener(_) => None,
        }
    }

    /// Makes changed settings take effect: keep-alive starts or stops, segments have another size, text that
    /// Nagle held may go.
    pub fn settings_changed(&mut self, now: Instant, socket: Socket) {
        self.with(socket, now, Connection::settings_changed);
        self.mark(socket);
    }

    /// The error that ended the connection, told once (`SO_ERROR`).
    pub fn take_error(&mut self, socket: Socket) -> Option<Error> {
        match &mut self.slot_mut(socket)?.endpoint {
            Endpoint::Connection(connection) => connection.error.take(),
            Endpoint::Listener(_) => None,
        }
    }

    fn user<T>(
        &mut self,
        socket: Socket,
        now: Instant,
        work: impl FnOnce(&mut Connection, &mut crate::tcp::connection::Context<'_>) -> T,
    ) -> Result<T, Error> {
        self.slot(socket).filter(|slot| slot.user).ok_or(Error::Invalid)?;
        self.with(socket, now, work).ok_or(Error::Invalid)
    }
}

/// The limited broadcast address.
pub(super) fn is_broadcast(addr: SocketAddr) -> bool {
    matches!(addr, SocketAddr::V4(v4) if v4.ip().is_broadcast())
}
