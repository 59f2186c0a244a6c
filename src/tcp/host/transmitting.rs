//! What the host sends next.

use std::net::IpAddr;

use super::{Endpoint, Host, Slot};
use crate::tcp::Rule;
use crate::tcp::connection::{Context, Plan, header};
use crate::tcp::event::Socket;
use crate::time::Instant;
use crate::wire::{Ip, Segment, Transport};

/// A segment to be sent, its text lent from the connection's buffer.
#[derive(Clone, Copy, Debug)]
pub struct Transmit<'a> {
    /// The socket it belongs to; `None` for resets and cookies that belong to none.
    pub socket: Option<Socket>,
    /// The IP header.
    pub ip: &'a Ip,
    /// The segment, as what the IP packet carries.
    pub transport: &'a Transport,
    /// Its text.
    pub payload: &'a [u8],
    /// Why it is sent.
    pub rule: Rule,
    /// Whether it repeats numbers sent before.
    pub retransmission: bool,
}

/// A segment that belongs to no connection.
pub(super) struct Outgoing {
    pub(super) src: IpAddr,
    pub(super) dst: IpAddr,
    pub(super) segment: Segment,
    pub(super) rule: Rule,
}

/// Whose segment is sent.
enum Sender {
    /// No connection's: a reset, or a cookie.
    Nobody,
    Connection(Socket),
}

impl Host {
    /// The next segment to send. To be called until it gives `None`, after every call, segment and timeout.
    #[must_use = "a segment is given once"]
    #[inline]
    pub fn poll_transmit(&mut self, now: Instant) -> Option<Transmit<'_>> {
        if self.dirty.is_empty() && self.outbox.is_empty() {
            return None;
        }
        self.next_transmit(now)
    }

    fn next_transmit(&mut self, now: Instant) -> Option<Transmit<'_>> {
        let socket = match self.plan_next(now)? {
            Sender::Nobody => None,
            Sender::Connection(socket) => Some(socket),
        };
        let connection = socket.and_then(|socket| self.connection(socket));
        let Plan { ip, transport, rule, retransmission, .. } = &self.plan;
        let (ip, payload) = match connection {
            Some(connection) => (connection.ip(), connection.text(&self.plan)),
            None => (ip, &[][..]),
        };
        Some(Transmit { socket, ip, transport, payload, rule: *rule, retransmission: *retransmission })
    }

    /// Fills in the plan of the next segment, and says whose it is.
    #[inline]
    fn plan_next(&mut self, now: Instant) -> Option<Sender> {
        loop {
            let Host {
                sockets, log, notices, challenges, plan, dirty, deadlines, outbox, config, ip_id, ..
            } = self;
            if let Some(out) = outbox.pop_front() {
                *ip_id = ip_id.wrapping_add(1);
                plan.of_nobody(out.segment, out.rule);
                plan.ip = header((out.src, out.dst), &config.settings);
                plan.ip.id = if out.src.is_ipv4() { *ip_id } else { 0 };
                return Some(Sender::Nobody);
            }
            let socket = dirty.first()?;
            if let Some(Some(Slot { endpoint: Endpoint::Connection(connection), dirty: is_dirty, .. })) =
                sockets.get_mut(socket.0 as usize)
                && connection
                    .plan(&mut Context { now, socket, events: &mut log.events, notices, challenges }, plan)
            {
                // Mostly that was all there is to send, and nobody need ask once more.
                if connection.is_idle() {
                    *is_dirty = false;
                    dirty.pop();
                    deadlines.touch(socket, connection);
                }
                *ip_id = ip_id.wrapping_add(1);
                connection.number_packet(*ip_id);
                return Some(Sender::Connection(socket));
            }
            dirty.pop();
            self.settle(socket);
        }
    }
}
