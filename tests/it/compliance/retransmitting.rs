//! Retransmission, its limits, keep-alive, Nagle.

use handshake::tcp::{Error, Keepalive, Notice, Profile, Rule, Settings, State, What};
use handshake::time::{Duration, Instant};
use handshake::wire::{Flags, SeqNumber};

use super::probe::{IRS, ISS, Probe, Sent};

fn seconds(sent: &[Sent]) -> Vec<u64> {
    sent.iter().map(|sent| sent.at.since(Instant::ZERO).as_millis() / 1000).collect()
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.7.4
//= type=test
//# However, there MUST be a way for an application to disable the Nagle algorithm on an individual
//# connection (MUST-17).
#[test]
fn nagle_can_be_switched_off_on_one_connection() {
    let mut probe = Probe::open(Settings::default(), None);
    probe.send(b"a");
    assert_eq!(probe.sent().len(), 1);
    probe.send(b"b");
    assert!(probe.sent().is_empty(), "Nagle holds the second octet");
    probe.host.settings_mut(probe.socket).unwrap().nagle = false;
    probe.host.settings_changed(probe.now, probe.socket);
    assert_eq!(probe.sent()[0].payload, b"b");
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.1
//= type=test
//# The RTO MUST be computed according to the algorithm in [10], including Karn's algorithm for
//# taking RTT samples (MUST-18).
#[test]
fn a_retransmitted_segment_gives_no_round_trip_sample() {
    let mut probe = Probe::open(Settings::default(), None);
    probe.send(b"a");
    let sent = probe.wait(Duration::from_millis(2500));
    assert_eq!(sent.len(), 2);
    // The answer comes 1.5 s after the second copy; taken as a sample of either copy it would change the
    // timeout. Karn: the backed-off timeout of 2 s stays for the next segment.
    probe.arrive(Flags::ACK, IRS + 1, ISS + 2, b"");
    assert!(probe.saw(What::Rule(Rule::KarnSkipsSample)));
    probe.send(b"b");
    let start = probe.now;
    let sent = probe.wait(Duration::from_secs(4));
    assert_eq!(sent[1].at.since(start), Duration::from_secs(2));
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.2
//= type=test
//# A TCP endpoint MUST implement the basic congestion control algorithms slow start, congestion
//# avoidance, and exponential backoff of RTO to avoid creating congestion collapse conditions
//# (MUST-19).
#[test]
fn the_window_opens_slowly_and_the_timer_backs_off() {
    let settings = Settings { initial_cwnd: 1, ..Settings::default() };
    let mut probe = Probe::open(settings, Some(1000));
    probe.send(&[1; 8000]);
    assert_eq!(probe.sent().len(), 1, "slow start begins with the initial window");
    probe.arrive(Flags::ACK, IRS + 1, ISS + 1001, b"");
    assert_eq!(probe.sent().len(), 2, "one more for each segment acknowledged");
    let start = probe.now;
    let again = probe.wait(Duration::from_secs(8));
    let waits: Vec<u64> = again.iter().map(|sent| sent.at.since(start).as_millis() / 1000).collect();
    assert_eq!(waits, [1, 3, 7]);
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.3
//= type=test
//# The following procedure MUST be used to handle excessive retransmissions of data segments
//# (MUST-20):
#[test]
fn many_retransmissions_are_told_and_too_many_end_the_connection() {
    let mut probe = Probe::open(Settings::default(), None);
    probe.send(b"a");
    let sent = probe.wait(Duration::from_secs(10));
    assert_eq!(seconds(&sent), [0, 1, 3, 7]);
    assert!(!probe.saw(What::Rule(Rule::RetransmissionsMount)), "R1 is not reached yet");
    probe.wait(Duration::from_secs(10));
    assert!(probe.saw(What::Rule(Rule::RetransmissionsMount)));
    probe.wait(Duration::from_secs(90));
    assert_eq!(probe.state(), State::Established, "R2 is at least 100 s");
    probe.wait(Duration::from_secs(20));
    assert_eq!(probe.state(), State::Closed);
    assert!(probe.noticed(Notice::Failed(Error::TimedOut)));
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.3
//= type=test
//# An application MUST (MUST-21) be able to set the value for R2 for a particular connection.
#[test]
fn the_limit_can_be_set_on_one_connection() {
    let mut probe = Probe::open(Settings::default(), None);
    probe.host.settings_mut(probe.socket).unwrap().retries = 1;
    probe.send(b"a");
    probe.wait(Duration::from_secs(3));
    assert_eq!(probe.state(), State::Closed);
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.3
//= type=test
//# SYN retransmissions MUST be handled in the general way just described for data retransmissions, including
//# notification of the application layer. (MUST-22)
//= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.3
//= type=test
//# In particular, R2 for a SYN segment MUST be set large enough to provide retransmission of the
//# segment for at least 3 minutes (MUST-23).
#[test]
fn a_syn_is_repeated_for_at_least_three_minutes_and_its_failure_told() {
    let mut probe = Probe::opening(Settings::default());
    let sent = probe.wait(Duration::from_secs(179));
    assert_eq!(seconds(&sent), [1, 3, 7, 15, 31, 63, 123]);
    assert_eq!(probe.state(), State::SynSent);
    assert!(probe.saw(What::Rule(Rule::RetransmissionsMount)));
    probe.wait(Duration::from_secs(10));
    assert_eq!(probe.state(), State::Closed);
    assert!(probe.noticed(Notice::Failed(Error::TimedOut)));
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.4
//= type=test
//# If keep-alives are included, the application MUST be able to turn them on or off for each TCP
//# connection (MUST-24), and they MUST default to off (MUST-25).
//= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.4
//= type=test
//# If keep-alives are included, the application MUST be able to turn them on or off for each TCP
//# connection (MUST-24), and they MUST default to off (MUST-25).
#[test]
fn keep_alive_is_off_and_can_be_switched_on_for_one_connection() {
    for profile in Profile::ALL {
        assert_eq!(Settings::of(profile).keepalive, None);
    }
    let mut probe = Probe::open(Settings::default(), None);
    assert!(probe.wait(Duration::from_secs(20_000)).is_empty());
    probe.host.settings_mut(probe.socket).unwrap().keepalive = Some(Keepalive::default());
    probe.host.settings_changed(probe.now, probe.socket);
    assert_eq!(probe.wait(Duration::from_secs(7200)).len(), 1);
    probe.host.settings_mut(probe.socket).unwrap().keepalive = None;
    probe.host.settings_changed(probe.now, probe.socket);
    assert!(probe.wait(Duration::from_secs(20_000)).is_empty());
}

fn with_keepalive(idle: u64) -> Probe {
    let keepalive = Keepalive { idle: Duration::from_secs(idle), interval: Duration::from_secs(5), count: 3 };
    Probe::open(Settings { keepalive: Some(keepalive), ..Settings::default() }, None)
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.4
//= type=test
//# Keep-alive packets MUST only be sent when no sent data is outstanding, and no data or
//# acknowledgment packets have been received for the connection within an interval (MUST-26).
//= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.4
//= type=test
//# This interval MUST be configurable (MUST-27) and MUST default to no less than two hours
//# (MUST-28).
#[test]
fn a_probe_goes_out_only_after_the_silence_that_was_set() {
    let mut probe = with_keepalive(60);
    assert!(probe.wait(Duration::from_secs(59)).is_empty());
    probe.arrive(Flags::ACK, IRS + 1, ISS + 1, b"x");
    probe.wait(Duration::from_secs(1));
    assert!(probe.wait(Duration::from_secs(58)).is_empty(), "the peer was heard, the silence begins anew");
    let sent = probe.wait(Duration::from_secs(1));
    assert_eq!(sent[0].segment.seq, SeqNumber(ISS), "a probe stands just below SND.NXT");
    assert_eq!(sent[0].rule, Rule::KeepaliveProbe);
    // While text is outstanding its retransmission does the asking.
    let mut probe = with_keepalive(2);
    probe.send(b"a");
    assert!(probe.wait(Duration::from_secs(10)).iter().all(|sent| sent.rule != Rule::KeepaliveProbe));
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.4
//= type=test
//# This interval MUST be configurable (MUST-27) and MUST default to no less than two hours
//# (MUST-28).
#[test]
fn the_usual_silence_is_two_hours() {
    assert_eq!(Keepalive::default().idle, Duration::from_secs(2 * 60 * 60));
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.4
//= type=test
//# Consequently, if a keep-alive mechanism is implemented it MUST NOT interpret failure to respond
//# to any specific probe as a dead connection (MUST-29).
#[test]
fn one_unanswered_probe_is_no_dead_peer() {
    let mut probe = with_keepalive(60);
    probe.wait(Duration::from_secs(66));
    assert_eq!(probe.state(), State::Established);
    probe.arrive(Flags::ACK, IRS + 1, ISS + 1, b"");
    assert_eq!(probe.wait(Duration::from_secs(70)).len(), 3, "answered: the count begins anew");
    probe.wait(Duration::from_secs(10));
    assert_eq!(probe.state(), State::Closed);
}
