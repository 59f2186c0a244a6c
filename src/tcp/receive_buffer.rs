//! Text that was received: in order for the user, and held ahead of gaps.

use crate::wire::{SackBlock, SeqNumber};

/// Octets for the user, and pieces beyond the first gap.
#[derive(Clone, Debug, Default)]
pub struct ReceiveBuffer {
    head: usize,
    ready: Vec<u8>,
    /// Pieces ahead of a gap, in order of their numbers, none touching another.
    held: Vec<Piece>,
    held_octets: usize,
}

#[derive(Clone, Debug)]
struct Piece {
    start: SeqNumber,
    octets: Vec<u8>,
    /// When it last grew: the newest is reported first by SACK.
    age: u64,
}

impl Piece {
    fn end(&self) -> SeqNumber {
        self.start + self.octets.len() as u32
    }
}

impl ReceiveBuffer {
    /// Takes octets in order.
    pub fn push(&mut self, octets: &[u8]) {
        if self.head > 0 && self.head >= self.ready.len() / 4 * 3 {
            self.ready.drain(..self.head);
            self.head = 0;
        }
        self.ready.extend_from_slice(octets);
    }

    /// Octets that the user can read now.
    pub fn readable(&self) -> usize {
        self.ready.len() - self.head
    }

    /// Octets held in all.
    pub fn occupied(&self) -> usize {
        self.readable() + self.held_octets
    }

    /// Whether text is held ahead of a gap.
    pub fn has_held(&self) -> bool {
        !self.held.is_empty()
    }

    /// Lends the user at most `max` octets, which are gone then, and says how many.
    pub fn read(&mut self, max: usize, user: impl FnOnce(&[u8])) -> usize {
        let len = max.min(self.readable());
        user(&self.ready[self.head..self.head + len]);
        self.head += len;
        if self.head == self.ready.len() {
            self.head = 0;
            self.ready.clear();
        }
        len
    }

    /// Holds text ahead of a gap. Gives the part that was held before, for a D-SACK.
    pub fn hold(&mut self, start: SeqNumber, octets: &[u8]) -> Option<SackBlock> {
        let age = self.held.iter().map(|piece| piece.age + 1).max().unwrap_or(0);
        let mut merged = Piece { start, octets: octets.to_vec(), age };
        let end = merged.end();
        let mut duplicate: Option<SackBlock> = None;
        let mut kept = Vec::with_capacity(self.held.len() + 1);
        for piece in self.held.drain(..) {
            if piece.end().lt(merged.start) || merged.end().lt(piece.start) {
                kept.push(piece);
                continue;
            }
            let (left, right) = (piece.start.max(start), piece.end().min(end));
            if left.lt(right) {
                duplicate.get_or_insert(SackBlock { left, right });
            }
            merged = join(merged, piece);
        }
        let place = kept.iter().position(|piece| merged.start.lt(piece.start)).unwrap_or(kept.len());
        kept.insert(place, merged);
        self.held = kept;
        self.held_octets = self.held.iter().map(|piece| piece.octets.len()).sum();
        duplicate
    }

    /// Moves held text that `rcv_nxt` has reached to the user, and says where the text now ends.
    pub fn fill(&mut self, rcv_nxt: SeqNumber) -> SeqNumber {
        let mut next = rcv_nxt;
        while let Some(piece) = self.held.first() {
            if next.lt(piece.start) {
                break;
            }
            let piece = self.held.remove(0);
            self.held_octets -= piece.octets.len();
            let skip = (next.since(piece.start) as usize).min(piece.octets.len());
            if next.lt(piece.end()) {
                self.push(&piece.octets[skip..]);
                next = piece.end();
            }
        }
        next
    }

    /// The held pieces as SACK blocks, the one that grew last first (RFC 2018 §4).
    pub fn blocks(&self) -> impl Iterator<Item = SackBlock> {
        let mut order: Vec<&Piece> = self.held.iter().collect();
        order.sort_by_key(|piece| std::cmp::Reverse(piece.age));
        order.into_iter().map(|piece| SackBlock { left: piece.start, right: piece.end() })
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.head = 0;
        self.ready.clear();
        self.held.clear();
        self.held_octets = 0;
    }
}

/// Two pieces that touch or overlap, as one; the octets of overlaps are the same or the first wins.
fn join(a: Piece, b: Piece) -> Piece {
    let age = a.age.max(b.age);
    let (mut first, second) = if a.start.le(b.start) { (a, b) } else { (b, a) };
    let overlap = first.end().since(second.start) as usize;
    if overlap < second.octets.len() {
        first.octets.extend_from_slice(&second.octets[overlap..]);
    }
    first.age = age;
    first
}
