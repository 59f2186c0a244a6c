//! What goes out next: resets, SYNs, what must be sent again, new text, FIN, probes, ACKs.

use std::ops::Range;

use super::{Connection, Context, Plan, Resend};
use crate::tcp::decision::Reset;
use crate::tcp::timers::Timer;
use crate::tcp::{Rule, State};
use crate::wire::{Flags, Ip, Options, Segment, SeqNumber, Transport};

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
    pub(super) fn flags_for(&mut self, end: SeqNumber, len: u32, fin: bool) -> Flags {
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
    pub(super) fn finish(
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
