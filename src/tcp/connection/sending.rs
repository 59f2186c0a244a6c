//! What goes out next: resets, SYNs, what must be sent again, new text, FIN, probes, ACKs.

use std::net::IpAddr;
use std::ops::Range;

use super::{Connection, Context, Resend};
use crate::tcp::decision::Reset;
use crate::tcp::event::What;
use crate::tcp::timers::Timer;
use crate::tcp::{Rule, Settings, State};
use crate::wire::{Flags, Ip, Options, Segment, SeqNumber, Transport};

/// A segment to be sent, and where in the send buffer its text lies.
///
/// It is filled in where it stands and lent from there: a copy of what was only just written, field by
/// field, would have to wait for every write.
// In this order: side by side, the last two would be read as one, which their writing could not serve.
#[derive(Debug)]
#[repr(C)]
pub(in crate::tcp) struct Plan {
    pub(in crate::tcp) rule: Rule,
    pub(in crate::tcp) transport: Transport,
    pub(in crate::tcp) text: Range<usize>,
    pub(in crate::tcp) retransmission: bool,
    pub(in crate::tcp) ip: Ip,
}

impl Default for Plan {
    fn default() -> Self {
        let transport = Transport::Tcp(Segment::default());
        Plan { ip: Ip::default(), transport, text: 0..0, rule: Rule::AcksAtOnce, retransmission: false }
    }
}

impl Plan {
    fn set_options(&mut self, options: Options) {
        if let Transport::Tcp(segment) = &mut self.transport {
            segment.options = options;
        }
    }

    /// A segment that belongs to no connection.
    pub(in crate::tcp) fn of_nobody(&mut self, segment: Segment, rule: Rule) {
        self.transport = Transport::Tcp(segment);
        (self.text, self.rule, self.retransmission) = (0..0, rule, false);
    }
}

/// The IP header of segments between these addresses.
//= https://www.rfc-editor.org/rfc/rfc9293#section-3.9.1.9
//# The application layer MUST be able to specify the Differentiated
//# Services field for segments that are sent on a connection (MUST-48).
//= https://www.rfc-editor.org/rfc/rfc9293#section-3.9.2
//# Time to Live (TTL): The TTL value used to send TCP segments MUST be configurable (MUST-49).
pub(in crate::tcp) fn header((src, dst): (IpAddr, IpAddr), settings: &Settings) -> Ip {
    Ip { src, dst, ttl: settings.ttl, tos: settings.tos, ..Ip::default() }
}

impl Connection {
    /// The text of a plan.
    pub(in crate::tcp) fn text(&self, plan: &Plan) -> &[u8] {
        self.send.slice(plan.text.clone())
    }

    /// The IP header of its segments; it is filled in once and lent.
    //= https://www.rfc-editor.org/rfc/rfc9293#section-3.9.1.1
    //# At all other times, a previous segment has either been sent or received on this connection, and
    //# TCP implementations MUST use the same local address that was used in those previous segments
    //# (MUST-45).
    #[inline]
    pub(in crate::tcp) fn ip(&self) -> &Ip {
        &self.ip
    }

    /// Gives the next packet its number, and what the user may have changed meanwhile.
    #[inline]
    pub(in crate::tcp) fn number_packet(&mut self, id: u16) {
        (self.ip.ttl, self.ip.tos) = (self.settings.ttl, self.settings.tos);
        self.ip.id = if self.ip.src.is_ipv4() { id } else { 0 };
    }

    /// Whether [`plan`](Self::plan) need not be asked: nothing waits, nothing is to be sent again.
    #[inline]
    pub(in crate::tcp) fn is_quiet(&self) -> bool {
        let unsent = self.tcb.fin_queued && !self.tcb.fin_sent || self.send.end().gt(self.tcb.snd_nxt);
        !self.pending.any() && !unsent && self.resend.is_none()
    }

    /// Whether the host need not look after it before something happens: it has nothing to send and is not
    /// over.
    #[inline]
    pub(in crate::tcp) fn is_idle(&self) -> bool {
        self.is_quiet() && !matches!(self.tcb.state, State::Closed | State::Listen)
    }

