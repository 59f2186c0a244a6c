//! The connections of a capture, a few lines each, and what was found in all of them.

use std::path::Path;

use unicode_width::UnicodeWidthStr;

use super::super::Context;
use super::super::capture_file::CaptureFile;
use super::super::failure::Failure;
use super::page::Page;
use super::pass::{Filter, Pass};
use crate::analyze::{ConnectionSummary, Finding, Outcome, Severity, Side, Standing};
use crate::lang::{Catalog, Message, Value};
use crate::time::Duration;

/// Reads the capture and writes its summary.
pub(super) fn write(
    file: &mut CaptureFile,
    filter: &Filter,
    path: &Path,
    context: &mut Context,
) -> Result<Pass, Failure> {
    let pass = Pass::over(file, |_| Ok(()))?;
    file.done();
    let catalog = &context.catalog;
    context.output.line(&head(&pass, path, catalog))?;
    let words = Words::new(catalog);
    let mut page = Page::new();
    let mut shown = 0;
    for connection in pass.summary.connections.iter().filter(|connection| filter.connection(connection)) {
        shown += 1;
        page.push(b'\n');
        describe(&mut page, connection, usize::from(context.width), &words);
        page.write_full(&mut context.output)?;
    }
    page.write_out(&mut context.output)?;
    if shown == 0 && pass.summary.streams > 0 {
        context.output.line(&format!("\n{}", catalog.text("cli-read-none-match")))?;
    }
    // The counts are of the whole capture.
    let counts: Vec<(Finding, u64)> =
        if filter.is_open() { pass.summary.counts.iter().collect() } else { Vec::new() };
    if !counts.is_empty() {
        context.output.line(&format!("\n{}", catalog.text("cli-read-findings")))?;
    }
    for (finding, count) in counts {
        context.output.line(&format!("{count:>8}  {}", name(finding, catalog)))?;
    }
    if shown > 0 {
        let hint = Message::new("cli-read-hint").with("path", path.display().to_string());
        context.output.line(&format!("\n{}", catalog.format(&hint)))?;
    }
    Ok(pass)
}

fn head(pass: &Pass, path: &Path, catalog: &Catalog) -> String {
    let span = pass.summary.span.map_or(Duration::ZERO, |(first, last)| last.since(first));
    let mut head = catalog.format(
        &Message::new("cli-read-head")
            .with("path", path.display().to_string())
            .with("frames", pass.frames)
            .with("packets", pass.summary.packets)
            .with("connections", pass.summary.streams)
            .with("span", Value::Verbatim(span.to_string().into())),
    );
    for (id, count) in [
        ("cli-read-datagrams", pass.datagrams),
        ("cli-read-others", pass.others),
        ("cli-read-not-ip", pass.not_ip),
    ] {
        if count > 0 {
            head.push_str("\n  ");
            head.push_str(&catalog.format(&Message::new(id).with("count", count)));
        }
    }
    head
}

/// A word and the columns that it takes.
struct Word {
    text: String,
    columns: usize,
}

impl From<String> for Word {
    fn from(text: String) -> Self {
        Word { columns: UnicodeWidthStr::width(text.as_str()), text }
    }
}

/// The words of the summary, looked up once: a capture may hold a hundred thousand connections.
struct Words {
    outcomes: [Word; Outcome::KEYS.len()],
    findings: Vec<Word>,
    sides: [String; 2],
    /// What stands after the number 1, and after any other.
    packets: [String; 2],
    bytes: [String; 2],
    comma: String,
    resent: String,
    roles_guessed: Word,
}

impl Words {
    fn new(catalog: &Catalog) -> Self {
        Words {
            outcomes: Outcome::KEYS.map(|key| catalog.text(&format!("cli-outcome-{key}")).into()),
            findings: Finding::ALL.iter().map(|finding| name(*finding, catalog).into()).collect(),
            sides: ["cli-read-client", "cli-read-server"].map(|id| catalog.text(id)),
            packets: ["cli-read-packet", "cli-read-packets"].map(|id| catalog.text(id)),
            bytes: ["cli-read-byte", "cli-read-bytes"].map(|id| catalog.text(id)),
            comma: catalog.text("cli-read-comma"),
            resent: catalog.text("cli-read-resent"),
            roles_guessed: catalog.text("cli-read-roles-guessed").into(),
        }
    }

