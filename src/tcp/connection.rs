//! One connection: the control block that decides, and everything beside it that carries out.
//!
//! Sans-IO: calls, segments and deadlines come in, [`plan`](Connection::plan) gives the next segment
//! to send until there is none, and what happened is written to the [`Context`].

mod arriving;
mod beginning;
mod calls;
mod new_text;
mod options;
mod pending;
mod plan;
mod recovery;
mod sending;
mod timeouts;

pub(super) use options::ts_clock;
use pending::Pending;
pub(super) use plan::{Plan, header};

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;

use super::challenges::Challenges;
use super::congestion::Congestion;
use super::decision::{Decision, Disposition, Reset};
use super::event::{Event, Notice, What};
use super::line::Line;
use super::receive_buffer::ReceiveBuffer;
use super::rto::Estimator;
use super::scoreboard::Scoreboard;
use super::send_buffer::SendBuffer;
use super::tcb::Tcb;
use super::timers::{Timer, Timers};
use super::{Error, Rule, Settings, State};
use crate::time::{Duration, Instant};
use crate::wire::{Ip, SackBlock, SeqNumber};

/// What a connection needs of its surroundings while it works.
pub(super) struct Context<'a> {
    pub(super) now: Instant,
    /// Which connection this is, as its host counts.
    pub(super) socket: super::Socket,
    pub(super) events: &'a mut Vec<Event>,
    pub(super) notices: &'a mut Line<(super::Socket, Notice)>,
    pub(super) challenges: &'a mut Challenges,
}

/// What the two SYNs agreed on.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Negotiated {
    /// The largest text a segment may carry by the peer's word, options not yet taken off.
    pub(super) mss: u16,
    /// The text a full segment carries: see [`Connection::size_text`].
    pub(super) text_mss: u16,
    /// Shift of the windows the peer offers.
    pub(super) snd_scale: u8,
    /// Shift of the windows we offer.
    pub(super) rcv_scale: u8,
    pub(super) timestamps: bool,
    pub(super) sack: bool,
}

/// Numbers to be sent again: from `next` up to `end`.
#[derive(Clone, Copy, Debug)]
struct Resend {
    next: SeqNumber,
    end: SeqNumber,
    rule: Rule,
}

/// A connection.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) tcb: Tcb,
    pub(super) settings: Arc<Settings>,
    /// The IP header of its segments.
    ip: Ip,
    /// Its local port and the remote one.
    ports: (u16, u16),
    pub(super) negotiated: Negotiated,
    send: SendBuffer,
    receive: ReceiveBuffer,
    estimator: Estimator,
    congestion: Congestion,
    scoreboard: Scoreboard,
    timers: Timers,
    pending: Pending,
    resend: Option<Resend>,
    /// The segment being timed: the number after it, and when it was sent (RFC 6298 §3).
    timing: Option<(SeqNumber, Instant)>,
    /// When the retransmission timer was last started for the oldest outstanding segment.
    oldest_sent: Instant,
    /// A tail loss probe is out: what had been sent then.
    loss_probed: Option<SeqNumber>,
    /// After the last segment that was not full, which Linux's Nagle looks at.
    last_small: SeqNumber,
    /// Where Linux pushes: the ends of writes, and of every half window between them.
    pushes: VecDeque<SeqNumber>,
    /// The last push that is acknowledged.
    pushed_before: SeqNumber,
    /// Text has been received.
    got_text: bool,
    /// The retransmission timer runs because a SYN was answered wrongly.
    syn_again: bool,
    /// Consecutive expiries of the retransmission timer.
    retransmits: u32,
    dup_acks: u32,
    /// Probes since the peer was last heard.
    probes: u32,
    probing: bool,
    /// Text received since the last ACK was sent, in octets.
    unacknowledged_text: u32,
    quick_acks: u32,
    /// Where the peer's FIN stands, when it came ahead of missing text.
    fin_ahead: Option<SeqNumber>,
    /// What came twice and is to be reported (RFC 2883).
    duplicate: Option<SackBlock>,
    ts_recent: u32,
    last_ack_sent: SeqNumber,
    /// Whether the rule that holds text back has been told, so that it is told once.
    held_back: Option<Rule>,
    /// The Fast Open option of our SYN or SYN,ACK.
    fast_open: Option<FastOpen>,
    /// Fast Open: text may be sent in SYN-RECEIVED.
    early_text: bool,
    pub(super) error: Option<Error>,
    /// The user had more to write than there was room.
    wants_room: bool,
    /// Whether the user may still write (`shutdown(SHUT_WR)` and `close()` end it).
    write_open: bool,
}

