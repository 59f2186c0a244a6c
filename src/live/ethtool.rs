//! Switches of a network interface that only `SIOCETHTOOL` reaches.
#![allow(unsafe_code)]

use std::io;
use std::os::fd::AsRawFd;
use std::thread;
use std::time::{Duration, Instant};

use nix::libc;
use nix::sys::socket::{AddressFamily, SockFlag, SockType, socket};

use super::error::Context;
use super::{Error, Result};

/// Commands of `linux/ethtool.h`.
const GET_LINK: u32 = 0x0a;
/// Checksums first: switching them off also clears segmentation, not the other way round.
const OFFLOADS: [(u32, &str); 5] = [
    (0x17, "transmit checksums"),
    (0x1f, "TCP segmentation"),
    (0x24, "generic segmentation"),
    (0x2c, "generic receive"),
    (0x19, "scatter-gather"),
];

/// How long a link may take to come up.
const LINK_WAIT: Duration = Duration::from_secs(2);

#[repr(C)]
struct EthtoolValue {
    command: u32,
    data: u32,
}

/// One command on one interface of the calling thread's namespace; gives the value back.
fn ethtool(interface: &str, command: u32, data: u32) -> io::Result<u32> {
    let socket = socket(AddressFamily::Inet, SockType::Datagram, SockFlag::SOCK_CLOEXEC, None)?;
    let mut value = EthtoolValue { command, data };
    // SAFETY: an all-zero `ifreq` is valid: it is made of integers, arrays of them and a pointer.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    if interface.len() >= request.ifr_name.len() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    for (to, from) in request.ifr_name.iter_mut().zip(interface.bytes()) {
        *to = from as libc::c_char;
    }
    request.ifr_ifru.ifru_data = (&raw mut value).cast();
    // SAFETY: SIOCETHTOOL reads and writes `request` and the value it points to; both outlive the
    // call, and the commands used here take exactly a `struct ethtool_value`.
    let result = unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCETHTOOL as _, &raw mut request) };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(value.data) }
}

/// Switches off whatever makes the kernel hand over unfinished checksums and super-segments.
///
/// # Errors
/// There is no such interface, or changing it is not permitted.
pub fn offloads_off(interface: &str) -> Result<()> {
    for (command, name) in OFFLOADS {
        ethtool(interface, command, 0).doing(format!("switching off {name} of {interface}"))?;
    }
    Ok(())
}

/// Waits until the interface is really up. Asking for the link state makes the kernel finish the
/// pending event; without it one lab in a hundred loses its first SYN in a queue not yet attached.
///
/// # Errors
/// There is no such interface, or it is not up after two seconds.
pub fn wait_for_link(interface: &str) -> Result<()> {
    let begin = Instant::now();
    while ethtool(interface, GET_LINK, 0).doing(format!("asking for the link state of {interface}"))? == 0 {
        if begin.elapsed() > LINK_WAIT {
            let source = io::ErrorKind::TimedOut.into();
            return Err(Error::System {
                doing: format!("waiting for {interface} to come up").into(),
                source,
            });
        }
        thread::sleep(Duration::from_micros(200));
    }
    Ok(())
}
