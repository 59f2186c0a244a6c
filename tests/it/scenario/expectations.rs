//! Expected lists, and what `...` stands for.

use handshake::scenario::check;
use handshake::sim;

use super::parse;

/// Whether a close in four segments meets this expectation.
fn holds(expectation: &str) -> bool {
    let scenario = parse(&format!(
        r#"[[script]]
do = ["server listen 80", "server accept", "server recv", "server close"]
[[script]]
at = "1ms"
do = ["client connect server:80", "client close"]
[expect]
{expectation}
"#
    ));
    let run = sim::run(&scenario, &sim::Options::default()).unwrap();
    assert!(run.problems.is_empty());
    check(&scenario, &run.timeline).is_empty()
}

#[test]
fn dots_stand_for_any_number_of_any_segments() {
    assert!(holds(r#"segments = ["..."]"#));
    assert!(holds(r#"segments = ["...", "client ACK"]"#));
    assert!(holds(r#"segments = ["client SYN", "...", "client FIN", "...", "server FIN", "..."]"#));
    assert!(holds(r#"segments = ["...", "client ACK", "...", "client ACK"]"#));
    assert!(!holds(r#"segments = ["...", "server RST", "..."]"#));
    assert!(!holds(r#"segments = ["...", "server FIN"]"#), "the client's ACK comes after it");
    assert!(!holds(r#"segments = ["server SYN,ACK", "..."]"#));
    assert!(!holds("segments = []"));
}

#[test]
fn flags_are_exact_but_for_push_and_the_ack_of_a_fin() {
    assert!(holds(r#"segments = ["...", "client FIN", "..."]"#));
    assert!(holds(r#"segments = ["...", "client FIN,ACK", "..."]"#));
    assert!(!holds(r#"segments = ["...", "client SYN,ACK", "..."]"#));
    assert!(holds(r#"segments = ["any SYN", "any SYN,ACK", "any ACK", "..."]"#));
    assert!(
        holds(r#"segments = ["client SYN+ACK", "..."]"#) == holds(r#"segments = ["client SYN,ACK", "..."]"#)
    );
}

#[test]
fn numbers_may_count_from_the_initial_ones() {
    assert!(holds(
        r#"segments = ["client SYN seq=+0", "server SYN,ACK seq=+0 ack=+1", "client ACK seq=+1 ack=+1", "..."]"#
    ));
    assert!(!holds(r#"segments = ["client SYN seq=+1", "..."]"#));
    assert!(holds(r#"segments = ["client SYN seq=1000 len=0 win>=1000", "..."]"#));
    assert!(!holds(r#"segments = ["client SYN win<=1000", "..."]"#));
}

#[test]
fn times_are_exact_or_near() {
    assert!(holds(r#"segments = ["client SYN at=1ms", "server SYN,ACK at=11ms", "..."]"#));
    assert!(!holds(r#"segments = ["client SYN at=3ms", "..."]"#));
    assert!(holds(r#"segments = ["client SYN at≈3ms", "..."]"#));
    assert!(holds(r#"segments = ["client SYN at~10ms", "..."]"#));
    assert!(!holds(r#"segments = ["client SYN at~20ms", "..."]"#));
}

#[test]
fn states_can_be_of_some_connections_only() {
    assert!(holds(r#"client = ["SYN-SENT", "...", "CLOSED"]"#));
    assert!(holds(r#"server = ["LISTEN", "..."]"#));
    assert!(holds(r#""server with client" = ["SYN-RECEIVED", "..."]"#));
    assert!(holds(r#""server with client:49152" = ["SYN-RECEIVED", "..."]"#));
    assert!(holds(r#""server with client:1" = []"#));
    assert!(!holds(r#"client = ["SYN-SENT", "ESTABLISHED"]"#));
    assert!(holds(r#"client = ["syn_sent", "ESTAB", "..."]"#), "netstat's and ss's spellings are understood");
}

#[test]
fn returns_and_rules_stand_in_their_order() {
    assert!(holds(r#"returns = ["client connect ok", "client close ok"]"#));
    assert!(!holds(r#"returns = ["client close ok", "client connect ok"]"#));
    assert!(holds(r#"returns = ["client close ok", "server recv end"]"#), "each host has its own order");
    assert!(holds(r#"rules = ["client open-active", "client time-wait-expires"]"#));
    assert!(!holds(r#"rules = ["client time-wait-expires", "client open-active"]"#));
}
