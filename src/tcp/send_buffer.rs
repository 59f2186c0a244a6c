//! Text that waits to be sent or acknowledged.

use std::ops::Range;

use crate::wire::SeqNumber;

/// Octets in order of their numbers, contiguous so that any part can be lent as one slice.
#[derive(Clone, Debug, Default)]
pub struct SendBuffer {
    base: SeqNumber,
    /// The number after the last octet held.
    end: SeqNumber,
    head: usize,
    bytes: Vec<u8>,
}

impl SendBuffer {
    /// Forgets what it held: the first octet will have the number `base`.
    pub fn begin(&mut self, base: SeqNumber) {
        (self.base, self.end, self.head) = (base, base, 0);
        self.bytes.clear();
    }

    /// Appends octets, however many.
    pub fn push(&mut self, octets: &[u8]) {
        // The less is left to be moved, the cheaper.
        if self.head > 0 && self.head >= self.bytes.len() / 4 * 3 {
            self.bytes.drain(..self.head);
            self.head = 0;
        }
        self.bytes.extend_from_slice(octets);
        self.end += octets.len() as u32;
    }

    /// Octets held.
    pub fn len(&self) -> usize {
        self.bytes.len() - self.head
    }

    /// The number after the last octet held.
    #[inline]
    pub fn end(&self) -> SeqNumber {
        self.end
    }

    /// Drops what lies before `una`.
    pub fn acknowledge(&mut self, una: SeqNumber) {
        if una.gt(self.base) {
            let octets = (una.since(self.base) as usize).min(self.len());
            self.head += octets;
            self.base += octets as u32;
        }
        if self.head == self.bytes.len() {
            self.head = 0;
            self.bytes.clear();
        }
    }

    /// Where in the buffer the octets from `seq` on lie, at most `len`.
    pub fn locate(&self, seq: SeqNumber, len: u32) -> Range<usize> {
        let start = (self.head + seq.since(self.base) as usize).min(self.bytes.len());
        start..(start + len as usize).min(self.bytes.len())
    }

    /// The octets at a place found by [`locate`](Self::locate).
    pub fn slice(&self, place: Range<usize>) -> &[u8] {
        self.bytes.get(place).unwrap_or(&[])
    }
}
