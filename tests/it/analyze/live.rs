//! Captures of real kernels' conversations (`tests/captures/live/README.md` says how they were made).

use std::fmt::Write;
use std::fs::File;
use std::path::Path;

use handshake::analyze::{Analyzer, Config, Finding, Findings, Outcome, Side, Standing, Summary};
use handshake::wire::capture::Reader;

/// A line for each packet that something was found in or that changed a state, then the connections.
fn story(name: &str) -> (String, Summary) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures/live").join(name);
    let mut reader = Reader::open(File::open(path).unwrap()).unwrap();
    let mut analyzer = Analyzer::new(Config::default());
    let mut text = String::new();
    while let Some(record) = reader.next_record().unwrap() {
        let Ok(packet) = record.packet() else { continue };
        let Some(report) = analyzer.push(record.number, record.at, &packet) else { continue };
        let Some(segment) = packet.segment() else { continue };
        let changes: Vec<String> = report
            .changes
            .iter()
            .map(|change| {
                let verb = if change.retracts { "back to " } else { "" };
                format!("{:?} {verb}{}", change.side, change.to)
            })
            .collect();
        if report.findings.is_empty() && changes.is_empty() {
            continue;
        }
        writeln!(
            text,
            "{:>3} {} {:?} {} seq {} ack {} len {} | {} | {}",
            record.number,
            report.stream,
            report.side,
            segment.flags.letters(),
            report.seq,
            report.ack.map_or_else(|| "-".to_owned(), |ack| ack.to_string()),
            segment.len,
            report.findings,
            changes.join(", ")
        )
        .unwrap();
    }
    let summary = analyzer.finish();
    for connection in &summary.connections {
        let state = |side: Side| match connection.states[side.index()] {
            Standing::Unknown => "?".to_owned(),
            Standing::AtLeast(state) => format!("at least {state}"),
            Standing::Exactly(state) => state.to_string(),
        };
        writeln!(
            text,
            "#{} {:?} client {} server {} packets {:?} octets {:?} resends {:?} completeness {}",
            connection.stream,
            connection.outcome,
            state(Side::Client),
            state(Side::Server),
            connection.packets,
            connection.octets,
            connection.resends,
            connection.completeness.0
        )
        .unwrap();
    }
    (text, summary)
}

#[test]
fn loopback_has_no_false_finding() {
    let (text, summary) = story("lo.pcap");
    insta::assert_snapshot!("lo", text);
    // What the programs did on purpose, and nothing else.
    let made = Findings::of(&[
        Finding::ReusedPorts,
        Finding::ResetRefused,
        Finding::ResetAbort,
        Finding::ResetAfterClose,
        Finding::HalfClose,
        Finding::TimeWait,
        Finding::OffloadedChecksum,
    ]);
    for connection in &summary.connections {
        assert_eq!(connection.findings.without(made), Findings::NONE, "connection {}", connection.stream);
        assert_ne!(connection.outcome, Outcome::Open);
    }
}

#[test]
fn loopback_captured_on_both_sides_is_seen_through() {
    let (_, summary) = story("lo-both.pcap");
    for connection in &summary.connections {
        let expected = [Finding::NetworkDuplicate, Finding::TimeWait, Finding::OffloadedChecksum];
        assert_eq!(connection.findings.without(Findings::of(&expected)), Findings::NONE);
        assert_eq!(connection.resends, [0, 0]);
        let copies = summary.counts.of(Finding::NetworkDuplicate) * 2;
        assert_eq!(copies, summary.packets, "every frame came twice");
    }
}

#[test]
fn real_kernels_tell_their_states() {
    for name in ["blind", "crossing", "handshake-loss", "keepalive", "middle", "window"] {
        insta::assert_snapshot!(name, story(&format!("{name}.pcap")).0);
    }
}

#[test]
fn the_same_conversation_seen_from_both_ends() {
    let (client, server) = (story("loss-client.pcap").1, story("loss-server.pcap").1);
    let [client, server] = [&client.connections[0], &server.connections[0]];
    assert_eq!((client.client, client.server), (server.client, server.server));
    assert_eq!(client.outcome, Outcome::Closed);
    assert_eq!(server.outcome, Outcome::Closed);
    assert_eq!(client.states, server.states);
    // The sender's end sees every resend as one; the receiver's end sees only the copies that came.
    assert!(server.resends[Side::Server.index()] > 0);
    for connection in [client, server] {
        assert!(connection.findings.contains(Finding::NetworkDuplicate));
        assert!(connection.findings.contains(Finding::DuplicateAck));
    }
}
