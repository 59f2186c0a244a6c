//! What is wrong with a scenario, pointed at: file, line, caret, what was found and the way out.

use std::fmt;
use std::sync::Arc;

use miette::{LabeledSpan, NamedSource, SourceCode};

use crate::lang::{Catalog, Lang, Message, Value};

use super::model::Span;

/// One thing that is wrong, in no language yet. Its texts are the message `scenario-KEY` (what is
/// wrong) and its attributes `.label` (what stands at the caret) and `.help` (the way out).
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// Its stable name.
    pub key: &'static str,
    /// Where, in octets of the scenario's text.
    pub span: Span,
    /// What the messages speak of.
    pub args: Vec<(&'static str, Value)>,
    /// The nearest thing that would have been understood.
    pub near: Option<String>,
}

impl Problem {
    /// A problem at a place.
    pub fn new(key: &'static str, span: Span) -> Self {
        Problem { key, span, args: Vec::new(), near: None }
    }

    /// The same with a text argument.
    #[must_use]
    pub fn text(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.args.push((name, Value::from(value.into())));
        self
    }

    /// The same with a number argument.
    #[must_use]
    pub fn number(mut self, name: &'static str, value: u64) -> Self {
        self.args.push((name, Value::from(value)));
        self
    }

    /// The same with the nearest of `choices` offered, when one is near, and the list as `choices`.
    #[must_use]
    pub fn choices<'a>(mut self, found: &str, choices: impl IntoIterator<Item = &'a str>) -> Self {
        let mut known: Vec<&str> = Vec::new();
        for choice in choices {
            if !known.contains(&choice) {
                known.push(choice);
            }
        }
        self.near = nearest(found, &known).map(ToOwned::to_owned);
        self.text("choices", if known.is_empty() { "—".to_owned() } else { known.join(", ") })
    }

    /// Its message or an attribute of it: `""`, `".label"` or `".help"`.
    fn message(&self, part: &str) -> Message {
        let args = self.args.iter().map(|(name, value)| ((*name).into(), value.clone())).collect();
        Message { id: format!("scenario-{}{part}", self.key).into(), args }
    }

    /// Its texts in a language, pointing into the scenario's text.
    pub fn pointed(&self, file: &str, source: &Arc<str>, lang: Lang) -> Pointed {
        let catalog = Catalog::new(lang);
        let way_out = catalog.format(&self.message(".help"));
        let help = match &self.near {
            None => way_out,
            Some(near) => {
                let message = Message::new("scenario-did-you-mean").with("near", near.clone());
                catalog.format(&message.with("help", Value::Verbatim(way_out.into())))
            }
        };
        Pointed {
            source: NamedSource::new(file, Arc::clone(source)),
            what: catalog.format(&self.message("")),
            label: LabeledSpan::new_with_span(
                Some(catalog.format(&self.message(".label"))),
                visible(source, &self.span),
            ),
            help,
        }
    }
}

/// The span cut to the text, and to something that can be seen: an empty one or the end of a line becomes
/// the character before it.
fn visible(source: &str, span: &Span) -> Span {
    let end = span.end.min(source.len());
    let start = span.start.min(end);
    if source.get(start..end).is_some_and(|text| !text.trim().is_empty()) {
        return start..end;
    }
    let line = source.get(..start).unwrap_or_default();
    match line.chars().next_back().filter(|before| *before != '\n') {
        Some(before) => start - before.len_utf8()..start,
        None => {
            start..start + source.get(start..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8)
        }
    }
}

/// The choice that is nearest to a word, if one is near enough to have been meant.
pub(super) fn nearest<'a>(word: &str, choices: &[&'a str]) -> Option<&'a str> {
    let word = word.to_lowercase();
    choices
        .iter()
        .map(|choice| (strsim::damerau_levenshtein(&word, &choice.to_lowercase()), *choice))
        .filter(|(distance, choice)| *distance <= (choice.chars().count() / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, choice)| choice)
}

/// One problem in one language, ready for miette.
#[derive(Debug)]
pub struct Pointed {
    source: NamedSource<Arc<str>>,
    what: String,
    label: LabeledSpan,
    help: String,
}

/// Everything that is wrong with one scenario, in one language, ready for miette.
#[derive(Debug)]
pub struct Diagnostic {
    file: String,
    source: Arc<str>,
    problems: Vec<Problem>,
    pointed: Vec<Pointed>,
}

impl Diagnostic {
    /// A diagnostic in English; `None` when nothing is wrong.
    pub fn new(file: &str, source: &Arc<str>, problems: Vec<Problem>) -> Option<Self> {
        if problems.is_empty() { None } else { Some(Diagnostic::of(file, source, problems)) }
    }

    /// A diagnostic in English of at least one problem; they are told in the order of the file.
    pub(super) fn of(file: &str, source: &Arc<str>, mut problems: Vec<Problem>) -> Self {
        problems.sort_by_key(|problem| problem.span.start);
        Diagnostic {
            file: file.to_owned(),
            source: Arc::clone(source),
            pointed: problems.iter().map(|problem| problem.pointed(file, source, Lang::En)).collect(),
            problems,
        }
    }

    /// The same in another language.
    #[must_use]
    pub fn in_lang(mut self, lang: Lang) -> Self {
        self.pointed = self.problems.iter().map(|p| p.pointed(&self.file, &self.source, lang)).collect();
        self
    }

    /// The problems, in the order of the file.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl fmt::Display for Pointed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Pointed {}

impl miette::Diagnostic for Pointed {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(std::iter::once(self.label.clone())))
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pointed.first().map_or(Ok(()), |first| first.fmt(f))
    }
}

impl std::error::Error for Diagnostic {}

impl miette::Diagnostic for Diagnostic {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.pointed.first().and_then(miette::Diagnostic::help)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.pointed.first().and_then(miette::Diagnostic::source_code)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.pointed.first().and_then(miette::Diagnostic::labels)
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn miette::Diagnostic> + 'a>> {
        Some(Box::new(self.pointed.iter().skip(1).map(|pointed| pointed as &dyn miette::Diagnostic)))
    }
}
