//! What the segments of each direction tell: where its numbers begin, how far they went, which
//! repeat. The middle needs it to aim faults and to forge segments with the right numbers.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use super::call::ISN_STEP;
use crate::wire::{Packet, Segment, SeqNumber, Transport};

/// One direction of a connection, as its sender has shown it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Flow {
    /// The number of its SYN.
    pub isn: Option<SeqNumber>,
    /// One after the highest number it sent.
    pub sent_to: Option<SeqNumber>,
    /// The last acknowledgment number it sent.
    pub acked: Option<SeqNumber>,
    /// The window it offers, in octets.
    pub window: u32,
    /// Its window scale.
    scale: Option<u8>,
    /// One after the last number that reached the other end in order.
    pub arrived_to: Option<SeqNumber>,
    /// Which of its host's connections it is, counted from 0.
    pub(super) ordinal: u32,
}

/// All directions that were seen.
#[derive(Clone, Debug, Default)]
pub(super) struct Flows {
    directions: BTreeMap<(SocketAddr, SocketAddr), Flow>,
    /// How many connections each address has begun.
    begun: BTreeMap<IpAddr, u32>,
}

impl Flows {
    /// The direction from `src` to `dst`.
    pub(super) fn get(&self, src: SocketAddr, dst: SocketAddr) -> Option<&Flow> {
        self.directions.get(&(src, dst))
    }

    /// The last direction, in the order of addresses, for which `wanted` holds.
    pub(super) fn find(
        &self,
        mut wanted: impl FnMut(SocketAddr, SocketAddr) -> bool,
    ) -> Option<(SocketAddr, SocketAddr)> {
        self.directions.keys().rev().find(|(src, dst)| wanted(*src, *dst)).copied()
    }

    /// The initial numbers of a packet's sender and receiver, as far as they were seen.
    pub(super) fn isns(&self, packet: &Packet) -> (Option<SeqNumber>, Option<SeqNumber>) {
        let isn = |src, dst| self.get(src, dst).and_then(|flow: &Flow| flow.isn);
        (isn(packet.src(), packet.dst()), isn(packet.dst(), packet.src()))
    }

    /// The packet as the scenario counts: its numbers as if each host's first connection had begun with
    /// the number that the scenario gives it. `first` says which that is.
    pub(super) fn as_written(&self, packet: &Packet, first: impl Fn(IpAddr) -> Option<u32>) -> Packet {
        let Transport::Tcp(mut segment) = packet.transport else { return packet.clone() };
        let (src, dst) = (packet.src(), packet.dst());
        let shift = |from: SocketAddr, to: SocketAddr| {
            let flow = self.get(from, to)?;
            let written = first(from.ip())?.wrapping_add(flow.ordinal.wrapping_mul(ISN_STEP));
            Some(written.wrapping_sub(flow.isn?.0))
        };
        segment.seq += shift(src, dst).unwrap_or(0);
        if segment.flags.ack() {
            segment.ack += shift(dst, src).unwrap_or(0);
        }
        Packet { transport: Transport::Tcp(segment), ..packet.clone() }
    }

    /// Takes note of a packet that leaves its host; whether it repeats numbers sent before.
    pub(super) fn sent(&mut self, packet: &Packet) -> bool {
        let Some(segment) = packet.segment() else { return false };
        let (there, back) = ((packet.src(), packet.dst()), (packet.dst(), packet.src()));
        if segment.flags.syn() && !segment.flags.ack() {
            // A new incarnation: nothing of the old one counts, in either direction.
            let old = self.directions.get(&there).and_then(|flow| flow.isn);
            if old.is_some_and(|isn| isn != segment.seq) {
                self.directions.remove(&there);
                self.directions.remove(&back);
            }
        }
        let peer_scales = self.directions.get(&back).is_some_and(|flow| flow.scale.is_some());
        let flow = self.directions.entry(there).or_default();
        if segment.flags.syn() && flow.isn != Some(segment.seq) {
            let begun = self.begun.entry(there.0.ip()).or_default();
            flow.ordinal = *begun;
            *begun += 1;
        }
        let repeats = segment.seq_len() > 0 && flow.sent_to.is_some_and(|end| segment.seq.lt(end));
        flow.note(segment, peer_scales);
        repeats
    }

    /// Takes note of a packet that reaches its destination.
    pub(super) fn arrived(&mut self, packet: &Packet) {
        let Some(segment) = packet.segment() else { return };
        let flow = self.directions.entry((packet.src(), packet.dst())).or_default();
        let expected = flow.arrived_to.unwrap_or(segment.seq);
        let in_order = segment.seq.le(expected) && segment.seq_end().gt(expected);
        if flow.arrived_to.is_none() || in_order {
            flow.arrived_to = Some(segment.seq_end());
        }
    }
}

impl Flow {
    fn note(&mut self, segment: &Segment, peer_scales: bool) {
        if segment.flags.syn() {
            self.isn = Some(segment.seq);
            self.scale = segment.options.window_scale();
        }
        // A reset's number is not the next one of its sender's stream when it answers a stray segment.
        if !segment.flags.rst() {
            let end = segment.seq_end();
            self.sent_to = Some(self.sent_to.map_or(end, |highest| highest.max(end)));
        }
        if segment.flags.ack() {
            self.acked = Some(segment.ack);
        }
        // The window of a SYN is never scaled (RFC 7323 §2.2), nor is any when one side did not offer it.
        let shift = if segment.flags.syn() || !peer_scales { 0 } else { self.scale.unwrap_or(0).min(14) };
        self.window = u32::from(segment.window) << shift;
    }
}
