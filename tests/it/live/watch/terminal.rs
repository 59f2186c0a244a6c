//! The programs' own input.

use std::io::Write;
use std::process::Stdio;
use std::time::Instant;

use super::super::spawn::{await_end, handshake, permitted};

#[test]
fn programs_read_what_we_are_given() {
    let mut command = handshake(["watch", "--", "cat"]);
    let begin = Instant::now();
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all("一行字\nand another\n".as_bytes()).unwrap();
    let ran = await_end(child, begin);
    if permitted(&ran) {
        ran.code(0).says(&["cat: exit code 0"]);
        assert_eq!(ran.stdout, "一行字\nand another\n");
    }
}

#[test]
fn programs_have_none_of_our_odd_signal_settings() {
    // Ignored and blocked signals pass on to a program; ours must not, but whoever started us may have
    // ignored some of their own.
    const SIGPIPE: u64 = 1 << 12;
    // The C library keeps these two to itself, and lets what it starts ignore them.
    const INTERNAL: u64 = 0b11 << 31;
    let ignored = |status: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap();
        u64::from_str_radix(line.trim(), 16).unwrap() & !INTERNAL
    };
    let here = ignored(&std::fs::read_to_string("/proc/self/status").unwrap()) & !SIGPIPE;
    let begin = Instant::now();
    let ran = await_end(handshake(["watch", "--", "cat", "/proc/self/status"]).spawn().unwrap(), begin);
    if permitted(&ran) {
        assert!(ran.code(0).stdout.contains("SigBlk:\t0000000000000000\n"), "{}", ran.stdout);
        assert_eq!(ignored(&ran.stdout), here, "{}", ran.stdout);
    }
}
