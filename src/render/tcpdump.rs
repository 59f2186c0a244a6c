//! A line a packet, as `tcpdump -n` prints it, with the time since the timeline's origin in front.
//!
//! Numbers are relative as tcpdump makes them: the first segment with ACK between two ends is shown
//! raw and sets what the later ones are counted from.

use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};

use rustc_hash::FxHashMap;

use super::{Block, Options, clock};
use crate::time::Instant;
use crate::timeline::{Kind, PacketId, Timeline};
use crate::wire::{Flags, Packet, Segment, SeqNumber, TcpOption, Transport};

/// tcpdump's letters in tcpdump's order.
const LETTERS: [(Flags, char); 9] = [
    (Flags::FIN, 'F'),
    (Flags::SYN, 'S'),
    (Flags::RST, 'R'),
    (Flags::PSH, 'P'),
    (Flags::ACK, '.'),
    (Flags::URG, 'U'),
    (Flags::ECE, 'E'),
    (Flags::CWR, 'W'),
    (Flags::AE, 'e'),
];

/// The blocks of a timeline: a packet each, where it was sent or, failing that, where it arrived.
pub(super) fn blocks<'a>(timeline: &'a Timeline, options: &Options) -> impl Iterator<Item = Block> + use<'a> {
    let mut lines = Lines::new(options.absolute);
    let origin = clock::origin(timeline.events.first().map(|event| event.at));
    let mut sent: rustc_hash::FxHashSet<PacketId> = rustc_hash::FxHashSet::default();
    timeline.events.iter().filter_map(move |event| {
        let packet = match &event.kind {
            Kind::Sent { id, packet, .. } => {
                sent.insert(*id);
                packet
            }
            Kind::Arrived { id, packet, .. } if sent.insert(*id) => packet,
            _ => return None,
        };
        let mut line = String::with_capacity(160);
        lines.write(&mut line, origin, event.at, packet);
        Some(Block { at: event.at, lines: vec![line] })
    })
}

/// Knows what numbers are counted from.
struct Lines {
    absolute: bool,
    /// By the two ends in order: the base of the lower one's numbers and of the higher one's.
    bases: FxHashMap<(SocketAddr, SocketAddr), [SeqNumber; 2]>,
}

impl Lines {
    fn new(absolute: bool) -> Self {
        Lines { absolute, bases: FxHashMap::default() }
    }

    /// Appends a packet's line.
    fn write(&mut self, out: &mut String, origin: Instant, at: Instant, packet: &Packet) {
        let nanos = at.since(origin).as_nanos();
        let family = if packet.ip.src.is_ipv4() { "IP" } else { "IP6" };
        // Writing to a String cannot fail, here and below.
        let _ = write!(out, "{}.{:06} {family} ", nanos / 1_000_000_000, nanos % 1_000_000_000 / 1000);
        let has_ports = !matches!(packet.transport, Transport::Other { .. });
        let (src_port, dst_port) = packet.ports();
        end(out, packet.ip.src, src_port, has_ports);
        out.push_str(" > ");
        end(out, packet.ip.dst, dst_port, has_ports);
        out.push_str(": ");
        match &packet.transport {
            Transport::Tcp(segment) => self.segment(out, packet, segment),
            Transport::Udp(datagram) => {
                let _ = write!(out, "UDP, length {}", datagram.len);
            }
            Transport::Other { protocol } => {
                let _ = write!(out, "ip-proto-{protocol} {}", packet.payload.len());
            }
        }
    }

    fn segment(&mut self, out: &mut String, packet: &Packet, segment: &Segment) {
        let (seq, ack, peer_base) = self.numbers(packet, segment);
        out.push_str("Flags [");
        let before = out.len();
        out.extend(LETTERS.iter().filter(|(bit, _)| segment.flags.contains(*bit)).map(|(_, letter)| letter));
        if out.len() == before {
            out.push_str("none");
        }
        out.push(']');
        if segment.len > 0 || segment.flags.intersects(Flags::SYN | Flags::FIN | Flags::RST) {
            let _ = write!(out, ", seq {seq}");
            if segment.len > 0 {
                let _ = write!(out, ":{}", seq + segment.len);
            }
        }
        if segment.flags.ack() {
            let _ = write!(out, ", ack {ack}");
        }
        let _ = write!(out, ", win {}", segment.window);
        if segment.flags.contains(Flags::URG) {
            let _ = write!(out, ", urg {}", segment.urgent);
        }
        if !segment.options.is_empty() {
            out.push_str(", options [");
            options(out, segment, peer_base);
            out.push(']');
        }
        let _ = write!(out, ", length {}", segment.len);
    }

    /// The numbers to print, and what the other end's are counted from.
    fn numbers(&mut self, packet: &Packet, segment: &Segment) -> (SeqNumber, SeqNumber, SeqNumber) {
        let raw = (segment.seq, segment.ack, SeqNumber(0));
        if self.absolute || !segment.flags.ack() {
            return raw;
        }
        let (src, dst) = (packet.src(), packet.dst());
        let (key, ours, theirs) = if src <= dst { ((src, dst), 0, 1) } else { ((dst, src), 1, 0) };
        match self.bases.get(&key) {
            Some(bases) if !segment.flags.syn() => (
                SeqNumber(segment.seq.since(bases[ours])),
                SeqNumber(segment.ack.since(bases[theirs])),
                bases[theirs],
            ),
            _ => {
                let mut bases = [SeqNumber(0); 2];
                bases[ours] = segment.seq;
                bases[theirs] = segment.ack - 1;
                self.bases.insert(key, bases);
                (segment.seq, segment.ack, bases[theirs])
            }
        }
    }
}

/// An end as tcpdump joins it: `10.0.0.1.49152`.
fn end(out: &mut String, ip: IpAddr, port: u16, has_port: bool) {
    let _ = write!(out, "{ip}");
    if has_port {
        let _ = write!(out, ".{port}");
    }
}

fn options(out: &mut String, segment: &Segment, base: SeqNumber) {
    let has_sack = segment.options.iter().any(|option| matches!(option, TcpOption::Sack(_)));
    if !has_sack {
        let _ = write!(out, "{}", segment.options);
        return;
    }
    for (index, option) in segment.options.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        match option {
            TcpOption::Sack(blocks) => {
                let _ = write!(out, "sack {} ", blocks.as_slice().len());
                for block in blocks.as_slice() {
                    let _ = write!(out, "{{{}:{}}}", block.left.since(base), block.right.since(base));
                }
            }
            other => {
                let mut one = crate::wire::Options::NONE;
                one.push(&other);
                let _ = write!(out, "{one}");
            }
        }
    }
}
