//! A segment arrives: the control block decides, and here its consequences are drawn.

use super::options::ts_clock;
use super::{Connection, Context};
use crate::tcp::arrival;
use crate::tcp::decision::{AckNeed, Decision, Disposition, Text};
use crate::tcp::event::{Notice, What};
use crate::tcp::tcb::Arrival;
use crate::tcp::timers::Timer;
use crate::tcp::{Rule, State};
use crate::time::Duration;
use crate::wire::{Flags, SackBlock, Segment, SeqNumber};

/// Linux's shortest delay: the next tick of its clock.
const LINUX_TICK: Duration = Duration::from_millis(1);

/// What Linux uses where a timer must not be immediate: two ticks.
const LINUX_SHORTEST_TIMEOUT: Duration = Duration::from_millis(8);

impl Connection {
    /// Processes a segment of this connection; gives the rule that explains what was decided, and whether
    /// the segment is to be offered to the listener, as TIME-WAIT has ended.
    pub(in crate::tcp) fn on_segment(
        &mut self,
        cx: &mut Context<'_>,
        segment: &Segment,
        payload: &[u8],
    ) -> (Rule, bool) {
        let was = self.tcb.state;
        let mut facts = Arrival::of(segment, self.negotiated.snd_scale);
        let stamps = if self.negotiated.timestamps { segment.options.timestamps() } else { None };
        if let Some((val, _)) = stamps {
            //= https://www.rfc-editor.org/rfc/rfc7323#section-5.3
            //# R1) If there is a Timestamps option in the arriving segment,
            //#     SEG.TSval < TS.Recent, [...] then treat the arriving segment as not acceptable:
            facts.stale_timestamp = (val.wrapping_sub(self.ts_recent) as i32) < 0;
            facts.newer_timestamp = (val.wrapping_sub(self.ts_recent) as i32) > 0;
        }
        let flight_before = self.tcb.in_flight();
        let several_syns = was == State::SynSent && self.retransmits > 0;
        let mut decision = Decision::BLANK;
        arrival::decide(&mut self.tcb, &self.settings.policy, &facts, &mut decision);
        if was == State::SynSent && self.tcb.state != State::SynSent && self.tcb.state != State::Closed {
            self.negotiate(segment);
        }
        if !segment.flags.rst() {
            self.heard(cx);
        }
        if let Some((val, _)) = stamps {
            self.note_timestamp(segment, val, &decision);
        }
        self.take_text(segment, payload, &mut decision);
        self.carry_out(cx, &decision);
        if was == State::SynSent {
            self.finish_syn_sent(cx, &decision);
        }
        if decision.acked > 0 {
            // A SYN,ACK's echo says which of several SYNs it answers.
            let stamps = if several_syns && self.negotiated.timestamps {
                segment.options.timestamps()
            } else {
                stamps
            };
            self.on_acked(cx, decision.acked, stamps.map(|(_, ecr)| ecr), was);
        }
        if self.negotiated.sack && !segment.options.is_empty() {
            self.take_sack(segment, &mut decision);
        }
        if decision.duplicate_ack {
            self.on_duplicate_ack(cx, flight_before);
        }
        if decision.window_updated {
            self.window_changed(cx);
        }
        self.tell_user(cx, &decision);
        self.schedule_ack(cx, &decision, segment);
        // To Linux the SYN of a crossing SYN,ACK is a duplicate, acknowledged and reported at once.
        let crossing = was == State::SynReceived && segment.flags.contains(Flags::SYN | Flags::ACK);
        if crossing && self.settings.policy.linux && self.tcb.state.is_synchronized() {
            self.duplicate = Some(SackBlock { left: self.tcb.irs, right: self.tcb.irs + 1 });
            self.pending.ask_ack(Rule::AcksAtOnce);
        }
        (decision.rule, decision.disposition == Disposition::Reopen)
    }

