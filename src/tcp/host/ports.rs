//! Local addresses and ports.

use std::net::{IpAddr, SocketAddr};

use super::{Ends, Host};
use crate::tcp::{Error, State};
use crate::time::Instant;

impl Host {
    /// The host's own address for talking to `remote`.
    //= https://www.rfc-editor.org/rfc/rfc9293#section-3.9.1.1
    //# If an application on a multihomed host does not specify the local IP address when actively
    //# opening a TCP connection, then the TCP implementation MUST ask the IP layer to select a local IP
    //# address before sending the (first) SYN (MUST-44).
    pub(super) fn source_for(&self, remote: IpAddr) -> Option<IpAddr> {
        self.config.addrs.iter().copied().find(|addr| addr.is_ipv4() == remote.is_ipv4())
    }

    /// Whether the host has this address.
    pub(super) fn has_addr(&self, addr: IpAddr) -> bool {
        self.config.addrs.contains(&addr)
    }

    /// A local port for a connection to `remote`, the next one free in turn.
    ///
    /// # Errors
    /// [`Error::AddrNotAvailable`] when every port of the range is taken for this destination.
    pub(super) fn pick_port(
        &mut self,
        now: Instant,
        local: IpAddr,
        remote: SocketAddr,
    ) -> Result<u16, Error> {
        let (low, high) = self.config.settings.ephemeral_ports;
        let count = u32::from(high.saturating_sub(low)) + 1;
        for _ in 0..count {
            let port = self.next_port.clamp(low, high);
            self.next_port = if port == high { low } else { port + 1 };
            let local = SocketAddr::new(local, port);
            let listened =
                self.listeners.iter().any(|l| self.listener(*l).is_some_and(|l| l.local.port() == port));
            if !listened && self.make_free(now, &Ends::new(local, remote)) {
                return Ok(port);
            }
        }
        Err(Error::AddrNotAvailable)
    }

    /// Whether the pair of endpoints is free, or can be: a connection in TIME-WAIT gives way when the
    /// settings allow it and timestamps keep the old segments apart (RFC 6191, `tcp_tw_reuse`).
    pub(super) fn make_free(&mut self, now: Instant, ends: &Ends) -> bool {
        let Some(old) = self.connections.get(ends) else { return true };
        let Some(after) = self.config.settings.time_wait_reuse else { return false };
        let Some(connection) = self.connection(old) else { return false };
        let waited = connection
            .poll_timeout()
            .map(|deadline| connection.settings.time_wait.saturating_sub(deadline.since(now)));
        let reusable = connection.state() == State::TimeWait
            && connection.negotiated.timestamps
            && waited.is_some_and(|waited| waited >= after);
        if reusable {
            self.with(old, now, super::super::connection::Connection::recycle);
            self.settle(old);
        }
        reusable
    }
}
