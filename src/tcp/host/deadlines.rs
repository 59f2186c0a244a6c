//! Which connection has to be woken next: a heap whose entries may be out of date.
//!
//! A deadline that moves later leaves its entry where it is; the entry is put right when it comes up.
//! So the many acknowledgments that restart a retransmission timer cost nothing here. One that moves
//! earlier is noted only when somebody asks: by then most delayed ACKs have gone out. Each connection knows
//! the earliest entry it has (in its [`Timers`](crate::tcp::timers::Timers)).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::{Endpoint, Host, Slot};
use crate::tcp::connection::Connection;
use crate::tcp::event::Socket;
use crate::time::Instant;

#[derive(Debug, Default)]
pub(super) struct Deadlines {
    heap: BinaryHeap<Reverse<(Instant, Socket)>>,
    /// Connections that may have a deadline before what is noted of them.
    unsettled: Vec<Socket>,
}

impl Deadlines {
    /// Something was done to a connection: its timers may have to be looked at.
    #[inline]
    pub(super) fn touch(&mut self, socket: Socket, connection: &mut Connection) {
        if connection.timers_mut().needs_note() {
            self.unsettled.push(socket);
        }
    }
}

impl Host {
    /// When something may be due: never later than the earliest true deadline.
    pub(super) fn earliest_deadline(&mut self) -> Option<Instant> {
        self.note_deadlines();
        self.deadlines.heap.peek().map(|Reverse((at, _))| *at)
    }

    /// Notes what has become earlier since the last time.
    #[inline]
    fn note_deadlines(&mut self) {
        let Host { sockets, deadlines, .. } = self;
        let Deadlines { heap, unsettled } = deadlines;
        for socket in unsettled.drain(..) {
            if let Some(Some(Slot { endpoint: Endpoint::Connection(connection), .. })) =
                sockets.get_mut(socket.0 as usize)
                && let Some(at) = connection.timers_mut().note_earlier()
            {
                heap.push(Reverse((at, socket)));
            }
        }
    }

    /// The earliest true deadline. Entries before it are put right on the way.
    pub(super) fn next_deadline(&mut self) -> Option<(Instant, Socket)> {
        self.note_deadlines();
        let Host { sockets, deadlines, .. } = self;
        let heap = &mut deadlines.heap;
        loop {
            let Reverse((at, socket)) = *heap.peek()?;
            let Some(Some(Slot { endpoint: Endpoint::Connection(connection), .. })) =
                sockets.get_mut(socket.0 as usize)
            else {
                heap.pop();
                continue;
            };
            let timers = connection.timers_mut();
            let stale = !timers.is_noted(at);
            if !stale && timers.next().is_some_and(|deadline| deadline <= at) {
                return Some((at, socket));
            }
            heap.pop();
            if !stale && let Some(deadline) = timers.note_again() {
                heap.push(Reverse((deadline, socket)));
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
