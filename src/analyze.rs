//! Segments seen on a wire, and what they tell: connections, the states of both ends, findings.
//!
//! [`Analyzer`] reads a capture packet by packet, in memory that grows with the open connections only.
//! Connections are numbered, and the findings that Wireshark has too are made, as Wireshark 4.0 does
//! it. Both ends' states are inferred: what a host sends shows the state that it is in.

mod analyzer;
mod compare;
mod connection;
mod finding;
mod flow;
mod infer;
mod mix;
mod numbers;
mod recent;
mod recorder;
mod report;
mod reset;
mod sequence;
mod summary;
mod table;

pub use analyzer::{Analyzer, Config};
pub use compare::{Aspect, Comparison, Row, Seen, States, Tolerance, compare};
pub use finding::{Finding, Findings, Severity};
pub use flow::{Scale, Side};
pub use infer::{Change, Changes, Standing};
pub use recorder::Recorder;
pub use report::{Completeness, Facts, PacketReport};
pub use summary::{ConnectionSummary, FindingCounts, Outcome, Summary};
