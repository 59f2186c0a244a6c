//! What `handshake capture -w` loses at 60,000 packets a second on a loopback, beside tcpdump in the same
//! run; then flat out. Needs root and tcpdump: `cargo bench --bench capture_loss`.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

#[cfg(all(feature = "cli", feature = "live", target_os = "linux"))]
fn main() {
    measure::main();
}

#[cfg(not(all(feature = "cli", feature = "live", target_os = "linux")))]
fn main() {}

#[cfg(all(feature = "cli", feature = "live", target_os = "linux"))]
mod measure {
    use std::fs::File;
    use std::io::{BufRead, BufReader, Read};
    use std::net::UdpSocket;
    use std::path::Path;
    use std::process::{Child, Command, Stdio};
    use std::thread;
    use std::time::{Duration, Instant};

    use handshake::live::namespace;
    use handshake::wire::capture::Reader;
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;

    const SECONDS: u64 = 5;
    const PAYLOAD: [u8; 100] = [b'x'; 100];

    pub(super) fn main() {
        if !nix::unistd::geteuid().is_root() {
            println!("capture_loss: tcpdump needs root inside the private network; not measured");
            return;
        }
        namespace::enter().unwrap();
        for (name, rate) in [("60,000 packets/s", Some(60_000)), ("flat out", None)] {
            println!("{name}, {SECONDS} s, {} octets of UDP each", PAYLOAD.len());
            run(rate);
        }
    }

    fn run(rate: Option<u64>) {
        let directory = tempfile::tempdir().unwrap();
        let (ours, theirs) = (directory.path().join("ours.pcapng"), directory.path().join("theirs.pcap"));
        // Bound and never read: the capture stands before its full buffer.
        let sink = UdpSocket::bind("127.0.0.1:0").unwrap();
        let port = sink.local_addr().unwrap().port().to_string();
        let mut handshake = Command::new(env!("CARGO_BIN_EXE_handshake"));
        handshake.args(["capture", "--port", &port, "-w"]).arg(&ours).stdout(Stdio::null());
        let mut tcpdump = Command::new("tcpdump");
        tcpdump.args(["-i", "lo", "-w"]).arg(&theirs).args(["udp", "port", &port]);
        let captures = [begin(handshake), begin(tcpdump)];
        let (sent, took) = send(&sink, rate);
        // tcpdump looks at a block that is not full only once a second.
        thread::sleep(Duration::from_millis(1500));
        let told = captures.map(|(child, stderr)| end(child, stderr));
        println!(
            "  sent {sent} in {:.2} s: {:.0} a second",
            took.as_secs_f64(),
            sent as f64 / took.as_secs_f64()
        );
        for (name, file, told) in [("handshake", &ours, &told[0]), ("tcpdump", &theirs, &told[1])] {
            let kept = count(file);
            let loss = 100.0 * (sent as f64 - kept as f64) / sent as f64;
            println!("  {name:<9} {kept:>8} in its file, {loss:.3} % lost; it says: {told}");
        }
    }

    fn begin(mut command: Command) -> (Child, BufReader<std::process::ChildStderr>) {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        // Both say that they have begun.
        while !line.contains("Ctrl-C") && !line.contains("listening") {
            assert!(stderr.read_line(&mut line).unwrap() > 0, "did not begin: {line}");
        }
        (child, stderr)
    }

    fn end(mut child: Child, mut stderr: BufReader<std::process::ChildStderr>) -> String {
        kill(Pid::from_raw(child.id() as i32), Signal::SIGINT).unwrap();
        let mut told = String::new();
        stderr.read_to_string(&mut told).unwrap();
        child.wait().unwrap();
        told.lines().filter(|line| line.contains("drop")).collect::<Vec<_>>().join(" ")
    }

    /// Sends for [`SECONDS`], at a rate held every millisecond, or as fast as it goes.
    fn send(sink: &UdpSocket, rate: Option<u64>) -> (u64, Duration) {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.connect(sink.local_addr().unwrap()).unwrap();
        let begin = Instant::now();
        let mut sent = 0;
        while begin.elapsed() < Duration::from_secs(SECONDS) {
            let due = rate.map_or(sent + 1000, |rate| begin.elapsed().as_micros() as u64 * rate / 1_000_000);
            while sent < due {
                socket.send(&PAYLOAD).unwrap();
                sent += 1;
            }
            if rate.is_some() {
                thread::sleep(Duration::from_millis(1));
            }
        }
        (sent, begin.elapsed())
    }

    fn count(file: &Path) -> u64 {
        let mut reader = Reader::open(File::open(file).unwrap()).unwrap();
        let mut count = 0;
        while reader.next_record().unwrap().is_some() {
            count += 1;
        }
        count
    }
}
