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
        let (place, [there, back]) = self.find(from, to);
        let Some((_, ways)) = place.and_then(|place| self.all.get(place)) else { return [None; 2] };
        [ways[there].as_ref(), ways[back].as_ref()]
    }

    /// Both directions to be changed, and which of them leads from `from` to `to` and which back.
    pub(crate) fn entry(&mut self, from: SocketAddr, to: SocketAddr) -> (&mut [Option<T>; 2], [usize; 2]) {
        let (place, there_and_back) = self.find(from, to);
        self.latest = place.unwrap_or_else(|| {
            let (ends, _) = sorted(from, to);
            self.all.push((ends, [None, None]));
            self.places.insert(ends, self.all.len() - 1);
            self.all.len() - 1
        });
        (&mut self.all[self.latest].1, there_and_back)
    }

    /// The place of these two ends, if they have one, and which direction leads there and which back.
    fn find(&self, from: SocketAddr, to: SocketAddr) -> (Option<usize>, [usize; 2]) {
        match self.all.get(self.latest) {
            Some(([low, high], _)) if *low == from && *high == to => (Some(self.latest), forth(from != to)),
            Some(([low, high], _)) if *low == to && *high == from => (Some(self.latest), [1, 0]),
            _ => {
                let (ends, there_and_back) = sorted(from, to);
                (self.places.get(&ends).copied(), there_and_back)
            }
        }
    }
}

/// Two ends in an order of their own, and the places of the directions there and back.
fn sorted(from: SocketAddr, to: SocketAddr) -> ([SocketAddr; 2], [usize; 2]) {
    if from <= to { ([from, to], forth(from != to)) } else { ([to, from], [1, 0]) }
}

/// The first direction there, and the second back if there is one.
fn forth(two: bool) -> [usize; 2] {
    [0, usize::from(two)]
}
