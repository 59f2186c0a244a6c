//! The end of connections.

use handshake::tcp::{Error, Notice, Rule, Settings, State};
use handshake::time::Duration;
use handshake::wire::{Flags, SeqNumber};

use super::probe::{IRS, ISS, Probe};

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.6
//= type=test
//# If the local TCP connection is closed by the remote side due to a FIN or RST received from the
//# remote side, then the local application MUST be informed whether it closed normally or was
//# aborted (MUST-12).
#[test]
fn the_application_learns_whether_the_peer_closed_or_reset() {
    let mut probe = Probe::open(Settings::default(), None);
    probe.arrive(Flags::FIN | Flags::ACK, IRS + 1, ISS + 1, b"");
    assert!(probe.noticed(Notice::PeerClosed));
    assert_eq!(probe.host.recv(probe.now, probe.socket, 10, &mut vec![]), Ok(0));

    let mut probe = Probe::open(Settings::default(), None);
    probe.arrive(Flags::RST, IRS + 1, 0, b"");
    assert!(probe.noticed(Notice::Failed(Error::Reset)));
    assert_eq!(probe.host.recv(probe.now, probe.socket, 10, &mut vec![]), Err(Error::Reset));
}

/// In TIME-WAIT after an active close.
fn in_time_wait() -> Probe {
    let mut probe = Probe::open(Settings::default(), None);
    probe.host.close(probe.now, probe.socket).unwrap();
    assert_eq!(probe.sent()[0].segment.flags, Flags::FIN | Flags::ACK);
    probe.arrive(Flags::FIN | Flags::ACK, IRS + 1, ISS + 2, b"");
    assert_eq!(probe.sent()[0].segment.ack, SeqNumber(IRS + 2));
    assert_eq!(probe.state(), State::TimeWait);
    probe
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.6.1
//= type=test
//# When a connection is closed actively, it MUST linger in the TIME-WAIT state for a time 2xMSL
//# (Maximum Segment Lifetime) (MUST-13).
#[test]
fn the_active_closer_stays_in_time_wait_for_2_msl() {
    let mut probe = in_time_wait();
    probe.wait(Duration::from_millis(239_999));
    assert_eq!(probe.state(), State::TimeWait);
    probe.wait(Duration::from_millis(1));
    assert_eq!(probe.state(), State::Closed);
}

#[test]
fn a_repeated_fin_starts_time_wait_anew() {
    let mut probe = in_time_wait();
    probe.wait(Duration::from_secs(200));
    assert_eq!(probe.arrive(Flags::FIN | Flags::ACK, IRS + 1, ISS + 2, b"").rule, Rule::TimeWaitFinRepeated);
    assert_eq!(probe.sent()[0].segment.ack, SeqNumber(IRS + 2));
    probe.wait(Duration::from_secs(239));
    assert_eq!(probe.state(), State::TimeWait);
    probe.wait(Duration::from_secs(1));
    assert_eq!(probe.state(), State::Closed);
}
