//! A window over a stream: the octets from some offset on, as many as were asked for.

use std::io::{self, ErrorKind, Read};

/// Octets held at first; a longer record makes the window grow, but only as its octets arrive.
const WINDOW: usize = 1 << 16;

pub(super) struct Source<R> {
    inner: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// Where the buffer's first octet lies in the stream.
    offset: u64,
    ended: bool,
}

impl<R: Read> Source<R> {
    pub(super) fn new(inner: R) -> Self {
        Source { inner, buffer: vec![0; WINDOW], start: 0, end: 0, offset: 0, ended: false }
    }

    /// The octets at hand.
    #[inline]
    pub(super) fn data(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// Where [`data`](Self::data) starts in the stream.
    pub(super) fn offset(&self) -> u64 {
        self.offset + self.start as u64
    }

    /// Whether so many octets are at hand.
    #[inline]
    pub(super) fn is_at_hand(&self, needed: usize) -> bool {
        self.end - self.start >= needed
    }

    /// Makes at least `needed` octets be at hand; false when the stream ends before.
    #[inline]
    pub(super) fn fill(&mut self, needed: usize) -> io::Result<bool> {
        if self.is_at_hand(needed) { Ok(true) } else { self.refill(needed) }
    }

    /// Goes past octets that are at hand.
    #[inline]
    pub(super) fn consume(&mut self, len: usize) {
        self.start = (self.start + len).min(self.end);
    }

    /// The `len` octets that were consumed last; they are there until the next [`fill`](Self::fill).
    #[inline]
    pub(super) fn behind(&self, len: usize) -> &[u8] {
        self.buffer.get(self.start.saturating_sub(len)..self.start).unwrap_or_default()
    }

    /// Goes past octets that need not be at hand; says how many there were.
    pub(super) fn skip(&mut self, len: u64) -> io::Result<u64> {
        let mut left = len;
        while left > 0 && self.fill(1)? {
            let here = usize::try_from(left).unwrap_or(usize::MAX).min(self.end - self.start);
            self.consume(here);
            left -= here as u64;
        }
        Ok(len - left)
    }

    #[cold]
    fn refill(&mut self, needed: usize) -> io::Result<bool> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.offset += self.start as u64;
        self.end -= self.start;
        self.start = 0;
        while self.end < needed && !self.ended {
            if self.end == self.buffer.len() {
                self.buffer.resize(self.buffer.len() * 2, 0);
            }
            let room = self.buffer.get_mut(self.end..).unwrap_or_default();
            match self.inner.read(room) {
                Ok(0) => self.ended = true,
                Ok(len) => self.end += len.min(room.len()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(self.end >= needed)
    }
}
