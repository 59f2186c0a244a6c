//! Columns hold: at every width, in both languages, with and without ASCII.

use handshake::lang::Lang;
use handshake::render::{Options, Style, text};
use handshake::timeline::Timeline;
use unicode_width::UnicodeWidthStr;

use super::sample;

fn samples() -> Vec<(&'static str, Timeline)> {
    vec![
        ("whole", sample::whole()),
        ("refused", sample::refused()),
        ("simultaneous", sample::simultaneous()),
        ("disorder", sample::disorder()),
        ("attacked", sample::attacked()),
        ("observed", sample::observed()),
        ("datagrams", sample::datagrams()),
        ("hostile", sample::hostile()),
        ("empty", Timeline::default()),
    ]
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for (name, timeline) in samples() {
        for lang in Lang::ALL {
            for width in [36, 40, 50, 63, 64, 80, 99, 120, 200] {
                for ascii in [false, true] {
                    let options = Options { lang, width, ascii, ..Options::default() };
                    for line in text(&timeline, &options).lines() {
                        assert!(line.width() <= width, "{name} {lang} {width}: {line:?} is {}", line.width());
                    }
                }
            }
        }
    }
}

#[test]
fn lifelines_are_straight() {
    for (name, timeline) in samples().into_iter().filter(|(name, _)| *name != "empty") {
        for lang in Lang::ALL {
            for width in [40, 80, 120] {
                let options = Options { lang, width, ..Options::default() };
                let drawn = text(&timeline, &options);
                let marks = ['│', '┊', '●'];
                let columns: Vec<(usize, usize)> = drawn
                    .lines()
                    .filter(|line| line.contains(['│', '┊']))
                    .map(|line| {
                        let at = |byte: usize| line[..byte].width();
                        (at(line.find(marks).unwrap()), at(line.rfind(marks).unwrap()))
                    })
                    .collect();
                assert!(columns.len() > 3, "{name} {lang} {width}: {drawn}");
                assert!(columns.iter().all(|pair| *pair == columns[0]), "{name} {lang} {width}:\n{drawn}");
            }
        }
    }
}

#[test]
fn wide_terminals_get_longer_lines_up_to_a_limit() {
    let widest = |width| {
        let options = Options { width, ..Options::default() };
        text(&sample::whole(), &options).lines().map(UnicodeWidthStr::width).max().unwrap()
    };
    assert_eq!(widest(80), 80);
    assert_eq!(widest(100), 100);
    assert_eq!(widest(200), 120);
}

#[test]
fn ascii_means_ascii() {
    let options = Options { ascii: true, ..Options::default() };
    for (name, timeline) in [("whole", sample::whole()), ("disorder", sample::disorder())] {
        let drawn = text(&timeline, &options);
        assert!(drawn.is_ascii(), "{name}: {:?}", drawn.chars().find(|c| !c.is_ascii()));
    }
}

#[test]
fn colour_only_decorates() {
    for lang in Lang::ALL {
        let plain = text(&sample::whole(), &Options { lang, ..Options::default() });
        let coloured = text(&sample::whole(), &Options { lang, color: true, ..Options::default() });
        assert!(!plain.contains('\u{1b}'));
        assert_eq!(coloured.contains('\u{1b}'), cfg!(feature = "cli"));
        assert_eq!(without_colour(&coloured), plain);
    }
}

/// The text less its `ESC [ … m` sequences; blanks before a line's end may differ.
fn without_colour(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\u{1b}') {
        plain.push_str(&rest[..at]);
        rest = rest[at..].split_once('m').unwrap().1;
    }
    plain.push_str(rest);
    plain
}

#[test]
fn the_rfc_s_figures_fold_when_there_is_no_room_and_say_the_same() {
    let figure =
        |timeline: &_, width| text(timeline, &Options { style: Style::Rfc, width, ..Options::default() });
    let drawn = |width| figure(&sample::whole(), width);
    for (name, timeline) in samples() {
        for width in [40, 60, 80, 200] {
            for line in figure(&timeline, width).lines() {
                assert!(line.width() <= width, "{name} {width}: {line:?}");
            }
        }
    }
    assert!(drawn(80).lines().any(|line| line.starts_with("2.  SYN-SENT     --> <SEQ=1000><CTL=SYN>")));
    let narrow = drawn(40);
    assert!(narrow.contains("2.  SYN-SENT     --> --> SYN-RECEIVED\n    <SEQ=1000><CTL=SYN>"), "{narrow}");
    let fields = |text: &str| text.matches('<').count() - text.matches("<-").count();
    assert_eq!(fields(&narrow), fields(&drawn(200)));
}
