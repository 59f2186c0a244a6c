//! A run leaves nothing behind, also when it is interrupted in the middle: no process, no namespace, no
//! interface, no file.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

use super::spawn::{await_end, handshake, permitted};

/// Marks every process of a run, however it was started and whoever its parent is.
const MARK: &str = "HANDSHAKE_REMAINS";
/// How long processes may take to vanish after the one that was waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// The processes whose environment has the mark, each with its command line.
fn marked(mark: &str) -> Vec<(Pid, String)> {
    let wanted = format!("{MARK}={mark}");
    let of = |entry: fs::DirEntry| {
        let pid = entry.file_name().to_str()?.parse().ok()?;
        let environment = fs::read(entry.path().join("environ")).ok()?;
        let is_marked = environment.split(|octet| *octet == 0).any(|variable| variable == wanted.as_bytes());
        let command = fs::read(entry.path().join("cmdline")).ok()?;
        is_marked.then(|| (Pid::from_raw(pid), String::from_utf8_lossy(&command).replace('\0', " ")))
    };
    fs::read_dir("/proc").unwrap().filter_map(|entry| of(entry.ok()?)).collect()
}

/// Whether a process of the group lives. One that only waits for its parent to ask how it ended does not.
fn lives(group: Pid) -> bool {
    let of = |entry: fs::DirEntry| {
        let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
        // pid (name) state parent group …; a name may hold anything.
        let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
        let state = fields.next()?;
        Some(state != "Z" && fields.nth(1)?.parse() == Ok(group.as_raw()))
    };
    fs::read_dir("/proc").unwrap().filter_map(|entry| of(entry.ok()?)).any(|lives| lives)
}

/// The network namespaces of some thread of these processes.
fn namespaces(of: impl Iterator<Item = Pid>) -> BTreeSet<u64> {
    let threads = of.flat_map(|pid| fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten());
    let inode = |thread: fs::DirEntry| fs::metadata(thread.path().join("ns/net")).ok().map(|ns| ns.ino());
    threads.filter_map(|thread| inode(thread.ok()?)).collect()
}

/// The network namespaces of all processes that this test may look at, and those that a mount keeps.
fn all_namespaces() -> BTreeSet<u64> {
    let pids =
        fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
    let kept = mounts.lines().filter_map(|line| line.split_once("net:[")?.1.split_once(']')?.0.parse().ok());
    namespaces(pids.map(Pid::from_raw)).into_iter().chain(kept).collect()
}

fn names(directory: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(directory).unwrap();
    entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

fn is_empty(directory: &Path) -> bool {
    fs::read_dir(directory).unwrap().next().is_none()
}

/// Starts the program, interrupts it as a terminal's Ctrl-C does (every process of the group) or as `kill`
/// does (that one process), and looks for what is left.
fn leaves_nothing(what: &str, arguments: &[&str], signal: Signal) {
    let interfaces = names("/sys/class/net");
    let (home, temporary) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mark = format!("{}-{what}-{signal}", std::process::id());
    let mut command = handshake(arguments);
    command.env(MARK, &mark).env("TMPDIR", temporary.path()).current_dir(home.path());
    // Somebody at the keyboard who says nothing.
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let keyboard = child.stdin.take();
    let (begin, group) = (Instant::now(), Pid::from_raw(child.id() as i32));
    thread::sleep(Duration::from_millis(700));
    let made = namespaces(marked(&mark).into_iter().map(|(pid, _)| pid));
    let own = namespaces(std::iter::once(Pid::this()));
    if child.try_wait().unwrap().is_some() {
        let ran = await_end(child, begin);
        assert!(!permitted(&ran), "{what} ended by itself: {ran:?}");
        return;
    }
    match signal {
        Signal::SIGINT => killpg(group, signal).unwrap(),
        _ => kill(group, signal).unwrap(),
    }
    let ran = await_end(child, begin);
    drop(keyboard);
    assert!(ran.took < Duration::from_secs(20), "{what}: {:?}", ran.took);
    let gone = Instant::now();
    while !marked(&mark).is_empty() || lives(group) {
        assert!(gone.elapsed() < PATIENCE, "{what} after {signal}: {:#?}", marked(&mark));
        thread::sleep(Duration::from_millis(10));
    }
    let made: BTreeSet<u64> = made.difference(&own).copied().collect();
    assert!(what == "capture" || !made.is_empty(), "{what} made no namespace: it was looked at too early");
    let left: Vec<u64> = made.intersection(&all_namespaces()).copied().collect();
    assert!(left.is_empty(), "{what} after {signal}: namespaces {left:?}");
    assert_eq!(names("/sys/class/net"), interfaces, "{what} after {signal}");
    assert!(is_empty(home.path()) && is_empty(temporary.path()), "{what} after {signal}: files");
}

/// Ctrl-C, then the same with `kill`.
fn leaves_nothing_however_it_ends(what: &str, arguments: &[&str]) {
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        leaves_nothing(what, arguments, signal);
    }
}

#[test]
fn lab() {
    leaves_nothing_however_it_ends("lab", &["lab", "keepalive"]);
}

#[test]
fn lab_with_our_tcp_and_a_program() {
    let program = "import socket, time; s = socket.create_connection(('10.0.0.2', 80)); time.sleep(60)";
    let arguments =
        ["lab", "three-way", "--server", "engine", "-o", "/dev/null", "--", "python3", "-c", program];
    leaves_nothing_however_it_ends("lab with a program", &arguments);
}

#[test]
fn watch() {
    let server =
        "import os, socket, time; s = socket.create_server(('127.0.0.1', 9000)); os.fork(); time.sleep(60)";
    let client = "import socket, time; s = socket.create_connection(('127.0.0.1', 9000)); time.sleep(60)";
    let arguments = ["watch", "--", "python3", "-c", server, "--and", "python3", "-c", client];
    leaves_nothing_however_it_ends("watch", &arguments);
}

#[test]
fn demo() {
    leaves_nothing_however_it_ends("demo", &["demo", "tcp-chat", "--pace", "0.001x"]);
}

#[test]
fn capture() {
    leaves_nothing_however_it_ends("capture", &["capture", "--port", "1"]);
}
