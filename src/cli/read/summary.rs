//! The connections of a capture, a few lines each, and what was found in all of them.

use std::path::Path;

use super::super::Context;
use super::super::capture_file::CaptureFile;
use super::super::failure::Failure;
use super::pass::{Filter, Pass};
use crate::analyze::{ConnectionSummary, Finding, Severity, Side, Standing};
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
    let mut shown = 0;
    for connection in pass.summary.connections.iter().filter(|connection| filter.connection(connection)) {
        shown += 1;
        for line in lines(connection, usize::from(context.width), catalog) {
            context.output.line(&line)?;
        }
    }
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

/// One connection: its ends and outcome, what each end did, what was found.
pub(in crate::cli) fn lines(connection: &ConnectionSummary, width: usize, catalog: &Catalog) -> Vec<String> {
    let number = format!("#{}", connection.stream);
    let indent = " ".repeat(number.len() + 2);
    let ends = format!("{number}  {} → {}", connection.client, connection.server);
    let outcome = outcome(connection, catalog);
    let columns = unicode_width::UnicodeWidthStr::width;
    let mut lines = vec![String::new()];
    if columns(ends.as_str()) + 2 + columns(outcome.as_str()) <= width {
        lines.push(format!("{ends}  {outcome}"));
    } else {
        lines.push(ends);
        lines.push(format!("{indent}{outcome}"));
    }
    let sides: Vec<String> = Side::BOTH.iter().map(|side| one_end(connection, *side, catalog)).collect();
    lines.extend(sides.into_iter().map(|side| format!("{indent}{side}")));
    let found = connection.findings.iter().filter(|finding| finding.severity() > Severity::Plain);
    let names: Vec<String> = found.map(|finding| name(finding, catalog)).collect();
    lines.extend(
        wrap_list(&names, width.saturating_sub(indent.len())).into_iter().map(|line| indent.clone() + &line),
    );
    lines
}

fn outcome(connection: &ConnectionSummary, catalog: &Catalog) -> String {
    let outcome = catalog.text(&format!("cli-outcome-{}", connection.outcome.key()));
    let mut parts = vec![outcome, connection.lasted().to_string()];
    if let Some(round_trip) = connection.round_trip {
        parts.push(format!("RTT {round_trip}"));
    }
    if connection.roles_guessed {
        parts.push(catalog.text("cli-read-roles-guessed"));
    }
    parts.join(" · ")
}

fn one_end(connection: &ConnectionSummary, side: Side, catalog: &Catalog) -> String {
    let place = side.index();
    let state = match connection.states[place] {
        Standing::Unknown => "?".to_owned(),
        Standing::AtLeast(state) => format!("≥{state}"),
        Standing::Exactly(state) => state.to_string(),
    };
    let id = match side {
        Side::Client => "cli-read-client",
        Side::Server => "cli-read-server",
    };
    let mut line = catalog.format(
        &Message::new(id)
            // As wide as the longest state's name, so that the columns after it stand in line.
            .with("state", format!("{state:<13}"))
            .with("packets", connection.packets[place])
            .with("bytes", connection.octets[place]),
    );
    if connection.resends[place] > 0 {
        let resends = Message::new("cli-read-resends").with("count", connection.resends[place]);
        line.push_str(&catalog.format(&resends));
    }
    line
}

/// The finding's short name.
fn name(finding: Finding, catalog: &Catalog) -> String {
    catalog.text(&format!("cli-finding-{}", finding.key()))
}

/// The names joined by commas, in lines of at most so many columns.
fn wrap_list(names: &[String], columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for (i, name) in names.iter().enumerate() {
        let comma = if i + 1 < names.len() { "," } else { "" };
        let word = format!("{name}{comma}");
        let width = unicode_width::UnicodeWidthStr::width;
        match lines.last_mut() {
            Some(line) if width(line.as_str()) + 1 + width(word.as_str()) <= columns => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}
