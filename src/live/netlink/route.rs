//! Links, addresses and neighbours of the calling thread's network namespace (rtnetlink(7)).

use std::net::IpAddr;
use std::os::fd::{AsRawFd, BorrowedFd};

use nix::libc;
use nix::sys::socket::SockProtocol;

use super::super::Result;
use super::super::error::Context;
use super::{Body, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE, Socket};

/// The interface number of the loopback in every namespace.
pub const LOOPBACK: u32 = 1;

/// A hardware address.
pub type Mac = [u8; 6];

/// One end of a veth pair.
#[derive(Clone, Copy, Debug)]
pub struct VethEnd<'a> {
    /// The interface's name, at most 15 octets.
    pub name: &'a str,
    /// Its hardware address.
    pub mac: Mac,
}

/// A route socket.
#[derive(Debug)]
pub struct Route(Socket);

impl Route {
    /// Opens a socket in the calling thread's network namespace.
    ///
    /// # Errors
    /// The kernel has no netlink.
    pub fn open() -> Result<Route> {
        Ok(Route(Socket::open(SockProtocol::NetlinkRoute).doing("opening a netlink route socket")?))
    }

    /// Sets the interface up.
    ///
    /// # Errors
    /// There is no such interface, or changing it is not permitted.
    pub fn link_up(&mut self, index: u32) -> Result<()> {
        let up = libc::IFF_UP as u32;
        self.0.request(libc::RTM_NEWLINK, 0, &interface(index, up, up)).doing("setting a link up")
    }

    /// Lets the interface take no segments that its driver would have to cut: without it a kernel hands
    /// over two segments in one and sets PSH on the second, whatever the program wrote.
    ///
    /// # Errors
    /// There is no such interface, or changing it is not permitted.
    pub fn single_segments(&mut self, index: u32) -> Result<()> {
        let body = interface(index, 0, 0).attribute(libc::IFLA_GSO_MAX_SEGS, &1_u32.to_ne_bytes());
        self.0.request(libc::RTM_NEWLINK, 0, &body).doing("letting a link take single segments only")
    }

    /// Makes a veth pair: `near` here, `far` born inside the network namespace `there`.
    ///
    /// # Errors
    /// A name is taken, or the kernel has no veth.
    pub fn add_veth(
        &mut self,
        near: VethEnd<'_>,
        far: VethEnd<'_>,
        there: BorrowedFd<'_>,
        mtu: u32,
    ) -> Result<()> {
        const VETH_INFO_PEER: u16 = 1;
        let end = |body: Body, end: VethEnd<'_>| {
            body.text(libc::IFLA_IFNAME, end.name)
                .attribute(libc::IFLA_ADDRESS, &end.mac)
                .attribute(libc::IFLA_MTU, &mtu.to_ne_bytes())
        };
        let peer =
            end(interface(0, 0, 0), far).attribute(libc::IFLA_NET_NS_FD, &there.as_raw_fd().to_ne_bytes());
        let data = Body::default().nested(VETH_INFO_PEER, &peer);
        let info =
            Body::default().attribute(libc::IFLA_INFO_KIND, b"veth").nested(libc::IFLA_INFO_DATA, &data);
        let body = end(interface(0, 0, 0), near).nested(libc::IFLA_LINKINFO, &info);
        self.0.request(libc::RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &body).doing("making a veth pair")
    }

    /// Gives the interface an address, usable at once (no duplicate address detection).
    ///
    /// # Errors
    /// It has the address already, or the family is switched off.
    pub fn add_address(&mut self, index: u32, address: IpAddr, prefix: u8) -> Result<()> {
        let [a, b, c, d] = index.to_ne_bytes();
        let fixed = [family(address), prefix, libc::IFA_F_NODAD as u8, libc::RT_SCOPE_UNIVERSE, a, b, c, d];
        let octets = octets(address);
        let body =
            Body::new(&fixed).attribute(libc::IFA_LOCAL, &octets).attribute(libc::IFA_ADDRESS, &octets);
        self.0
            .request(libc::RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &body)
            .doing(format!("giving a link the address {address}"))
    }

    /// Sends whatever has no other way out of this interface, asking for the destination itself there.
    ///
    /// # Errors
    /// The interface is down, or there is such a route already.
    pub fn add_default_route(&mut self, index: u32, ipv6: bool) -> Result<()> {
        let family = if ipv6 { libc::AF_INET6 } else { libc::AF_INET } as u8;
        // `struct rtmsg`: family, prefix lengths of destination and source, type of service, table,
        // protocol, scope, type, flags.
        let scope = if ipv6 { libc::RT_SCOPE_UNIVERSE } else { libc::RT_SCOPE_LINK };
        let fixed = [
            [family, 0, 0, 0],
            [libc::RT_TABLE_MAIN, libc::RTPROT_STATIC, scope, libc::RTN_UNICAST],
            [0, 0, 0, 0],
        ];
        let body = Body::new(fixed.as_flattened()).attribute(libc::RTA_OIF, &index.to_ne_bytes());
        self.0.request(libc::RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &body).doing("adding a default route")
    }

    /// Makes `address` known at `mac` for good, so that nobody has to ask for it.
    ///
    /// # Errors
    /// There is no such interface.
    pub fn add_neighbour(&mut self, index: u32, address: IpAddr, mac: Mac) -> Result<()> {
        let mut fixed = vec![family(address), 0, 0, 0];
        fixed.extend(index.to_ne_bytes());
        fixed.extend(libc::NUD_PERMANENT.to_ne_bytes());
        fixed.extend([0, 0]);
        let body =
            Body::new(&fixed).attribute(libc::NDA_DST, &octets(address)).attribute(libc::NDA_LLADDR, &mac);
        self.0
            .request(libc::RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, &body)
            .doing(format!("making the neighbour {address} known"))
    }
}

/// The fixed part of a link message (`struct ifinfomsg`).
fn interface(index: u32, flags: u32, change: u32) -> Body {
    let mut fixed = vec![0, 0, 0, 0];
    fixed.extend(index.to_ne_bytes());
    fixed.extend(flags.to_ne_bytes());
    fixed.extend(change.to_ne_bytes());
    Body::new(&fixed)
}

fn family(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => libc::AF_INET as u8,
        IpAddr::V6(_) => libc::AF_INET6 as u8,
    }
}

fn octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    }
}
