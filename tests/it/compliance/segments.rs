//! The header and its options.

use handshake::tcp::{Profile, Rule, Settings, State};
use handshake::time::Duration;
use handshake::wire::{Defect, Flags, Ip, Options, Segment, SeqNumber, TcpOption, Transport, decode_ip};

use super::probe::{IRS, ISS, Probe, addr, no_defects, octets};

fn segment(flags: Flags, options: Options) -> Segment {
    Segment {
        src_port: 80,
        dst_port: 49_152,
        seq: SeqNumber(IRS + 1),
        ack: SeqNumber(ISS + 1),
        flags,
        window: 10_000,
        options,
        ..Segment::default()
    }
}

fn ip() -> Ip {
    Ip { src: addr("10.0.0.2:80").ip(), dst: addr("10.0.0.1:80").ip(), ..Ip::default() }
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.1
//= type=test
//# The window size MUST be treated as an unsigned number, or else large window sizes will appear
//# like negative windows and TCP will not work (MUST-1).
#[test]
fn a_window_above_32767_is_large_and_not_negative() {
    let mut probe =
        Probe::open(Settings { congestion_control: false, nagle: false, ..Settings::default() }, Some(1460));
    probe.arrive_with(Flags::ACK, IRS + 1, ISS + 1, b"", Options::NONE, 65_535);
    probe.send(&vec![1; 60_000]);
    let sent: u32 = probe.sent().iter().map(|sent| sent.segment.len).sum();
    assert_eq!(sent, 60_000);
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.1
//= type=test
//# The sender MUST generate it (MUST-2) and the receiver MUST check it (MUST-3).
#[test]
fn every_segment_leaves_with_its_checksum() {
    let mut probe = Probe::open(Settings::default(), None);
    probe.send(b"hello");
    let sent = &probe.sent()[0];
    let octets = octets(&sent.ip, sent.segment, &sent.payload);
    let decoded = decode_ip(&octets).unwrap();
    assert!(no_defects(&decoded), "{:?}", decoded.defects);
    assert_ne!(decoded.segment().unwrap().checksum, 0);
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.1
//= type=test
//# The sender MUST generate it (MUST-2) and the receiver MUST check it (MUST-3).
#[test]
fn a_segment_with_a_bad_checksum_is_discarded() {
    let mut probe = Probe::open(Settings::default(), None);
    let mut octets = octets(&ip(), segment(Flags::RST, Options::NONE), b"");
    octets[36] ^= 0xff;
    assert_eq!(probe.arrive_octets(&octets).unwrap().rule, Rule::BadChecksumDropped);
    assert_eq!(probe.state(), State::Established);
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.1
//= type=test
//# A given TCP implementation can support any currently defined options, but the following options
//# MUST be supported (MUST-4 -- note Maximum Segment Size Option support is also part of MUST-14 in
//# Section 3.7.1):
#[test]
fn end_of_list_no_operation_and_mss_are_understood() {
    let mut options = Options::NONE;
    for option in [TcpOption::Nop, TcpOption::Mss(700), TcpOption::EndOfList] {
        assert!(options.push(&option));
    }
    let seen: Vec<_> = options.iter().collect();
    assert_eq!(seen, [TcpOption::Nop, TcpOption::Mss(700), TcpOption::EndOfList]);
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.1
//= type=test
//# A TCP implementation MUST be able to receive a TCP Option in any segment (MUST-5).
//= https://www.rfc-editor.org/rfc/rfc9293#section-3.1
//= type=test
//# A TCP implementation MUST (MUST-6) ignore without error any TCP Option it does not implement,
//# assuming that the option has a length field.
//= https://www.rfc-editor.org/rfc/rfc9293#section-3.9.2
//= type=test
//# When received options are passed up to TCP from the IP layer, a TCP implementation MUST ignore
//# options that it does not understand (MUST-50).
#[test]
fn an_unknown_option_in_any_segment_is_passed_over() {
    let mut unknown = Options::NONE;
    unknown.push(&TcpOption::Unknown { kind: 253, data: &[1, 2, 3, 4] });
    let mut probe = Probe::open(Settings { delayed_ack: None, ..Settings::default() }, None);
    let rule = probe.arrive_with(Flags::ACK, IRS + 1, ISS + 1, b"abc", unknown, 10_000).rule;
    assert_eq!(rule, Rule::TextAccepted);
    assert_eq!(probe.sent()[0].segment.ack, SeqNumber(IRS + 4));
    assert_eq!(
        probe.arrive_with(Flags::FIN | Flags::ACK, IRS + 4, ISS + 1, b"", unknown, 10_000).rule,
        Rule::FinToCloseWait
    );
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.1
//= type=test
//# TCP implementations MUST be prepared to handle an illegal option length (e.g., zero); a
//# suggested procedure is to reset the connection and log the error cause (MUST-7).
#[test]
fn an_option_of_length_zero_stops_the_walk_and_nothing_else() {
    let mut options = Options::NONE;
    options.push(&TcpOption::Mss(900));
    options.push_bytes(&[8, 0, 9, 9]);
    let octets = octets(&ip(), segment(Flags::ACK, options), b"abc");
    assert!(decode_ip(&octets).unwrap().defects.contains(Defect::BadOptionLength));
    let mut probe = Probe::open(Settings::default(), None);
    assert_eq!(probe.arrive_octets(&octets).unwrap().rule, Rule::TextAccepted);
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.1
//= type=test
//# All TCP Options except End of Option List Option (EOL) and No-Operation (NOP) MUST have length
//# fields, including all future options (MUST-68).
#[test]
fn every_option_sent_but_end_and_no_operation_has_a_length() {
    let mut linux = Probe::opening(Settings::of(Profile::Linux));
    let syn = linux.wait(Duration::from_secs(1));
    let options = syn[0].segment.options;
    let mut rest = options.as_bytes();
    let mut with_length = 0;
    while let [kind, tail @ ..] = rest {
        let len = if *kind <= 1 { 1 } else { usize::from(tail[0]) };
        with_length += usize::from(*kind > 1);
        rest = &rest[len..];
    }
    assert_eq!(with_length, 4, "{options}");
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.2
//= type=test
//# There is no guarantee that senders will use this option, so receivers MUST be prepared to
//# process options even if they do not begin on a word boundary (MUST-64).
#[test]
fn an_option_off_a_word_boundary_is_processed() {
    let mut options = Options::NONE;
    options.push(&TcpOption::Nop);
    options.push(&TcpOption::Mss(600));
    let mut probe = Probe::opening(Settings { congestion_control: false, ..Settings::default() });
    probe.arrive_with(Flags::SYN | Flags::ACK, IRS, ISS + 1, b"", options, 10_000);
    probe.sent();
    probe.send(&[1; 2000]);
    assert_eq!(probe.sent()[0].segment.len, 600);
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.1
//= type=test
//# The content of the header beyond the End of Option List Option MUST be header padding of zeros
//# (MUST-69).
#[test]
fn the_header_beyond_the_options_is_zero() {
    let mut options = Options::NONE;
    options.push(&TcpOption::WindowScale(7));
    let octets = octets(&ip(), segment(Flags::SYN, options), b"");
    assert_eq!(octets[40..44], [3, 3, 7, 0]);
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.7.1
//= type=test
//# TCP endpoints MUST implement both sending and receiving the MSS Option (MUST-14).
#[test]
fn the_mss_option_is_sent_and_obeyed() {
    let mut probe = Probe::opening(Settings { congestion_control: false, ..Settings::default() });
    let syn = probe.wait(Duration::from_secs(1));
    assert_eq!(syn[0].segment.options.mss(), Some(1460));
    let mut options = Options::NONE;
    options.push(&TcpOption::Mss(1000));
    probe.arrive_with(Flags::SYN | Flags::ACK, IRS, ISS + 1, b"", options, 10_000);
    probe.send(&[1; 3000]);
    assert_eq!(probe.sent()[1].segment.len, 1000);
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.7.1
//= type=test
//# If an MSS Option is not received at connection setup, TCP implementations MUST assume a default
//# send MSS of 536 (576 - 40) for IPv4 or 1220 (1280 - 60) for IPv6 (MUST-15).
#[test]
fn without_an_mss_option_536_and_for_ipv6_1220_are_assumed() {
    let mut probe = Probe::open(Settings::default(), None);
    probe.send(&[1; 3000]);
    assert_eq!(probe.sent()[0].segment.len, 536);

    let mut host = super::probe::host(Settings::default());
    let remote = addr("[fd00::2]:80");
    let socket = host.connect(handshake::time::Instant::ZERO, None, remote).unwrap();
    let local = host.endpoints(socket).unwrap().0;
    let mut probe = Probe {
        host,
        now: handshake::time::Instant::ZERO,
        socket,
        events: vec![],
        notices: vec![],
        local,
        remote,
    };
    probe.sent();
    probe.arrive(Flags::SYN | Flags::ACK, IRS, ISS + 1, b"");
    probe.send(&[1; 3000]);
    assert_eq!(probe.sent()[1].segment.len, 1220);
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.7.1
//= type=test
//# The maximum size of a segment that a TCP endpoint really sends, the "effective send MSS", MUST
//# be the smaller (MUST-16) of the send MSS (that reflects the available reassembly buffer size at
//# the remote host, the EMTU_R [19]) and the largest transmission size permitted by the IP layer
//# (EMTU_S [19]):
#[test]
fn a_segment_is_no_larger_than_peer_and_link_allow() {
    let jumbo_peer = Settings { mtu: 1500, ..Settings::default() };
    let mut probe = Probe::open(jumbo_peer, Some(8960));
    probe.send(&[1; 9000]);
    assert_eq!(probe.sent()[0].segment.len, 1460);
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.7.1
//= type=test
//# where MMS_R is the maximum size for a transport-layer message that can be received (and
//# reassembled at the IP layer) (MUST-67).
#[test]
fn the_announced_mss_is_the_largest_packet_less_the_headers() {
    for (mtu, mss) in [(1500, 1460), (576, 536), (9000, 8960)] {
        let mut probe = Probe::opening(Settings { mtu, ..Settings::default() });
        assert_eq!(probe.wait(Duration::from_secs(1))[0].segment.options.mss(), Some(mss));
    }
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.2
//= type=test
//# This field may be sent in the initial connection request (i.e., in segments with the SYN control
//# bit set) and MUST NOT be sent in other segments (MUST-65).
#[test]
fn the_mss_option_stands_on_no_other_segment_than_a_syn() {
    let mut probe = Probe::open(Settings::of(Profile::Linux), Some(1460));
    probe.send(b"hello");
    let mut sent = probe.sent();
    probe.host.close(probe.now, probe.socket).unwrap();
    sent.extend(probe.sent());
    assert!(sent.len() >= 2);
    assert!(sent.iter().all(|sent| sent.segment.options.mss().is_none()));
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.9.1.9
//= type=test
//# The application layer MUST be able to specify the Differentiated Services field for segments
//# that are sent on a connection (MUST-48).
//= https://www.rfc-editor.org/rfc/rfc9293#section-3.9.2
//= type=test
//# Time to Live (TTL): The TTL value used to send TCP segments MUST be configurable (MUST-49).
#[test]
fn time_to_live_and_differentiated_services_are_the_applications_to_choose() {
    let settings = Settings { ttl: 3, tos: 0xb8, ..Settings::default() };
    let mut probe = Probe::open(settings, None);
    probe.send(b"x");
    let sent = probe.sent();
    assert_eq!((sent[0].ip.ttl, sent[0].ip.tos), (3, 0xb8));
    probe.host.settings_mut(probe.socket).unwrap().tos = 0x20;
    probe.arrive(Flags::ACK, IRS + 1, ISS + 2, b"");
    probe.send(b"y");
    assert_eq!(probe.sent()[0].ip.tos, 0x20);
}

#[test]
fn a_udp_packet_is_no_business_of_tcp() {
    let mut probe = Probe::open(Settings::default(), None);
    let mut octets = Vec::new();
    let datagram = handshake::wire::Datagram { src_port: 80, dst_port: 49_152, len: 3, checksum: 0 };
    handshake::wire::encode_ip(&ip(), &Transport::Udp(datagram), b"abc", &mut octets);
    assert_eq!(probe.arrive_octets(&octets), None);
}
