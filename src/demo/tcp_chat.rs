//! The lecture's improved telephone: the server takes one call after the other, or many at once,
//! and answers everything with the same in capitals until the caller hangs up.

mod client;
mod server;

pub use client::Client;
pub use server::Server;

use super::framing;

/// Where the lecture's server listens.
pub const PORT: u16 = 8081;

/// How the two ends tell where a message ends. Both must agree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Boundaries {
    /// Not at all, as in the lecture: whatever one `recv()` gives is taken for a message.
    #[default]
    None,
    /// By the length before each message; see [`framing`].
    Length {
        /// Longer messages are refused.
        longest: usize,
    },
}

impl Boundaries {
    /// Lengths, with the usual limit.
    pub const FRAMED: Self = Self::Length { longest: framing::LONGEST_MESSAGE };

    /// What is sent for a message; the message itself comes back if no length can say how long it is.
    fn wrap(self, message: Vec<u8>) -> Result<Vec<u8>, Vec<u8>> {
        match self {
            Self::None => Ok(message),
            Self::Length { .. } => framing::frame(message),
        }
    }
}
