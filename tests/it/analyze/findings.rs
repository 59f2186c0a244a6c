//! Every finding once, and what must not be one.

use handshake::analyze::{Finding, Findings, Outcome, Side};

use super::talk::{check, check_from, listen};

const OPEN: &str = "
    0    C S   0             :
    10   S S.  0 1           :
    20   C .   1 1           :
";

fn after_open(rest: &str) -> String {
    format!("{OPEN}{rest}")
}

#[test]
fn an_ordinary_conversation_has_no_findings_but_who_waits_at_the_end() {
    let summary = check(&after_open(
        "
        30   C P.  1 1   100     :
        40   S .   1 101         :
        50   S P.  1 101 900     :
        60   C .   101 901       :
        70   C F.  101 901       :
        80   S .   901 102       :
        90   S F.  901 102       :
        100  C .   102 902       : time-wait
        ",
    ));
    let [connection] = &summary.connections[..] else { panic!("one connection") };
    assert_eq!(connection.outcome, Outcome::Closed);
    assert_eq!(connection.completeness.0, 31);
    assert_eq!((connection.packets, connection.octets), ([6, 5], [100, 900]));
    assert_eq!(connection.findings, Findings::of(&[Finding::TimeWait]));
}

#[test]
fn a_timeout_is_a_retransmission() {
    check(&after_open(
        "
        30   C P.  1 1   100     :
        330  C P.  1 1   100     : retransmission
        340  S .   1 101         :
        ",
    ));
}

#[test]
fn sent_again_though_acknowledged_is_spurious() {
    check(&after_open(
        "
        30   C P.  1 1   100     :
        40   S .   1 101         :
        330  C P.  1 1   100     : spurious-retransmission
        ",
    ));
}

#[test]
fn two_duplicate_acks_make_a_fast_retransmission() {
    let script = after_open(
        "
        30   C .   1 1   100     :
        31   C .   101 1 100     :
        32   C .   201 1 100     :
        33   C .   301 1 100     :
        40   S .   1 101         :
        41   S .   1 101         : duplicate-ack
        42   S .   1 101         : duplicate-ack
        43   S .   1 101         : duplicate-ack
        50   C .   101 1 100     : fast-retransmission
        60   S .   1 401         :
        ",
    );
    check(&script);
    let (reports, _) = listen(&script, [1000, 5000]);
    let duplicates: Vec<u32> = reports.iter().map(|report| report.facts.duplicates).collect();
    assert_eq!(duplicates[8..11], [1, 2, 3]);
    assert_eq!(reports[9].facts.first_ack, 8, "the packet that first had ack 101");
}

#[test]
fn overtaken_is_out_of_order_and_late_is_a_resend() {
    // The handshake took 20 ms: what comes sooner than that was overtaken.
    check(&after_open(
        "
        30   C .   101 1 100     : lost-segment
        35   C .   1 1   100     : out-of-order
        40   S .   1 201         :
        ",
    ));
    check(&after_open(
        "
        30   C .   101 1 100     : lost-segment
        80   C .   1 1   100     : retransmission,missing-first-copy
        90   S .   1 201         :
        ",
    ));
}

#[test]
fn an_ack_of_what_was_not_captured() {
    check(&after_open(
        "
        30   C P.  1 1   100     :
        40   S .   1 301         : ack-lost-segment
        50   S .   1 301         : duplicate-ack
        ",
    ));
}

#[test]
fn windows_close_and_open() {
    check(
        "
        0    C S   0      ws=0        :
        10   S S.  0 1    ws=0 win=200 :
        20   C .   1 1                :
        30   C .   1 1   100          :
        31   C .   101 1 100          : window-full
        40   S .   1 201 win=0        : zero-window
        250  C .   201 1 1            : zero-window-probe
        260  S .   1 201 win=0        : zero-window,zero-window-probe-ack
        300  S .   1 201 win=200      : window-update
        310  C .   201 1 100          :
        ",
    );
}

#[test]
fn a_window_is_scaled_only_as_both_agreed() {
    // 50 << 2 = 200.
    check(
        "
        0    C S   0      ws=7        :
        10   S S.  0 1    ws=2        :
        20   C .   1 1                :
        25   S .   1 1   win=50       : window-update
        30   C .   1 1   200          : window-full
        ",
    );
    check(
        "
        0    C S   0                  :
        10   S S.  0 1    ws=2        :
        20   C .   1 1                :
        25   S .   1 1   win=200      : window-update
        30   C .   1 1   200          : window-full
        ",
    );
}

