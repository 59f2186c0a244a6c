//! The notes' figure, drawn from what really happened: which call sends what, and which call the
//! other end comes back from.
//!
//! The timeline tells everything in the order of time; this picture leaves out what the notes leave
//! out (times, options, acknowledgments of data) and puts side by side what belongs together.

mod drawing;
mod reading;

pub use drawing::draw;

use crate::lang::Message;

/// The figure: rows from top to bottom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figure {
    /// The names of the two ends, the left one first.
    pub names: [String; 2],
    /// What happened.
    pub rows: Vec<Row>,
    /// What is said below.
    pub remarks: Vec<Message>,
}

/// One row of the figure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// What stands at the left end and at the right end.
    pub ends: [Cell; 2],
    /// What stands between.
    pub between: Between,
}

/// What one end did, and what became of its connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// A call: `send(11)` when it begins, `recv() = 11` when it comes back.
    pub call: String,
    /// The state that this end has from here on.
    pub state: String,
}

/// What stands between the two ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Between {
    /// Nothing.
    #[default]
    Empty,
    /// What a call means to somebody with a telephone.
    Meaning(Message),
    /// A segment or datagram.
    Arrow {
        /// Whether the left end sent it.
        to_right: bool,
        /// What it is.
        label: Label,
    },
}

/// What a segment or datagram is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Label {
    /// A segment without text, by its control bits: `SYN,ACK`.
    Flags(String),
    /// A segment with so many octets of text, and its control bits where they are unusual.
    Bytes(u32, String),
    /// A datagram of so many octets.
    Datagram(u32),
}
