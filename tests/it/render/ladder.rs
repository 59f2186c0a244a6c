//! The ladder's contents: what a learner must find in it.

use handshake::lang::Lang;
use handshake::render::{Options, blocks, text};

use super::sample;

fn ladder(timeline: &handshake::timeline::Timeline, lang: Lang) -> String {
    text(timeline, &Options { lang, ..Options::default() })
}

#[test]
fn whole_conversation() {
    insta::assert_snapshot!("whole_en", ladder(&sample::whole(), Lang::En));
    insta::assert_snapshot!("whole_zh", ladder(&sample::whole(), Lang::Zh));
}

#[test]
fn crossed_doubled_and_delayed() {
    insta::assert_snapshot!("simultaneous_en", ladder(&sample::simultaneous(), Lang::En));
    insta::assert_snapshot!("disorder_zh", ladder(&sample::disorder(), Lang::Zh));
}

#[test]
fn an_attacker_and_a_capture() {
    insta::assert_snapshot!("attacked_en", ladder(&sample::attacked(), Lang::En));
    insta::assert_snapshot!("observed_zh", ladder(&sample::observed(), Lang::Zh));
}

#[test]
fn narrow() {
    let options = Options { width: 40, ..Options::default() };
    insta::assert_snapshot!("refused_narrow", text(&sample::refused(), &options));
}

#[test]
fn the_arithmetic_is_there() {
    for lang in Lang::ALL {
        let drawn = ladder(&sample::whole(), lang);
        for sum in
            ["1000 + 1 = 1001", "5000 + 1 = 5001", "1001 + 5 = 1006", "1006 + 1 = 1007", "5001 + 1 = 5002"]
        {
            assert!(drawn.contains(sum), "{lang}: no {sum} in\n{drawn}");
        }
    }
}

#[test]
fn both_states_stand_in_every_row_that_changes_one() {
    let drawn = ladder(&sample::whole(), Lang::En);
    let row = |mark: &str| drawn.lines().find(|line| line.contains(mark)).unwrap_or_default().to_owned();
    assert!(row("▸ SYN-RECEIVED").contains("SYN-SENT"));
    assert!(row("▸ CLOSE-WAIT").contains("FIN-WAIT-1"));
    assert!(row("▸ TIME-WAIT").contains("LAST-ACK"));
}

#[test]
fn every_packet_is_numbered_and_both_times_are_shown() {
    let drawn = ladder(&sample::whole(), Lang::En);
    for number in 1..=11 {
        let arrow = drawn
            .lines()
            .find(|line| line.trim_start().starts_with(&format!("{number} ")) && line.contains('●'));
        let arrow = arrow.unwrap_or_else(|| panic!("no packet {number} in\n{drawn}"));
        let is_unit = |word: &&str| matches!(*word, "ms" | "s" | "s│" | "s●");
        let times = arrow.split_whitespace().filter(is_unit).count();
        assert_eq!(times, if number == 9 { 1 } else { 2 }, "{arrow}");
        assert_eq!(arrow.contains('✗'), number == 9);
        assert_eq!(arrow.contains("retransmission"), number == 10);
    }
}

#[test]
fn nothing_is_explained_twice_in_the_same_words() {
    for lang in Lang::ALL {
        let timeline = sample::whole();
        let drawn = ladder(&timeline, lang);
        let reason = match lang {
            Lang::En => "exists for this moment",
            Lang::Zh => "正是为这一刻准备",
        };
        assert_eq!(drawn.matches(reason).count(), 1, "{drawn}");
    }
}

#[test]
fn blocks_are_the_text_in_pieces_and_in_order() {
    let timeline = sample::whole();
    let options = Options::default();
    let pieces: Vec<_> = blocks(&timeline, &options).collect();
    assert!(pieces.windows(2).all(|pair| pair[0].at <= pair[1].at));
    assert!(pieces.iter().all(|block| !block.lines.is_empty()));
    let joined: Vec<&str> = pieces.iter().flat_map(|block| &block.lines).map(String::as_str).collect();
    assert_eq!(joined, text(&timeline, &options).lines().collect::<Vec<_>>());
}

#[test]
fn what_a_peer_sends_is_shown_and_not_obeyed() {
    for lang in Lang::ALL {
        for width in [40, 80] {
            let drawn = text(&sample::hostile(), &Options { lang, width, ..Options::default() });
            let dangerous = ['\u{200f}', '\u{2028}', '\u{202e}'];
            let harmless = |c: char| c == '\n' || !c.is_control() && !dangerous.contains(&c);
            assert!(drawn.chars().all(harmless), "{drawn:?}");
        }
    }
    assert!(ladder(&sample::hostile(), Lang::En).contains(r"evil\x1b[2J"));
}