#[test]
fn keep_alives_are_asked_and_answered() {
    check(&after_open(
        "
        30    C P.  1 1   100    :
        40    S .   1 101        :
        5000  C .   100 1        : keep-alive
        5010  S .   1 101        : keep-alive-ack
        9000  C .   100 1 1      : keep-alive
        9010  S .   1 101        : keep-alive-ack
        ",
    ));
}

#[test]
fn the_network_doubles_packets_and_hosts_do_not() {
    // The same identification: the same packet. Another one: sent again.
    check(&after_open(
        "
        30   C P.  1 1   100  id=77  :
        31   C P.  1 1   100  id=77  : network-duplicate
        40   S .   1 101      id=78  :
        41   S .   1 101      id=78  : network-duplicate
        42   S .   1 101      id=79  : duplicate-ack
        330  C P.  1 1   100  id=80  : spurious-retransmission
        ",
    ));
    // No identification to tell by: only what comes at once and takes numbers is believed to be a copy.
    check(&after_open(
        "
        30    C P.  1 1   100  id=0  :
        30.1  C P.  1 1   100  id=0  : network-duplicate
        40    S .   1 101      id=0  :
        40.1  S .   1 101      id=0  : duplicate-ack
        50    C P.  101 1 100  id=0  :
        350   C P.  101 1 100  id=0  : retransmission
        ",
    ));
}

#[test]
fn a_loopback_captured_on_both_sides_has_every_frame_twice() {
    let summary = check(
        "
        0     C S   0       id=1  :
        0.1   C S   0       id=1  : network-duplicate
        0.2   S S.  0 1     id=0  :
        0.3   S S.  0 1     id=0  : network-duplicate
        0.4   C .   1 1     id=0  :
        0.5   C .   1 1     id=0  : network-duplicate
        0.6   C P.  1 1 10  id=0  :
        0.7   C P.  1 1 10  id=0  : network-duplicate
        0.8   S .   1 11    id=0  :
        0.9   S .   1 11    id=0  : network-duplicate
        ",
    );
    assert_eq!(summary.counts.of(Finding::NetworkDuplicate), 5);
}

#[test]
fn a_skipped_identification_and_silence_tell_of_a_resend() {
    let script = after_open(
        "
        30   C .   1 1   100  id=4  :
        40   C .   101 1 100  id=5  :
        50   C .   201 1 100  id=6  :
        60   C .   301 1 100  id=7  :
        70   S .   1 401            :
        80   C .   401 1 100  id=8  :
        380  C .   501 1 100  id=10 : missing-first-copy
        ",
    );
    check(&script);
    // Something of the other end's came in between: what was skipped may have been an ACK.
    let answered = script
        .replace("id=8  :", "id=8  :\n 100 S . 1 501 :")
        .replace("id=10 : missing-first-copy", "id=10 :");
    check(&answered);
}

#[test]
fn a_d_sack_tells_of_a_copy_that_was_not_captured() {
    check(&after_open(
        "
        30   C .   1 1   100            :
        40   S .   1 101                :
        50   S .   1 101  sack=1-101    : duplicate-ack,unseen-resend
        ",
    ));
    check(&after_open(
        "
        30   C .   1 1   100            :
        330  C .   1 1   100            : retransmission
        340  S .   1 101  sack=1-101    :
        ",
    ));
}

#[test]
fn syns_without_an_answer() {
    let summary = check(
        "
        0     C S   0 :
        1000  C S   0 : retransmission,syn-retransmission
        3000  C S   0 : retransmission,syn-retransmission
        ",
    );
    assert_eq!(summary.connections[0].outcome, Outcome::Unanswered);
    assert_eq!(summary.counts.of(Finding::Unanswered), 1);
}

#[test]
fn a_handshake_that_stops_half_way() {
    let summary = check(
        "
        0     C S   0   :
        10    S S.  0 1 :
        1010  S S.  0 1 : retransmission,syn-retransmission
        ",
    );
    assert_eq!(summary.connections[0].outcome, Outcome::Incomplete);
    assert_eq!(summary.counts.of(Finding::IncompleteHandshake), 1);
}