/// The Fast Open option that goes onto our SYN or SYN,ACK; empty asks for a cookie.
#[derive(Clone, Copy, Debug)]
pub(super) struct FastOpen {
    pub(super) cookie: [u8; 16],
    pub(super) len: u8,
}

impl FastOpen {
    pub(super) fn new(octets: &[u8]) -> Self {
        let mut cookie = [0; 16];
        let len = octets.len().min(16);
        cookie[..len].copy_from_slice(&octets[..len]);
        FastOpen { cookie, len: len as u8 }
    }

    fn octets(&self) -> &[u8] {
        &self.cookie[..self.len as usize]
    }
}

impl Connection {
    /// Its local and its remote address.
    pub(super) fn ends(&self) -> (SocketAddr, SocketAddr) {
        (SocketAddr::new(self.ip.src, self.ports.0), SocketAddr::new(self.ip.dst, self.ports.1))
    }

    /// The connection's state.
    pub(super) fn state(&self) -> State {
        self.tcb.state
    }

    /// When a timer is next due.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.timers.next()
    }

    /// The timers, for the host to know when it has to look here.
    #[inline]
    pub(super) fn timers_mut(&mut self) -> &mut Timers {
        &mut self.timers
    }

    /// Whether nothing is left to do and the connection can be forgotten.
    pub(super) fn is_finished(&self) -> bool {
        matches!(self.tcb.state, State::Closed | State::Listen) && !self.pending.reset_or_ack()
    }

    /// Does what a decision asks for, beside what it brought in text and acknowledgments.
    pub(super) fn carry_out(&mut self, cx: &mut Context<'_>, decision: &Decision) {
        for &transition in decision.transitions() {
            cx.tell(What::State(transition));
            self.entered(cx, transition.to);
        }
        match decision.disposition {
            Disposition::Ignore | Disposition::Accept | Disposition::ReturnToListen | Disposition::Reopen => {
            }
            //= https://www.rfc-editor.org/rfc/rfc9293#section-3.10.7.4
            //# In general, the processing of received segments MUST be implemented to aggregate ACK segments
            //# whenever possible (MUST-58).
            //= https://www.rfc-editor.org/rfc/rfc9293#section-3.10.7.4
            //# For example, if the TCP endpoint is processing a series of queued segments, it MUST process them
            //# all before sending any ACK segments (MUST-59).
            Disposition::SendAck => self.pending.ask_ack(decision.rule),
            Disposition::ChallengeAck => self.challenge(cx, decision.rule),
            Disposition::RepeatSynAck => self.pending.ask_syn(decision.rule, true),
            Disposition::SendSynAck | Disposition::SendSyn => self.pending.ask_syn(decision.rule, false),
            Disposition::SendReset(reset) => self.pending.ask_reset(reset, decision.rule),
            Disposition::Abort { reset, error } => self.abort(cx, reset, error, decision.rule),
        }
        if decision.restart_time_wait {
            self.set_timer(cx, Timer::TimeWait, self.settings.time_wait);
        }
    }

    fn abort(&mut self, cx: &mut Context<'_>, reset: Option<Reset>, error: Option<Error>, rule: Rule) {
        self.pending = Pending::default();
        if let Some(reset) = reset {
            self.pending.ask_reset(reset, rule);
        }
        self.resend = None;
        self.receive.clear();
        if let Some(error) = error {
            //= https://www.rfc-editor.org/rfc/rfc9293#section-3.6
            //# If the local TCP connection is closed by the remote side due to a FIN or RST received from the
            //# remote side, then the local application MUST be informed whether it closed normally or was
            //# aborted (MUST-12).
            self.error = Some(error);
            cx.notify(Notice::Failed(error));
        }
    }

    fn challenge(&mut self, cx: &mut Context<'_>, rule: Rule) {
        if cx.challenges.take(cx.now) {
            self.pending.ask_ack(rule);
        } else {
            cx.tell(What::Rule(Rule::ChallengeLimited));
        }
    }

    /// What entering a state starts and stops.
    fn entered(&mut self, cx: &mut Context<'_>, state: State) {
        match state {
            State::Established => {
                let expired = std::mem::take(&mut self.retransmits);
                if expired > 0 {
                    self.estimator.on_late_syn_ack(&self.settings);
                }
                //= https://www.rfc-editor.org/rfc/rfc5681#section-3.1
                //# Further, if the SYN or SYN/ACK is
                //# lost, the initial window used by a sender after a correctly
                //# transmitted SYN MUST be one segment consisting of at most SMSS bytes.
                // Linux lets one loss pass.
                let lost = expired > u32::from(self.settings.policy.linux);
                let segments = if lost { 1 } else { self.settings.initial_cwnd };
                self.congestion = Congestion::new(u32::from(self.text_mss()), segments);
                if let Some(keepalive) = self.settings.keepalive {
                    self.set_timer(cx, Timer::Keepalive, keepalive.idle);
                }
                cx.notify(Notice::Connected);
            }
            State::FinWait2 => {
                if let (true, Some(limit)) = (self.tcb.reader_gone, self.settings.fin_wait_2) {
                    self.set_timer(cx, Timer::FinWait2, limit);
                }
            }
            State::TimeWait => {
                //= https://www.rfc-editor.org/rfc/rfc9293#section-3.6.1
                //# When a connection is closed actively, it MUST linger in the TIME-WAIT state for a time 2xMSL
                //# (Maximum Segment Lifetime) (MUST-13).
                self.timers.stop_all();
                self.set_timer(cx, Timer::TimeWait, self.settings.time_wait);
            }
            State::Closed | State::Listen => {
                self.timers.stop_all();
                cx.notify(Notice::Closed);
            }
            _ => {}
        }
    }

    /// Starts a timer; it is told when it was not running. Nothing is timed in a connection that is over, whatever
    /// was still outstanding.
    fn set_timer(&mut self, cx: &mut Context<'_>, timer: Timer, after: Duration) {
        if matches!(self.tcb.state, State::Closed | State::Listen) {
            return;
        }
        let running = self.timers.is_set(timer);
        self.timers.set(timer, cx.now + after);
        if !running && timer != Timer::DelayedAck {
            cx.tell(What::TimerSet { timer, after });
        }
    }

    fn stop_timer(&mut self, cx: &mut Context<'_>, timer: Timer) {
        if self.timers.stop(timer) && timer != Timer::DelayedAck {
            cx.tell(What::TimerStopped(timer));
        }
    }

    /// Restarts or stops the retransmission timer after something was sent or acknowledged.
    fn rearm_retransmission(&mut self, cx: &mut Context<'_>) {
        self.oldest_sent = cx.now;
        if self.tcb.in_flight() == 0 {
            self.stop_timer(cx, Timer::Retransmission);
            self.stop_timer(cx, Timer::LossProbe);
            self.stop_timer(cx, Timer::User);
        } else if !self.probing && !self.schedule_loss_probe(cx) {
            let rto = self.estimator.rto(&self.settings);
            self.set_timer(cx, Timer::Retransmission, rto);
        }
    }
}

impl Context<'_> {
    /// Tells the user of the socket.
    #[inline]
    pub(super) fn notify(&mut self, notice: Notice) {
        self.notices.push((self.socket, notice));
    }

    #[inline]
    pub(super) fn tell(&mut self, what: What) {
        self.events.push(Event { socket: self.socket, what });
    }
}
