//! Segments for a listener: its queues, cookies and Fast Open.

use std::net::SocketAddr;
use std::sync::Arc;

use super::{Endpoint, Ends, Host, Outgoing, Verdict};
use crate::tcp::arrival::{cookie_child, fast_open, listen};
use crate::tcp::connection::{FastOpen, ts_clock};
use crate::tcp::cookie::{check_cookie_stamp, check_syn_cookie, cookie_stamp, fast_open_cookie, syn_cookie};
use crate::tcp::decision::{Decision, Disposition};
use crate::tcp::event::{Notice, Queue, Socket, What};
use crate::tcp::settings::{Settings, SynCookies};
use crate::tcp::tcb::{Arrival, Tcb};
use crate::tcp::{Rule, call};
use crate::time::Instant;
use crate::wire::{Flags, Options, Packet, Segment, SeqNumber, TcpOption};

impl Host {
    /// A segment for a listener.
    pub(super) fn reach_listener(
        &mut self,
        now: Instant,
        listener: Socket,
        packet: &Packet<&[u8]>,
        segment: &Segment,
    ) -> Verdict {
        let (local, remote) = (packet.dst(), packet.src());
        let facts = Arrival::of(segment, 0);
        let plain_syn = segment.flags & Flags::SYN.with(Flags::ACK).with(Flags::RST) == Flags::SYN;
        let verdict = |rule| Verdict { rule, socket: None };
        if segment.flags.ack()
            && !segment.flags.rst()
            && !segment.flags.syn()
            && let Some(found) = self.cookie_back(now, listener, packet, segment)
        {
            return found;
        }
        let Settings { policy, fast_open_server, receive_buffer, initial_window, .. } = *self.settings;
        if plain_syn && !(policy.linux && segment.flags.fin()) {
            if let Some(rule) = self.refuse_syn(now, listener, packet, segment) {
                return verdict(rule);
            }
            if fast_open_server && let Some(cookie) = segment.options.fast_open() {
                return self.fast_open_child(now, listener, packet, segment, cookie);
            }
        }
        let window = receive_buffer.min(initial_window);
        let iss = if plain_syn { self.next_isn(now, local, remote) } else { SeqNumber(0) };
        let (decision, child) = listen(&policy, &facts, iss, window);
        if let Disposition::SendReset(reset) = decision.disposition {
            self.send_reset(local, remote, reset, decision.rule);
        }
        let Some(tcb) = child else { return verdict(decision.rule) };
        let socket = self.adopt(now, listener, packet, segment, tcb, &decision, None);
        Verdict { rule: decision.rule, socket: Some(socket) }
    }

    /// Why a SYN gets no child: a full queue. With cookies the answer goes out all the same.
    fn refuse_syn(
        &mut self,
        now: Instant,
        listener: Socket,
        packet: &Packet<&[u8]>,
        segment: &Segment,
    ) -> Option<Rule> {
        let queue = self.listener(listener)?;
        if queue.accept_queue_full(&self.settings) {
            return Some(Rule::ListenAcceptQueueFull);
        }
        let full = queue.syn_queue_full(&self.settings);
        match self.settings.syn_cookies {
            SynCookies::Off if full => Some(Rule::ListenSynQueueFull),
            SynCookies::Always => Some(self.send_cookie(now, listener, packet, segment)),
            SynCookies::WhenFull if full => Some(self.send_cookie(now, listener, packet, segment)),
            _ => None,
        }
    }

    #[cold]
    fn send_cookie(
        &mut self,
        now: Instant,
        listener: Socket,
        packet: &Packet<&[u8]>,
        segment: &Segment,
    ) -> Rule {
        let (local, remote) = (packet.dst(), packet.src());
        let settings = &self.config.settings;
        let default_mss = if local.is_ipv4() { 536 } else { 1220 };
        let mss = segment.options.mss().unwrap_or(default_mss);
        let cookie = syn_cookie(self.config.secret, now, local, remote, segment.seq, mss);
        let mut options = Options::NONE;
        if settings.mss_option {
            options.push(&TcpOption::Mss(settings.mtu.saturating_sub(if local.is_ipv4() { 40 } else { 60 })));
        }
        self.remember_in_stamp(now, segment, &mut options);
        let settings = &self.config.settings;
        let answer = Segment {
            src_port: local.port(),
            dst_port: remote.port(),
            seq: cookie,
            ack: segment.seq + 1,
            flags: Flags::SYN | Flags::ACK,
            window: settings.initial_window.min(65_535) as u16,
            options,
            ..Segment::default()
        };
        let rule = Rule::ListenSendsCookie;
        self.outbox.push_back(Outgoing { src: local.ip(), dst: remote.ip(), segment: answer, rule });
        if let Some(queue) = self.listener_mut(listener) {
            queue.cookies_sent = true;
        }
        rule
    }