    /// The next segment to send now, in `plan`; false when there is none. To be called until then.
    pub(in crate::tcp) fn plan(&mut self, cx: &mut Context<'_>, plan: &mut Plan) -> bool {
        if self.pending.reset_or_syn()
            && let Some((reset, rule)) = self.pending.take_reset()
        {
            return self.reset(cx, plan, reset, rule);
        }
        if self.tcb.state == State::Closed {
            return self.plan_ack(cx, plan);
        }
        if self.pending.reset_or_syn()
            && let Some((rule, retransmission)) = self.pending.take_syn()
        {
            return self.syn(cx, plan, rule, retransmission);
        }
        if matches!(self.tcb.state, State::SynSent | State::Listen) {
            return false;
        }
        if self.tcb.state != State::SynReceived || self.early_text {
            let planned = self.plan_resend(cx, plan) || self.plan_new(cx, plan) || self.plan_probe(cx, plan);
            if planned {
                return true;
            }
        }
        self.plan_ack(cx, plan)
    }

    // What follows is apart from new text and ACKs, which nearly all segments are.
    /// A reset. Where the user's wish sends it, Linux makes it an ACK too, with the options of one.
    #[cold]
    fn reset(&mut self, cx: &mut Context<'_>, plan: &mut Plan, reset: Reset, rule: Rule) -> bool {
        let wished = matches!(
            rule,
            Rule::AbortSendsReset
                | Rule::LingerZero
                | Rule::CloseWithUnreadText
                | Rule::ListenerClosedResets
                | Rule::KeepaliveGivesUp
        );
        if wished && self.settings.policy.linux {
            return self.finish(cx, plan, reset.seq, Flags::RST | Flags::ACK, 0..0, rule, false);
        }
        let flags = if reset.ack.is_some() { Flags::RST | Flags::ACK } else { Flags::RST };
        let segment = Segment { seq: reset.seq, ack: reset.ack.unwrap_or_default(), flags, ..self.blank() };
        plan.of_nobody(segment, rule);
        true
    }

    /// The ACK that is owed, if one is; also when a connection is over at once (TIME-WAIT skipped on
    /// purpose).
    fn plan_ack(&mut self, cx: &mut Context<'_>, plan: &mut Plan) -> bool {
        let Some(rule) = self.pending.take_ack() else { return false };
        self.finish(cx, plan, self.tcb.snd_nxt, Flags::ACK, 0..0, rule, false)
    }

    fn blank(&self) -> Segment {
        Segment { src_port: self.ports.0, dst_port: self.ports.1, ..Segment::default() }
    }

    /// Our SYN, or SYN,ACK once the peer's SYN is known.
    #[inline(never)]
    fn syn(&mut self, cx: &mut Context<'_>, plan: &mut Plan, rule: Rule, retransmission: bool) -> bool {
        let is_answer = self.tcb.state != State::SynSent;
        let flags = if is_answer { Flags::SYN | Flags::ACK } else { Flags::SYN };
        // Window fields of SYNs are never scaled (RFC 7323 §2.2).
        let window = self.tcb.rcv_wnd.min(self.settings.initial_window).min(65_535) as u16;
        let ack = if is_answer { self.tcb.rcv_nxt } else { SeqNumber(0) };
        let text = self.fast_open_text(is_answer, retransmission);
        let len = text.len() as u32;
        plan.transport =
            Transport::Tcp(Segment { seq: self.tcb.iss, ack, flags, window, len, ..self.blank() });
        if let Transport::Tcp(segment) = &mut plan.transport {
            self.push_syn_options(cx, is_answer, &mut segment.options);
        }
        self.tcb.snd_nxt = self.tcb.snd_nxt.max(self.tcb.iss + 1 + len);
        if retransmission {
            self.timing = None;
        } else {
            self.timing = Some((self.tcb.iss + 1, cx.now));
        }
        if is_answer {
            self.acked_now(cx);
        }
        self.rearm_retransmission(cx);
        (plan.text, plan.rule, plan.retransmission) = (text, rule, retransmission);
        true
    }

    /// Text that rides on a Fast Open SYN: only with a cookie, and only the first time.
    fn fast_open_text(&self, is_answer: bool, retransmission: bool) -> Range<usize> {
        let has_cookie = self.fast_open.is_some_and(|fast_open| fast_open.len > 0);
        if is_answer || retransmission || !has_cookie {
            return 0..0;
        }
        self.send.locate(self.tcb.iss + 1, u32::from(self.text_mss()))
    }

    /// What has to be sent again, as far as the windows allow.
    fn plan_resend(&mut self, cx: &mut Context<'_>, plan: &mut Plan) -> bool {
        self.resend.is_some_and(|resend| self.send_again(cx, plan, resend))
    }

