//! The filter is run by the real kernel: it also filters what goes into a datagram socket pair,
//! which needs no permission.

use std::net::IpAddr;
use std::os::unix::net::UnixDatagram;

use handshake::live::packet_filter::Filter;

/// How many octets of `frame` the kernel passes through `filter`; 0 for none.
fn passed(filter: Filter, frame: &[u8]) -> usize {
    let (near, far) = UnixDatagram::pair().unwrap();
    far.set_nonblocking(true).unwrap();
    filter.attach(&far).unwrap();
    // The kernel answers EPERM when the filter takes nothing.
    let _ = near.send(frame);
    far.recv(&mut [0; 4096]).unwrap_or(0)
}

const TCP: u8 = 6;
const UDP: u8 = 17;

/// An Ethernet frame: IPv4 with `options` octets of options, from 10.0.0.1:1111 to 10.0.0.2:80.
fn ipv4(protocol: u8, options: usize, fragment: u16) -> Vec<u8> {
    let mut frame = vec![0; 14];
    frame[12] = 0x08;
    let words = 5 + options / 4;
    let mut header = vec![0_u8; 20 + options];
    header[0] = 0x40 | words as u8;
    header[6..8].copy_from_slice(&fragment.to_be_bytes());
    header[9] = protocol;
    header[12..16].copy_from_slice(&[10, 0, 0, 1]);
    header[16..20].copy_from_slice(&[10, 0, 0, 2]);
    frame.extend(header);
    frame.extend(ports());
    frame
}

/// The same from `fd00::1` to `fd00::2`.
fn ipv6(next_header: u8) -> Vec<u8> {
    let mut frame = vec![0; 14];
    frame[12..14].copy_from_slice(&[0x86, 0xdd]);
    let mut header = vec![0_u8; 40];
    header[0] = 0x60;
    header[6] = next_header;
    for (at, last) in [(8, 1), (24, 2)] {
        header[at] = 0xfd;
        header[at + 15] = last;
    }
    frame.extend(header);
    frame.extend(ports());
    frame
}

fn ports() -> Vec<u8> {
    let mut bytes = [1111_u16.to_be_bytes(), 80_u16.to_be_bytes()].concat();
    bytes.resize(20, 0);
    bytes
}

fn to_port(port: u16) -> Filter {
    Filter { port: Some(port), ..Filter::default() }
}

fn of_host(host: &str) -> Filter {
    Filter { host: Some(host.parse::<IpAddr>().unwrap()), ..Filter::default() }
}

#[test]
fn protocols_are_told_apart() {
    let only_tcp = Filter { udp: false, ..Filter::default() };
    let only_udp = Filter { tcp: false, ..Filter::default() };
    for (tcp, udp, other) in
        [(ipv4(TCP, 0, 0), ipv4(UDP, 0, 0), ipv4(1, 0, 0)), (ipv6(TCP), ipv6(UDP), ipv6(58))]
    {
        assert_eq!(passed(Filter::default(), &tcp), tcp.len());
        assert_eq!(passed(Filter::default(), &udp), udp.len());
        assert_eq!(passed(Filter::default(), &other), 0);
        assert_eq!((passed(only_tcp, &tcp), passed(only_tcp, &udp)), (tcp.len(), 0));
        assert_eq!((passed(only_udp, &tcp), passed(only_udp, &udp)), (0, udp.len()));
    }
    let mut arp = vec![0; 60];
    arp[12..14].copy_from_slice(&[0x08, 0x06]);
    assert_eq!(passed(Filter::default(), &arp), 0);
}

#[test]
fn ports_match_at_either_end_behind_any_header() {
    for frame in [ipv4(TCP, 0, 0), ipv4(UDP, 0, 0), ipv4(TCP, 12, 0), ipv6(TCP)] {
        for (port, expected) in [(1111, frame.len()), (80, frame.len()), (81, 0)] {
            assert_eq!(passed(to_port(port), &frame), expected, "port {port}");
        }
    }
    let later_fragment = ipv4(TCP, 0, 185);
    assert_eq!(passed(to_port(80), &later_fragment), 0);
    assert_eq!(passed(Filter::default(), &later_fragment), later_fragment.len());
}

#[test]
fn hosts_match_at_either_end_in_their_family() {
    let (old, new) = (ipv4(TCP, 0, 0), ipv6(TCP));
    for (host, of_old, of_new) in [
        ("10.0.0.1", old.len(), 0),
        ("10.0.0.2", old.len(), 0),
        ("10.0.0.3", 0, 0),
        ("fd00::1", 0, new.len()),
        ("fd00::2", 0, new.len()),
        ("fd00::3", 0, 0),
    ] {
        assert_eq!((passed(of_host(host), &old), passed(of_host(host), &new)), (of_old, of_new), "{host}");
        let also_port = Filter { port: Some(80), ..of_host(host) };
        assert_eq!(passed(also_port, &old), of_old, "{host} port 80");
        let other_port = Filter { port: Some(81), ..of_host(host) };
        assert_eq!((passed(other_port, &old), passed(other_port, &new)), (0, 0), "{host} port 81");
    }
}

#[test]
fn frames_are_cut_to_the_snap_length() {
    let filter = Filter { snap_length: 40, ..Filter::default() };
    assert_eq!(passed(filter, &ipv4(TCP, 0, 0)), 40);
}
