//! The little language inside a scenario's strings: words, with their places in the file.

use crate::wire::Flags;

use super::diagnostic::Problem;
use super::model::{Payload, Span};

/// A string of the file with the places of its characters.
#[derive(Clone, Debug)]
pub(super) struct Text<'a> {
    /// What it says.
    pub value: &'a str,
    /// Where it stands, quotes included.
    pub span: Span,
    source: &'a str,
}

/// A word of a text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Word {
    /// The word without its quotes.
    pub text: String,
    /// Where it stands.
    pub span: Span,
    /// Whether it begins with a quote.
    pub quoted: bool,
}

/// Words, read one after the other.
#[derive(Clone, Debug)]
pub(super) struct Words {
    all: Vec<Word>,
    next: usize,
    /// Where the last word ends.
    end: usize,
    /// How the command is written, for errors.
    pub usage: &'static str,
}

impl<'a> Text<'a> {
    pub(super) fn new(source: &'a str, value: &'a str, span: Span) -> Self {
        Text { value, span, source }
    }

    /// The place in the file of a range of the value.
    pub(super) fn place(&self, range: Span) -> Span {
        self.offset(range.start)..self.offset(range.end)
    }

    /// Walks the raw text beside the value, because an escape is longer than what it stands for.
    fn offset(&self, value_offset: usize) -> usize {
        let raw = self.source.get(self.span.clone()).unwrap_or_default();
        let (quote, escapes) = match raw {
            _ if raw.starts_with("\"\"\"") => (3, true),
            _ if raw.starts_with("'''") => (3, false),
            _ => (1, raw.starts_with('"')),
        };
        let start = self.span.start + quote;
        if !escapes {
            return start + value_offset;
        }
        let raw = raw.get(quote..).unwrap_or_default();
        let (mut at_raw, mut at_value) = (0, 0);
        while at_value < value_offset {
            let Some(rest) = raw.get(at_raw..).filter(|rest| !rest.is_empty()) else { break };
            let mut chars = rest.chars();
            let first = chars.next().map_or(1, char::len_utf8);
            let (raw_len, value_len) = match (rest.starts_with('\\'), chars.next()) {
                (true, Some('u')) => (6, decoded_len(rest, 6)),
                (true, Some('U')) => (10, decoded_len(rest, 10)),
                (true, Some('x')) => (4, decoded_len(rest, 4)),
                (true, _) => (2, 1),
                (false, _) => (first, first),
            };
            at_raw += raw_len;
            at_value += value_len;
        }
        start + at_raw
    }
}

/// Octets of the character that a numeric escape of this length stands for.
fn decoded_len(escape: &str, len: usize) -> usize {
    let digits = escape.get(2..len).unwrap_or_default();
    u32::from_str_radix(digits, 16).ok().and_then(char::from_u32).map_or(1, char::len_utf8)
}

impl Words {
    /// Splits a text at white space. Quotes (`'` or `"`) hold white space together; within them `\n`,
    /// `\r`, `\t`, `\\` and escaped quotes stand for themselves.
    pub(super) fn split(text: &Text<'_>) -> Result<Words, Problem> {
        let mut words: Vec<Word> = Vec::new();
        let mut open: Option<(usize, String, bool)> = None;
        let mut quote: Option<(char, usize)> = None;
        let mut chars = text.value.char_indices();
        while let Some((at, c)) = chars.next() {
            match quote {
                Some((mark, _)) if c == mark => quote = None,
                Some(_) => {
                    let (_, word, _) = open.get_or_insert((at, String::new(), true));
                    word.push(if c == '\\' { unescape(chars.next().map(|(_, c)| c)) } else { c });
                }
                None if c.is_whitespace() => {
                    if let Some((start, word, quoted)) = open.take() {
                        words.push(Word { text: word, span: text.place(start..at), quoted });
                    }
                }
                None if c == '"' || c == '\'' => {
                    quote = Some((c, at));
                    open.get_or_insert((at, String::new(), true));
                }
                None => open.get_or_insert((at, String::new(), false)).1.push(c),
            }
        }
        if let Some((_, at)) = quote {
            return Err(Problem::new("unclosed-quote", text.place(at..text.value.len())));
        }
        if let Some((start, word, quoted)) = open {
            words.push(Word { text: word, span: text.place(start..text.value.len()), quoted });
        }
        if words.is_empty() {
            return Err(Problem::new("empty-text", text.span.clone()));
        }
        let end = text.place(text.value.len()..text.value.len()).end;
        Ok(Words { all: words, next: 0, end, usage: "" })
    }