    // What is rare, or comes once in a connection, stays out of the way of what every segment takes: so the
    // code of a segment lies close together.
    /// Takes in what the peer says it holds.
    #[inline(never)]
    fn take_sack(&mut self, segment: &Segment, decision: &mut Decision) {
        let Some(blocks) = segment.options.sack() else { return };
        let before = self.scoreboard.octets();
        self.scoreboard.update(&blocks, self.tcb.snd_una, self.tcb.snd_nxt);
        // Linux counts what is newly reported, whatever else the segment says.
        let reported = self.scoreboard.octets() > before && decision.acked == 0;
        decision.duplicate_ack |= self.settings.policy.linux && reported;
    }

    /// The peer lives: keep-alive and probe counts begin anew.
    fn heard(&mut self, cx: &mut Context<'_>) {
        self.probes = 0;
        if let (Some(keepalive), true) = (self.settings.keepalive, self.timers.is_set(Timer::Keepalive)) {
            self.timers.set(Timer::Keepalive, cx.now + keepalive.idle);
        }
    }

    //= https://www.rfc-editor.org/rfc/rfc7323#section-4.3
    //# (2)  If:
    //#        SEG.TSval >= TS.Recent and SEG.SEQ <= Last.ACK.sent
    //#      then SEG.TSval is copied to TS.Recent; otherwise, it is ignored.
    #[inline(never)]
    fn note_timestamp(&mut self, segment: &Segment, val: u32, decision: &Decision) {
        use Disposition::{ChallengeAck, Ignore, SendAck};
        let taken = !matches!(decision.disposition, Ignore | SendAck | ChallengeAck);
        if taken || decision.rule == Rule::KeepaliveAnswered {
            let newer = (val.wrapping_sub(self.ts_recent) as i32) >= 0;
            if newer && segment.seq.le(self.last_ack_sent) {
                self.ts_recent = val;
            }
        }
    }

    /// Text goes to the user or is held; a gap that fills brings up what was held, a FIN included.
    fn take_text(&mut self, segment: &Segment, payload: &[u8], decision: &mut Decision) {
        let part = |from: u32, len: u32| {
            let from = (from as usize).min(payload.len());
            &payload[from..(from + len as usize).min(payload.len())]
        };
        // Linux reports whatever came again, a FIN and what its timestamp condemned too.
        let repeats = || {
            decision.disposition == Disposition::SendAck
                && segment.seq_len() > 0
                && segment.seq.lt(self.tcb.rcv_nxt)
                && self.tcb.state != State::TimeWait
        };
        if self.settings.policy.linux && repeats() {
            let right = segment.seq_end().min(self.tcb.rcv_nxt);
            self.duplicate = Some(SackBlock { left: segment.seq, right });
        }
        if decision.rule == Rule::TextDuplicate && segment.len > 0 {
            self.duplicate = Some(SackBlock { left: segment.seq, right: segment.seq + segment.len });
        }
        if let Some(at) = decision.fin_ahead {
            self.fin_ahead = Some(at);
        }
        match decision.text {
            Text::None => return,
            Text::Ahead { ahead, len } => {
                let start = self.tcb.rcv_nxt + ahead;
                self.hold(start, part(start.since(segment.seq), len));
                return;
            }
            Text::InOrder { skip, len } => {
                if !std::mem::replace(&mut self.got_text, true) && self.settings.policy.linux {
                    // Linux acknowledges at once while half a window may be filled with small segments.
                    let quick = (self.tcb.rcv_wnd + len) / (2 * 536);
                    self.quick_acks = self.quick_acks.min(if quick == 0 { 2 } else { quick });
                }
                if skip > 0 && !segment.flags.syn() {
                    self.duplicate = Some(SackBlock { left: segment.seq, right: segment.seq + skip });
                }
                self.receive.push(part(skip, len));
            }
        }
        if self.receive.has_held() {
            self.take_held(decision);
        }
        if self.fin_ahead.is_some() {
            self.take_fin_ahead(decision);
        }
    }

