//! The end of connections.

use handshake::tcp::{Error, Keepalive, Notice, Rule, Settings, State, Transition, What};
use handshake::time::{Duration, Instant};
use handshake::wire::{Flags, Options, SeqNumber, TcpOption};

use super::probe::{IRS, ISS, Probe, addr, host};

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

/// What is told after the connection was over.
fn told_after_the_end(probe: &Probe) -> Vec<What> {
    let ends = |what: &What| matches!(what, What::State(Transition { to: State::Closed, .. }));
    probe.events.iter().map(|event| event.what).skip_while(|what| !ends(what)).skip(1).collect()
}

#[test]
fn nothing_is_timed_in_a_connection_that_is_over() {
    let settings = Settings { user_timeout: Some(Duration::from_secs(5)), ..Settings::default() };
    let mut probe = Probe::open(settings, None);
    probe.send(&[1; 100]);
    probe.host.close(probe.now, probe.socket).unwrap();
    probe.sent();
    // Part of what is outstanding is acknowledged by the very segment that ends the connection.
    assert_eq!(probe.arrive(Flags::ACK, IRS + 1, ISS + 51, b"late").rule, Rule::TextAfterClose);
    assert_eq!(probe.sent()[0].segment.flags, Flags::RST);
    assert_eq!(told_after_the_end(&probe), []);

    let mut probe = Probe::open(settings, None);
    probe.send(&[1; 100]);
    probe.sent();
    probe.arrive(Flags::RST, IRS + 1, 0, b"");
    probe.host.settings_changed(probe.now, probe.socket);
    probe.wait(Duration::from_secs(60));
    assert_eq!(told_after_the_end(&probe), []);
    assert_eq!(probe.notices.iter().filter(|notice| matches!(notice, Notice::Failed(_))).count(), 1);
}

#[test]
fn keep_alive_gives_up_while_a_closed_window_holds_the_fin_back() {
    let keepalive = Keepalive { idle: Duration::from_secs(10), interval: Duration::from_secs(1), count: 2 };
    let settings = Settings { keepalive: Some(keepalive), probe_without_text: true, ..Settings::default() };
    for (peer_first, from) in [(true, State::LastAck), (false, State::Closing)] {
        let mut probe = Probe::open(settings, None);
        probe.arrive_with(Flags::ACK, IRS + 1, ISS + 1, b"", Options::NONE, 0);
        let fin = |probe: &mut Probe| {
            probe.arrive_with(Flags::FIN | Flags::ACK, IRS + 1, ISS + 1, b"", Options::NONE, 0);
        };
        if peer_first {
            fin(&mut probe);
        }
        probe.host.close(probe.now, probe.socket).unwrap();
        if !peer_first {
            fin(&mut probe);
        }
        assert_eq!(probe.state(), from);
        assert!(probe.wait(Duration::from_secs(60)).iter().all(|sent| !sent.segment.flags.fin()));
        let end = Transition { from, to: State::Closed, rule: Rule::KeepaliveGivesUp };
        assert!(probe.saw(What::State(end)), "{:?}", probe.events);
    }
}

/// Fast Open: an answer, and the FIN behind it, may go out before the handshake is complete.
#[test]
fn a_segment_may_change_the_state_four_times() {
    let mut host = host(Settings { fast_open_server: true, ..Settings::default() });
    let (local, remote) = (addr("10.0.0.1:80"), addr("10.0.0.2:40000"));
    let socket = host.listen(Instant::ZERO, local, 5).unwrap();
    let mut probe =
        Probe { host, now: Instant::ZERO, socket, events: vec![], notices: vec![], local, remote };
    let syn = |probe: &mut Probe, cookie: &[u8], text: &[u8]| {
        let mut options = Options::NONE;
        options.push(&TcpOption::FastOpen(cookie));
        probe.arrive_with(Flags::SYN, IRS, 0, text, options, 10_000)
    };
    syn(&mut probe, b"", b"");
    let answer = probe.sent()[0].segment;
    probe.arrive(Flags::RST, IRS + 1, 0, b"");
    assert!(probe.sent().is_empty());
    assert_eq!(syn(&mut probe, answer.options.fast_open().unwrap(), b"hi").rule, Rule::FastOpenAcceptsData);
    probe.socket = probe.host.accept(probe.now, socket).unwrap();
    assert_eq!(probe.host.recv(probe.now, probe.socket, 10, &mut vec![]), Ok(2));
    probe.host.close(probe.now, probe.socket).unwrap();
    let fin = probe.sent().last().unwrap().segment;
    assert!(fin.flags.fin());
    assert_eq!(probe.state(), State::SynReceived);
    probe.events.clear();
    probe.arrive(Flags::ACK, IRS + 3, fin.seq_end().0, b"late");
    let states: Vec<State> = probe
        .events
        .iter()
        .filter_map(|event| match event.what {
            What::State(Transition { to, .. }) => Some(to),
            _ => None,
        })
        .collect();
    assert_eq!(states, [State::Established, State::FinWait1, State::FinWait2, State::Closed]);
    assert!(probe.noticed(Notice::Closed));
    assert_eq!(probe.sent()[0].segment.flags, Flags::RST);
}
