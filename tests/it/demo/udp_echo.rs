//! `demo udp-echo`.

use super::process::{demo, demo_command, hex, peer, peer_with};

#[test]
fn our_server_answers_the_notes_client() {
    let server = demo("udp-echo server 0");
    let port = server.port();
    let mut client = peer("udp_echo_client", &port.to_string());
    client.types("hi there\n你好\n");
    assert_eq!(client.says("answer hello"), format!(" ('127.0.0.1', {port})"));
    client.says("answer hello");
    server.says("]: hi there");
    server.says("]: 你好");
    client.ends_input();
    client.ended(0);
    server.interrupt();
}

#[test]
fn our_client_talks_with_the_notes_server() {
    let server = peer("udp_echo_server", "");
    let port = server.python_port();
    let mut client = demo(&format!("udp-echo client {port}"));
    client.asks(">>: ");
    client.types("\n  你好 \n");
    server.says("got b'\\xe4\\xbd\\xa0\\xe5\\xa5\\xbd'");
    assert_eq!(client.says("hello"), format!("  (from 127.0.0.1:{port})"));
    // Asked three times: at first, after the empty line, and after the answer.
    client.asks(">>: ");
    client.asks(">>: ");
    client.ends_input();
    client.ended(0);
    server.ended(0);
}

#[test]
fn both_of_ours_and_the_server_counts() {
    let server = demo_command("udp-echo server 0 --count 2", &["--answer", "hello, you"]);
    let mut client = demo(&format!("udp-echo client {}", server.port()));
    client.types("one\ntwo\n");
    client.ends_input();
    let client = client.ended(0);
    assert_eq!(client.out.matches("hello, you  (from 127.0.0.1:").count(), 2, "{client:?}");
    server.ended(0);
}

#[test]
fn a_server_that_is_not_there_is_told() {
    // Bound and closed again: nobody listens there now.
    let free = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let mut client = demo(&format!("udp-echo client {port}"));
    client.types("one\n");
    client.tells(&format!("Nobody listens on 127.0.0.1:{port}."));
    client.tells("port unreachable");
    // It goes on, also when it was refused before.
    client.types("two\n");
    client.tells(&format!("Nobody listens on 127.0.0.1:{port}."));
    client.ends_input();
    client.ended(0);
}

#[test]
fn an_answer_that_does_not_come_is_not_waited_for_for_ever() {
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let mut client = demo(&format!("udp-echo client {port} --wait 0.2"));
    client.types("anybody?\n");
    client.tells("No answer within 0.2 s.");
    // An answer that is late is shown all the same, and is said to be late.
    let (_, from) = silent.recv_from(&mut [0; 100]).unwrap();
    silent.send_to(b"here I am", from).unwrap();
    client.says("here I am  (from 127.0.0.1:");
    client.tells("when nobody waited for it");
    client.ends_input();
    client.ended(0);
}

#[test]
fn long_empty_and_strange_datagrams_come_whole() {
    let server = demo("udp-echo server 0");
    let port = server.port().to_string();
    let long = hex("x".repeat(3000));
    let most = hex("y".repeat(65_507));
    let client = peer_with("raw_udp", &[&port, &long, "", "ff41", &most]);
    for _ in 0..4 {
        client.says("answer b'hello'");
    }
    client.ended(0);
    let server = server.interrupt();
    assert!(server.out.contains(&format!(": {}\n", "x".repeat(3000))));
    assert!(server.out.contains(&format!(": {}\n", "y".repeat(65_507))));
    assert!(server.out.contains(": \\xffA\n"));
    let said = server.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        said.contains("one datagram of 3000 bytes") && said.contains("other 1976 would be gone"),
        "{said}"
    );
    assert!(said.contains("A datagram may be empty"), "{said}");
    assert!(said.contains("no UTF-8: 1,"), "{said}");
}

#[test]
fn a_datagram_can_be_too_long_to_be_sent() {
    let server = demo("udp-echo server 0");
    let mut client = demo(&format!("udp-echo client {}", server.port()));
    client.types("z".repeat(65_508) + "\nshort\n");
    client.tells("That is too long for one datagram (EMSGSIZE)");
    client.says("hello");
    client.ends_input();
    client.ended(0);
    server.interrupt();
}
