//! However it ends, nothing is left: no process, and what was seen is shown.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Child;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::super::spawn::{await_end, finish, handshake, permitted};
use super::{CLIENT, SERVER, Scripts, watch};

const ENDLESS: &str = r#"
import socket
s = socket.create_server(("127.0.0.1", 9000))
while True:
    c, _ = s.accept(); c.recv(99); c.sendall(b"hi"); c.close()
"#;

/// The processes with this word on their command line.
fn processes(word: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        if line.contains(word) {
            found.push(format!("{} {line}", entry.file_name().to_string_lossy()));
        }
    }
    found
}

/// No such process is left, or will be in a moment.
#[track_caller]
fn nothing_left(word: &str) {
    let begin = Instant::now();
    while !processes(word).is_empty() {
        assert!(begin.elapsed() < Duration::from_secs(5), "left behind: {:#?}", processes(word));
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A word that no other process has on its command line.
fn marker(scripts: &Scripts) -> String {
    scripts.0.path().file_name().unwrap().to_string_lossy().into_owned()
}

#[test]
fn a_time_limit_ends_what_never_ends() {
    let Some(ran) = watch("--duration 3", &[("server.py", ENDLESS)]) else { return };
    ran.code(0).says(&["server.py: ended by us", "The time is up (--duration)."]);
    assert!(ran.stdout.contains("LISTEN"), "{}", ran.stdout);
    assert!(ran.took >= Duration::from_secs(3), "{:?}", ran.took);
}

#[test]
fn a_server_without_clients_is_ended_unless_asked_to_wait() {
    let scripts = [("server.py", ENDLESS), ("client.py", CLIENT)];
    let Some(ran) = watch("", &scripts) else { return };
    ran.code(0).says(&["client.py: exit code 0", "server.py: ended by us", "--wait waits"]);
    let Some(ran) = watch("--wait --duration 3", &scripts) else { return };
    ran.code(0).says(&["server.py: ended by us", "The time is up"]);
    assert!(ran.took >= Duration::from_secs(3), "{:?}", ran.took);
}

#[test]
fn who_ignores_politeness_is_killed_with_all_its_children() {
    let stubborn = r"
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.signal(signal.SIGINT, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
    if os.fork() > 0: os._exit(0)
time.sleep(1000)
";
    let scripts = Scripts::new(&[("stubborn.py", stubborn)]);
    let ran = finish(&mut scripts.watch("--duration 0.5", &["stubborn.py"]));
    if permitted(&ran) {
        ran.code(0).says(&["stubborn.py: ended by us"]);
        nothing_left(&marker(&scripts));
    }
}

/// Starts watching an endless server and waits until it listens; `None` where that is not permitted.
fn begin(scripts: &Scripts) -> Option<(Child, Box<dyn BufRead + Send>)> {
    let mut child = scripts.watch("--live always", &["server.py"]).spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut told = String::new();
    while !told.contains("listen(") {
        if stderr.read_line(&mut told).unwrap() == 0 {
            let mut ran = await_end(child, Instant::now());
            ran.stderr = told;
            assert!(!permitted(&ran), "ended early: {ran:?}");
            return None;
        }
    }
    Some((child, Box::new(stderr)))
}

#[test]
fn an_interrupt_shows_what_was_seen_and_leaves_nothing() {
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        let scripts = Scripts::new(&[("server.py", ENDLESS)]);
        let Some((child, mut stderr)) = begin(&scripts) else { return };
        // To this one process alone: nobody has told the program yet.
        kill(Pid::from_raw(child.id() as i32), signal).unwrap();
        let ran = await_end(child, Instant::now());
        ran.code(0);
        assert!(ran.stdout.contains("listen(") && ran.stdout.contains("LISTEN"), "{}", ran.stdout);
        let mut rest = String::new();
        stderr.read_to_string(&mut rest).unwrap();
        assert!(rest.contains("server.py: ended by us"), "{rest}");
        nothing_left(&marker(&scripts));
    }
}

#[test]
fn the_terminals_ctrl_c_reaches_the_programs_first() {
    let polite = r#"
import socket, sys
s = socket.create_server(("127.0.0.1", 9000))
try: s.accept()
except KeyboardInterrupt: print("goodbye", flush=True); sys.exit(0)
"#;
    let scripts = Scripts::new(&[("server.py", polite)]);
    let Some((child, mut stderr)) = begin(&scripts) else { return };
    // As a terminal does: to the whole process group.
    kill(Pid::from_raw(-(child.id() as i32)), Signal::SIGINT).unwrap();
    let ran = await_end(child, Instant::now());
    ran.code(0);
    assert!(ran.stdout.contains("goodbye"), "{}", ran.stdout);
    let mut rest = String::new();
    stderr.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("server.py: exit code 0"), "{rest}");
    nothing_left(&marker(&scripts));
}

#[test]
fn even_when_killed_it_leaves_no_program() {
    let scripts = Scripts::new(&[("server.py", ENDLESS)]);
    let Some((mut child, _stderr)) = begin(&scripts) else { return };
    child.kill().unwrap();
    child.wait().unwrap();
    nothing_left(&marker(&scripts));
}

#[test]
fn a_program_that_is_not_there_ends_the_others_too() {
    let scripts = Scripts::new(&[("server.py", SERVER)]);
    let mut command = scripts.watch("", &["server.py"]);
    let ran = finish(command.args(["--and", "no-such-program\x1b[31m", "argument"]));
    if !permitted(&ran) {
        return;
    }
    ran.code(2).says(&["There is no program no-such-program\\x1b[31m.", "Give its name as in a shell"]);
    assert_eq!(ran.stdout, "");
    nothing_left(&marker(&scripts));

    let ran = finish(handshake(["watch", "--lang", "zh", "--"]).arg(scripts.path("server.py")));
    ran.code(2).says(&["无法运行", "chmod +x"]);
    let ran = finish(&mut handshake(["watch", "--", "true", "--and", "--and", "true"]));
    ran.code(2).says(&["Between two --and"]);
    let ran = finish(&mut handshake(["watch", "--names", "a", "--", "true", "--and", "true"]));
    ran.code(2).says(&["1 names", "2 programs"]);
    let ran = finish(&mut handshake(["watch", "-w", "/nonexistent/file.pcapng", "--", "true"]));
    ran.code(2).says(&["/nonexistent/file.pcapng"]);
}

#[test]
fn exit_codes_are_reported() {
    let Some(ran) = watch("", &[("a.py", "import sys; sys.exit(0)"), ("b.py", "import sys; sys.exit(41)")])
    else {
        return;
    };
    ran.code(1).says(&["a.py: exit code 0", "b.py: exit code 41", "No program used the network."]);
    assert_eq!(ran.stdout, "");
}
