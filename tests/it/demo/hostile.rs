//! What peers send to harm is shown, not obeyed.

use super::process::{Ended, demo, hex, peer_with};

/// Clears the screen, sets the title, turns the direction, rings the bell, moves up, and carries on.
const EVIL: &str = "\x1b[2J\x1b]0;owned\x07\u{202e}evil\r\x1b[1A\u{9b}31m";
const SHOWN: &str = "\\x1b[2J\\x1b]0;owned\\x07\\u{202e}evil\\r\\x1b[1A\\u{9b}31m";

fn harmless(ended: &Ended) {
    for (name, text) in [("stdout", &ended.out), ("stderr", &ended.err)] {
        let dangerous = |c: &char| c.is_control() && *c != '\n' || *c == '\u{202e}';
        assert_eq!(text.chars().find(dangerous), None, "{name}: {text:?}");
    }
}

#[test]
fn escapes_in_datagrams() {
    let server = demo("udp-echo server 0");
    let client = peer_with("raw_udp", &[&server.port().to_string(), &hex(EVIL)]);
    client.says("answer");
    server.says(&format!("]: {SHOWN}"));
    server.tells("control characters");
    harmless(&server.interrupt());
}

#[test]
fn escapes_for_the_operator_of_a_chat() {
    let server = demo("udp-chat server 0");
    let _client = peer_with("raw_udp", &[&server.port().to_string(), &hex(EVIL)]);
    server.says(&format!("]: {SHOWN}"));
    harmless(&server.interrupt());
}

#[test]
fn escapes_in_answers() {
    let server = peer_with("udp_answers", &[&hex(EVIL)]);
    let mut client = demo(&format!("udp-echo client {}", server.python_port()));
    client.types("hi\n");
    client.says(SHOWN);
    client.ends_input();
    harmless(&client.ended(0));
    let server = peer_with("raw_server", &[&hex(EVIL), "close"]);
    let mut client = demo(&format!("tcp-chat client {}", server.python_port()));
    client.types("hi\n");
    client.says(SHOWN);
    harmless(&client.ended(0));
}

#[test]
fn escapes_on_streams_also_across_reads() {
    let server = demo("tcp-chat server 0");
    let port = server.port().to_string();
    // Byte by byte: no read holds a whole escape, and U+009B comes in two halves.
    peer_with("raw_client", &[&port, &hex("\x1b[2J\u{9b}1m"), "drip"]).ended(0);
    server.tells("has hung up.");
    peer_with("raw_client", &[&port, &hex(EVIL), "answer"]).ended(0);
    server.says(SHOWN);
    // A character that stays half.
    peer_with("raw_client", &[&port, &hex(&EVIL.as_bytes()[..16]), "answer"]).ended(0);
    server.says("\\xe2\\x80");
    let server = server.interrupt();
    harmless(&server);
    // What was read byte for byte stands in a line each.
    let first: String = server
        .out
        .lines()
        .skip(1)
        .take(8)
        .filter_map(|line| line.split_once("] "))
        .map(|(_, text)| text)
        .collect();
    assert_eq!(first, "\\x1b[2J\\u{9b}1m");
    let server = demo("tcp-echo server 0");
    peer_with("raw_client", &[&server.port().to_string(), &hex(EVIL), "answer"]).says("answer b'hi'");
    let server = server.ended(0);
    assert!(server.out.contains(SHOWN), "{server:?}");
    harmless(&server);
}

#[test]
fn escapes_in_messages_with_lengths_and_in_what_only_looks_like_one() {
    let server = demo("tcp-chat server 0 --framed");
    let port = server.port().to_string();
    let mut framed = u32::try_from(EVIL.len()).unwrap().to_be_bytes().to_vec();
    framed.extend_from_slice(EVIL.as_bytes());
    peer_with("raw_client", &[&port, &hex(framed), "answer"]).ended(0);
    server.says(SHOWN);
    peer_with("raw_client", &[&port, &hex("\u{9b}\u{9b}m"), "listen"]).ended(0);
    server.tells("sends no lengths: its first 4 bytes are \"\\u{9b}\\u{9b}\"");
    harmless(&server.interrupt());
}

#[test]
fn bytes_that_are_no_text() {
    let server = demo("tcp-chat server 0");
    // 你好 in GBK.
    peer_with("raw_client", &[&server.port().to_string(), "c4e3bac341", "answer"])
        .says("answer b'\\xc4\\xe3\\xba\\xc3A'");
    server.says("] \\xc4\\xe3\\xba\\xc3A");
    server.tells("no UTF-8: 4,");
    server.interrupt();
}
