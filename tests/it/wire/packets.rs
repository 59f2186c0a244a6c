//! Packets to bytes and back.

use handshake::wire::checksum::Sum;
use handshake::wire::{
    Datagram, Defect, Ip, Options, Segment, Transport, decode_captured, decode_ip, encode_ip,
};
use proptest::prelude::*;

use super::{any_packet, built, ip_v4, ip_v6, syn};

/// The transport without the fields that are computed when building.
fn uncomputed(transport: Transport) -> Transport {
    match transport {
        Transport::Tcp(segment) => Transport::Tcp(Segment { checksum: 0, len: 0, ..segment }),
        Transport::Udp(datagram) => Transport::Udp(Datagram { checksum: 0, len: 0, ..datagram }),
        other @ Transport::Other { .. } => other,
    }
}

proptest! {
    #[test]
    fn decoding_undoes_encoding(
        (ip, transport, payload) in any_packet(),
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

/// The sum of RFC 1071 as its text has it: 16 bits at a time.
fn plain_sum(bytes: &[u8]) -> u16 {
    let mut sum = 0u32;
    for word in bytes.chunks(2) {
        sum += u32::from(word[0]) << 8 | u32::from(word.get(1).copied().unwrap_or(0));
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum as u16
}

proptest! {
    #[test]
    fn wide_sums_are_plain_sums(bytes in prop::collection::vec(any::<u8>(), 0..2000), cut in any::<prop::sample::Index>()) {
        prop_assert_eq!(Sum::of(&bytes).folded(), plain_sum(&bytes));
        // In two pieces, the second starting at an even place.
        let (first, second) = bytes.split_at(cut.index(bytes.len() / 2 + 1) * 2);
        prop_assert_eq!(Sum::of(second).add_bytes(first).folded(), plain_sum(&bytes));
    }

    #[test]
    fn runs_of_ones_lose_no_carry(len in 0..70_000usize) {
        prop_assert_eq!(Sum::of(&vec![0xff; len]).folded(), plain_sum(&vec![0xff; len]));
    }

    #[test]
    fn one_flipped_bit_is_always_noticed((ip, transport, payload) in any_packet(), at in any::<prop::sample::Index>()) {
        prop_assume!(!matches!(transport, Transport::Other { .. }));
        let mut bytes = built(&ip, &transport, &payload);
        let ip_len = if ip.src.is_ipv4() { 20 } else { 40 };
        let bit = ip_len * 8 + at.index((bytes.len() - ip_len) * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        let packet = decode_ip(&bytes).unwrap();
        let noticed = [Defect::BadChecksum, Defect::OffloadedChecksum, Defect::BadUdpLength];
        // In UDP over IPv4 a checksum that turns to zero says that there is none: a length may not fit then.
        let turned_off = matches!(packet.transport, Transport::Udp(Datagram { checksum: 0, .. })) && ip.src.is_ipv4();
        prop_assert!(turned_off || noticed.iter().any(|defect| packet.defects.contains(*defect)));
    }

    #[test]
    fn one_flipped_bit_of_an_ipv4_header_is_always_noticed((ip, transport, payload) in any_packet(), bit in 4..160usize) {
        prop_assume!(ip.src.is_ipv4());
        let mut bytes = built(&ip, &transport, &payload);
        bytes[bit / 8] ^= 0x80 >> (bit % 8);
        // A longer header may not fit into the packet any more.
        if let Ok(packet) = decode_ip(&bytes) {
            prop_assert!(packet.defects.contains(Defect::BadIpChecksum), "{packet:?}");
        }
    }
}

#[test]
fn options_that_are_no_whole_words_are_padded_with_zeros() {
    let segment = Segment { options: Options::from_bytes(&[3, 3, 7]), ..syn() };
    let bytes = built(&ip_v4(), &Transport::Tcp(segment), b"odd");
    let packet = decode_ip(&bytes).unwrap();
    assert_eq!(packet.segment().unwrap().options.as_bytes(), [3, 3, 7, 0]);
    assert_eq!(packet.payload, b"odd");
    assert!(packet.defects.is_empty(), "{:?}", packet.defects);
}

#[test]
fn packets_longer_than_their_length_field_can_tell_are_read_whole() {
    let text = vec![0x61; 100_000];
    for ip in [ip_v4(), ip_v6()] {
        for transport in [
            Transport::Tcp(syn()),
            Transport::Udp(Datagram { src_port: 1, dst_port: 2, ..Datagram::default() }),
        ] {
            let bytes = built(&ip, &transport, &text);
            let packet = decode_ip(&bytes).unwrap();
            assert!(packet.defects.is_empty(), "{:?}", packet.defects);
            assert_eq!(packet.ip.total_len as usize, bytes.len());
            assert_eq!(packet.payload.len(), text.len());
        }
    }
}

#[test]
fn encoding_appends() {
    let mut bytes = b"before".to_vec();
    encode_ip(&ip_v6(), &Transport::Tcp(syn()), b"text", &mut bytes);
    assert_eq!(bytes[..6], *b"before");
    assert_eq!(bytes[6..], built(&ip_v6(), &Transport::Tcp(syn()), b"text"));
}

#[test]
fn addresses_of_two_families_are_both_written_as_ipv6() {
    let ip = Ip { src: [10, 0, 0, 1].into(), ..ip_v6() };
    let bytes = built(&ip, &Transport::Tcp(syn()), &[]);
    let packet = decode_ip(&bytes).unwrap();
    assert_eq!(packet.ip.src.to_string(), "::ffff:10.0.0.1");
    assert!(packet.defects.is_empty(), "{:?}", packet.defects);
}

#[test]
fn what_the_frame_had_tells_a_cut_from_a_wrong_length() {
    use handshake::wire::LinkType;
    let bytes = built(&ip_v4(), &Transport::Tcp(syn()), &[7; 100]);
    let kept = &bytes[..90];
    let cut = decode_captured(LinkType::RawIp, kept, bytes.len()).unwrap();
    assert!(cut.defects.contains(Defect::CutOff) && !cut.defects.contains(Defect::BadIpLength));
    assert_eq!((cut.payload.len(), cut.segment().unwrap().len), (30, 100));
    let wrong = decode_captured(LinkType::RawIp, kept, kept.len()).unwrap();
    assert!(wrong.defects.contains(Defect::BadIpLength) && !wrong.defects.contains(Defect::CutOff));
    assert_eq!((wrong.payload.len(), wrong.segment().unwrap().len), (30, 30));
    // Nothing is said about the checksum of octets that are not there.
    assert!(!cut.defects.contains(Defect::BadChecksum));
    // Cut off within the options, what is there of them is shown.
    let within = decode_captured(LinkType::RawIp, &bytes[..44], bytes.len()).unwrap();
    assert_eq!(within.segment().unwrap().options.as_bytes(), [2, 4, 5, 180]);
    assert_eq!(within.segment().unwrap().len, 100);
}
