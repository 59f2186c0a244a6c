//! Synchronous netlink: a request, its answers, the kernel's verdict. Messages are built by hand;
//! the few that are needed are shorter than the crates that know all of them.

pub mod route;
pub mod sock_diag;

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};

use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, bind, recv, send, socket,
};

/// The octets of a netlink message's header.
const HEADER: usize = 16;

/// A message's kinds that end an exchange (`linux/netlink.h`).
const NLMSG_ERROR: u16 = 2;
const NLMSG_DONE: u16 = 3;

const NLM_F_REQUEST: u16 = 0x1;
const NLM_F_ACK: u16 = 0x4;
/// Answer with everything (`NLM_F_ROOT | NLM_F_MATCH`).
const NLM_F_DUMP: u16 = 0x300;
/// Replace what is there.
const NLM_F_REPLACE: u16 = 0x100;
/// Fail when it is there.
const NLM_F_EXCL: u16 = 0x200;
/// Make it when it is not there.
const NLM_F_CREATE: u16 = 0x400;

/// A netlink socket of the calling thread's network namespace; it stays in that namespace.
#[derive(Debug)]
pub(crate) struct Socket {
    fd: OwnedFd,
    sequence: u32,
    buffer: Vec<u8>,
}

impl Socket {
    /// Opens a socket of one netlink family.
    pub(crate) fn open(protocol: SockProtocol) -> io::Result<Socket> {
        let fd = socket(AddressFamily::Netlink, SockType::Raw, SockFlag::SOCK_CLOEXEC, protocol)?;
        bind(fd.as_raw_fd(), &NetlinkAddr::new(0, 0))?;
        Ok(Socket { fd, sequence: 0, buffer: vec![0; 1 << 16] })
    }

    /// Sends a request and waits for the kernel's verdict on it.
    pub(crate) fn request(&mut self, kind: u16, flags: u16, body: &Body) -> io::Result<()> {
        self.send(kind, flags | NLM_F_ACK, body)?;
        self.answers(|_, _| ())
    }

    /// Asks for everything; `visit` gets the kind and body of each answer.
    pub(crate) fn dump(&mut self, kind: u16, body: &Body, visit: impl FnMut(u16, &[u8])) -> io::Result<()> {
        self.send(kind, NLM_F_DUMP, body)?;
        self.answers(visit)
    }

    fn send(&mut self, kind: u16, flags: u16, body: &Body) -> io::Result<()> {
        self.sequence = self.sequence.wrapping_add(1);
        let mut message = Vec::with_capacity(HEADER + body.0.len());
        message.extend(((HEADER + body.0.len()) as u32).to_ne_bytes());
        message.extend(kind.to_ne_bytes());
        message.extend((flags | NLM_F_REQUEST).to_ne_bytes());
        message.extend(self.sequence.to_ne_bytes());
        message.extend(0_u32.to_ne_bytes());
        message.extend_from_slice(&body.0);
        send(self.fd.as_raw_fd(), &message, MsgFlags::empty())?;
        Ok(())
    }

    /// Reads until the exchange is over.
    fn answers(&mut self, mut visit: impl FnMut(u16, &[u8])) -> io::Result<()> {
        loop {
            let length = loop {
                match recv(self.fd.as_raw_fd(), &mut self.buffer, MsgFlags::empty()) {
                    Err(Errno::EINTR) => {}
                    other => break other?,
                }
            };
            let mut rest = self.buffer.get(..length).unwrap_or_default();
            while let Some((header, _)) = rest.split_at_checked(HEADER) {
                let message_len = u32_at(header, 0) as usize;
                let kind = u16_at(header, 4);
                let Some(body) = rest.get(HEADER..message_len) else {
                    return Err(io::Error::new(io::ErrorKind::InvalidData, "netlink message cut off"));
                };
                // An answer to an earlier request that was given up is not ours to read.
                if u32_at(header, 8) == self.sequence {
                    match kind {
                        NLMSG_ERROR => {
                            return match u32_at(body, 0) as i32 {
                                0 => Ok(()),
                                errno => Err(io::Error::from_raw_os_error(-errno)),
                            };
                        }
                        NLMSG_DONE => return Ok(()),
                        _ => visit(kind, body),
                    }
                }
                rest = rest.get(align(message_len)..).unwrap_or_default();
            }
        }
    }
}

/// Netlink aligns everything to 4 octets.
const fn align(length: usize) -> usize {
    (length + 3) & !3
}

/// A number in the machine's order; zero where the message is too short.
fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|four| four.try_into().ok()).map_or(0, u32::from_ne_bytes)
}

/// A number in the machine's order; zero where the message is too short.
fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).and_then(|two| two.try_into().ok()).map_or(0, u16::from_ne_bytes)
}

/// A message's body while it is written: a fixed part, then attributes.
#[derive(Debug, Default)]
pub(crate) struct Body(Vec<u8>);

impl Body {
    /// A body that begins with this fixed part.
    pub(crate) fn new(fixed: &[u8]) -> Body {
        Body(fixed.to_vec()).padded()
    }

    /// Adds an attribute.
    pub(crate) fn attribute(mut self, kind: u16, value: &[u8]) -> Body {
        self.0.extend(((value.len() + 4) as u16).to_ne_bytes());
        self.0.extend(kind.to_ne_bytes());
        self.0.extend_from_slice(value);
        self.padded()
    }

    /// Adds an attribute that is a text ended by a zero octet.
    pub(crate) fn text(self, kind: u16, value: &str) -> Body {
        self.attribute(kind, &[value.as_bytes(), &[0]].concat())
    }

    /// Adds an attribute that holds what `inner` holds.
    pub(crate) fn nested(self, kind: u16, inner: &Body) -> Body {
        self.attribute(kind, &inner.0)
    }

    fn padded(mut self) -> Body {
        self.0.resize(align(self.0.len()), 0);
        self
    }
}
