//! Finding and reading scenarios by name or file, and pointing at what is wrong in one.

use std::fmt;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::Arc;

use miette::{Diagnostic as _, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};

use super::failure::{Exit, Failure, push_indented};
use super::{Context, arguments::ProfileChoice};
use crate::lang::Message;
use crate::scenario::{Problem, Scenario, builtin};
use crate::tcp::Profile;

/// A scenario and where it was found, for pointing into it.
pub(super) struct Loaded {
    /// The scenario.
    pub(super) scenario: Scenario,
    /// The file as shown to the user.
    file: String,
}

impl Loaded {
    /// Finds a scenario: a built-in one by its name, otherwise a file; `-` is stdin.
    ///
    /// # Errors
    /// When there is none, when it cannot be read, or when something is wrong in it.
    pub(super) fn find(name: &str, context: &Context) -> Result<Self, Failure> {
        if let Some((name, text)) = builtin().iter().find(|(known, _)| *known == name) {
            return Loaded::parse(name, format!("{name}.toml"), text, context);
        }
        let path = Path::new(name);
        let means_a_file = name == "-" || name.contains(['/', '\\', '.']) || path.exists();
        if !means_a_file {
            return Err(unknown(name));
        }
        let octets = if name == "-" { read_stdin() } else { std::fs::read(path) };
        let octets = octets.map_err(|error| Failure::reading(path, &error))?;
        let Ok(text) = String::from_utf8(octets) else {
            let message = Message::new("cli-run-not-text").with("path", name.to_owned());
            return Err(Failure::input(message));
        };
        let stem =
            path.file_stem().map_or_else(|| name.to_owned(), |stem| stem.to_string_lossy().into_owned());
        Loaded::parse(&stem, name.to_owned(), &text, context)
    }

    fn parse(name: &str, file: String, text: &str, context: &Context) -> Result<Self, Failure> {
        match Scenario::parse(name, text) {
            Ok(scenario) => Ok(Loaded { scenario, file }),
            Err(wrong) => {
                let source = Arc::from(text);
                let text = pointed(&file, &source, wrong.problems(), context, Place::Stderr);
                Err(Failure::Written(Exit::BadInput, text))
            }
        }
    }

    /// Problems of a run or differences from its expectations, pointed at in the scenario's text.
    pub(super) fn point_at(&self, problems: &[Problem], context: &Context, place: Place) -> String {
        pointed(&self.file, &self.scenario.source, problems, context, place)
    }
}

/// Where a text goes to: what is data may have been asked to be coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Among the data.
    Data,
    /// Among the messages.
    Stderr,
}

fn read_stdin() -> io::Result<Vec<u8>> {
    let mut octets = Vec::new();
    io::stdin().lock().read_to_end(&mut octets)?;
    Ok(octets)
}

/// There is no such scenario: the nearest names, best first.
fn unknown(name: &str) -> Failure {
    let mut near: Vec<(f64, &str)> = builtin()
        .iter()
        .map(|(known, _)| (strsim::jaro_winkler(name, known), *known))
        .filter(|(score, known)| *score > 0.8 || known.contains(name))
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    let names: Vec<&str> = near.iter().take(3).map(|(_, name)| *name).collect();
    let message = match names[..] {
        [] => Message::new("cli-run-unknown"),
        _ => Message::new("cli-run-unknown-near").with("near", names.join(", ")),
    };
    Failure::input(message.with("name", name.to_owned()))
}

/// A problem as miette draws it, without its help: that stands below in words of ours, since miette's
/// own word for it is English.
#[derive(Debug)]
struct Drawn<'a>(&'a crate::scenario::Pointed);

impl fmt::Display for Drawn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.0, f)
    }
}

impl std::error::Error for Drawn<'_> {}

impl miette::Diagnostic for Drawn<'_> {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.0.source_code()
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.0.labels()
    }
}

fn pointed(file: &str, source: &Arc<str>, problems: &[Problem], context: &Context, place: Place) -> String {
    let color = if place == Place::Data { context.color } else { context.color_messages };
    let theme = match (context.ascii, color) {
        (true, false) => GraphicalTheme::none(),
        (true, true) => GraphicalTheme::ascii(),
        (false, false) => GraphicalTheme::unicode_nocolor(),
        (false, true) => GraphicalTheme::unicode(),
    };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(usize::from(context.width))
        .with_links(false)
        .with_context_lines(1);
    let lang = context.catalog.lang();
    let mut problems: Vec<&Problem> = problems.iter().collect();
    problems.sort_by_key(|problem| problem.span.start);
    let mut text = String::new();
    for problem in problems {
        let pointed = problem.pointed(file, source, lang);
        // A report that cannot be drawn is still told in words.
        if handler.render_report(&mut text, &Drawn(&pointed)).is_err() {
            push_indented(&mut text, &format!("{file}: {pointed}"));
        }
        if let Some(help) = pointed.help() {
            push_indented(&mut text, &help.to_string());
        }
    }
    text
}

impl From<ProfileChoice> for Profile {
    fn from(choice: ProfileChoice) -> Self {
        match choice {
            ProfileChoice::Rfc9293 => Profile::Rfc9293,
            ProfileChoice::Linux => Profile::Linux,
            ProfileChoice::Classic => Profile::Classic,
        }
    }
}
