//! What a peer sends is shown, never obeyed.

use handshake::lang::{escape, escape_bytes};
use proptest::prelude::*;

#[test]
fn harmless_text_is_left_alone() {
    for text in ["hello", "你好，世界", "C:\\path", "naïve ─●▶", ""] {
        assert_eq!(escape(text), text);
    }
}

#[test]
fn what_moves_or_hides_is_made_visible() {
    let cases = [
        ("\u{1b}[2J", r"\x1b[2J"),
        ("a\r\nb\tc", r"a\r\nb\tc"),
        ("\u{9b}31m", r"\u{9b}31m"),
        ("abc\u{202e}txt", r"abc\u{202e}txt"),
        ("zero\u{200b}width", r"zero\u{200b}width"),
        ("\0\x7f", r"\x00\x7f"),
        ("\u{2028}", r"\u{2028}"),
    ];
    for (raw, shown) in cases {
        assert_eq!(escape(raw), shown);
    }
}

#[test]
fn octets_that_are_no_text_are_hexadecimal() {
    assert_eq!(escape_bytes(b"hi\xff\n\xe4\xbd\xa0\xe4"), r"hi\xff\n你\xe4");
}

proptest! {
    #[test]
    fn nothing_dangerous_is_left(octets in proptest::collection::vec(any::<u8>(), 0..64)) {
        let shown = escape_bytes(&octets);
        prop_assert!(shown.chars().all(|c| !c.is_control()), "{shown:?}");
        prop_assert_eq!(escape(&shown), shown.as_str());
    }
}