    #[cold]
    fn send_again(&mut self, cx: &mut Context<'_>, plan: &mut Plan, resend: Resend) -> bool {
        let mut next = resend.next.max(self.tcb.snd_una);
        while let Some(right) = self.scoreboard.covers(next) {
            next = right;
        }
        if resend.end.le(next) {
            // In recovery the place is kept: from there the next hole is looked for.
            if self.congestion.in_recovery() {
                self.resend = Some(Resend { next: resend.end, ..resend });
            } else {
                self.resend = None;
            }
            return false;
        }
        // After a timeout the congestion window opens again from one segment (RFC 5681 §3.1).
        let after_timeout = matches!(resend.rule, Rule::RetransmitTimeout);
        if after_timeout
            && self.settings.congestion_control
            && next.since(self.tcb.snd_una) >= self.congestion.cwnd
        {
            return false;
        }
        let text_left = self.send.end();
        let hole = self.scoreboard.hole(next).map_or(u32::MAX, |(_, len)| len);
        let mss = self.send_mss();
        let len =
            if next.lt(text_left) { resend.end.min(text_left).since(next).min(mss).min(hole) } else { 0 };
        let fin = self.tcb.fin_sent && next + len == text_left && resend.end == self.tcb.snd_nxt;
        self.resend = Some(Resend { next: next + len + u32::from(fin), ..resend });
        if len == 0 && !fin {
            self.resend = None;
            return false;
        }
        self.timing = None;
        let text = self.send.locate(next, len);
        let flags = self.flags_for(next + len, len, fin);
        self.finish(cx, plan, next, flags, text, resend.rule, true)
    }

    /// New text, or the FIN when all text has gone.
    fn plan_new(&mut self, cx: &mut Context<'_>, plan: &mut Plan) -> bool {
        if self.tcb.fin_sent || self.tcb.state == State::TimeWait {
            return false;
        }
        let waiting = self.send.end().since(self.tcb.snd_nxt);
        let fin_due = self.tcb.fin_queued;
        if waiting == 0 && !fin_due {
            return false;
        }
        let mss = self.send_mss();
        let window_edge = self.tcb.snd_una + self.tcb.snd_wnd;
        //= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.6
        //# a sending TCP peer MUST be robust against window shrinking, which may
        //# cause the "usable window" (see Section 3.8.6.2.1) to become negative
        //# (MUST-34).
        let usable = if self.tcb.snd_nxt.lt(window_edge) { window_edge.since(self.tcb.snd_nxt) } else { 0 };
        let flight = self.tcb.in_flight().saturating_sub(self.scoreboard.octets());
        let probes = std::mem::take(&mut self.pending.loss_probe);
        let (congested, limited) = if probes { (mss, false) } else { self.congestion_room(flight, mss) };
        let len = waiting.min(mss).min(usable).min(congested);
        let fin = fin_due && len == waiting && usable > len;
        let held =
            if probes && len > 0 { None } else { self.holds_back(waiting, len, usable, congested, fin) };
        if let Some(rule) = held {
            self.hold_back(cx, rule);
            return false;
        }
        self.held_back = None;
        let seq = self.tcb.snd_nxt;
        let text = self.send.locate(seq, len);
        let flags = self.flags_for(seq + len, len, fin);
        if fin {
            self.tcb.fin_sent = true;
        }
        let was_idle = self.tcb.in_flight() == 0;
        self.tcb.snd_nxt = seq + len + u32::from(fin);
        if self.timing.is_none() && self.resend.is_none() {
            self.timing = Some((self.tcb.snd_nxt, cx.now));
        }
        if was_idle {
            self.arm_user_timeout(cx);
        }
        if len > 0 && len < mss {
            self.last_small = seq + len;
        }
        let rule = match (len, limited) {
            (0, _) => Rule::SendsFin,
            _ if probes => Rule::TailLossProbe,
            (_, true) => Rule::LimitedTransmit,
            _ => Rule::SendsText,
        };
        self.finish(cx, plan, seq, flags, text, rule, false)
    }

    /// Room in the congestion window, and whether it is there only by limited transmit.
    fn congestion_room(&self, flight: u32, mss: u32) -> (u32, bool) {
        if !self.settings.congestion_control {
            return (u32::MAX, false);
        }
        let room = self.congestion.cwnd.saturating_sub(flight);
        //= https://www.rfc-editor.org/rfc/rfc3042#section-2
        //# The amount of outstanding data would remain less than or equal
        //# to the congestion window plus 2 segments.
        if room == 0 && matches!(self.dup_acks, 1 | 2) {
            let limit = self.congestion.cwnd.saturating_add(self.dup_acks * mss);
            return (limit.saturating_sub(flight), true);
        }
        (room, false)
    }

