//! The comparison in words: the segments side by side, the first difference marked, the states, and
//! what the scenario says about differences that are known.

use std::borrow::Cow;

use unicode_width::UnicodeWidthStr;

use super::one::{Outcome, host_name};
use crate::analyze::{Aspect, Row, Seen, States};
use crate::cli::Context;
use crate::cli::failure::Failure;
use crate::lang::{Message, escape};
use crate::render;
use crate::scenario::Scenario;
use crate::time::{Duration, Instant};

/// Columns of a time.
const TIME: usize = 9;
/// Columns before the text of a row: the mark and both times.
const INDENT: usize = 2 + TIME + 1 + TIME + 2;

/// How a row stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    Same,
    Known,
    Different,
}

/// Writes the comparison.
pub(super) fn show(scenario: &Scenario, outcome: &Outcome, context: &mut Context) -> Result<(), Failure> {
    let heading = context.catalog.text("live-lab-compared");
    wrapped(&heading, context)?;
    let columns = ["live-lab-simulator", "live-lab-kernel-column"].map(|id| context.catalog.text(id));
    let [simulator, kernel] = columns;
    context.output.line(&format!("  {} {}", right(&simulator, TIME), right(&kernel, TIME)))?;
    let judged = |place: usize| outcome.judgment.rows.iter().find(|(row, _)| *row == place);
    let mut first = true;
    for (place, compared) in outcome.comparison.rows.iter().enumerate() {
        let known = judged(place).and_then(|(_, known)| *known);
        let look = match (compared.is_same(), known) {
            (true, _) => Look::Same,
            (false, Some(_)) => Look::Known,
            (false, None) => Look::Different,
        };
        row(scenario, compared, look, context)?;
        if look == Look::Different && std::mem::take(&mut first) {
            let note = context.catalog.text("live-lab-first-difference");
            indented(&note, context)?;
        }
    }
    for (place, compared) in outcome.comparison.states.iter().enumerate() {
        let known = outcome.judgment.states.iter().find(|(states, _)| *states == place);
        let look = match (compared.is_same(), known.and_then(|(_, known)| *known)) {
            (true, _) => continue,
            (false, Some(_)) => Look::Known,
            (false, None) => Look::Different,
        };
        states(scenario, compared, look, context)?;
    }
    known(scenario, outcome, context)?;
    verdict(outcome, context)
}

fn row(scenario: &Scenario, row: &Row, look: Look, context: &mut Context) -> Result<(), Failure> {
    let mark = match (look, row) {
        (Look::Same, _) => '=',
        (Look::Known, _) => '~',
        (Look::Different, Row::OnlyLeft(_)) => '-',
        (Look::Different, Row::OnlyRight(_)) => '+',
        (Look::Different, _) => '!',
    };
    let time = |seen: Option<&Seen>| seen.map_or_else(|| "—".to_owned(), |seen| clock(seen.at));
    let (left, kernel) = (time(row.left()), time(row.right()));
    let begin = format!("{mark} {} {}  ", right(&left, TIME), right(&kernel, TIME));
    let Some(seen) = row.left().or(row.right()) else { return Ok(()) };
    lines(&begin, &segment(scenario, seen), look, context)?;
    let told = match row {
        Row::Same(..) => return Ok(()),
        Row::OnlyLeft(_) => Message::new("live-lab-only-simulator"),
        Row::OnlyRight(_) => Message::new("live-lab-only-kernel"),
        Row::Differs(_, real, aspects) => {
            let only_time = aspects.as_slice() == [Aspect::Time];
            if !only_time {
                let text = segment(scenario, real);
                let text =
                    context.catalog.format(&Message::new("live-lab-kernel-sends").with("segment", text));
                indented(&text, context)?;
            }
            let names: Vec<String> = aspects
                .iter()
                .map(|aspect| context.catalog.text(&format!("live-lab-aspect-{}", aspect.key())))
                .collect();
            let separator = context.catalog.text("live-lab-separator");
            Message::new("live-lab-differs-in").with("aspects", names.join(&separator))
        }
    };
    let told = context.catalog.format(&told);
    indented(&told, context)
}

/// A segment in the words of the scenario's files: numbers count from each side's own first one.
fn segment(scenario: &Scenario, seen: &Seen) -> String {
    let name = host_name(scenario, seen.from);
    let mut words = vec![name.to_owned()];
    match seen.flags {
        None => words.push("UDP".to_owned()),
        // A number from before the first one is negative.
        Some(flags) => words.extend([flags.to_string(), format!("seq={}", seen.seq.cast_signed())]),
    }
    words.extend(seen.ack.map(|ack| format!("ack={}", ack.cast_signed())));
    words.extend((seen.len > 0).then(|| format!("len={}", seen.len)));
    words.extend((!seen.options.is_empty()).then(|| format!("<{}>", seen.options.join(","))));
    words.extend(seen.lost.then(|| "✗".to_owned()));
    words.join(" ")
}