#[test]
fn every_reset_has_its_reason() {
    let refused = check(
        "
        0   C S   0   :
        10  S R.  0 1 : reset-refused
        ",
    );
    assert_eq!(refused.connections[0].outcome, Outcome::Refused);
    check(
        "
        0   C S   0   :
        10  S S.  0 1 :
        20  C R   1   : reset-handshake
        ",
    );
    let aborted = check(&after_open("30  C R.  1 1 : reset-abort"));
    assert_eq!(aborted.connections[0].outcome, Outcome::Reset(Side::Client));
    check(&after_open(
        "
        30  S F.  1 1     :
        40  C .   1 2     :
        50  C P.  1 2 10  : half-close
        60  S R   2       : reset-after-close
        ",
    ));
    check(&after_open(
        "
        30  C P.  1 1 10  :
        40  S R   1       : reset-no-connection
        ",
    ));
    check(&after_open("30  S R 500000 : reset-ignored"));
    check(&after_open(
        "
        30  S R   501     : reset-challenged
        31  C .   1 1     : duplicate-ack,challenge-ack
        ",
    ));
}

#[test]
fn a_syn_on_an_open_connection_is_challenged() {
    let summary = check(&after_open(
        "
        30  C S   5000    : reused-ports
        31  S .   1 1     : challenge-ack
        32  C R   1       : reset-handshake
        ",
    ));
    assert_eq!(summary.streams, 2);
}

#[test]
fn opens_and_closes_can_cross() {
    check(
        "
        0    C S   0      :
        1    S S   0      : simultaneous-open
        10   C S.  0 1    : retransmission,syn-retransmission
        11   S S.  0 1    : retransmission,syn-retransmission
        30   C F.  1 1    :
        31   S F.  1 1    :
        40   C .   2 2    : simultaneous-close
        41   S .   2 2    : time-wait
        ",
    );
}

#[test]
fn numbers_pass_zero_without_harm() {
    let near = u32::MAX - 149;
    check_from(
        &after_open(
            "
            30   C .   1 1   100     :
            31   C .   101 1 100     : sequence-wrap
            32   C .   201 1 100     :
            40   S .   1 301         :
            50   C .   301 1 100     :
            350  C .   301 1 100     : retransmission
            ",
        ),
        [near, near],
    );
    // Exactly at zero, where Wireshark takes the number for none.
    check_from(
        &after_open(
            "
            30   C .   1 1   99      : sequence-wrap
            40   S .   1 100         :
            50   C .   100 1 100     :
            350  C .   100 1 100     : retransmission
            ",
        ),
        [u32::MAX - 99, 5000],
    );
}

#[test]
fn checksums_wrong_and_left_to_the_card() {
    check(&after_open(
        "
        30   C P.  1 1  100 bad  : bad-checksum
        330  C P.  1 1  100      : retransmission
        ",
    ));
    check(
        "
        0    C S   0      offloaded  : offloaded-checksum
        10   S S.  0 1               :
        20   C .   1 1    offloaded  :
        ",
    );
}

#[test]
fn a_capture_may_begin_in_the_middle() {
    let summary = check(
        "
        0    C P.  901 801 100    : mid-stream
        10   S .   801 1001       :
        20   C .   1001 801 100   :
        ",
    );
    let connection = &summary.connections[0];
    assert!(connection.roles_guessed);
    assert_eq!(connection.client.port(), 40000, "the port that a system chose");
}

#[test]
fn ports_are_used_again() {
    let summary = check(&after_open(
        "
        30    C F.  1 1    :
        40    S F.  1 2    :
        50    C .   2 2    : time-wait
        9000  C S   7000   : reused-ports
        9010  S S.  9000 7001 :
        9020  C .   7001 9001 :
        ",
    ));
    assert_eq!(summary.streams, 2);
    assert_eq!(summary.connections[1].outcome, Outcome::Open);
}

#[test]
fn a_key_finds_its_finding() {
    for finding in Finding::ALL {
        assert_eq!(Finding::from_key(finding.key()), Some(*finding));
        assert!(
            finding
                .wireshark()
                .is_none_or(|field| field == format!("tcp.analysis.{}", finding.key().replace('-', "_")))
        );
    }
}
