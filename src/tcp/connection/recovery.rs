//! Loss: duplicate acknowledgments, recovery, and what is to be sent again.

use super::{Connection, Context, Resend};
use crate::tcp::Rule;
use crate::tcp::event::What;
use crate::tcp::timers::Timer;
use crate::time::Duration;

impl Connection {
    /// Everything outstanding is to be sent again, as the windows allow.
    pub(super) fn resend_outstanding(&mut self, rule: Rule) {
        self.resend = Some(Resend { next: self.tcb.snd_una, end: self.tcb.snd_nxt, rule });
    }

    /// One segment from the oldest outstanding number on is to be sent again.
    fn resend_first(&mut self, rule: Rule) {
        let end = (self.tcb.snd_una + self.send_mss()).min(self.tcb.snd_nxt);
        self.resend = Some(Resend { next: self.tcb.snd_una, end, rule });
    }

    /// A duplicate acknowledgment; `flight` is what was outstanding when it came.
    #[inline(never)]
    pub(super) fn on_duplicate_ack(&mut self, cx: &mut Context<'_>, flight: u32) {
        if !self.settings.congestion_control || flight == 0 || self.probing {
            return;
        }
        self.dup_acks += 1;
        match self.dup_acks {
            //= https://www.rfc-editor.org/rfc/rfc5681#section-3.2
            //# On the first and second duplicate ACKs received at a sender, a
            //# TCP SHOULD send a segment of previously unsent data per [RFC3042]
            1 | 2 => {}
            //= https://www.rfc-editor.org/rfc/rfc5681#section-3.2
            //# The TCP sender SHOULD use the "fast retransmit" algorithm to detect
            //# and repair loss, based on incoming duplicate ACKs.
            3 => {
                if self.congestion.enter_recovery(self.tcb.snd_una, self.tcb.snd_nxt) {
                    self.timing = None;
                    self.resend_first(Rule::FastRetransmit);
                }
            }
            _ => {
                self.congestion.inflate();
                self.resend_next_hole();
            }
        }
        if self.congestion.in_recovery() {
            self.set_timer(cx, Timer::Retransmission, self.estimator.rto(&self.settings));
        }
    }

    /// In recovery with SACK: the next hole that was not sent again yet.
    fn resend_next_hole(&mut self) {
        let Some(previous) = self.resend.filter(|_| self.negotiated.sack && self.congestion.in_recovery())
        else {
            return;
        };
        if previous.next.lt(previous.end) {
            return;
        }
        if let Some((start, len)) = self.scoreboard.hole(previous.next) {
            let len = len.min(self.send_mss());
            self.resend = Some(Resend { next: start, end: start + len, rule: Rule::SackRetransmits });
        }
    }

    /// New data is acknowledged: the congestion window grows, or recovery goes on or ends.
    pub(super) fn grow(&mut self, cx: &mut Context<'_>, acked: u32) {
        if !self.settings.congestion_control {
            return;
        }
        if !self.congestion.in_recovery() {
            self.congestion.on_acked(acked);
            return;
        }
        let (una, flight) = (self.tcb.snd_una, self.tcb.in_flight());
        if self.congestion.on_acked_in_recovery(una, acked, flight) {
            cx.tell(What::Rule(Rule::RecoveryEnds));
            self.resend = None;
        } else {
            //= https://www.rfc-editor.org/rfc/rfc6582#section-3.2
            //# If this ACK does *not* acknowledge all of the data up to and
            //# including recover, then this is a partial ACK.  In this case,
            //# retransmit the first unacknowledged segment.
            self.resend_first(Rule::PartialAckRetransmits);
        }
    }

    /// Starts the tail loss probe's timer instead of the retransmission timer, where a probe may be
    /// sent; false where the retransmission timer has to run.
    /// RFC 8985 §7.2.
    #[inline]
    pub(super) fn schedule_loss_probe(&mut self, cx: &mut Context<'_>) -> bool {
        self.settings.loss_probe && self.schedule_allowed_loss_probe(cx)
    }

    #[inline(never)]
    fn schedule_allowed_loss_probe(&mut self, cx: &mut Context<'_>) -> bool {
        let allowed = self.settings.congestion_control
            && self.negotiated.sack
            && self.tcb.state.is_synchronized()
            && self.retransmits == 0
            && self.resend.is_none()
            && self.loss_probed.is_none()
            && !self.congestion.in_recovery();
        let Some(srtt) = self.estimator.srtt().filter(|_| allowed) else {
            self.stop_timer(cx, Timer::LossProbe);
            return false;
        };
        // A single segment may wait for a delayed ACK; so Linux gives it its shortest timeout more.
        let one = self.tcb.in_flight() <= self.send_mss();
        let more = if one { self.settings.min_rto } else { Duration::from_millis(8) };
        let left = self.estimator.rto(&self.settings).saturating_sub(cx.now.since(self.oldest_sent));
        self.stop_timer(cx, Timer::Retransmission);
        self.set_timer(cx, Timer::LossProbe, (srtt.saturating_mul(2) + more).min(left));
        true
    }

    /// Nothing came back for the last segments: one more is sent, new if there is one, else the last
    /// again; the retransmission timer then waits for the oldest as it would have.
    #[cold]
    pub(super) fn loss_probe_timeout(&mut self, cx: &mut Context<'_>) {
        let flight = self.tcb.in_flight();
        if flight == 0 {
            return;
        }
        self.loss_probed = Some(self.tcb.snd_nxt);
        self.timing = None;
        let mss = self.send_mss();
        let text = flight - u32::from(self.tcb.fin_sent);
        // Linux cuts what it sends again at full segments from the oldest one on.
        let last = if text == 0 { 0 } else { (text - 1) % mss + 1 };
        let start = self.tcb.snd_una + (text - last);
        let window_open = self.tcb.in_flight() < self.tcb.snd_wnd;
        let unsent = self.send.end().since(self.tcb.snd_nxt) > 0 && !self.tcb.fin_sent;
        if unsent && window_open {
            self.pending.loss_probe = true;
        } else {
            self.resend = Some(Resend { next: start, end: self.tcb.snd_nxt, rule: Rule::TailLossProbe });
        }
        if start == self.tcb.snd_una {
            self.oldest_sent = cx.now;
        }
        let rto = self.estimator.rto(&self.settings);
        let left = rto.saturating_sub(cx.now.since(self.oldest_sent)).max(Duration::from_millis(1));
        self.set_timer(cx, Timer::Retransmission, left);
    }

    /// The window changed: a probed peer that opens gets what was probed with again.
    pub(super) fn window_changed(&mut self, cx: &mut Context<'_>) {
        if self.tcb.snd_wnd == 0 {
            return;
        }
        self.held_back = None;
        self.stop_timer(cx, Timer::Persist);
        if self.probing {
            self.stop_probing(cx);
        }
    }

    #[cold]
    fn stop_probing(&mut self, cx: &mut Context<'_>) {
        self.probing = false;
        self.estimator.reset_backoff();
        // The octet that asked was refused each time: it counts as not sent, and goes out with the
        // text that follows it. Were it still to arrive, its acknowledgment would not hurt: more than
        // it is sent at once.
        self.tcb.snd_nxt = self.tcb.snd_una;
        self.tcb.fin_sent = false;
        self.rearm_retransmission(cx);
    }
}
