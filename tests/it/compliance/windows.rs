//! Windows: shrinking, closed, silly.

use handshake::tcp::{Rule, Settings, State};
use handshake::time::Duration;
use handshake::wire::{Flags, Options, SeqNumber};

use super::probe::{IRS, ISS, Probe};

fn window(probe: &mut Probe, ack: u32, window: u16) {
    probe.arrive_with(Flags::ACK, IRS + 1, ack, b"", Options::NONE, window);
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.6
//= type=test
//# However, a sending TCP peer MUST be robust against window shrinking, which may cause the "usable
//# window" (see Section 3.8.6.2.1) to become negative (MUST-34).
//= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.6
//= type=test
//# If the window shrinks to zero, the TCP implementation MUST probe it in the standard way
//# (described below) (MUST-35).
#[test]
fn a_window_that_shrinks_below_what_was_sent_does_no_harm() {
    let mut probe = Probe::open(Settings::default(), Some(1000));
    probe.send(&[1; 4000]);
    assert_eq!(probe.sent().len(), 4);
    // Acknowledges the first and takes the window back to 500: 2500 octets lie beyond it.
    window(&mut probe, ISS + 1001, 500);
    probe.send(&[2; 1000]);
    assert!(probe.sent().is_empty(), "no new text into a negative usable window");
    let again = probe.wait(Duration::from_secs(2));
    assert_eq!(again[0].segment.seq, SeqNumber(ISS + 1001), "old text is retransmitted normally");
    // The window shrinks to zero: it is probed in the standard way, and the connection lives.
    window(&mut probe, ISS + 4001, 0);
    let probes = probe.wait(Duration::from_secs(10));
    assert!(probes.iter().any(|sent| sent.rule == Rule::ZeroWindowProbe));
    window(&mut probe, ISS + 4001, 5000);
    assert_eq!(probe.sent().iter().map(|sent| sent.segment.len).sum::<u32>(), 1000);
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.6.1
//= type=test
//# Probing of zero (offered) windows MUST be supported (MUST-36).
#[test]
fn a_closed_window_is_probed() {
    let mut probe = Probe::open(Settings::default(), None);
    window(&mut probe, ISS + 1, 0);
    probe.send(b"hello");
    assert!(probe.sent().is_empty());
    let start = probe.now;
    let probes = probe.wait(Duration::from_secs(8));
    let times: Vec<u64> = probes.iter().map(|sent| sent.at.since(start).as_millis() / 1000).collect();
    assert_eq!(times, [1, 3, 7], "after the retransmission timeout, and then ever more rarely");
    assert!(probes.iter().all(|sent| sent.payload == b"h"));
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.6.1
//= type=test
//# As long as the receiving TCP peer continues to send acknowledgments in response to the probe
//# segments, the sending TCP peer MUST allow the connection to stay open (MUST-37).
#[test]
fn a_peer_that_answers_probes_may_keep_its_window_closed_for_ever() {
    let mut probe = Probe::open(Settings::default(), None);
    window(&mut probe, ISS + 1, 0);
    probe.send(b"hello");
    for _ in 0..200 {
        probe.wait(Duration::from_secs(60));
        window(&mut probe, ISS + 1, 0);
    }
    assert_eq!(probe.state(), State::Established);
    window(&mut probe, ISS + 1, 100);
    let sent = probe.sent();
    let text: Vec<u8> = sent.iter().flat_map(|sent| sent.payload.clone()).collect();
    assert_eq!(text, b"hello");
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.6.2.1
//= type=test
//# A TCP implementation MUST include a SWS avoidance algorithm in the sender (MUST-38).
#[test]
fn a_sender_does_not_fill_a_silly_window() {
    let mut probe = Probe::open(Settings::default(), Some(1000));
    probe.send(&[1; 8000]);
    probe.sent();
    // Room for 100 octets where the peer once offered 10 000: not worth a segment.
    window(&mut probe, ISS + 8001, 100);
    probe.send(&[2; 3000]);
    assert!(probe.sent().is_empty());
    window(&mut probe, ISS + 8001, 1000);
    assert_eq!(probe.sent()[0].segment.len, 1000);
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.6.2.2
//= type=test
//# A TCP implementation MUST include a SWS avoidance algorithm in the receiver (MUST-39).
#[test]
fn a_receiver_does_not_offer_a_silly_window() {
    let settings =
        Settings { receive_buffer: 2000, initial_window: 2000, delayed_ack: None, ..Settings::default() };
    let mut probe = Probe::open(settings, Some(1000));
    for number in 0..4 {
        probe.arrive(Flags::ACK, IRS + 1 + 500 * number, ISS + 1, &[1; 500]);
        probe.sent();
    }
    assert_eq!(probe.host.tcb(probe.socket).unwrap().rcv_wnd, 0);
    let mut read = Vec::new();
    probe.host.recv(probe.now, probe.socket, 10, &mut read).unwrap();
    assert!(probe.sent().is_empty(), "10 octets of room are not worth telling");
    probe.arrive(Flags::ACK, IRS + 2001, ISS + 1, b"p");
    assert_eq!(probe.sent()[0].segment.window, 0, "nor are they offered to a probe");
    probe.host.recv(probe.now, probe.socket, 1990, &mut read).unwrap();
    assert_eq!(probe.sent()[0].segment.window, 2000);
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.9.1.2
//= type=test
//# If PUSH flags are not implemented, then the sending TCP peer: (1) MUST NOT buffer data
//# indefinitely (MUST-60), and (2) MUST set the PSH bit in the last buffered segment (i.e., when
//# there is no more queued data to be sent) (MUST-61).
//= https://www.rfc-editor.org/rfc/rfc9293#section-3.9.1.2
//= type=test
//# If PUSH flags are not implemented, then the sending TCP peer: (1) MUST NOT buffer data
//# indefinitely (MUST-60), and (2) MUST set the PSH bit in the last buffered segment (i.e., when
//# there is no more queued data to be sent) (MUST-61).
#[test]
fn text_does_not_wait_for_ever_and_its_last_segment_is_pushed() {
    let mut probe = Probe::open(Settings::default(), Some(1000));
    probe.send(&[1; 2500]);
    let sent = probe.sent();
    assert_eq!(sent.iter().map(|s| s.segment.flags.psh()).collect::<Vec<_>>(), [false, false]);
    // Nagle holds the rest only until what is out has been acknowledged.
    window(&mut probe, ISS + 2001, 10_000);
    let sent = probe.sent();
    assert_eq!((sent[0].segment.len, sent[0].segment.flags.psh()), (500, true));
}
