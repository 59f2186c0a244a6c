//! Capture analysis beside the peers, as whole processes in one run: `cargo bench --bench analyze`.
//!
//! A capture of 100,000 mixed connections is written into a temporary directory (another number may be
//! given: `cargo bench --bench analyze -- 10000`). Then each contestant reads it several times, in turns,
//! with its output thrown away; the medians, the ratios and the peaks of memory are printed. A peer that
//! is not installed is left out, and that is said. Compare only numbers of one run.

mod traffic;

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
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

/// What one run took.
#[derive(Clone, Copy)]
struct Took {
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
    let room = tempfile::tempdir()?;
    let file = room.path().join("traffic.pcap");
    let mut out = BufWriter::with_capacity(1 << 20, File::create(&file)?);
    let (packets, octets) = traffic::write(&mut out, connections)?;
    out.flush()?;
    drop(out);
    println!("{connections} connections, {packets} packets, {} MB", octets / 1_000_000);
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
            Some(Took { time, peak }) => {
                println!("{:<34} {:>8.3} s {:>6} MiB", contestant.name, time.as_secs_f64(), peak / 1024);
            }
            None => println!("{:<34} not installed", contestant.name),
        }
    }
    for (ours, peer, gate) in GATES {
        let (Some(mine), Some(theirs)) = (medians[ours], medians[peer]) else { continue };
        let ratio = theirs.time.as_secs_f64() / mine.time.as_secs_f64();
        let verdict = if ratio >= gate { "reached" } else { "MISSED" };
        println!(
            "{} / {}: {ratio:.1} times as fast (gate {gate}: {verdict})",
            CONTESTANTS[peer].name, CONTESTANTS[ours].name
        );
    }
    Ok(())
}

fn median(runs: &mut [Took]) -> Option<Took> {
    runs.sort_unstable_by_key(|took| took.time);
    let peak = runs.iter().map(|took| took.peak).max()?;
    runs.get(runs.len() / 2).map(|took| Took { peak, ..*took })
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
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    // The kernel remembers the peak, so the last look before the end tells it nearly to the page.
    let done = loop {
        if let Some(done) = child.try_wait()? {
            break done;
        }
        peak = peak.max(high_water(&status).unwrap_or(0));
        std::thread::sleep(Duration::from_millis(1));
    };
    let time = began.elapsed();
    if done.success() {
        Ok(Took { time, peak })
    } else {
        Err(std::io::Error::other(format!("{} failed: {done}", contestant.name)))
    }
}

fn high_water(status: &str) -> Option<u64> {
    let text = fs::read_to_string(status).ok()?;
    let line = text.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
