//! The urgent mechanism.

use handshake::tcp::{Notice, Settings};
use handshake::wire::{Flags, Segment, SeqNumber};

use super::probe::{IRS, ISS, Probe};

fn urgent(probe: &mut Probe, seq: u32, pointer: u16, text: &[u8]) {
    let segment = Segment {
        src_port: probe.remote.port(),
        dst_port: probe.local.port(),
        seq: SeqNumber(seq),
        ack: SeqNumber(ISS + 1),
        flags: Flags::ACK | Flags::URG,
        window: 10_000,
        urgent: pointer,
        len: text.len() as u32,
        ..Segment::default()
    };
    probe.arrive_segment(segment, text);
}

fn times_told(probe: &Probe) -> usize {
    probe.notices.iter().filter(|notice| **notice == Notice::Urgent).count()
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.5
//= type=test
//# However, TCP implementations MUST still include support for the urgent mechanism (MUST-30).
//= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.5
//= type=test
//# The urgent pointer MUST point to the sequence number of the octet following the urgent data
//# (MUST-62).
#[test]
fn the_urgent_pointer_names_the_octet_after_urgent_text() {
    let mut probe = Probe::open(Settings::default(), None);
    probe.host.send_urgent(probe.now, probe.socket, b"stop!").unwrap();
    let sent = probe.sent();
    assert!(sent[0].segment.flags.contains(Flags::URG));
    assert_eq!(sent[0].segment.seq + u32::from(sent[0].segment.urgent), SeqNumber(ISS + 1 + 5));
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.5
//= type=test
//# A TCP implementation MUST support a sequence of urgent data of any length (MUST-31) [19].
#[test]
fn urgent_text_may_be_longer_than_a_segment() {
    let mut probe = Probe::open(Settings::default(), None);
    probe.host.send_urgent(probe.now, probe.socket, &[b'!'; 2000]).unwrap();
    let sent = probe.sent();
    assert!(sent.len() > 2);
    let end = SeqNumber(ISS + 1 + 2000);
    assert!(sent.iter().all(|s| s.segment.flags.contains(Flags::URG)));
    assert!(sent.iter().all(|s| s.segment.seq + u32::from(s.segment.urgent) == end));
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.5
//= type=test
//# A TCP implementation MUST (MUST-32) inform the application layer asynchronously whenever it
//# receives an urgent pointer and there was previously no pending urgent data, or whenever the
//# urgent pointer advances in the data stream.
#[test]
fn the_application_is_told_of_urgent_text_and_of_more_of_it() {
    let mut probe = Probe::open(Settings::default(), None);
    urgent(&mut probe, IRS + 1, 5, b"hello");
    assert_eq!(times_told(&probe), 1);
    urgent(&mut probe, IRS + 6, 0, b"x");
    assert_eq!(times_told(&probe), 1, "the pointer did not advance");
    urgent(&mut probe, IRS + 7, 30, b"y");
    assert_eq!(times_told(&probe), 2);
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.5
//= type=test
//# The TCP implementation MUST (MUST-33) provide a way for the application to learn how much urgent
//# data remains to be read from the connection, or at least to determine whether more urgent data
//# remains to be read [19].
#[test]
fn the_application_can_ask_how_much_urgent_text_is_left() {
    let mut probe = Probe::open(Settings::default(), None);
    urgent(&mut probe, IRS + 1, 4, b"hello");
    assert_eq!(probe.host.urgent_left(probe.socket), 4);
    let mut read = Vec::new();
    probe.host.recv(probe.now, probe.socket, 3, &mut read).unwrap();
    assert_eq!(probe.host.urgent_left(probe.socket), 1);
    probe.host.recv(probe.now, probe.socket, 3, &mut read).unwrap();
    assert_eq!(probe.host.urgent_left(probe.socket), 0);
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.4
//= type=test
//# A TCP receiver MUST process the RST and URG fields of all incoming segments, even when the
//# receive window is zero (MUST-66).
#[test]
fn a_closed_window_does_not_hide_resets_and_urgent_pointers() {
    let settings = Settings { receive_buffer: 4, initial_window: 4, ..Settings::default() };
    let mut probe = Probe::open(settings, None);
    probe.arrive(Flags::ACK, IRS + 1, ISS + 1, b"full");
    probe.sent();
    assert_eq!(probe.host.tcb(probe.socket).unwrap().rcv_wnd, 0);
    urgent(&mut probe, IRS + 5, 3, b"abc");
    assert_eq!(times_told(&probe), 1);
    probe.arrive(Flags::RST, IRS + 5, 0, b"");
    assert_eq!(probe.state(), handshake::tcp::State::Closed);
}
