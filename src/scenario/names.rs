//! Names of hosts and sockets, and the addresses they stand for.

use std::net::{IpAddr, SocketAddr};

use crate::timeline::HostId;

use super::diagnostic::Problem;
use super::model::HostSpec;
use super::words::Word;

/// The hosts that a text may name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hosts<'a>(pub &'a [HostSpec]);

impl Hosts<'_> {
    /// The host of this name.
    pub(super) fn find(self, name: &str) -> Option<HostId> {
        self.0.iter().position(|host| host.name == name).map(|index| HostId(index as u16))
    }

    /// The host that a word names.
    pub(super) fn named(self, word: &Word) -> Result<HostId, Problem> {
        self.find(&word.text).ok_or_else(|| {
            Problem::new("unknown-host", word.span.clone())
                .text("found", word.text.as_str())
                .choices(&word.text, self.0.iter().map(|host| host.name.as_str()))
        })
    }

    /// The address that `caller` uses to talk to `host`: the first of a family that both have.
    pub(super) fn addr(self, host: HostId, caller: Option<HostId>) -> Option<IpAddr> {
        let addrs = &self.0.get(host.0 as usize)?.addrs;
        let Some(caller) = caller.and_then(|caller| self.0.get(caller.0 as usize)) else {
            return addrs.first().copied();
        };
        caller.addrs.iter().find_map(|own| addrs.iter().find(|addr| addr.is_ipv4() == own.is_ipv4()).copied())
    }

    /// A `HOST`, `HOST:PORT`, `ADDRESS:PORT` or `[ADDRESS]:PORT` as `caller` reaches it; port 0 when none
    /// is written.
    pub(super) fn endpoint(self, word: &Word, caller: Option<HostId>) -> Result<SocketAddr, Problem> {
        if let Ok(addr) = word.text.parse::<SocketAddr>() {
            return Ok(addr);
        }
        let (name, port) = match word.text.rsplit_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (word.text.as_str(), None),
        };
        let part = |start: usize, text: &str| Word {
            text: text.to_owned(),
            span: (word.span.start + start).min(word.span.end)
                ..(word.span.start + start + text.len()).min(word.span.end),
            quoted: false,
        };
        let port = port.map_or(Ok(0), |port| part(name.len() + 1, port).port())?;
        let name_word = part(0, name);
        let host = self.named(&name_word)?;
        let addr = self
            .addr(host, caller)
            .ok_or_else(|| Problem::new("no-common-family", name_word.span.clone()).text("host", name))?;
        Ok(SocketAddr::new(addr, port))
    }

    /// As [`endpoint`](Self::endpoint), with a port.
    pub(super) fn endpoint_with_port(
        self,
        word: &Word,
        caller: Option<HostId>,
    ) -> Result<SocketAddr, Problem> {
        let addr = self.endpoint(word, caller)?;
        if addr.port() == 0 {
            return Err(Problem::new("port-missing", word.span.clone()).text("found", word.text.as_str()));
        }
        Ok(addr)
    }
}
