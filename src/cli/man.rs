//! `handshake man [COMMAND]`: the manual page, in roff, for `man -l -`.

use std::io::Write;

use super::arguments::Man;
use super::failure::Failure;
use super::{Context, localise};

/// Writes the page of the program or of one command.
pub(super) fn run(arguments: &Man, context: &mut Context) -> Result<(), Failure> {
    let mut command = localise::command(&context.catalog);
    command.build();
    if let Some(name) = &arguments.command
        && let Some(sub) = command.find_subcommand(name)
    {
        command = sub.clone();
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(command)
        .render(&mut page)
        .and_then(|()| context.output.write_all(&page))
        .map_err(|error| context.output.failure(&error))
}