    /// The rule that forbids sending `len` octets now, if one does.
    fn holds_back(&self, waiting: u32, len: u32, usable: u32, congested: u32, fin: bool) -> Option<Rule> {
        let mss = self.send_mss();
        if fin || (len > 0 && len >= mss) {
            return None;
        }
        if usable == 0 {
            return Some(Rule::WindowClosedHolds);
        }
        if congested < waiting.min(mss) && len < mss {
            return Some(Rule::CongestionHolds);
        }
        if len == waiting {
            //= https://www.rfc-editor.org/rfc/rfc9293#section-3.7.4
            //# If there is unacknowledged data (i.e., SND.NXT > SND.UNA),
            //# then the sending TCP endpoint buffers all user data (regardless of the
            //# PSH bit) until the outstanding data has been acknowledged or until
            //# the TCP endpoint can send a full-sized segment
            //= https://www.rfc-editor.org/rfc/rfc9293#section-3.7.4
            //# However, there MUST be a way for an application to disable the Nagle algorithm on an individual
            //# connection (MUST-17).
            //= https://www.rfc-editor.org/rfc/rfc9293#section-3.9.1.2
            //# If PUSH flags are not implemented, then the sending TCP peer: (1) MUST NOT buffer data
            //# indefinitely (MUST-60), and (2) MUST set the PSH bit in the last buffered segment (i.e., when
            //# there is no more queued data to be sent) (MUST-61).
            let outstanding = if self.settings.policy.linux {
                // Minshall's variant: only an earlier small segment keeps a small one back.
                self.last_small.gt(self.tcb.snd_una)
            } else {
                self.tcb.in_flight() > 0
            };
            let nagle = self.settings.nagle && outstanding && !self.tcb.fin_queued;
            return nagle.then_some(Rule::NagleHolds);
        }
        //= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.6.2.1
        //# A TCP implementation MUST include a SWS avoidance algorithm in the
        //# sender (MUST-38).
        (len < self.tcb.max_snd_wnd / 2).then_some(Rule::SillyWindowHolds)
    }

    /// Tells once why text waits, and sees to it that a closed window is probed.
    #[inline(never)]
    fn hold_back(&mut self, cx: &mut Context<'_>, rule: Rule) {
        if self.held_back != Some(rule) {
            self.held_back = Some(rule);
            cx.tell(What::Rule(rule));
        }
        //= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.6
        //# If the window shrinks to zero, the TCP implementation MUST probe it in the standard way
        //# (described below) (MUST-35).
        let window = matches!(rule, Rule::WindowClosedHolds | Rule::SillyWindowHolds);
        if window && self.tcb.in_flight() == 0 && !self.timers.is_set(Timer::Persist) {
            let rto = self.estimator.rto(&self.settings);
            self.set_timer(cx, Timer::Persist, rto);
        }
    }

    /// A zero-window or keep-alive probe.
    fn plan_probe(&mut self, cx: &mut Context<'_>, plan: &mut Plan) -> bool {
        if !self.pending.probe() {
            return false;
        }
        self.send_probe(cx, plan)
    }

    #[cold]
    fn send_probe(&mut self, cx: &mut Context<'_>, plan: &mut Plan) -> bool {
        let Some(rule) = self.pending.take_probe() else { return false };
        let below = self.tcb.snd_una - 1;
        if rule == Rule::KeepaliveProbe || self.settings.probe_without_text {
            return self.finish(cx, plan, below, Flags::ACK, 0..0, rule, false);
        }
        // One octet beyond the window; the same one again while it is not acknowledged.
        let seq = self.tcb.snd_una;
        let text = self.send.locate(seq, 1);
        let len = text.len() as u32;
        let fin = len == 0 && self.tcb.fin_queued;
        self.tcb.fin_sent |= fin;
        let again = self.tcb.in_flight() > 0;
        self.tcb.snd_nxt = self.tcb.snd_nxt.max(seq + len + u32::from(fin));
        self.probing = true;
        self.timing = None;
        let flags = self.flags_for(seq + len, len, fin);
        self.finish(cx, plan, seq, flags, text, rule, again)
    }

