//! `handshake capture` on the loopback: beside tcpdump, for people and programs, and without permission.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use handshake::timeline::{Kind, Timeline};
use handshake::wire::capture::Reader;
use handshake::wire::{Flags, Packet, Transport};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::spawn::{Ran, as_nobody, await_end, copy_for_everyone, finish, handshake, is_root, permitted};
use crate::tool;

/// A capture that has begun, and what it said so far.
struct Capturing {
    child: Child,
    stderr: BufReader<std::process::ChildStderr>,
    told: String,
}

/// Begins to capture; `None` where that is not permitted.
fn capture(arguments: &str) -> Option<Capturing> {
    let mut child = handshake(["capture"]).args(arguments.split_whitespace()).spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut told = String::new();
    stderr.read_line(&mut told).unwrap();
    if told.contains("Ctrl-C") {
        return Some(Capturing { child, stderr, told });
    }
    let mut ran = await_end(child, Instant::now());
    ran.stderr = told;
    assert!(!permitted(&ran), "did not begin: {ran:?}");
    None
}

impl Capturing {
    /// Ctrl-C, once everything has had time to pass.
    fn stop(self) -> Ran {
        thread::sleep(Duration::from_millis(150));
        kill(Pid::from_raw(self.child.id() as i32), Signal::SIGINT).unwrap();
        self.end()
    }

    /// Waits for its end.
    fn end(mut self) -> Ran {
        let mut ran = await_end(self.child, Instant::now());
        self.stderr.read_to_string(&mut self.told).unwrap();
        ran.stderr = self.told;
        ran
    }
}

/// A listener on a port that nobody else uses.
fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// Calls, says `question`, hears `answer`, hangs up; so many times.
fn talk(listener: &TcpListener, times: usize, question: &[u8], answer: &[u8]) {
    let address = listener.local_addr().unwrap();
    thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..times {
                let (mut caller, _) = listener.accept().unwrap();
                let mut heard = vec![0; question.len()];
                caller.read_exact(&mut heard).unwrap();
                caller.write_all(answer).unwrap();
            }
        });
        for _ in 0..times {
            let mut call = TcpStream::connect(address).unwrap();
            call.write_all(question).unwrap();
            let mut heard = Vec::new();
            call.read_to_end(&mut heard).unwrap();
            assert_eq!(heard, answer);
        }
    });
}

/// A segment as any capture of it must have it: who, flags, numbers, octets, options.
type Essence = (SocketAddr, SocketAddr, Flags, u32, u32, u16, u32, String);

/// What a capture file holds, each packet with its time.
fn read(file: &Path) -> Vec<(u64, Essence)> {
    let mut reader = Reader::open(std::fs::File::open(file).unwrap()).unwrap();
    let mut packets = Vec::new();
    while let Some(record) = reader.next_record().unwrap() {
        let packet = record.packet().unwrap();
        packets.push((record.at.as_nanos(), essence(&packet)));
    }
    packets
}

/// tcpdump with a buffer that holds everything, and none of it held back: it is the judge here, not a rival.
fn judge(tcpdump: &Path, file: &Path, port: u16) -> Child {
    let mut other = Command::new(tcpdump)
        .args(["-i", "lo", "-B", "65536", "--immediate-mode", "-U", "--nano", "-w"])
        .arg(file)
        .arg(format!("port {port}"))
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = BufReader::new(other.stderr.take().unwrap());
    let mut line = String::new();
    told.read_line(&mut line).unwrap();
    assert!(line.contains("listening"), "{line}");
    // Read to its end, so that it never writes to nobody.
    thread::spawn(move || told.read_to_end(&mut Vec::new()));
    other
}

/// What any capture of a packet must have; of TCP alone.
fn essence(packet: &Packet<impl AsRef<[u8]>>) -> Essence {
    let Transport::Tcp(segment) = &packet.transport else { panic!("{:?}", packet.transport) };
    let options = segment.options.to_string();
    let (seq, ack) = (segment.seq.0, segment.ack.0);
    (packet.src(), packet.dst(), segment.flags, seq, ack, segment.window, segment.len, options)
}

#[test]
fn what_is_shown_is_packet_by_packet_what_tcpdump_sees() {
    let Some(tcpdump) = tool::find("tcpdump") else { return };
    let directory = tempfile::tempdir().unwrap();
    let theirs = directory.path().join("theirs.pcap");
    let (listener, address) = listener();
    let Some(capturing) = capture(&format!("--port {} --format json", address.port())) else { return };
    let mut other = judge(&tcpdump, &theirs, address.port());
    talk(&listener, 5, b"hello world", &vec![b'x'; 3000]);
    // A call that is refused.
    drop(listener);
    TcpStream::connect(address).unwrap_err();
    thread::sleep(Duration::from_millis(300));
    kill(Pid::from_raw(other.id() as i32), Signal::SIGINT).unwrap();
    other.wait().unwrap();
    let timeline = capturing.stop().code(0).timeline();
    let shown: Vec<Essence> = timeline
        .events
        .iter()
        .filter_map(|event| match &event.kind {
            Kind::Sent { packet, .. } => Some(essence(packet)),
            _ => None,
        })
        .collect();
    let seen: Vec<Essence> = read(&theirs).into_iter().map(|(_, essence)| essence).collect();
    assert!(seen.len() >= 5 * 8 + 2, "{}", seen.len());
    assert_eq!(shown, seen);
}

