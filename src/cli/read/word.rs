//! Words that stand in a page again and again.

use unicode_width::UnicodeWidthStr;

use super::page::Page;

/// So many octets are copied in one piece, whatever their number: that is quicker than to ask how many there are.
const SHORT: usize = 32;

/// A word, or a few that always stand together, and the columns that they take.
pub(super) struct Word {
    text: String,
    /// The text again, if it is short.
    short: [u8; SHORT],
    pub(super) columns: usize,
}

impl From<String> for Word {
    fn from(text: String) -> Self {
        let mut short = [0; SHORT];
        if let Some(start) = short.get_mut(..text.len()) {
            start.copy_from_slice(text.as_bytes());
        }
        Word { columns: UnicodeWidthStr::width(text.as_str()), short, text }
    }
}

impl Word {
    /// Appends the word.
    #[inline]
    pub(super) fn write(&self, page: &mut Page) {
        if self.text.len() <= SHORT {
            page.some(self.short, self.text.len());
        } else {
            page.text(&self.text);
        }
    }
}
