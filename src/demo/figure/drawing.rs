//! The figure as lines of text.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::{Between, Figure, Label, Row};
use crate::lang::{Catalog, Message, escape};

/// Columns of the whole figure, with the states and without.
const FULL: usize = 80;
const WITHOUT_STATES: usize = FULL - 2 * STATE;
/// Columns of a state.
const STATE: usize = 13;
/// Columns of a call.
const CALL: usize = 16;
/// Columns between the ends.
const BETWEEN: usize = FULL - 2 * (STATE + CALL);

/// The figure's lines in this language, at most so wide: without the states where they do not fit,
/// and none at all where nothing fits.
pub fn draw(figure: &Figure, catalog: &Catalog, width: usize) -> Vec<String> {
    let states = width >= FULL;
    if width < WITHOUT_STATES || figure.rows.is_empty() {
        return Vec::new();
    }
    let total = if states { FULL } else { WITHOUT_STATES };
    let [left, right] = [0, 1].map(|end: usize| escape(&figure.names[end]).into_owned());
    let gap = total.saturating_sub(left.width() + right.width());
    let mut lines = vec![catalog.text(title(figure)), String::new()];
    lines.push(format!("{left}{}{right}", " ".repeat(gap)));
    lines.extend(figure.rows.iter().map(|row| draw_row(row, catalog, states)));
    if !figure.remarks.is_empty() {
        lines.push(String::new());
    }
    for remark in &figure.remarks {
        // The files break these lines for 80 columns; a narrower terminal does it once more.
        lines.extend(catalog.format(remark).lines().map(str::to_owned));
    }
    lines
}

/// What stands above it: datagrams are no segments.
fn title(figure: &Figure) -> &'static str {
    let is_datagram = |row: &Row| matches!(&row.between, Between::Arrow { label: Label::Datagram(_), .. });
    if figure.rows.iter().any(is_datagram) { "demo-figure-title-datagrams" } else { "demo-figure-title" }
}

fn draw_row(row: &Row, catalog: &Catalog, states: bool) -> String {
    let [left, right] = &row.ends;
    let between = match &row.between {
        Between::Empty => " ".repeat(BETWEEN),
        Between::Meaning(message) => centred(&catalog.format(message), BETWEEN),
        Between::Arrow { to_right, label } => arrow(*to_right, &label_text(label, catalog)),
    };
    let call = |text: &str| fitted(&escape(text), CALL - 1);
    let calls = format!("{} {between} {}", call(&left.call), call(&right.call));
    let line =
        if states { format!("{}{calls}{:>STATE$}", fitted(&left.state, STATE), right.state) } else { calls };
    line.trim_end().to_owned()
}

fn label_text(label: &Label, catalog: &Catalog) -> String {
    let bytes = |count: u32| catalog.format(&Message::new("demo-figure-bytes").with("bytes", count));
    match label {
        Label::Flags(flags) => flags.clone(),
        Label::Bytes(count, flags) if flags.is_empty() => bytes(*count),
        Label::Bytes(count, flags) => format!("{flags} {}", bytes(*count)),
        Label::Datagram(count) => format!("UDP {}", bytes(*count)),
    }
}

/// `●── SYN ──────────▶`
fn arrow(to_right: bool, label: &str) -> String {
    let label = fitted(label, label.width().min(BETWEEN - 8));
    let line = "─".repeat(BETWEEN - 6 - label.width());
    if to_right { format!("●── {label} {line}▶") } else { format!("◀{line} {label} ──●") }
}

fn centred(text: &str, width: usize) -> String {
    let text = fitted(text, text.width().min(width));
    let left = (width - text.width()) / 2;
    fitted(&format!("{}{text}", " ".repeat(left)), width)
}

/// The text in exactly so many columns: cut, or filled with blanks.
fn fitted(text: &str, width: usize) -> String {
    let mut fitted = String::new();
    let mut used = 0;
    for c in text.chars() {
        let columns = c.width().unwrap_or_default();
        if used + columns > width {
            break;
        }
        used += columns;
        fitted.push(c);
    }
    fitted.extend(std::iter::repeat_n(' ', width - used));
    fitted
}
