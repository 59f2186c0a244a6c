//! Arguments that cannot be understood, told in the user's language: what was found, what was
//! expected, and the nearest thing that would have been understood.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::failure::{push_indented, tell};
use crate::lang::{Catalog, Message, escape};

/// The text for stderr about arguments that clap refused.
pub(super) fn explain(error: &clap::Error, catalog: &Catalog) -> String {
    let mut text = String::new();
    if let Some(message) = message(error, catalog) {
        text.push_str(&tell(&message, catalog));
    } else {
        // A kind of error that has no words of ours: clap's own, in English.
        for line in error.render().to_string().lines() {
            push_indented(&mut text, &escape(line));
        }
    }
    if let Some(hint) = suggestion(error) {
        push_indented(&mut text, &catalog.format(&Message::new("cli-did-you-mean").with("near", hint)));
    }
    push_indented(&mut text, &catalog.text("cli-usage-more"));
    text
}

fn message(error: &clap::Error, catalog: &Catalog) -> Option<Message> {
    let argument = context(error, ContextKind::InvalidArg).unwrap_or_default();
    let value = context(error, ContextKind::InvalidValue).unwrap_or_default();
    let message = match error.kind() {
        ErrorKind::InvalidValue if value.is_empty() => Message::new("cli-usage-no-value"),
        ErrorKind::InvalidValue => Message::new("cli-usage-not-a-choice")
            .with("value", value)
            .with("choices", context(error, ContextKind::ValidValue).unwrap_or_default()),
        ErrorKind::ValueValidation => Message::new("cli-usage-bad-value")
            .with("value", value)
            .with("expected", expected(&argument, catalog)),
        ErrorKind::UnknownArgument => Message::new("cli-usage-unknown-argument"),
        ErrorKind::InvalidSubcommand => Message::new("cli-usage-unknown-command")
            .with("command", context(error, ContextKind::InvalidSubcommand).unwrap_or_default()),
        ErrorKind::MissingRequiredArgument => Message::new("cli-usage-missing"),
        ErrorKind::ArgumentConflict => Message::new("cli-usage-conflict")
            .with("other", context(error, ContextKind::PriorArg).unwrap_or_default()),
        ErrorKind::TooManyValues | ErrorKind::WrongNumberOfValues | ErrorKind::TooFewValues => {
            Message::new("cli-usage-value-count")
        }
        ErrorKind::InvalidUtf8 => Message::new("cli-usage-not-utf8"),
        _ => return None,
    };
    Some(message.with("argument", argument))
}

/// What an argument takes, in words: the message `cli-expected-ID`, by the long option's name or the
/// positional argument's.
fn expected(argument: &str, catalog: &Catalog) -> String {
    let name = argument.trim_start_matches('-').split([' ', '=']).next().unwrap_or_default();
    let id = format!("cli-expected-{}", name.trim_matches(['<', '>']).to_ascii_lowercase());
    if catalog.has(&id) { catalog.text(&id) } else { argument.to_owned() }
}

fn suggestion(error: &clap::Error) -> Option<String> {
    [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue]
        .into_iter()
        .find_map(|kind| context(error, kind))
        .filter(|text| !text.is_empty())
}

fn context(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(texts) => Some(texts.join(", ")),
        other => Some(other.to_string()),
    }
}
