//! The many ways in which a conversation ends.

use std::net::{TcpListener, UdpSocket};

use nix::sys::signal::Signal;

use super::process::{demo, hex, peer_with, unread_demo};

#[test]
fn a_peer_that_dies_or_resets_ends_its_conversation_alone() {
    for arguments in ["", "--framed", "--concurrent"] {
        let server = demo(&format!("tcp-chat server 0 {arguments}"));
        let port = server.port().to_string();
        let mut victim = peer_with("raw_client", &[&port, "", "die"]);
        let me = victim.says("me ");
        server.says(&format!("A call from 127.0.0.1:{}", me.trim()));
        victim.types("\n");
        victim.killed();
        server.tells(&format!("127.0.0.1:{} has hung up.", me.trim()));
        // Our answer is never read: the kernel of the one who leaves sends RST.
        let rude = peer_with("raw_client", &[&port, "", "reset"]);
        let me = rude.says("me ");
        server.tells(&format!("127.0.0.1:{} has reset the connection (RST, ECONNRESET)", me.trim()));
        // And the next caller is served.
        let framed = hex(if arguments == "--framed" { "\0\0\0\x02hi" } else { "hi" });
        let answer = peer_with("raw_client", &[&port, &framed, "answer"]).says("answer ");
        assert!(answer.ends_with("HI'"), "{answer}");
        server.interrupt();
    }
}

#[test]
fn a_server_that_resets_is_told() {
    let server = peer_with("raw_server", &["", "reset"]);
    let mut client = demo(&format!("tcp-chat client {}", server.python_port()));
    client.types("hi\n");
    let client = client.ended(1);
    assert!(client.err.contains("has reset the connection"), "{}", client.err);
    let server = peer_with("raw_server", &["", "reset"]);
    let client = demo(&format!("tcp-echo client {}", server.python_port())).ended(1);
    assert!(client.err.contains("has reset the connection"), "{}", client.err);
}

#[test]
fn a_server_that_leaves_without_an_answer_is_told() {
    let server = peer_with("raw_server", &["", "close"]);
    let mut client = demo(&format!("tcp-chat client {}", server.python_port()));
    client.types("hi\n");
    let client = client.ended(1);
    assert!(client.err.contains("has hung up without an answer"), "{}", client.err);
}

#[test]
fn nobody_there() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for name in ["tcp-echo", "tcp-chat"] {
        let client = demo(&format!("{name} client {}", free.port())).ended(1);
        assert!(client.err.contains("ECONNREFUSED"), "{}", client.err);
    }
}

#[test]
fn an_address_in_use() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    for name in ["tcp-echo", "tcp-chat"] {
        let server = demo(&format!("{name} server {port}")).ended(2);
        assert!(server.err.contains(&format!("127.0.0.1:{port} is taken")), "{}", server.err);
        assert!(server.err.contains("ss -lntup"), "{}", server.err);
    }
    let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    for name in ["udp-echo", "udp-chat"] {
        let server = demo(&format!("{name} server {port}")).ended(2);
        assert!(server.err.contains(&format!("127.0.0.1:{port} is taken")), "{}", server.err);
    }
}

#[test]
fn a_server_can_start_again_at_once() {
    let server = demo("tcp-chat server 0");
    let port = server.port();
    let mut client = peer_with("raw_client", &[&port.to_string(), &hex("hi"), "hold"]);
    client.says("answer b'HI'");
    // The server closes first, so its end of the connection goes to TIME-WAIT.
    server.interrupt();
    client.types("\n");
    client.ended(0);
    let server = demo(&format!("tcp-chat server {port}"));
    assert_eq!(server.port(), port);
    server.interrupt();
}

#[test]
fn an_address_of_another_machine() {
    // TEST-NET-1 (RFC 5737) is nobody's.
    let server = demo("tcp-echo server 192.0.2.1:9000").ended(2);
    assert!(server.err.contains("is no address of this machine"), "{}", server.err);
    let server = demo("udp-echo server 192.0.2.1:9000").ended(2);
    assert!(server.err.contains("is no address of this machine"), "{}", server.err);
}

#[test]
fn ctrl_c_ends_every_wait() {
    // Waiting for a call, and for a datagram.
    for name in ["tcp-echo", "tcp-chat", "udp-echo", "udp-chat"] {
        let server = demo(&format!("{name} server 0"));
        server.port();
        assert!(server.interrupt().err.ends_with("Bye.\n"));
    }
    let server = demo("tcp-chat server 0 --concurrent");
    let port = server.port();
    // Waiting for a line, at the keyboard.
    let mut typing = demo(&format!("tcp-chat client {port}"));
    typing.types("hi\n");
    typing.says("HI");
    // Waiting for the peer to say something: the peer is told properly, by FIN.
    let peer = peer_with("raw_client", &[&port.to_string(), "", "listen"]);
    let me = peer.says("me ");
    server.says(&format!("A call from 127.0.0.1:{}", me.trim()));
    typing.interrupt();
    server.interrupt();
    peer.says("all b''");
    peer.ended(0);
    // Waiting for an answer.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let client = demo(&format!("tcp-echo client {port}"));
    client.tells("Said: hello world");
    assert!(client.interrupt().err.ends_with("Bye.\n"));
    let mut client = demo(&format!("tcp-chat client {port}"));
    client.types("x".repeat(9_000_000) + "\n");
    client.asks("xxx");
    client.interrupt();
}

#[test]
fn terminate_and_hang_up_are_ctrl_c_too() {
    for signal in [Signal::SIGTERM, Signal::SIGHUP] {
        let server = demo("udp-echo server 0");
        server.port();
        server.signal(signal);
        server.ended(0);
    }
}

#[test]
fn ctrl_d_ends_the_clients() {
    let server = demo("tcp-chat server 0 --count 1");
    let mut client = demo(&format!("tcp-chat client {}", server.port()));
    client.asks(">>: ");
    client.ends_input();
    assert!(client.ended(0).err.ends_with("Bye.\n"));
    server.ended(0);
}

#[test]
fn a_line_without_an_end_counts() {
    let server = demo("tcp-chat server 0 --count 1");
    let mut client = demo(&format!("tcp-chat client {}", server.port()));
    client.types("no newline");
    client.ends_input();
    assert_eq!(client.ended(0).out, "NO NEWLINE\n");
    server.ended(0);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    for arguments in ["", "--concurrent"] {
        let server = unread_demo(&format!("tcp-chat server 0 {arguments}"));
        let client = peer_with("raw_client", &[&server.port().to_string(), "", "listen"]);
        client.says("all b''");
        server.ended(0);
    }
}

#[test]
fn a_caller_slower_than_the_exchange_is_heard_out() {
    let server = demo("tcp-echo server 0");
    let mut caller = peer_with("raw_client", &[&server.port().to_string(), &hex("word"), "more"]);
    server.tells("Answered: hi");
    caller.types("\n");
    caller.says("all b''");
    caller.ended(0);
    let server = server.ended(0);
    assert_eq!(server.out.matches("word\n").count(), 2, "{server:?}");
    assert!(server.err.contains("The caller was still talking"), "{server:?}");
}
