//! `--timeline` with one end: its calls, and its segments where capturing is permitted.

use std::process::{Command, Stdio};

use super::process::{Ended, demo, hex, peer_with};
use crate::tool::{Load, skip};

/// Whether this process may capture: without, the timeline has the calls alone.
fn may_capture(err: &str) -> bool {
    let may = !err.contains("CAP_NET_RAW");
    if !may {
        skip("segments, capturing is not permitted");
    }
    may
}

/// What causes what, from left to right; each of them once. Between two such lines anything else may stand.
#[track_caller]
fn causes(text: &str, wanted: &[&str]) {
    let mut before = 0;
    for words in wanted {
        let places: Vec<usize> = text.match_indices(words).map(|(at, _)| at).collect();
        assert_eq!(places.len(), 1, "{words:?} in\n{text}");
        assert!(before <= places[0], "{words:?} comes too early in\n{text}");
        before = places[0];
    }
}

/// One conversation of the lecture's telephone, both its ends with their timelines.
#[track_caller]
fn telephone() {
    let server = demo("tcp-echo server 0 --timeline");
    let port = server.port();
    let client = demo(&format!("tcp-echo client {port} --timeline"));
    let Ended { err: client, .. } = client.ended(0);
    let Ended { err: server, out } = server.ended(0);
    // The conversation itself is as without it.
    assert!(out.ends_with("\nhello world\n"), "{out}");
    causes(&server, &["socket() = ", "bind(127.0.0.1:0)", "listen(5)", "accept() …", "accept() = "]);
    causes(&server, &["accept() = ", "recv() = 11", "send(2)\n", "recv() = 0"]);
    let connect = format!("connect(127.0.0.1:{port}) …");
    causes(&client, &["socket() = ", &connect, ") = 0\n", "send(11)\n", "recv() …"]);
    causes(&client, &["recv() …", "recv() = 2", "close()"]);
    if !may_capture(&server) {
        return;
    }
    let to = format!(" → 127.0.0.1:{port}  ");
    let from = format!("127.0.0.1:{port} → ");
    for text in [&server, &client] {
        causes(text, &["  SYN seq=", "  SYN,ACK seq=", "  PSH,ACK seq=1 ack=1 ", "  PSH,ACK seq=1 ack=12 "]);
        let shown = |wanted: &[&str]| {
            text.lines().filter(|line| wanted.iter().all(|words| line.contains(words))).count()
        };
        assert_eq!(shown(&[&to, "  SYN "]), 1, "{text}");
        assert_eq!(shown(&[&from, "  SYN,ACK "]), 1, "{text}");
        assert_eq!(shown(&[&to, "  ACK seq=1 ack=1 "]), 1, "{text}");
        assert_eq!(shown(&[&to, "FIN,ACK "]), 1, "{text}");
        assert_eq!(shown(&[&from, "FIN,ACK "]), 1, "{text}");
    }
    // A call is known to have begun before what it sends, and ends after what it waited for.
    causes(&server, &["  SYN seq=", "accept() = "]);
    causes(&server, &["\"hello world\"", "recv() = 11", "\"hi\""]);
    causes(&server, &["\"hi\"", &format!("{to}FIN,ACK"), "recv() = 0"]);
    causes(&client, &[&connect, "  SYN seq=", "  SYN,ACK seq=", ") = 0\n", "send(11)\n", "\"hello world\""]);
    causes(&client, &["\"hello world\"", "\"hi\"", "recv() = 2", "close()", &format!("{to}FIN,ACK")]);
}

#[test]
fn both_ends_tell_the_same_conversation() {
    telephone();
}

#[test]
fn nothing_is_lost_doubled_or_too_early_on_a_busy_machine() {
    let _load = Load::new();
    for _ in 0..3 {
        telephone();
    }
}

#[test]
fn a_client_of_python_sees_nothing_of_it() {
    let server = demo("tcp-echo server 0 --timeline");
    let client = peer_with("raw_client", &[&server.port().to_string(), &hex("hello"), "answer"]);
    let me = client.says("me ");
    client.ended(0);
    let server = server.ended(0);
    if may_capture(&server.err) {
        causes(
            &server.err,
            &[&format!("127.0.0.1:{}  SYN-SENT ▹ ESTABLISHED", me.trim()), "\"hello\"", "\"hi\""],
        );
    }
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
    let connect = format!("connect(127.0.0.1:{port}) …");
    causes(&client.err, &[&connect, ") = 0\n", "send(3)\n", "recv() = 3", "close()"]);
    if may_capture(&client.err) {
        causes(&client.err, &["  SYN ", "  SYN,ACK ", "\"two\"", "\"TWO\""]);
        assert!(!client.err.contains("THREE") && !client.err.contains("three"), "{}", client.err);
    }
    other.ends_input();
    other.ended(0);
    server.interrupt();
}

#[test]
fn datagrams() {
    let server = demo("udp-echo server 0 --timeline");
    let mut client = demo(&format!("udp-echo client {} --timeline", server.port()));
    client.types("ping\n");
    client.says("hello");
    client.ends_input();
    let client = client.ended(0);
    causes(&client.err, &["IP_RECVERR", "SO_RCVTIMEO", "sendto(4", "recvfrom() = 5"]);
    let server = server.interrupt();
    causes(&server.err, &["recvfrom() = 4", "sendto(5"]);
    if may_capture(&client.err) {
        causes(&client.err, &["UDP len=4 \"ping\"", "UDP len=5 \"hello\"", "recvfrom() = 5"]);
        causes(&server.err, &["UDP len=4 \"ping\"", "recvfrom() = 4", "UDP len=5 \"hello\""]);
    }
}

#[test]
fn a_call_that_nobody_answers_is_shown_with_its_reset() {
    let client = demo("tcp-echo client 1 --timeline").ended(1);
    causes(&client.err, &["connect(127.0.0.1:1) …", "connect(127.0.0.1:1) = -1 ECONNREFUSED"]);
    if may_capture(&client.err) {
        causes(&client.err, &["  SYN ", "  RST,ACK seq=", "= -1 ECONNREFUSED"]);
    }
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
    causes(&err, &["CAP_NET_RAW", "setcap", "this end's calls alone", "handshake demo tcp-echo`"]);
    causes(&err, &["handshake demo tcp-echo`", "connect(127.0.0.1:1) …", " = -1 ECONNREFUSED"]);
    // The conversation's own end.
    assert_eq!(output.status.code(), Some(1), "{err}");
    assert!(err.contains("error: Nobody listens on 127.0.0.1:1"), "{err}");
}
