//! What each end of each connection has sent and seen, as far as explanations need it.

use std::net::SocketAddr;

use super::super::{BothWays, Event, HostId, Kind, PacketId};
use crate::tcp::Rule;
use crate::time::Instant;
use crate::wire::{Packet, Segment, SeqNumber, Transport};

/// Every end of a connection that sent or received something.
#[derive(Clone, Debug, Default)]
pub(super) struct Ends(BothWays<End>);

/// One end's numbers, by the RFC's names where it has any.
#[derive(Clone, Debug, Default)]
pub(super) struct End {
    /// The host it is on; another host that sends with its addresses forges.
    host: Option<HostId>,
    /// SND.UNA.
    pub(super) una: Option<SeqNumber>,
    /// SND.NXT.
    pub(super) nxt: Option<SeqNumber>,
    /// RCV.NXT, as far as its acknowledgments and what it took in order show.
    pub(super) expected: Option<SeqNumber>,
    /// The window it announced last, scaled.
    pub(super) window: u32,
    /// The acknowledgment and window it sent last, as they stood in the header.
    pub(super) last_ack: Option<(SeqNumber, u16)>,
    /// What it sent.
    pub(super) sent: Recent,
    /// What reached it.
    pub(super) arrived: Recent,
    shift: Option<u8>,
    last_arrival: Option<PacketId>,
}

/// The numbers that a segment occupies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) start: SeqNumber,
    pub(super) len: u32,
    pub(super) syn: bool,
    pub(super) fin: bool,
}

/// An extent, and how often and when last it was seen.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    pub(super) extent: Extent,
    pub(super) last_at: Instant,
    pub(super) count: u32,
}

/// The latest few segments that occupied numbers; a ring.
#[derive(Clone, Debug, Default)]
pub(super) struct Recent {
    seen: [Seen; 8],
    next: usize,
}

impl Extent {
    fn of(segment: &Segment) -> Self {
        Extent { start: segment.seq, len: segment.len, syn: segment.flags.syn(), fin: segment.flags.fin() }
    }

    fn end(&self) -> SeqNumber {
        self.start + self.len + self.syn as u32 + self.fin as u32
    }
}

impl Recent {
    /// The latest segment that began with this number.
    pub(super) fn with_start(&self, start: SeqNumber) -> Option<&Seen> {
        self.newest_first().find(|seen| seen.extent.start == start)
    }

    /// The latest segment that an acknowledgment of `end` covers exactly.
    pub(super) fn with_end(&self, end: SeqNumber) -> Option<&Seen> {
        self.newest_first().find(|seen| seen.extent.end() == end)
    }

    /// Where the latest FIN ends.
    pub(super) fn end_of_fin(&self) -> Option<SeqNumber> {
        self.newest_first().find(|seen| seen.extent.fin).map(|seen| seen.extent.end())
    }

    fn newest_first(&self) -> impl Iterator<Item = &Seen> {
        let (newer, older) = self.seen.split_at(self.next);
        newer.iter().rev().chain(older.iter().rev()).filter(|seen| seen.count > 0)
    }

    fn push(&mut self, segment: &Segment, at: Instant) {
        if segment.seq_len() == 0 {
            return;
        }
        let extent = Extent::of(segment);
        if let Some(again) = self.seen.iter_mut().find(|seen| seen.count > 0 && seen.extent == extent) {
            again.count += 1;
            again.last_at = at;
        } else if let Some(slot) = self.seen.get_mut(self.next) {
            *slot = Seen { extent, last_at: at, count: 1 };
            self.next = (self.next + 1) % self.seen.len();
        }
    }
}

impl Ends {
    /// The end at `local` whose peer is at `remote`.
    pub(super) fn get(&self, local: SocketAddr, remote: SocketAddr) -> Option<&End> {
        let [end, _] = self.0.get(local, remote);
        end
    }

    fn at(&mut self, local: SocketAddr, remote: SocketAddr) -> &mut End {
        let (ends, [own, _]) = self.0.entry(local, remote);
        ends[own].get_or_insert_default()
    }

