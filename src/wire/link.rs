//! What stands before the IP header in a captured frame.

use super::DecodeError;

/// The kind of frames on a link, as capture files number them
/// (<https://www.tcpdump.org/linktypes.html>).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkType {
    /// 1: Ethernet, with VLAN tags or without.
    Ethernet,
    /// 113: Linux "cooked" frames, as from `tcpdump -i any` (version 1).
    LinuxSll,
    /// 276: Linux "cooked" frames, version 2.
    LinuxSll2,
    /// 101: no link header; the first octet tells IPv4 from IPv6.
    RawIp,
    /// 228: no link header, IPv4 only.
    RawIpv4,
    /// 229: no link header, IPv6 only.
    RawIpv6,
    /// 0: BSD loopback, the address family in the byte order of the machine that captured.
    BsdNull,
    /// 108: OpenBSD loopback, the address family in network byte order.
    BsdLoop,
    /// A link that this program cannot read, with its number.
    Other(u16),
}

/// Each number with its link; the first number of a link is the one that is written.
const NUMBERS: [(u16, LinkType); 10] = [
    (1, LinkType::Ethernet),
    (113, LinkType::LinuxSll),
    (276, LinkType::LinuxSll2),
    (101, LinkType::RawIp),
    // What some systems wrote for raw IP before the number 101 was agreed on.
    (12, LinkType::RawIp),
    (14, LinkType::RawIp),
    (228, LinkType::RawIpv4),
    (229, LinkType::RawIpv6),
    (0, LinkType::BsdNull),
    (108, LinkType::BsdLoop),
];

/// Ethernet types that announce a VLAN tag: 802.1Q, 802.1ad, and two that vendors used before it.
const VLAN_TYPES: [u16; 4] = [0x8100, 0x88a8, 0x9100, 0x9200];

/// The address families of IPv4 and IPv6 in BSD loopback headers: IPv6 differs by system
/// (NetBSD and OpenBSD 24, FreeBSD 28, macOS 30, Linux 10).
const FAMILIES: [u32; 5] = [2, 24, 28, 30, 10];

impl LinkType {
    /// The link with this number in a capture file.
    pub fn from_number(number: u16) -> LinkType {
        NUMBERS.iter().find(|(known, _)| *known == number).map_or(LinkType::Other(number), |(_, link)| *link)
    }

    /// The number to write into a capture file.
    pub fn number(self) -> u16 {
        match self {
            LinkType::Other(number) => number,
            link => NUMBERS.iter().find(|(_, known)| *known == link).map_or(0, |(number, _)| *number),
        }
    }
}

/// The layer at which decoding stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Layer {
    /// Ethernet's 14 octets.
    Ethernet,
    /// A VLAN tag's 4 octets.
    Vlan,
    /// A Linux cooked header's 16 or 20 octets.
    LinuxCooked,
    /// A BSD loopback header's 4 octets.
    BsdLoopback,
    /// The IP header, 20 octets for IPv4 and 40 for IPv6.
    Ip,
    /// The TCP header's first 20 octets.
    Tcp,
    /// The UDP header's 8 octets.
    Udp,
}

impl Layer {
    /// The layer's name, the same in every language.
    pub const fn name(self) -> &'static str {
        match self {
            Layer::Ethernet => "Ethernet",
            Layer::Vlan => "VLAN",
            Layer::LinuxCooked => "Linux cooked",
            Layer::BsdLoopback => "BSD loopback",
            Layer::Ip => "IP",
            Layer::Tcp => "TCP",
            Layer::Udp => "UDP",
        }
    }
}

/// The octets after the link header, when they claim to be IP.
// The usual frame's header is nothing but two octets to look at; that is less than a call.
#[allow(clippy::inline_always)]
#[inline(always)]
pub(super) fn strip(link: LinkType, bytes: &[u8]) -> Result<&[u8], DecodeError> {
    match bytes.split_first_chunk::<14>() {
        Some(([.., 0x08, 0x00], rest)) if link == LinkType::Ethernet => Ok(rest),
        _ => strip_any(link, bytes),
    }
}

#[inline(never)]
fn strip_any(link: LinkType, bytes: &[u8]) -> Result<&[u8], DecodeError> {
    match link {
        LinkType::Ethernet => {
            let (header, rest) = split::<14>(Layer::Ethernet, bytes)?;
            strip_tags(u16::from_be_bytes([header[12], header[13]]), rest)
        }
        LinkType::LinuxSll => {
            let (header, rest) = split::<16>(Layer::LinuxCooked, bytes)?;
            strip_tags(u16::from_be_bytes([header[14], header[15]]), rest)
        }
        LinkType::LinuxSll2 => {
            let (header, rest) = split::<20>(Layer::LinuxCooked, bytes)?;
            strip_tags(u16::from_be_bytes([header[0], header[1]]), rest)
        }
        LinkType::RawIp | LinkType::RawIpv4 | LinkType::RawIpv6 => Ok(bytes),
        LinkType::BsdNull | LinkType::BsdLoop => {
            let (header, rest) = split::<4>(Layer::BsdLoopback, bytes)?;
            // A family is a small number, so the byte order shows by itself.
            let family = u32::from_be_bytes(*header);
            let family = if family > 0xffff { family.swap_bytes() } else { family };
            if FAMILIES.contains(&family) {
                Ok(rest)
            } else {
                Err(DecodeError::NotIp { protocol: family.try_into().unwrap_or(u16::MAX) })
            }
        }
        LinkType::Other(number) => Err(DecodeError::UnknownLink { number }),
    }
}

/// Goes past VLAN tags, any number of them.
#[inline]
fn strip_tags(ethertype: u16, bytes: &[u8]) -> Result<&[u8], DecodeError> {
    if matches!(ethertype, 0x0800 | 0x86dd) { Ok(bytes) } else { strip_some_tags(ethertype, bytes) }
}

#[inline(never)]
fn strip_some_tags(mut ethertype: u16, mut bytes: &[u8]) -> Result<&[u8], DecodeError> {
    loop {
        match ethertype {
            0x0800 | 0x86dd => return Ok(bytes),
            tag if VLAN_TYPES.contains(&tag) => {
                let (header, rest) = split::<4>(Layer::Vlan, bytes)?;
                ethertype = u16::from_be_bytes([header[2], header[3]]);
                bytes = rest;
            }
            protocol => return Err(DecodeError::NotIp { protocol }),
        }
    }
}

fn split<const N: usize>(layer: Layer, bytes: &[u8]) -> Result<(&[u8; N], &[u8]), DecodeError> {
    bytes.split_first_chunk().ok_or(DecodeError::TooShort { layer, needed: N, found: bytes.len() })
}
