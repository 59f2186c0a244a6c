//! `demo tcp-chat --framed`: messages behind their lengths.

use std::fmt::Write as _;

use super::process::{demo, hex, peer, peer_with};

const TEN_MEGABYTES: usize = 10_000_000;

#[test]
fn ten_megabytes_from_python_to_our_server() {
    let server = demo("tcp-chat server 0 --framed");
    let port = server.port();
    let client = peer("framed_client", &format!("{port} big {TEN_MEGABYTES}"));
    client.says("fine");
    client.ended(0);
    let server = server.interrupt();
    let heard = server.out.lines().nth(1).unwrap();
    assert_eq!(heard.split_once("] ").unwrap().1.len(), TEN_MEGABYTES);
    assert!(server.err.contains("The length in front of it"), "{}", server.err);
}

#[test]
fn ten_megabytes_from_our_client_to_python() {
    let server = peer("framed_server", "");
    let mut client = demo(&format!("tcp-chat client {} --framed", server.python_port()));
    // Distinct everywhere, so that nothing can be lost, doubled or swapped unseen.
    let mut long = String::with_capacity(TEN_MEGABYTES + 10);
    for number in 0.. {
        if long.len() >= TEN_MEGABYTES {
            break;
        }
        write!(long, "{number} bottles; ").unwrap();
    }
    long.truncate(TEN_MEGABYTES);
    let long = long.trim();
    client.types(format!("{long}\n"));
    client.ends_input();
    let client = client.ended(0);
    assert_eq!(client.out.trim_end(), long.to_uppercase());
    server.says(&format!("got {} ", long.len()));
    server.ended(0);
}

#[test]
fn messages_that_come_together_are_kept_apart() {
    let server = demo("tcp-chat server 0 --framed");
    let port = server.port();
    peer("framed_client", &format!("{port} together")).ended(0);
    let client = demo(&format!("tcp-chat client {port} --framed --together hello --together world")).ended(0);
    assert_eq!(client.out, "HELLO\nWORLD\n");
    assert!(client.err.contains("Messages that came back whole: 2"), "{}", client.err);
    server.tells("held 3 messages");
    let server = server.interrupt();
    let heard: Vec<&str> = server.out.lines().filter_map(|line| Some(line.split_once("] ")?.1)).collect();
    assert_eq!(heard, ["one", "", "three", "hello", "world"]);
}

#[test]
fn a_message_that_drips_is_put_together() {
    let server = demo("tcp-chat server 0 --framed");
    peer("framed_client", &format!("{} drip", server.port())).ended(0);
    server.says("] 慢慢说");
    let told = server.tells("said how much to wait for");
    drop(told);
    server.interrupt();
}

#[test]
fn a_peer_without_lengths_is_found_out() {
    let server = demo("tcp-chat server 0 --framed");
    let port = server.port();
    peer_with("raw_client", &[&port.to_string(), &hex("GET / HTTP/1.1\r\n"), "listen"]).says("all b''");
    server.tells("sends no lengths: its first 4 bytes are \"GET \"");
    // A length that is no text, and beyond every limit.
    peer_with("raw_client", &[&port.to_string(), "ffffff01aa", "listen"]).says("all b''");
    server.tells("announces a message of 4294967041 bytes; 67108864 is the limit");
    // It goes on serving.
    peer("framed_client", &format!("{port} together")).ended(0);
    server.interrupt();
}

#[test]
fn a_peer_that_leaves_inside_a_message_or_a_length() {
    let server = demo("tcp-chat server 0 --framed");
    let port = server.port().to_string();
    peer_with("raw_client", &[&port, "0000000a414243", "leave"]).ended(0);
    server.tells("hung up inside a message: 3 of 10 bytes came");
    peer_with("raw_client", &[&port, "0000", "leave"]).ended(0);
    server.tells("hung up inside a length: 2 of 4 bytes came");
    server.interrupt();
    // And the other way round.
    let server = peer_with("raw_server", &["0000000a414243", "close"]);
    let mut client = demo(&format!("tcp-chat client {} --framed", server.python_port()));
    client.types("hi\n");
    let client = client.ended(1);
    assert!(client.err.contains("3 of 10 bytes came"), "{}", client.err);
}

#[test]
fn what_send_takes_in_pieces_arrives_whole() {
    let mut server = peer("stuffed_server", "");
    let mut client = demo(&format!("tcp-chat client {} --framed", server.python_port()));
    let long = "0123456789abcdef".repeat(TEN_MEGABYTES / 16);
    client.types(format!("{long}\n"));
    server.says("full");
    // A process that is stopped and goes on comes back from send() with what was taken so far.
    client.stops_and_goes_on();
    server.types("\n");
    client.ends_input();
    let client = client.ended(0);
    assert_eq!(client.out.trim_end(), long.to_uppercase());
    assert!(
        client.err.contains("it may take less than it is"),
        "{}",
        &client.err[client.err.len().saturating_sub(500)..]
    );
    server.ended(0);
}
