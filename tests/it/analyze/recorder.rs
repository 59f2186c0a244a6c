//! A connection of a capture as a timeline.

use handshake::analyze::{Analyzer, Config, Recorder};
use handshake::timeline::{Evidence, Kind, Note, PacketId, Timeline};

use super::talk::{parse, timeline};

/// The events as short words: `> 1` sent, `< 1` arrived, states, findings.
fn words(timeline: &Timeline) -> Vec<String> {
    timeline
        .events
        .iter()
        .map(|event| {
            let host = &timeline.hosts[usize::from(event.host.0)].name[..1];
            match &event.kind {
                Kind::Sent { id: PacketId(id), retransmission: true, .. } => format!("{host}> {id} again"),
                Kind::Sent { id: PacketId(id), .. } => format!("{host}> {id}"),
                Kind::Arrived { id: PacketId(id), .. } => format!("{host}< {id}"),
                Kind::State { from, to, .. } => format!("{host} {from} {to}"),
                Kind::Note(Note::Finding { id: PacketId(id), key, .. }) => format!("{host}: {key} {id}"),
                other => panic!("{other:?}"),
            }
        })
        .collect()
}

#[test]
fn states_stand_before_what_they_send_and_behind_what_changed_them() {
    let timeline = timeline("0 C S 0\n 10 S S. 0 1\n 20 C . 1 1", [1000, 5000]);
    let expected = [
        "c CLOSED SYN-SENT",
        "c> 1",
        "s< 1",
        "s LISTEN SYN-RECEIVED",
        "s> 2",
        "c< 2",
        "c SYN-SENT ESTABLISHED",
        "c> 3",
        "s< 3",
        "s SYN-RECEIVED ESTABLISHED",
    ];
    assert_eq!(words(&timeline), expected);
    assert_eq!(timeline.hosts[0].addrs[0].to_string(), "10.0.0.1");
    for event in &timeline.events {
        let told = match event.kind {
            Kind::Sent { .. } | Kind::Arrived { .. } => Evidence::Observed,
            _ => Evidence::Inferred,
        };
        assert_eq!(event.evidence, told);
    }
}

#[test]
fn what_was_not_reached_is_taken_out() {
    let timeline =
        timeline("0 C S 0\n 10 S S. 0 1\n 20 C . 1 1\n 1010 S S. 0 1\n 1020 C . 1 1", [1000, 5000]);
    let words = words(&timeline);
    let reached: Vec<usize> =
        (0..words.len()).filter(|i| words[*i] == "s SYN-RECEIVED ESTABLISHED").collect();
    assert_eq!(reached.len(), 1);
    assert_eq!(words[reached[0] - 1], "s< 5", "it is the second ACK that arrives");
    assert!(words.contains(&"s> 4 again".to_owned()));
}

#[test]
fn a_copy_arrives_again_under_the_same_number() {
    let timeline = timeline("0 C P. 1 1 5 id=9\n 1 C P. 1 1 5 id=9", [1000, 5000]);
    let words = words(&timeline);
    assert_eq!(words.iter().filter(|word| *word == "c> 1").count(), 1);
    assert_eq!(words.iter().filter(|word| *word == "s< 1").count(), 2);
    assert!(words.contains(&"c: network-duplicate 1".to_owned()));
}

#[test]
fn findings_carry_their_numbers_and_those_about_the_whole_come_last() {
    let timeline = timeline("0 C S 0\n 1000 C S 0", [1000, 5000]);
    let words = words(&timeline);
    assert_eq!(words.last().unwrap(), "c: unanswered 2");
    let Kind::Note(Note::Finding { key, numbers, .. }) = &timeline.events[timeline.events.len() - 2].kind
    else {
        panic!("{words:?}")
    };
    assert_eq!(key, "syn-retransmission");
    assert_eq!(numbers[..], [("millis".into(), 1000)]);
}

#[test]
fn no_more_of_a_payload_is_kept_than_is_wanted() {
    let mut lines = parse("0 C . 1 1 5\n 10 C . 6 1 3\n 20 C . 9 1 0", [1000, 5000]);
    for (line, payload) in lines.iter_mut().zip([&b"hello"[..], b"you", b""]) {
        line.packet.payload = payload;
    }
    let kept = |mut recorder: Recorder| -> Vec<String> {
        let mut analyzer = Analyzer::new(Config::default());
        for (line, number) in lines.iter().zip(1..) {
            let report = analyzer.push(number, line.at, &line.packet).unwrap();
            recorder.record(number, line.at, &line.packet, &report);
        }
        let packets = recorder.finish(None).events.into_iter().filter_map(|event| match event.kind {
            Kind::Arrived { packet, .. } => Some(packet.payload),
            _ => None,
        });
        packets.map(|payload| String::from_utf8(payload.to_vec()).unwrap()).collect()
    };
    assert_eq!(kept(Recorder::new()), ["hello", "you", ""]);
    assert_eq!(kept(Recorder::with_payloads_of(4)), ["hell", "you", ""]);
}
