//! Calls are a program's: entered one after the other, returned when they can.

use handshake::tcp::Error;
use handshake::timeline::{Call, HostId, Kind, Operation, Outcome, Step, Timeline};

use super::{CLIENT, SERVER, run};

/// The calls of a host, entered (`+`) and returned (`-`), with milliseconds.
fn calls(timeline: &Timeline, host: HostId) -> Vec<String> {
    let name = |operation: &Operation| match operation {
        Operation::Bind(_) => "bind",
        Operation::Listen { .. } => "listen",
        Operation::Connect(_) => "connect",
        Operation::Accept => "accept",
        Operation::Send { .. } => "send",
        Operation::Recv { .. } => "recv",
        Operation::Close => "close",
        Operation::Abort => "abort",
        Operation::SetOption { .. } => "set",
        _ => "other",
    };
    timeline
        .events
        .iter()
        .filter(|event| event.host == host)
        .filter_map(|event| match &event.kind {
            Kind::Call(Call { operation, step, .. }) => {
                let sign = if *step == Step::Entered { '+' } else { '-' };
                Some(format!("{sign}{} {}", name(operation), event.at.as_nanos() / 1_000_000))
            }
            _ => None,
        })
        .collect()
}

fn outcomes(timeline: &Timeline, host: HostId) -> Vec<&Outcome> {
    timeline
        .events
        .iter()
        .filter(|event| event.host == host)
        .filter_map(|event| match &event.kind {
            Kind::Call(Call { step: Step::Returned(outcome), .. }) => Some(outcome),
            _ => None,
        })
        .collect()
}

#[test]
fn a_call_waits_for_the_one_before_it() {
    let run = run(
        "profile = \"classic\"",
        "[[script]]\ndo = [\"server listen 80\", \"server accept\", \"server recv\"]\n[[script]]\nat = \"5ms\"\ndo = [\"client connect server:80\", \"client send 'hi'\", \"client close\"]\n",
    );
    assert_eq!(
        calls(&run.timeline, CLIENT),
        ["+connect 5", "-connect 25", "+send 25", "-send 25", "+close 25", "-close 25"]
    );
    assert_eq!(
        calls(&run.timeline, SERVER),
        ["+bind 0", "-bind 0", "+listen 0", "-listen 0", "+accept 0", "-accept 35", "+recv 35", "-recv 35"]
    );
}

#[test]
fn now_does_not_wait() {
    let run = run(
        "profile = \"classic\"",
        "[[script]]\ndo = [\"client connect server:80\"]\n[[script]]\nat = \"5ms\"\ndo = \"client close now\"\n[[fault]]\nmatch = \"client SYN\"\nact = \"lose\"\n",
    );
    let calls = calls(&run.timeline, CLIENT);
    assert_eq!(calls[..3], ["+connect 0", "+close 5", "-close 5"]);
    assert_eq!(calls[3], "-connect 5", "the waiting call ends with its socket");
}

#[test]
fn a_large_send_returns_when_the_last_octet_is_in_the_buffer() {
    let run = run(
        "profile = \"classic\"\n[settings]\nsend_buffer = 1000\n",
        "[[script]]\ndo = [\"server listen 80\", \"server accept\", \"server recv all\"]\n[[script]]\ndo = [\"client connect server:80\", \"client send 3000\", \"client close\"]\n",
    );
    assert_eq!(calls(&run.timeline, CLIENT)[2..4], ["+send 20", "-send 60"]);
    assert!(outcomes(&run.timeline, CLIENT).contains(&&Outcome::Value(3000)));
}

#[test]
fn after_waits_for_the_calls_before() {
    let run = run(
        "profile = \"classic\"",
        "[[script]]\ndo = [\"server listen 80\", \"client connect server:80\"]\n[[script]]\nafter = \"100ms\"\ndo = \"client close\"\n",
    );
    assert_eq!(calls(&run.timeline, CLIENT), ["+connect 0", "-connect 20", "+close 120", "-close 120"]);
}

#[test]
fn errors_are_the_sockets_apis() {
    let run = run(
        "profile = \"classic\"\n[settings]\nephemeral_ports = [50000, 50000]\n",
        r#"[[script]]
do = ["server listen 80", "server twice listen 80"]
[[script]]
do = ["client connect server:81", "client a connect server:80", "client b connect server:80"]
[[script]]
at = "1s"
do = ["client a close", "client a close", "client a send 'x'"]
"#,
    );
    let server = outcomes(&run.timeline, SERVER);
    assert_eq!(server.last(), Some(&&Outcome::Failed(Error::AddrInUse)));
    let client: Vec<&Outcome> = outcomes(&run.timeline, CLIENT);
    assert!(client.contains(&&Outcome::Failed(Error::Refused)));
    assert!(client.contains(&&Outcome::Failed(Error::AddrNotAvailable)));
    assert_eq!(
        client[client.len() - 2..],
        [&Outcome::Failed(Error::Invalid), &Outcome::Failed(Error::Invalid)]
    );
}

#[test]
fn options_set_before_the_socket_hold_for_it() {
    let run = run(
        "profile = \"rfc9293\"",
        "[[script]]\ndo = [\"server listen 80\", \"client set rcvbuf 2000\", \"client connect server:80\"]\n",
    );
    let syn = super::sent(&run.timeline)[0].2.segment().unwrap().window;
    assert_eq!(syn, 2000);
}
