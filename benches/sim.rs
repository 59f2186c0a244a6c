//! Simulated connections beside smoltcp, in one run: `cargo bench --bench sim`.
//!
//! Each connection is a handshake, a request of 100 octets, an answer of 1000, and a close by both, over
//! IPv4 packets of real octets whose checksums are computed and verified. Ours runs as two hosts in memory,
//! as smoltcp's two interfaces do, and once more as a scenario in the simulator, with the script's
//! programs and links; both record every event, smoltcp records nothing.
//! The contestants take turns, and the fastest of each is compared: on a shared machine that is what the code
//! costs, and the rest is what the neighbours cost. Only ratios of one run mean anything.

// A benchmark that cannot be set up has nothing to say.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "sim/ours.rs"]
mod ours;
#[path = "sim/pair.rs"]
mod pair;
#[path = "sim/peer.rs"]
mod peer;

use std::time::{Duration, Instant};

const ROUNDS: usize = 25;

struct Contest {
    name: &'static str,
    /// What one run of either contestant amounts to.
    amount: f64,
    unit: &'static str,
    /// The ratio to reach, if one is set.
    gate: Option<f64>,
    ours: Box<dyn FnMut()>,
    peer: Box<dyn FnMut()>,
}

fn timed(work: &mut dyn FnMut()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn fastest(times: &[Duration]) -> f64 {
    times.iter().min().unwrap().as_secs_f64()
}

fn main() {
    const ONE_BY_ONE: u32 = 2000;
    const AT_ONCE: u32 = 1000;
    const BULK: usize = 64 << 20;
    type Work = Box<dyn FnMut()>;
    let contest = |name, amount: f64, unit, gate, ours: Work, peer: Work| Contest {
        name,
        amount,
        unit,
        gate,
        ours,
        peer,
    };
    let one_by_one = |name, gate, ours| {
        let peer = Box::new(|| peer::one_by_one(ONE_BY_ONE));
        contest(name, f64::from(ONE_BY_ONE) / 1e3, "k/s", gate, ours, peer)
    };
    let at_once = |name, gate, ours| {
        let peer = Box::new(|| peer::at_once(AT_ONCE));
        contest(name, f64::from(AT_ONCE) / 1e3, "k/s", gate, ours, peer)
    };
    let bulk = |name, gate, ours| {
        contest(name, BULK as f64 / 1e9, "GB/s", gate, ours, Box::new(|| peer::bulk(BULK)))
    };
    let contests = [
        one_by_one("connections, one after another", Some(1.5), pair::one_by_one(ONE_BY_ONE)),
        one_by_one("  as a scenario", None, ours::one_by_one(ONE_BY_ONE)),
        at_once("connections, 1000 at once", Some(5.0), pair::at_once(AT_ONCE)),
        at_once("  as a scenario", None, ours::at_once(AT_ONCE)),
        bulk("bulk, 64 MiB one way", Some(1.0), pair::bulk(BULK)),
        bulk("  as a scenario", None, ours::bulk(BULK)),
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
        let (ours, peer) = (amount / fastest(&our_times), amount / fastest(&peer_times));
        let verdict = match gate {
            None => String::new(),
            Some(gate) if ours / peer >= gate => format!("{gate:>7.1}x"),
            Some(gate) => format!("{gate:>7.1}x  below"),
        };
        println!(
            "{name:<34}{:>16}{:>16}{:>7.2}x{verdict}",
            format!("{ours:.2} {unit}"),
            format!("{peer:.2} {unit}"),
            ours / peer,
        );
    }
}
