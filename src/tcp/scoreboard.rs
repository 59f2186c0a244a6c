//! What the peer says by SACK that it holds (RFC 2018, RFC 6675).

use crate::wire::{SackBlock, SackBlocks, SeqNumber};

/// The ranges beyond SND.UNA that the peer has reported, in order, none touching another.
#[derive(Clone, Debug, Default)]
pub struct Scoreboard {
    ranges: Vec<SackBlock>,
}

impl Scoreboard {
    /// Takes in a SACK option. Blocks at or below `una` (D-SACK) or beyond `nxt` are passed over.
    /// True when something new was reported.
    pub fn update(&mut self, blocks: &SackBlocks, una: SeqNumber, nxt: SeqNumber) -> bool {
        let before = self.octets();
        for block in blocks.as_slice() {
            let sane = block.left.lt(block.right) && block.left.gt(una) && block.right.le(nxt);
            if sane {
                self.insert(*block);
            }
        }
        self.octets() > before
    }

    fn insert(&mut self, block: SackBlock) {
        let mut merged = block;
        self.ranges.retain(|range| {
            let apart = range.right.lt(merged.left) || merged.right.lt(range.left);
            if !apart {
                merged =
                    SackBlock { left: range.left.min(merged.left), right: range.right.max(merged.right) };
            }
            apart
        });
        let place =
            self.ranges.iter().position(|range| merged.left.lt(range.left)).unwrap_or(self.ranges.len());
        self.ranges.insert(place, merged);
    }

    /// Forgets what the cumulative acknowledgment has passed.
    pub fn acknowledge(&mut self, una: SeqNumber) {
        if self.ranges.is_empty() {
            return;
        }
        self.ranges.retain_mut(|range| {
            range.left = range.left.max(una);
            range.left.lt(range.right)
        });
    }

    /// Forgets everything, as a timeout must (RFC 2018 §8: the receiver may renege).
    pub fn clear(&mut self) {
        self.ranges.clear();
    }

    /// Octets reported.
    pub fn octets(&self) -> u32 {
        self.ranges.iter().map(|range| range.right.since(range.left)).sum()
    }

    /// The first hole at or after `from` that lies below the highest report: its start and length.
    pub fn hole(&self, from: SeqNumber) -> Option<(SeqNumber, u32)> {
        let mut start = from;
        for range in &self.ranges {
            if start.lt(range.left) {
                return Some((start, range.left.since(start)));
            }
            start = start.max(range.right);
        }
        None
    }

    /// Where the reported range that covers `seq` ends, if one does.
    pub fn covers(&self, seq: SeqNumber) -> Option<SeqNumber> {
        self.ranges.iter().find(|range| range.left.le(seq) && seq.lt(range.right)).map(|range| range.right)
    }
}
