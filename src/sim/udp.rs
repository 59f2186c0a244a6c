//! The UDP of one host: sockets by port, each with what it has received.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};

use rustc_hash::FxHashMap;

use crate::scenario::SocketName;
use crate::tcp::Error;

/// A UDP socket.
#[derive(Debug)]
pub(super) struct UdpSocket {
    /// Its name in the script.
    pub(super) name: SocketName,
    /// Datagrams nobody has received yet: from whom, to which own address, how many octets.
    received: VecDeque<(SocketAddr, IpAddr, u32)>,
    /// Who sent the last datagram that was received, and to which own address.
    last_from: Option<(SocketAddr, IpAddr)>,
}

/// All UDP sockets of a host.
#[derive(Debug)]
pub(super) struct Udp {
    sockets: FxHashMap<u16, UdpSocket>,
    next_port: u16,
}

impl Default for Udp {
    fn default() -> Self {
        Udp { sockets: FxHashMap::default(), next_port: 49_152 }
    }
}

impl Udp {
    /// Opens a socket on a port.
    pub(super) fn bind(&mut self, port: u16, name: SocketName) -> Result<u16, Error> {
        if self.sockets.contains_key(&port) {
            return Err(Error::AddrInUse);
        }
        self.sockets.insert(port, UdpSocket { name, received: VecDeque::new(), last_from: None });
        Ok(port)
    }

    /// Opens a socket on a free port.
    pub(super) fn bind_any(&mut self, name: SocketName) -> Result<u16, Error> {
        for _ in 0..16_384 {
            let port = self.next_port;
            self.next_port = if port == u16::MAX { 49_152 } else { port + 1 };
            if self.bind(port, name).is_ok() {
                return Ok(port);
            }
        }
        Err(Error::AddrNotAvailable)
    }

    /// A datagram arrives; gives the name of the socket that has it now.
    pub(super) fn deliver(&mut self, from: SocketAddr, to: SocketAddr, octets: u32) -> Option<SocketName> {
        let socket = self.sockets.get_mut(&to.port())?;
        socket.received.push_back((from, to.ip(), octets));
        Some(socket.name)
    }

    /// The oldest datagram: how many octets, from whom.
    pub(super) fn receive(&mut self, port: u16) -> Result<(u32, SocketAddr), Error> {
        let socket = self.sockets.get_mut(&port).ok_or(Error::Invalid)?;
        let (from, own, octets) = socket.received.pop_front().ok_or(Error::WouldBlock)?;
        socket.last_from = Some((from, own));
        Ok((octets, from))
    }

    /// Whom a `send … back` goes to.
    pub(super) fn last_from(&self, port: u16) -> Option<SocketAddr> {
        self.sockets.get(&port)?.last_from.map(|(from, _)| from)
    }

    /// Closes a socket.
    pub(super) fn close(&mut self, port: u16) {
        self.sockets.remove(&port);
    }
}
