//! One connection while its packets pass.

use super::finding::{Finding, Findings};
use super::flow::{Flow, Holes, Side};
use super::infer::{Inference, Quiet};
use super::recent::Recent;
use super::report::{Completeness, Facts, PacketReport};
use super::sequence::{self, Pace, Seen};
use crate::tcp::State;
use crate::time::Instant;
use crate::wire::{Defect, Flags, Segment, SeqNumber};
use ours::Ids;

mod after;
mod ours;

pub(super) use after::Remains;

/// A connection's state, of a size that does not depend on how many packets passed.
///
/// What every packet touches stands together at the front, in as few lines of the processor's cache as
/// it takes: with many connections open, most of the time goes into fetching these.
#[derive(Clone, Debug, Default)]
#[repr(C)]
pub(super) struct Connection {
    pub(super) stream: u32,
    packets: [u32; 2],
    completeness: Completeness,
    /// The lower endpoint of its key is the client.
    pub(super) client_is_low: bool,
    /// Both ends are ESTABLISHED beyond doubt, no FIN, no gap and no challenge is pending: a segment of
    /// text or an ACK that is due changes nothing but numbers.
    quiet: bool,
    /// Who has said anything since.
    spoke: [bool; 2],
    roles_guessed: bool,
    refused: bool,
    reset_by: Option<Side>,
    /// The end that is to answer a doubtful RST or SYN.
    challenged: Option<Side>,
    pub(super) last_at: Instant,
    octets: [u64; 2],
    findings: Findings,
    flows: [Flow; 2],
    recent: [Recent; 2],
    ids: [Ids; 2],
    inference: Inference,
    pace: Pace,
    resends: [u32; 2],
    /// The gaps of both directions, once there were any.
    holes: Option<Box<[Holes; 2]>>,
    began: Instant,
}

impl Connection {
    pub(super) fn new(stream: u32, seen: &Seen<'_>, src_is_low: bool) -> Self {
        let mut connection = Connection::default();
        connection.begin(stream, seen, src_is_low);
        connection
    }

    /// Becomes a new connection, where it stands: it is large to be copied.
    #[inline]
    pub(super) fn begin(&mut self, stream: u32, seen: &Seen<'_>, src_is_low: bool) {
        let Seen { at, segment, .. } = *seen;
        let src_is_client = opens(segment);
        self.holes = None;
        *self = Connection {
            stream,
            client_is_low: src_is_low == src_is_client,
            roles_guessed: !segment.flags.syn(),
            began: at,
            last_at: at,
            ..Connection::default()
        };
    }

    /// A new connection on the ports of this one.
    pub(super) fn reopened(&self, stream: u32, seen: &Seen<'_>, src_is_low: bool) -> Self {
        let mut next = Connection::new(stream, seen, src_is_low);
        let opener = self.side(src_is_low);
        let inference = self.known().survivor(opener.other());
        next.inference = if opener == Side::Client { inference } else { inference.swapped() };
        next.challenged = next.inference.end(Side::Server).state.is_synchronized().then_some(Side::Server);
        next
    }

    /// Which end a packet comes from.
    pub(super) const fn side(&self, src_is_low: bool) -> Side {
        if src_is_low == self.client_is_low { Side::Client } else { Side::Server }
    }

    /// Whether this SYN begins another connection than this one, by Wireshark's rule: its number is
    /// not the one that this direction began with.
    pub(super) fn is_new_syn(&self, side: Side, segment: &Segment) -> bool {
        segment.flags.syn()
            && !segment.flags.ack()
            && self.flows[side.index()].base().is_some_and(|base| base != segment.seq)
    }

    /// Both ends are done with it, as far as was seen.
    #[inline]
    pub(super) fn is_over(&self) -> bool {
        if self.quiet {
            return false;
        }
        let done =
            |side| matches!(self.inference.end(side).state, State::Closed | State::Listen | State::TimeWait);
        self.reset_by.is_some() || (done(Side::Client) && done(Side::Server))
    }

    /// The handshake was not seen to succeed.
    pub(super) fn is_embryonic(&self) -> bool {
        let opening = |side| !self.inference.end(side).state.is_synchronized();
        opening(Side::Client) && opening(Side::Server)
    }

