//! `handshake list`: what can be run.

use super::Context;
use super::arguments::List;
use super::failure::Failure;

/// Writes the list.
pub(super) fn run(_arguments: &List, context: &mut Context) -> Result<(), Failure> {
    let start = context.catalog.text("cli-after");
    context.output.line(&start)
}
