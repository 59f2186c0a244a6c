//! `demo tcp-chat` as the notes do it: without boundaries.

use super::process::{demo, demo_command, hex, peer, peer_with};

#[test]
fn our_server_answers_one_notes_client_after_the_other() {
    let server = demo("tcp-chat server 0");
    let port = server.port().to_string();
    for (said, answered) in [("hello", "HELLO"), ("你好 abc", "你好 ABC")] {
        let mut client = peer("tcp_chat_client", &port);
        client.types(format!("{said}\n\n"));
        assert_eq!(client.says("answer "), answered);
        server.says(&format!("] {said}"));
        client.types("again\n");
        client.says("answer AGAIN");
        client.ends_input();
        client.ended(0);
        server.tells("has hung up.");
    }
    let server = server.interrupt();
    assert_eq!(server.out.matches("A call from 127.0.0.1:").count(), 2);
    assert_eq!(server.err.matches("recv() gave 0 bytes").count(), 1, "explained once: {}", server.err);
}

#[test]
fn our_client_talks_with_the_notes_server() {
    let server = peer("tcp_chat_server", "");
    let port = server.python_port();
    for _ in 0..2 {
        let mut client = demo(&format!("tcp-chat client {port}"));
        client.types("\n   \nhello\n");
        client.says("HELLO");
        client.types("你好\n");
        client.says("你好");
        client.ends_input();
        let client = client.ended(0);
        assert_eq!(client.out, "HELLO\n你好\n");
        server.says("got b'hello'");
        server.says("hung up");
    }
}

#[test]
fn the_second_caller_waits_until_the_first_has_left() {
    let server = demo("tcp-chat server 0 --count 2");
    let port = server.port();
    let mut first = demo(&format!("tcp-chat client {port}"));
    first.types("one\n");
    first.says("ONE");
    let mut second = demo(&format!("tcp-chat client {port}"));
    second.types("two\n");
    // Connected by the kernel, but nobody has taken the call.
    second.tells("Connected to");
    first.types("still here\n");
    first.says("STILL HERE");
    first.ends_input();
    first.ended(0);
    second.says("TWO");
    second.ends_input();
    second.ended(0);
    server.ended(0);
}

#[test]
fn a_message_longer_than_the_buffer_comes_in_pieces() {
    let server = demo("tcp-chat server 0");
    let mut client = demo(&format!("tcp-chat client {}", server.port()));
    let long = "0123456789".repeat(300);
    client.types(long.clone() + "\n");
    client.tells("TCP carries bytes and knows no");
    client.types("short\n");
    client.says("short".to_uppercase().as_str());
    client.ends_input();
    let client = client.ended(0);
    assert_eq!(client.out.replace('\n', ""), long.clone() + "SHORT");
    assert!(client.out.lines().count() >= 4, "at most 1024 bytes a read: {}", client.out);
    server.tells("That read filled the buffer of 1024 bytes");
    server.interrupt();
}

#[test]
fn two_messages_stick_together() {
    let server = demo("tcp-chat server 0");
    let client =
        demo(&format!("tcp-chat client {} --together hello --together world", server.port())).ended(0);
    assert_eq!(client.out, "HELLOWORLD\n");
    assert!(client.err.contains("they stick together"), "{}", client.err);
    server.says("] helloworld");
    server.interrupt();
}

#[test]
fn ten_megabytes_without_boundaries_neither_block_nor_get_lost() {
    let server = demo("tcp-chat server 0 --buffer 65536");
    let mut client = demo(&format!("tcp-chat client {} --buffer 65536", server.port()));
    let long = "abcdefghij".repeat(1_000_000);
    client.types(long.clone() + "\n");
    client.ends_input();
    let client = client.ended(0);
    assert_eq!(client.out.replace('\n', ""), long.to_uppercase());
    server.interrupt();
}

#[test]
fn a_caller_who_says_one_byte_at_a_time() {
    let server = demo("tcp-chat server 0");
    let client = peer_with("raw_client", &[&server.port().to_string(), &hex("a你好z"), "drip"]);
    client.says("fine");
    client.ended(0);
    server.tells("has hung up.");
    let server = server.interrupt();
    let heard: String =
        server.out.lines().filter_map(|line| line.split_once("] ")).map(|(_, text)| text).collect();
    assert_eq!(heard, "a你好z");
    assert!(server.err.contains("inside a character"), "{}", server.err);
}

#[test]
fn a_server_that_speaks_unasked_is_heard_at_the_prompt() {
    let mut server = peer_with("raw_server", &[&hex("one"), "hold"]);
    let mut client = demo(&format!("tcp-chat client {}", server.python_port()));
    client.types("hi\n");
    client.says("one");
    // The server hangs up while our client waits for a line: it notices without sending.
    server.types("\n");
    client.tells("has hung up.");
    client.ended(0);
    server.ended(0);
}

#[test]
fn addresses_are_loopback_unless_asked_for() {
    let server = demo("tcp-chat server [::1]:0");
    let rest = server.tells("TCP server on [::1]:");
    let port = rest.split(',').next().unwrap().to_owned();
    let mut client = demo(&format!("tcp-chat client [::1]:{port}"));
    client.types("v6\n");
    client.says("V6");
    client.ends_input();
    client.ended(0);
    let server = server.interrupt();
    assert!(!server.err.contains("not a loopback"), "{}", server.err);
    let wide = demo("tcp-chat server 0.0.0.0:0");
    wide.tells("TCP server on 0.0.0.0:");
    wide.tells("is not a loopback address");
    wide.interrupt();
}

#[test]
fn arguments_that_fit_no_demo() {
    let cases: [(&str, &[&str], &str); 7] = [
        ("tcp-chat client --concurrent", &[], "--concurrent means nothing to tcp-chat client"),
        ("udp-echo server --framed", &[], "--framed means nothing to udp-echo server"),
        ("udp-chat client 9000", &[], "ADDRESS means nothing to udp-chat client"),
        ("tcp-echo server 70000", &[], "\"70000\" is no address"),
        ("tcp-echo client a:b", &[], "\"a:b\" is no address"),
        ("tcp-echo client", &["one two"], "\"one two\" is no address"),
        ("udp-echo client --wait x", &[], "expected seconds such as 5 or 0.5"),
    ];
    for (arguments, more, expected) in cases {
        let told = demo_command(arguments, more).ended(2);
        assert!(told.err.contains(expected), "{arguments}: {}", told.err);
        assert_eq!(told.out, "");
    }
}