    /// Takes the next packet and writes what is to be said about it into `report`. `reused` says that an
    /// earlier connection had the same ports.
    pub(super) fn take(&mut self, seen: &Seen<'_>, side: Side, reused: bool, report: &mut PacketReport) {
        let place = side.index();
        report.stream = self.stream;
        report.side = side;
        report.first = self.packets == [0; 2];
        report.completeness = self.completeness;
        self.packets[place] = self.packets[place].saturating_add(1);
        self.octets[place] += u64::from(seen.segment.len);
        self.last_at = seen.at;
        if self.quiet && ours::is_plain(seen) && self.passes(seen, report) {
            return;
        }
        if !seen.packet.defects.contains(Defect::FirstFragment) {
            self.analyze(seen, reused, report);
            self.findings |= report.findings;
        }
    }

    /// The short way for a segment that tells nothing but that all is well. False, and nothing done, for
    /// any other.
    fn passes(&mut self, seen: &Seen<'_>, report: &mut PacketReport) -> bool {
        let (side, segment) = (report.side, seen.segment);
        let [client, server] = &mut self.flows;
        let (fwd, rev) = if side == Side::Client { (client, server) } else { (server, client) };
        let before = Before::of(fwd, rev);
        if !sequence::pass(fwd, rev, seen) {
            return false;
        }
        report.seq = fwd.relative(segment.seq);
        report.ack = Some(rev.relative(segment.ack));
        self.recent[side.index()].remember(seen);
        self.completeness.0 |= if segment.len > 0 { Completeness::DATA } else { Completeness::ACK };
        report.completeness = self.completeness;
        report.findings = self.plain(seen, &before, side);
        if !report.findings.is_empty() {
            self.findings |= report.findings;
            let (fwd, rev) = (&self.flows[side.index()], &self.flows[side.other().index()]);
            report.facts = before.facts(seen, fwd, rev);
        }
        true
    }

    #[inline(never)]
    fn analyze(&mut self, seen: &Seen<'_>, reused: bool, report: &mut PacketReport) {
        let (side, segment) = (report.side, seen.segment);
        let plain = self.quiet && ours::is_plain(seen);
        if self.quiet && !plain {
            self.wake();
        }
        let [client, server] = &mut self.flows;
        let (fwd, rev) = if side == Side::Client { (client, server) } else { (server, client) };
        let copy = self.recent[side.index()].is_copy(seen, fwd, rev);
        let mut findings = Findings::NONE;
        // While all is quiet both bases are known.
        let renewed = !plain && !copy && set_bases(fwd, rev, segment);
        if reused || renewed {
            findings.insert(Finding::ReusedPorts);
        }
        let before = Before::of(fwd, rev);
        if copy {
            findings.insert(Finding::NetworkDuplicate);
        } else {
            findings |= sequence::judge(&mut self.pace, fwd, rev, seen);
            findings |= if plain && !findings.intersects(ours::LOUD) {
                self.plain(seen, &before, side)
            } else {
                self.ours(seen, &before, findings, report)
            };
            self.count(side, segment, report.first, findings);
        }
        let (fwd, rev) = (&self.flows[side.index()], &self.flows[side.other().index()]);
        report.seq = fwd.relative(segment.seq);
        report.ack = segment.flags.ack().then(|| rev.relative(segment.ack));
        report.completeness = self.completeness;
        report.findings = findings;
        if !findings.is_empty() {
            report.facts = before.facts(seen, fwd, rev);
        }
    }

    /// Takes what passed while all was quiet into account.
    fn wake(&mut self) {
        self.inference = self.known();
        self.quiet = false;
        self.spoke = [false; 2];
    }

    /// What is known of both ends now.
    fn known(&self) -> Inference {
        let mut inference = self.inference;
        if self.quiet {
            inference.catch_up(Side::BOTH.map(|side| {
                let flow = &self.flows[side.index()];
                Quiet {
                    next: flow.next(),
                    ack: flow.last_ack(),
                    text: self.octets[side.index()] > 0,
                    spoke: self.spoke[side.index()],
                }
            }));
        }
        inference
    }

    /// Wireshark's completeness, and the counts of the summary.
    fn count(&mut self, side: Side, segment: &Segment, first: bool, findings: Findings) {
        let phases = PHASES[usize::from(phase(segment.flags))];
        let text = if segment.len > 0 { Completeness::DATA } else { Completeness::ACK };
        self.completeness.0 |= phases & !(Completeness::ACK | Completeness::DATA) | phases & text;
        if segment.flags.syn() && !segment.flags.ack() {
            let text = if segment.len > 0 { Completeness::DATA } else { 0 };
            self.completeness.0 |= if first { Completeness::SYN | text } else { 0 };
        }
        if findings.intersects(Findings::RESENDS) {
            self.resends[side.index()] += 1;
        }
    }
}

