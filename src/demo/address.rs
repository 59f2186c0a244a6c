//! Where a server listens or a client calls.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs};

use super::error::Error;

/// A host and a port as somebody wrote them: `9000` (this machine), `127.0.0.1:9000`, `[::1]:9000`,
/// `localhost:9000`, `10.0.0.7`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    host: String,
    port: u16,
}

/// The host of an address that names none: only this machine reaches it.
pub const LOOPBACK: &str = "127.0.0.1";

impl Address {
    /// This port of the loopback address.
    pub fn loopback(port: u16) -> Self {
        Self { host: LOOPBACK.to_owned(), port }
    }

    /// Reads an address. Where the port is missing it is `port`, where the host is missing it is the
    /// loopback address.
    ///
    /// # Errors
    /// [`Error::BadAddress`] for a port that is no number up to 65535.
    pub fn parse(text: &str, port: u16) -> Result<Self, Error> {
        let text = text.trim();
        if let Ok(address) = text.parse::<SocketAddr>() {
            return Ok(Self { host: address.ip().to_string(), port: address.port() });
        }
        let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
        if let Ok(ip) = bare.parse::<IpAddr>() {
            return Ok(Self { host: ip.to_string(), port });
        }
        let bad = || Error::BadAddress { given: text.to_owned() };
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(Self::loopback(text.parse().map_err(|_| bad())?));
        }
        let (host, port) = match text.rsplit_once(':') {
            Some((host, digits)) => (host, digits.parse().map_err(|_| bad())?),
            None => (text, port),
        };
        // `:9000` is this machine; nothing at all is a slip.
        let host = if host.is_empty() && !text.is_empty() { LOOPBACK } else { host };
        // What no name can hold is a slip of the pen, and not a question for the name servers.
        let sane = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
        if !host.is_empty() && host.chars().all(sane) {
            Ok(Self { host: host.to_owned(), port })
        } else {
            Err(bad())
        }
    }

    /// The addresses it stands for, at least one; those of IPv4 first, as the lecture uses it.
    ///
    /// # Errors
    /// [`Error::UnknownHost`] when nobody knows the name.
    pub fn resolve(&self) -> Result<Vec<SocketAddr>, Error> {
        let found = (self.host.as_str(), self.port).to_socket_addrs();
        let mut found: Vec<SocketAddr> = found.into_iter().flatten().collect();
        found.sort_by_key(SocketAddr::is_ipv6);
        if found.is_empty() { Err(Error::UnknownHost { host: self.host.clone() }) } else { Ok(found) }
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}
