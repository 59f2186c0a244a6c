//! `handshake run NAME|FILE`: simulates a scenario and shows what happened.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::Context;
use super::arguments::{Format, Run, StyleChoice};
use super::failure::{Exit, Failure};
use super::output::differ;
use super::pace::Next;
use super::scenario_file::{Loaded, Place};
use super::show;
use crate::lang::{Message, escape};
use crate::render;
use crate::scenario::Scenario;
use crate::sim;
use crate::timeline::Timeline;

/// Simulates and shows.
pub(super) fn run(arguments: &Run, context: &mut Context) -> Result<(), Failure> {
    show::only_text_waits(arguments.showing, arguments.format == Format::Text)?;
    let input = Path::new(&arguments.scenario);
    context.output.must_not_be(input)?;
    if let Some(path) = &arguments.write {
        differ(path, input)?;
        context.output.must_not_be(path)?;
    }
    let loaded = Loaded::find(&arguments.scenario, context)?;
    let options = sim::Options {
        seed: arguments.seed,
        profile: arguments.profile.map(Into::into),
        ..sim::Options::default()
    };
    let run = sim::run(&loaded.scenario, &options).map_err(|error| endless(&loaded.scenario, &error))?;
    if let Some(path) = &arguments.write {
        write_capture(path, &run.timeline, context)?;
    }
    match arguments.format {
        Format::Json => show::json(&run.timeline, context)?,
        Format::Text => text(arguments, &loaded.scenario, &run.timeline, context)?,
    }
    if run.problems.is_empty() {
        return Ok(());
    }
    context.output.flush()?;
    let told = loaded.point_at(&run.problems, context, Place::Stderr);
    if arguments.seed.is_some() || arguments.profile.is_some() {
        // With another seed or stack than the scenario was written for, a fault may well find nothing
        // to touch: worth telling, but no mistake.
        let _ = io::stderr().write_all(told.as_bytes());
        return Ok(());
    }
    Err(Failure::Written(Exit::BadInput, told))
}

/// The timeline with, in the ladder, the scenario's title above and its lesson below.
fn text(
    arguments: &Run,
    scenario: &Scenario,
    timeline: &Timeline,
    context: &mut Context,
) -> Result<(), Failure> {
    let lesson = arguments.showing.style == StyleChoice::Ladder;
    let lang = context.catalog.lang();
    if lesson {
        for line in render::wrap(&escape(scenario.title.get(lang)), usize::from(context.width)) {
            context.output.line(&line)?;
        }
        context.output.text("\n")?;
    }
    if show::text(timeline, arguments.showing, context)? == Next::Stop || !lesson {
        return Ok(());
    }
    let width = usize::from(context.width).min(100);
    for paragraph in scenario.notes.get(lang).split("\n\n") {
        context.output.text("\n")?;
        // The line breaks inside a paragraph are those of the file's author, not of this terminal.
        let joined = join_lines(paragraph);
        for line in render::wrap(&escape(&joined), width) {
            context.output.line(&line)?;
        }
    }
    Ok(())
}

/// One line of a paragraph's lines: with a space between Latin words, with none between Chinese ones.
fn join_lines(paragraph: &str) -> String {
    let mut joined = String::with_capacity(paragraph.len());
    for line in paragraph.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let wide = |letter: Option<char>| letter.is_some_and(|letter| letter as u32 >= 0x2e80);
        let chinese = wide(joined.chars().next_back()) && wide(line.chars().next());
        if !joined.is_empty() && !chinese {
            joined.push(' ');
        }
        joined.push_str(line);
    }
    joined
}

/// Writes the packets to a capture file.
fn write_capture(path: &Path, timeline: &Timeline, context: &Context) -> Result<(), Failure> {
    let write = || {
        let mut file = BufWriter::new(File::create(path)?);
        render::pcapng::write(timeline, &context.catalog, &mut file)?;
        file.flush()
    };
    write().map_err(|error: io::Error| Failure::writing(path, &error))
}

/// A scenario that does not come to an end.
pub(super) fn endless(scenario: &Scenario, error: &sim::Error) -> Failure {
    let sim::Error::Endless { seconds, .. } = error;
    Failure::input(
        Message::new("cli-run-endless").with("name", scenario.name.clone()).with("seconds", *seconds),
    )
}