#[test]
fn the_same_segments_as_tcpdump() {
    let Some(tcpdump) = tool::find("tcpdump") else { return };
    let directory = tempfile::tempdir().unwrap();
    let (ours, theirs) = (directory.path().join("ours.pcapng"), directory.path().join("theirs.pcap"));
    let (listener, address) = listener();
    let Some(capturing) = capture(&format!("--port {} -w {}", address.port(), ours.display())) else {
        return;
    };
    let mut other = judge(&tcpdump, &theirs, address.port());
    talk(&listener, 20, b"hello world", &vec![b'x'; 100_000]);
    thread::sleep(Duration::from_millis(300));
    kill(Pid::from_raw(other.id() as i32), Signal::SIGINT).unwrap();
    other.wait().unwrap();
    let ran = capturing.stop();
    ran.code(0).says(&["0 dropped by the kernel"]);

    let (ours, theirs) = (read(&ours), read(&theirs));
    assert!(ours.len() > 20 * 8, "{}", ours.len());
    // Not by `assert_eq`: a difference of one would print all of them.
    let missing = |from: &[(u64, Essence)], those: &[(u64, Essence)]| {
        let mut left: Vec<&Essence> = from.iter().map(|(_, essence)| essence).collect();
        let is_missing = |essence: &&Essence| match left.iter().position(|other| other == essence) {
            Some(place) => {
                left.swap_remove(place);
                false
            }
            None => true,
        };
        those.iter().map(|(_, essence)| essence).filter(is_missing).take(5).cloned().collect::<Vec<_>>()
    };
    assert_eq!(missing(&ours, &theirs), [], "tcpdump has these, we have not");
    assert_eq!(missing(&theirs, &ours), [], "we have these, tcpdump has not");
    // The kernel's stamps, to within what two taps on one packet differ by.
    let apart = ours.iter().zip(&theirs).filter(|(a, b)| a.1 == b.1 && a.0.abs_diff(b.0) > 2_000_000).count();
    assert_eq!(apart, 0);
}

#[test]
fn the_file_pleases_tshark_although_nobody_computed_the_checksums() {
    let Some(tshark) = tool::find("tshark") else { return };
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("talk.pcapng");
    let (listener, address) = listener();
    let Some(capturing) = capture(&format!("--port {} -w {}", address.port(), file.display())) else {
        return;
    };
    talk(&listener, 3, b"odd", &vec![b'y'; 70_001]);
    capturing.stop().code(0);
    let checked = ["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"];
    let fields = ["tcp.checksum.status", "_ws.malformed", "frame.interface_name"];
    let packets = tool::tshark_fields(&tshark, &file, &checked, &fields);
    assert!(packets.len() >= 3 * 9, "{}", packets.len());
    for packet in packets {
        assert_eq!(packet, ["1", "", "lo"]);
    }
}

#[test]
fn segments_are_explained_as_they_come_and_connections_summed_up() {
    for (lang, parts) in [
        ("en", ["SYN: asks to open", "RFC 9293 §3.5", "closed ·", "client  CLOSED"]),
        ("zh", ["SYN：", "RFC 9293 §3.5", "已关闭 ·", "客户端  CLOSED"]),
    ] {
        let (listener, address) = listener();
        let Some(capturing) = capture(&format!("--port {} --lang {lang}", address.port())) else { return };
        talk(&listener, 1, b"\x1b[31mred\x07", b"hi");
        let ran = capturing.stop();
        let text = &ran.code(0).stdout;
        for part in parts {
            assert!(text.contains(part), "no {part:?} in\n{text}");
        }
        let first = text.lines().next().unwrap();
        assert!(first.contains(&format!("→ {address}  SYN seq=")), "{first}");
        assert!(text.contains(&format!("{address}  LISTEN ▹ SYN-RECEIVED")), "{text}");
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
        for line in text.lines() {
            assert!(unicode_width::UnicodeWidthStr::width(line) <= 80, "{line}");
        }
        assert!(ran.stderr.contains('0'), "drops are always told: {}", ran.stderr);
    }
}

#[test]
fn lines_come_while_the_capture_goes_on() {
    let (listener, address) = listener();
    let Some(mut capturing) = capture(&format!("--port {}", address.port())) else { return };
    let mut stdout = BufReader::new(capturing.child.stdout.take().unwrap());
    talk(&listener, 1, b"a", b"b");
    let mut first = String::new();
    stdout.read_line(&mut first).unwrap();
    assert!(first.contains("SYN"), "{first}");
    assert_eq!(capturing.child.try_wait().unwrap(), None, "over already");
    thread::spawn(move || stdout.read_to_end(&mut Vec::new()));
    capturing.stop().code(0);
}

