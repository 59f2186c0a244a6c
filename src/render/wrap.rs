//! Breaking text into lines, in both scripts.
//!
//! Latin text breaks at blanks. Chinese breaks between any two characters, except that no line
//! begins with a closing mark or ends with an opening one. A word longer than a line is cut.

use super::pen::{char_width, width};

/// The lines of `text`, each at most `columns` wide (at least 2).
pub(super) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(2);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for piece in pieces(text) {
        let piece_width = width(piece);
        let shown = piece.trim_end();
        if used > 0 && used + width(shown) > columns {
            lines.push(take_trimmed(&mut line));
            used = 0;
        }
        if width(shown) > columns {
            for c in piece.chars() {
                if used + char_width(c) > columns {
                    lines.push(take_trimmed(&mut line));
                    used = 0;
                }
                line.push(c);
                used += char_width(c);
            }
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
        let end = loop {
            let Some(&(at, c)) = chars.peek() else { break rest.len() };
            if may_break(last, c) {
                break at;
            }
            last = c;
            chars.next();
        };
        let (piece, after) = rest.split_at(end);
        rest = after;
        Some(piece)
    })
}

fn may_break(before: char, after: char) -> bool {
    if after == ' ' || char_width(after) == 0 || closes(after) || opens(before) {
        return false;
    }
    before == ' ' || is_ideographic(before) || is_ideographic(after)
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
