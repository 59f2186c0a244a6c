//! Whole frames to and from an interface: pnet's datalink channel on an `AF_PACKET` socket that was
//! prepared first (filter in the kernel, outgoing copies ignored, a large buffer, the kernel's own
//! time stamps, a counter of what was dropped).
#![allow(unsafe_code)]

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, IntoRawFd, OwnedFd, RawFd};
use std::time::Duration;

use nix::errno::Errno;
use nix::ifaddrs::getifaddrs;
use nix::libc;
use nix::net::if_::if_nametoindex;
use nix::sys::socket::{AddressFamily, SockFlag, SockType, socket};
use pnet::datalink::{self, Channel, DataLinkReceiver, DataLinkSender, NetworkInterface};

use super::error::Context;
use super::packet_filter::Filter;
use super::permission::{Denied, Restriction};
use super::{Error, Result, clock};
use crate::time::Instant;

/// Frames of `lo` reach 65,550 octets, and super-segments are larger than any MTU; pnet cuts what
/// does not fit in silence.
const FRAME_BUFFER: usize = 70_000;
/// `linux/sockios.h`; not in the libc crate. Fills a `timespec`.
const SIOCGSTAMPNS: libc::c_ulong = 0x8907;

/// How to prepare the socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Which frames the kernel passes on; `None` for all of them.
    pub filter: Option<Filter>,
    /// Leave out the copies of what this host sends. On `lo` every frame is seen twice without it.
    pub ignore_outgoing: bool,
    /// Octets of the kernel's buffer; it grants as much of them as this user may have.
    pub receive_buffer: usize,
    /// Take frames for other hardware addresses too.
    pub promiscuous: bool,
    /// How long [`Port::receive`] waits for a frame.
    pub read_timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            filter: None,
            ignore_outgoing: true,
            receive_buffer: 4 << 20,
            promiscuous: false,
            read_timeout: Duration::from_millis(20),
        }
    }
}

/// What the kernel counted since it was last asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Frames that passed the filter, the dropped ones with them.
    pub passed: u32,
    /// Frames that found the buffer full.
    pub dropped: u32,
}

/// An interface, opened for whole frames.
pub struct Port {
    sender: Box<dyn DataLinkSender>,
    receiver: Box<dyn DataLinkReceiver>,
    /// pnet owns the socket; this is a second descriptor of it, for polling, stamps and counters.
    socket: OwnedFd,
}

impl Port {
    /// Opens `interface` of the calling thread's network namespace.
    ///
    /// # Errors
    /// [`Error::Denied`] without `CAP_NET_RAW`; [`Error::System`] when there is no such interface.
    pub fn open(interface: &str, options: &Options) -> Result<Port> {
        let owned = prepared(options)?;
        let socket = owned.try_clone().doing("duplicating a packet socket")?;
        let found = network_interface(interface)?;
        // The first question switches the stamps on, and finds none.
        let _ = stamp(socket.as_fd());
        let config = datalink::Config {
            socket_fd: Some(owned.into_raw_fd()),
            read_buffer_size: FRAME_BUFFER,
            write_buffer_size: FRAME_BUFFER,
            read_timeout: Some(options.read_timeout),
            promiscuous: options.promiscuous,
            ..datalink::Config::default()
        };
        let opening = || format!("opening {interface} for packets");
        let channel = datalink::channel(&found, config).doing(opening())?;
        if let Channel::Ethernet(sender, receiver) = channel {
            return Ok(Port { sender, receiver, socket });
        }
        Err(Error::System { doing: opening().into(), source: io::ErrorKind::Unsupported.into() })
    }

    /// The next frame and when the kernel saw it, or `None` when none came in time.
    ///
    /// # Errors
    /// The interface is down or gone.
    pub fn receive(&mut self) -> Result<Option<(Instant, &[u8])>> {
        match self.receiver.next() {
            Ok(frame) => {
                let at = stamp(self.socket.as_fd()).unwrap_or_else(|_| clock::now());
                Ok(Some((at, frame)))
            }
            Err(error) if is_pause(&error) => Ok(None),
            Err(source) => Err(Error::System { doing: "receiving a frame".into(), source }),
        }
    }

