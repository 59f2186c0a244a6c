//! A source file as the architecture tests see it: its words, without comments and literals.

use std::fs;
use std::path::Path;

/// A word, a `::`, or a single other character, with the line it stands on (from 1).
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) text: String,
    pub(super) line: usize,
}

/// One file.
pub(super) struct Source {
    /// Relative to the project, with `/`.
    pub(super) path: String,
    pub(super) text: String,
    pub(super) tokens: Vec<Token>,
}

impl Source {
    pub(super) fn read(root: &Path, path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap();
        let path = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
        let tokens = tokens(&text);
        Source { path, text, tokens }
    }

    /// The module of the crate's first level that the file belongs to; none for `lib.rs` and `main.rs`.
    pub(super) fn top_module(&self) -> Option<String> {
        let inside = self.path.strip_prefix("src/")?;
        let first = inside.split('/').next()?;
        let name = first.strip_suffix(".rs").unwrap_or(first);
        (!["lib", "main"].contains(&name)).then(|| name.to_owned())
    }

    /// How many `super::` lead from this file's module to the crate's root.
    fn depth(&self) -> usize {
        self.path.matches('/').count()
    }

    /// Every mention of a first-level module, by `crate::x`, `crate::{x, y::z}` or enough
    /// `super::`, with its line.
    pub(super) fn mentioned_modules(&self, is_module: impl Fn(&str) -> bool) -> Vec<(usize, String)> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < self.tokens.len() {
            let start = at;
            if self.word(at) == "crate" && self.word(at + 1) == "::" {
                at += 2;
            } else {
                let mut climbed = 0;
                while self.word(at) == "super" && self.word(at + 1) == "::" {
                    climbed += 1;
                    at += 2;
                }
                if climbed == 0 || climbed < self.depth() {
                    at = at.max(start + 1);
                    continue;
                }
            }
            if self.word(at) == "{" {
                self.group(at, &is_module, &mut found);
            } else if is_module(self.word(at)) {
                found.push((self.tokens[at].line, self.word(at).to_owned()));
            }
        }
        found
    }

    /// The names that begin the branches of the group opening at `at`.
    fn group(&self, at: usize, is_module: impl Fn(&str) -> bool, found: &mut Vec<(usize, String)>) {
        let mut level = 0;
        for index in at..self.tokens.len() {
            match self.word(index) {
                "{" => level += 1,
                "}" => level -= 1,
                name if level == 1 && is_module(name) && ["{", ","].contains(&self.word(index - 1)) => {
                    found.push((self.tokens[index].line, name.to_owned()));
                }
                _ => {}
            }
            if level == 0 {
                break;
            }
        }
    }

    fn word(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| &token.text)
    }
}

/// Cuts Rust source into words, leaving out comments, strings, characters and lifetimes.
fn tokens(text: &str) -> Vec<Token> {
    let chars: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let (mut at, mut line) = (0, 1);
    let peek = |at: usize| chars.get(at).copied().unwrap_or('\0');
    while at < chars.len() {
        let start = at;
        match chars[at] {
            '/' if peek(at + 1) == '/' => {
                while at < chars.len() && chars[at] != '\n' {
                    at += 1;
                }
            }
            '/' if peek(at + 1) == '*' => {
                let mut level = 0;
                loop {
                    match (peek(at), peek(at + 1)) {
                        ('/', '*') => (level, at) = (level + 1, at + 2),
                        ('*', '/') => (level, at) = (level - 1, at + 2),
                        _ => at += 1,
                    }
                    if level == 0 || at >= chars.len() {
                        break;
                    }
                }
            }
            'r' if raw_string(&chars, at).is_some() => at = raw_string(&chars, at).unwrap(),
            'b' if peek(at + 1) == 'r' && raw_string(&chars, at + 1).is_some() => {
                at = raw_string(&chars, at + 1).unwrap();
            }
            '"' => {
                at += 1;
                while at < chars.len() && chars[at] != '"' {
                    at += if chars[at] == '\\' { 2 } else { 1 };
                }
                at += 1;
            }
            '\'' if peek(at + 1) == '\\' => {
                at += 3;
                while peek(at) != '\'' && at < chars.len() {
                    at += 1;
                }
                at += 1;
            }
            '\'' if peek(at + 2) == '\'' => at += 3,
            ':' if peek(at + 1) == ':' => {
                tokens.push(Token { text: "::".to_owned(), line });
                at += 2;
            }
            letter if letter.is_alphanumeric() || letter == '_' => {
                while peek(at).is_alphanumeric() || peek(at) == '_' {
                    at += 1;
                }
                tokens.push(Token { text: chars[start..at].iter().collect(), line });
            }
            other => {
                if !other.is_whitespace() {
                    tokens.push(Token { text: other.to_string(), line });
                }
                at += 1;
            }
        }
        let end = at.min(chars.len());
        line += chars[start..end].iter().filter(|letter| **letter == '\n').count();
    }
    tokens
}

/// Where the raw string that opens at `at` (on its `r`) ends, if one opens there.
fn raw_string(chars: &[char], at: usize) -> Option<usize> {
    let hashes = chars[at + 1..].iter().take_while(|letter| **letter == '#').count();
    if chars.get(at + 1 + hashes) != Some(&'"') {
        return None;
    }
    let mut end = at + 2 + hashes;
    while end < chars.len() {
        if chars[end] == '"' && chars[end + 1..].iter().take(hashes).filter(|c| **c == '#').count() == hashes
        {
            return Some(end + 1 + hashes);
        }
        end += 1;
    }
    Some(end)
}

#[test]
#[allow(clippy::needless_raw_string_hashes, reason = "the text holds a raw string with one hash")]
fn imports_are_seen_and_comments_are_not() {
    let text = r##"
//! See [`crate::render`].
use crate::{time::Instant, wire::{self, Segment}, tcp};
/* use crate::live; /* nested */ use crate::cli; */
const A: &str = "crate::live"; const B: &str = r#"crate::"live""#; const C: char = '"';
fn f<'a>(x: &'a str) { super::super::lang::g(x); super::wire::h(); crate::sim::run() }
"##;
    let source =
        Source { path: "src/scenario/model.rs".to_owned(), text: String::new(), tokens: tokens(text) };
    let modules = ["time", "wire", "tcp", "render", "live", "cli", "lang", "sim"];
    let found = source.mentioned_modules(|name| modules.contains(&name));
    let expected = [(3, "time"), (3, "wire"), (3, "tcp"), (6, "lang"), (6, "sim")];
    assert_eq!(found, expected.map(|(line, name)| (line, name.to_owned())));
    assert_eq!(source.top_module().as_deref(), Some("scenario"));
}