fn states(scenario: &Scenario, states: &States, look: Look, context: &mut Context) -> Result<(), Failure> {
    let name = host_name(scenario, states.host);
    let list = |states: &[crate::tcp::State]| -> String {
        let names: Vec<&str> = states.iter().map(|state| state.name()).collect();
        if names.is_empty() { "—".to_owned() } else { names.join(" ") }
    };
    let mark = if look == Look::Known { '~' } else { '!' };
    let message = Message::new("live-lab-states").with("host", name.to_owned());
    let text = context.catalog.format(&message);
    lines(&format!("{mark} "), &text, look, context)?;
    for (id, side) in [("live-lab-states-simulator", &states.left), ("live-lab-states-kernel", &states.right)]
    {
        let text = context.catalog.format(&Message::new(id).with("states", list(side)));
        wrapped_by(&text, 4, context)?;
    }
    Ok(())
}

/// What the scenario says about the differences that were found, and about those that were not.
fn known(scenario: &Scenario, outcome: &Outcome, context: &mut Context) -> Result<(), Failure> {
    let lang = context.catalog.lang();
    for (id, places) in [
        ("live-lab-known-found", outcome.judgment.found().into_iter().collect::<Vec<_>>()),
        ("live-lab-known-gone", outcome.judgment.gone.clone()),
    ] {
        for known in places.into_iter().filter_map(|place| scenario.lab.known.get(place)) {
            context.output.line("")?;
            let message = Message::new(id).with("what", known.shown.clone());
            let text = context.catalog.format(&message);
            wrapped(&text, context)?;
            let why = escape(known.why.get(lang).trim()).into_owned();
            wrapped_by(&why, 2, context)?;
        }
    }
    Ok(())
}

fn verdict(outcome: &Outcome, context: &mut Context) -> Result<(), Failure> {
    let (same, all) = (outcome.same(), outcome.comparison.rows.len());
    let id = match (outcome.comparison.is_same(), outcome.judgment.is_as_known()) {
        (true, true) => "live-lab-verdict-same",
        (false, true) => "live-lab-verdict-known",
        _ => "live-lab-verdict-differs",
    };
    context.output.line("")?;
    let text = context.catalog.format(&Message::new(id).with("same", same).with("all", all));
    wrapped(&text, context)?;
    let simulated = outcome.simulated.events.last().map(|event| event.at).unwrap_or_default();
    if !outcome.run.complete && simulated > Instant::ZERO + outcome.run.lasted {
        let message = Message::new("live-lab-stopped")
            .with("lasted", rounded(outcome.run.lasted))
            .with("simulated", rounded(simulated.since(Instant::ZERO)));
        let text = context.catalog.format(&message);
        wrapped(&text, context)?;
    }
    if outcome.run.late > Duration::from_millis(10) {
        let message = Message::new("live-lab-late").with("late", rounded(outcome.run.late));
        let text = context.catalog.format(&message);
        wrapped(&text, context)?;
    }
    if outcome.runs > 1 {
        let text = context.catalog.format(&Message::new("live-lab-runs").with("runs", outcome.runs));
        wrapped(&text, context)?;
    }
    Ok(())
}

/// A time of the comparison: milliseconds with one decimal, seconds from ten of them on.
fn clock(at: Instant) -> String {
    let tenths = (at.as_nanos() + 50_000) / 100_000;
    if tenths < 100_000 {
        format!("{}.{} ms", tenths / 10, tenths % 10)
    } else {
        let millis = (at.as_nanos() + 500_000) / 1_000_000;
        format!("{}.{:03} s", millis / 1_000, millis % 1_000)
    }
}

fn rounded(span: Duration) -> String {
    Duration::from_millis(span.as_millis()).to_string()
}

/// Text at the right end of so many columns.
fn right(text: &str, columns: usize) -> String {
    let fill = columns.saturating_sub(text.width());
    format!("{}{text}", " ".repeat(fill))
}

/// The first line behind `begin`, the others as deep.
fn lines(begin: &str, text: &str, look: Look, context: &mut Context) -> Result<(), Failure> {
    let text = escape(text).into_owned();
    let depth = begin.width();
    let room = usize::from(context.width).clamp(40, 120).saturating_sub(depth).max(16);
    for (number, line) in render::wrap(&text, room).into_iter().enumerate() {
        let line =
            if number == 0 { format!("{begin}{line}") } else { format!("{}{line}", " ".repeat(depth)) };
        let painted = painted(&line, look, context.color).into_owned();
        context.output.line(&painted)?;
    }
    Ok(())
}

fn painted(line: &str, look: Look, color: bool) -> Cow<'_, str> {
    let code = match look {
        _ if !color => return line.into(),
        Look::Same => return line.into(),
        Look::Known => "33",
        Look::Different => "31",
    };
    format!("\u{1b}[{code}m{line}\u{1b}[0m").into()
}

/// A remark below a row.
fn indented(text: &str, context: &mut Context) -> Result<(), Failure> {
    wrapped_by(text, INDENT, context)
}

/// A paragraph.
pub(super) fn wrapped(text: &str, context: &mut Context) -> Result<(), Failure> {
    wrapped_by(text, 0, context)
}

fn wrapped_by(text: &str, depth: usize, context: &mut Context) -> Result<(), Failure> {
    let room = usize::from(context.width).clamp(40, 100).saturating_sub(depth).max(16);
    for line in render::wrap(text, room) {
        context.output.line(&format!("{}{line}", " ".repeat(depth)))?;
    }
    Ok(())
}
