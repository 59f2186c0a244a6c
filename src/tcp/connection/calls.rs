//! The user's calls on a connection.

use super::{Connection, Context, FastOpen};
use crate::tcp::event::{Notice, What};
use crate::tcp::timers::Timer;
use crate::tcp::{Error, Rule, State, call};
use crate::wire::Segment;

impl Connection {
    /// SEND: takes as many octets as the buffer has room for.
    pub(in crate::tcp) fn send(&mut self, octets: &[u8]) -> Result<usize, Error> {
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        match self.tcb.state {
            State::Closed | State::Listen => return Err(Error::BrokenPipe),
            _ if !self.write_open => return Err(Error::BrokenPipe),
            _ => {}
        }
        let room = (self.settings.send_buffer as usize).saturating_sub(self.send.len());
        self.wants_room = octets.len() > room;
        if room == 0 && !octets.is_empty() {
            return Err(Error::WouldBlock);
        }
        let taken = octets.len().min(room);
        self.send.push(&octets[..taken]);
        if self.settings.policy.linux && taken > 0 {
            self.pushes.push_back(self.send.end());
        }
        self.held_back = None;
        Ok(taken)
    }

    /// RECEIVE: at most `max` octets, lent to `user`. Zero octets mean the end of the stream.
    pub(in crate::tcp) fn recv(
        &mut self,
        cx: &mut Context<'_>,
        max: usize,
        user: impl FnOnce(&[u8]),
    ) -> Result<usize, Error> {
        if self.receive.readable() > 0 {
            let len = self.receive.read(max, user);
            self.window_may_open(cx);
            return Ok(len);
        }
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        match self.tcb.state {
            State::Established | State::FinWait1 | State::FinWait2 => Err(Error::WouldBlock),
            State::SynSent | State::SynReceived => Err(Error::WouldBlock),
            State::Listen => Err(Error::NotConnected),
            _ => Ok(0),
        }
    }

    /// Whether text or the end of the stream can be read now.
    pub(in crate::tcp) fn readable(&self) -> usize {
        self.receive.readable()
    }

    /// The number after urgent text, while the user has not read that far (MUST-33).
    pub(in crate::tcp) fn urgent_left(&self) -> u32 {
        //= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.5
        //# The TCP implementation MUST (MUST-33) provide a way for the application to learn how much urgent
        //# data remains to be read from the connection, or at least to determine whether more urgent data
        //# remains to be read [19].
        let read_up_to = self.tcb.rcv_nxt - self.receive.readable() as u32;
        if self.tcb.rcv_up.gt(read_up_to) { self.tcb.rcv_up.since(read_up_to) } else { 0 }
    }

    /// SEND with the URGENT flag: the urgent pointer moves to the end of what is queued.
    pub(in crate::tcp) fn send_urgent(&mut self, octets: &[u8]) -> Result<usize, Error> {
        let taken = self.send(octets)?;
        //= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.5
        //# However, TCP implementations MUST still include support for the urgent mechanism (MUST-30).
        self.tcb.snd_up = self.send.end();
        Ok(taken)
    }

    /// CLOSE of the sending side only: `shutdown(SHUT_WR)`.
    pub(in crate::tcp) fn shutdown_write(&mut self, cx: &mut Context<'_>) -> Result<(), Error> {
        if matches!(self.tcb.state, State::Closed | State::Listen | State::SynSent) {
            return Err(self.error.take().unwrap_or(Error::NotConnected));
        }
        self.write_open = false;
        let decision = call::close(&mut self.tcb);
        self.carry_out(cx, &decision);
        Ok(())
    }

