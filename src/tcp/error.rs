//! What a call on a connection can fail with, by the sockets API's names.

/// Why a call failed or a connection ended. [`Error::errno`] gives the name programs know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Error {
    /// The peer answered the SYN with a reset.
    #[error("connection refused")]
    Refused,
    /// The peer reset the connection.
    #[error("connection reset by peer")]
    Reset,
    /// Nothing came back for too long.
    #[error("connection timed out")]
    TimedOut,
    /// Sending on a connection whose sending side is over.
    #[error("broken pipe")]
    BrokenPipe,
    /// The connection was aborted on this side.
    #[error("connection aborted")]
    Aborted,
    /// The local address and port are taken.
    #[error("address already in use")]
    AddrInUse,
    /// No local port is free, or the address is not this host's.
    #[error("cannot assign requested address")]
    AddrNotAvailable,
    /// The call needs a connection and there is none.
    #[error("transport endpoint is not connected")]
    NotConnected,
    /// The socket is connected or connecting already.
    #[error("transport endpoint is already connected")]
    AlreadyConnected,
    /// The socket is closed, unknown, or of the wrong kind for this call.
    #[error("invalid argument")]
    Invalid,
    /// The call would have to wait.
    #[error("resource temporarily unavailable")]
    WouldBlock,
    /// The destination cannot be reached, or is a broadcast or multicast address.
    #[error("network is unreachable")]
    Unreachable,
}

impl Error {
    /// Every error, in the order of its declaration.
    pub const ALL: [Error; 12] = [
        Error::Refused,
        Error::Reset,
        Error::TimedOut,
        Error::BrokenPipe,
        Error::Aborted,
        Error::AddrInUse,
        Error::AddrNotAvailable,
        Error::NotConnected,
        Error::AlreadyConnected,
        Error::Invalid,
        Error::WouldBlock,
        Error::Unreachable,
    ];

    /// The name in `errno.h`.
    pub const fn errno(self) -> &'static str {
        match self {
            Error::Refused => "ECONNREFUSED",
            Error::Reset => "ECONNRESET",
            Error::TimedOut => "ETIMEDOUT",
            Error::BrokenPipe => "EPIPE",
            Error::Aborted => "ECONNABORTED",
            Error::AddrInUse => "EADDRINUSE",
            Error::AddrNotAvailable => "EADDRNOTAVAIL",
            Error::NotConnected => "ENOTCONN",
            Error::AlreadyConnected => "EISCONN",
            Error::Invalid => "EINVAL",
            Error::WouldBlock => "EAGAIN",
            Error::Unreachable => "ENETUNREACH",
        }
    }
}
