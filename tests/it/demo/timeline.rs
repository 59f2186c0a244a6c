//! `--timeline` with one end: its calls, and its segments where capturing is permitted.

use std::io::Write as _;
use std::process::{Command, Stdio};

use super::process::{demo, hex, peer_with};

/// Whether this process may capture: without, the timeline has the calls alone.
fn may_capture(err: &str) -> bool {
    let may = !err.contains("Capturing is not permitted");
    if !may {
        assert!(std::env::var_os("CI").is_none(), "CI must not skip");
        let _ = writeln!(std::io::stderr(), "SKIPPED demo::timeline: segments, capturing is not permitted");
    }
    may
}

/// These, in this order.
fn has(text: &str, wanted: &[&str]) {
    let mut rest = text;
    for words in wanted {
        let at = rest.find(words).unwrap_or_else(|| panic!("no {words:?} in\n{rest}\nof\n{text}"));
        rest = &rest[at + words.len()..];
    }
}

#[test]
fn a_server_shows_its_calls_and_segments() {
    let server = demo("tcp-echo server 0 --timeline");
    let port = server.port();
    let client = peer_with("raw_client", &[&port.to_string(), &hex("hello"), "answer"]);
    let me = client.says("me ");
    client.ended(0);
    let server = server.ended(0);
    let calls = ["socket() = ", "bind(127.0.0.1:0)", "listen(5)", "accept() …", "accept() = ", "recv() …"];
    has(&server.err, &calls);
    has(&server.err, &["recv() = 5", "send(2) = 2", "recv() = 0", "close()"]);
    if may_capture(&server.err) {
        let (from, to) = (format!("127.0.0.1:{}", me.trim()), format!("127.0.0.1:{port}"));
        has(
            &server.err,
            &[
                "accept() …",
                &format!("{from} → {to}  SYN "),
                &format!("{to} → {from}  SYN,ACK "),
                &format!("{from} → {to}  ACK "),
                "accept() = ",
                "\"hello\"",
                "recv() = 5",
                "\"hi\"",
                "FIN,ACK",
            ],
        );
    }
    // The conversation itself is as without it.
    assert!(server.out.ends_with("\nhello\n"), "{}", server.out);
}

#[test]
fn a_client_shows_its_own_segments_alone() {
    let server = demo("tcp-chat server 0 --concurrent");
    let port = server.port();
    let mut other = demo(&format!("tcp-chat client {port}"));
    other.types("one\n");
    other.says("ONE");
    let mut client = demo(&format!("tcp-chat client {port} --timeline"));
    client.types("two\n");
    client.says("TWO");
    other.types("three\n");
    other.says("THREE");
    client.ends_input();
    let client = client.ended(0);
    has(&client.err, &["connect(127.0.0.1:", "send(3) = 3", "close()"]);
    if may_capture(&client.err) {
        has(&client.err, &["  SYN ", "  SYN,ACK ", "\"two\"", "\"TWO\"", "FIN,ACK"]);
        assert!(!client.err.contains("THREE") && !client.err.contains("three"), "{}", client.err);
    }
    other.ends_input();
    other.ended(0);
    server.interrupt();
}

#[test]
fn datagrams() {
    let server = demo("udp-echo server 0");
    let mut client = demo(&format!("udp-echo client {} --timeline", server.port()));
    client.types("ping\n");
    client.says("hello");
    client.ends_input();
    let client = client.ended(0);
    has(&client.err, &["IP_RECVERR", "SO_RCVTIMEO", "sendto(4", "recvfrom() = 5"]);
    if may_capture(&client.err) {
        has(&client.err, &["UDP len=4 \"ping\"", "UDP len=5 \"hello\""]);
    }
    server.interrupt();
}

#[test]
fn without_permission_it_shows_the_calls_and_the_way_out() {
    // In a user namespace of its own nobody may capture on this machine's network.
    let output = Command::new("unshare")
        .args(["--user", env!("CARGO_BIN_EXE_handshake"), "demo", "tcp-echo", "client", "1", "--timeline"])
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null())
        .output();
    let Ok(output) = output else { return skip("unshare is not installed") };
    let err = String::from_utf8(output.stderr).unwrap();
    if err.contains("unshare failed") || err.starts_with("unshare: ") {
        return skip(&err);
    }
    has(&err, &["Capturing is not permitted", "setcap", "connect(127.0.0.1:1)", "ECONNREFUSED"]);
    // The conversation's own end.
    assert_eq!(output.status.code(), Some(1), "{err}");
    has(&err, &["error: Nobody listens on 127.0.0.1:1"]);
}

fn skip(why: &str) {
    assert!(std::env::var_os("CI").is_none(), "CI must not skip: {why}");
    let _ = writeln!(std::io::stderr(), "SKIPPED demo::timeline: {why}");
}
