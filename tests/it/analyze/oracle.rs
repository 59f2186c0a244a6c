//! Wireshark's opinion of every packet beside ours.

use std::collections::BTreeMap;
use std::fs::File;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::process::Command;

use handshake::analyze::{Analyzer, Completeness, Config, Finding, Findings, PacketReport};
use handshake::scenario;
use handshake::time::{Duration, Instant};
use handshake::timeline::{Event, Kind, LossCause};
use handshake::wire::capture::{PcapngWriter, Reader};
use handshake::wire::{Flags, Ip, LinkType, Options, Segment, SeqNumber, Transport, encode_ip};

use super::simulated;
use crate::tool;

/// What tshark says about one TCP packet.
#[derive(Debug)]
struct Opinion {
    stream: u32,
    completeness: u8,
    findings: Findings,
    duplicate: Option<u32>,
}

fn captures() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures");
    let mut files: Vec<PathBuf> = std::fs::read_dir(&root)
        .into_iter()
        .chain(std::fs::read_dir(root.join("live")))
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|ext| ext == "pcap" || ext == "pcapng"))
        // Of a file that ends within a record tshark complains; the tests of `wire` look at that one.
        .filter(|path| !path.ends_with("cut-off.pcap"))
        .collect();
    files.sort();
    files
}

fn wireshark_findings() -> Vec<(Finding, &'static str)> {
    Finding::ALL.iter().filter_map(|finding| Some((*finding, finding.wireshark()?))).collect()
}

/// One pass for the flags (in a second one they are not made anew, and some would come out twice), two
/// for the completeness, so that it is that of the whole capture, as in Wireshark's window.
fn ask_tshark(program: &Path, file: &Path) -> BTreeMap<u64, Opinion> {
    let mut opinions = ask(program, file, &[]);
    for (number, opinion) in ask(program, file, &["-2"]) {
        opinions.get_mut(&number).unwrap().completeness = opinion.completeness;
    }
    opinions
}

fn ask(program: &Path, file: &Path, passes: &[&str]) -> BTreeMap<u64, Opinion> {
    let fields = wireshark_findings();
    let mut command = Command::new(program);
    command.args(passes).args(["-n", "-r"]).arg(file).args([
        "-T",
        "fields",
        "-E",
        "occurrence=f",
        "-Y",
        "tcp.stream",
    ]);
    let extra = ["frame.number", "tcp.stream", "tcp.completeness", "tcp.analysis.duplicate_ack_num"];
    for field in extra.iter().chain(fields.iter().map(|(_, field)| field)) {
        command.args(["-e", field]);
    }
    let output = command.output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    let read = output.status.success() || complaint.contains("cut short in the middle of a packet");
    assert!(read, "{}: {complaint}", file.display());
    let mut opinions = BTreeMap::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let mut columns = line.split('\t');
        let mut number = || columns.next().unwrap().parse::<u32>().ok();
        let frame = number().unwrap();
        let (stream, completeness, duplicate) = (number().unwrap(), number().unwrap(), number());
        let mut findings: Findings = fields
            .iter()
            .zip(columns)
            .filter(|(_, column)| !column.is_empty())
            .map(|((finding, _), _)| *finding)
            .collect();
        // Wireshark files the two special kinds under the general one as well.
        let special = Findings::of(&[Finding::FastRetransmission, Finding::SpuriousRetransmission]);
        if findings.intersects(special) {
            findings = findings.without(Findings::of(&[Finding::Retransmission]));
        }
        let opinion = Opinion { stream, completeness: completeness as u8, findings, duplicate };
        opinions.insert(u64::from(frame), opinion);
    }
    opinions
}

fn ours(file: &Path) -> BTreeMap<u64, PacketReport> {
    let mut reader = Reader::open(File::open(file).unwrap()).unwrap();
    let mut analyzer = Analyzer::new(Config::default());
    let mut reports = BTreeMap::new();
    while let Some(record) = reader.next_record().unwrap() {
        let Ok(packet) = record.packet() else { continue };
        if let Some(report) = analyzer.push(record.number, record.at, &packet) {
            reports.insert(record.number, report);
        }
    }
    reports
}

/// A packet about which tshark and we say different things.
struct Case<'a> {
    theirs: &'a Opinion,
    ours: &'a PacketReport,
    /// Copies that the network made of this connection's packets so far.
    copies: u32,
    what: What,
}

#[derive(Debug, PartialEq)]
enum What {
    Stream,
    Findings,
    DuplicateNumber,
    Completeness,
}

type Allowed = (&'static str, fn(&Case<'_>) -> bool);

