//! Opening: calls, addresses, initial sequence numbers, ICMP.

use handshake::tcp::{
    Error, IcmpError, IsnPolicy, Notice, Profile, Rule, Secret, Settings, State, What,
    initial_sequence_number,
};
use handshake::time::{Duration, Instant};
use handshake::wire::{Flags, Ip, Segment, SeqNumber};

use super::probe::{IRS, ISS, Probe, addr, host};

fn isn(secret: [u64; 2], at: Duration, remote: &str) -> SeqNumber {
    let now = Instant::ZERO + at;
    initial_sequence_number(IsnPolicy::Rfc6528, Secret(secret), now, addr("10.0.0.1:40000"), addr(remote), 0)
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.4.1
//= type=test
//# A TCP implementation MUST use the above type of "clock" for clock- driven selection of initial
//# sequence numbers (MUST-8), and SHOULD generate its initial sequence numbers with the expression:
#[test]
fn initial_sequence_numbers_run_with_a_clock_of_4_microseconds() {
    let first = isn([1, 2], Duration::ZERO, "10.0.0.2:80");
    let later = isn([1, 2], Duration::from_millis(4), "10.0.0.2:80");
    assert_eq!(later.since(first), 1000);
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.4.1
//= type=test
//# F() MUST NOT be computable from the outside (MUST-9), or an attacker could still guess at
//# sequence numbers from the ISN used for some other connection.
#[test]
fn who_has_not_the_key_cannot_tell_one_connections_number_from_anothers() {
    let here =
        |secret| isn(secret, Duration::ZERO, "10.0.0.2:80").since(isn(secret, Duration::ZERO, "10.0.0.2:81"));
    // The distance between two connections depends on the key alone.
    assert_ne!(here([1, 2]), here([1, 3]));
    assert_ne!(here([1, 2]), here([2, 2]));
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.5
//= type=test
//# A TCP implementation MUST support simultaneous open attempts (MUST-10).
#[test]
fn crossing_syns_open_one_connection() {
    let mut probe = Probe::opening(Settings::default());
    assert_eq!(probe.arrive(Flags::SYN, IRS, 0, b"").rule, Rule::SynSentSimultaneous);
    assert_eq!(probe.state(), State::SynReceived);
    let answer = &probe.sent()[0].segment;
    assert_eq!(
        (answer.flags, answer.seq, answer.ack),
        (Flags::SYN | Flags::ACK, SeqNumber(ISS), SeqNumber(IRS + 1))
    );
    // Figure 8, line 7: the peer's SYN,ACK begins below the window and still opens.
    probe.arrive(Flags::SYN | Flags::ACK, IRS, ISS + 1, b"");
    assert_eq!(probe.state(), State::Established);
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.5
//= type=test
//# Note that a TCP implementation MUST keep track of whether a connection has reached SYN-RECEIVED
//# state as the result of a passive OPEN or an active OPEN (MUST-11).
#[test]
fn syn_received_remembers_whether_it_was_passive() {
    let mut passive = Probe::half_open(Settings::default());
    assert_eq!(passive.arrive(Flags::RST, IRS + 1, 0, b"").rule, Rule::ResetReturnsToListen);
    assert!(!passive.notices.iter().any(|notice| matches!(notice, Notice::Failed(_))));

    let mut active = Probe::opening(Settings::default());
    active.arrive(Flags::SYN, IRS, 0, b"");
    assert_eq!(active.arrive(Flags::RST, IRS + 1, 0, b"").rule, Rule::ResetRefusesActiveOpen);
    assert!(active.noticed(Notice::Failed(Error::Refused)));
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.9.1.1
//= type=test
//# Every passive OPEN call either creates a new connection record in LISTEN state, or it returns an
//# error; it MUST NOT affect any previously created connection record (MUST-41).
#[test]
fn a_passive_open_leaves_other_connections_alone() {
    let mut probe = Probe::open(Settings::default(), None);
    let before = *probe.host.tcb(probe.socket).unwrap();
    probe.host.listen(probe.now, probe.local, 5).unwrap();
    assert_eq!(probe.host.listen(probe.now, probe.local, 5), Err(Error::AddrInUse));
    assert_eq!(*probe.host.tcb(probe.socket).unwrap(), before);
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.9.1.1
//= type=test
//# A TCP implementation that supports multiple concurrent connections MUST provide an OPEN call
//# that will functionally allow an application to LISTEN on a port while a connection block with
//# the same local port is in SYN-SENT or SYN-RECEIVED state (MUST-42).
#[test]
fn a_port_can_be_listened_on_while_a_connection_on_it_is_opening() {
    let mut probe = Probe::opening(Settings::default());
    assert_eq!(probe.state(), State::SynSent);
    assert!(probe.host.listen(probe.now, probe.local, 5).is_ok());
    let mut probe = Probe::half_open(Settings::default());
    assert_eq!(probe.state(), State::SynReceived);
    assert!(probe.host.listen(probe.now, addr("10.0.0.1:81"), 5).is_ok());
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.9.1.1
//= type=test
//# The optional "local IP address" parameter MUST be supported to allow the specification of the
//# local IP address (MUST-43).
#[test]
fn the_local_address_can_be_given() {
    let mut host = host(Settings::default());
    let socket = host.connect(Instant::ZERO, Some(addr("10.0.0.1:1234")), addr("10.0.0.2:80")).unwrap();
    assert_eq!(host.endpoints(socket).unwrap().0, addr("10.0.0.1:1234"));
    let stranger = host.connect(Instant::ZERO, Some(addr("10.9.9.9:1234")), addr("10.0.0.2:80"));
    assert_eq!(stranger, Err(Error::AddrNotAvailable));
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.9.1.1
//= type=test
//# If an application on a multihomed host does not specify the local IP address when actively
//# opening a TCP connection, then the TCP implementation MUST ask the IP layer to select a local IP
//# address before sending the (first) SYN (MUST-44).
#[test]
fn without_a_local_address_one_of_the_right_family_is_chosen() {
    let mut host = host(Settings::default());
    let socket = host.connect(Instant::ZERO, None, addr("[fd00::2]:80")).unwrap();
    assert_eq!(host.endpoints(socket).unwrap().0.ip(), addr("[fd00::1]:0").ip());
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.9.1.1
//= type=test
//# At all other times, a previous segment has either been sent or received on this connection, and
//# TCP implementations MUST use the same local address that was used in those previous segments
//# (MUST-45).
#[test]
fn every_segment_of_a_connection_comes_from_the_same_address() {
    let mut probe = Probe::half_open(Settings::default());
    probe.arrive(Flags::ACK, IRS + 1, ISS + 1, b"hello");
    let sent = probe.wait(Duration::from_secs(1));
    assert!(!sent.is_empty());
    assert!(sent.iter().all(|sent| sent.ip.src == probe.local.ip()));
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.9.1.1
//= type=test
//# A TCP implementation MUST reject as an error a local OPEN call for an invalid remote IP address
//# (e.g., a broadcast or multicast address) (MUST-46).
#[test]
fn a_connection_to_a_broadcast_or_multicast_address_is_refused() {
    let mut host = host(Settings::default());
    for remote in ["255.255.255.255:80", "224.0.0.1:80", "[ff02::1]:80"] {
        assert_eq!(host.connect(Instant::ZERO, None, addr(remote)), Err(Error::Unreachable), "{remote}");
    }
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.9.2.3
//= type=test
//# A TCP implementation MUST silently discard an incoming SYN segment that is addressed to a
//# broadcast or multicast address [(MUST-57)].
//= https://www.rfc-editor.org/rfc/rfc9293#section-3.9.2.3
//= type=test
//# An incoming SYN with an invalid source address MUST be ignored either by TCP or by the IP layer
//# [(MUST-63)] (see Section 3.2.1.3).
#[test]
fn a_syn_to_or_from_a_broadcast_or_multicast_address_is_dropped_in_silence() {
    let mut probe = Probe::half_open(Settings::default());
    let syn = Segment { src_port: 9, dst_port: 80, flags: Flags::SYN, ..Segment::default() };
    for (src, dst) in [("10.0.0.2", "224.0.0.1"), ("10.0.0.2", "255.255.255.255"), ("224.0.0.1", "10.0.0.1")]
    {
        let ip = Ip { src: src.parse().unwrap(), dst: dst.parse().unwrap(), ..Ip::default() };
        assert_eq!(
            probe.arrive_packet(&ip, syn, b"").unwrap().rule,
            Rule::BadAddressDropped,
            "{src} > {dst}"
        );
        assert!(probe.sent().is_empty());
    }
}

#[test]
fn ipv4_addresses_mapped_into_ipv6_reach_no_connection_over_ipv4() {
    let mut probe = Probe::open(Settings::default(), None);
    let (src, dst) = ("::ffff:10.0.0.2".parse().unwrap(), "::ffff:10.0.0.1".parse().unwrap());
    let segment = Segment {
        src_port: probe.remote.port(),
        dst_port: probe.local.port(),
        seq: SeqNumber(IRS + 1),
        flags: Flags::RST,
        ..Segment::default()
    };
    assert_eq!(probe.arrive_packet(&Ip { src, dst, ..Ip::default() }, segment, b""), None);
    assert_eq!(probe.state(), State::Established);
    assert_eq!(probe.arrive_segment(segment, b"").rule, Rule::ResetAccepted);
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.9.2.2
//= type=test
//# TCP implementations MUST act on an ICMP error message passed up from the IP layer, directing it
//# to the connection that created the error (MUST-54).
#[test]
fn an_icmp_error_reaches_the_connection_it_is_about() {
    let mut probe = Probe::opening(Settings::default());
    let elsewhere = addr("10.0.0.2:81");
    assert_eq!(probe.host.on_icmp(probe.now, probe.local, elsewhere, IcmpError::Hard), None);
    assert_eq!(probe.state(), State::SynSent);
    assert!(probe.host.on_icmp(probe.now, probe.local, probe.remote, IcmpError::Hard).is_some());
    assert_eq!(probe.state(), State::Closed);
    assert_eq!(probe.host.take_error(probe.socket), Some(Error::Refused));
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.9.2.2
//= type=test
//# Source Quench TCP implementations MUST silently discard any received ICMP Source Quench messages
//# (MUST-55).
#[test]
fn source_quench_is_discarded() {
    let mut probe = Probe::open(Settings::default(), None);
    let before = *probe.host.tcb(probe.socket).unwrap();
    assert_eq!(probe.host.on_icmp(probe.now, probe.local, probe.remote, IcmpError::SourceQuench), None);
    assert_eq!(*probe.host.tcb(probe.socket).unwrap(), before);
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.9.2.2
//= type=test
//# Since these Unreachable messages indicate soft error conditions, a TCP implementation MUST NOT
//# abort the connection (MUST-56), and it SHOULD make the information available to the application
//# (SHLD-25).
//= https://www.rfc-editor.org/rfc/rfc9293#section-3.9.1.8
//= type=test
//# There MUST be a mechanism for reporting soft TCP error conditions to the application (MUST-47).
#[test]
fn a_soft_error_is_told_and_does_not_end_the_connection() {
    for mut probe in [Probe::opening(Settings::default()), Probe::open(Settings::of(Profile::Linux), None)] {
        let state = probe.state();
        probe.host.on_icmp(probe.now, probe.local, probe.remote, IcmpError::Soft);
        assert_eq!(probe.state(), state);
        probe.sent();
        assert!(probe.saw(What::Rule(Rule::UnreachableSoft)));
    }
}
