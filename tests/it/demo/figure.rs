//! The notes' figure, of simulated conversations: they are the same every time.

use std::fmt::Write as _;

use handshake::demo::figure::{Figure, Label, draw};
use handshake::lang::{Catalog, Lang};
use handshake::scenario::{Scenario, builtin};
use handshake::sim;
use unicode_width::UnicodeWidthStr;

fn figure(name: &str) -> Figure {
    let (_, text) = builtin().iter().find(|(known, _)| *known == name).unwrap();
    let scenario = Scenario::parse(name, text).unwrap();
    Figure::of(&sim::run(&scenario, &sim::Options::default()).unwrap().timeline, "client")
}

#[test]
fn conversations() {
    let mut text = String::new();
    for name in
        ["teardown", "three-segment-close", "closed-port", "half-close", "simultaneous-close", "udp-echo"]
    {
        for lang in Lang::ALL {
            let lines = draw(&figure(name), &Catalog::new(lang), 80);
            writeln!(text, "=== {name} {lang}\n{}\n", lines.join("\n")).unwrap();
        }
    }
    insta::assert_snapshot!(text);
}

#[test]
fn every_scenario_keeps_its_columns() {
    for (name, _) in builtin() {
        let figure = figure(name);
        for lang in Lang::ALL {
            for width in [80, 54, 100] {
                for line in draw(&figure, &Catalog::new(lang), width) {
                    assert!(line.width() <= 80, "{name}: {line}");
                    assert!(!line.contains('⟦'), "{name}: {line}");
                }
            }
            assert_eq!(draw(&figure, &Catalog::new(lang), 40), Vec::<String>::new());
        }
    }
}

#[test]
fn states_are_left_out_where_they_do_not_fit() {
    let [wide, narrow] = [80, 60].map(|width| draw(&figure("teardown"), &Catalog::new(Lang::En), width));
    assert_eq!(wide.len(), narrow.len());
    assert!(wide.iter().any(|line| line.contains("ESTABLISHED")));
    assert!(narrow.iter().all(|line| !line.contains("ESTABLISHED")));
    let rows = |lines: &[String]| lines.iter().filter(|line| line.contains('●')).cloned().collect::<Vec<_>>();
    assert!(rows(&narrow).iter().all(|line| line.width() <= 54), "{narrow:?}");
}

#[test]
fn nothing_happened() {
    assert_eq!(draw(&Figure::default(), &Catalog::new(Lang::En), 80), Vec::<String>::new());
    // The largest numbers still fit between the ends.
    let mut figure = figure("udp-echo");
    for row in &mut figure.rows {
        if let handshake::demo::figure::Between::Arrow { label, .. } = &mut row.between {
            *label = Label::Bytes(u32::MAX, "FIN,SYN,RST,PSH,ACK,URG,ECE".to_owned());
        }
        row.ends[0].call = "recvfrom() = 2147483647 \x1b[31m".to_owned();
    }
    for line in draw(&figure, &Catalog::new(Lang::Zh), 80) {
        assert!(line.width() <= 80 && !line.contains('\x1b'), "{line}");
    }
}
