//! Timelines as text: the ladder, tcpdump's lines, the RFC's figures, JSON Lines.
//!
//! [`text`] gives a whole timeline, [`blocks`] one piece at a time, for stepping through it and for
//! playing it in time. Everything that came from a packet, a program or a file is escaped.

mod clock;
pub mod json;
mod ladder;
mod layout;
mod lines;
pub mod pcapng;
mod pen;
mod rfc;
mod tcpdump;
mod wrap;

pub use ladder::label::PAYLOAD_LOOKED_AT;
pub use lines::{Lines, Naming};
pub use wrap::wrap;

use crate::lang::Lang;
use crate::time::Instant;
use crate::timeline::Timeline;

/// The look of a timeline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Style {
    /// Two lanes with arrows between them, states, and explanations.
    #[default]
    Ladder,
    /// A line a packet, as `tcpdump -n` prints it.
    Tcpdump,
    /// The figures of RFC 9293.
    Rfc,
}

/// How a timeline is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// In which language.
    pub lang: Lang,
    /// In which style.
    pub style: Style,
    /// Columns of the terminal. The ladder keeps to them from 36 on, and uses at most 120; the RFC's
    /// figures keep to them from 40 on; tcpdump's lines are as long as tcpdump's.
    pub width: usize,
    /// Whether to colour. Needs the feature `cli`.
    pub color: bool,
    /// Whether sequence numbers are shown as they stand in the headers.
    pub absolute: bool,
    /// Whether to draw with ASCII characters only.
    pub ascii: bool,
}

/// A piece of a timeline's text: what belongs to one event, or to a few that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// When it happens.
    pub at: Instant,
    /// Its lines, without line ends.
    pub lines: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            lang: Lang::En,
            style: Style::Ladder,
            width: 80,
            color: false,
            absolute: false,
            ascii: false,
        }
    }
}

/// The timeline's text in blocks, in order.
pub fn blocks<'a>(timeline: &'a Timeline, options: &Options) -> Box<dyn Iterator<Item = Block> + 'a> {
    match options.style {
        Style::Ladder => Box::new(ladder::blocks(timeline, options)),
        Style::Tcpdump => Box::new(tcpdump::blocks(timeline, options)),
        Style::Rfc => Box::new(rfc::blocks(timeline, options)),
    }
}

/// The timeline's text, every line ended.
pub fn text(timeline: &Timeline, options: &Options) -> String {
    let mut text = String::new();
    for line in blocks(timeline, options).flat_map(|block| block.lines) {
        text.push_str(&line);
        text.push('\n');
    }
    text
}
