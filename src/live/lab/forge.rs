//! Segments that nobody's TCP sends: an attacker's, or old duplicates, with numbers taken from what
//! the wire has seen of the connection.

use std::net::{IpAddr, SocketAddr};

use super::call::ISN_STEP;
use super::flows::Flows;
use super::wire::Forge;
use crate::scenario::{Inject, Number, Payload, Scenario, Variable};
use crate::timeline::HostId;
use crate::wire::{Ip, Options, Segment, SeqNumber, TcpOption, Transport, encode_ip};

/// What is needed of the scenario to make numbers real.
#[derive(Clone, Debug)]
struct Cast {
    addrs: Vec<Vec<IpAddr>>,
    isns: Vec<Option<u32>>,
}

impl Cast {
    fn host_of(&self, addr: IpAddr) -> Option<usize> {
        self.addrs.iter().position(|addrs| addrs.contains(&addr))
    }
}

/// Makes the packet of an `inject` step once the wire knows the numbers.
pub(super) fn forge(scenario: &Scenario, inject: &Inject) -> Forge {
    let cast = Cast {
        addrs: scenario.hosts.iter().map(|host| host.addrs.clone()).collect(),
        isns: scenario.hosts.iter().map(|host| host.isn).collect(),
    };
    let inject = inject.clone();
    Forge(Box::new(move |flows| packet(&cast, &inject, flows)))
}

fn packet(cast: &Cast, inject: &Inject, flows: &Flows) -> Result<Vec<u8>, String> {
    let (src, dst) = ports(inject, flows)?;
    let number = |number, own, other| resolve(cast, flows, number, own, other);
    let seq = number(inject.seq, src, dst)?;
    let ack = inject.ack.map(|ack| number(ack, dst, src)).transpose()?;
    let octets: Vec<u8> = match &inject.payload {
        Payload::Text(text) => text.clone(),
        Payload::Count(count) => (0..*count).map(Payload::octet).collect(),
    };
    let mut options = Options::default();
    if let Some(mss) = inject.mss {
        options.push(&TcpOption::Mss(mss));
    }
    let segment = Segment {
        src_port: src.port(),
        dst_port: dst.port(),
        seq,
        ack: ack.unwrap_or_default(),
        flags: inject.flags,
        window: inject.window,
        len: octets.len() as u32,
        options,
        ..Segment::default()
    };
    // An identification of its own, so that it is never taken for a copy of another packet.
    let id = if src.is_ipv4() { 0xf000 } else { 0 };
    let ip = Ip { src: src.ip(), dst: dst.ip(), id, ..Ip::default() };
    let mut bytes = Vec::new();
    encode_ip(&ip, &Transport::Tcp(segment), &octets, &mut bytes);
    Ok(bytes)
}

/// Both ends, with the ports of the connection that the wire knows where the scenario leaves them open.
fn ports(inject: &Inject, flows: &Flows) -> Result<(SocketAddr, SocketAddr), String> {
    let (src, dst) = (inject.src, inject.dst);
    if src.port() != 0 && dst.port() != 0 {
        return Ok((src, dst));
    }
    let fits = |asked: SocketAddr, found: SocketAddr| {
        asked.ip() == found.ip() && (asked.port() == 0 || asked.port() == found.port())
    };
    flows
        .find(|from, to| fits(src, from) && fits(dst, to))
        .or_else(|| flows.find(|from, to| fits(src, to) && fits(dst, from)).map(|(from, to)| (to, from)))
        .ok_or_else(|| format!("no connection between {} and {} was seen", src.ip(), dst.ip()))
}

/// A number that counts the octets of `own`, made real.
fn resolve(
    cast: &Cast,
    flows: &Flows,
    number: Number,
    own: SocketAddr,
    other: SocketAddr,
) -> Result<SeqNumber, String> {
    let flow = flows.get(own, other);
    let isn = flow.and_then(|flow| flow.isn);
    match number {
        // The scenario counts from its own initial number, the kernel from another.
        Number::Absolute(absolute) => {
            let first = cast.host_of(own.ip()).and_then(|host| cast.isns.get(host).copied().flatten());
            let written =
                first.zip(flow).map(|(first, flow)| first.wrapping_add(flow.ordinal.wrapping_mul(ISN_STEP)));
            Ok(match (written, isn) {
                (Some(written), Some(isn)) => isn + absolute.wrapping_sub(written),
                _ => SeqNumber(absolute),
            })
        }
        Number::Relative(offset) => {
            isn.map(|isn| isn + offset as u32).ok_or_else(|| format!("no SYN of {own} was seen"))
        }
        Number::Variable { host, variable, offset } => {
            let value = value(cast, flows, host, variable, own, other);
            value.map(|value| value + offset as u32).ok_or_else(|| "its connection was not seen".to_owned())
        }
    }
}

/// A variable of a host's connection, as its segments show it.
fn value(
    cast: &Cast,
    flows: &Flows,
    host: HostId,
    variable: Variable,
    own: SocketAddr,
    other: SocketAddr,
) -> Option<SeqNumber> {
    let is_host = |addr: SocketAddr| cast.host_of(addr.ip()) == Some(host.0 as usize);
    let (local, remote) = match (is_host(own), is_host(other)) {
        (true, _) => (own, other),
        (_, true) => (other, own),
        // An attacker in nobody's name, about a connection of others.
        _ => flows.find(|from, _| is_host(from))?,
    };
    let there = flows.get(local, remote)?;
    let back = flows.get(remote, local);
    match variable {
        Variable::Iss => there.isn,
        Variable::SndNxt => there.sent_to,
        Variable::SndUna => back.and_then(|back| back.acked).or(there.isn),
        Variable::Irs => back?.isn,
        Variable::RcvNxt => back?.arrived_to.or(there.acked),
        Variable::RcvEnd => Some(back?.arrived_to.or(there.acked)? + there.window),
    }
}
