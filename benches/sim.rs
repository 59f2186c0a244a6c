//! Simulated connections beside smoltcp, in one run: `cargo bench --bench sim`.
//!
//! Each connection is a handshake, a request of 100 octets, an answer of 1000, and a close by both, over
//! IPv4 packets of real octets whose checksums are computed and verified. Ours runs as a scenario in the
//! simulator and records every event; smoltcp runs as two interfaces in memory and records nothing.
//! The contestants take turns, and the median of each is compared: only ratios of one run mean anything.

// A benchmark that cannot be set up has nothing to say.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "sim/ours.rs"]
mod ours;
#[path = "sim/peer.rs"]
mod peer;

use std::time::{Duration, Instant};

const ROUNDS: usize = 9;

struct Contest {
    name: &'static str,
    /// What one run of either contestant amounts to.
    amount: f64,
    unit: &'static str,
    /// The ratio to reach.
    gate: f64,
    ours: Box<dyn FnMut()>,
    peer: Box<dyn FnMut()>,
}

fn timed(work: &mut dyn FnMut()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64()
}

fn main() {
    const ONE_BY_ONE: u32 = 2000;
    const AT_ONCE: u32 = 1000;
    const BULK: usize = 64 << 20;
    let contests = [
        Contest {
            name: "connections, one after another",
            amount: f64::from(ONE_BY_ONE) / 1e3,
            unit: "k/s",
            gate: 1.5,
            ours: ours::one_by_one(ONE_BY_ONE),
            peer: Box::new(|| peer::one_by_one(ONE_BY_ONE)),
        },
        Contest {
            name: "connections, 1000 at once",
            amount: f64::from(AT_ONCE) / 1e3,
            unit: "k/s",
            gate: 5.0,
            ours: ours::at_once(AT_ONCE),
            peer: Box::new(|| peer::at_once(AT_ONCE)),
        },
        Contest {
            name: "bulk, 64 MiB one way",
            amount: BULK as f64 / 1e9,
            unit: "GB/s",
            gate: 1.0,
            ours: ours::bulk(BULK),
            peer: Box::new(|| peer::bulk(BULK)),
        },
    ];
    println!("{:<34}{:>16}{:>16}{:>8}{:>8}", "", "handshake", "smoltcp", "ratio", "gate");
    for Contest { name, amount, unit, gate, mut ours, mut peer } in contests {
        // Once for warm caches and buffers.
        ours();
        peer();
        let (mut our_times, mut peer_times) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            our_times.push(timed(&mut ours));
            peer_times.push(timed(&mut peer));
        }
        let (ours, peer) = (amount / median(our_times), amount / median(peer_times));
        let verdict = if ours / peer >= gate { "" } else { "  below" };
        println!(
            "{name:<34}{:>16}{:>16}{:>7.2}x{:>7.1}x{verdict}",
            format!("{ours:.2} {unit}"),
            format!("{peer:.2} {unit}"),
            ours / peer,
            gate
        );
    }
}
