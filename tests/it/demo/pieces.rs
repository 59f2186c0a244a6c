//! The pieces of the demos that need no network: framing, text out of pieces, addresses.

use handshake::demo::address::Address;
use handshake::demo::address_book::AddressBook;
use handshake::demo::framing::{Deframer, TooLong, Unfinished, frame};
use handshake::demo::text_stream::{TextStream, show};
use proptest::prelude::*;

proptest! {
    #[test]
    fn messages_survive_any_cutting(
        messages in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..20),
        cuts in prop::collection::vec(1_usize..50, 1..50),
    ) {
        let stream: Vec<u8> = messages.iter().flat_map(|message| frame(message.clone()).unwrap()).collect();
        let mut deframer = Deframer::new(300);
        let mut out = Vec::new();
        let (mut rest, mut cuts) = (&stream[..], cuts.into_iter().cycle());
        while !rest.is_empty() {
            let (piece, more) = rest.split_at(cuts.next().unwrap().min(rest.len()));
            deframer.push(piece);
            while let Some(message) = deframer.next_message().unwrap() {
                out.push(message);
            }
            rest = more;
        }
        prop_assert_eq!(out, messages);
        prop_assert_eq!(deframer.unfinished(), None);
    }

    #[test]
    fn text_survives_any_cutting(text in "[a-z你好é\u{10348}]{0,60}", cuts in prop::collection::vec(1_usize..6, 1..30)) {
        let mut stream = TextStream::default();
        let mut out = String::new();
        let (mut rest, mut cuts) = (text.as_bytes(), cuts.into_iter().cycle());
        while !rest.is_empty() {
            let (piece, more) = rest.split_at(cuts.next().unwrap().min(rest.len()));
            let shown = stream.read(piece);
            prop_assert_eq!(shown.strange, 0);
            prop_assert!(shown.kept <= 3);
            out.push_str(&shown.text);
            rest = more;
        }
        prop_assert_eq!(out, text);
        prop_assert_eq!(stream.finish().text, "");
    }

    #[test]
    fn nothing_dangerous_is_shown_however_it_is_cut(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 1_usize..9) {
        let mut stream = TextStream::default();
        let mut shown: Vec<_> = bytes.chunks(cut).map(|piece| stream.read(piece)).collect();
        shown.push(stream.finish());
        for shown in shown {
            prop_assert!(!shown.text.chars().any(char::is_control), "{:?}", shown.text);
        }
    }
}

#[test]
fn the_prefix_is_big_endian() {
    assert_eq!(frame(b"hi".to_vec()).unwrap(), b"\0\0\0\x02hi");
}

#[test]
fn lengths_beyond_the_limit() {
    let mut deframer = Deframer::new(10);
    deframer.push(&[0, 0, 0, 11]);
    assert_eq!(deframer.next_message(), Err(TooLong { announced: 11, longest: 10, letters: None }));
    let mut deframer = Deframer::new(10);
    deframer.push(b"hell");
    let letters = Some("hell".to_owned());
    assert_eq!(deframer.next_message(), Err(TooLong { announced: 0x6865_6c6c, longest: 10, letters }));
}

#[test]
fn what_is_unfinished() {
    let mut deframer = Deframer::new(10);
    assert_eq!(deframer.unfinished(), None);
    deframer.push(&[0, 0]);
    assert_eq!(deframer.unfinished(), Some(Unfinished { announced: None, have: 2 }));
    deframer.push(&[0, 3, b'a']);
    assert_eq!(deframer.next_message(), Ok(None));
    assert_eq!(deframer.unfinished(), Some(Unfinished { announced: Some(3), have: 1 }));
    deframer.push(b"bc");
    assert_eq!(deframer.next_message(), Ok(Some(b"abc".to_vec())));
    assert_eq!(deframer.unfinished(), None);
}

#[test]
fn what_is_strange_in_a_text() {
    let shown = show(b"a\xff\xfe\x1b[m");
    assert_eq!((shown.text.as_str(), shown.strange, shown.controls), ("a\\xff\\xfe\\x1b[m", 2, true));
    let mut stream = TextStream::default();
    assert_eq!(stream.read(b"\xe4\xbd").kept, 2);
    // The rest never comes; what was kept is shown as it is.
    assert_eq!(stream.read(b"A").text, "\\xe4\\xbdA");
    assert_eq!(stream.read(b"\xe4").kept, 1);
    assert_eq!(stream.finish().text, "\\xe4");
}

#[test]
fn addresses() {
    for (written, read) in [
        ("9000", "127.0.0.1:9000"),
        (":9000", "127.0.0.1:9000"),
        ("10.0.0.7", "10.0.0.7:8081"),
        ("10.0.0.7:5", "10.0.0.7:5"),
        ("::1", "[::1]:8081"),
        ("[::1]", "[::1]:8081"),
        ("[::1]:9", "[::1]:9"),
        ("localhost", "localhost:8081"),
        ("my-host.example:1", "my-host.example:1"),
        (" 0 ", "127.0.0.1:0"),
    ] {
        assert_eq!(Address::parse(written, 8081).unwrap().to_string(), read, "{written:?}");
    }
    for written in ["", "65536", "a:b", "a b", "1.2.3.4:65536", "http://x", "x:", "\x1b[m"] {
        // The empty address is the loopback one only with a colon before its port.
        let read = Address::parse(written, 8081);
        assert!(read.is_err(), "{written:?}: {read:?}");
    }
}

#[test]
fn an_address_book_keeps_its_order() {
    let book = AddressBook::parse("x", "z = \"1\"\na = \"[::1]:2\"\n\"小明\" = \"127.0.0.1\"\n").unwrap();
    let friends: Vec<String> =
        book.friends().iter().map(|friend| format!("{} {}", friend.name, friend.address)).collect();
    assert_eq!(friends, ["z 127.0.0.1:1", "a [::1]:2", "小明 127.0.0.1:8081"]);
    assert_eq!(book.find("小明"), book.find("3"));
    assert_eq!(book.find("4"), None);
    assert_eq!(book.find("0"), None);
    assert_eq!(book.find(""), None);
}