    /// The control bits of a segment with `len` octets that ends at `end`.
    fn flags_for(&mut self, end: SeqNumber, len: u32, fin: bool) -> Flags {
        let mut flags = Flags::ACK;
        //= https://www.rfc-editor.org/rfc/rfc9293#section-3.9.1.2
        //# MUST set the PSH bit in the last buffered segment (i.e., when there
        //# is no more queued data to be sent) (MUST-61)
        if len > 0 && (end == self.send.end() || self.pushes_in(end, len)) {
            flags |= Flags::PSH;
        }
        if fin {
            flags |= Flags::FIN;
        }
        flags
    }

    /// Whether Linux pushes this segment: a write ends in it, or half a window has gone since the last push.
    fn pushes_in(&mut self, end: SeqNumber, len: u32) -> bool {
        if !self.settings.policy.linux {
            return false;
        }
        let start = end - len;
        // More text behind a pushed end takes the push away again.
        if self.pushes.contains(&end) {
            return true;
        }
        let last = self.pushes.iter().copied().rfind(|push| push.le(start));
        let since = end.since(last.unwrap_or(self.pushed_before));
        let forced = since > self.tcb.max_snd_wnd / 2;
        if forced {
            let place = self.pushes.partition_point(|push| push.lt(end));
            self.pushes.insert(place, end);
        }
        forced
    }

    /// Fills in everything that every segment carries, and starts what sending starts.
    #[allow(clippy::too_many_arguments)]
    fn finish(
        &mut self,
        cx: &mut Context<'_>,
        plan: &mut Plan,
        seq: SeqNumber,
        mut flags: Flags,
        text: Range<usize>,
        rule: Rule,
        retransmission: bool,
    ) -> bool {
        let mut urgent = 0;
        //= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.5
        //# The urgent pointer MUST point to the sequence number of the octet
        //# following the urgent data (MUST-62)
        if self.tcb.snd_up.gt(seq) && !text.is_empty() {
            flags |= Flags::URG;
            urgent = self.tcb.snd_up.since(seq).min(65_535) as u16;
        }
        let window = self.offer_window();
        let len = text.len() as u32;
        plan.transport = Transport::Tcp(Segment {
            src_port: self.ports.0,
            dst_port: self.ports.1,
            seq,
            ack: self.tcb.rcv_nxt,
            flags,
            window,
            checksum: 0,
            urgent,
            len,
            options: Options::NONE,
        });
        if self.negotiated.timestamps || self.negotiated.sack {
            plan.set_options(self.options(cx));
        }
        (plan.text, plan.rule, plan.retransmission) = (text, rule, retransmission);
        self.acked_now(cx);
        if len > 0 || flags.syn() || flags.fin() {
            let runs = self.timers.is_set(Timer::Retransmission);
            match (retransmission, self.timers.is_set(Timer::LossProbe)) {
                // The probe leaves the timer to what was started for the oldest segment.
                (true, _) if rule == Rule::TailLossProbe => {}
                (false, true) => {
                    self.schedule_loss_probe(cx);
                }
                _ if retransmission || !runs => self.rearm_retransmission(cx),
                _ => {}
            }
        }
        true
    }

    /// An ACK goes out with this segment: nothing is owed any more.
    fn acked_now(&mut self, cx: &mut Context<'_>) {
        self.pending.take_ack();
        self.unacknowledged_text = 0;
        self.last_ack_sent = self.tcb.rcv_nxt;
        self.stop_timer(cx, Timer::DelayedAck);
    }

    /// The window field, after moving the right edge if that is worth it.
    //= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.6.2.2
    //# A TCP implementation MUST include a SWS avoidance algorithm in the
    //# receiver (MUST-39).
    fn offer_window(&mut self) -> u16 {
        let free = self.free_space();
        let step = (self.settings.receive_buffer / 2).min(u32::from(self.text_mss()));
        if free >= self.tcb.rcv_wnd.saturating_add(step) {
            self.tcb.rcv_wnd = free;
        }
        (self.tcb.rcv_wnd >> self.negotiated.rcv_scale).min(65_535) as u16
    }

    /// Starts the user timeout when something is outstanding.
    pub(super) fn arm_user_timeout(&mut self, cx: &mut Context<'_>) {
        if let (Some(limit), true) = (self.settings.user_timeout, self.tcb.in_flight() > 0) {
            self.set_timer(cx, Timer::User, limit);
        }
    }
}