/// Where we differ on purpose, and why.
const ALLOWED: &[Allowed] = &[
    (
        "a copy made by the network (same IP identification, same bytes) is no resend and no second ACK",
        |case| case.what == What::Findings && case.ours.findings.contains(Finding::NetworkDuplicate),
    ),
    ("so copies of ACKs are not counted among the duplicate ACKs", |case| {
        case.what == What::DuplicateNumber
            && case.theirs.duplicate.is_some_and(|theirs| theirs - case.ours.facts.duplicates <= case.copies)
    }),
    (
        "after an ACK of something unseen Wireshark sets its count of duplicate ACKs to -1, in a number \
         without sign: at least two",
        |case| {
            let fast = Findings::of(&[Finding::FastRetransmission]);
            let others = case.theirs.findings.without(fast);
            case.what == What::Findings
                && case.theirs.findings.intersects(fast)
                && case.ours.facts.duplicates < 2
                && case.ours.findings.only(Findings::WIRESHARK).without(Findings::RESENDS) == others
        },
    ),
    (
        "in its first pass Wireshark leaves a connection's first packet out unless it is a SYN; when it is \
         also the last, no later packet shows the second pass's",
        |case| case.what == What::Completeness && case.ours.first && case.theirs.completeness == 0,
    ),
    ("on reused ports Wireshark does not count the text of a SYN", |case| {
        case.what == What::Completeness
            && case.theirs.completeness | Completeness::DATA == case.ours.completeness.0
    }),
];

fn compare(
    theirs: &BTreeMap<u64, Opinion>,
    ours: &BTreeMap<u64, PacketReport>,
    mut differ: impl FnMut(u64, &Case<'_>),
) {
    let mut copies: BTreeMap<u32, u32> = BTreeMap::new();
    let mut last: BTreeMap<u32, u64> = BTreeMap::new();
    for (number, opinion) in theirs {
        let report = &ours[number];
        let copies = copies.entry(report.stream).or_default();
        *copies += u32::from(report.findings.contains(Finding::NetworkDuplicate));
        last.insert(report.stream, *number);
        let is_duplicate = report.findings.contains(Finding::DuplicateAck);
        let checks = [
            (What::Stream, report.stream == opinion.stream),
            (What::Findings, report.findings.only(Findings::WIRESHARK) == opinion.findings),
            (What::DuplicateNumber, !is_duplicate || Some(report.facts.duplicates) == opinion.duplicate),
        ];
        for (what, _) in checks.into_iter().filter(|(_, agree)| !agree) {
            differ(*number, &Case { theirs: opinion, ours: report, copies: *copies, what });
        }
    }
    for number in last.values() {
        let (opinion, report) = (&theirs[number], &ours[number]);
        if opinion.completeness != report.completeness.0 {
            differ(*number, &Case { theirs: opinion, ours: report, copies: 0, what: What::Completeness });
        }
    }
}

/// Packets as no sane host sends them: every rule meets every other. Numbers from a generator of our own.
fn noise(seed: u64, packets: usize) -> Vec<u8> {
    let mut state = seed;
    let mut roll = |below: u32| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 33) as u32 % below
    };
    let mut writer = PcapngWriter::new(Vec::new()).unwrap();
    let interface = writer.add_interface(LinkType::RawIp, "noise").unwrap();
    let mut at = Instant::from_nanos(1_700_000_000_000_000_000);
    // For each connection and side: the next number and the last acknowledged.
    let mut conversations = vec![[(1000u32, 5000u32), (5000, 1000)]; 30];
    let mut bytes = Vec::new();
    for id in 0..packets {
        let which = roll(30) as usize;
        let from = roll(2) as usize;
        let pick = |choices: &[u32], roll: u32| choices[roll as usize % choices.len()];
        at +=
            Duration::from_micros(u64::from(pick(&[20, 400, 2900, 3100, 15_000, 25_000, 300_000], roll(7))));
        let [(next, acked), (their_next, _)] = {
            let pair = conversations[which];
            [pair[from], pair[1 - from]]
        };
        let len = pick(&[0, 0, 0, 1, 1, 100, 200], roll(7));
        let kinds = [
            Flags::SYN,
            Flags::SYN | Flags::ACK,
            Flags::FIN | Flags::ACK,
            Flags::RST,
            Flags::RST | Flags::ACK,
        ];
        let flags = if roll(9) == 0 { kinds[roll(5) as usize] } else { Flags::ACK };
        let seq = match roll(9) {
            0 => next.wrapping_sub(1),
            1 => next.wrapping_sub(100),
            2 => next + 100,
            _ => next,
        };
        let ack = match roll(7) {
            0 => their_next,
            1 => their_next.wrapping_sub(100),
            2 => their_next + 100,
            _ => acked,
        };
        let mut segment = Segment {
            src_port: if from == 0 { 40_000 + which as u16 } else { 80 },
            dst_port: if from == 0 { 80 } else { 40_000 + which as u16 },
            seq: SeqNumber(seq),
            ack: SeqNumber(if flags.ack() { ack } else { 0 }),
            flags,
            window: pick(&[0, 100, 100, 200, 300], roll(5)) as u16,
            len,
            ..Segment::default()
        };
        if flags.syn() && roll(3) > 0 {
            segment.options = Options::from_bytes(&[3, 3, roll(3) as u8, 1]);
        }
        let end = segment.seq_end().0;
        if !flags.rst() && end.wrapping_sub(next) < 1 << 30 {
            conversations[which][from].0 = end;
        }
        if flags.ack() {
            conversations[which][from].1 = segment.ack.0;
        }
        let host = |last| IpAddr::V4(Ipv4Addr::new(10, 0, 0, last));
        let (src, dst) = if from == 0 { (host(1), host(2)) } else { (host(2), host(1)) };
        let ip = Ip { src, dst, id: id as u16 + 1, ..Ip::default() };
        bytes.clear();
        encode_ip(&ip, &Transport::Tcp(segment), &vec![b'n'; len as usize], &mut bytes);
        writer.write(interface, at, &bytes, None).unwrap();
    }
    writer.finish().unwrap()
}

