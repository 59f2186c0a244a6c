//! The states of both ends, from the segments alone.

use handshake::analyze::{Side, Standing};
use handshake::tcp::State;

use super::talk::{check, check_states, listen};

const OPEN: &str = "
    0    C S   0
    10   S S.  0 1
    20   C .   1 1
";

#[track_caller]
fn check_open(rest: &str, client: &str, server: &str) {
    check_states(
        &format!("{OPEN}{rest}"),
        format!("SYN-SENT ESTABLISHED {client}").trim_end(),
        format!("LISTEN SYN-RECEIVED ESTABLISHED {server}").trim_end(),
    );
}

#[test]
fn four_segments_close() {
    check_open(
        "
        30  C F.  1 1
        40  S .   1 2
        50  S F.  1 2
        60  C .   2 2
        ",
        "FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT",
        "CLOSE-WAIT LAST-ACK CLOSED",
    );
}

#[test]
fn three_segments_close() {
    check_open(
        "
        30  C F.  1 1
        50  S F.  1 2
        60  C .   2 2
        ",
        "FIN-WAIT-1 TIME-WAIT",
        "CLOSE-WAIT LAST-ACK CLOSED",
    );
}

#[test]
fn both_close_at_once() {
    check_open(
        "
        30  C F.  1 1
        31  S F.  1 1
        40  C .   2 2
        41  S .   2 2
        ",
        "FIN-WAIT-1 CLOSING TIME-WAIT",
        "FIN-WAIT-1 CLOSING TIME-WAIT",
    );
}

#[test]
fn both_open_at_once() {
    check_states(
        "
        0   C S   0
        1   S S   0
        10  C S.  0 1
        11  S S.  0 1
        20  C .   1 1
        ",
        "SYN-SENT SYN-RECEIVED ESTABLISHED",
        "SYN-SENT SYN-RECEIVED ESTABLISHED",
    );
}

#[test]
fn what_is_sent_again_shows_what_was_lost() {
    // The third segment was lost: the SYN,ACK comes again, and the state goes back until it is answered.
    let script = "
        0     C S   0
        10    S S.  0 1
        20    C .   1 1
        1010  S S.  0 1
    ";
    check_states(script, "SYN-SENT ESTABLISHED", "LISTEN SYN-RECEIVED");
    let answered = format!("{script}\n1020  C .   1 1");
    check_states(&answered, "SYN-SENT ESTABLISHED", "LISTEN SYN-RECEIVED ESTABLISHED");
    // The last ACK was lost: the FIN comes again.
    let script = "
        30   C F.  1 1
        40   S .   1 2
        50   S F.  1 2
        60   C .   2 2
        260  S F.  1 2
    ";
    check_open(script, "FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT", "CLOSE-WAIT LAST-ACK");
    let answered = format!("{script}\n270  C .  2 2");
    check_open(&answered, "FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT", "CLOSE-WAIT LAST-ACK CLOSED");
    // The FIN's ACK was lost: the FIN comes again.
    check_open(
        "
        30   C F.  1 1
        40   S .   1 2
        230  C F.  1 1
        ",
        "FIN-WAIT-1",
        "CLOSE-WAIT",
    );
}

#[test]
fn a_syn_ack_that_nobody_answered_has_not_arrived() {
    check_states("0 C S 0\n 10 S S. 0 1", "SYN-SENT", "LISTEN SYN-RECEIVED");
}

#[test]
fn resets_end_what_they_may_end() {
    check_states("0 C S 0\n 10 S R. 0 1", "SYN-SENT CLOSED", "");
    check_open("30 S R 1", "CLOSED", "CLOSED");
    // In the window but not exact: RFC 5961 asks back. The sender may be an attacker in its name, and
    // what it sends afterwards shows that it lives.
    check_open("30 S R 501\n 31 C . 1 1\n 40 S P. 1 1 10", "", "");
    // The same exactly at the window's edge, but still from an attacker.
    check_open("30 S R 1\n 40 S P. 1 1 10\n 41 C R 1", "CLOSED", "CLOSED");
}

#[test]
fn a_bad_checksum_arrives_nowhere() {
    check_states("0 C S 0\n 10 S S. 0 1\n 20 C . 1 1 bad", "SYN-SENT ESTABLISHED", "LISTEN SYN-RECEIVED");
}

#[test]
fn the_middle_of_a_connection_is_known_as_such() {
    let standings = |script: &str| {
        let (_, summary) = listen(script, [1000, 5000]);
        summary.connections[0].states
    };
    let open = Standing::AtLeast(State::Established);
    assert_eq!(standings("0 C . 500 500"), [open, Standing::Unknown]);
    assert_eq!(standings("0 C . 500 500\n 1 S . 500 500"), [open, open]);
    // Both send text: neither had closed.
    let certain = Standing::Exactly(State::Established);
    assert_eq!(standings("0 C P. 500 500 10\n 1 S P. 500 510 10"), [certain, certain]);
    // A FIN, and the other end may have sent its own before the capture began.
    let closing = standings("0 C F. 500 500\n 1 S . 500 501");
    assert_eq!(closing[Side::Client.index()], Standing::AtLeast(State::FinWait2));
    check_states(
        "0 C F. 500 500\n 1 S F. 500 501\n 2 C . 501 501",
        "ESTABLISHED FIN-WAIT-1 TIME-WAIT",
        "ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED",
    );
}

#[test]
fn a_host_that_forgot_answers_a_survivor() {
    // The client restarts and opens anew; the server still has the old connection, and the reset that
    // its challenge draws ends that.
    let summary = check(
        "
        0     C S   0           :
        10    S S.  0 1         :
        20    C .   1 1         :
        5000  C S   9000        : reused-ports
        5010  S .   1 1         : challenge-ack
        5020  C R   1           : reset-handshake
        6000  C S   9000        : retransmission,syn-retransmission
        6010  S S.  20000 9001  : lost-segment,reused-ports
        6020  C .   9001 20001  : ack-lost-segment
        ",
    );
    assert_eq!(summary.connections[1].states, [Standing::Exactly(State::Established); 2]);
}
