//! What can go wrong, and what to do about it.

use std::io;
use std::net::SocketAddr;

use nix::errno::Errno;

use super::framing::TooLong;
use crate::lang::{Catalog, Lang, Message};

/// Why a demo or one of its conversations ended early.
#[derive(Debug)]
pub enum Error {
    /// An address that can't be read.
    BadAddress {
        /// As it was given.
        given: String,
    },
    /// A name that nobody knows.
    UnknownHost {
        /// The name.
        host: String,
    },
    /// A list of friends that can't be used.
    Friends {
        /// Its name.
        file: String,
        /// Line and column, counted from 1.
        place: Option<(usize, usize)>,
        /// What is wrong there.
        problem: String,
    },
    /// A call of the sockets API failed.
    Socket {
        /// Which call.
        call: &'static str,
        /// The address it was about: our own for `bind`, else the peer's.
        address: SocketAddr,
        /// What the kernel said.
        source: io::Error,
    },
    /// The peer hung up while its answer was awaited.
    NoAnswer {
        /// The peer.
        peer: SocketAddr,
    },
    /// The peer hung up in the middle of a message.
    CutShort {
        /// The peer.
        peer: SocketAddr,
        /// Bytes of the message that came.
        have: usize,
        /// Its whole length, if that much was known.
        announced: Option<u32>,
    },
    /// A message announced as longer than accepted.
    TooLong {
        /// The peer.
        peer: SocketAddr,
        /// What it announced.
        frame: TooLong,
    },
    /// The keyboard (or what stands for it) can't be read.
    Input(io::Error),
    /// The screen (or what stands for it) takes nothing more.
    Output(io::Error),
    /// The system has no descriptor or thread left.
    Resources(io::Error),
}

/// Whose trouble an error is; the exit code follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// None: whoever read our output has gone.
    None,
    /// The conversation failed.
    Conversation,
    /// What was asked for can't be done as asked.
    Usage,
    /// The system does not permit it.
    Permission,
}

/// The messages for what a kernel says, the first row that fits. An empty call fits every call.
const KERNEL_SAYS: &[(&str, Errno, Trouble, &str)] = &[
    ("", Errno::EADDRINUSE, Trouble::Usage, "demo-error-address-in-use"),
    ("bind", Errno::EADDRNOTAVAIL, Trouble::Usage, "demo-error-not-my-address"),
    ("", Errno::EADDRNOTAVAIL, Trouble::Conversation, "demo-error-no-local-port"),
    ("bind", Errno::EACCES, Trouble::Permission, "demo-error-port-needs-permission"),
    ("connect", Errno::ECONNREFUSED, Trouble::Conversation, "demo-error-connect-refused"),
    ("", Errno::ECONNREFUSED, Trouble::Conversation, "demo-error-datagram-refused"),
    ("connect", Errno::ETIMEDOUT, Trouble::Conversation, "demo-error-connect-timed-out"),
    ("", Errno::ETIMEDOUT, Trouble::Conversation, "demo-error-peer-silent"),
    ("", Errno::ECONNRESET, Trouble::Conversation, "demo-error-reset"),
    ("", Errno::EPIPE, Trouble::Conversation, "demo-error-broken-pipe"),
    ("", Errno::EHOSTUNREACH, Trouble::Conversation, "demo-error-unreachable"),
    ("", Errno::ENETUNREACH, Trouble::Conversation, "demo-error-unreachable"),
    ("", Errno::EMSGSIZE, Trouble::Usage, "demo-error-datagram-too-long"),
    ("", Errno::EMFILE, Trouble::Conversation, "demo-error-no-descriptor"),
    ("", Errno::ENFILE, Trouble::Conversation, "demo-error-no-descriptor"),
    ("", Errno::EACCES, Trouble::Permission, "demo-error-forbidden"),
    ("", Errno::EPERM, Trouble::Permission, "demo-error-forbidden"),
];

impl Error {
    /// The failure of a call.
    pub(super) fn socket(call: &'static str, address: SocketAddr, source: impl Into<io::Error>) -> Self {
        Self::Socket { call, address, source: source.into() }
    }

    /// Whose trouble it is.
    pub fn trouble(&self) -> Trouble {
        match self {
            Self::BadAddress { .. } | Self::UnknownHost { .. } | Self::Friends { .. } | Self::Input(_) => {
                Trouble::Usage
            }
            Self::Output(source) if source.kind() == io::ErrorKind::BrokenPipe => Trouble::None,
            Self::Socket { call, source, .. } => {
                known(call, source).map_or(Trouble::Conversation, |row| row.0)
            }
            _ => Trouble::Conversation,
        }
    }

    /// What happened and the way out, for the reader.
    pub fn message(&self) -> Message {
        match self {
            Self::BadAddress { given } => Message::new("demo-error-bad-address").with("given", given.clone()),
            Self::UnknownHost { host } => Message::new("demo-error-unknown-host").with("host", host.clone()),
            Self::Friends { file, place: Some((line, column)), problem } => {
                Message::new("demo-error-friends-at")
                    .with("file", file.clone())
                    .with("line", *line)
                    .with("column", *column)
                    .with("problem", problem.clone())
            }
            Self::Friends { file, place: None, problem } => {
                Message::new("demo-error-friends").with("file", file.clone()).with("problem", problem.clone())
            }
            Self::Socket { call, address, source } => {
                Message::new(known(call, source).map_or("demo-error-socket", |row| row.1))
                    .with("call", *call)
                    .with("address", address.to_string())
                    .with("port", address.port())
                    .with("reason", reason(source))
            }
            Self::NoAnswer { peer } => Message::new("demo-error-no-answer").with("address", peer.to_string()),
            Self::CutShort { peer, have, announced: Some(announced) } => Message::new("demo-error-cut-short")
                .with("address", peer.to_string())
                .with("have", *have)
                .with("announced", *announced),
            Self::CutShort { peer, have, announced: None } => {
                Message::new("demo-error-cut-length").with("address", peer.to_string()).with("have", *have)
            }
            Self::TooLong { peer, frame } => {
                let id = match frame.letters {
                    Some(_) => "demo-error-not-framed",
                    None => "demo-error-frame-too-long",
                };
                Message::new(id)
                    .with("address", peer.to_string())
                    .with("announced", frame.announced)
                    .with("longest", frame.longest)
                    .with("letters", frame.letters.clone().unwrap_or_default())
            }
            Self::Input(source) => Message::new("demo-error-input").with("reason", reason(source)),
            Self::Output(source) => Message::new("demo-error-output").with("reason", reason(source)),
            Self::Resources(source) => Message::new("demo-error-resources").with("reason", reason(source)),
        }
    }
}

fn known(call: &str, source: &io::Error) -> Option<(Trouble, &'static str)> {
    let errno = Errno::from_raw(source.raw_os_error()?);
    let fits = |row: &&(&str, Errno, Trouble, &str)| (row.0.is_empty() || row.0 == call) && row.1 == errno;
    KERNEL_SAYS.iter().find(fits).map(|row| (row.2, row.3))
}

/// The error's name as C programmers know it, and the system's words for it.
fn reason(source: &io::Error) -> String {
    match source.raw_os_error() {
        Some(code) => format!("{:?}: {}", Errno::from_raw(code), Errno::from_raw(code).desc()),
        None => source.to_string(),
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&Catalog::new(Lang::En).format(&self.message()))
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Socket { source, .. }
            | Self::Input(source)
            | Self::Output(source)
            | Self::Resources(source) => Some(source),
            _ => None,
        }
    }
}
