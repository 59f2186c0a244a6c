//! Link headers: each link's frames are found, and what is no IP is told apart.

use handshake::wire::{DecodeError, Layer, LinkType, Transport, decode_frame, decode_ip};
use proptest::prelude::*;

use super::{any_packet, built, ip_v4, ip_v6, syn};

/// Link headers as other programs write them, with the link, for IPv4 or for IPv6.
fn headers(v6: bool) -> Vec<(LinkType, Vec<u8>)> {
    let ethertype: [u8; 2] = if v6 { [0x86, 0xdd] } else { [0x08, 0x00] };
    let ethernet = [&[2; 12][..], &ethertype].concat();
    let tag = |tags: &[[u8; 4]]| [&[2; 12][..], &tags.concat(), &ethertype].concat();
    let family: &[u8] = if v6 { &[24, 28, 30, 10] } else { &[2] };
    let mut headers = vec![
        (LinkType::Ethernet, ethernet),
        (LinkType::Ethernet, tag(&[[0x81, 0, 0, 5]])),
        (LinkType::Ethernet, tag(&[[0x88, 0xa8, 0, 7], [0x81, 0, 0, 5]])),
        (LinkType::Ethernet, tag(&[[0x91, 0, 0, 7], [0x92, 0, 0, 5], [0x81, 0, 0xe0, 1]])),
        (LinkType::LinuxSll, [&[0; 14][..], &ethertype].concat()),
        (LinkType::LinuxSll2, [&ethertype[..], &[0; 18]].concat()),
        (LinkType::RawIp, vec![]),
        (if v6 { LinkType::RawIpv6 } else { LinkType::RawIpv4 }, vec![]),
    ];
    for &family in family {
        headers.push((LinkType::BsdNull, vec![0, 0, 0, family]));
        headers.push((LinkType::BsdNull, vec![family, 0, 0, 0]));
        headers.push((LinkType::BsdLoop, vec![0, 0, 0, family]));
    }
    headers
}

#[test]
fn the_packet_is_found_behind_every_link_header() {
    for (ip, v6) in [(ip_v4(), false), (ip_v6(), true)] {
        let packet = built(&ip, &Transport::Tcp(syn()), b"text");
        for (link, header) in headers(v6) {
            let frame = [&header[..], &packet].concat();
            let found = decode_frame(link, &frame).unwrap();
            assert_eq!(found, decode_ip(&packet).unwrap(), "{link:?} {header:02x?}");
            // Ethernet fills short frames up; that is no part of the packet.
            let padded = [&frame[..], &[0xee; 9]].concat();
            assert_eq!(decode_frame(link, &padded).unwrap(), found, "{link:?} {header:02x?}");
        }
    }
}

#[test]
fn a_link_header_that_is_cut_off_is_too_short() {
    let cases = [
        (LinkType::Ethernet, 13, Layer::Ethernet, 14),
        (LinkType::LinuxSll, 15, Layer::LinuxCooked, 16),
        (LinkType::LinuxSll2, 19, Layer::LinuxCooked, 20),
        (LinkType::BsdNull, 3, Layer::BsdLoopback, 4),
        (LinkType::BsdLoop, 0, Layer::BsdLoopback, 4),
        (LinkType::RawIp, 0, Layer::Ip, 20),
    ];
    for (link, found, layer, needed) in cases {
        let expected = DecodeError::TooShort { layer, needed, found };
        assert_eq!(decode_frame(link, &[0; 20][..found]), Err(expected));
    }
    let tagged = [&[2; 12][..], &[0x81, 0, 0, 5, 8]].concat();
    let expected = DecodeError::TooShort { layer: Layer::Vlan, needed: 4, found: 3 };
    assert_eq!(decode_frame(LinkType::Ethernet, &tagged), Err(expected));
}

#[test]
fn what_is_no_ip_is_named() {
    let arp = [&[2; 12][..], &[0x08, 0x06], &[0; 28]].concat();
    assert_eq!(decode_frame(LinkType::Ethernet, &arp), Err(DecodeError::NotIp { protocol: 0x0806 }));
    let spanning_tree = [&[2; 12][..], &[0, 38], &[0x42; 38]].concat();
    assert_eq!(decode_frame(LinkType::Ethernet, &spanning_tree), Err(DecodeError::NotIp { protocol: 38 }));
    let apple_talk = [&[0, 0, 0, 16][..], &[0; 20]].concat();
    assert_eq!(decode_frame(LinkType::BsdNull, &apple_talk), Err(DecodeError::NotIp { protocol: 16 }));
    assert_eq!(decode_ip(&[0x50; 40]), Err(DecodeError::NotIpVersion { version: 5 }));
    assert_eq!(
        decode_frame(LinkType::Other(147), &[0x45; 40]),
        Err(DecodeError::UnknownLink { number: 147 })
    );
}

#[test]
fn links_keep_their_numbers() {
    // https://www.tcpdump.org/linktypes.html
    let numbers = [
        (0, LinkType::BsdNull),
        (1, LinkType::Ethernet),
        (101, LinkType::RawIp),
        (108, LinkType::BsdLoop),
        (113, LinkType::LinuxSll),
        (228, LinkType::RawIpv4),
        (229, LinkType::RawIpv6),
        (276, LinkType::LinuxSll2),
        (147, LinkType::Other(147)),
    ];
    for (number, link) in numbers {
        assert_eq!(LinkType::from_number(number), link);
        assert_eq!(link.number(), number);
    }
    assert_eq!([12, 14].map(LinkType::from_number), [LinkType::RawIp; 2]);
}

fn any_link() -> impl Strategy<Value = LinkType> {
    prop::sample::select(vec![0, 1, 12, 14, 101, 108, 113, 228, 229, 276, 147])
        .prop_map(LinkType::from_number)
}

proptest! {
    #[test]
    fn decoding_never_panics_on_random_bytes(
        link in any_link(),
        bytes in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let _ = decode_frame(link, &bytes);
        let _ = decode_ip(&bytes);
    }

    #[test]
    fn decoding_never_panics_on_frames_that_were_damaged(
        packet in any_packet(),
        choice in any::<prop::sample::Index>(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        keep in any::<prop::sample::Index>(),
        original in prop::option::of(0..400usize),
    ) {
        let (ip, transport, payload) = packet;
        let headers = headers(ip.src.is_ipv6());
        let (link, header) = choice.get(&headers);
        let mut frame = [&header[..], &built(&ip, &transport, &payload)].concat();
        for (at, value) in damage {
            let at = at.index(frame.len());
            frame[at] = value;
        }
        frame.truncate(keep.index(frame.len() + 1));
        let decoded = match original {
            Some(len) => handshake::wire::decode_captured(*link, &frame, len.max(frame.len())),
            None => decode_frame(*link, &frame),
        };
        if let Ok(packet) = decoded {
            // Whatever was read lies within what was there, and can be shown.
            prop_assert!(packet.payload.len() <= frame.len());
            let _ = format!("{packet:?}");
            if let Transport::Tcp(segment) = packet.transport {
                prop_assert!(segment.len as usize >= packet.payload.len());
                prop_assert!(segment.options.iter().count() <= 40);
                let _ = segment.options.to_string();
            }
        }
    }
}
