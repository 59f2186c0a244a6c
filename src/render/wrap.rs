//! Breaking text into lines, in both scripts.
//!
//! Latin text breaks at blanks. Chinese breaks between any two characters, except that no line
//! begins with a closing mark or ends with an opening one. A sum such as `ack = 1000 + 1 = 1001` stays
//! whole if it can. A word longer than a line is cut.

use super::pen::{char_width, width};

/// The lines of `text`, each at most `columns` wide (at least 2).
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(2);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    let text = text.replace('\n', " ");
    for piece in pieces(&text) {
        let piece_width = width(piece);
        let shown = piece.trim_end();
        if used > 0 && used + width(shown) > columns {
            lines.push(take_trimmed(&mut line));
            used = 0;
        }
        if width(shown) > columns {
            cut(piece, columns, &mut lines, &mut line, &mut used);
        } else {
            line.push_str(piece);
            used += piece_width;
        }
    }
    if !line.is_empty() {
        lines.push(take_trimmed(&mut line));
    }
    lines
}

/// Lays down what is wider than a line: at its blanks if it has any, else anywhere.
fn cut(piece: &str, columns: usize, lines: &mut Vec<String>, line: &mut String, used: &mut usize) {
    for word in piece.split_inclusive(' ') {
        if *used > 0 && *used + width(word.trim_end()) > columns && width(word) <= columns {
            lines.push(take_trimmed(line));
            *used = 0;
        }
        for c in word.chars() {
            if *used + char_width(c) > columns {
                lines.push(take_trimmed(line));
                *used = 0;
            }
            line.push(c);
            *used += char_width(c);
        }
    }
}

fn take_trimmed(line: &mut String) -> String {
    line.truncate(line.trim_end().len());
    std::mem::take(line)
}

/// What must not be torn apart: words with the blanks after them, or single wide characters with the
/// marks that belong to them.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text.trim_start();
    std::iter::from_fn(move || {
        let mut chars = rest.char_indices().peekable();
        let (_, mut last) = chars.next()?;
        let mut before_last = ' ';
        let end = loop {
            let Some(&(at, c)) = chars.peek() else { break rest.len() };
            if may_break(last, c) && !(last == ' ' && holds_together(before_last, c)) {
                break at;
            }
            before_last = last;
            last = c;
            chars.next();
        };
        let (piece, after) = rest.split_at(end);
        rest = after;
        Some(piece)
    })
}

fn may_break(before: char, after: char) -> bool {
    if before.is_ascii() && before != ' ' && after.is_ascii() {
        return false;
    }
    if after == ' ' || char_width(after) == 0 || closes(after) || opens(before) {
        return false;
    }
    before == ' ' || is_ideographic(before) || is_ideographic(after)
}

/// Whether the blank between two characters stands in a sum, or between a number and its unit.
fn holds_together(before: char, after: char) -> bool {
    let joins = |c: char| matches!(c, '=' | '+');
    joins(before) || joins(after) || before.is_ascii_digit() && matches!(after, 's' | 'm' | 'µ' | 'n')
}

fn is_ideographic(c: char) -> bool {
    char_width(c) == 2 || closes(c) && !c.is_ascii()
}

fn closes(c: char) -> bool {
    matches!(c, '，' | '。' | '：' | '；' | '！' | '？' | '、' | '）' | '”' | '’' | '》' | '」' | '～' | '…')
        || matches!(c, ',' | '.' | ':' | ';' | '!' | '?' | ')')
}

fn opens(c: char) -> bool {
    matches!(c, '（' | '“' | '‘' | '《' | '「' | '(')
}