#[test]
fn programs_get_json_lines() {
    let (listener, address) = listener();
    let Some(capturing) = capture(&format!("--port {} --format json", address.port())) else { return };
    talk(&listener, 1, b"a", b"b");
    let timeline: Timeline = capturing.stop().code(0).timeline();
    let flags: Vec<Flags> = timeline
        .events
        .iter()
        .filter_map(|event| match &event.kind {
            Kind::Sent { packet, .. } => packet.segment().map(|segment| segment.flags),
            _ => None,
        })
        .collect();
    assert_eq!(flags[..3], [Flags::SYN, Flags::SYN | Flags::ACK, Flags::ACK]);
    assert!(timeline.events.iter().any(|event| matches!(event.kind, Kind::State { .. })));
}

#[test]
fn filters_and_limits_hold() {
    let (listener, address) = listener();
    let (other, elsewhere) = self::listener();
    // A count: the rest is not even looked at.
    let Some(capturing) = capture(&format!("--port {} --count 3", address.port())) else { return };
    talk(&other, 1, b"a", b"b");
    talk(&listener, 2, b"a", b"b");
    let ran = capturing.end();
    ran.code(0).says(&["3 packets captured"]);
    assert!(!ran.stdout.contains(&elsewhere.to_string()), "{}", ran.stdout);
    assert!(!ran.stdout.contains("FIN"), "{}", ran.stdout);
    // A time.
    let begin = Instant::now();
    let (_quiet, nobody) = self::listener();
    let capturing = capture(&format!("--port {} --duration 0.5", nobody.port())).unwrap();
    let ran = capturing.end();
    ran.code(0).says(&["0 packets captured"]);
    assert!((500..5000).contains(&begin.elapsed().as_millis()), "{:?}", begin.elapsed());
    // A host, and UDP.
    let socket = UdpSocket::bind("127.0.0.2:0").unwrap();
    let capturing = capture("--host 127.0.0.2 --count 1").unwrap();
    talk(&listener, 1, b"a", b"b");
    socket.send_to(b"datagram", address).unwrap();
    let ran = capturing.end();
    assert!(ran.code(0).stdout.contains("UDP len=8 \"datagram\""), "{}", ran.stdout);
}

#[test]
fn whoever_reads_may_stop_reading() {
    let (listener, address) = listener();
    let Some(mut capturing) = capture(&format!("--port {}", address.port())) else { return };
    drop(capturing.child.stdout.take());
    talk(&listener, 5, b"a", b"b");
    let ran = capturing.end();
    ran.code(0);
}

#[test]
fn without_permission_the_way_out_is_told() {
    if !is_root() {
        let ran = finish(&mut handshake(["capture", "--duration", "0.1"]));
        // Somebody may have followed the advice already.
        if ran.code != 0 {
            ran.code(3).says(&["CAP_NET_RAW", "sudo setcap cap_net_raw+ep"]);
        }
        return;
    }
    let (_guard, copy) = copy_for_everyone();
    let ran = finish(&mut as_nobody(&copy, ["capture", "--duration", "5"]));
    let command = format!("sudo setcap cap_net_raw+ep {}", copy.display());
    ran.code(3).says(&["CAP_NET_RAW", &command, "`handshake watch` and `handshake lab` need no permission"]);
    assert_eq!(ran.stdout, "");
    let ran = finish(&mut as_nobody(&copy, ["capture", "--lang", "zh"]));
    ran.code(3).says(&["CAP_NET_RAW", &command, "不需要任何权限"]);
}

#[test]
fn who_follows_the_advice_may_capture_and_still_watch() {
    if !is_root() {
        return;
    }
    let (_guard, copy) = copy_for_everyone();
    let Some(setcap) = tool::find("setcap") else { return };
    if !permitted(&finish(&mut as_nobody(&copy, ["demo", "tcp-echo"]))) {
        return;
    }
    let granted = Command::new(setcap).arg("cap_net_raw+ep").arg(&copy).status().unwrap();
    assert!(granted.success());
    let ran = finish(&mut as_nobody(&copy, ["capture", "--duration", "0.1"]));
    ran.code(0).says(&["0 dropped by the kernel"]);
    finish(&mut as_nobody(&copy, ["demo", "tcp-echo"])).code(0);
}

#[test]
fn an_interface_that_is_not_there_is_told_with_those_that_are() {
    let ran = finish(&mut handshake(["capture", "-i", "no-such-interface"]));
    if permitted(&ran) {
        ran.code(2).says(&["There is no interface no-such-interface.", "There are: ", "lo"]);
    }
    let ran = finish(&mut handshake(["capture", "-i", "a\x1b[31m-name-longer-than-any"]));
    if permitted(&ran) {
        ran.code(2).says(&["\\x1b[31m"]);
    }
}
