//! Two timelines side by side.

use handshake::analyze::{Aspect, Comparison, Row, Tolerance, compare};
use handshake::tcp::State;
use handshake::time::{Duration, Instant};
use handshake::timeline::{Kind, LossCause};

use super::talk::timeline;

const LEFT: &str = "
    0    C S   0     ws=7
    10   S S.  0 1   ws=7
    20   C .   1 1
    30   C P.  1 1 100
    40   S .   1 101
    50   C F.  101 1
    60   S F.  1 102
    70   C .   102 2
";

/// So many milliseconds, whatever the time since the beginning.
fn within(millis: u64) -> Tolerance {
    Tolerance { at_least: Duration::from_millis(millis), one_in: u64::MAX }
}

fn beside(right: &str) -> Comparison {
    compare(&timeline(LEFT, [1000, 5000]), &timeline(right, [70_000, 9]), within(5), None)
}

fn edit(from: &str, to: &str) -> Comparison {
    let changed = LEFT.replace(from, to);
    assert_ne!(changed, LEFT);
    beside(&changed)
}

/// The places of the rows that differ.
fn differing(comparison: &Comparison) -> Vec<usize> {
    (0..comparison.rows.len()).filter(|row| !comparison.rows[*row].is_same()).collect()
}

#[test]
fn initial_numbers_do_not_matter() {
    let comparison = compare(&timeline(LEFT, [1000, 5000]), &timeline(LEFT, [u32::MAX, 0]), within(0), None);
    assert!(comparison.is_same());
    assert_eq!(comparison.rows.len(), 8);
    assert_eq!(comparison.states.len(), 2);
    let Row::Same(left, right) = &comparison.rows[1] else { panic!("{:?}", comparison.rows[1]) };
    assert_eq!((left.seq, left.ack, &left.options[..]), (0, Some(1), &["wscale 7".to_owned()][..]));
    assert_eq!(left, right);
}

#[test]
fn one_segment_more_is_one_difference() {
    let without_ack: Vec<&str> = LEFT.lines().filter(|line| !line.contains("40 ")).collect();
    let comparison = beside(&without_ack.join("\n"));
    assert_eq!(differing(&comparison), [4]);
    let Some(Row::OnlyLeft(segment)) = comparison.first_difference() else { panic!("{comparison:?}") };
    assert_eq!((segment.ack, segment.len), (Some(101), 0));
    let turned =
        compare(&timeline(&without_ack.join("\n"), [1, 2]), &timeline(LEFT, [1, 2]), within(5), None);
    assert!(matches!(turned.first_difference(), Some(Row::OnlyRight(_))));
}

#[test]
fn every_aspect_is_told() {
    let only = |comparison: &Comparison| {
        let Some(Row::Differs(_, _, aspects)) = comparison.first_difference() else {
            panic!("{comparison:?}")
        };
        assert_eq!(comparison.differences().count(), 1);
        aspects.clone()
    };
    assert_eq!(only(&edit("C P.  1 1 100", "C .   1 1 100")), [Aspect::Flags]);
    assert_eq!(only(&edit("1 1 100", "1 1 90")), [Aspect::Len]);
    assert_eq!(only(&edit("S .   1 101", "S .   1 51")), [Aspect::Ack]);
    assert_eq!(only(&edit("S S.  0 1   ws=7", "S S.  0 1")), [Aspect::Options]);
    assert_eq!(only(&edit("60   S F.", "66   S F.")), [Aspect::Time]);
    assert!(edit("60   S F.", "65   S F.").is_same(), "within the tolerance");
    // The window is shown and not compared.
    assert!(edit("1 1 100", "1 1 100 win=9").is_same());
}

#[test]
fn a_tolerance_may_grow_with_the_time() {
    let tolerance = Tolerance { at_least: Duration::from_millis(1), one_in: 10 };
    let at = |millis| Instant::ZERO + Duration::from_millis(millis);
    assert!(tolerance.holds(at(5), at(6)));
    assert!(!tolerance.holds(at(5), at(7)));
    assert!(tolerance.holds(at(1000), at(1100)));
    assert!(!tolerance.holds(at(1000), at(1120)));
}

#[test]
fn the_fate_of_a_segment_is_compared() {
    let mut lossy = timeline(LEFT, [1, 2]);
    let sent = lossy.events.iter().position(|event| matches!(event.kind, Kind::Sent { .. })).unwrap();
    let mut lost = lossy.events[sent].clone();
    let Kind::Sent { id, packet, .. } = lost.kind else { panic!() };
    lost.kind = Kind::Lost { id, packet, cause: LossCause::Random };
    lossy.events.insert(sent + 1, lost);
    let comparison = compare(&timeline(LEFT, [1, 2]), &lossy, within(5), None);
    let Some(Row::Differs(_, _, aspects)) = comparison.first_difference() else { panic!("{comparison:?}") };
    assert_eq!(aspects[..], [Aspect::Fate]);
}

#[test]
fn states_are_compared_beside_the_segments() {
    let (left, mut other) = (timeline(LEFT, [1, 2]), timeline(LEFT, [1, 2]));
    // The right one never saw the server's last state.
    let last = other.events.iter().rposition(|event| matches!(event.kind, Kind::State { .. })).unwrap();
    other.events.remove(last);
    let comparison = compare(&left, &other, within(5), None);
    assert_eq!(comparison.first_difference(), None);
    assert!(!comparison.is_same());
    let states = comparison.states.iter().find(|states| !states.is_same()).unwrap();
    assert_eq!(states.left.last(), Some(&State::Closed));
    assert_eq!(states.right.last(), Some(&State::LastAck));
}

#[test]
fn what_lies_behind_the_horizon_is_not_looked_at() {
    let cut: Vec<&str> = LEFT.lines().take(6).collect();
    let (left, right) = (timeline(LEFT, [1, 2]), timeline(&cut.join("\n"), [1, 2]));
    assert!(!compare(&left, &right, within(1), None).is_same());
    let horizon = Instant::from_nanos(1_000_000_000) + Duration::from_millis(45);
    assert!(compare(&left, &right, within(1), Some(horizon)).is_same());
}