    /// The FIN that came ahead of missing text, once the text is there.
    #[cold]
    fn take_fin_ahead(&mut self, decision: &mut Decision) {
        if self.fin_ahead == Some(self.tcb.rcv_nxt) && self.tcb.state.receives_text() {
            self.fin_ahead = None;
            arrival::fin_in_order(&mut self.tcb, &self.settings.policy, decision);
            // The gap before the FIN has filled: no waiting, as above.
            decision.need_ack(AckNeed::Now);
        }
    }

    /// Text ahead of a gap.
    #[cold]
    fn hold(&mut self, start: SeqNumber, text: &[u8]) {
        self.duplicate = self.receive.hold(start, text);
    }

    /// Text that was held comes up where the gap before it has filled.
    #[cold]
    fn take_held(&mut self, decision: &mut Decision) {
        let next = self.receive.fill(self.tcb.rcv_nxt);
        let filled = next.since(self.tcb.rcv_nxt);
        if filled > 0 {
            self.tcb.rcv_nxt = next;
            self.tcb.rcv_wnd = self.tcb.rcv_wnd.saturating_sub(filled);
            decision.because(Rule::TextFillsGap);
        }
        //= https://www.rfc-editor.org/rfc/rfc5681#section-4.2
        //# In addition, a TCP receiver SHOULD send an immediate ACK when the
        //# incoming segment fills in all or part of a gap in the sequence space.
        decision.need_ack(AckNeed::Now);
    }

    /// What leaving SYN-SENT brings, or what Linux does when it has to stay.
    #[inline(never)]
    fn finish_syn_sent(&mut self, cx: &mut Context<'_>, decision: &Decision) {
        match decision.rule {
            Rule::SynSentEstablished => {
                self.pending.ask_ack(Rule::SendsHandshakeAck);
                // Text of a Fast Open SYN that the peer did not take goes out again.
                if self.tcb.in_flight() > 0 {
                    self.resend_outstanding(Rule::SendsText);
                }
            }
            Rule::SynSentBadAckResets if self.settings.syn_again_after_bad_ack && self.retransmits == 0 => {
                self.syn_again = true;
                self.set_timer(cx, Timer::Retransmission, LINUX_SHORTEST_TIMEOUT);
            }
            _ => {}
        }
    }

    /// New numbers are acknowledged.
    fn on_acked(&mut self, cx: &mut Context<'_>, acked: u32, echo: Option<u32>, was: State) {
        self.sample_rtt(cx, echo);
        self.send.acknowledge(self.tcb.snd_una);
        self.scoreboard.acknowledge(self.tcb.snd_una);
        while let Some(push) = self.pushes.front().copied().filter(|push| push.le(self.tcb.snd_una)) {
            self.pushed_before = push;
            self.pushes.pop_front();
        }
        self.dup_acks = 0;
        self.retransmits = 0;
        if self.loss_probed.is_some_and(|probed| probed.le(self.tcb.snd_una)) {
            self.loss_probed = None;
        }
        self.probing = false;
        if let Some(resend) = &mut self.resend {
            resend.next = resend.next.max(self.tcb.snd_una);
        }
        if self.resend.is_some_and(|resend| resend.end.le(resend.next)) {
            self.resend = None;
        }
        if was.is_synchronized() {
            self.grow(cx, acked);
        }
        if self.timers.is_set(Timer::User) {
            self.stop_timer(cx, Timer::User);
        }
        self.rearm_retransmission(cx);
        self.arm_user_timeout(cx);
        if self.wants_room && self.tcb.state.sends_text() {
            self.wants_room = false;
            cx.notify(Notice::Writable);
        }
    }

