//! Every oddity of a packet is shown as the defect that it is, and never as an error.

use handshake::wire::checksum::Sum;
use handshake::wire::{
    Datagram, DecodeError, Defect, Defects, Flags, Ip, Layer, Packet, Segment, SeqNumber, Transport,
    decode_ip,
};

use super::{built, ip_v4, ip_v6, syn};

const TCP: u8 = 6;
const UDP: u8 = 17;

/// Puts right checksums into an IPv4 packet without options that holds TCP or UDP.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes[10..12].fill(0);
    let sum = Sum::of(&bytes[..20]).checksum();
    bytes[10..12].copy_from_slice(&sum.to_be_bytes());
    let place = if bytes[9] == TCP { 36 } else { 26 };
    bytes[place..place + 2].fill(0);
    let len = bytes.len() as u32 - 20;
    let pseudo = Sum::of(&bytes[12..20]).add_u16(bytes[9].into()).add_u32(len);
    let sum = pseudo.add_bytes(&bytes[20..]).checksum();
    bytes[place..place + 2].copy_from_slice(&sum.to_be_bytes());
    bytes
}

fn ack() -> Segment {
    let options = handshake::wire::Options::only_timestamps(1, 2);
    Segment { ack: SeqNumber(5001), flags: Flags::ACK, options, ..syn() }
}

/// The defects of an IPv4 packet, after a change to its bytes.
fn after(segment: Segment, change: impl FnOnce(&mut [u8])) -> Vec<Defect> {
    let mut bytes = built(&ip_v4(), &Transport::Tcp(segment), b"text");
    change(&mut bytes);
    decode_ip(&sealed(bytes)).unwrap().defects.iter().collect()
}

#[test]
fn contradicting_fields_are_shown() {
    assert_eq!(after(syn(), |_| {}), []);
    assert_eq!(after(ack(), |_| {}), []);
    let with = |flags| Segment { flags, ..ack() };
    assert_eq!(after(with(Flags::SYN | Flags::FIN | Flags::ACK), |_| {}), [Defect::SynFin]);
    assert_eq!(after(with(Flags::SYN | Flags::RST | Flags::ACK), |_| {}), [Defect::SynRst]);
    assert_eq!(after(with(Flags::NONE), |_| {}), [Defect::NoFlags, Defect::AckFieldWithoutAck]);
    assert_eq!(after(with(Flags::RST), |_| {}), [Defect::AckFieldWithoutAck]);
    assert_eq!(after(Segment { urgent: 1, ..ack() }, |_| {}), [Defect::UrgentWithoutUrg]);
    assert_eq!(after(Segment { urgent: 1, flags: Flags::ACK | Flags::URG, ..ack() }, |_| {}), []);
    assert_eq!(after(Segment { src_port: 0, ..ack() }, |_| {}), [Defect::PortZero]);
    assert_eq!(after(Segment { dst_port: 0, ..ack() }, |_| {}), [Defect::PortZero]);
    assert_eq!(after(ack(), |bytes| bytes[32] |= 0b1000), [Defect::ReservedBits]);
    // The lowest of the four once reserved bits is accurate ECN's.
    assert_eq!(after(ack(), |bytes| bytes[32] |= 1), []);
    assert_eq!(after(Segment { options: syn().options, ..ack() }, |_| {}), [Defect::SynOptionOutsideSyn]);
}

#[test]
fn a_data_offset_that_cannot_be_hides_the_text() {
    for words in [0u8, 4, 15] {
        let mut bytes = built(&ip_v4(), &Transport::Tcp(ack()), b"text");
        bytes[32] = words << 4;
        let bytes = sealed(bytes);
        let packet = decode_ip(&bytes).unwrap();
        assert!(packet.defects.contains(Defect::BadDataOffset), "{words}");
        assert!(packet.payload.is_empty());
        assert_eq!(packet.segment().unwrap().len, 0);
        assert_eq!(packet.segment().unwrap().ack, SeqNumber(5001));
    }
}

