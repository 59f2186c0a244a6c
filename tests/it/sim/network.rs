//! Links and faults, packet by packet.

use std::fmt::Write as _;

use handshake::scenario::Scenario;
use handshake::sim::{self, Options};
use handshake::tcp::Rule;
use handshake::timeline::{Kind, LossCause, Note};
use handshake::wire::Defect;

use super::{CLIENT, SERVER, arrived, run, scenario, sent};

const OPEN: &str = "[[script]]\ndo = [\"server listen 80\", \"client connect server:80\"]\n";

#[test]
fn each_direction_has_its_delay() {
    let run = run("", &format!("[link]\ndelay = \"10ms\"\n\"server>client\" = \"30ms\"\n{OPEN}"));
    let times: Vec<u64> = arrived(&run.timeline).iter().map(|(at, ..)| *at).collect();
    assert_eq!(times, [10, 40, 50]);
}

#[test]
fn bandwidth_makes_packets_wait_for_each_other() {
    // 1000 octets of text and 40 of headers at 83.2 kbit/s take 100 ms each.
    let link = "[link]\ndelay = \"0ms\"\n\"client>server\" = { bandwidth = \"83.2kbit\" }\n";
    let steps = "[[script]]\ndo = [\"server udp bind 7\"]\n[[script]]\ndo = [\"client udp send 1012 to server:7\", \"client udp send 1012 to server:7\"]\n";
    let run = run("", &format!("{link}{steps}"));
    let times: Vec<u64> = arrived(&run.timeline).iter().map(|(at, ..)| *at).collect();
    assert_eq!(times, [100, 200]);
}

#[test]
fn a_corrupted_packet_arrives_and_is_dropped_for_its_checksum() {
    let run = run("", &format!("{OPEN}[[fault]]\nmatch = \"client SYN #1\"\nact = \"corrupt\"\n"));
    let first = run.timeline.events.iter().find_map(|event| match &event.kind {
        Kind::Arrived { packet, rule, .. } => Some((packet, *rule)),
        _ => None,
    });
    let (packet, rule) = first.unwrap();
    assert!(packet.defects.contains(Defect::BadChecksum));
    assert_eq!(rule, Some(Rule::BadChecksumDropped));
    assert!(
        run.timeline.events.iter().any(|event| matches!(event.kind, Kind::Note(Note::FaultTouched { .. })))
    );
}

#[test]
fn copies_keep_their_number_and_bytes_retransmissions_do_not() {
    let run = run(
        "",
        &format!(
            "{OPEN}[[fault]]\nmatch = \"client SYN #1\"\nact = \"duplicate 2 after 1ms\"\n[[fault]]\nmatch = \"server SYN,ACK #1..3\"\nact = \"lose\"\n"
        ),
    );
    let ids: Vec<u32> = run
        .timeline
        .events
        .iter()
        .filter_map(|event| match &event.kind {
            Kind::Arrived { id, packet, .. } if event.host == SERVER && packet.segment()?.flags.syn() => {
                Some(id.0)
            }
            _ => None,
        })
        .collect();
    assert_eq!(ids[..3], [1, 1, 1]);
    assert!(ids[3..].iter().all(|id| *id != 1));
    let syns: Vec<u16> = sent(&run.timeline)
        .iter()
        .filter(|(_, host, packet)| *host == CLIENT && packet.segment().unwrap().flags.syn())
        .map(|(.., packet)| packet.ip.id)
        .collect();
    assert!(syns.len() > 1 && syns[0] != syns[1], "a retransmission has an identification of its own");
}

#[test]
fn a_held_packet_goes_on_when_it_is_released() {
    let run = run(
        "",
        &format!(
            "{OPEN}[[script]]\nat = \"500ms\"\ndo = \"release first\"\n[[fault]]\nname = \"first\"\nmatch = \"client SYN #1\"\nact = \"hold\"\n"
        ),
    );
    let (at, host, _) = arrived(&run.timeline)[0];
    assert_eq!((at, host), (510, SERVER));
}

#[test]
fn who_waits_to_be_overtaken_does_not_wait_for_ever() {
    let run = run("", &format!("{OPEN}[[fault]]\nmatch = \"client SYN #1\"\nact = \"reorder 1\"\n"));
    let (at, ..) = arrived(&run.timeline)[0];
    assert_eq!(at, 200, "nobody came in 200 ms");
}

#[test]
fn losses_have_their_causes() {
    let steps = r#"[[script]]
do = ["server listen 80", "client connect server:80"]
[[script]]
at = "1s"
do = ["server crash", "client send 'x'", "client far connect 10.9.9.9:80"]
[[fault]]
match = "client SYN #1"
act = "lose"
"#;
    let run = run("until = \"1200ms\"", steps);
    let causes: Vec<&LossCause> = run
        .timeline
        .events
        .iter()
        .filter_map(|event| if let Kind::Lost { cause, .. } = &event.kind { Some(cause) } else { None })
        .collect();
    let fault = LossCause::Fault("lose client SYN #1".into());
    assert!(causes.contains(&&fault), "{causes:?}");
    assert!(causes.contains(&&LossCause::NoRoute), "{causes:?}");
    assert!(causes.contains(&&LossCause::HostDown), "{causes:?}");
}

#[test]
fn chance_comes_near_to_its_measure() {
    let link = "[link]\ndelay = \"1ms\"\nloss = \"20%\"\n";
    let send = "\"client udp send 10 to server:7\", ".repeat(500);
    let steps = format!("[[script]]\ndo = \"server udp bind 7\"\n[[script]]\ndo = [{send}]\n");
    let run = run("", &format!("{link}{steps}"));
    let lost = run.timeline.events.iter().filter(|event| matches!(event.kind, Kind::Lost { .. })).count();
    assert!((70..130).contains(&lost), "{lost} of 500");
}

#[test]
fn what_never_ends_is_given_up_unless_it_has_an_end() {
    let steps = "[[script]]\ndo = [\"server listen 80\", \"client connect server:80\", \"client set keepalive idle 1ms interval 1ms\"]\n";
    let endless = scenario("", &format!("[link]\ndelay = \"0ms\"\n{steps}"));
    let stopped =
        Options { until: Some(handshake::time::Instant::from_nanos(2_000_000_000)), ..Options::default() };
    let run = sim::run(&endless, &stopped).unwrap();
    assert!(run.timeline.events.last().unwrap().at.as_nanos() <= 2_000_000_000);
}

#[test]
fn many_clients_find_their_connections() {
    let (mut clients, mut connects) = (String::new(), String::new());
    for i in 0..200 {
        let _ = writeln!(clients, "c{i} = \"10.1.{}.{}\"", i / 100, i % 100 + 1);
        let _ = write!(connects, "\"c{i} connect server:80\", \"c{i} send 'x'\", \"c{i} close\", ");
    }
    let text = format!(
        r#"title = {{ en = "Many", zh = "许多" }}
notes = {{ en = "x", zh = "x" }}
profile = "classic"
[hosts]
server = "10.0.0.2"
{clients}
[[script]]
do = ["server listen 80 backlog 1000", "server accept forever"]
[[script]]
do = [{connects}]
"#
    );
    let scenario = Scenario::parse("many", &text).unwrap();
    let run = sim::run(&scenario, &Options::default()).unwrap();
    let accepted = run
        .timeline
        .events
        .iter()
        .filter(|event| {
            matches!(&event.kind, Kind::Call(call) if matches!(call.step, handshake::timeline::Step::Returned(handshake::timeline::Outcome::Accepted { .. })))
        })
        .count();
    assert_eq!(accepted, 200);
}
