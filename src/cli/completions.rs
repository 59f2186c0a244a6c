//! `handshake completions SHELL`: a script that completes commands, options and scenario names.

use std::fmt::Write as _;
use std::io::Write;

use clap::builder::PossibleValuesParser;
use clap_complete::Shell;

use super::arguments::Completions;
use super::failure::Failure;
use super::{Context, localise};
use crate::scenario::{Scenario, builtin};

/// The commands that take scenarios, and the argument that does.
const TAKE_SCENARIOS: [(&str, &str); 3] = [("run", "scenario"), ("test", "scenarios"), ("lab", "scenarios")];

/// Writes the script for the shell.
pub(super) fn run(arguments: &Completions, context: &mut Context) -> Result<(), Failure> {
    let mut command = localise::command(&context.catalog);
    for (name, argument) in TAKE_SCENARIOS {
        // Only while the script is made: a file is as good an argument as a name.
        let names = PossibleValuesParser::new(builtin().iter().map(|(name, _)| *name));
        command = command.mut_subcommand(name, |sub| sub.mut_arg(argument, |arg| arg.value_parser(names)));
    }
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, "handshake", &mut script);
    if arguments.shell == Shell::Fish {
        script.extend(names_for_fish(context).into_bytes());
    }
    // A script is for a shell, not for people: it is written as it is.
    context.output.write_all(&script).map_err(|error| context.output.failure(&error))
}

/// What the generator leaves out for fish: scenario names, each with its title.
fn names_for_fish(context: &Context) -> String {
    let quoted = |text: &str| text.replace('\\', "\\\\").replace('\'', "\\'");
    let mut lines = String::new();
    for (name, text) in builtin() {
        let Ok(scenario) = Scenario::parse(name, text) else { continue };
        let title = quoted(scenario.title.get(context.catalog.lang()));
        for (command, _) in TAKE_SCENARIOS {
            let when = format!("__fish_handshake_using_subcommand {command}");
            let _ = writeln!(lines, "complete -c handshake -n '{when}' -a '{name}' -d '{title}'");
        }
    }
    lines
}