/// FIN, SYN, RST and ACK as four bits.
const fn phase(flags: Flags) -> u8 {
    flags.bits() as u8 & 7 | flags.bits() as u8 >> 1 & 8
}

/// The phases that a segment with these control bits stands for; of ACK and DATA, one, by its text. What a
/// SYN without ACK stands for depends on its place.
const PHASES: [u8; 16] = {
    let mut phases = [0; 16];
    let mut bits = 0;
    while bits < 16 {
        let flags = Flags::from_bits(bits as u16 & 7 | (bits as u16 & 8) << 1);
        let ack = match (flags.syn(), flags.ack()) {
            (true, true) => Completeness::SYN_ACK,
            (false, true) => Completeness::ACK | Completeness::DATA,
            (_, false) => 0,
        };
        let fin = if flags.fin() && flags.ack() { Completeness::FIN } else { 0 };
        let rst = if flags.rst() { Completeness::RST } else { 0 };
        phases[bits] = ack | fin | rst;
        bits += 1;
    }
    phases
};

/// Whether the source of this packet, a connection's first, is the client: it sent the SYN, or its
/// port looks like one that a system chose (Linux takes them from 32768 up).
fn opens(segment: &Segment) -> bool {
    if segment.flags.syn() {
        return !segment.flags.ack();
    }
    let chosen = |port: u16| port >= 32768;
    match (chosen(segment.src_port), chosen(segment.dst_port)) {
        (true, false) => true,
        (false, true) => false,
        _ => segment.src_port >= segment.dst_port,
    }
}

/// Sets what counts as 0 in relative numbers, once a direction, as Wireshark does; a SYN,ACK may set
/// it anew, and then true is returned. A SYN again takes up where the handshake stood.
fn set_bases(fwd: &mut Flow, rev: &mut Flow, segment: &Segment) -> bool {
    let flags = segment.flags;
    let renewed = flags.syn() && fwd.base().is_some_and(|base| base != segment.seq);
    if renewed {
        fwd.set_base(segment.seq);
    } else if flags.syn() && !flags.ack() && fwd.base().is_some() {
        // A reset may have been sent with any number in between.
        fwd.set_next(fwd.contiguous());
    }
    if fwd.base().is_none() {
        fwd.set_base(if flags.syn() { segment.seq } else { segment.seq - 1 });
    }
    if flags.ack() {
        rev.set_base(rev.base().unwrap_or(segment.ack - 1));
    }
    renewed
}

/// What a packet's analysis changes, as it was before.
struct Before {
    next: Option<SeqNumber>,
    next_at: Instant,
    last_at: Instant,
    window: Option<u16>,
    window_from_syn: bool,
    held: Option<SeqNumber>,
}

impl Before {
    fn of(fwd: &Flow, rev: &Flow) -> Self {
        Before {
            next: fwd.next(),
            next_at: fwd.next_at,
            last_at: fwd.last_at,
            window: fwd.window,
            window_from_syn: fwd.window_from_syn,
            held: rev.contiguous(),
        }
    }

    /// The numbers behind findings; the directions are as they are after the packet.
    fn facts(&self, seen: &Seen<'_>, fwd: &Flow, rev: &Flow) -> Facts {
        let relative = |flow: &Flow, number: Option<_>| number.map_or(0, |number| flow.relative(number));
        let mut offered = *fwd;
        (offered.window, offered.window_from_syn) = (self.window, self.window_from_syn);
        Facts {
            expected: relative(fwd, self.next),
            end: fwd.relative(seen.segment.seq_end()),
            acknowledged: relative(fwd, rev.last_ack()),
            held: relative(rev, self.held),
            elapsed: seen.at.since(self.next_at),
            duplicates: fwd.duplicates.max(rev.duplicates).max(0) as u32,
            first_ack: u64::from(fwd.first_ack),
            window: rev.window_octets().unwrap_or(0),
            offers: fwd.window_octets().unwrap_or(0),
            offered: offered.window_octets().unwrap_or(0),
            ip_id: seen.packet.ip.id,
        }
    }
}
