//! Writing lines whose display width is known at every moment.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// What a piece of text is, which decides its colour. Colour only decorates: nothing depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    /// Ordinary text.
    Plain,
    /// Lifelines, times, citations.
    Faint,
    /// A state's name.
    State,
    /// A call.
    Call,
    /// A segment that opens.
    Syn,
    /// A segment that closes.
    Fin,
    /// A reset, a loss.
    Alarm,
    /// A segment with text.
    Data,
    /// A repetition, a warning.
    Notice,
}

/// One line in the making.
pub(super) struct Pen {
    line: String,
    width: usize,
    color: bool,
    ascii: bool,
}

impl Pen {
    pub(super) fn new(color: bool, ascii: bool) -> Self {
        Pen { line: String::with_capacity(256), width: 0, color, ascii }
    }

    /// Columns written so far.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Appends text.
    pub(super) fn put(&mut self, ink: Ink, text: &str) {
        self.put_wide(ink, text, width(text));
    }

    /// Appends text whose width is known.
    pub(super) fn put_wide(&mut self, ink: Ink, text: &str, columns: usize) {
        if text.is_empty() {
            return;
        }
        self.width += columns;
        let text = if self.ascii { plain_symbols(text) } else { Cow::Borrowed(text) };
        match self.codes(ink) {
            Some(codes) => {
                self.line.push_str("\x1b[");
                self.line.push_str(&codes);
                self.line.push('m');
                self.line.push_str(&text);
                self.line.push_str("\x1b[0m");
            }
            None => self.line.push_str(&text),
        }
    }

    /// Appends a character of one column `count` times.
    pub(super) fn fill(&mut self, ink: Ink, c: char, count: usize) {
        if c == ' ' {
            return self.blanks(count);
        }
        if count == 0 {
            return;
        }
        let codes = self.codes(ink);
        if let Some(codes) = &codes {
            self.line.push_str("\x1b[");
            self.line.push_str(codes);
            self.line.push('m');
        }
        let run = match c {
            '─' if !self.ascii => "────────────────────────────────",
            '╌' if !self.ascii => "╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌",
            _ => "",
        };
        let mut left = count;
        while !run.is_empty() && left > 0 {
            let some = left.min(32);
            self.line.push_str(&run[..run.len() / 32 * some]);
            left -= some;
        }
        let c = if self.ascii { plain_symbol(c) } else { c };
        (0..left).for_each(|_| self.line.push(c));
        self.width += count;
        if codes.is_some() {
            self.line.push_str("\x1b[0m");
        }
    }

    /// Appends blanks.
    pub(super) fn blanks(&mut self, count: usize) {
        const BLANKS: &str = "                                ";
        let mut left = count;
        while left > 0 {
            let some = left.min(BLANKS.len());
            self.line.push_str(&BLANKS[..some]);
            left -= some;
        }
        self.width += count;
    }

    /// Appends blanks up to a column.
    pub(super) fn reach(&mut self, column: usize) {
        self.blanks(column.saturating_sub(self.width));
    }

    /// The line, without blanks at its end.
    pub(super) fn finish(mut self) -> String {
        self.line.truncate(self.line.trim_end_matches(' ').len());
        self.line
    }

    #[cfg(feature = "cli")]
    fn codes(&self, ink: Ink) -> Option<Cow<'static, str>> {
        use colored::Color;
        // `colored` decides for itself whether to colour, by looking at the terminal; here the caller
        // has decided, so only its codes are taken.
        let color = match ink {
            _ if !self.color => return None,
            Ink::Plain => return None,
            Ink::Faint => return Some("2".into()),
            Ink::State => return Some("1".into()),
            Ink::Call => Color::Cyan,
            Ink::Syn => Color::Green,
            Ink::Fin => Color::Magenta,
            Ink::Alarm => Color::Red,
            Ink::Data => Color::Blue,
            Ink::Notice => Color::Yellow,
        };
        Some(color.to_fg_str())
    }

    #[cfg(not(feature = "cli"))]
    #[allow(clippy::unused_self)]
    fn codes(&self, _ink: Ink) -> Option<Cow<'static, str>> {
        let _ = self.color;
        None
    }
}

/// Columns that a text takes. Characters of ambiguous width (arrows, lines) count as one in both languages.
pub(super) fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// Columns that a character takes.
pub(super) fn char_width(c: char) -> usize {
    if c.is_ascii() { 1 } else { c.width().unwrap_or(0) }
}

/// The text cut to so many columns, its end marked by `…` where something was cut off.
pub(super) fn fit(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let mut kept = String::new();
    let mut used = 0;
    for c in text.chars() {
        used += char_width(c);
        if used + 1 > columns {
            break;
        }
        kept.push(c);
    }
    kept.push('…');
    Cow::Owned(kept)
}

/// The symbols this module's callers draw with, in ASCII. Letters of any script stay.
fn plain_symbols(text: &str) -> Cow<'_, str> {
    if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(text.chars().map(plain_symbol).collect()) }
}

fn plain_symbol(c: char) -> char {
    match c {
        '─' | '−' | '–' => '-',
        '╌' => '=',
        '┄' | '·' => '.',
        '│' => '|',
        '┊' => ':',
        '●' | '○' => 'o',
        '▶' | '▸' | '▹' | '→' => '>',
        '◀' | '◂' | '◃' => '<',
        '✗' | '×' => 'x',
        '…' => '~',
        '“' | '”' => '"',
        '‘' | '’' => '\'',
        '§' => 's',
        '²' => '2',
        '³' => '3',
        'µ' => 'u',
        other => other,
    }
}
