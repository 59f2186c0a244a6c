//! `handshake test [NAME|FILE…]`: whether scenarios go as they expect, in the simulator.

use std::io::Write;

use serde_json::json;

use super::Context;
use super::arguments::{Format, Test};
use super::failure::{Exit, Failure};
use super::scenario_file::{Loaded, Place};
use crate::lang::Message;
use crate::scenario::{self, Problem, builtin};
use crate::sim;

/// Checks the scenarios and writes a line for each; differences are pointed at in its text.
pub(super) fn run(arguments: &Test, context: &mut Context) -> Result<(), Failure> {
    let names: Vec<&str> = if arguments.scenarios.is_empty() {
        builtin().iter().map(|(name, _)| *name).collect()
    } else {
        arguments.scenarios.iter().map(String::as_str).collect()
    };
    // A mistake in any of them is told before the first is run.
    let all: Vec<Loaded> = names.iter().map(|name| Loaded::find(name, context)).collect::<Result<_, _>>()?;
    let options = sim::Options {
        seed: arguments.seed,
        profile: arguments.profile.map(Into::into),
        ..sim::Options::default()
    };
    let widest = all.iter().map(|loaded| loaded.scenario.name.len()).max().unwrap_or(0);
    let mut as_expected = 0;
    for loaded in &all {
        let problems = problems(loaded, &options)?;
        as_expected += usize::from(problems.is_empty());
        match arguments.format {
            Format::Text => line(loaded, &problems, widest, context)?,
            Format::Json => record(loaded, &problems, context)?,
        }
    }
    if arguments.format == Format::Text {
        let sum = Message::new("cli-test-sum").with("good", as_expected).with("all", all.len());
        let sum = context.catalog.format(&sum);
        context.output.line(&sum)?;
    }
    if as_expected == all.len() { Ok(()) } else { Err(Failure::Silent(Exit::Difference)) }
}

/// Everything in which a run is not what the scenario says it would be.
fn problems(loaded: &Loaded, options: &sim::Options) -> Result<Vec<Problem>, Failure> {
    let scenario = &loaded.scenario;
    let run = sim::run(scenario, options).map_err(|error| super::run::endless(scenario, &error))?;
    let mut problems = scenario::check(scenario, &run.timeline);
    problems.extend(run.problems);
    Ok(problems)
}

fn line(loaded: &Loaded, problems: &[Problem], widest: usize, context: &mut Context) -> Result<(), Failure> {
    let word = if problems.is_empty() { "cli-test-ok" } else { "cli-test-differs" };
    let word = context.catalog.text(word);
    let name = &loaded.scenario.name;
    let title = crate::lang::escape(loaded.scenario.title.get(context.catalog.lang()));
    context.output.line(&format!("{word}  {name:<widest$}  {title}"))?;
    if !problems.is_empty() {
        let text = loaded.point_at(problems, context, Place::Data);
        context.output.text(&text)?;
    }
    Ok(())
}

/// One JSON object a line: the scenario's name, whether it went as expected, and what did not.
fn record(loaded: &Loaded, problems: &[Problem], context: &mut Context) -> Result<(), Failure> {
    let source = &loaded.scenario.source;
    let lang = context.catalog.lang();
    let differences: Vec<_> = problems
        .iter()
        .map(|problem| {
            let before = source.get(..problem.span.start).unwrap_or_default();
            json!({
                "key": problem.key,
                "line": before.matches('\n').count() + 1,
                "text": problem.pointed(&loaded.scenario.name, source, lang).to_string(),
            })
        })
        .collect();
    let record = json!({
        "schema": 1,
        "scenario": loaded.scenario.name,
        "as_expected": problems.is_empty(),
        "differences": differences,
    });
    writeln!(context.output, "{record}").map_err(|error| context.output.failure(&error))
}