    /// Sends a frame as it is.
    ///
    /// # Errors
    /// The interface is down or gone, or the frame is larger than its MTU allows.
    pub fn send(&mut self, frame: &[u8]) -> Result<()> {
        self.sender.send_to(frame, None).unwrap_or(Ok(())).doing("sending a frame")
    }

    /// What the kernel counted since the last call.
    ///
    /// # Errors
    /// The socket is gone.
    pub fn counts(&self) -> Result<Counts> {
        // `struct tpacket_stats`: packets, drops.
        let mut numbers = [0_u32; 2];
        let mut length = size_of_val(&numbers) as libc::socklen_t;
        // SAFETY: the kernel writes at most `length` octets into `numbers`, which has that many.
        let result = unsafe {
            libc::getsockopt(
                self.socket.as_raw_fd(),
                libc::SOL_PACKET,
                libc::PACKET_STATISTICS,
                numbers.as_mut_ptr().cast(),
                &raw mut length,
            )
        };
        Errno::result(result).doing("asking for dropped packets")?;
        let [passed, dropped] = numbers;
        Ok(Counts { passed, dropped })
    }
}

impl AsFd for Port {
    /// For `poll`: readable when a frame waits.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl std::fmt::Debug for Port {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Port").field("socket", &self.socket).finish_non_exhaustive()
    }
}

/// What pnet gives back when nothing is there yet, or a signal came.
fn is_pause(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock)
}

/// A packet socket with everything set. It stays silent until it is bound: its protocol is 0.
///
/// # Errors
/// [`Error::Denied`] without `CAP_NET_RAW`.
pub fn prepared(options: &Options) -> Result<OwnedFd> {
    let fd = match socket(AddressFamily::Packet, SockType::Raw, SockFlag::SOCK_CLOEXEC, None) {
        Err(errno @ (Errno::EPERM | Errno::EACCES)) => {
            return Err(Denied { restriction: Restriction::CaptureCapability, errno }.into());
        }
        other => other.doing("opening a packet socket")?,
    };
    if let Some(filter) = &options.filter {
        filter.attach(&fd).doing("putting a filter on a packet socket")?;
    }
    if options.ignore_outgoing {
        set(fd.as_raw_fd(), libc::SOL_PACKET, libc::PACKET_IGNORE_OUTGOING, 1)
            .doing("leaving out outgoing packets")?;
    }
    let size = i32::try_from(options.receive_buffer).unwrap_or(i32::MAX);
    // Root may pass the system's limit; others get what the limit allows, without an error.
    if set(fd.as_raw_fd(), libc::SOL_SOCKET, libc::SO_RCVBUFFORCE, size).is_err() {
        set(fd.as_raw_fd(), libc::SOL_SOCKET, libc::SO_RCVBUF, size).doing("enlarging a packet buffer")?;
    }
    Ok(fd)
}

fn set(fd: RawFd, level: i32, name: i32, value: i32) -> nix::Result<()> {
    // SAFETY: all options set here take an `int`; the kernel copies it during the call.
    let result = unsafe {
        libc::setsockopt(fd, level, name, (&raw const value).cast(), size_of::<i32>() as libc::socklen_t)
    };
    Errno::result(result).map(drop)
}

/// When the kernel saw the frame that was read last.
fn stamp(socket: BorrowedFd<'_>) -> nix::Result<Instant> {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: SIOCGSTAMPNS writes one `timespec`.
    let result = unsafe { libc::ioctl(socket.as_raw_fd(), SIOCGSTAMPNS as _, &raw mut time) };
    Errno::result(result)?;
    Ok(clock::from_parts(time.tv_sec, time.tv_nsec))
}

/// What pnet wants to know of an interface. Its own list of all interfaces is slower to make.
fn network_interface(name: &str) -> Result<NetworkInterface> {
    let index = if_nametoindex(name).doing(format!("finding the interface {name}"))?;
    Ok(NetworkInterface {
        name: name.to_owned(),
        description: String::new(),
        index,
        mac: None,
        ips: Vec::new(),
        flags: 0,
    })
}

/// The names of the interfaces of the calling thread's network namespace.
pub fn interfaces() -> Vec<String> {
    let mut names: Vec<String> =
        getifaddrs().map(|list| list.map(|entry| entry.interface_name).collect()).unwrap_or_default();
    names.sort();
    names.dedup();
    names
}
