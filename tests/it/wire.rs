//! Frames, packets and capture files.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use handshake::wire::{Datagram, Flags, Ip, Options, Segment, SeqNumber, TcpOption, Transport, encode_ip};
use proptest::prelude::*;

mod captures;
mod damage;
mod links;
mod oddities;
mod options;
mod packets;
mod sequence;
mod tshark;

fn ip_v4() -> Ip {
    Ip { src: [10, 0, 0, 1].into(), dst: [10, 0, 0, 2].into(), id: 7, ..Ip::default() }
}

fn ip_v6() -> Ip {
    let address = |last| Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, last);
    Ip { src: address(1).into(), dst: address(2).into(), ..Ip::default() }
}

/// The SYN of a Linux client.
fn syn() -> Segment {
    let mut options = Options::NONE;
    for option in [
        TcpOption::Mss(1460),
        TcpOption::SackPermitted,
        TcpOption::Timestamps { val: 1, ecr: 0 },
        TcpOption::Nop,
        TcpOption::WindowScale(7),
    ] {
        assert!(options.push(&option));
    }
    Segment {
        src_port: 49152,
        dst_port: 80,
        seq: SeqNumber(1000),
        flags: Flags::SYN,
        window: 64240,
        options,
        ..Segment::default()
    }
}

fn built(ip: &Ip, transport: &Transport, payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode_ip(ip, transport, payload, &mut bytes);
    bytes
}

fn addresses() -> impl Strategy<Value = (IpAddr, IpAddr)> {
    prop_oneof![
        any::<(u32, u32)>().prop_map(|(a, b)| (Ipv4Addr::from(a).into(), Ipv4Addr::from(b).into())),
        any::<(u128, u128)>().prop_map(|(a, b)| (Ipv6Addr::from(a).into(), Ipv6Addr::from(b).into())),
    ]
}

pub(crate) fn any_ip() -> impl Strategy<Value = Ip> {
    (addresses(), any::<u8>(), any::<u8>(), any::<u16>(), any::<bool>()).prop_map(
        |((src, dst), ttl, tos, id, dont_fragment)| Ip {
            src,
            dst,
            ttl,
            tos,
            id: if src.is_ipv4() { id } else { 0 },
            dont_fragment: dont_fragment || src.is_ipv6(),
            total_len: 0,
        },
    )
}

fn any_transport() -> impl Strategy<Value = Transport> {
    let options = prop::collection::vec(any::<[u8; 4]>(), 0..=10)
        .prop_map(|words| Options::from_bytes(&words.concat()));
    let tcp = (any::<(u16, u16, u32, u32, u16, u16, u16)>(), options).prop_map(
        |((src_port, dst_port, seq, ack, bits, window, urgent), options)| {
            Transport::Tcp(Segment {
                src_port,
                dst_port,
                seq: SeqNumber(seq),
                ack: SeqNumber(ack),
                flags: Flags::from_bits(bits),
                window,
                urgent,
                options,
                ..Segment::default()
            })
        },
    );
    let udp = any::<(u16, u16)>().prop_map(|(src_port, dst_port)| {
        Transport::Udp(Datagram { src_port, dst_port, ..Datagram::default() })
    });
    prop_oneof![4 => tcp, 1 => udp, 1 => Just(Transport::Other { protocol: 1 })]
}

/// Any packet that can be built, with its payload.
fn any_packet() -> impl Strategy<Value = (Ip, Transport, Vec<u8>)> {
    (any_ip(), any_transport(), prop::collection::vec(any::<u8>(), 0..300))
}
