//! A wire between two ends that loses, duplicates and reorders, by a seed.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use handshake::time::{Duration, Instant};
use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::{SeedableRng, TryRng};

/// What the wire does, in per cent of the packets.
#[derive(Clone, Copy, Debug, Default)]
pub struct Faults {
    pub loss: u32,
    pub duplication: u32,
    pub reorder: u32,
}

/// Packets under way to end 0 or 1, in order of their arrival.
pub struct FaultyWire {
    faults: Faults,
    rng: Pcg64Mcg,
    count: u64,
    under_way: BinaryHeap<Reverse<(Instant, u64, usize, Vec<u8>)>>,
}

const DELAY: Duration = Duration::from_millis(5);

impl FaultyWire {
    pub fn new(faults: Faults, seed: u64) -> Self {
        let rng = Pcg64Mcg::seed_from_u64(seed);
        FaultyWire { faults, rng, count: 0, under_way: BinaryHeap::new() }
    }

    fn happens(&mut self, per_cent: u32) -> bool {
        self.rng.try_next_u32().unwrap() % 100 < per_cent
    }

    pub fn send(&mut self, now: Instant, to: usize, packet: &[u8]) {
        if self.happens(self.faults.loss) {
            return;
        }
        let copies = 1 + usize::from(self.happens(self.faults.duplication));
        for _ in 0..copies {
            let late =
                if self.happens(self.faults.reorder) { Duration::from_millis(13) } else { Duration::ZERO };
            self.count += 1;
            self.under_way.push(Reverse((now + DELAY + late, self.count, to, packet.to_vec())));
        }
    }

    pub fn next_arrival(&self) -> Option<Instant> {
        self.under_way.peek().map(|Reverse((at, ..))| *at)
    }

    pub fn arrive(&mut self, now: Instant) -> Option<(usize, Vec<u8>)> {
        if self.next_arrival()? > now {
            return None;
        }
        self.under_way.pop().map(|Reverse((_, _, to, packet))| (to, packet))
    }
}

/// Octets that differ at every place, so that a hole or a shift shows.
pub fn pattern(len: usize, salt: u8) -> Vec<u8> {
    (0..len).map(|i| (i as u32).wrapping_mul(2_654_435_761).to_be_bytes()[0] ^ salt).collect()
}
