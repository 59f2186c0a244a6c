//! Which connections may have something to send, in the order in which that became so.

use crate::tcp::event::Socket;

/// A queue that is nearly always empty or holds one.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    list: Vec<Socket>,
    /// How many at the front are gone.
    gone: usize,
}

impl Waiting {
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    #[inline]
    pub(super) fn push(&mut self, socket: Socket) {
        self.list.push(socket);
    }

    #[inline]
    pub(super) fn first(&self) -> Option<Socket> {
        self.list.get(self.gone).copied()
    }

    /// Takes the first away.
    #[inline]
    pub(super) fn pop(&mut self) {
        self.gone += 1;
        if self.gone >= self.list.len() {
            self.list.clear();
            self.gone = 0;
        }
    }

    /// Takes a socket out, wherever it stands.
    pub(super) fn remove(&mut self, socket: Socket) {
        self.list.drain(..self.gone);
        self.gone = 0;
        self.list.retain(|other| *other != socket);
    }
}