#[test]
fn checksums_are_right_offloaded_or_wrong() {
    for ip in [ip_v4(), ip_v6()] {
        let mut bytes = built(&ip, &Transport::Tcp(ack()), b"text");
        let start = if ip.src.is_ipv4() { 20 } else { 40 };
        let place = start + 16..start + 18;
        let len = (bytes.len() - start) as u32;
        let defects = |bytes: &[u8]| decode_ip(bytes).unwrap().defects.iter().collect::<Vec<_>>();
        assert_eq!(defects(&bytes), []);
        // What the kernel leaves for the card: the sum of the pseudo-header, not complemented.
        let offloaded = Sum::pseudo(ip.src, ip.dst, TCP, len).folded();
        bytes[place.clone()].copy_from_slice(&offloaded.to_be_bytes());
        assert_eq!(defects(&bytes), [Defect::OffloadedChecksum]);
        bytes[place].copy_from_slice(&offloaded.wrapping_add(1).to_be_bytes());
        assert_eq!(defects(&bytes), [Defect::BadChecksum]);
    }
    let mut bytes = built(&ip_v4(), &Transport::Tcp(ack()), b"text");
    bytes[8] -= 1;
    assert_eq!(decode_ip(&bytes).unwrap().defects.iter().collect::<Vec<_>>(), [Defect::BadIpChecksum]);
}

fn datagram() -> Transport {
    Transport::Udp(Datagram { src_port: 4000, dst_port: 53, ..Datagram::default() })
}

#[test]
fn udp_lengths_and_checksums() {
    let decoded = |bytes: &[u8]| {
        let packet = decode_ip(bytes).unwrap();
        (packet.payload.len(), packet.defects.iter().collect::<Vec<_>>())
    };
    let bytes = built(&ip_v4(), &datagram(), b"question");
    assert_eq!(decoded(&bytes), (8, vec![]));
    // No checksum was made: that is allowed in IPv4, not in IPv6.
    let mut none = bytes.clone();
    none[26..28].fill(0);
    assert_eq!(decoded(&none), (8, vec![]));
    let mut none = built(&ip_v6(), &datagram(), b"question");
    none[46..48].fill(0);
    assert_eq!(decoded(&none), (8, vec![Defect::BadChecksum]));
    for (told, payload) in [(12u8, 4), (40, 8), (7, 8), (0, 8)] {
        let mut bytes = bytes.clone();
        bytes[25] = told;
        let (len, defects) = decoded(&bytes);
        assert_eq!((len, defects[..].last()), (payload, Some(&Defect::BadUdpLength)), "{told}");
    }
}

#[test]
fn a_checksum_of_udp_that_comes_out_as_zero_is_written_as_ones() {
    // One of these 65,536 payloads makes the sum come out as zero.
    let zero = (0..=u16::MAX).any(|number| {
        let bytes = built(&ip_v4(), &datagram(), &number.to_be_bytes());
        let field = u16::from_be_bytes([bytes[26], bytes[27]]);
        assert_ne!(field, 0);
        assert!(decode_ip(&bytes).unwrap().defects.is_empty());
        field == 0xffff
    });
    assert!(zero);
}

#[test]
fn ipv4_lengths_that_cannot_be() {
    let whole = built(&ip_v4(), &Transport::Tcp(ack()), b"text");
    let told = |len: u16| {
        let mut bytes = whole.clone();
        bytes[2..4].copy_from_slice(&len.to_be_bytes());
        let sum = Sum::of(&bytes[..10]).add_bytes(&bytes[12..20]).checksum();
        bytes[10..12].copy_from_slice(&sum.to_be_bytes());
        bytes
    };
    let cases = [
        (0, vec![Defect::BadIpLength]),
        (19, vec![Defect::BadIpLength]),
        (whole.len() as u16 + 1, vec![Defect::CutOff]),
    ];
    for (len, expected) in cases {
        let bytes = told(len);
        let packet = decode_ip(&bytes).unwrap();
        assert_eq!(packet.payload, b"text", "{len}");
        assert_eq!(packet.defects.iter().collect::<Vec<_>>(), expected, "{len}");
    }
    // Octets after the packet are the link's padding.
    let padded = [&whole[..], &[9; 6]].concat();
    assert_eq!(decode_ip(&padded).unwrap(), decode_ip(&whole).unwrap());
    let mut short = whole.clone();
    short[0] = 0x44;
    assert!(decode_ip(&short).unwrap().defects.contains(Defect::BadIpLength));
}

