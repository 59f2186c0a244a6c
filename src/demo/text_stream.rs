//! Text out of bytes that come in pieces.
//!
//! `recv(1024)` cuts where it likes, also inside a character: `b'\xe4\xbd'` and then `b'\xa0'` are
//! 你, but `decode()` of either alone is an error. So the first bytes of a character wait here for
//! the rest.

use crate::lang::{escape, escape_bytes};

/// Decodes one direction of a conversation.
#[derive(Clone, Debug, Default)]
pub struct TextStream {
    /// The beginning of a character whose rest has not come, at most three bytes.
    tail: Vec<u8>,
}

/// What a read says, harmless for a terminal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// The text; controls and bytes that are not UTF-8 stand as `\x1b` and `\xff`.
    pub text: String,
    /// Bytes that are no UTF-8.
    pub strange: usize,
    /// Whether it held characters that a terminal would obey instead of show.
    pub controls: bool,
    /// Bytes kept back: the beginning of a character.
    pub kept: usize,
}

impl TextStream {
    /// What these bytes say, together with what the read before kept back.
    pub fn read(&mut self, bytes: &[u8]) -> Shown {
        let mut whole = std::mem::take(&mut self.tail);
        whole.extend_from_slice(bytes);
        let kept = whole.utf8_chunks().last().map_or(0, |chunk| unfinished(chunk.invalid()));
        self.tail = whole.split_off(whole.len() - kept);
        Shown { kept, ..show(&whole) }
    }

    /// What is left when nothing more will come.
    pub fn finish(&mut self) -> Shown {
        show(&std::mem::take(&mut self.tail))
    }
}

/// A whole message as text, harmless for a terminal.
pub fn show(bytes: &[u8]) -> Shown {
    let mut shown = Shown { text: escape_bytes(bytes), ..Shown::default() };
    for chunk in bytes.utf8_chunks() {
        shown.strange += chunk.invalid().len();
        shown.controls |= escape(chunk.valid()) != chunk.valid();
    }
    shown
}

/// How many bytes these are of a character that could still become whole.
fn unfinished(invalid: &[u8]) -> usize {
    match std::str::from_utf8(invalid) {
        Err(error) if error.error_len().is_none() => invalid.len(),
        _ => 0,
    }
}
