//! What is known about each direction between two ends.

use std::net::SocketAddr;

use rustc_hash::FxHashMap;

/// Something for each direction between two ends: what goes from the one to the other, and back.
///
/// Both directions are found with one look, and without one as long as it is the same two ends: a
/// timeline is mostly about one connection at a time.
#[derive(Clone, Debug)]
pub(crate) struct BothWays<T> {
    all: Vec<([SocketAddr; 2], [Option<T>; 2])>,
    places: FxHashMap<[SocketAddr; 2], usize>,
    /// The place that was changed last.
    latest: usize,
}

impl<T> Default for BothWays<T> {
    fn default() -> Self {
        BothWays { all: Vec::new(), places: FxHashMap::default(), latest: 0 }
    }
}

impl<T> BothWays<T> {
    /// What there is from `from` to `to`, then what there is back. An end that talks to itself has one direction.
    pub(crate) fn get(&self, from: SocketAddr, to: SocketAddr) -> [Option<&T>; 2] {
        let (ends, [there, back]) = sorted(from, to);
        let Some((_, ways)) = self.find(ends).and_then(|place| self.all.get(place)) else { return [None; 2] };
        [ways[there].as_ref(), ways[back].as_ref()]
    }

    /// Both directions to be changed, and which of them leads from `from` to `to` and which back.
    pub(crate) fn entry(&mut self, from: SocketAddr, to: SocketAddr) -> (&mut [Option<T>; 2], [usize; 2]) {
        let (ends, there_and_back) = sorted(from, to);
        self.latest = self.find(ends).unwrap_or_else(|| {
            self.all.push((ends, [None, None]));
            self.places.insert(ends, self.all.len() - 1);
            self.all.len() - 1
        });
        (&mut self.all[self.latest].1, there_and_back)
    }

    fn find(&self, ends: [SocketAddr; 2]) -> Option<usize> {
        let is_latest = self.all.get(self.latest).is_some_and(|(known, _)| *known == ends);
        if is_latest { Some(self.latest) } else { self.places.get(&ends).copied() }
    }
}

/// Two ends in an order of their own, and the places of the directions there and back.
fn sorted(from: SocketAddr, to: SocketAddr) -> ([SocketAddr; 2], [usize; 2]) {
    if from <= to { ([from, to], [0, usize::from(from != to)]) } else { ([to, from], [1, 0]) }
}
