//! A segment, less what differs from run to run.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use crate::time::Instant;
use crate::timeline::{HostId, Kind, PacketId, Timeline};
use crate::wire::{Flags, Options, Packet, Segment, SeqNumber, TcpOption, Transport};

/// Two hosts and which of their connections it is, in the order in which they were begun.
pub(super) type ConnectionNumber = (Option<HostId>, Option<HostId>, u32);

/// A segment or datagram that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// When.
    pub at: Instant,
    /// Its number in its timeline.
    pub id: PacketId,
    /// Who sent it.
    pub from: HostId,
    /// The control bits; `None` for a datagram.
    pub flags: Option<Flags>,
    /// The sequence number, from the sender's initial one.
    pub seq: u32,
    /// The acknowledgment number, from the receiver's initial one.
    pub ack: Option<u32>,
    /// The octets of text.
    pub len: u32,
    /// The window field, which is shown and not compared.
    pub window: u16,
    /// The options, padding aside, as tcpdump writes them; of timestamps only that they are there.
    pub options: Vec<String>,
    /// Whether it was lost on the way.
    pub lost: bool,
    pub(super) connection: ConnectionNumber,
}

/// The connections of a timeline.
#[derive(Clone, Debug, Default)]
pub(super) struct Connections {
    numbers: BTreeMap<(SocketAddr, SocketAddr), ConnectionNumber>,
    begun: BTreeMap<(Option<HostId>, Option<HostId>), u32>,
    hosts: Vec<Vec<std::net::IpAddr>>,
}

impl Connections {
    fn host(&self, addr: SocketAddr) -> Option<HostId> {
        self.hosts.iter().position(|addrs| addrs.contains(&addr.ip())).map(|index| HostId(index as u16))
    }

    /// The number of the connection between two ends, in either order. A listener, which has port 0 at
    /// its other end, has the number of its port.
    pub(super) fn number(&self, a: SocketAddr, b: SocketAddr) -> ConnectionNumber {
        match self.numbers.get(&ends(a, b)) {
            Some(number) => *number,
            None if a.port() == 0 || b.port() == 0 => {
                (self.host(a), None, u32::MAX - u32::from(a.port().max(b.port())))
            }
            None => (self.host(a), self.host(b), u32::MAX),
        }
    }

    fn note(&mut self, src: SocketAddr, dst: SocketAddr) -> ConnectionNumber {
        let key = ends(src, dst);
        if let Some(number) = self.numbers.get(&key) {
            return *number;
        }
        let (a, b) = (self.host(src), self.host(dst));
        let pair = (a.min(b), a.max(b));
        let begun = self.begun.entry(pair).or_default();
        let number = (pair.0, pair.1, *begun);
        *begun += 1;
        self.numbers.insert(key, number);
        number
    }
}

fn ends(a: SocketAddr, b: SocketAddr) -> (SocketAddr, SocketAddr) {
    if a <= b { (a, b) } else { (b, a) }
}

/// Where the numbers of each direction begin.
type Isns = BTreeMap<(SocketAddr, SocketAddr), SeqNumber>;

/// Everything that was sent, in the order of time.
pub(super) fn segments(timeline: &Timeline, connections: &mut Connections) -> Vec<Seen> {
    connections.hosts = timeline.hosts.iter().map(|host| host.addrs.clone()).collect();
    let mut isns = Isns::new();
    let mut seen: Vec<Seen> = Vec::new();
    let mut places: BTreeMap<PacketId, usize> = BTreeMap::new();
    for event in &timeline.events {
        match &event.kind {
            Kind::Sent { id, packet, .. } => {
                let connection = connections.note(packet.src(), packet.dst());
                let Some(mut segment) = shorten(packet, &mut isns) else { continue };
                (segment.at, segment.from, segment.id) = (event.at, event.host, *id);
                segment.connection = connection;
                places.insert(*id, seen.len());
                seen.push(segment);
            }
            Kind::Lost { id, .. } => {
                if let Some(segment) = places.get(id).and_then(|place| seen.get_mut(*place)) {
                    segment.lost = true;
                }
            }
            _ => {}
        }
    }
    seen
}

fn shorten(packet: &Packet, isns: &mut Isns) -> Option<Seen> {
    let nothing = Seen {
        at: Instant::ZERO,
        id: PacketId(0),
        from: HostId(0),
        flags: None,
        seq: 0,
        ack: None,
        len: 0,
        window: 0,
        options: Vec::new(),
        lost: false,
        connection: (None, None, 0),
    };
    match &packet.transport {
        Transport::Udp(datagram) => Some(Seen { len: datagram.len, ..nothing }),
        Transport::Other { .. } => None,
        Transport::Tcp(segment) => {
            let (there, back) = ((packet.src(), packet.dst()), (packet.dst(), packet.src()));
            learn(segment, there, back, isns);
            let own = isns.get(&there).copied().unwrap_or_default();
            let other = isns.get(&back).copied().unwrap_or_default();
            // A reset that answers a segment without ACK has the number zero, whatever went before.
            let seq = if segment.flags.rst() && segment.seq.0 == 0 { 0 } else { segment.seq.since(own) };
            Some(Seen {
                flags: Some(segment.flags),
                seq,
                ack: segment.flags.ack().then(|| segment.ack.since(other)),
                len: segment.len,
                window: segment.window,
                options: options(&segment.options, other),
                ..nothing
            })
        }
    }
}

/// Learns where numbers begin: from a SYN, or, where none was seen, from what the other end acknowledges.
fn learn(
    segment: &Segment,
    there: (SocketAddr, SocketAddr),
    back: (SocketAddr, SocketAddr),
    isns: &mut Isns,
) {
    if segment.flags.syn() {
        isns.insert(there, segment.seq);
    }
    if segment.flags.ack() {
        isns.entry(back).or_insert(segment.ack - 1);
    }
}

/// The options in tcpdump's words; `base` is where the numbers of SACK blocks begin.
fn options(options: &Options, base: SeqNumber) -> Vec<String> {
    let shown = |option: TcpOption<'_>| match option {
        TcpOption::EndOfList | TcpOption::Nop => None,
        TcpOption::Mss(mss) => Some(format!("mss {mss}")),
        TcpOption::WindowScale(shift) => Some(format!("wscale {shift}")),
        TcpOption::SackPermitted => Some("sackOK".to_owned()),
        TcpOption::Sack(blocks) => {
            let blocks: Vec<String> = blocks
                .as_slice()
                .iter()
                .map(|block| format!("{}:{}", block.left.since(base), block.right.since(base)))
                .collect();
            Some(format!("sack {}", blocks.join(" ")))
        }
        TcpOption::Timestamps { .. } => Some("TS".to_owned()),
        TcpOption::UserTimeout(_) => Some("uto".to_owned()),
        // The cookie itself rests on a secret.
        TcpOption::FastOpen([]) => Some("tfo cookiereq".to_owned()),
        TcpOption::FastOpen(_) => Some("tfo cookie".to_owned()),
        TcpOption::Unknown { kind, .. } => Some(format!("unknown-{kind}")),
    };
    options.iter().filter_map(shown).collect()
}
