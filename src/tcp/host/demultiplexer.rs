//! Which connection a segment belongs to.

use rustc_hash::FxHashMap;

use super::Ends;
use crate::tcp::event::Socket;

/// The connections by their ends. The one found last is looked at first: segments come in trains.
#[derive(Debug, Default)]
pub(super) struct Demultiplexer {
    table: FxHashMap<Ends, Socket>,
    last: Option<(Ends, Socket)>,
}

impl Demultiplexer {
    /// The connection between these ends, for a segment that arrives.
    #[inline]
    pub(super) fn find(&mut self, ends: &Ends) -> Option<Socket> {
        if let Some((last, socket)) = &self.last
            && last == ends
        {
            return Some(*socket);
        }
        let socket = *self.table.get(ends)?;
        self.last = Some((*ends, socket));
        Some(socket)
    }

    /// The connection between these ends.
    pub(super) fn get(&self, ends: &Ends) -> Option<Socket> {
        self.table.get(ends).copied()
    }

    pub(super) fn insert(&mut self, ends: Ends, socket: Socket) {
        self.last = None;
        self.table.insert(ends, socket);
    }

    /// Forgets a connection, unless another one has taken its place.
    pub(super) fn remove(&mut self, ends: &Ends, socket: Socket) {
        if self.get(ends) == Some(socket) {
            self.last = None;
            self.table.remove(ends);
        }
    }

    /// Whether any connection has this local port. Looks at every one.
    pub(super) fn has_local_port(&self, port: u16) -> bool {
        self.table.keys().any(|ends| ends.local_port() == port)
    }
}
