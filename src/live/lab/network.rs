//! The hosts of a lab and the cables to the middle: a namespace for each host, a veth pair from it
//! to the middle, everybody's hardware address known to everybody.

use std::net::IpAddr;
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicU32, Ordering};

use nix::net::if_::if_nametoindex;

use crate::live::error::Context;
use crate::live::netlink::route::{Mac, Route, VethEnd};
use crate::live::{Result, ethtool, namespace, sysctl};

/// The name of every host's interface.
pub(super) const INTERFACE: &str = "eth0";

/// What a host of the network is to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct HostPlan {
    /// Its name.
    pub name: String,
    /// Its addresses.
    pub addrs: Vec<IpAddr>,
    /// Whether its kernel gets the addresses. Without them it answers nothing, and a TCP of ours
    /// can live there.
    pub kernel: bool,
    /// The largest IP packet of its cable.
    pub mtu: u32,
    /// Kernel settings, as `("net.ipv4.tcp_sack", "0")`. What the kernel refuses is reported, not fatal.
    pub settings: Vec<(&'static str, String)>,
}

/// A kernel setting that could not be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The host.
    pub host: String,
    /// The setting.
    pub setting: &'static str,
    /// The value that was asked for.
    pub value: String,
    /// What the kernel said.
    pub reason: String,
}

/// Hosts joined to the middle, which is the network namespace of the process.
#[derive(Debug)]
pub(super) struct Network {
    /// Which network of the process it is: the cables of the one before may take a while to vanish.
    number: u32,
    plans: Vec<HostPlan>,
    hosts: Vec<namespace::Host>,
    /// Addresses that segments name and nobody has.
    strangers: Vec<IpAddr>,
    /// How often each host was made anew.
    lives: Vec<u32>,
    /// Kernel settings that could not be made.
    pub refused: Vec<Refused>,
}

/// The hardware address of a host.
pub(super) fn host_mac(host: usize) -> Mac {
    [2, 0, 0, 0, 0, host as u8 + 1]
}

/// The hardware address that stands for an address nobody has.
fn stranger_mac(index: usize) -> Mac {
    [2, 0, 0, 0, 2, index as u8]
}

impl Network {
    /// Builds the network. Call after [`namespace::enter`], from the process's first thread.
    ///
    /// # Errors
    /// What the kernel does not permit or cannot do.
    pub(super) fn build(plans: Vec<HostPlan>, strangers: Vec<IpAddr>) -> Result<Network> {
        static NETWORKS: AtomicU32 = AtomicU32::new(0);
        // A small hash table of its own makes asking for all sockets of a namespace 30 times faster.
        let _ = sysctl::write("net.ipv4.tcp_child_ehash_entries", "256");
        // The middle only forwards frames: no address, no router solicitations.
        for which in ["all", "default"] {
            let _ = sysctl::write(&format!("net.ipv6.conf.{which}.disable_ipv6"), "1");
        }
        let number = NETWORKS.fetch_add(1, Ordering::Relaxed);
        let lives = vec![0; plans.len()];
        let mut network = Network { number, plans, hosts: Vec::new(), strangers, lives, refused: Vec::new() };
        for index in 0..network.plans.len() {
            let host = network.connect(index)?;
            network.hosts.push(host);
        }
        Ok(network)
    }

    /// The hosts, in the order of their plans.
    pub(super) fn hosts(&self) -> &[namespace::Host] {
        &self.hosts
    }

    /// The middle's end of a host's cable.
    pub(super) fn wire_end(&self, host: usize) -> String {
        format!("w{}-{host}-{}", self.number, self.lives.get(host).copied().unwrap_or(0))
    }

    /// Makes a host anew, as after a restart: a kernel that knows nothing, on a cable of its own with
    /// the same addresses. The old one keeps its cable; nobody listens at its end.
    ///
    /// # Errors
    /// What the kernel does not permit or cannot do.
    pub(super) fn restart(&mut self, host: usize) -> Result<()> {
        if let Some(life) = self.lives.get_mut(host) {
            *life += 1;
        }
        let fresh = self.connect(host)?;
        if let Some(old) = self.hosts.get_mut(host) {
            *old = fresh;
        }
        Ok(())
    }