    //= https://www.rfc-editor.org/rfc/rfc6298#section-3
    //# RTT samples MUST NOT be made using segments that were
    //# retransmitted (and thus for which it is ambiguous whether the reply
    //# was for the first instance of the packet or a later instance).
    fn sample_rtt(&mut self, cx: &mut Context<'_>, echo: Option<u32>) {
        // With timestamps the echo says which copy was answered, so no sample is ambiguous.
        if let Some(ecr) = echo.filter(|ecr| *ecr != 0) {
            let millis = ts_clock(cx.now).wrapping_sub(ecr);
            if millis < 1 << 31 {
                self.estimator.sample(Duration::from_millis(u64::from(millis)).max(Duration::from_micros(1)));
            }
            self.timing = None;
            return;
        }
        match self.timing {
            Some((end, sent_at)) if end.le(self.tcb.snd_una) => {
                self.timing = None;
                self.estimator.sample(cx.now.since(sent_at));
            }
            Some(_) => {}
            //= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.1
            //# The RTO MUST be computed according to the algorithm in [10], including Karn's algorithm for
            //# taking RTT samples (MUST-18).
            None if self.retransmits > 0 => cx.tell(What::Rule(Rule::KarnSkipsSample)),
            None => {}
        }
    }

    fn tell_user(&self, cx: &mut Context<'_>, decision: &Decision) {
        if matches!(decision.text, Text::InOrder { .. }) && self.receive.readable() > 0 {
            cx.notify(Notice::Readable);
        }
        if decision.fin {
            cx.notify(Notice::PeerClosed);
        }
        //= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.5
        //# A TCP implementation MUST (MUST-32) inform the application layer asynchronously whenever it
        //# receives an urgent pointer and there was previously no pending urgent data, or whenever the
        //# urgent pointer advances in the data stream.
        if decision.urgent {
            cx.notify(Notice::Urgent);
        }
    }

    /// Decides whether an ACK goes at once, with the next text, or after a while.
    fn schedule_ack(&mut self, cx: &mut Context<'_>, decision: &Decision, segment: &Segment) {
        match decision.ack {
            AckNeed::No => {}
            AckNeed::Now => {
                let rule = match decision.rule {
                    _ if decision.fin => Rule::AcksFin,
                    Rule::TextHeld | Rule::FinHeld => Rule::AcksOutOfOrder,
                    Rule::SynSentEstablished => Rule::SendsHandshakeAck,
                    Rule::TextFillsGap | Rule::TextDuplicate | Rule::ZeroWindowUnacceptable => decision.rule,
                    _ => Rule::AcksAtOnce,
                };
                self.pending.ask_ack(rule);
            }
            AckNeed::MayDelay => self.delay_ack(cx, segment.len, decision.fin),
        }
    }

    //= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.6.3
    //# the delay MUST be less than 0.5 seconds (MUST-40).
    #[inline(never)]
    fn delay_ack(&mut self, cx: &mut Context<'_>, len: u32, fin: bool) {
        let Some(delay) = self.settings.delayed_ack.map(|delay| delay.min(Duration::from_millis(499))) else {
            self.pending.ask_ack(Rule::AcksAtOnce);
            return;
        };
        // Linux waits for the text that an ACK could ride on only once it knows that text comes.
        let delay = if self.settings.policy.linux && !self.got_text { LINUX_TICK } else { delay };
        self.unacknowledged_text += len;
        //= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.6.3
        //# An ACK SHOULD be generated for at least every second full-sized
        //# segment or 2*RMSS bytes of new data (SHLD-19)
        if self.unacknowledged_text >= 2 * u32::from(self.text_mss()) {
            self.pending.ask_ack(Rule::AcksEverySecondSegment);
        } else if self.quick_acks > 0 && len > 0 && !fin {
            self.quick_acks -= 1;
            self.pending.ask_ack(Rule::AckQuick);
        } else if !self.timers.is_set(Timer::DelayedAck) {
            cx.tell(What::Rule(Rule::AckDelayed));
            self.set_timer(cx, Timer::DelayedAck, delay);
        }
    }
}
