//! Which sequence numbers are shown as sent, and which counted from a side's first one.

use handshake::tcp::Rule;
use handshake::timeline::{HostId, Numbering, Numbers};

use super::sample::{CLIENT, SERVER, Story};

/// What is shown of these numbers from this end, after a handshake that began with these first ones.
fn shown(first: (u32, u32), from: HostId, seq: u32, ack: u32) -> (u32, u32) {
    let mut story = Story::new();
    story.send(0, CLIENT, ("SYN", first.0, 0, ""), Rule::OpenActive);
    story.send(1, SERVER, ("SYN,ACK", first.1, first.0.wrapping_add(1), ""), Rule::ListenAnswersSyn);
    let mut numbering = Numbering::new(Numbers::Readable);
    story.timeline.events.iter().for_each(|event| numbering.follow(event));
    let shown = numbering.shown(&story.packet(from, "ACK", seq, ack, ""));
    (shown.seq, shown.ack)
}

#[test]
fn both_sides_count_in_the_same_way() {
    assert_eq!(shown((1000, 5000), CLIENT, 1001, 5001), (1001, 5001));
    assert_eq!(shown((1000, 2_963_643_351), CLIENT, 1001, 2_963_643_352), (1, 1));
    assert_eq!(shown((2_963_643_351, 5000), SERVER, 5006, 2_963_643_352), (6, 1));
}

#[test]
fn what_an_earlier_connection_counted_is_shown_as_sent() {
    // The client began anew at 9000; its old connection was at 1001.
    assert_eq!(shown((9000, 2_963_643_351), SERVER, 2_963_643_352, 1001), (1, 1001));
    assert_eq!(shown((9000, 2_963_643_351), CLIENT, 1001, 0).0, 1001);
    // A keep-alive probe before any text repeats the number of the SYN.
    assert_eq!(shown((9000, 2_963_643_351), CLIENT, 9000, 2_963_643_352), (0, 1));
}

#[test]
fn a_long_transfer_is_counted_beyond_two_thousand_million() {
    let first = 2_963_643_351;
    assert_eq!(shown((1000, first), SERVER, first.wrapping_add(3_000_000_000), 1001), (3_000_000_000, 1));
}