    fn connect(&mut self, index: usize) -> Result<namespace::Host> {
        let Some(plan) = self.plans.get(index).cloned() else {
            return Err(crate::live::Error::ThreadGone("an unknown host".into()));
        };
        let host = namespace::Host::new(&plan.name)?;
        let ipv6 = plan.kernel && plan.addrs.iter().any(IpAddr::is_ipv6);
        let settings = plan.settings.clone();
        let refused = host.run(move || prepare(ipv6, &settings))?;
        for (setting, value, error) in refused {
            let reason = error.to_string();
            self.refused.push(Refused { host: plan.name.clone(), setting, value, reason });
        }

        let near = self.wire_end(index);
        let mut route = Route::open()?;
        let mac = [2, 0, 0, 0, 1, index as u8 + 1];
        let far = VethEnd { name: INTERFACE, mac: host_mac(index) };
        route.add_veth(VethEnd { name: &near, mac }, far, host.as_fd(), plan.mtu)?;
        ethtool::offloads_off(&near)?;
        route.link_up(interface_index(&near)?)?;

        let addrs = if plan.kernel { plan.addrs } else { Vec::new() };
        let neighbours = self.neighbours(index);
        host.run(move || settle(&addrs, &neighbours))??;
        ethtool::wait_for_link(&near)?;
        Ok(host)
    }

    /// Every address that is not this host's, and where frames for it go.
    fn neighbours(&self, index: usize) -> Vec<(IpAddr, Mac)> {
        let others = self.plans.iter().enumerate().filter(|(other, _)| *other != index);
        let known =
            others.flat_map(|(other, plan)| plan.addrs.iter().map(move |addr| (*addr, host_mac(other))));
        let strangers = self.strangers.iter().enumerate().map(|(index, addr)| (*addr, stranger_mac(index)));
        known.chain(strangers).collect()
    }
}

fn interface_index(name: &str) -> Result<u32> {
    if_nametoindex(name).doing(format!("finding the interface {name}"))
}

/// Settings that older kernels do not have, with the value that they have instead.
const KNOWN_ANYWAY: [(&str, &str); 1] = [("net.ipv4.tcp_rto_min_us", "200000")];

type NotSet = (&'static str, String, crate::live::Error);

/// What must stand before there is a link, on the host's thread.
fn prepare(ipv6: bool, settings: &[(&'static str, String)]) -> Vec<NotSet> {
    // A program of the user's may play a server, without rights of its own.
    let _ = sysctl::write("net.ipv4.ip_unprivileged_port_start", "0");
    for which in ["all", "default"] {
        let _ = sysctl::write(&format!("net.ipv6.conf.{which}.disable_ipv6"), if ipv6 { "0" } else { "1" });
        // No link-local address, and nobody asked for routers.
        let _ = sysctl::write(&format!("net.ipv6.conf.{which}.addr_gen_mode"), "1");
        let _ = sysctl::write(&format!("net.ipv6.conf.{which}.accept_ra"), "0");
        // Segments that an attacker sends in another's name must get through.
        let _ = sysctl::write(&format!("net.ipv4.conf.{which}.rp_filter"), "0");
    }
    let mut refused = Vec::new();
    for (setting, value) in settings {
        if let Err(error) = sysctl::write(setting, value) {
            // An older kernel that cannot be told does it so anyway.
            if KNOWN_ANYWAY.contains(&(*setting, value.as_str())) && !sysctl::exists(setting) {
                continue;
            }
            refused.push((*setting, value.clone(), error));
        }
    }
    refused
}

/// Addresses, link and neighbours, on the host's thread.
fn settle(addrs: &[IpAddr], neighbours: &[(IpAddr, Mac)]) -> Result<()> {
    let mut route = Route::open()?;
    let index = interface_index(INTERFACE)?;
    ethtool::offloads_off(INTERFACE)?;
    route.single_segments(index)?;
    for addr in addrs {
        route.add_address(index, *addr, if addr.is_ipv4() { 24 } else { 64 })?;
    }
    route.link_up(index)?;
    for ipv6 in [false, true] {
        if addrs.iter().any(|addr| addr.is_ipv6() == ipv6) {
            route.add_default_route(index, ipv6)?;
            for (addr, mac) in neighbours.iter().filter(|(addr, _)| addr.is_ipv6() == ipv6) {
                route.add_neighbour(index, *addr, *mac)?;
            }
        }
    }
    ethtool::wait_for_link(INTERFACE)
}
