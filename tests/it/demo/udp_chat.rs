//! `demo udp-chat`.

use std::io::Write;

use super::process::{demo, demo_command, hex, peer, peer_with};

/// An address book with one friend at this port, and one at an address where nobody is.
fn friends(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

#[test]
fn our_server_and_operator_talk_with_the_notes_client() {
    let mut server = demo("udp-chat server 0");
    let port = server.port();
    let mut client = peer("udp_chat_client", &format!("乔治={port}"));
    client.types("乔治\n你好\n");
    server.says("]: 你好");
    server.asks("Your reply: ");
    // An empty reply asks again.
    server.types("\n");
    server.asks("Your reply: ");
    server.types("  在呢 \n");
    assert_eq!(client.says(&format!("来自[127.0.0.1:{port}]的一条消息:")), "在呢");
    client.types("再见\n");
    server.says("]: 再见");
    server.types("再见！\n");
    client.says("再见！");
    client.ends_input();
    client.ended(0);
    server.interrupt();
}

#[test]
fn our_client_talks_with_the_notes_server() {
    let mut server = peer("udp_chat_server", "");
    let book = friends(&format!("\"乔治\" = \"127.0.0.1:{}\"\n", server.python_port()));
    let mut client = demo_command("udp-chat client --friends", &[book.path().to_str().unwrap()]);
    client.types("乔治\n你好\n");
    server.says("一条消息:\u{1b}[1;44m你好");
    server.types("在呢\n");
    client.says("] 乔治: 在呢");
    client.types("quit\n");
    client.asks("Whom to talk with");
    client.ends_input();
    client.ended(0);
}

#[test]
fn quit_unknown_friends_empty_lines_and_numbers() {
    let mut james = peer("udp_chat_server", "");
    let mut benhuan = peer("udp_chat_server", "");
    let book = friends(&format!(
        "james = \"127.0.0.1:{}\"\n\"苯环\" = \"127.0.0.1:{}\"\n",
        james.python_port(),
        benhuan.python_port()
    ));
    let mut client = demo_command("udp-chat client --friends", &[book.path().to_str().unwrap()]);
    client.tells("1  james  127.0.0.1:");
    client.tells("2  苯环  127.0.0.1:");
    client.asks("Whom to talk with (name or number): ");
    client.types("\n");
    client.asks("Whom to talk with (name or number): ");
    client.types("nobody\x1b[31m\n");
    client.tells("Nobody called \"nobody\\x1b[31m\" is in the address book.");
    client.asks("Whom to talk with (name or number): ");
    client.types("james\n");
    client.asks("To james (quit ends the chat): ");
    client.types("   \n");
    client.asks("To james (quit ends the chat): ");
    client.types("hi\n");
    james.says("hi");
    james.types("hello\n");
    client.says("] james: hello");
    client.types("quit\n");
    client.asks("Whom to talk with (name or number): ");
    client.types("2\n");
    client.asks("To 苯环 (quit ends the chat): ");
    client.types("你好\n");
    benhuan.says("你好");
    benhuan.types("嗯\n");
    client.says("] 苯环: 嗯");
    client.types("quit\nquit\n");
    client.ended(0);
}

#[test]
fn the_usual_friends_are_the_notes() {
    let mut client = demo("udp-chat client --lang zh");
    for (name, port) in [("乔治", 8081), ("james", 8082), ("苯环", 8083), ("岳岳", 8084)] {
        client.tells(&format!("{name}  127.0.0.1:{port}"));
    }
    client.asks("请选择聊天对象");
    client.ends_input();
    client.ended(0);
}

#[test]
fn the_operator_can_leave() {
    let mut server = demo("udp-chat server 0");
    let client = peer_with("raw_udp", &[&server.port().to_string(), &hex("hi")]);
    server.says("]: hi");
    server.ends_input();
    server.ended(0);
    drop(client);
}

#[test]
fn ctrl_c_ends_a_wait_for_a_friend() {
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let book = friends(&format!("x = \"{}\"\n", silent.local_addr().unwrap()));
    let mut client = demo_command("udp-chat client --friends", &[book.path().to_str().unwrap()]);
    client.types("x\nhello?\n");
    silent.recv_from(&mut [0; 100]).unwrap();
    client.interrupt();
}

#[test]
fn a_message_from_somebody_else_is_told_apart() {
    let friend = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let stranger = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let book = friends(&format!("x = \"{}\"\n", friend.local_addr().unwrap()));
    let mut client = demo_command("udp-chat client --friends", &[book.path().to_str().unwrap()]);
    client.types("x\nare you there?\n");
    let (_, from) = friend.recv_from(&mut [0; 100]).unwrap();
    stranger.send_to(b"yes, of course", from).unwrap();
    client.says(&format!("Message from [{}]: yes, of course", stranger.local_addr().unwrap()));
    client.tells(&format!("That is not from {}", friend.local_addr().unwrap()));
    client.ends_input();
    client.ended(0);
}

#[test]
fn an_address_book_with_a_mistake_shows_the_place() {
    let cases = [
        ("james = 8082\n", "line 1, column 9: invalid type: integer `8082`, expected a string"),
        ("james = \"127.0.0.1:8082\"\n乔治 = \"127.0.0.1:1\"\n", "line 2, column 1"),
        ("a = \"b:c\"\n", "line 1, column 5: \"b:c\" is no address"),
        ("a = \"127.0.0.1:99999\"\n", "is no address"),
        ("", "no friend in it"),
    ];
    for (text, expected) in cases {
        let book = friends(text);
        let client = demo_command("udp-chat client --friends", &[book.path().to_str().unwrap()]);
        let client = client.ended(2);
        assert!(client.err.contains(expected), "{text:?}: {}", client.err);
    }
    let client = demo("udp-chat client --friends /no/such/file").ended(2);
    assert!(client.err.contains("/no/such/file: "), "{}", client.err);
}
