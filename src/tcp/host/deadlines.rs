//! Which connection has to be woken next: a heap whose entries may be out of date.
//!
//! A deadline that moves later leaves its entry where it is; the entry is put right when it comes up.
//! So the many acknowledgments that restart a retransmission timer cost nothing here. Each connection
//! knows the earliest entry it has (in its [`Timers`](crate::tcp::timers::Timers)), so that it need not be looked for.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::{Endpoint, Host, Slot};
use crate::tcp::event::Socket;
use crate::time::Instant;

#[derive(Debug, Default)]
pub(super) struct Deadlines {
    heap: BinaryHeap<Reverse<(Instant, Socket)>>,
}

impl Deadlines {
    /// Notes that a socket is to be woken at `at`.
    pub(super) fn push(&mut self, socket: Socket, at: Instant) {
        self.heap.push(Reverse((at, socket)));
    }

    /// When something may be due: never later than the earliest true deadline.
    #[inline]
    pub(super) fn earliest(&self) -> Option<Instant> {
        self.heap.peek().map(|Reverse((at, _))| *at)
    }
}

impl Host {
    /// The earliest true deadline. Entries before it are put right on the way.
    pub(super) fn next_deadline(&mut self) -> Option<(Instant, Socket)> {
        let Host { sockets, deadlines, .. } = self;
        loop {
            let Reverse((at, socket)) = *deadlines.heap.peek()?;
            let Some(Some(Slot { endpoint: Endpoint::Connection(connection), .. })) =
                sockets.get_mut(socket.0 as usize)
            else {
                deadlines.heap.pop();
                continue;
            };
            let timers = connection.timers_mut();
            let stale = !timers.is_noted(at);
            if !stale && timers.next().is_some_and(|deadline| deadline <= at) {
                return Some((at, socket));
            }
            deadlines.heap.pop();
            if !stale && let Some(deadline) = timers.note_again() {
                deadlines.push(socket, deadline);
            }
        }
    }

    /// Takes the socket that [`next_deadline`](Self::next_deadline) has just given out of the heap.
    pub(super) fn take_deadline(&mut self, socket: Socket) {
        self.deadlines.heap.pop();
        if let Some(Some(Slot { endpoint: Endpoint::Connection(connection), .. })) =
            self.sockets.get_mut(socket.0 as usize)
        {
            connection.timers_mut().forget_note();
        }
    }
}