    /// Linux lets a cookie keep the SYN's options, where timestamps are there to hold them.
    fn remember_in_stamp(&self, now: Instant, syn: &Segment, options: &mut Options) {
        let settings = &self.config.settings;
        let Some((val, _)) =
            syn.options.timestamps().filter(|_| settings.policy.linux && settings.timestamps)
        else {
            return;
        };
        let sack = settings.sack && syn.options.sack_permitted();
        let scale = syn.options.window_scale().filter(|_| settings.window_scale.is_some());
        let stamp = cookie_stamp(ts_clock(now), scale, sack);
        if sack {
            options.push(&TcpOption::SackPermitted);
        } else {
            options.push_bytes(&[1, 1]);
        }
        options.push(&TcpOption::Timestamps { val: stamp, ecr: val });
        if let (Some(own), Some(_)) = (settings.window_scale, scale) {
            options.push(&TcpOption::Nop);
            options.push(&TcpOption::WindowScale(own));
        }
    }

    /// The SYN that an acknowledgment with a cookie remembers.
    fn remembered_syn(&self, mss: u16, ack: &Segment) -> Segment {
        let mut options = Options::NONE;
        options.push(&TcpOption::Mss(mss));
        let settings = &self.config.settings;
        if let (true, Some((val, ecr))) =
            (settings.policy.linux && settings.timestamps, ack.options.timestamps())
        {
            let (scale, sack) = check_cookie_stamp(ecr);
            if sack {
                options.push(&TcpOption::SackPermitted);
            }
            options.push(&TcpOption::Timestamps { val, ecr: 0 });
            if let Some(scale) = scale {
                options.push(&TcpOption::WindowScale(scale));
            }
        }
        Segment { options, ..Segment::default() }
    }

    /// An acknowledgment that may bring a cookie back; `None` when no cookies are out.
    #[cold]
    fn cookie_back(
        &mut self,
        now: Instant,
        listener: Socket,
        packet: &Packet<&[u8]>,
        segment: &Segment,
    ) -> Option<Verdict> {
        let settings = Arc::clone(&self.settings);
        let queue = self.listener(listener)?;
        if !queue.cookies_sent || settings.syn_cookies == SynCookies::Off {
            return None;
        }
        let (local, remote) = (packet.dst(), packet.src());
        let (irs, cookie) = (segment.seq - 1, segment.ack - 1);
        let Some(mss) = check_syn_cookie(self.config.secret, now, local, remote, irs, cookie) else {
            let reset = crate::tcp::decision::Reset { seq: segment.ack, ack: None };
            self.send_reset(local, remote, reset, Rule::CookieRejected);
            return Some(Verdict { rule: Rule::CookieRejected, socket: None });
        };
        if queue.accept_queue_full(&settings) {
            return Some(Verdict { rule: Rule::AcceptQueueFullDropsAck, socket: None });
        }
        let (decision, tcb) =
            cookie_child(&Arrival::of(segment, 0), settings.receive_buffer.min(settings.initial_window));
        let syn = self.remembered_syn(mss, segment);
        let socket = self.adopt(now, listener, packet, &syn, tcb, &decision, None);
        // Text that came with the acknowledgment is processed by the new connection.
        if segment.seq_len() > 0 {
            self.reach_connection(now, socket, packet, segment);
        }
        Some(Verdict { rule: Rule::CookieAccepted, socket: Some(socket) })
    }

    /// A SYN with the Fast Open option.
    #[cold]
    fn fast_open_child(
        &mut self,
        now: Instant,
        listener: Socket,
        packet: &Packet<&[u8]>,
        segment: &Segment,
        cookie: &[u8],
    ) -> Verdict {
        let (local, remote) = (packet.dst(), packet.src());
        let expected = fast_open_cookie(self.config.secret, remote.ip());
        let valid = cookie == expected;
        let rule = match (valid, cookie.is_empty()) {
            (true, _) => Rule::FastOpenAcceptsData,
            (false, true) => Rule::FastOpenGivesCookie,
            (false, false) => Rule::FastOpenRejectsData,
        };
        let settings = Arc::clone(&self.settings);
        let iss = self.next_isn(now, local, remote);
        let window = settings.receive_buffer.min(settings.initial_window);
        let (decision, tcb) = fast_open(&Arrival::of(segment, 0), iss, window, rule, valid);
        let answer = (!valid).then(|| FastOpen::new(&expected));
        let socket = self.adopt(now, listener, packet, segment, tcb, &decision, answer);
        if valid {
            self.with(socket, now, |connection, cx| connection.take_syn_text(cx, segment, packet.payload));
            self.enqueue(listener, socket);
        }
        Verdict { rule, socket: Some(socket) }
    }

