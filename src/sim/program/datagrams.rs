//! The calls on UDP sockets.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use crate::scenario::{Payload, SocketName};
use crate::sim::simulation::Simulation;
use crate::sim::station::{Handle, PendingCall};
use crate::tcp::Error;
use crate::timeline::{HostId, Operation, Outcome, SocketId};
use crate::wire::{Datagram, Ip, Transport};

use super::{Attempt, PIECE, outcome, piece};

impl Simulation<'_> {
    pub(super) fn udp_bind(&mut self, host: HostId, name: SocketName, port: u16) -> Attempt {
        let Some(station) = self.stations.get_mut(host.0 as usize) else { return Attempt::Returned };
        let descriptor = station.descriptor();
        let local = SocketAddr::new(
            station.tcp.config().addrs.first().copied().unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
            port,
        );
        let bound = station.udp.bind(port, name);
        if let (Ok(port), Some(named)) = (bound, station.sockets.get_mut(name.0 as usize)) {
            named.handle = Some(Handle::Udp(port, descriptor));
        }
        self.enter(host, descriptor, Operation::Bind(local));
        self.leave(host, descriptor, Operation::Bind(local), outcome(bound.map(|_| ())));
        Attempt::Returned
    }

    fn udp_port(&mut self, host: HostId, name: SocketName) -> Result<(u16, SocketId), Error> {
        let station = self.stations.get_mut(host.0 as usize).ok_or(Error::Invalid)?;
        if let Some(Handle::Udp(port, descriptor)) =
            station.sockets.get(name.0 as usize).and_then(|n| n.handle)
        {
            return Ok((port, descriptor));
        }
        let port = station.udp.bind_any(name)?;
        let descriptor = station.descriptor();
        if let Some(named) = station.sockets.get_mut(name.0 as usize) {
            named.handle = Some(Handle::Udp(port, descriptor));
        }
        Ok((port, descriptor))
    }

    pub(super) fn udp_send(
        &mut self,
        host: HostId,
        name: SocketName,
        to: Option<SocketAddr>,
        payload: &Payload,
    ) -> Attempt {
        let Ok((port, descriptor)) = self.udp_port(host, name) else { return Attempt::Returned };
        let Some(station) = self.stations.get_mut(host.0 as usize) else { return Attempt::Returned };
        let Some(to) = to.or_else(|| station.udp.last_from(port)) else { return Attempt::Waits(false) };
        let text = piece(payload, 0);
        let len = text.len() as u32;
        let operation = Operation::SendTo { len, to };
        let src = station.tcp.config().addrs.iter().copied().find(|addr| addr.is_ipv4() == to.is_ipv4());
        station.ip_id = station.ip_id.wrapping_add(1);
        let id = if to.is_ipv4() { 0x8000 | station.ip_id } else { 0 };
        self.enter(host, descriptor, operation.clone());
        let Some(src) = src else {
            self.leave(host, descriptor, operation, Outcome::Failed(Error::Unreachable));
            return Attempt::Returned;
        };
        let ip = Ip { src, dst: to.ip(), id, ..Ip::default() };
        let datagram = Datagram { src_port: port, dst_port: to.port(), checksum: 0, len };
        self.send_raw(host, &ip, &Transport::Udp(datagram), &text);
        self.leave(host, descriptor, operation, Outcome::Value(i64::from(len)));
        Attempt::Returned
    }

    pub(super) fn udp_recv(&mut self, host: HostId, name: SocketName, call: &mut PendingCall<'_>) -> Attempt {
        let Ok((port, descriptor)) = self.udp_port(host, name) else { return Attempt::Returned };
        let operation = Operation::RecvFrom { max: PIECE as u32 };
        self.enter_once(host, call, descriptor, operation.clone());
        let Some(station) = self.stations.get_mut(host.0 as usize) else { return Attempt::Returned };
        let outcome = match station.udp.receive(port) {
            Err(Error::WouldBlock) => return Attempt::Waits(false),
            Err(error) => Outcome::Failed(error),
            Ok((len, from)) => Outcome::From { len, from },
        };
        self.leave(host, descriptor, operation, outcome);
        Attempt::Returned
    }
}
