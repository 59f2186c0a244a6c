//! The kernel's time stamps on packets, which begin only a moment after they were first asked for.

use std::io::IoSliceMut;
use std::net::{Ipv4Addr, UdpSocket};
use std::os::fd::AsRawFd;
use std::thread;
use std::time::{Duration, Instant as Clock};

use nix::cmsg_space;
use nix::libc::timespec;
use nix::sys::socket::sockopt::ReceiveTimestampns;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, recvmsg, setsockopt};

use super::clock;
use crate::time::Instant;

/// On a busy machine the kernel's worker, which switches the stamps on, may have to wait for its turn.
const LONGEST: Duration = Duration::from_secs(1);
/// How long a probe may take on its way to ourselves.
const PROBE: Duration = Duration::from_millis(50);
/// Where no probe can be made, so long is waited in good faith.
const BLIND: Duration = Duration::from_millis(5);

/// While this lives, the kernel stamps every packet when it comes in.
#[derive(Debug)]
#[must_use = "dropped, it lets the stamps end"]
pub struct Stamps {
    _probe: Option<UdpSocket>,
}

/// Asks for stamps and waits until they are there, which datagrams to ourselves over the loopback tell.
///
/// Linux switches them on in a worker (`net_enable_timestamp`). A packet that comes before has no stamp, and
/// is given the time when it is read: on a busy machine that is long after the calls that it caused.
/// Call it before the packet socket is bound, which then does not see the probes.
pub fn begin() -> Stamps {
    let Some(probe) = socket() else {
        thread::sleep(BLIND);
        return Stamps { _probe: None };
    };
    let since = Clock::now();
    while !is_stamped(&probe) && since.elapsed() < LONGEST {
        thread::sleep(Duration::from_millis(1));
    }
    Stamps { _probe: Some(probe) }
}

/// A socket that is connected to itself.
fn socket() -> Option<UdpSocket> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).ok()?;
    socket.connect(socket.local_addr().ok()?).ok()?;
    socket.set_read_timeout(Some(PROBE)).ok()?;
    setsockopt(&socket, ReceiveTimestampns, &true).ok()?;
    Some(socket)
}

/// Whether a datagram got its stamp on its way: then the stamp is older than the return of `send()`. Without,
/// the kernel makes one when the datagram is read.
fn is_stamped(probe: &UdpSocket) -> bool {
    if probe.send(&[0]).is_err() {
        return false;
    }
    let sent = clock::now();
    stamp(probe).is_some_and(|stamp| stamp <= sent)
}

fn stamp(probe: &UdpSocket) -> Option<Instant> {
    let mut octets = [0; 1];
    let mut parts = [IoSliceMut::new(&mut octets)];
    let mut room = cmsg_space!(timespec);
    let got = recvmsg::<()>(probe.as_raw_fd(), &mut parts, Some(&mut room), MsgFlags::empty()).ok()?;
    got.cmsgs().ok()?.find_map(|message| match message {
        ControlMessageOwned::ScmTimestampns(time) => Some(clock::from_parts(time.tv_sec(), time.tv_nsec())),
        _ => None,
    })
}