#[test]
fn ipv4_options_are_gone_past() {
    let plain = built(&ip_v4(), &Transport::Tcp(ack()), b"text");
    let with = |options: &[u8]| {
        let mut bytes = [&plain[..20], options, &plain[20..]].concat();
        bytes[0] = 0x45 + (options.len() / 4) as u8;
        bytes[3] += options.len() as u8;
        bytes[10..12].fill(0);
        let sum = Sum::of(&bytes[..20 + options.len()]).checksum();
        bytes[10..12].copy_from_slice(&sum.to_be_bytes());
        bytes
    };
    let router_alert = [148, 4, 0, 0];
    let bytes = with(&router_alert);
    let packet = decode_ip(&bytes).unwrap();
    assert_eq!(packet.transport, decode_ip(&plain).unwrap().transport);
    assert_eq!((packet.payload, packet.defects), (&b"text"[..], Defects::NONE));
    // With hops of a source route left, the checksum is that for an address elsewhere.
    let loose_route = |pointer| with(&[1, 131, 7, pointer, 192, 0, 2, 1]);
    let mut bytes = loose_route(4);
    *bytes.last_mut().unwrap() ^= 1;
    assert_eq!(decode_ip(&bytes).unwrap().defects, Defects::NONE);
    let mut bytes = loose_route(8);
    *bytes.last_mut().unwrap() ^= 1;
    assert!(decode_ip(&bytes).unwrap().defects.contains(Defect::BadChecksum));
}

#[test]
fn fragments_are_recognised() {
    let fragment = |field: u16| {
        let mut bytes = built(&ip_v4(), &Transport::Tcp(ack()), b"text");
        bytes[6..8].copy_from_slice(&field.to_be_bytes());
        bytes[10..12].fill(0);
        let sum = Sum::of(&bytes[..20]).checksum();
        bytes[10..12].copy_from_slice(&sum.to_be_bytes());
        *bytes.last_mut().unwrap() ^= 1;
        bytes
    };
    let bytes = fragment(0x2000);
    let first = decode_ip(&bytes).unwrap();
    assert_eq!(first.defects.iter().collect::<Vec<_>>(), [Defect::FirstFragment]);
    assert_eq!(first.segment().unwrap().ack, SeqNumber(5001));
    for field in [0x2001, 0x0001] {
        let bytes = fragment(field);
        let later = decode_ip(&bytes).unwrap();
        assert_eq!(later.defects.iter().collect::<Vec<_>>(), [Defect::Fragment]);
        assert_eq!((later.transport, later.payload.len()), (Transport::Other { protocol: TCP }, 36));
    }
}

/// An IPv6 packet with these extension headers before its segment; `first` is the number of the first.
fn extended(first: u8, headers: &[u8]) -> Vec<u8> {
    let plain = built(&ip_v6(), &Transport::Tcp(ack()), b"text");
    let mut bytes = [&plain[..40], headers, &plain[40..]].concat();
    bytes[6] = first;
    let len = (bytes.len() - 40) as u16;
    bytes[4..6].copy_from_slice(&len.to_be_bytes());
    bytes
}

