//! The control block and the one way to change its state.

use super::decision::{Decision, Transition};
use super::{Rule, State, table};
use crate::wire::{Flags, Segment, SeqNumber};

/// The transmission control block: the numbers that decide, with the RFC's names (RFC 9293 §3.3.1).
///
/// Small, `Copy`, comparable and hashable, without clock, heap or randomness, so that an exhaustive
/// search can explore the very code that the simulator runs. Buffers, estimators and deadlines stand
/// beside it, in the connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Tcb {
    /// The connection's state.
    pub state: State,
    /// Whether it began with a passive OPEN; SYN-RECEIVED must remember this (MUST-11).
    pub passive: bool,
    /// The user has closed, and the FIN waits for the text before it.
    pub fin_queued: bool,
    /// Our FIN has been sent: it is the number before `snd_nxt`.
    pub fin_sent: bool,
    /// Nobody will read any more: `close()`, as opposed to `shutdown(SHUT_WR)`.
    pub reader_gone: bool,
    /// Initial send sequence number.
    pub iss: SeqNumber,
    /// Initial receive sequence number.
    pub irs: SeqNumber,
    /// The oldest number not acknowledged yet.
    pub snd_una: SeqNumber,
    /// The next number to send.
    pub snd_nxt: SeqNumber,
    /// The send window, in octets (scaled).
    pub snd_wnd: u32,
    /// The largest send window the peer has ever offered (RFC 5961 §5.2).
    pub max_snd_wnd: u32,
    /// SEG.SEQ of the last window update.
    pub snd_wl1: SeqNumber,
    /// SEG.ACK of the last window update.
    pub snd_wl2: SeqNumber,
    /// The send urgent pointer: the first number after urgent text.
    pub snd_up: SeqNumber,
    /// The next number expected.
    pub rcv_nxt: SeqNumber,
    /// The receive window, in octets: what lies between `rcv_nxt` and the edge last offered.
    pub rcv_wnd: u32,
    /// The receive urgent pointer.
    pub rcv_up: SeqNumber,
}

/// Where stacks may differ in deciding, and the deliberate breakages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Policy {
    /// RFC 5961: challenge ACKs instead of trust. Off only in the broken variant.
    pub challenge: bool,
    /// RFC 1337: a reset does not end TIME-WAIT.
    pub time_wait_ignores_reset: bool,
    /// A SYN newer than the old connection may leave TIME-WAIT (RFC 9293 §3.10.7.4, MAY-2).
    pub time_wait_accepts_syn: bool,
    /// What Linux does differently, see [`Profile`](super::Profile).
    pub linux: bool,
    /// Text on a SYN,ACK is taken.
    pub text_on_syn_ack: bool,
    /// Broken: the listener believes the SYN alone.
    pub two_way: bool,
    /// Broken: TIME-WAIT is skipped.
    pub no_time_wait: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Policy {
            challenge: true,
            time_wait_ignores_reset: false,
            time_wait_accepts_syn: true,
            linux: false,
            text_on_syn_ack: true,
            two_way: false,
            no_time_wait: false,
        }
    }
}

/// What the deciding code needs to know of a segment that arrives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Arrival {
    /// SEG.SEQ.
    pub seq: SeqNumber,
    /// SEG.ACK; meaningful only with ACK.
    pub ack: SeqNumber,
    /// The control bits.
    pub flags: Flags,
    /// SEG.WND, scaled as the connection agreed (never on a SYN).
    pub window: u32,
    /// Octets of text.
    pub len: u32,
    /// The urgent pointer field.
    pub urgent: u16,
    /// RFC 7323: the timestamp is older than the newest seen on this connection.
    pub stale_timestamp: bool,
    /// RFC 6191: the timestamp is newer than any the old connection sent.
    pub newer_timestamp: bool,
}

impl Arrival {
    /// The facts of a segment, its window shifted by `scale` unless it is a SYN.
    pub fn of(segment: &Segment, scale: u8) -> Self {
        let shift = if segment.flags.syn() { 0 } else { u32::from(scale.min(14)) };
        Arrival {
            seq: segment.seq,
            ack: segment.ack,
            flags: segment.flags,
            //= https://www.rfc-editor.org/rfc/rfc9293#section-3.1
            //# The window size MUST be treated as an unsigned number, or else large window sizes will appear
            //# like negative windows and TCP will not work (MUST-1).
            window: u32::from(segment.window) << shift,
            len: segment.len,
            urgent: segment.urgent,
            stale_timestamp: false,
            newer_timestamp: false,
        }
    }

    /// SEG.LEN, counting SYN and FIN.
    pub const fn seq_len(&self) -> u32 {
        self.len + self.flags.syn() as u32 + self.flags.fin() as u32
    }

    /// The number after the last one occupied.
    pub fn seq_end(&self) -> SeqNumber {
        self.seq + self.seq_len()
    }
}

impl Tcb {
    /// Changes the state, and records by which rule. Every change of state passes through here.
    pub(super) fn transition(&mut self, decision: &mut Decision, to: State, rule: Rule) {
        let from = self.state;
        debug_assert!(
            table::is_declared(from, to, rule),
            "undeclared transition {from} → {to} by {}",
            rule.key()
        );
        self.state = to;
        decision.record(Transition { from, to, rule });
    }

    /// Whether everything sent, the FIN included, is acknowledged.
    pub fn fin_acknowledged(&self) -> bool {
        self.fin_sent && self.snd_una == self.snd_nxt
    }

    /// Octets and control numbers sent and not acknowledged.
    pub fn in_flight(&self) -> u32 {
        self.snd_nxt.since(self.snd_una)
    }

    /// Whether our SYN still waits for its acknowledgment.
    pub fn syn_outstanding(&self) -> bool {
        self.snd_una == self.iss && self.snd_nxt != self.iss
    }

    /// The first number beyond the receive window.
    pub fn rcv_edge(&self) -> SeqNumber {
        self.rcv_nxt + self.rcv_wnd
    }
}
