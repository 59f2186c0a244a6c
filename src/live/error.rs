//! What can go wrong when the system is asked for something.

use std::borrow::Cow;
use std::io;

use super::permission::Denied;

/// The result of asking the system for something.
pub type Result<T> = std::result::Result<T, Error>;

/// Why the system did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The system does not permit it: exit code 3.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// A system call failed.
    #[error("{doing}: {source}")]
    System {
        /// What was being done, as `creating the veth pair`.
        doing: Cow<'static, str>,
        /// What the kernel said.
        source: io::Error,
    },
    /// A thread of ours ended before it answered; only a defect of this program does that.
    #[error("the thread of {0} is gone")]
    ThreadGone(Cow<'static, str>),
}

/// Says what was being done when a system call failed.
pub(crate) trait Context<T> {
    /// Wraps the failure, if there is one.
    fn doing(self, what: impl Into<Cow<'static, str>>) -> Result<T>;
}

impl<T, E: Into<io::Error>> Context<T> for std::result::Result<T, E> {
    fn doing(self, what: impl Into<Cow<'static, str>>) -> Result<T> {
        self.map_err(|error| Error::System { doing: what.into(), source: error.into() })
    }
}
