//! Capture analysis beside the peers, as whole processes in one run: `cargo bench --bench analyze`.
//!
//! A capture of 100,000 mixed connections is written into a temporary directory (another number may be
//! given: `cargo bench --bench analyze -- 10000`). Then each contestant reads it several times, in turns,
//! with its output thrown away; the medians, the ratios and the peaks of memory are printed. Ratios are of
//! the time on a processor, which a busy machine disturbs least. A peer that is not installed is left
//! out, and that is said. Compare only numbers of one run. `-- write FILE` only writes the capture;
//! `-- phases FILE` tells where the time goes.

mod phases;
mod traffic;

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

/// How often each contestant runs.
const ROUNDS: usize = 5;

/// A program with its arguments; the capture's path is put last.
struct Contestant {
    name: &'static str,
    program: &'static str,
    arguments: &'static [&'static str],
}

const OURS: &str = env!("CARGO_BIN_EXE_handshake");

const CONTESTANTS: [Contestant; 5] = [
    Contestant { name: "handshake read", program: OURS, arguments: &["read"] },
    Contestant {
        name: "handshake read, a line a packet",
        program: OURS,
        arguments: &["read", "--format", "tsv"],
    },
    Contestant {
        name: "tshark, conversations",
        program: "tshark",
        arguments: &["-n", "-q", "-z", "conv,tcp", "-r"],
    },
    Contestant { name: "tcptrace, brief", program: "tcptrace", arguments: &["-n", "-b"] },
    Contestant { name: "tcpdump, text", program: "tcpdump", arguments: &["-nn", "-r"] },
];

/// Ours against a peer, and the least ratio that is good enough.
const GATES: [(usize, usize, f64); 3] = [(0, 2, 40.0), (0, 3, 7.0), (1, 4, 15.0)];

/// The mebibytes that are enough for 100,000 connections.
const MEMORY: u64 = 64;

/// What one run took.
#[derive(Clone, Copy, Default)]
struct Took {
    /// On a processor.
    busy: Duration,
    /// From start to end.
    time: Duration,
    /// The most memory that was resident, in KiB.
    peak: u64,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> std::io::Result<()> {
    let connections = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(100_000);
    if let Some(file) = std::env::args().skip_while(|argument| argument != "phases").nth(1) {
        return phases::show(Path::new(&file));
    }
    let room = tempfile::tempdir()?;
    let wanted = std::env::args().skip_while(|argument| argument != "write").nth(1);
    let file = wanted.as_ref().map_or_else(|| room.path().join("traffic.pcap"), PathBuf::from);
    let mut out = BufWriter::with_capacity(1 << 20, File::create(&file)?);
    let (packets, octets) = traffic::write(&mut out, connections)?;
    out.flush()?;
    drop(out);
    println!("{connections} connections, {packets} packets, {} MB", octets / 1_000_000);
    if wanted.is_some() {
        return Ok(());
    }
    // Once, so that the file is in memory for the first contestant as for the last.
    fs::read(&file)?;
    let mut runs: Vec<Vec<Took>> = CONTESTANTS.iter().map(|_| Vec::new()).collect();
    for _ in 0..ROUNDS {
        for (contestant, runs) in CONTESTANTS.iter().zip(&mut runs) {
            match time(contestant, &file) {
                Ok(took) => runs.push(took),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
    }
    let medians: Vec<Option<Took>> = runs.iter_mut().map(|runs| median(runs)).collect();
    for (contestant, median) in CONTESTANTS.iter().zip(&medians) {
        match median {
            Some(Took { busy, time, peak }) => println!(
                "{:<34} {:>8.3} s busy {:>8.3} s in all {:>6} MiB",
                contestant.name,
                busy.as_secs_f64(),
                time.as_secs_f64(),
                peak / 1024
            ),
            None => println!("{:<34} not installed", contestant.name),
        }
    }
    for (ours, peer, gate) in GATES {
        let (Some(mine), Some(theirs)) = (medians[ours], medians[peer]) else { continue };
        let ratio = theirs.busy.as_secs_f64() / mine.busy.as_secs_f64();
        let verdict = if ratio >= gate { "" } else { ", MISSED" };
        println!(
            "{} vs {}: {ratio:.1}× (gate {gate}×{verdict})",
            CONTESTANTS[ours].name, CONTESTANTS[peer].name
        );
    }
    if let Some(mine) = medians[0] {
        let peak = mine.peak.div_ceil(1024);
        let verdict = if peak <= MEMORY { "" } else { ", MISSED" };
        println!("{}, peak memory: {peak} MiB (gate {MEMORY} MiB{verdict})", CONTESTANTS[0].name);
    }
    Ok(())
}

fn median(runs: &mut [Took]) -> Option<Took> {
    let peak = runs.iter().map(|took| took.peak).max()?;
    let mut middle = |key: fn(&Took) -> Duration| {
        runs.sort_unstable_by_key(key);
        key(&runs[runs.len() / 2])
    };
    Some(Took { busy: middle(|took| took.busy), time: middle(|took| took.time), peak })
}

/// Runs a contestant to its end.
fn time(contestant: &Contestant, file: &Path) -> std::io::Result<Took> {
    let began = Instant::now();
    let mut child = Command::new(contestant.program)
        .args(contestant.arguments)
        .arg(file)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let process = PathBuf::from(format!("/proc/{}", child.id()));
    let mut took = Took::default();
    // The kernel counts both up, so the last look before the end tells them nearly to the end.
    let done = loop {
        if let Some(done) = child.try_wait()? {
            break done;
        }
        took.peak = took.peak.max(high_water(&process).unwrap_or(0));
        took.busy = took.busy.max(on_processor(&process).unwrap_or_default());
        std::thread::sleep(Duration::from_micros(500));
    };
    took.time = began.elapsed();
    if done.success() {
        Ok(took)
    } else {
        Err(std::io::Error::other(format!("{} failed: {done}", contestant.name)))
    }
}

fn on_processor(process: &Path) -> Option<Duration> {
    let text = fs::read_to_string(process.join("schedstat")).ok()?;
    text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

fn high_water(process: &Path) -> Option<u64> {
    let text = fs::read_to_string(process.join("status")).ok()?;
    let line = text.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
