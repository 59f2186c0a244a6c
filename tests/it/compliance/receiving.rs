//! When acknowledgments are sent.

use handshake::tcp::Settings;
use handshake::time::Duration;
use handshake::wire::{Flags, SeqNumber};

use super::probe::{IRS, ISS, Probe};

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.6.3
//= type=test
//# A TCP endpoint SHOULD implement a delayed ACK (SHLD-18), but an ACK should not be excessively
//# delayed; in particular, the delay MUST be less than 0.5 seconds (MUST-40).
#[test]
fn no_acknowledgment_waits_half_a_second() {
    for wish in [Duration::from_millis(200), Duration::from_secs(3)] {
        let mut probe = Probe::open(Settings { delayed_ack: Some(wish), ..Settings::default() }, None);
        let start = probe.now;
        probe.arrive(Flags::ACK, IRS + 1, ISS + 1, b"hello");
        assert!(probe.sent().is_empty(), "the ACK was to be delayed");
        let sent = probe.wait(Duration::from_secs(1));
        assert_eq!(sent[0].segment.ack, SeqNumber(IRS + 6));
        assert!(sent[0].at.since(start) < Duration::from_millis(500));
    }
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.10.7.4
//= type=test
//# In general, the processing of received segments MUST be implemented to aggregate ACK segments
//# whenever possible (MUST-58).
//= https://www.rfc-editor.org/rfc/rfc9293#section-3.10.7.4
//= type=test
//# For example, if the TCP endpoint is processing a series of queued segments, it MUST process them
//# all before sending any ACK segments (MUST-59).
#[test]
fn segments_processed_together_draw_one_acknowledgment() {
    let mut probe = Probe::open(Settings { delayed_ack: None, ..Settings::default() }, None);
    for number in 0..3 {
        probe.arrive(Flags::ACK, IRS + 1 + 5 * number, ISS + 1, b"hello");
    }
    let sent = probe.sent();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].segment.ack, SeqNumber(IRS + 16));
}
