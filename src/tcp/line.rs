//! A queue that is emptied as soon as it is filled, so that it lies at the front of its room.

/// Things in the order in which they came.
#[derive(Debug)]
pub(super) struct Line<T> {
    list: Vec<T>,
    /// How many at the front are gone.
    gone: usize,
}

impl<T> Default for Line<T> {
    fn default() -> Self {
        Line { list: Vec::new(), gone: 0 }
    }
}

impl<T: Copy + PartialEq> Line<T> {
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    #[inline]
    pub(super) fn push(&mut self, thing: T) {
        self.list.push(thing);
    }

    #[inline]
    pub(super) fn first(&self) -> Option<T> {
        self.list.get(self.gone).copied()
    }

    /// Takes the first.
    #[inline]
    pub(super) fn pop(&mut self) -> Option<T> {
        let first = self.first()?;
        self.gone += 1;
        if self.gone == self.list.len() {
            self.list.clear();
            self.gone = 0;
        }
        Some(first)
    }

    /// Takes a thing out, wherever it stands.
    pub(super) fn remove(&mut self, thing: T) {
        self.list.drain(..self.gone);
        self.gone = 0;
        self.list.retain(|other| *other != thing);
    }
}
