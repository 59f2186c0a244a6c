//! A listener's two queues (RFC 4987 §3; `listen(2)`).

use std::collections::VecDeque;
use std::net::SocketAddr;

use super::event::Socket;
use super::settings::Settings;

/// A passive OPEN that many peers may answer.
#[derive(Debug)]
pub(super) struct Listener {
    pub(super) local: SocketAddr,
    /// The backlog asked for, cut to the host's limit.
    backlog: u32,
    /// Half-open children.
    pub(super) half_open: u32,
    /// Open children that nobody has accepted yet.
    pub(super) accept_queue: VecDeque<Socket>,
    /// Cookies have been sent, so an acknowledgment may bring one back.
    pub(super) cookies_sent: bool,
}

impl Listener {
    pub(super) fn new(local: SocketAddr, backlog: u32, settings: &Settings) -> Self {
        Listener {
            local,
            backlog: backlog.min(settings.somaxconn),
            half_open: 0,
            accept_queue: VecDeque::new(),
            cookies_sent: false,
        }
    }

    /// How many open connections may wait to be accepted.
    pub(super) fn accept_limit(&self, settings: &Settings) -> u32 {
        (self.backlog + settings.backlog_extra).max(1)
    }

    /// How many half-open connections there may be.
    pub(super) fn syn_limit(&self, settings: &Settings) -> u32 {
        (self.backlog + settings.backlog_extra).max(1).min(settings.max_syn_backlog)
    }

    pub(super) fn accept_queue_full(&self, settings: &Settings) -> bool {
        self.accept_queue.len() as u32 >= self.accept_limit(settings)
    }

    pub(super) fn syn_queue_full(&self, settings: &Settings) -> bool {
        self.half_open >= self.syn_limit(settings)
    }
}
