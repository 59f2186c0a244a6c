//! How a connection begins: anew, or in the room of one that has ended.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;

use super::pending::Pending;
use super::{Connection, Negotiated, header};
use crate::tcp::Settings;
use crate::tcp::congestion::Congestion;
use crate::tcp::receive_buffer::ReceiveBuffer;
use crate::tcp::rto::Estimator;
use crate::tcp::scoreboard::Scoreboard;
use crate::tcp::send_buffer::SendBuffer;
use crate::tcp::tcb::Tcb;
use crate::tcp::timers::Timers;
use crate::time::Instant;
use crate::wire::{Ip, SeqNumber};

impl Connection {
    /// Room for a connection.
    pub(in crate::tcp) fn room(settings: &Arc<Settings>) -> Box<Self> {
        Box::new(Connection {
            tcb: Tcb::default(),
            settings: Arc::clone(settings),
            ip: Ip::default(),
            ports: (0, 0),
            negotiated: Negotiated::default(),
            send: SendBuffer::default(),
            receive: ReceiveBuffer::default(),
            estimator: Estimator::new(),
            congestion: Congestion::new(0, 0),
            scoreboard: Scoreboard::default(),
            timers: Timers::default(),
            pending: Pending::default(),
            resend: None,
            timing: None,
            oldest_sent: Instant::ZERO,
            loss_probed: None,
            last_small: SeqNumber(0),
            pushes: VecDeque::new(),
            pushed_before: SeqNumber(0),
            got_text: false,
            syn_again: false,
            retransmits: 0,
            dup_acks: 0,
            probes: 0,
            probing: false,
            unacknowledged_text: 0,
            quick_acks: 0,
            fin_ahead: None,
            duplicate: None,
            ts_recent: 0,
            last_ack_sent: SeqNumber(0),
            held_back: None,
            fast_open: None,
            early_text: false,
            error: None,
            wants_room: false,
            write_open: false,
        })
    }

    /// Begins, whatever was here before, around a control block that a call or a SYN has just made.
    ///
    /// Each field is set where it stands: a whole connection, built elsewhere, would have to be copied.
    pub(in crate::tcp) fn begin(
        &mut self,
        begun: &Tcb,
        (local, remote): (SocketAddr, SocketAddr),
        shared: &Arc<Settings>,
    ) {
        // All of them are named here, so that none can be forgotten.
        let Connection {
            tcb,
            settings,
            ip,
            ports,
            negotiated,
            send,
            receive,
            estimator,
            congestion,
            scoreboard,
            timers,
            pending,
            resend,
            timing,
            oldest_sent,
            loss_probed,
            last_small,
            pushes,
            pushed_before,
            got_text,
            syn_again,
            retransmits,
            dup_acks,
            probes,
            probing,
            unacknowledged_text,
            quick_acks,
            fin_ahead,
            duplicate,
            ts_recent,
            last_ack_sent,
            held_back,
            fast_open,
            early_text,
            error,
            wants_room,
            write_open,
        } = self;
        *tcb = *begun;
        if !Arc::ptr_eq(settings, shared) {
            *settings = Arc::clone(shared);
        }
        *ip = header((local.ip(), remote.ip()), shared);
        *ports = (local.port(), remote.port());
        *negotiated = Negotiated::default();
        send.begin(begun.iss + 1);
        receive.clear();
        *estimator = Estimator::new();
        *congestion = Congestion::new(1460, shared.initial_cwnd);
        scoreboard.clear();
        *timers = Timers::default();
        *pending = Pending::default();
        *resend = None;
        *timing = None;
        *oldest_sent = Instant::ZERO;
        *loss_probed = None;
        *last_small = begun.iss;
        pushes.clear();
        *pushed_before = begun.iss + 1;
        (*got_text, *syn_again, *probing, *early_text, *wants_room) = (false, false, false, false, false);
        (*retransmits, *dup_acks, *probes, *unacknowledged_text) = (0, 0, 0, 0);
        *quick_acks = shared.quick_acks;
        *fin_ahead = None;
        *duplicate = None;
        *ts_recent = 0;
        *last_ack_sent = begun.rcv_nxt;
        *held_back = None;
        *fast_open = None;
        *error = None;
        *write_open = true;
        self.negotiated.mss = self.default_mss();
        self.size_text();
    }
}