#[test]
fn extension_headers_are_walked() {
    let hop_by_hop = |next| [next, 0, 5, 2, 0, 0, 1, 0];
    let destination = |next| [&[next, 1][..], &[1, 12], &[0; 12]].concat();
    let authentication = |next| [&[next, 2][..], &[0; 14]].concat();
    let chain = [&hop_by_hop(60)[..], &destination(51), &authentication(TCP)].concat();
    let bytes = extended(0, &chain);
    let packet = decode_ip(&bytes).unwrap();
    assert_eq!(packet.segment().unwrap().ack, SeqNumber(5001));
    assert_eq!((packet.payload, packet.defects), (&b"text"[..], Defects::NONE));
    // The checksum is still looked at.
    let mut bytes = bytes;
    *bytes.last_mut().unwrap() ^= 1;
    assert!(decode_ip(&bytes).unwrap().defects.contains(Defect::BadChecksum));
    // With a hop left to go, the destination is not the one that the checksum covers.
    for (left, expected) in [(0, vec![Defect::BadChecksum]), (1, vec![])] {
        let mut bytes = extended(43, &[&[TCP, 2, 2, left, 0, 0, 0, 0][..], &[9; 16]].concat());
        *bytes.last_mut().unwrap() ^= 1;
        assert_eq!(decode_ip(&bytes).unwrap().defects.iter().collect::<Vec<_>>(), expected);
    }
}

#[test]
fn fragments_of_ipv6_are_recognised() {
    let decoded = |field: u16| {
        let [high, low] = field.to_be_bytes();
        let bytes = extended(44, &[TCP, 0, high, low, 0, 0, 0, 9]);
        let packet: Packet = decode_ip(&bytes).unwrap().to_owned();
        (packet.segment().is_some(), packet.defects.iter().collect::<Vec<_>>())
    };
    assert_eq!(decoded(0), (true, vec![]));
    assert_eq!(decoded(1), (true, vec![Defect::FirstFragment]));
    assert_eq!(decoded(8 | 1), (false, vec![Defect::Fragment]));
    assert_eq!(decoded(16), (false, vec![Defect::Fragment]));
}

#[test]
fn extension_headers_that_do_not_fit() {
    let mut bytes = extended(60, &[TCP, 200, 0, 0, 0, 0, 0, 0]);
    let packet = decode_ip(&bytes).unwrap();
    assert_eq!(packet.transport, Transport::Other { protocol: 60 });
    assert_eq!(packet.defects.iter().collect::<Vec<_>>(), [Defect::BadExtensionHeader]);
    // The same header in a packet of which the capture lost the rest is no fault of the packet.
    bytes[4..6].copy_from_slice(&2000u16.to_be_bytes());
    let packet = decode_ip(&bytes).unwrap();
    assert_eq!(packet.defects.iter().collect::<Vec<_>>(), [Defect::CutOff]);
    // Nothing follows, and nothing is missed.
    let mut nothing = built(&ip_v6(), &Transport::Other { protocol: 59 }, &[]);
    nothing.extend([0; 6]);
    assert_eq!(decode_ip(&nothing).unwrap().defects, Defects::NONE);
}

#[test]
fn only_too_short_to_be_a_header_is_an_error() {
    let cases = [
        (Ip { ..ip_v4() }, TCP, 19, DecodeError::TooShort { layer: Layer::Tcp, needed: 20, found: 19 }),
        (Ip { ..ip_v6() }, TCP, 19, DecodeError::TooShort { layer: Layer::Tcp, needed: 20, found: 19 }),
        (Ip { ..ip_v4() }, UDP, 7, DecodeError::TooShort { layer: Layer::Udp, needed: 8, found: 7 }),
    ];
    for (ip, protocol, len, expected) in cases {
        let bytes = built(&ip, &Transport::Other { protocol }, &vec![0; len]);
        assert_eq!(decode_ip(&bytes), Err(expected));
    }
    let short = DecodeError::TooShort { layer: Layer::Ip, needed: 40, found: 39 };
    assert_eq!(decode_ip(&[0x60; 39]), Err(short));
    let short = DecodeError::TooShort { layer: Layer::Ip, needed: 60, found: 20 };
    assert_eq!(decode_ip(&[0x4f; 20]), Err(short));
}

#[test]
fn every_defect_has_a_name_of_its_own() {
    let mut keys: Vec<_> = Defect::ALL.iter().map(|defect| defect.key()).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), Defect::ALL.len());
    let mut all = Defects::NONE;
    for defect in Defect::ALL {
        all.insert(*defect);
    }
    assert!(all.iter().eq(Defect::ALL.iter().copied()));
}
