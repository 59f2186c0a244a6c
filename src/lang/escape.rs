//! Making text from elsewhere harmless for a terminal.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The text with everything that could move a cursor, change a colour, turn the writing direction or
/// hide itself made visible: `\n`, `\x1b`, `\u{202e}`. Harmless text comes back borrowed.
pub fn escape(text: &str) -> Cow<'_, str> {
    let harmless = |c: char| !is_dangerous(c);
    if text.bytes().all(|octet| (0x20..0x7f).contains(&octet)) || text.chars().all(harmless) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_dangerous(c) { push_escaped(&mut out, c) } else { out.push(c) }
    }
    Cow::Owned(out)
}

/// Octets as text: UTF-8 where they are UTF-8, `\xff` where not; escaped like [`escape`].
pub fn escape_bytes(octets: &[u8]) -> String {
    if let Ok(text) = str::from_utf8(octets) {
        return escape(text).into_owned();
    }
    let mut out = String::with_capacity(octets.len());
    for chunk in octets.utf8_chunks() {
        out.push_str(&escape(chunk.valid()));
        for octet in chunk.invalid() {
            // Writing to a String cannot fail.
            let _ = write!(out, "\\x{octet:02x}");
        }
    }
    out
}

/// Whether a character must not reach a terminal as it is: controls, line and paragraph separators,
/// direction marks, and characters that show nothing.
pub fn is_dangerous(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

fn push_escaped(out: &mut String, c: char) {
    let _ = match c {
        '\n' => write!(out, "\\n"),
        '\r' => write!(out, "\\r"),
        '\t' => write!(out, "\\t"),
        c if (c as u32) < 0x80 => write!(out, "\\x{:02x}", c as u32),
        c => write!(out, "\\u{{{:x}}}", c as u32),
    };
}
