//! `demo tcp-echo`.

use super::process::{demo, demo_command, hex, peer, peer_with};

#[test]
fn our_server_answers_the_notes_client() {
    let server = demo("tcp-echo server 0");
    let client = peer("tcp_echo_client", &server.port().to_string());
    client.says("answer hi");
    client.ended(0);
    let server = server.ended(0);
    assert!(
        server.out.starts_with("A call from 127.0.0.1:") && server.out.ends_with("\nhello world\n"),
        "{server:?}"
    );
    assert!(server.err.contains("has hung up."), "{server:?}");
}

#[test]
fn our_client_calls_the_notes_server() {
    let server = peer("tcp_echo_server", "");
    let client =
        demo_command(&format!("tcp-echo client {} --lang zh", server.python_port()), &["--say", "你好"]);
    server.says("接到来自127.0.0.1的电话");
    server.says("got b'\\xe4\\xbd\\xa0\\xe5\\xa5\\xbd' <class 'bytes'>");
    let client = client.ended(0);
    assert_eq!(client.out, "hi\n");
    server.ended(0);
}

#[test]
fn both_of_ours_in_chinese() {
    let server = demo("tcp-echo server 0 --lang zh");
    let rest = server.tells("TCP 服务器在 127.0.0.1:");
    let port = rest.split(' ').next().unwrap();
    assert_eq!(demo(&format!("tcp-echo client {port} --lang zh")).ended(0).out, "hi\n");
    let server = server.ended(0);
    assert!(server.out.starts_with("接到来自127.0.0.1:"), "{server:?}");
}

#[test]
fn nobody_there_is_a_clear_error() {
    // Bound but not listening: the kernel refuses.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    drop(taken);
    let client = demo(&format!("tcp-echo client {port}")).ended(1);
    assert!(client.err.contains("(ECONNREFUSED)"), "{}", client.err);
    assert!(client.err.contains("The SYN was answered with RST. Start the server first."), "{}", client.err);
    assert_eq!(client.out, "");
}

#[test]
fn a_caller_without_a_word() {
    let server = demo("tcp-echo server 0");
    peer_with("raw_client", &[&server.port().to_string(), "", "leave"]).ended(0);
    let server = server.ended(0);
    assert!(server.err.contains("has hung up without a word."), "{}", server.err);
}

#[test]
fn a_server_without_an_answer() {
    let server = peer_with("raw_server", &["", "mute"]);
    let client = demo(&format!("tcp-echo client {}", server.python_port())).ended(1);
    assert!(client.err.contains("has hung up without an answer"), "{}", client.err);
}

#[test]
fn more_than_1024_bytes_are_heard_to_the_end() {
    let server = demo("tcp-echo server 0");
    let message = "long ".repeat(700);
    // The peer goes on reading until we hang up: the answer must reach it, and the end too.
    let client = peer_with("raw_client", &[&server.port().to_string(), &hex(&message), "listen"]);
    client.says("all b'hi'");
    client.ended(0);
    let server = server.ended(0);
    let heard: String = server.out.lines().skip(1).collect();
    assert_eq!(heard, message);
    assert!(server.err.contains("TCP carries bytes"), "{}", server.err);
    assert!(
        server.err.contains("keeps the line open; we hang up.") || server.err.contains("has hung up."),
        "{}",
        server.err
    );
}

#[test]
fn an_answer_cut_inside_a_character_is_put_together() {
    let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let client = demo(&format!("tcp-echo client {}", server.local_addr().unwrap().port()));
    let (mut line, _) = server.accept().unwrap();
    std::io::Read::read(&mut line, &mut [0; 100]).unwrap();
    std::io::Write::write_all(&mut line, &"你好".as_bytes()[..4]).unwrap();
    client.says("你");
    client.tells("inside a character");
    std::io::Write::write_all(&mut line, &"你好".as_bytes()[4..]).unwrap();
    client.says("好");
    client.ended(0);
}

#[test]
fn half_a_character_is_shown_when_its_rest_never_comes() {
    let server = demo("tcp-echo server 0");
    // 你 and the first byte of 好; then the caller leaves.
    peer_with("raw_client", &[&server.port().to_string(), &hex(&"你好".as_bytes()[..4]), "leave"]).ended(0);
    let out = server.ended(0).out;
    assert!(out.contains("你\n") && out.ends_with("\\xe5\n"), "{out}");
}