#[test]
fn tshark_agrees_about_every_packet() {
    let Some(program) = tool::find("tshark") else { return };
    let room = tempfile::tempdir().unwrap();
    let mut files = captures();
    assert!(files.len() >= 10, "where are the captures? {files:?}");
    for seed in [1, 2, 3] {
        let file = room.path().join(format!("noise-{seed}.pcapng"));
        std::fs::write(&file, noise(seed, 4000)).unwrap();
        files.push(file);
    }
    for (name, text) in scenario::builtin() {
        let file = room.path().join(format!("{name}.pcapng"));
        std::fs::write(&file, simulated::run(name, text).1).unwrap();
        files.push(file);
    }
    let mut unexplained = Vec::new();
    let mut used: BTreeMap<&str, u32> = BTreeMap::new();
    for file in &files {
        let name = file.file_name().unwrap().to_string_lossy();
        let (theirs, ours) = (ask_tshark(&program, file), ours(file));
        assert!(theirs.keys().eq(ours.keys()), "{name}: not the same packets are TCP");
        compare(&theirs, &ours, |number, case| match ALLOWED.iter().find(|(_, allows)| allows(case)) {
            Some((reason, _)) => *used.entry(reason).or_default() += 1,
            None => unexplained.push(format!(
                "{name} {number}: {:?}: theirs {:?}, ours {:?} {:?} duplicate {}",
                case.what,
                case.theirs,
                case.ours.findings,
                case.ours.completeness,
                case.ours.facts.duplicates
            )),
        });
    }
    assert!(unexplained.is_empty(), "{} differences:\n{}", unexplained.len(), unexplained.join("\n"));
    for (reason, _) in ALLOWED {
        assert!(used.contains_key(reason), "nothing needs this exception any more: {reason}");
    }
}

#[test]
fn tshark_finds_nothing_wrong_with_our_captures() {
    let Some(program) = tool::find("tshark") else { return };
    let room = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    for (name, text) in scenario::builtin() {
        let file = room.path().join(format!("{name}.pcapng"));
        let (timeline, capture) = simulated::run(name, text);
        std::fs::write(&file, capture).unwrap();
        let mut command = Command::new(&program);
        command.args(["-n", "-r"]).arg(&file).args([
            "-T",
            "fields",
            "-e",
            "frame.number",
            "-e",
            "frame.protocols",
        ]);
        for check in ["ip.check_checksum", "tcp.check_checksum", "udp.check_checksum"] {
            command.args(["-o", &format!("{check}:TRUE")]);
        }
        let all = command.output().unwrap();
        let all = String::from_utf8_lossy(&all.stdout).lines().count();
        // Damaged packets are written with the checksum that no longer fits.
        let damaged = |event: &Event| matches!(event.kind, Kind::Lost { cause: LossCause::Corrupted, .. });
        let damaged = timeline.events.iter().filter(|event| damaged(event)).count();
        command.args(["-Y", "_ws.malformed || ip.checksum.status == 0 || tcp.checksum.status == 0 || udp.checksum.status == 0"]);
        let bad = command.output().unwrap();
        assert!(bad.status.success(), "{}", String::from_utf8_lossy(&bad.stderr));
        let bad = String::from_utf8_lossy(&bad.stdout).lines().count();
        if bad != damaged || all == 0 {
            wrong.push(format!("{name}: {bad} of {all} packets, {damaged} were damaged on purpose"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