    /// Makes a child's connection known, and does what its birth decided.
    #[allow(clippy::too_many_arguments)]
    fn adopt(
        &mut self,
        now: Instant,
        listener: Socket,
        packet: &Packet<&[u8]>,
        syn: &Segment,
        tcb: Tcb,
        decision: &Decision,
        fast_open: Option<FastOpen>,
    ) -> Socket {
        let (local, remote) = (packet.dst(), packet.src());
        // A key is copied as a whole: by the time it is inserted its parts are long written.
        let ends = Ends::new(local, remote);
        let open = tcb.state == crate::tcp::State::Established;
        let mut connection = self.make(&tcb, (local, remote), None);
        connection.negotiate(syn);
        if decision.rule == Rule::FastOpenAcceptsData {
            connection.allow_early_text();
        } else {
            connection.offer_fast_open(fast_open);
        }
        let socket = self.insert(Endpoint::Connection(connection), false, Some(listener));
        self.connections.insert(ends, socket);
        if let Some(queue) = self.listener_mut(listener) {
            queue.half_open += 1;
        }
        self.with(socket, now, |connection, cx| connection.carry_out(cx, decision));
        self.tell_queue(listener, Queue::Syn);
        if open {
            self.enqueue(listener, socket);
        }
        self.mark(socket);
        socket
    }

    /// A child is open: from the SYN queue to the accept queue.
    pub(super) fn enqueue(&mut self, listener: Socket, child: Socket) {
        self.leave_syn_queue(child);
        let Some(queue) = self.listener_mut(listener) else { return };
        if queue.accept_queue.contains(&child) {
            return;
        }
        queue.accept_queue.push_back(child);
        self.tell_queue(listener, Queue::Accept);
        self.notices.push((listener, Notice::Acceptable));
    }

    fn leave_syn_queue(&mut self, child: Socket) {
        let Some(slot) = self.slot_mut(child) else { return };
        if !std::mem::take(&mut slot.half_open) {
            return;
        }
        let Some(parent) = slot.parent else { return };
        if let Some(queue) = self.listener_mut(parent) {
            queue.half_open = queue.half_open.saturating_sub(1);
            self.tell_queue(parent, Queue::Syn);
        }
    }

    /// A child that is over stands in no queue any more.
    pub(super) fn leave_queues(&mut self, child: Socket) {
        self.leave_syn_queue(child);
        let Some(parent) = self.slot(child).and_then(|slot| slot.parent) else { return };
        let Some(queue) = self.listener_mut(parent) else { return };
        // A connection that was reset after it opened is still there for accept() to find, and to fail.
        if let Some(place) = queue.accept_queue.iter().position(|queued| *queued == child) {
            queue.accept_queue.remove(place);
            self.tell_queue(parent, Queue::Accept);
        }
    }

    pub(super) fn tell_queue(&mut self, listener: Socket, queue: Queue) {
        let settings = &self.config.settings;
        let Some(listening) = self.listener(listener) else { return };
        let (len, limit) = match queue {
            Queue::Syn => (listening.half_open, listening.syn_limit(settings)),
            Queue::Accept => (listening.accept_queue.len() as u32, listening.accept_limit(settings)),
        };
        self.tell(listener, What::Queue { queue, len, limit });
    }

    /// The listener goes: open children that nobody accepted are reset, half-open ones forgotten.
    pub(super) fn close_listener(&mut self, now: Instant, listener: Socket) {
        let mut children: Vec<Socket> = (0..self.sockets.len() as u32)
            .map(Socket)
            .filter(|child| self.is_child(*child, listener))
            .collect();
        children.sort_unstable();
        for child in children {
            let half_open = self.slot(child).is_some_and(|slot| slot.half_open);
            self.with(child, now, |connection, cx| {
                if half_open {
                    let decision = call::time_out(&mut connection.tcb, Rule::ListenerClosedResets, None);
                    connection.carry_out(cx, &decision);
                } else {
                    connection.abort_by(cx, Rule::ListenerClosedResets);
                }
            });
            self.leave_queues(child);
            self.mark(child);
        }
        let transition = crate::tcp::decision::Transition {
            from: crate::tcp::State::Listen,
            to: crate::tcp::State::Closed,
            rule: Rule::CloseListen,
        };
        self.tell(listener, What::State(transition));
        self.listeners.retain(|other| *other != listener);
        self.sockets[listener.0 as usize] = None;
    }

    fn is_child(&self, socket: Socket, listener: Socket) -> bool {
        self.slot(socket).is_some_and(|slot| slot.parent == Some(listener))
    }

    pub(super) fn send_reset(
        &mut self,
        local: SocketAddr,
        remote: SocketAddr,
        reset: crate::tcp::decision::Reset,
        rule: Rule,
    ) {
        let flags = if reset.ack.is_some() { Flags::RST | Flags::ACK } else { Flags::RST };
        let segment = Segment {
            src_port: local.port(),
            dst_port: remote.port(),
            seq: reset.seq,
            ack: reset.ack.unwrap_or_default(),
            flags,
            ..Segment::default()
        };
        self.outbox.push_back(Outgoing { src: local.ip(), dst: remote.ip(), segment, rule });
    }
}