    /// `close()`: nobody reads or writes here any more.
    pub(in crate::tcp) fn close(&mut self, cx: &mut Context<'_>) {
        self.write_open = false;
        if self.settings.linger_zero && !matches!(self.tcb.state, State::TimeWait | State::Closed) {
            return self.abort_by(cx, Rule::LingerZero);
        }
        let unread = self.receive.readable() > 0
            && matches!(
                self.tcb.state,
                State::Established | State::FinWait1 | State::FinWait2 | State::CloseWait
            );
        if unread {
            return self.abort_by(cx, Rule::CloseWithUnreadText);
        }
        self.tcb.reader_gone = true;
        let decision = call::close(&mut self.tcb);
        self.carry_out(cx, &decision);
        if let (State::FinWait2, Some(limit)) = (self.tcb.state, self.settings.fin_wait_2) {
            self.set_timer(cx, Timer::FinWait2, limit);
        }
    }

    /// ABORT.
    pub(in crate::tcp) fn abort_by(&mut self, cx: &mut Context<'_>, rule: Rule) {
        if self.tcb.state == State::Closed {
            return;
        }
        self.write_open = false;
        let decision = call::abort(&mut self.tcb, rule);
        self.carry_out(cx, &decision);
        self.error = None;
    }

    /// The port in TIME-WAIT is taken over by a new connection.
    pub(in crate::tcp) fn recycle(&mut self, cx: &mut Context<'_>) {
        let decision = call::time_out(&mut self.tcb, Rule::TimeWaitRecycled, None);
        self.carry_out(cx, &decision);
    }

    /// The Fast Open option that goes onto our SYN or SYN,ACK.
    pub(in crate::tcp) fn offer_fast_open(&mut self, fast_open: Option<FastOpen>) {
        self.fast_open = fast_open;
    }

    /// The Fast Open SYN brought a valid cookie: text may flow before the handshake is complete.
    pub(in crate::tcp) fn allow_early_text(&mut self) {
        self.early_text = true;
    }

    /// `setsockopt()` changed something.
    pub(in crate::tcp) fn settings_changed(&mut self, cx: &mut Context<'_>) {
        self.held_back = None;
        self.size_text();
        match self.settings.keepalive {
            //= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.4
            //# If keep-alives are included, the application MUST be able to turn them on or off for each TCP
            //# connection (MUST-24), and they MUST default to off (MUST-25).
            //= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.4
            //# This interval MUST be configurable (MUST-27) and MUST default to no less than two hours
            //# (MUST-28).
            Some(keepalive) if self.tcb.state.is_synchronized() && self.tcb.state != State::TimeWait => {
                self.set_timer(cx, Timer::Keepalive, keepalive.idle);
            }
            _ => self.stop_timer(cx, Timer::Keepalive),
        }
        self.arm_user_timeout(cx);
    }

    /// Text of an accepted Fast Open SYN.
    pub(in crate::tcp) fn take_syn_text(&mut self, cx: &mut Context<'_>, segment: &Segment, payload: &[u8]) {
        let len =
            (segment.len as usize).min(payload.len()).min(self.tcb.rcv_nxt.since(self.tcb.irs + 1) as usize);
        self.receive.push(&payload[..len]);
        cx.tell(What::Rule(Rule::FastOpenDataEstablished));
        cx.notify(Notice::Readable);
    }

    //= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.6.2.2
    //# The receiver's SWS avoidance algorithm determines when the right
    //# window edge may be advanced
    fn window_may_open(&mut self, cx: &mut Context<'_>) {
        if !self.tcb.state.receives_text() {
            return;
        }
        let free = self.free_space();
        let gain = free.saturating_sub(self.tcb.rcv_wnd);
        let mss = u32::from(self.text_mss());
        let worth_telling = gain >= 2 * mss.min(self.settings.receive_buffer / 2)
            && (self.tcb.rcv_wnd < 2 * mss || gain >= self.settings.receive_buffer / 2);
        if worth_telling || (self.tcb.rcv_wnd == 0 && gain >= mss.min(self.settings.receive_buffer / 2)) {
            cx.tell(What::Rule(Rule::WindowOpens));
            self.pending.ask_ack(Rule::WindowOpens);
        }
    }

    /// Room for more text, as far as a window field can say it.
    pub(super) fn free_space(&self) -> u32 {
        let free = self.settings.receive_buffer.saturating_sub(self.receive.occupied() as u32);
        free.min(65_535 << self.negotiated.rcv_scale)
    }
}
