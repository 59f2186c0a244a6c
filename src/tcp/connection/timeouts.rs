//! What happens when a deadline passes (RFC 9293 §3.10.8).

use super::{Connection, Context};
use crate::tcp::decision::Reset;
use crate::tcp::event::What;
use crate::tcp::timers::Timer;
use crate::tcp::{Error, Rule, State, call};

impl Connection {
    /// Fires every timer that is due.
    pub(in crate::tcp) fn on_timeout(&mut self, cx: &mut Context<'_>) {
        while let Some(timer) = self.timers.take_due(cx.now) {
            cx.tell(What::TimerFired(timer));
            match timer {
                Timer::Retransmission => self.retransmission_timeout(cx),
                Timer::LossProbe => self.loss_probe_timeout(cx),
                Timer::Persist => self.persist_timeout(cx),
                Timer::DelayedAck => self.pending.ask_ack(Rule::AckDelayExpired),
                Timer::Keepalive => self.keepalive_timeout(cx),
                Timer::TimeWait => self.end(cx, Rule::TimeWaitExpires, None),
                Timer::FinWait2 => self.end(cx, Rule::FinWait2Expires, None),
                //= https://www.rfc-editor.org/rfc/rfc9293#section-3.10.8
                //# For any state if the user timeout expires, flush all queues,
                //# signal the user "error: connection aborted due to user timeout"
                Timer::User => self.end(cx, Rule::UserTimeoutExpires, Some(Error::TimedOut)),
            }
        }
    }

    fn end(&mut self, cx: &mut Context<'_>, rule: Rule, error: Option<Error>) {
        let decision = call::time_out(&mut self.tcb, rule, error);
        self.carry_out(cx, &decision);
    }

    //= https://www.rfc-editor.org/rfc/rfc9293#section-3.10.8
    //# For any state if the retransmission timeout expires on a segment
    //# in the retransmission queue, send the segment at the front of the
    //# retransmission queue again, reinitialize the retransmission timer,
    //# and return.
    #[cold]
    fn retransmission_timeout(&mut self, cx: &mut Context<'_>) {
        if self.tcb.in_flight() == 0 {
            return;
        }
        //= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.3
        //# An application MUST (MUST-21) be able to set the value for R2 for a particular connection.
        let (limit, give_up) = self.patience();
        if self.retransmits >= limit {
            let error = (give_up != Rule::SynAckGivesUp || !self.tcb.passive).then_some(Error::TimedOut);
            return self.end(cx, give_up, error);
        }
        //= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.3
        //# The following procedure MUST be used to handle excessive retransmissions of data segments (MUST-20):
        //= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.3
        //# SYN retransmissions MUST be handled in the general way just described for data
        //# retransmissions, including notification of the application layer. (MUST-22)
        if self.retransmits == self.settings.r1 {
            cx.tell(What::Rule(Rule::RetransmissionsMount));
        }
        let first = self.retransmits == 0;
        self.retransmits += 1;
        self.timing = None;
        self.loss_probed = None;
        let linear =
            self.tcb.state == State::SynSent && self.retransmits <= self.settings.syn_linear_timeouts;
        if !linear {
            self.estimator.back_off();
        }
        if self.tcb.syn_outstanding() {
            let rule = match self.tcb.state {
                State::SynSent if std::mem::take(&mut self.syn_again) => Rule::SynSentRetriesAtOnce,
                State::SynSent if linear => Rule::SynTimeoutLinear,
                State::SynSent => Rule::SynTimeout,
                _ => Rule::SynAckTimeout,
            };
            // A Fast Open SYN that was lost may have been lost for its option (RFC 7413 §4.2.1).
            if self.tcb.state == State::SynSent {
                self.fast_open = None;
            }
            self.pending.ask_syn(rule, true);
        } else {
            if self.settings.congestion_control {
                self.congestion.on_timeout(self.tcb.snd_una, self.tcb.snd_nxt, first);
            }
            self.scoreboard.clear();
            self.dup_acks = 0;
            let only_fin = self.tcb.fin_sent && self.tcb.in_flight() == 1;
            self.resend_outstanding(if only_fin { Rule::FinTimeout } else { Rule::RetransmitTimeout });
        }
        self.rearm_retransmission(cx);
    }

