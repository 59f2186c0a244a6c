//! A connection: the line to one peer.

use std::io::{self, Read};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::{AsRawFd, BorrowedFd};
use std::time::Duration;

use nix::sys::socket::{MsgFlags, send};

use super::error::Error;
use super::socket::{Open, retried};
use super::stop::{HangUp, Ready};
use crate::timeline::{Operation, Outcome, Shutdown};

/// A connection: the line to one peer.
pub struct Line(pub(super) Open<TcpStream>);

/// What `recv()` gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// So many bytes, at least one.
    Bytes(usize),
    /// Nothing: the peer has closed its sending side.
    HungUp,
    /// Nothing: this program was asked to end.
    Stopped,
}

/// How bytes were handed to the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Calls of `send()` that it took.
    pub calls: u32,
    /// Bytes that the first call took.
    pub first: usize,
}

impl Line {
    /// The peer's address.
    pub fn peer(&self) -> SocketAddr {
        self.0.about()
    }

    /// For waiting beside other things.
    ///
    /// # Errors
    /// None for a line that is open.
    pub fn fd(&self) -> Result<BorrowedFd<'_>, Error> {
        self.0.fd()
    }

    /// Waits so long for something to receive; without `patience` as long as it takes.
    ///
    /// # Errors
    /// The kernel's.
    pub fn wait(&self, patience: Option<Duration>) -> Result<Ready, Error> {
        self.0.wait(patience)
    }

    /// Waits so long until the peer's and our buffers have room for more.
    ///
    /// # Errors
    /// The kernel's.
    pub fn wait_for_room(&self, patience: Duration) -> Result<Ready, Error> {
        let ready = self.0.stop().wait_writable(self.fd()?, Some(patience));
        ready.map_err(|error| Error::socket("poll", self.0.about(), error))
    }

    /// `recv()` into `buffer`.
    ///
    /// # Errors
    /// The kernel's: a reset, a peer that has been silent too long.
    pub fn recv(&self, buffer: &mut [u8]) -> Result<Received, Error> {
        let outcome = |count: &usize| match *count {
            0 => Outcome::EndOfStream,
            count => Outcome::Value(count as i64),
        };
        let max = buffer.len() as u32;
        let got = self
            .0
            .observed("recv", Operation::Recv { max }, outcome, |mut socket| retried(|| socket.read(buffer)));
        match got {
            _ if self.0.stop().is_raised() => Ok(Received::Stopped),
            Ok(0) => Ok(Received::HungUp),
            Ok(count) => Ok(Received::Bytes(count)),
            Err(error) => Err(error),
        }
    }

    /// Sends all of `bytes`, however many calls of `send()` it takes; `None` when this program was
    /// asked to end meanwhile.
    ///
    /// # Errors
    /// The kernel's: a reset, a line that is closed.
    pub fn send_all(&self, bytes: &[u8]) -> Result<Option<Sent>, Error> {
        self.send_parts(bytes, MsgFlags::empty())
    }

    /// Sends several messages in as many calls, and makes the kernel hold the first ones back until
    /// the last is there (`MSG_MORE`). It may always do so; this makes sure that it does.
    ///
    /// # Errors
    /// As [`send_all`](Self::send_all).
    pub fn send_together(&self, messages: &[Vec<u8>]) -> Result<(), Error> {
        for (at, message) in messages.iter().enumerate() {
            let last = at + 1 == messages.len();
            let more = if last { MsgFlags::empty() } else { MsgFlags::from_bits_retain(libc::MSG_MORE) };
            if self.send_parts(message, more)?.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn send_parts(&self, bytes: &[u8], flags: MsgFlags) -> Result<Option<Sent>, Error> {
        let mut sent = Sent { calls: 0, first: 0 };
        let mut rest = bytes;
        while !rest.is_empty() {
            let operation = Operation::Send { len: u32::try_from(rest.len()).unwrap_or(u32::MAX) };
            let taken = self.0.observed(
                "send",
                operation,
                |count: &usize| Outcome::Value(*count as i64),
                |socket| Ok(send(socket.as_raw_fd(), rest, flags | MsgFlags::MSG_NOSIGNAL)?),
            );
            let taken = match taken {
                _ if self.0.stop().is_raised() => return Ok(None),
                Ok(taken) => taken,
                Err(Error::Socket { source, .. }) if source.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if sent.calls == 0 {
                sent.first = taken;
            }
            sent.calls += 1;
            rest = rest.get(taken..).unwrap_or_default();
        }
        Ok(Some(sent))
    }

    /// `shutdown(SHUT_RDWR)`: makes every call that waits in this line return.
    pub fn give_up(&self) {
        if let Ok(socket) = self.0.get() {
            socket.hang_up();
        }
    }

    /// `shutdown(SHUT_WR)`: says that nothing more will be sent, and goes on listening.
    ///
    /// # Errors
    /// None that matters: a line that is closed already needs no closing.
    pub fn finish_sending(&self) -> Result<(), Error> {
        let operation = Operation::Shutdown(Shutdown::Write);
        let done = self.0.observed(
            "shutdown",
            operation,
            |()| Outcome::Done,
            |socket| socket.shutdown(std::net::Shutdown::Write),
        );
        match done {
            Err(Error::Socket { source, .. }) if source.kind() == io::ErrorKind::NotConnected => Ok(()),
            result => result,
        }
    }
}