    /// The next word without taking it.
    pub(super) fn peek(&self) -> Option<&Word> {
        self.all.get(self.next)
    }

    /// Takes the next word.
    pub(super) fn next(&mut self) -> Option<Word> {
        let word = self.all.get(self.next).cloned();
        self.next += usize::from(word.is_some());
        word
    }

    /// Takes the next word if it is this one.
    pub(super) fn take(&mut self, expected: &str) -> bool {
        let is = self.peek().is_some_and(|word| !word.quoted && word.text == expected);
        self.next += usize::from(is);
        is
    }

    /// Drops the last word if it is this one and has not been read yet.
    pub(super) fn take_last(&mut self, expected: &str) -> bool {
        let is = self.all.len() > self.next
            && self.all.last().is_some_and(|word| !word.quoted && word.text == expected);
        if is {
            self.all.pop();
        }
        is
    }

    /// Takes the next word; a problem that says what should have followed when there is none.
    pub(super) fn expect(&mut self, what: &'static str) -> Result<Word, Problem> {
        self.next().ok_or_else(|| self.missing(what))
    }

    /// The problem that the text ends although `what` should follow.
    pub(super) fn missing(&self, what: &'static str) -> Problem {
        let last = self.all.last().map_or(self.end..self.end, |word| word.span.clone());
        Problem::new("word-missing", last).text("expected", what).text("usage", self.usage)
    }

    /// A problem when a word is left over.
    pub(super) fn finish(&self) -> Result<(), Problem> {
        match self.peek() {
            None => Ok(()),
            Some(word) => Err(Problem::new("word-left-over", word.span.clone())
                .text("word", word.text.as_str())
                .text("usage", self.usage)),
        }
    }
}

fn unescape(c: Option<char>) -> char {
    match c {
        Some('n') => '\n',
        Some('r') => '\r',
        Some('t') => '\t',
        Some('0') => '\0',
        Some(other) => other,
        None => '\\',
    }
}

impl Word {
    /// The word as a number of at most `max`.
    pub(super) fn number(&self, max: u64) -> Result<u64, Problem> {
        self.text.parse().ok().filter(|number| *number <= max).ok_or_else(|| {
            Problem::new("bad-number", self.span.clone()).text("found", self.text.as_str()).number("max", max)
        })
    }

    /// The word as a port.
    pub(super) fn port(&self) -> Result<u16, Problem> {
        match self.text.parse::<u16>() {
            Ok(port) if port > 0 => Ok(port),
            _ => Err(Problem::new("bad-port", self.span.clone()).text("found", self.text.as_str())),
        }
    }

    /// The word as octets to send: a quoted text, or a count such as `100`, `100B`, `10KB`, `1MiB`.
    pub(super) fn payload(&self) -> Result<Payload, Problem> {
        if self.quoted {
            return Ok(Payload::Text(self.text.clone().into_bytes()));
        }
        size(&self.text)
            .map(Payload::Count)
            .ok_or_else(|| Problem::new("bad-payload", self.span.clone()).text("found", self.text.as_str()))
    }

    /// The word as control bits, such as `SYN,ACK`; `none` is no bit.
    pub(super) fn flags(&self) -> Result<Flags, Problem> {
        if self.text.eq_ignore_ascii_case("none") {
            return Ok(Flags::NONE);
        }
        Flags::from_names(&self.text).ok_or_else(|| {
            let names = [
                "SYN", "ACK", "SYN,ACK", "FIN", "FIN,ACK", "RST", "RST,ACK", "PSH,ACK", "URG", "data", "UDP",
                "any",
            ];
            Problem::new("unknown-flags", self.span.clone())
                .text("found", self.text.as_str())
                .choices(&self.text, names)
        })
    }

    /// The part of a `key=value` word after the `=`, as a word with its own place.
    pub(super) fn value_of(&self, key: &str) -> Option<Word> {
        let value = self.text.strip_prefix(key)?.strip_prefix('=')?;
        let start = self.span.start + key.len() + 1;
        Some(Word { text: value.to_owned(), span: start.min(self.span.end)..self.span.end, quoted: false })
    }
}

/// A count of octets: a number with nothing, `B`, `KB`, `KiB`, `MB`, `MiB` or `GB` behind it.
pub(super) fn size(text: &str) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor = match unit {
        "" | "B" => 1,
        "KB" | "kB" => 1_000,
        "KiB" => 1_024,
        "MB" => 1_000_000,
        "MiB" => 1_048_576,
        "GB" => 1_000_000_000,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(factor)
}
