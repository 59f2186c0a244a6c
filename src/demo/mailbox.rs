//! A UDP socket: datagrams out and in, no connection, no promise.

use std::io::{self, IoSliceMut};
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::{AsRawFd, BorrowedFd};
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::socket::sockopt::{Ipv4RecvErr, Ipv6RecvErr, ReceiveTimeout};
use nix::sys::socket::{MsgFlags, SockType, SockaddrStorage, recvmsg, setsockopt};
use nix::sys::time::{TimeVal, TimeValLike};

use super::error::Error;
use super::socket::{Open, Sockets, retried, socket_address};
use crate::timeline::{Operation, Outcome};

/// The largest datagram there can be, and more: nothing is ever cut off.
const LARGEST_DATAGRAM: usize = 65_535;

/// A UDP socket.
pub struct Mailbox(Open<UdpSocket>);

/// What came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mail {
    /// A datagram; it may be empty, which means nothing but itself.
    Datagram {
        /// What it holds.
        bytes: Vec<u8>,
        /// Who sent it.
        from: SocketAddr,
    },
    /// Nobody listens where the last datagram went; the host there said so (ICMP).
    Refused {
        /// Where it went, if the kernel remembers.
        to: Option<SocketAddr>,
    },
    /// Nothing in the given time.
    Silence,
    /// This program was asked to end.
    Stopped,
}

impl Sockets {
    /// `socket()` and `bind()`. Port 0 lets the kernel choose one; see [`Mailbox::address`].
    ///
    /// # Errors
    /// The call that failed, with the address.
    pub fn mailbox_at(&self, address: SocketAddr) -> Result<Mailbox, Error> {
        let socket = self.open(self.socket(address, SockType::Datagram)?.into(), address);
        socket.bind(address)?;
        Ok(Mailbox(socket))
    }

    /// `socket()` for datagrams to addresses of this family; the kernel chooses the port when the
    /// first one goes. [`Mailbox::receive`] waits for `patience` (`SO_RCVTIMEO`) and then says
    /// [`Mail::Silence`]: a datagram that was lost never comes.
    ///
    /// A program whose UDP socket is not connected never learns that nobody listens where it sends.
    /// This one asks the kernel to tell (`IP_RECVERR`).
    ///
    /// # Errors
    /// `socket()`'s.
    pub fn mailbox(&self, family: SocketAddr, patience: Duration) -> Result<Mailbox, Error> {
        let socket: Open<UdpSocket> = self.open(self.socket(family, SockType::Datagram)?.into(), family);
        let asked = match family {
            SocketAddr::V4(_) => {
                socket.set_option("IP_RECVERR", "1", |socket| setsockopt(socket, Ipv4RecvErr, &true))
            }
            SocketAddr::V6(_) => {
                socket.set_option("IPV6_RECVERR", "1", |socket| setsockopt(socket, Ipv6RecvErr, &true))
            }
        };
        // Refused (a system that has no such option), it leaves us where the lecture's programs are.
        asked.ok();
        // Zero would mean for ever.
        let patience = patience.max(Duration::from_millis(1));
        let limit = TimeVal::microseconds(i64::try_from(patience.as_micros()).unwrap_or(i64::MAX));
        socket.set_option("SO_RCVTIMEO", &format!("{patience:?}"), |socket| {
            setsockopt(socket, ReceiveTimeout, &limit)
        })?;
        Ok(Mailbox(socket))
    }
}

impl Mailbox {
    /// The address it is bound to.
    ///
    /// # Errors
    /// The kernel's; none is known for a socket that is bound.
    pub fn address(&self) -> Result<SocketAddr, Error> {
        let address = self.0.get()?.local_addr();
        address.map_err(|error| Error::socket("getsockname", SocketAddr::from(([0; 4], 0)), error))
    }

    /// For waiting beside other things.
    ///
    /// # Errors
    /// None for a socket that is open.
    pub fn fd(&self) -> Result<BorrowedFd<'_>, Error> {
        self.0.fd()
    }

    /// `sendto()`. Whether it arrives nobody knows.
    ///
    /// # Errors
    /// The kernel's: a datagram that is too long, an address that no network leads to.
    pub fn send_to(&self, bytes: &[u8], to: SocketAddr) -> Result<(), Error> {
        let operation = Operation::SendTo { len: bytes.len() as u32, to };
        let send = || {
            let outcome = |count: &usize| Outcome::Value(*count as i64);
            self.0.observed("sendto", operation.clone(), outcome, |socket| {
                let sent = socket.send_to(bytes, to);
                // The first of them gave the socket its address.
                self.0.tell_address(socket);
                sent
            })
        };
        let result = match send() {
            // This is about an earlier datagram; it has been told, and this one was not sent.
            Err(error) if is_refusal(&error) => {
                self.forget_refusals();
                send()
            }
            result => result,
        };
        match result {
            _ if self.0.stop().is_raised() => Ok(()),
            Err(Error::Socket { call, source, .. }) => {
                // One that was too long is queued as an error as well.
                self.forget_refusals();
                Err(Error::Socket { call, address: to, source })
            }
            result => result.map(|_| ()),
        }
    }

    /// What has come already, as the descriptor says that can be read.
    ///
    /// # Errors
    /// The kernel's.
    pub fn receive_waiting(&self) -> Result<Mail, Error> {
        match self.forget_refusals() {
            Some(to) => Ok(Mail::Refused { to: Some(to) }),
            None => self.receive(),
        }
    }

    /// `recvfrom()`: waits for the next datagram.
    ///
    /// # Errors
    /// The kernel's.
    pub fn receive(&self) -> Result<Mail, Error> {
        let mut bytes = vec![0; LARGEST_DATAGRAM];
        let outcome = |got: &(usize, SocketAddr)| Outcome::From { len: got.0 as u32, from: got.1 };
        let operation = Operation::RecvFrom { max: LARGEST_DATAGRAM as u32 };
        let got = self
            .0
            .observed("recvfrom", operation, outcome, |socket| retried(|| socket.recv_from(&mut bytes)));
        match got {
            _ if self.0.stop().is_raised() => Ok(Mail::Stopped),
            Ok((count, from)) => {
                bytes.truncate(count);
                Ok(Mail::Datagram { bytes, from })
            }
            Err(Error::Socket { source, .. }) if source.kind() == io::ErrorKind::WouldBlock => {
                Ok(Mail::Silence)
            }
            Err(error) if is_refusal(&error) => Ok(Mail::Refused { to: self.forget_refusals() }),
            Err(error) => Err(error),
        }
    }

    /// Empties the kernel's queue of errors, and tells where the last refused datagram went. Left
    /// full, the queue would eat the room that datagrams need.
    fn forget_refusals(&self) -> Option<SocketAddr> {
        let fd = self.0.get().ok()?.as_raw_fd();
        let mut to = None;
        let flags = MsgFlags::MSG_ERRQUEUE | MsgFlags::MSG_DONTWAIT;
        let mut octets = [0; 64];
        // A bound, against a flood that refills the queue as fast as it is emptied.
        for _ in 0..1000 {
            let mut parts = [IoSliceMut::new(&mut octets)];
            let Ok(refused) = recvmsg::<SockaddrStorage>(fd, &mut parts, None, flags) else { break };
            to = refused.address.as_ref().and_then(socket_address).or(to);
        }
        to
    }
}

fn is_refusal(error: &Error) -> bool {
    matches!(error, Error::Socket { source, .. } if source.raw_os_error() == Some(Errno::ECONNREFUSED as i32))
}
