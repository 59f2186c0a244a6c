//! `handshake completions SHELL`: a script that completes commands, options and scenario names.

use super::arguments::Completions;
use super::failure::Failure;
use super::{Context, localise};

/// Writes the script for the shell.
pub(super) fn run(arguments: &Completions, context: &mut Context) -> Result<(), Failure> {
    let mut command = localise::command(&context.catalog);
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, "handshake", &mut script);
    // A script is for a shell, not for people: it is written as it is.
    std::io::Write::write_all(&mut context.output, &script).map_err(|error| context.output.failure(&error))
}
