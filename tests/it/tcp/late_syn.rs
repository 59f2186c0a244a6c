//! What a SYN whose timer expired leaves behind: a longer first timeout and a smaller first window.

use handshake::scenario::Scenario;
use handshake::sim;
use handshake::tcp::Rule;
use handshake::timeline::{Kind, Timeline};

/// The client sends 8000 octets over a connection whose handshake suffers this fault.
fn played(fault: &str, host: &str) -> Timeline {
    let text = format!(
        r#"
title = {{ en = "-", zh = "-" }}
notes = {{ en = "-", zh = "-" }}
profile = "rfc9293"
[hosts]
client = {{ addr = "10.0.0.1", isn = 1000{host} }}
server = {{ addr = "10.0.0.2", isn = 5000{host} }}
[link]
delay = "10ms"
[[script]]
at = "0ms"
do = ["server listen 80", "server accept", "server recv all"]
[[script]]
at = "1ms"
do = ["client connect server:80", "client send 8000"]
[[fault]]
match = "{fault}"
act = "lose"
[[fault]]
match = "client data #1"
act = "lose"
"#
    );
    let scenario = Scenario::parse("late", &text).unwrap_or_else(|wrong| panic!("{wrong}"));
    sim::run(&scenario, &sim::Options::default()).unwrap().timeline
}

/// When the client sent text, in milliseconds, and by which rule.
fn text(timeline: &Timeline) -> Vec<(u64, Rule)> {
    let of = |event: &handshake::timeline::Event| match &event.kind {
        Kind::Sent { packet, rule: Some(rule), .. } if packet.segment()?.len > 0 => {
            Some((event.at.as_nanos() / 1_000_000, *rule))
        }
        _ => None,
    };
    timeline.events.iter().filter_map(of).collect()
}

//= https://www.rfc-editor.org/rfc/rfc6298#section-5
//= type=test
//# (5.7) If the timer expires awaiting the ACK of a SYN segment and the
//# TCP implementation is using an RTO less than 3 seconds, the RTO
//# MUST be re-initialized to 3 seconds when data transmission
//# begins (i.e., after the three-way handshake completes).
//= https://www.rfc-editor.org/rfc/rfc5681#section-3.1
//= type=test
//# Further, if the SYN or SYN/ACK is
//# lost, the initial window used by a sender after a correctly
//# transmitted SYN MUST be one segment consisting of at most SMSS bytes.
#[test]
fn without_a_sample_the_first_timeout_is_three_seconds_and_the_first_window_one_segment() {
    let sent = text(&played("client SYN #1", ""));
    assert_eq!(sent[0], (1021, Rule::SendsText));
    assert_eq!(sent[1], (4021, Rule::RetransmitTimeout), "{sent:?}");
}

#[test]
fn an_echo_tells_which_syn_was_answered() {
    let sent = text(&played("client SYN #1", ", timestamps = true"));
    assert_eq!(sent[0], (1021, Rule::SendsText));
    // One segment still, but the round trip of 20 ms is known: the RFC's least timeout is one second.
    assert_eq!(sent[1], (2021, Rule::RetransmitTimeout), "{sent:?}");
}

#[test]
fn a_handshake_in_time_leaves_nothing_behind() {
    let sent = text(&played("client data #2", ""));
    assert!(sent.len() > 3 && sent[1].0 == sent[0].0, "{sent:?}");
}
