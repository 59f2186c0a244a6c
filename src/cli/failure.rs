//! How a command ends when it does not end well.

use std::io;
use std::path::Path;
use std::process::ExitCode;

use crate::lang::{Catalog, Message, Value};

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub(super) enum Failure {
    /// Something to tell: the message says what and where; its attribute `help` the way out.
    Told(Exit, Message),
    /// Something already written in the user's language.
    Written(Exit, String),
    /// It was told already.
    Silent(Exit),
    /// Whoever read our output has had enough: no error.
    ClosedPipe,
}

/// The exit codes; 0 is fine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    /// A check found a difference.
    Difference = 1,
    /// Bad usage or bad input.
    BadInput = 2,
    /// The system does not permit it.
    NotPermitted = 3,
}

impl Failure {
    /// Bad usage or input, in words.
    pub(super) fn input(message: Message) -> Self {
        Failure::Told(Exit::BadInput, message)
    }

    /// What went wrong when the file at `path` was read.
    pub(super) fn reading(path: &Path, error: &io::Error) -> Self {
        let (exit, id) = match error.kind() {
            io::ErrorKind::NotFound => (Exit::BadInput, "cli-read-no-file"),
            io::ErrorKind::IsADirectory => (Exit::BadInput, "cli-read-directory"),
            io::ErrorKind::PermissionDenied => (Exit::NotPermitted, "cli-read-forbidden"),
            _ => (Exit::BadInput, "cli-read-failed"),
        };
        Failure::Told(exit, about_file(id, path, error))
    }

    /// What went wrong when the file at `path` was written.
    pub(super) fn writing(path: &Path, error: &io::Error) -> Self {
        let (exit, id) = match error.kind() {
            io::ErrorKind::NotFound => (Exit::BadInput, "cli-write-no-directory"),
            io::ErrorKind::IsADirectory => (Exit::BadInput, "cli-write-directory"),
            io::ErrorKind::PermissionDenied => (Exit::NotPermitted, "cli-write-forbidden"),
            io::ErrorKind::BrokenPipe => return Failure::ClosedPipe,
            _ => (Exit::BadInput, "cli-write-failed"),
        };
        Failure::Told(exit, about_file(id, path, error))
    }

    /// What is shown on stderr, with a line break at its end; empty when there is nothing to say.
    pub(super) fn text(&self, catalog: &Catalog) -> String {
        match self {
            Failure::Told(_, message) => tell(message, catalog),
            Failure::Written(_, text) if text.ends_with('\n') => text.clone(),
            Failure::Written(_, text) => format!("{text}\n"),
            Failure::Silent(_) | Failure::ClosedPipe => String::new(),
        }
    }

    /// The program's exit code.
    pub(super) fn exit_code(&self) -> ExitCode {
        match self {
            Failure::Told(exit, _) | Failure::Written(exit, _) | Failure::Silent(exit) => {
                ExitCode::from(*exit as u8)
            }
            Failure::ClosedPipe => ExitCode::SUCCESS,
        }
    }
}

/// An error in two parts, what and the way out, each behind its word.
pub(super) fn tell(message: &Message, catalog: &Catalog) -> String {
    let what = Value::Verbatim(catalog.format(message).into());
    let mut text = catalog.format(&Message::new("cli-error").with("what", what));
    text.push('\n');
    let help_id = format!("{}.help", message.id);
    if catalog.has(&help_id) {
        let help = Message { id: help_id.into(), args: message.args.clone() };
        push_indented(&mut text, &catalog.format(&help));
    }
    text
}

/// Appends what belongs to the line before: each line indented and ended.
pub(super) fn push_indented(text: &mut String, more: &str) {
    for line in more.lines() {
        text.push_str("  ");
        text.push_str(line);
        text.push('\n');
    }
}

fn about_file(id: &'static str, path: &Path, error: &io::Error) -> Message {
    Message::new(id).with("path", path.display().to_string()).with("reason", plain(error))
}

/// The system's words for an error, without Rust's `(os error 2)`.
pub(super) fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    text.split_once(" (os error").map_or(text.clone(), |(words, _)| words.to_owned())
}
