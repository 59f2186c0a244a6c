//! The connections of a capture, a few lines each, and what was found in all of them.

use std::fmt::{self, Write as _};
use std::path::Path;

use super::super::Context;
use super::super::capture_file::CaptureFile;
use super::super::failure::Failure;
use super::pass::{Filter, Pass};
use crate::analyze::{ConnectionSummary, Finding, Outcome, Severity, Side, Standing};
use crate::lang::{Catalog, Message, Value};
use crate::time::Duration;

/// So many octets are gathered before they are written.
const CHUNK: usize = 32 * 1024;

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
    let mut text = String::new();
    let mut shown = 0;
    for connection in pass.summary.connections.iter().filter(|connection| filter.connection(connection)) {
        shown += 1;
        text.push('\n');
        describe(&mut text, connection, usize::from(context.width), &words);
        if text.len() >= CHUNK {
            context.output.text(&text)?;
            text.clear();
        }
    }
    context.output.text(&text)?;
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
    outcomes: [String; Outcome::KEYS.len()],
    findings: Vec<String>,
    sides: [String; 2],
    /// What stands after the number 1, and after any other.
    packets: [String; 2],
    bytes: [String; 2],
    comma: String,
    resent: String,
    roles_guessed: String,
}

impl Words {
    fn new(catalog: &Catalog) -> Self {
        Words {
            outcomes: Outcome::KEYS.map(|key| catalog.text(&format!("cli-outcome-{key}"))),
            findings: Finding::ALL.iter().map(|finding| name(*finding, catalog)).collect(),
            sides: ["cli-read-client", "cli-read-server"].map(|id| catalog.text(id)),
            packets: ["cli-read-packet", "cli-read-packets"].map(|id| catalog.text(id)),
            bytes: ["cli-read-byte", "cli-read-bytes"].map(|id| catalog.text(id)),
            comma: catalog.text("cli-read-comma"),
            resent: catalog.text("cli-read-resent"),
            roles_guessed: catalog.text("cli-read-roles-guessed"),
        }
    }

    fn outcome(&self, outcome: Outcome) -> &str {
        let place = Outcome::KEYS.iter().position(|key| *key == outcome.key());
        place.and_then(|place| self.outcomes.get(place)).map_or("", String::as_str)
    }
}

/// The lines of one connection, an empty one first.
#[cfg(all(feature = "live", target_os = "linux"))]
pub(in crate::cli) fn lines(connection: &ConnectionSummary, width: usize, catalog: &Catalog) -> Vec<String> {
    let mut text = String::from("\n");
    describe(&mut text, connection, width, &Words::new(catalog));
    text.lines().map(ToOwned::to_owned).collect()
}

/// Appends one connection: its ends and outcome, what each end did, what was found.
fn describe(out: &mut String, connection: &ConnectionSummary, width: usize, words: &Words) {
    let start = out.len();
    push(out, format_args!("#{}  ", connection.stream));
    let indent = out.len() - start;
    push(out, format_args!("{} → {}", connection.client, connection.server));
    let mut outcome = format!("{} · {}", words.outcome(connection.outcome), connection.lasted());
    if let Some(round_trip) = connection.round_trip {
        push(&mut outcome, format_args!(" · RTT {round_trip}"));
    }
    if connection.roles_guessed {
        push(&mut outcome, format_args!(" · {}", words.roles_guessed));
    }
    let used = columns(out.get(start..).unwrap_or_default());
    if used + 2 + columns(&outcome) <= width {
        out.push_str("  ");
    } else {
        new_line(out, indent);
    }
    out.push_str(&outcome);
    for side in Side::BOTH {
        new_line(out, indent);
        one_end(out, connection, side, words);
    }
    let mut used = width;
    let mut found =
        connection.findings.iter().filter(|finding| finding.severity() > Severity::Plain).peekable();
    while let Some(finding) = found.next() {
        let word = words.findings.get(finding as usize).map_or("", String::as_str);
        let comma = if found.peek().is_some() { "," } else { "" };
        if used + 1 + columns(word) + comma.len() > width {
            new_line(out, indent);
            used = indent;
        } else {
            out.push(' ');
            used += 1;
        }
        out.push_str(word);
        out.push_str(comma);
        used += columns(word) + comma.len();
    }
    out.push('\n');
}

fn one_end(out: &mut String, connection: &ConnectionSummary, side: Side, words: &Words) {
    let place = side.index();
    let (sign, state) = match connection.states[place] {
        Standing::Unknown => ("?", ""),
        Standing::AtLeast(state) => ("≥", state.name()),
        Standing::Exactly(state) => ("", state.name()),
    };
    let (packets, octets) = (connection.packets[place], connection.octets[place]);
    // As wide as the longest state's name, so that what follows stands in line.
    let room = 13_usize.saturating_sub(columns(sign));
    push(out, format_args!("{}  {sign}{state:<room$}  ", words.sides[place]));
    push(out, format_args!("{packets} {}", words.packets[usize::from(packets != 1)]));
    out.push_str(&words.comma);
    push(out, format_args!("{octets} {}", words.bytes[usize::from(octets != 1)]));
    if connection.resends[place] > 0 {
        out.push_str(&words.comma);
        push(out, format_args!("{} {}", connection.resends[place], words.resent));
    }
}

fn new_line(out: &mut String, indent: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', indent));
}

fn push(out: &mut String, text: fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = out.write_fmt(text);
}

fn columns(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { unicode_width::UnicodeWidthStr::width(text) }
}

/// The finding's short name.
fn name(finding: Finding, catalog: &Catalog) -> String {
    catalog.text(&format!("cli-finding-{}", finding.key()))
}