    pub(super) fn follow(&mut self, event: &Event) {
        match &event.kind {
            Kind::Sent { id, packet, rule, .. } => {
                self.sent(event, packet);
                if rule.is_none() {
                    // A capture sees a segment once; that it arrived is a fair assumption.
                    self.arrived(event.at, *id, packet);
                }
            }
            Kind::Arrived { id, packet, rule } if !rule.is_some_and(refuses) => {
                self.arrived(event.at, *id, packet);
            }
            // Kept until the gap before it fills: it will be acknowledged one day.
            Kind::Arrived { packet, rule: Some(Rule::TextHeld | Rule::FinHeld), .. } => {
                if let Transport::Tcp(segment) = &packet.transport {
                    self.at(packet.dst(), packet.src()).arrived.push(segment, event.at);
                }
            }
            _ => {}
        }
    }

    fn sent(&mut self, event: &Event, packet: &Packet) {
        let Transport::Tcp(segment) = &packet.transport else { return };
        let (ends, [own, peer]) = self.0.entry(packet.src(), packet.dst());
        let peer_scales = ends[peer].as_ref().is_none_or(|peer| peer.shift.is_some());
        let end = ends[own].get_or_insert_default();
        if *end.host.get_or_insert(event.host) != event.host {
            return;
        }
        if segment.flags.syn() && end.nxt.is_some_and(|nxt| segment.seq + 1 != nxt) {
            // A new connection between the same ports.
            *end = End { host: end.host, expected: end.expected, ..End::default() };
        }
        end.sent.push(segment, event.at);
        end.nxt = Some(end.nxt.map_or(segment.seq_end(), |nxt| nxt.max(segment.seq_end())));
        end.una = end.una.or(Some(segment.seq));
        if segment.flags.syn() {
            end.shift = segment.options.window_scale();
        }
        let shift = if segment.flags.syn() || !peer_scales { 0 } else { end.shift.unwrap_or(0).min(14) };
        if segment.flags.ack() && !segment.flags.rst() {
            end.window = u32::from(segment.window) << shift;
            end.expected = Some(segment.ack);
            end.last_ack = Some((segment.ack, segment.window));
        } else if segment.flags.syn() {
            end.window = u32::from(segment.window);
            end.expected = None;
        }
    }

    fn arrived(&mut self, at: Instant, id: PacketId, packet: &Packet) {
        let Transport::Tcp(segment) = &packet.transport else { return };
        let end = self.at(packet.dst(), packet.src());
        if end.last_arrival.replace(id) == Some(id) {
            return;
        }
        end.arrived.push(segment, at);
        if segment.flags.rst() {
            return;
        }
        if segment.flags.ack() && end.nxt.is_some_and(|nxt| segment.ack.le(nxt)) {
            end.una = Some(end.una.map_or(segment.ack, |una| una.max(segment.ack)));
        }
        match end.expected {
            None if segment.flags.syn() => end.expected = Some(segment.seq + 1),
            Some(expected) if segment.seq.le(expected) && segment.seq_end().gt(expected) => {
                end.expected = Some(segment.seq_end());
            }
            _ => {}
        }
    }
}

/// Whether a rule means that the segment was not taken in, so that no number may be learnt from it.
fn refuses(rule: Rule) -> bool {
    use Rule::*;
    matches!(
        rule,
        ListenSynQueueFull
            | ListenAcceptQueueFull
            | ListenSendsCookie
            | AcceptQueueFullDropsAck
            | CookieRejected
            | SynSentBadAckResets
            | SynSentBadAckWithReset
            | SynSentResetWithoutAck
            | SequenceUnacceptable
            | SequenceUnacceptableReset
            | ZeroWindowUnacceptable
            | PawsRejects
            | ResetChallenged
            | SynChallenged
            | TimeWaitRefusesSyn
            | NoAckDropped
            | AckTooOld
            | AckOfUnsent
            | SynReceivedBadAck
            | TextHeld
            | FinHeld
            | TextAfterClose
            | TextAfterPeerFin
            | BadChecksumDropped
            | BadAddressDropped
    )
}
