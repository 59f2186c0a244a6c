//! The connections of a capture, a few lines each, and what was found in all of them.

use std::path::Path;

use super::super::Context;
use super::super::capture_file::CaptureFile;
use super::super::failure::Failure;
use super::page::Page;
use super::pass::{Filter, Pass};
use super::word::Word;
use crate::analyze::{ConnectionSummary, Finding, Outcome, Severity, Side, Standing};
use crate::lang::{Catalog, Message, Value};
use crate::tcp::State;
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

/// The words of the summary, looked up once: a capture may hold a hundred thousand connections.
struct Words {
    outcomes: [Word; Outcome::KEYS.len()],
    findings: Vec<Word>,
    sides: [Word; 2],
    /// Filled up with spaces, so that what follows stands in line: not known, at least these, exactly these.
    unknown: Word,
    at_least: [Word; State::ALL.len()],
    exactly: [Word; State::ALL.len()],
    /// What stands after the number 1, and after any other.
    packets: [Word; 2],
    bytes: [Word; 2],
    comma: Word,
    resent: Word,
    roles_guessed: Word,
}

impl Words {
    fn new(catalog: &Catalog) -> Self {
        let after_number = |id| format!(" {}", catalog.text(id)).into();
        // As wide as the longest state's name and two more.
        let state = |sign: &str, name: &str| {
            let columns = sign.chars().count() + name.len();
            format!("{sign}{name}{:1$}", "", 15_usize.saturating_sub(columns).max(2)).into()
        };
        Words {
            outcomes: Outcome::KEYS.map(|key| catalog.text(&format!("cli-outcome-{key}")).into()),
            findings: Finding::ALL.iter().map(|finding| name(*finding, catalog).into()).collect(),
            sides: ["cli-read-client", "cli-read-server"].map(|id| (catalog.text(id) + "  ").into()),
            unknown: state("?", ""),
            at_least: State::ALL.map(|known| state("≥", known.name())),
            exactly: State::ALL.map(|known| state("", known.name())),
            packets: ["cli-read-packet", "cli-read-packets"].map(after_number),
            bytes: ["cli-read-byte", "cli-read-bytes"].map(after_number),
            comma: catalog.text("cli-read-comma").into(),
            resent: after_number("cli-read-resent"),
            roles_guessed: catalog.text("cli-read-roles-guessed").into(),
        }
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
        out.new_line(indent);
        ended(out, connection, words);
    }
    for side in Side::BOTH {
        out.new_line(indent);
        one_end(out, connection, side, words);
    }
    let mut used = width;
    let mut found =
        connection.findings.iter().filter(|finding| finding.severity() > Severity::Plain).peekable();
    while let Some(finding) = found.next() {
        let Some(word) = words.findings.get(finding as usize) else { continue };
        let comma = if found.peek().is_some() { "," } else { "" };
        if used + 1 + word.columns + comma.len() > width {
            out.new_line(indent);
            used = indent;
        } else {
            out.push(b' ');
            used += 1;
        }
        word.write(out);
        out.text(comma);
        used += word.columns + comma.len();
    }
    out.push(b'\n');
}

/// Appends how it ended and the times; says how many columns that takes.
fn ended(out: &mut Page, connection: &ConnectionSummary, words: &Words) -> usize {
    let outcome = &words.outcomes[connection.outcome.place()];
    outcome.write(out);
    out.text(" · ");
    let mut columns = outcome.columns + 3 + out.duration(connection.lasted());
    if let Some(round_trip) = connection.round_trip {
        out.text(" · RTT ");
        columns += 7 + out.duration(round_trip);
    }
    if connection.roles_guessed {
        out.text(" · ");
        words.roles_guessed.write(out);
        columns += 3 + words.roles_guessed.columns;
    }
    columns
}

fn one_end(out: &mut Page, connection: &ConnectionSummary, side: Side, words: &Words) {
    let place = side.index();
    let state = match connection.states[place] {
        Standing::Unknown => &words.unknown,
        Standing::AtLeast(state) => &words.at_least[state as usize],
        Standing::Exactly(state) => &words.exactly[state as usize],
    };
    let counted = |out: &mut Page, count: u64, what: &Word| {
        out.number(count);
        what.write(out);
    };
    let (packets, octets) = (connection.packets[place], connection.octets[place]);
    words.sides[place].write(out);
    state.write(out);
    counted(out, packets.into(), &words.packets[usize::from(packets != 1)]);
    words.comma.write(out);
    counted(out, octets, &words.bytes[usize::from(octets != 1)]);
    if connection.resends[place] > 0 {
        words.comma.write(out);
        counted(out, connection.resends[place].into(), &words.resent);
    }
}

/// The finding's short name.
fn name(finding: Finding, catalog: &Catalog) -> String {
    catalog.text(&format!("cli-finding-{}", finding.key()))
}
