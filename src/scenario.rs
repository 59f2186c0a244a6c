//! Scenario files: who takes part, what they do, what goes wrong, and what must come of it.
//!
//! [`Scenario::parse`] reads the TOML format that `docs/scenarios.md` teaches; a mistake is pointed at
//! with file, line and caret ([`Diagnostic`]). [`builtin`] are the project's own. The simulator and the
//! lab run a scenario; [`check`] compares what came of it with its expectations.

mod aim;
mod builtin;
mod check;
mod command;
mod diagnostic;
mod expect;
mod link;
mod model;
mod names;
mod option;
mod parse;
mod pattern;
mod reader;
mod setting;
mod units;
mod words;

pub use builtin::builtin;
pub use check::{Difference, Isns, check};
pub use diagnostic::{Diagnostic, Pointed, Problem};
pub use expect::{
    About, CallName, Expect, ExpectedOutcome, ExpectedReturn, ExpectedRule, ExpectedSegment, ExpectedStates,
    Item,
};
pub use link::{Link, Links};
pub use model::{
    Act, Action, Condition, Differing, Entry, Fault, HostSpec, Inject, Known, Lab, Localized, Number,
    Payload, Scenario, SocketName, Span, Step, Trigger, Variable,
};
pub use option::SocketOption;
pub use pattern::{Check, Comparison, Facts, PacketKind, Pattern};
pub use setting::{Setting, SettingValue};

impl Scenario {
    /// Reads a scenario. `name` is the file's name, for errors and for the scenario's own name.
    ///
    /// # Errors
    /// Everything that is wrong with the text, each with its place, what was found and the way out.
    pub fn parse(name: &str, text: &str) -> Result<Scenario, Diagnostic> {
        parse::parse(name, text)
    }

    /// Problems found after a run, such as [`Difference`]s and dead faults, pointing into this scenario.
    pub fn diagnostic(&self, problems: Vec<Problem>) -> Option<Diagnostic> {
        Diagnostic::new(&format!("{}.toml", self.name), &self.source, problems)
    }
}
