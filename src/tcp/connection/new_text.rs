//! New text, and what forbids to send it now.

use super::{Connection, Context, Plan};
use crate::tcp::event::What;
use crate::tcp::timers::Timer;
use crate::tcp::{Rule, State};

impl Connection {
    /// New text, or the FIN when all text has gone.
    pub(super) fn plan_new(&mut self, cx: &mut Context<'_>, plan: &mut Plan) -> bool {
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
}
