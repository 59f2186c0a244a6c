//! A timeline on the terminal or in a file, whatever it was made from: all at once, on Enter, in time.

use super::Context;
use super::arguments::{Showing, StyleChoice};
use super::failure::Failure;
use super::pace::{Next, Pacer};
use crate::render::{self, Style};
use crate::timeline::Timeline;

/// How a timeline is written, in color or not.
pub(super) fn options(showing: Showing, color: bool, context: &Context) -> render::Options {
    render::Options {
        lang: context.catalog.lang(),
        style: showing.style.into(),
        width: usize::from(context.width),
        color,
        absolute: showing.absolute,
        ascii: context.ascii,
    }
}

/// Writes the timeline as text; says whether the user wanted to see all of it.
pub(super) fn text(timeline: &Timeline, showing: Showing, context: &mut Context) -> Result<Next, Failure> {
    let options = options(showing, context.color, context);
    let mut pacer = Pacer::new(showing.step, showing.pace, &context.catalog);
    for block in render::blocks(timeline, &options) {
        if pacer.before(block.at, &mut context.output)? == Next::Stop {
            return Ok(Next::Stop);
        }
        for line in &block.lines {
            context.output.line(line)?;
        }
    }
    Ok(Next::Show)
}

/// Writes the timeline as JSON Lines.
pub(super) fn json(timeline: &Timeline, context: &mut Context) -> Result<(), Failure> {
    render::json::write(timeline, &mut context.output).map_err(|error| context.output.failure(&error))
}

/// Refuses to wait between the lines of a format that is for programs.
pub(super) fn only_text_waits(showing: Showing, is_text: bool) -> Result<(), Failure> {
    if is_text || (!showing.step && showing.pace.is_none()) {
        return Ok(());
    }
    Err(Failure::input(crate::lang::Message::new("cli-step-needs-text")))
}

impl From<StyleChoice> for Style {
    fn from(choice: StyleChoice) -> Self {
        match choice {
            StyleChoice::Ladder => Style::Ladder,
            StyleChoice::Tcpdump => Style::Tcpdump,
            StyleChoice::Rfc => Style::Rfc,
        }
    }
}
