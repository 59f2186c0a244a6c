//! A packet reaches the host: to a connection, to a listener, or to nobody.

use std::net::SocketAddr;

use super::{Endpoint, Ends, Host, Slot, Verdict, look_after};
use crate::tcp::arrival::closed;
use crate::tcp::connection::{Context, FastOpen};
use crate::tcp::decision::Disposition;
use crate::tcp::event::{Socket, What};
use crate::tcp::tcb::Arrival;
use crate::tcp::{Rule, State};
use crate::time::Instant;
use crate::wire::{Defect, Flags, Packet, Segment, Transport};

impl Host {
    /// Processes a packet addressed to this host; gives the rule that decided about it, or `None` for
    /// a packet that is not TCP or not for this host.
    pub fn on_packet(&mut self, now: Instant, packet: &Packet<&[u8]>) -> Option<Verdict> {
        let Transport::Tcp(segment) = &packet.transport else { return None };
        let drop = |rule| Some(Verdict { rule, socket: None });
        //= https://www.rfc-editor.org/rfc/rfc9293#section-3.1
        //# The TCP checksum is never optional.  The sender MUST generate it
        //# (MUST-2) and the receiver MUST check it (MUST-3).
        if packet.defects.contains(Defect::BadChecksum) {
            return drop(Rule::BadChecksumDropped);
        }
        // A connection's ends were looked at when it was made.
        if let Some(socket) = self.connections.find(&Ends::of_arriving(packet, segment)) {
            return Some(self.reach_connection(now, socket, packet, segment));
        }
        //= https://www.rfc-editor.org/rfc/rfc9293#section-3.9.2.3
        //# A TCP implementation MUST silently discard an incoming SYN segment that
        //# is addressed to a broadcast or multicast address (MUST-57).
        //= https://www.rfc-editor.org/rfc/rfc9293#section-3.9.2.3
        //# An incoming SYN with an invalid source address MUST be ignored either by TCP or by the IP layer
        //# [(MUST-63)] (see Section 3.2.1.3).
        let (src, dst) = (packet.src(), packet.dst());
        let strange = |addr| super::calls::is_broadcast(addr) || addr.ip().is_multicast();
        if strange(dst) || strange(src) || src.ip().is_unspecified() {
            return drop(Rule::BadAddressDropped);
        }
        if !self.has_addr(dst.ip()) {
            return None;
        }
        Some(self.reach_unconnected(now, packet, segment))
    }

    fn reach_unconnected(&mut self, now: Instant, packet: &Packet<&[u8]>, segment: &Segment) -> Verdict {
        let (local, remote) = (packet.dst(), packet.src());
        let listener = self.listeners.iter().copied().find(|socket| {
            self.listener(*socket).is_some_and(|listener| {
                listener.local.port() == local.port()
                    && (listener.local.ip() == local.ip() || listener.local.ip().is_unspecified())
            })
        });
        if let Some(listener) = listener {
            return self.reach_listener(now, listener, packet, segment);
        }
        let decision = closed(&Arrival::of(segment, 0));
        if let Disposition::SendReset(reset) = decision.disposition {
            self.send_reset(local, remote, reset, decision.rule);
        }
        Verdict { rule: decision.rule, socket: None }
    }

    /// A segment of an existing connection.
    pub(super) fn reach_connection(
        &mut self,
        now: Instant,
        socket: Socket,
        packet: &Packet<&[u8]>,
        segment: &Segment,
    ) -> Verdict {
        let verdict = |rule| Verdict { rule, socket: Some(socket) };
        if let Some(rule) = self.overflow(now, socket, segment) {
            return verdict(rule);
        }
        let Host { sockets, log, notices, challenges, dirty, deadlines, .. } = self;
        let Some(Some(Slot { endpoint: Endpoint::Connection(connection), dirty: is_dirty, .. })) =
            sockets.get_mut(socket.0 as usize)
        else {
            return verdict(Rule::ClosedIgnoresReset);
        };
        let was = connection.state();
        let asks_for_cookies = was == State::SynSent && connection.settings.fast_open_client;
        let mut cx = Context { now, socket, events: &mut log.events, notices, challenges };
        let (rule, reopens) = connection.on_segment(&mut cx, segment, packet.payload);
        let is = connection.state();
        look_after(socket, connection, is_dirty, dirty, deadlines);
        if asks_for_cookies {
            self.remember_cookie(packet, segment);
        }
        if reopens {
            return Verdict { rule, socket: self.reopen(now, socket, packet, segment) };
        }
        if was == State::SynReceived && is != State::SynReceived {
            self.grown_up(socket);
        }
        verdict(rule)
    }

    /// TIME-WAIT gives way to a new connection between the same ends.
    #[cold]
    fn reopen(
        &mut self,
        now: Instant,
        socket: Socket,
        packet: &Packet<&[u8]>,
        segment: &Segment,
    ) -> Option<Socket> {
        self.settle(socket);
        self.dirty.remove(socket);
        self.reach_unconnected(now, packet, segment).socket
    }

