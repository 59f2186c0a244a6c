//! How long whole programs take to start and end, beside the peers in one run: `cargo bench --bench start`.
//!
//! The contestants take turns, their output is thrown away, and the fastest and the median time of each are
//! printed. The gates of `docs/performance.md` are for the fastest: the rest is what the neighbours cost.
//! The smallest program there is (`true`) tells what starting any program costs on this machine. A peer
//! that is not installed is left out, and that is said.

// A benchmark that cannot be set up has nothing to say.
#![allow(clippy::unwrap_used)]

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use handshake::scenario::Scenario;
use handshake::wire::capture::PcapngWriter;
use handshake::wire::{LinkType, encode_ip};
use handshake::{sim, timeline};

const OURS: &str = env!("CARGO_BIN_EXE_handshake");
const ROUNDS: usize = 60;

/// A connection of about a thousand packets.
const SCENARIO: &str = r#"
title = { en = "A long transfer", zh = "长传输" }
notes = { en = "Many segments.", zh = "很多报文段。" }
[hosts]
client = { addr = "10.0.0.1", isn = 1000 }
server = { addr = "10.0.0.2", isn = 5000 }
[link]
delay = "1ms"
[[script]]
at = "0ms"
do = ["server listen 80", "server accept"]
[[script]]
at = "1ms"
do = ["client connect server:80", "client send 980000", "client close"]
[[script]]
at = "10ms"
do = ["server recv all", "server close"]
"#;

/// A name, the program with its arguments, and the milliseconds that are good enough.
type Contestant<'a> = (&'a str, Vec<&'a str>, Option<f64>);

fn main() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("thousand.pcapng");
    let packets = write(&path);
    let file = path.to_str().unwrap();
    println!("a capture of {packets} packets in one connection");
    let contestants: [Contestant<'_>; 9] = [
        ("true", vec!["true"], None),
        ("handshake --version", vec![OURS, "--version"], Some(1.5)),
        ("tcpdump --version", vec!["tcpdump", "--version"], None),
        ("handshake run three-way", vec![OURS, "run", "three-way"], None),
        ("handshake read", vec![OURS, "read", file], None),
        ("handshake read --format tsv", vec![OURS, "read", file, "--format", "tsv"], None),
        ("handshake read --connection 0", vec![OURS, "read", file, "--connection", "0"], Some(3.0)),
        ("tcptrace", vec!["tcptrace", "-n", "-b", file], None),
        ("tcpdump -r", vec!["tcpdump", "-nn", "-r", file], None),
    ];
    let mut times: Vec<Vec<Duration>> = vec![Vec::new(); contestants.len()];
    for _ in 0..ROUNDS {
        for ((_, command, _), times) in contestants.iter().zip(&mut times) {
            times.extend(time(command));
        }
    }
    println!("{:<34}{:>12}{:>12}{:>10}", "", "fastest", "median", "gate");
    for ((name, _, gate), times) in contestants.iter().zip(&mut times) {
        times.sort_unstable();
        let (Some(fastest), Some(median)) = (times.first(), times.get(times.len() / 2)) else {
            println!("{name:<34} not installed");
            continue;
        };
        let milliseconds = |time: &Duration| time.as_secs_f64() * 1e3;
        let verdict = gate.map_or(String::new(), |gate| {
            format!("{gate:>7.1} ms{}", if milliseconds(fastest) <= gate { "" } else { "  MISSED" })
        });
        println!("{name:<34}{:>9.2} ms{:>9.2} ms{verdict}", milliseconds(fastest), milliseconds(median));
    }
}

/// Starts a program and waits for its end; nothing if it is not there.
fn time(command: &[&str]) -> Option<Duration> {
    let (program, arguments) = command.split_first()?;
    let began = Instant::now();
    Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .ok()?;
    Some(began.elapsed())
}

/// Writes the scenario's packets and says how many they are.
fn write(path: &Path) -> usize {
    let scenario = Scenario::parse("long.toml", SCENARIO).unwrap_or_else(|error| {
        eprintln!("{error:?}");
        std::process::exit(1)
    });
    let run = sim::run(&scenario, &sim::Options::default()).unwrap();
    let mut file = PcapngWriter::new(BufWriter::new(File::create(path).unwrap())).unwrap();
    let interface = file.add_interface(LinkType::RawIp, "handshake").unwrap();
    let mut packets = 0;
    let mut octets = Vec::new();
    for event in &run.timeline.events {
        if let timeline::Kind::Arrived { packet, .. } = &event.kind {
            octets.clear();
            encode_ip(&packet.ip, &packet.transport, &packet.payload, &mut octets);
            file.write(interface, event.at, &octets, None).unwrap();
            packets += 1;
        }
    }
    file.finish().unwrap().flush().unwrap();
    packets
}
