//! Several scenarios, or all built-in ones: a line each, and the sum.

use std::io::Write;

use serde_json::json;
use unicode_width::UnicodeWidthStr;

use super::Lab;
use super::one::{self, Outcome};
use crate::cli::Context;
use crate::cli::arguments::Format;
use crate::cli::failure::{Exit, Failure};
use crate::cli::live_failure;
use crate::cli::scenario_file::Loaded;
use crate::lang::{Message, escape};
use crate::live::lab::{self, Unsuitable};
use crate::scenario::builtin;

/// How many scenarios ended how.
#[derive(Default)]
struct Sum {
    same: usize,
    known: usize,
    differ: usize,
    unsuitable: usize,
}

/// Runs them one after the other.
pub(super) fn run(names: &[String], arguments: &Lab, context: &mut Context) -> Result<(), Failure> {
    if arguments.write.is_some() || !arguments.program.is_empty() {
        return Err(Failure::input(Message::new("live-lab-only-one")));
    }
    let names: Vec<&str> = if names.is_empty() {
        builtin().iter().map(|(name, _)| *name).collect()
    } else {
        names.iter().map(String::as_str).collect()
    };
    let all: Vec<Loaded> = names.iter().map(|name| Loaded::find(name, context)).collect::<Result<_, _>>()?;
    lab::enter().map_err(|error| live_failure::failure(&error))?;
    let widest = all.iter().map(|loaded| loaded.scenario.name.len()).max().unwrap_or(0);
    let words = ["same", "known", "differs", "unsuitable"];
    let words = words.map(|word| context.catalog.text(&format!("live-lab-{word}")).width());
    let word_width = words.into_iter().max().unwrap_or(0);
    let mut sum = Sum::default();
    for loaded in &all {
        let scenario = &loaded.scenario;
        let options = one::options(scenario, arguments)
            .and_then(|options| lab::suitable(scenario, &options).map(|_| options));
        let outcome = match options {
            Ok(options) => Ok(one::attempt(scenario, &options)?),
            Err(why) => Err(why),
        };
        let word = sum.count(outcome.as_ref());
        match arguments.format {
            Format::Text => {
                let name = &scenario.name;
                let told = told(outcome.as_ref(), context);
                let word = context.catalog.text(&format!("live-lab-{word}"));
                let fill = " ".repeat(word_width.saturating_sub(word.width()));
                context.output.line(&format!("{word}{fill}  {name:<widest$}  {told}"))?;
            }
            Format::Json => {
                let record = record(&scenario.name, word, outcome.as_ref());
                writeln!(context.output, "{record}").map_err(|error| context.output.failure(&error))?;
            }
        }
        context.output.flush()?;
    }
    if arguments.format == Format::Text {
        let message = Message::new("live-lab-sum")
            .with("same", sum.same)
            .with("known", sum.known)
            .with("differ", sum.differ)
            .with("unsuitable", sum.unsuitable);
        let line = context.catalog.format(&message);
        context.output.line(&line)?;
    }
    if sum.differ == 0 { Ok(()) } else { Err(Failure::Silent(Exit::Difference)) }
}

impl Sum {
    /// Counts an outcome and gives its name.
    fn count(&mut self, outcome: Result<&Outcome, &Unsuitable>) -> &'static str {
        let (count, word) = match outcome {
            Err(_) => (&mut self.unsuitable, "unsuitable"),
            Ok(outcome) if outcome.comparison.is_same() && outcome.judgment.gone.is_empty() => {
                (&mut self.same, "same")
            }
            Ok(outcome) if outcome.judgment.is_as_known() => (&mut self.known, "known"),
            Ok(_) => (&mut self.differ, "differs"),
        };
        *count += 1;
        word
    }
}

/// What is to be said about an outcome on its line.
fn told(outcome: Result<&Outcome, &Unsuitable>, context: &Context) -> String {
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err(why) => return context.catalog.format(&why.0),
    };
    let (same, all) = (outcome.same(), outcome.comparison.rows.len());
    let message = Message::new("live-lab-line").with("same", same).with("all", all);
    let mut line = context.catalog.format(&message);
    if outcome.runs > 1 {
        line.push_str("  ");
        line.push_str(&context.catalog.format(&Message::new("live-lab-runs").with("runs", outcome.runs)));
    }
    escape(&line).into_owned()
}

fn record(name: &str, word: &str, outcome: Result<&Outcome, &Unsuitable>) -> serde_json::Value {
    match outcome {
        Err(why) => json!({ "schema": 1, "scenario": name, "outcome": word, "why": why.0.id }),
        Ok(outcome) => json!({
            "schema": 1,
            "scenario": name,
            "outcome": word,
            "segments": outcome.comparison.rows.len(),
            "differences": outcome.judgment.rows.len(),
            "states_differ": outcome.judgment.states.len(),
            "runs": outcome.runs,
            "late_ns": outcome.run.late.as_nanos(),
            "setup_ns": outcome.run.setup.as_nanos(),
            "lasted_ns": outcome.run.lasted.as_nanos(),
        }),
    }
}
