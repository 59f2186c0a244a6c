//! What the system refuses, in the user's words: which restriction, and the command that lifts it.

use std::borrow::Cow;
use std::io;

use super::failure::{Exit, Failure, plain};
use crate::lang::Message;
use crate::live::Error;
use crate::live::permission::Denied;

/// The failure for an error of what talks to the kernel.
pub(super) fn failure(error: &Error) -> Failure {
    match error {
        Error::Denied(denied) => Failure::Told(Exit::NotPermitted, refusal(denied)),
        Error::System { doing, source } => Failure::input(
            Message::new("live-failed").with("doing", doing.clone()).with("reason", plain(source)),
        ),
        other @ Error::ThreadGone(_) => Failure::input(
            Message::new("live-failed").with("doing", "handshake").with("reason", other.to_string()),
        ),
    }
}

/// The failure for a system call that was refused for no known reason.
pub(super) fn system(doing: impl Into<Cow<'static, str>>, source: &io::Error) -> Failure {
    Failure::input(Message::new("live-failed").with("doing", doing.into()).with("reason", plain(source)))
}

/// The words for a restriction, and the way out as their attribute `help`.
pub(super) fn refusal(denied: &Denied) -> Message {
    Message::new(format!("live-denied-{}", denied.restriction.key()))
        .with("command", denied.restriction.command())
        .with("errno", denied.errno.to_string())
}
