//! Raw segments that nobody's TCP sent: an attacker's, or an old duplicate out of the network.

use std::net::SocketAddr;

use crate::scenario::{Inject, Number, SocketName, Variable};
use crate::tcp::Tcb;
use crate::timeline::{HostId, Kind, Note};
use crate::wire::{Ip, Options, Segment, SeqNumber, TcpOption, Transport};

use super::program::piece;
use super::simulation::Simulation;
use super::station::Handle;

impl Simulation<'_> {
    /// Puts a made-up segment on the wire. It is seen to leave the host that is named, else the host it
    /// claims to come from, else the one it goes to.
    pub(super) fn inject(&mut self, host: Option<HostId>, inject: &Inject) {
        let claimed = self.network.host_of(inject.src.ip());
        let target = self.network.host_of(inject.dst.ip());
        let Some(shown_at) = host.or(claimed).or(target) else { return };
        let (src, dst) = self.endpoints(inject, claimed, target);
        let isns = self.isns.as_ref().map_or((None, None), |isns| isns.of(src, dst));
        let seq = self.number(inject.seq, isns.0);
        let ack = inject.ack.map(|ack| self.number(ack, isns.1)).unwrap_or_default();
        let text = piece(&inject.payload, 0);
        let mut options = Options::NONE;
        if let Some(mss) = inject.mss {
            options.push(&TcpOption::Mss(mss));
        }
        let segment = Segment {
            src_port: src.port(),
            dst_port: dst.port(),
            seq,
            ack,
            flags: inject.flags,
            window: inject.window,
            len: text.len() as u32,
            options,
            ..Segment::default()
        };
        // An identification of its own, so that it is never taken for a copy of another packet.
        let id = if src.is_ipv4() { 0xf000 | (self.packets as u16 & 0x0fff) } else { 0 };
        let ip = Ip { src: src.ip(), dst: dst.ip(), id, ..Ip::default() };
        self.record(shown_at, Kind::Note(Note::Message("note-injected")));
        self.send_raw(shown_at, &ip, &Transport::Tcp(segment), &text);
    }

    /// The endpoints, with the ports of the hosts' connection where none is written.
    fn endpoints(
        &self,
        inject: &Inject,
        claimed: Option<HostId>,
        target: Option<HostId>,
    ) -> (SocketAddr, SocketAddr) {
        let (mut src, mut dst) = (inject.src, inject.dst);
        let from_claimed = claimed.and_then(|host| self.endpoints_of(host));
        let from_target =
            target.and_then(|host| self.endpoints_of(host)).map(|(local, remote)| (remote, local));
        for known in [from_claimed, from_target].into_iter().flatten() {
            if (known.0.ip(), known.1.ip()) == (src.ip(), dst.ip()) {
                src.set_port(if src.port() == 0 { known.0.port() } else { src.port() });
                dst.set_port(if dst.port() == 0 { known.1.port() } else { dst.port() });
            }
        }
        (src, dst)
    }

    /// The endpoints of a host's connection: that of its default name, else of the newest name that has one.
    fn endpoints_of(&self, host: HostId) -> Option<(SocketAddr, SocketAddr)> {
        let station = self.stations.get(host.0 as usize)?;
        let name = self.connection_name(host)?;
        let Some(Handle::Tcp(socket)) = station.sockets.get(name.0 as usize)?.handle else { return None };
        station.known.get(socket.0 as usize)?.endpoints
    }

    fn connection_name(&self, host: HostId) -> Option<SocketName> {
        let station = self.stations.get(host.0 as usize)?;
        let has_one = |name: SocketName| {
            station
                .sockets
                .get(name.0 as usize)
                .is_some_and(|named| matches!(named.handle, Some(Handle::Tcp(_))))
        };
        let others =
            (SocketName::DEFAULTS.len()..station.sockets.len()).rev().map(|index| SocketName(index as u16));
        std::iter::once(SocketName::CONNECTION).chain(others).find(|name| has_one(*name))
    }

    /// The number that is meant; what cannot be known counts from zero.
    fn number(&self, number: Number, isn: Option<SeqNumber>) -> SeqNumber {
        match number {
            Number::Variable { host, variable, offset } => {
                let tcb = self.connection_name(host).and_then(|name| self.tcb(host, name));
                let value = tcb.map(|tcb| variable_of(tcb, variable)).unwrap_or_default();
                SeqNumber(value.0.wrapping_add(offset as u32))
            }
            other => other.resolve(isn.or(Some(SeqNumber(0)))).unwrap_or_default(),
        }
    }
}

fn variable_of(tcb: &Tcb, variable: Variable) -> SeqNumber {
    match variable {
        Variable::Iss => tcb.iss,
        Variable::Irs => tcb.irs,
        Variable::SndUna => tcb.snd_una,
        Variable::SndNxt => tcb.snd_nxt,
        Variable::RcvNxt => tcb.rcv_nxt,
        Variable::RcvEnd => tcb.rcv_nxt + tcb.rcv_wnd,
    }
}