    fn outcome(&self, outcome: Outcome) -> &Word {
        let place = Outcome::KEYS.iter().position(|key| *key == outcome.key());
        place.and_then(|place| self.outcomes.get(place)).unwrap_or(&self.roles_guessed)
    }
}

/// The lines of these connections, an empty one before each.
#[cfg(all(feature = "live", target_os = "linux"))]
pub(in crate::cli) fn lines<'a>(
    connections: impl Iterator<Item = &'a ConnectionSummary>,
    width: usize,
    catalog: &Catalog,
) -> Vec<String> {
    let words = Words::new(catalog);
    let mut page = Page::new();
    let mut lines = Vec::new();
    for connection in connections {
        page.truncate(0);
        page.push(b'\n');
        describe(&mut page, connection, width, &words);
        lines.extend(String::from_utf8_lossy(page.as_bytes()).lines().map(ToOwned::to_owned));
    }
    lines
}

/// Appends one connection: its ends and outcome, what each end did, what was found.
fn describe(out: &mut Page, connection: &ConnectionSummary, width: usize, words: &Words) {
    let start = out.len();
    out.push(b'#');
    out.number(connection.stream.into());
    out.text("  ");
    let indent = out.len() - start;
    out.endpoint(connection.client);
    out.text(" → ");
    out.endpoint(connection.server);
    // The arrow takes three octets and one column.
    let used = out.len() - start - 2;
    let behind = out.len();
    out.text("  ");
    let columns = ended(out, connection, words);
    if used + 2 + columns > width {
        out.truncate(behind);
        new_line(out, indent);
        ended(out, connection, words);
    }
    for side in Side::BOTH {
        new_line(out, indent);
        one_end(out, connection, side, words);
    }
    let mut used = width;
    let mut found =
        connection.findings.iter().filter(|finding| finding.severity() > Severity::Plain).peekable();
    while let Some(finding) = found.next() {
        let Some(word) = words.findings.get(finding as usize) else { continue };
        let comma = if found.peek().is_some() { "," } else { "" };
        if used + 1 + word.columns + comma.len() > width {
            new_line(out, indent);
            used = indent;
        } else {
            out.push(b' ');
            used += 1;
        }
        out.text(&word.text);
        out.text(comma);
        used += word.columns + comma.len();
    }
    out.push(b'\n');
}

/// Appends how it ended and the times; says how many columns that takes.
fn ended(out: &mut Page, connection: &ConnectionSummary, words: &Words) -> usize {
    let outcome = words.outcome(connection.outcome);
    out.text(&outcome.text);
    out.text(" · ");
    let mut columns = outcome.columns + 3 + out.duration(connection.lasted());
    if let Some(round_trip) = connection.round_trip {
        out.text(" · RTT ");
        columns += 7 + out.duration(round_trip);
    }
    if connection.roles_guessed {
        out.text(" · ");
        out.text(&words.roles_guessed.text);
        columns += 3 + words.roles_guessed.columns;
    }
    columns
}

fn one_end(out: &mut Page, connection: &ConnectionSummary, side: Side, words: &Words) {
    let place = side.index();
    let (sign, columns, state) = match connection.states[place] {
        Standing::Unknown => ("?", 1, ""),
        Standing::AtLeast(state) => ("≥", 1, state.name()),
        Standing::Exactly(state) => ("", 0, state.name()),
    };
    let counted = |out: &mut Page, count: u64, what: &str| {
        out.number(count);
        out.push(b' ');
        out.text(what);
    };
    let (packets, octets) = (connection.packets[place], connection.octets[place]);
    out.text(&words.sides[place]);
    out.text("  ");
    out.text(sign);
    out.text(state);
    // As wide as the longest state's name, so that what follows stands in line.
    out.spaces(15_usize.saturating_sub(columns + state.len()).max(2));
    counted(out, packets.into(), &words.packets[usize::from(packets != 1)]);
    out.text(&words.comma);
    counted(out, octets, &words.bytes[usize::from(octets != 1)]);
    if connection.resends[place] > 0 {
        out.text(&words.comma);
        counted(out, connection.resends[place].into(), &words.resent);
    }
}

fn new_line(out: &mut Page, indent: usize) {
    out.push(b'\n');
    out.spaces(indent);
}

/// The finding's short name.
fn name(finding: Finding, catalog: &Catalog) -> String {
    catalog.text(&format!("cli-finding-{}", finding.key()))
}
