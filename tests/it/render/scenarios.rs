//! Every built-in scenario, drawn: columns hold, and no word is missing.

use handshake::lang::Lang;
use handshake::render::{Options, Style, text};
use handshake::scenario::{Scenario, builtin};
use handshake::timeline::{Kind, Timeline};
use handshake::wire::capture::PcapngWriter;
use handshake::wire::{LinkType, encode_ip};
use unicode_width::UnicodeWidthStr;

fn runs() -> impl Iterator<Item = (&'static str, Timeline)> {
    builtin().iter().map(|(name, source)| {
        let scenario = Scenario::parse(name, source).unwrap_or_else(|error| panic!("{error:?}"));
        let run = handshake::sim::run(&scenario, &handshake::sim::Options::default()).unwrap();
        (*name, run.timeline)
    })
}

#[test]
fn columns_hold_and_no_word_is_missing() {
    for (name, timeline) in runs() {
        for lang in Lang::ALL {
            for width in [40, 80, 120] {
                let drawn = text(&timeline, &Options { lang, width, ..Options::default() });
                for line in drawn.lines() {
                    assert!(line.width() <= width, "{name} {lang} {width}: {line:?}");
                    assert!(!line.contains(['⟦', '⟧']) && !line.contains("{$"), "{name} {lang}: {line}");
                }
                let figure =
                    text(&timeline, &Options { lang, width, style: Style::Rfc, ..Options::default() });
                for line in figure.lines() {
                    assert!(line.width() <= width, "{name} rfc {width}: {line:?}");
                }
                let marks = ['│', '┊', '●'];
                let lanes = drawn.lines().filter(|line| line.contains(['│', '┊'])).map(|line| {
                    let column = |byte: usize| line[..byte].width();
                    (column(line.find(marks).unwrap()), column(line.rfind(marks).unwrap()))
                });
                let lanes: std::collections::BTreeSet<_> = lanes.collect();
                assert_eq!(lanes.len(), 1, "{name} {lang} {width}: lifelines at {lanes:?}\n{drawn}");
            }
        }
    }
}

#[test]
fn every_scenario_comes_back_from_json() {
    use handshake::render::json;
    for (name, timeline) in runs() {
        let mut written = Vec::new();
        json::write(&timeline, &mut written).unwrap();
        assert_eq!(json::read(written.as_slice()).unwrap(), timeline, "{name}");
    }
}

/// The TCP packets of a timeline in the order in which they were sent, as a capture.
fn capture(timeline: &Timeline) -> Vec<u8> {
    let mut file = PcapngWriter::new(Vec::new()).unwrap();
    let interface = file.add_interface(LinkType::RawIp, "test").unwrap();
    let mut octets = Vec::new();
    for event in &timeline.events {
        let Kind::Sent { packet, .. } = &event.kind else { continue };
        if packet.segment().is_some() {
            octets.clear();
            encode_ip(&packet.ip, &packet.transport, &packet.payload, &mut octets);
            file.write(interface, event.at, &octets, None).unwrap();
        }
    }
    file.finish().unwrap()
}

/// The style `tcpdump` is what tcpdump prints of the same packets, up to its guesses at the contents.
#[test]
fn tcpdump_prints_the_same_lines() {
    let Some(tcpdump) = crate::tool::find("tcpdump") else { return };
    let directory = tempfile::tempdir().unwrap();
    let mut compared = 0;
    for (name, timeline) in runs() {
        for absolute in [false, true] {
            let file = directory.path().join("packets.pcapng");
            std::fs::write(&file, capture(&timeline)).unwrap();
            let mut command = std::process::Command::new(&tcpdump);
            command.args(["-n", "-t", "-r"]).arg(&file).args(absolute.then_some("-S"));
            let output = command.output().unwrap();
            assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
            // Ports make tcpdump guess at contents, "length 5: HTTP", and show them in more lines.
            let plain = |line: &str| {
                let end = line.find(", length ").map_or(line.len(), |at| at + 9);
                let digits = line[end..].find(|c: char| !c.is_ascii_digit()).unwrap_or(line.len() - end);
                // tcpdump writes two blanks here, by an oversight.
                line[..end + digits].replace("tfo  ", "tfo ")
            };
            let theirs = String::from_utf8_lossy(&output.stdout).into_owned();
            let theirs: Vec<String> =
                theirs.lines().filter(|line| line.starts_with("IP")).map(plain).collect();
            let drawn = text(&timeline, &Options { style: Style::Tcpdump, absolute, ..Options::default() });
            let ours = drawn.lines().map(|line| line.split_once(' ').unwrap().1);
            let ours: Vec<String> = ours.filter(|line| line.contains(": Flags [")).map(plain).collect();
            assert_eq!(ours, theirs, "{name}");
            compared += ours.len();
        }
    }
    assert!(compared > 600, "only {compared} packets compared");
}

#[test]
fn a_fin_that_was_kept_is_acknowledged_by_its_own_number() {
    let (_, timeline) = runs().find(|(name, _)| *name == "fin-before-data").unwrap();
    let drawn = text(&timeline, &Options { width: 120, ..Options::default() });
    // The data ends at 1006, where the FIN that came before it begins.
    assert!(drawn.contains("We acknowledge it with 1007."), "{drawn}");
    assert!(drawn.contains("ACK of the FIN: ack = 1006 + 1 = 1007."), "{drawn}");
}