    /// A child has left SYN-RECEIVED.
    #[inline(never)]
    fn grown_up(&mut self, socket: Socket) {
        let Some(parent) = self.slot(socket).and_then(|slot| slot.parent) else { return };
        match self.state(socket) {
            State::Closed | State::Listen => self.leave_queues(socket),
            _ => self.enqueue(parent, socket),
        }
    }

    /// The third segment of a child whose listener has no room left in its accept queue.
    fn overflow(&mut self, now: Instant, socket: Socket, segment: &Segment) -> Option<Rule> {
        let Slot { parent: Some(parent), half_open: true, .. } = self.slot(socket)? else { return None };
        self.overflow_of(*parent, now, socket, segment)
    }

    #[inline(never)]
    fn overflow_of(
        &mut self,
        parent: Socket,
        now: Instant,
        socket: Socket,
        segment: &Segment,
    ) -> Option<Rule> {
        let connection = self.connection(socket)?;
        let acknowledges = segment.flags & Flags::ACK.with(Flags::RST).with(Flags::SYN) == Flags::ACK
            && segment.ack == connection.tcb.snd_nxt
            && connection.state() == State::SynReceived;
        let settings = &self.config.settings;
        if !acknowledges || !self.listener(parent)?.accept_queue_full(settings) {
            return None;
        }
        if settings.abort_on_overflow {
            self.with(socket, now, |connection, cx| connection.abort_by(cx, Rule::AcceptQueueFullResets));
            self.mark(socket);
            return Some(Rule::AcceptQueueFullResets);
        }
        self.tell(socket, What::Rule(Rule::AcceptQueueFullDropsAck));
        Some(Rule::AcceptQueueFullDropsAck)
    }

    /// A SYN,ACK may bring a Fast Open cookie for the next time (RFC 7413 §4.1.3).
    #[inline(never)]
    fn remember_cookie(&mut self, packet: &Packet<&[u8]>, segment: &Segment) {
        let Some(cookie) = segment.options.fast_open().filter(|cookie| !cookie.is_empty()) else { return };
        let server = packet.ip.src;
        self.fast_open_cache.retain(|(addr, _)| *addr != server);
        self.fast_open_cache.push((server, FastOpen::new(cookie)));
    }

    /// A time never later than [`poll_timeout`](Self::poll_timeout)'s, and cheaper to get: who has
    /// planned to come back by then need not ask.
    pub fn earliest_timeout(&mut self) -> Option<Instant> {
        self.earliest_deadline()
    }

    /// When [`on_timeout`](Self::on_timeout) has to be called next.
    #[must_use = "a deadline that is not kept stops the host"]
    pub fn poll_timeout(&mut self) -> Option<Instant> {
        self.next_deadline().map(|(at, _)| at)
    }

    /// Fires every timer that is due at `now`.
    pub fn on_timeout(&mut self, now: Instant) {
        loop {
            match self.next_deadline() {
                Some((at, socket)) if at <= now => {
                    self.take_deadline(socket);
                    let was = self.state(socket);
                    self.with(socket, now, super::super::connection::Connection::on_timeout);
                    if was == State::SynReceived && self.state(socket) != State::SynReceived {
                        self.grown_up(socket);
                    }
                    self.mark(socket);
                }
                _ => return,
            }
        }
    }

    //= https://www.rfc-editor.org/rfc/rfc9293#section-3.9.2.2
    //# TCP implementations MUST act on an ICMP error message passed up from the IP layer, directing it
    //# to the connection that created the error (MUST-54).
    /// An ICMP error about a segment this host sent from `local` to `remote`; gives the rule that
    /// decided, or `None` when there is nothing to do.
    pub fn on_icmp(
        &mut self,
        now: Instant,
        local: SocketAddr,
        remote: SocketAddr,
        error: IcmpError,
    ) -> Option<Rule> {
        //= https://www.rfc-editor.org/rfc/rfc9293#section-3.9.2.2
        //# TCP implementations MUST silently discard any received ICMP Source Quench messages (MUST-55).
        if error == IcmpError::SourceQuench {
            return None;
        }
        let socket = self.connections.get(&Ends::new(local, remote))?;
        // A hard error ends only an attempt: on an open connection it may be forged (RFC 5927 §4).
        if error == IcmpError::Soft || self.state(socket) != State::SynSent {
            //= https://www.rfc-editor.org/rfc/rfc9293#section-3.9.2.2
            //# Since these Unreachable messages indicate soft error conditions, a TCP implementation
            //# MUST NOT abort the connection (MUST-56)
            //= https://www.rfc-editor.org/rfc/rfc9293#section-3.9.1.8
            //# There MUST be a mechanism for reporting soft TCP error conditions to the application (MUST-47).
            self.tell(socket, What::Rule(Rule::UnreachableSoft));
            return Some(Rule::UnreachableSoft);
        }
        self.with(socket, now, |connection, cx| {
            connection.abort_by(cx, Rule::AbortSilent);
            connection.error = Some(crate::tcp::Error::Refused);
        });
        self.mark(socket);
        Some(Rule::AbortSilent)
    }
}

/// An ICMP error, by what it means to TCP (RFC 9293 §3.9.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IcmpError {
    /// Network or host unreachable, time exceeded, parameter problem.
    Soft,
    /// Protocol or port unreachable.
    Hard,
    /// Source quench.
    SourceQuench,
}
