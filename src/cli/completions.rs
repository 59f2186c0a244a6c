//! `handshake completions SHELL`: a script that completes commands, options and scenario names.

use std::io::Write;

use clap::builder::PossibleValuesParser;

use super::arguments::Completions;
use super::failure::Failure;
use super::{Context, localise};
use crate::scenario::builtin;

/// The commands that take scenarios, and the argument that does.
const TAKE_SCENARIOS: [(&str, &str); 2] = [("run", "scenario"), ("test", "scenarios")];

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
    // A script is for a shell, not for people: it is written as it is.
    context.output.write_all(&script).map_err(|error| context.output.failure(&error))
}
