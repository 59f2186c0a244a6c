//! Which connection has to be woken next: a heap whose entries may be out of date.
//!
//! A deadline that moves later leaves its entry where it is; the entry is put right when it comes up.
//! So the many acknowledgments that restart a retransmission timer cost nothing here.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::tcp::event::Socket;
use crate::time::Instant;

#[derive(Debug, Default)]
pub(super) struct Deadlines {
    heap: BinaryHeap<Reverse<(Instant, Socket)>>,
    /// The earliest entry in the heap for each socket.
    noted: Vec<Option<Instant>>,
}

impl Deadlines {
    /// Notes that a socket is to be woken at `at` or, by an older entry, before.
    pub(super) fn note(&mut self, socket: Socket, at: Instant) {
        let index = socket.0 as usize;
        if self.noted.len() <= index {
            self.noted.resize(index + 1, None);
        }
        if self.noted[index].is_none_or(|noted| at < noted) {
            self.noted[index] = Some(at);
            self.heap.push(Reverse((at, socket)));
        }
    }

    /// When something may be due: never later than the earliest true deadline.
    #[inline]
    pub(super) fn earliest(&self) -> Option<Instant> {
        self.heap.peek().map(|Reverse((at, _))| *at)
    }

    /// The earliest true deadline; `deadline_of` tells a socket's own.
    pub(super) fn next(
        &mut self,
        deadline_of: impl Fn(Socket) -> Option<Instant>,
    ) -> Option<(Instant, Socket)> {
        loop {
            let Reverse((at, socket)) = *self.heap.peek()?;
            let noted = self.noted.get_mut(socket.0 as usize)?;
            let deadline = deadline_of(socket);
            if *noted == Some(at) && deadline.is_some_and(|deadline| deadline <= at) {
                return Some((at, socket));
            }
            self.heap.pop();
            if *noted == Some(at) {
                *noted = None;
                if let Some(deadline) = deadline {
                    self.note(socket, deadline);
                }
            }
        }
    }

    /// Takes the socket that [`next`](Self::next) has just given out of the heap.
    pub(super) fn take(&mut self) {
        if let Some(Reverse((_, socket))) = self.heap.pop()
            && let Some(noted) = self.noted.get_mut(socket.0 as usize)
        {
            *noted = None;
        }
    }
}
