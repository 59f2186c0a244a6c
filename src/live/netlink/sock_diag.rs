//! What the kernel says about the TCP sockets of a network namespace (`sock_diag(7)`): the only way
//! without root to see SYN-RECEIVED and TIME-WAIT. It shows what is, not what was, so a state that
//! is shorter than the time between two looks is missed.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use nix::libc;
use nix::sys::socket::SockProtocol;

use super::super::Result;
use super::super::error::Context;
use super::{Body, Socket, u32_at};
use crate::tcp::State;

const SOCK_DIAG_BY_FAMILY: u16 = 20;
const EVERY_STATE: u32 = u32::MAX;

/// The kernel's numbers of the states (`include/net/tcp_states.h`); 12 is its `NEW_SYN_RECV`.
const STATES: [Option<State>; 13] = [
    None,
    Some(State::Established),
    Some(State::SynSent),
    Some(State::SynReceived),
    Some(State::FinWait1),
    Some(State::FinWait2),
    Some(State::TimeWait),
    Some(State::Closed),
    Some(State::CloseWait),
    Some(State::LastAck),
    Some(State::Listen),
    Some(State::Closing),
    Some(State::SynReceived),
];

/// The state with this kernel number, as in `TCP_INFO`'s first octet.
pub fn state_of(number: u8) -> Option<State> {
    STATES.get(usize::from(number)).copied().flatten()
}

/// A TCP socket as the kernel shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its own end.
    pub local: SocketAddr,
    /// The other end; port 0 for a listener.
    pub remote: SocketAddr,
    /// Its state.
    pub state: State,
    /// Octets that were received and not read; for a listener the connections nobody accepted yet.
    pub receive_queue: u32,
    /// Octets that were written and not acknowledged; for a listener its backlog.
    pub send_queue: u32,
    /// The descriptor's inode, or 0 when no program holds it (a half-open connection, TIME-WAIT).
    pub inode: u32,
}

/// A socket to ask with.
#[derive(Debug)]
pub struct SockDiag(Socket);

impl SockDiag {
    /// Opens a socket in the calling thread's network namespace; it keeps asking about that one.
    ///
    /// # Errors
    /// The kernel has no `sock_diag`.
    pub fn open() -> Result<SockDiag> {
        Ok(SockDiag(Socket::open(SockProtocol::NetlinkSockDiag).doing("opening a sock_diag socket")?))
    }

    /// Adds every TCP socket of the namespace to `entries`; IPv6 ones only when `ipv6` is set, which
    /// doubles the cost.
    ///
    /// # Errors
    /// The kernel was built without `tcp_diag`.
    pub fn tcp_sockets(&mut self, ipv6: bool, entries: &mut Vec<Entry>) -> Result<()> {
        let families: &[i32] = if ipv6 { &[libc::AF_INET, libc::AF_INET6] } else { &[libc::AF_INET] };
        for family in families {
            let mut fixed = vec![*family as u8, libc::IPPROTO_TCP as u8, 0, 0];
            fixed.extend(EVERY_STATE.to_ne_bytes());
            fixed.extend([0; 48]);
            self.0
                .dump(SOCK_DIAG_BY_FAMILY, &Body::new(&fixed), |kind, body| {
                    if kind == SOCK_DIAG_BY_FAMILY {
                        entries.extend(entry(body));
                    }
                })
                .doing("asking the kernel about its TCP sockets")?;
        }
        Ok(())
    }
}

/// Reads a `struct inet_diag_msg`.
fn entry(body: &[u8]) -> Option<Entry> {
    let port = |at: usize| Some(u16::from_be_bytes([*body.get(at)?, *body.get(at + 1)?]));
    let ipv6 = i32::from(*body.first()?) == libc::AF_INET6;
    let address = |at: usize| {
        let octets: [u8; 16] = body.get(at..at + 16)?.try_into().ok()?;
        let [a, b, c, d, ..] = octets;
        Some(if ipv6 { IpAddr::V6(Ipv6Addr::from(octets)) } else { IpAddr::V4(Ipv4Addr::new(a, b, c, d)) })
    };
    Some(Entry {
        local: SocketAddr::new(address(8)?, port(4)?),
        remote: SocketAddr::new(address(24)?, port(6)?),
        state: state_of(*body.get(1)?)?,
        receive_queue: u32_at(body, 56),
        send_queue: u32_at(body, 60),
        inode: u32_at(body, 68),
    })
}
