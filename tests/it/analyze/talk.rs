//! Conversations written down a line a packet, and what the analysis makes of them.
//!
//! A line is `MILLISECONDS SIDE FLAGS SEQ [ACK] [LEN] [win=N] [ws=N] [id=N] [sack=L-R] [bad] : FINDINGS`,
//! with numbers counted from the initial ones, flags in tcpdump's letters and `C` or `S` for the side.

use std::net::{IpAddr, Ipv4Addr};

use handshake::analyze::{Analyzer, Config, PacketReport, Recorder, Side, Summary};
use handshake::tcp::State;
use handshake::time::{Duration, Instant};
use handshake::timeline::Timeline;
use handshake::wire::{Defect, Defects, Flags, Ip, Options, Packet, Segment, SeqNumber, Transport};

pub const CLIENT: u32 = 1000;
pub const SERVER: u32 = 5000;

/// A packet and the findings that its line expects.
pub struct Line {
    pub at: Instant,
    pub packet: Packet<&'static [u8]>,
    pub expected: String,
    pub text: String,
}

/// The packets of a script; the initial sequence numbers are the client's and the server's.
pub fn parse(script: &str, isn: [u32; 2]) -> Vec<Line> {
    let lines = script.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.enumerate().map(|(i, line)| parse_line(line, i as u16 + 1, isn)).collect()
}

fn parse_line(text: &str, id: u16, isn: [u32; 2]) -> Line {
    let (packet, expected) = text.split_once(':').unwrap_or((text, ""));
    let mut words = packet.split_whitespace();
    let millis: f64 = words.next().unwrap().parse().unwrap();
    let client = match words.next() {
        Some("C") => true,
        Some("S") => false,
        other => panic!("{other:?} is no side: {text}"),
    };
    let (own, other) = if client { (isn[0], isn[1]) } else { (isn[1], isn[0]) };
    let flags = Flags::from_letters(words.next().unwrap()).unwrap();
    let (mut numbers, mut id, mut window, mut defects) = (Vec::new(), id, 1000, Defects::NONE);
    let mut options = Vec::new();
    for word in words {
        match word.split_once('=') {
            Some(("id", value)) => id = value.parse().unwrap(),
            Some(("win", value)) => window = value.parse().unwrap(),
            Some(("ws", value)) => options.extend([3, 3, value.parse().unwrap()]),
            Some(("sack", value)) => {
                let (left, right) = value.split_once('-').unwrap();
                options.extend([5, 10]);
                for edge in [left, right] {
                    options.extend(other.wrapping_add(edge.parse().unwrap()).to_be_bytes());
                }
            }
            None if word == "bad" => defects.insert(Defect::BadChecksum),
            None if word == "offloaded" => defects.insert(Defect::OffloadedChecksum),
            _ => numbers.push(word.parse::<i64>().unwrap() as u32),
        }
    }
    let mut numbers = numbers.into_iter();
    let seq = own.wrapping_add(numbers.next().unwrap());
    let ack = if flags.ack() { other.wrapping_add(numbers.next().unwrap()) } else { 0 };
    let len = numbers.next().unwrap_or(0);
    let host = |last| IpAddr::V4(Ipv4Addr::new(10, 0, 0, last));
    let (src, dst) = if client { (host(1), host(2)) } else { (host(2), host(1)) };
    let (src_port, dst_port) = if client { (40000, 80) } else { (80, 40000) };
    let segment = Segment {
        src_port,
        dst_port,
        seq: SeqNumber(seq),
        ack: SeqNumber(ack),
        flags,
        window,
        len,
        options: Options::from_bytes(&options),
        ..Segment::default()
    };
    let ip = Ip { src, dst, id, ..Ip::default() };
    Line {
        at: Instant::from_nanos(1_000_000_000) + Duration::from_nanos((millis * 1e6) as u64),
        packet: Packet { ip, transport: Transport::Tcp(segment), payload: &[], defects },
        expected: expected.trim().to_owned(),
        text: text.to_owned(),
    }
}

/// Analyzes the script and gives every report.
pub fn listen(script: &str, isn: [u32; 2]) -> (Vec<PacketReport>, Summary) {
    let mut analyzer = Analyzer::new(Config::default());
    let lines = parse(script, isn);
    let reports = lines
        .iter()
        .zip(1..)
        .map(|(line, number)| analyzer.push(number, line.at, &line.packet).unwrap())
        .collect();
    (reports, analyzer.finish())
}

/// Analyzes the script and compares the findings of every line with those it expects.
#[track_caller]
pub fn check(script: &str) -> Summary {
    check_from(script, [CLIENT, SERVER])
}

/// The same from other initial sequence numbers.
#[track_caller]
pub fn check_from(script: &str, isn: [u32; 2]) -> Summary {
    let (reports, summary) = listen(script, isn);
    let lines = parse(script, isn);
    let wrong: Vec<String> = lines
        .iter()
        .zip(&reports)
        .filter(|(line, report)| report.findings.to_string() != line.expected)
        .map(|(line, report)| format!("{}\n  found: {}", line.text, report.findings))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    summary
}

/// The states that each side went through, retracted ones left out.
pub fn states(script: &str) -> [Vec<State>; 2] {
    let (reports, _) = listen(script, [CLIENT, SERVER]);
    let mut states = [Vec::new(), Vec::new()];
    for change in reports.iter().flat_map(|report| report.changes.iter()) {
        let own: &mut Vec<State> = &mut states[change.side.index()];
        if change.retracts {
            own.pop();
            continue;
        }
        if own.is_empty() && change.from != change.to && change.from != State::Closed {
            own.push(change.from);
        }
        own.push(change.to);
    }
    states
}

/// The names of the states of one side, in a row.
pub fn names(states: &[State]) -> String {
    states.iter().map(|state| state.name()).collect::<Vec<_>>().join(" ")
}

/// Checks both sides' states.
#[track_caller]
pub fn check_states(script: &str, client: &str, server: &str) {
    let states = states(script);
    assert_eq!(names(&states[Side::Client.index()]), client, "client");
    assert_eq!(names(&states[Side::Server.index()]), server, "server");
}

/// The script's connection as a timeline.
pub fn timeline(script: &str, isn: [u32; 2]) -> Timeline {
    let mut analyzer = Analyzer::new(Config::default());
    let mut recorder = Recorder::new();
    for (line, number) in parse(script, isn).iter().zip(1..) {
        let report = analyzer.push(number, line.at, &line.packet).unwrap();
        recorder.record(number, line.at, &line.packet, &report);
    }
    recorder.finish(analyzer.finish().connections.first())
}
