//! Packets to bytes and back, and what is odd about them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use handshake::wire::{
    Datagram, Defect, Flags, Ip, Options, Segment, SeqNumber, Transport, decode_ip, encode_ip,
};
use proptest::prelude::*;

fn addresses() -> impl Strategy<Value = (IpAddr, IpAddr)> {
    prop_oneof![
        any::<(u32, u32)>().prop_map(|(a, b)| (Ipv4Addr::from(a).into(), Ipv4Addr::from(b).into())),
        any::<(u128, u128)>().prop_map(|(a, b)| (Ipv6Addr::from(a).into(), Ipv6Addr::from(b).into())),
    ]
}

fn ip() -> impl Strategy<Value = Ip> {
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

fn transport() -> impl Strategy<Value = Transport> {
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

/// The transport without the fields that are computed when building.
fn uncomputed(transport: Transport) -> Transport {
    match transport {
        Transport::Tcp(segment) => Transport::Tcp(Segment { checksum: 0, len: 0, ..segment }),
        Transport::Udp(datagram) => Transport::Udp(Datagram { checksum: 0, len: 0, ..datagram }),
        other @ Transport::Other { .. } => other,
    }
}

fn built(ip: &Ip, transport: &Transport, payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode_ip(ip, transport, payload, &mut bytes);
    bytes
}

proptest! {
    #[test]
    fn decoding_undoes_encoding(
        ip in ip(),
        transport in transport(),
        payload in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let bytes = built(&ip, &transport, &payload);
        let packet = decode_ip(&bytes).unwrap();
        prop_assert_eq!(packet.ip.total_len as usize, bytes.len());
        prop_assert_eq!(Ip { total_len: 0, ..packet.ip }, ip);
        prop_assert_eq!(uncomputed(packet.transport), uncomputed(transport));
        prop_assert_eq!(packet.payload, &payload[..]);
        if let Transport::Tcp(segment) = packet.transport {
            prop_assert_eq!(segment.len as usize, payload.len());
        }
        for wrong in [
            Defect::BadChecksum,
            Defect::BadIpChecksum,
            Defect::OffloadedChecksum,
            Defect::BadIpLength,
            Defect::CutOff,
            Defect::BadDataOffset,
            Defect::BadUdpLength,
        ] {
            prop_assert!(!packet.defects.contains(wrong), "{:?}", packet.defects);
        }
        // Built again from what was read, the bytes are the same.
        prop_assert_eq!(built(&packet.ip, &packet.transport, packet.payload), bytes);
    }
}
