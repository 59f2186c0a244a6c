//! What kind of link an interface is.
#![allow(unsafe_code)]

use std::io;
use std::os::fd::AsRawFd;

use nix::libc;
use nix::sys::socket::{AddressFamily, SockFlag, SockType, socket};

use super::Result;
use super::error::Context;
use crate::wire::LinkType;

/// What an interface's frames begin with.
///
/// # Errors
/// There is no such interface, or its frames begin with something unknown here.
pub fn link_type(interface: &str) -> Result<LinkType> {
    let kind = hardware_type(interface).doing(format!("finding the interface {interface}"))?;
    match kind {
        libc::ARPHRD_ETHER | libc::ARPHRD_LOOPBACK => Ok(LinkType::Ethernet),
        libc::ARPHRD_NONE | libc::ARPHRD_PPP | libc::ARPHRD_TUNNEL | libc::ARPHRD_TUNNEL6 => {
            Ok(LinkType::RawIp)
        }
        _ => Err(io::Error::from(io::ErrorKind::Unsupported))
            .doing(format!("reading frames of link type {kind} on {interface}")),
    }
}

/// Whether it is a loopback: it takes in everything that it sends.
///
/// # Errors
/// There is no such interface.
pub fn is_loopback(interface: &str) -> Result<bool> {
    let kind = hardware_type(interface).doing(format!("finding the interface {interface}"))?;
    Ok(kind == libc::ARPHRD_LOOPBACK)
}

/// The interface's `ARPHRD_…` number.
fn hardware_type(interface: &str) -> io::Result<u16> {
    let socket = socket(AddressFamily::Inet, SockType::Datagram, SockFlag::SOCK_CLOEXEC, None)?;
    // SAFETY: an all-zero `ifreq` is valid: it is made of integers, arrays of them and a pointer.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    if interface.len() >= request.ifr_name.len() || interface.contains('\0') {
        return Err(io::Error::from_raw_os_error(libc::ENODEV));
    }
    for (to, from) in request.ifr_name.iter_mut().zip(interface.bytes()) {
        *to = from as libc::c_char;
    }
    // SAFETY: SIOCGIFHWADDR reads the name and writes a `sockaddr` into the request, which is then the
    // field of the union that is initialized.
    unsafe {
        if libc::ioctl(socket.as_raw_fd(), libc::SIOCGIFHWADDR as _, &raw mut request) < 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(request.ifr_ifru.ifru_hwaddr.sa_family)
    }
}