    /// How many expiries are borne now, and by which rule the connection is given up after them.
    fn patience(&self) -> (u32, Rule) {
        match self.tcb.state {
            //= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.3
            //# In particular, R2 for a SYN segment MUST be set large enough to
            //# provide retransmission of the segment for at least 3 minutes (MUST-23).
            State::SynSent => {
                (self.settings.syn_retries + self.settings.syn_linear_timeouts, Rule::SynGivesUp)
            }
            State::SynReceived => (self.settings.syn_ack_retries, Rule::SynAckGivesUp),
            state => {
                let orphan = self.settings.orphan_retries.filter(|_| {
                    self.tcb.reader_gone && matches!(state, State::FinWait1 | State::Closing | State::LastAck)
                });
                orphan.map_or((self.settings.retries, Rule::GivesUp), |limit| (limit, Rule::OrphanGivesUp))
            }
        }
    }

    //= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.6.1
    //# The sending TCP peer must regularly transmit at least one octet of
    //# new data (if available), or retransmit to the receiving TCP peer
    //# even if the send window is zero, in order to "probe" the window.
    #[cold]
    fn persist_timeout(&mut self, cx: &mut Context<'_>) {
        if self.tcb.snd_wnd > 0 {
            return;
        }
        //= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.6.1
        //# As long as the receiving TCP peer continues to send acknowledgments in response to the probe
        //# segments, the sending TCP peer MUST allow the connection to stay open (MUST-37).
        let silent_too_long = self.probes >= self.settings.retries;
        if silent_too_long {
            return self.end(cx, Rule::GivesUp, Some(Error::TimedOut));
        }
        self.probes += 1;
        //= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.6.1
        //# Probing of zero (offered) windows MUST be supported (MUST-36).
        self.pending.ask_probe(Rule::ZeroWindowProbe);
        //= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.6.1
        //# The transmitting host SHOULD send the first zero-window probe when a
        //# zero window has existed for the retransmission timeout period (SHLD-29)
        //# (Section 3.8.1), and SHOULD increase exponentially the interval
        //# between successive probes (SHLD-30).
        self.estimator.back_off();
        let rto = self.estimator.rto(&self.settings);
        self.set_timer(cx, Timer::Persist, rto);
    }

    #[cold]
    fn keepalive_timeout(&mut self, cx: &mut Context<'_>) {
        let Some(keepalive) = self.settings.keepalive else { return };
        // Once nobody holds the socket Linux has a limit on FIN-WAIT-2 instead.
        if self.settings.policy.linux && self.tcb.reader_gone && self.tcb.state == State::FinWait2 {
            return;
        }
        let silent = self.tcb.state.is_synchronized() && self.tcb.state != State::TimeWait;
        if !silent {
            return;
        }
        //= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.4
        //# Keep-alive packets MUST only be sent when no sent data is
        //# outstanding, and no data or acknowledgment packets have been
        //# received for the connection within an interval (MUST-26).
        if self.tcb.in_flight() > 0 {
            return self.set_timer(cx, Timer::Keepalive, keepalive.idle);
        }
        //= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.4
        //# Consequently, if a keep-alive mechanism is implemented it MUST NOT
        //# interpret failure to respond to any specific probe as a dead
        //# connection (MUST-29).
        if self.probes >= keepalive.count.max(1) {
            self.end(cx, Rule::KeepaliveGivesUp, Some(Error::TimedOut));
            if self.settings.policy.linux {
                let reset = Reset { seq: self.tcb.snd_nxt, ack: None };
                self.pending.ask_reset(reset, Rule::KeepaliveGivesUp);
            }
            return;
        }
        self.probes += 1;
        self.pending.ask_probe(Rule::KeepaliveProbe);
        self.set_timer(cx, Timer::Keepalive, keepalive.interval);
    }
}
