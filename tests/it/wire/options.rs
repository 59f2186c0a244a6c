//! TCP options: pushed, walked, and what is odd about them.

use handshake::wire::{Defect, Defects, Options, SackBlock, SackBlocks, SeqNumber, TcpOption};
use proptest::prelude::*;

fn pushed(list: &[TcpOption<'_>]) -> Options {
    let mut options = Options::NONE;
    for option in list {
        assert!(options.push(option), "{option:?} does not fit");
    }
    options
}

#[test]
fn the_octets_are_those_of_the_rfcs() {
    let mut blocks = SackBlocks::EMPTY;
    assert!(blocks.push(SackBlock { left: SeqNumber(1), right: SeqNumber(0x0203_0405) }));
    let cases: &[(TcpOption<'_>, &[u8])] = &[
        (TcpOption::EndOfList, &[0]),
        (TcpOption::Nop, &[1]),
        (TcpOption::Mss(1460), &[2, 4, 5, 180]),
        (TcpOption::WindowScale(7), &[3, 3, 7]),
        (TcpOption::SackPermitted, &[4, 2]),
        (TcpOption::Sack(blocks), &[5, 10, 0, 0, 0, 1, 2, 3, 4, 5]),
        (TcpOption::Timestamps { val: 0x0102_0304, ecr: 5 }, &[8, 10, 1, 2, 3, 4, 0, 0, 0, 5]),
        (TcpOption::UserTimeout(0x8005), &[28, 4, 0x80, 5]),
        (TcpOption::FastOpen(&[]), &[34, 2]),
        (TcpOption::FastOpen(&[9, 8, 7, 6]), &[34, 6, 9, 8, 7, 6]),
        (TcpOption::Unknown { kind: 254, data: &[1, 2, 3] }, &[254, 5, 1, 2, 3]),
    ];
    for (option, octets) in cases {
        let options = pushed(&[*option]);
        assert_eq!(options.as_bytes(), *octets, "{option:?}");
        assert_eq!(options.iter().collect::<Vec<_>>(), [*option]);
    }
    assert_eq!(
        Options::only_timestamps(7, 9),
        pushed(&[TcpOption::Nop, TcpOption::Nop, TcpOption::Timestamps { val: 7, ecr: 9 }])
    );
}

#[test]
fn what_does_not_fit_changes_nothing() {
    let mut options = pushed(&[TcpOption::Unknown { kind: 77, data: &[0; 33] }]);
    let before = options;
    for too_long in [
        TcpOption::Timestamps { val: 0, ecr: 0 },
        TcpOption::FastOpen(&[0; 4]),
        TcpOption::Unknown { kind: 77, data: &[0; 300] },
    ] {
        assert!(!options.push(&too_long), "{too_long:?}");
        assert_eq!(options, before);
    }
    assert!(!options.push_bytes(&[1; 6]));
    assert!(options.push(&TcpOption::Mss(536)) && options.push(&TcpOption::Nop));
    assert!(!options.push(&TcpOption::Nop));
}

#[test]
fn layouts_of_common_systems_have_nothing_odd_about_them() {
    let timestamps = TcpOption::Timestamps { val: 1, ecr: 2 };
    let (mss, scale, sack, nop) =
        (TcpOption::Mss(1460), TcpOption::WindowScale(8), TcpOption::SackPermitted, TcpOption::Nop);
    let end = TcpOption::EndOfList;
    let mut blocks = SackBlocks::EMPTY;
    let mut with_blocks = Vec::new();
    for _ in 0..3 {
        assert!(blocks.push(SackBlock::default()));
        with_blocks.push(vec![nop, nop, timestamps, nop, nop, TcpOption::Sack(blocks)]);
    }
    let on_syn = [
        vec![mss],
        vec![mss, sack, timestamps, nop, scale],
        vec![mss, nop, scale, nop, nop, sack],
        vec![mss, nop, scale, nop, nop, timestamps, sack, end],
    ];
    for list in on_syn {
        assert_eq!(pushed(&list).defects(true), Defects::NONE, "{list:?}");
        assert!(pushed(&list).defects(false).contains(Defect::SynOptionOutsideSyn), "{list:?}");
    }
    for list in with_blocks.iter().chain([&vec![nop, nop, timestamps]]) {
        assert_eq!(pushed(list).defects(false), Defects::NONE, "{list:?}");
    }
}

#[test]
fn every_oddity_of_options_is_found() {
    let cases: &[(&[u8], bool, &[Defect])] = &[
        (&[2, 0, 5, 180], true, &[Defect::BadOptionLength]),
        (&[2, 1, 5, 180], true, &[Defect::BadOptionLength]),
        (&[1, 1, 1, 2], true, &[Defect::OptionOverrun]),
        (&[8, 10, 0, 0], false, &[Defect::OptionOverrun]),
        (&[2, 3, 0, 1], true, &[Defect::WrongOptionSize]),
        (&[5, 4, 0, 0], false, &[Defect::WrongOptionSize]),
        (&[34, 5, 1, 2, 3, 1, 1, 1], true, &[Defect::WrongOptionSize]),
        (&[3, 3, 7, 1], false, &[Defect::SynOptionOutsideSyn]),
        (&[34, 2, 1, 1], false, &[Defect::SynOptionOutsideSyn]),
        (&[4, 2, 4, 2], true, &[Defect::RepeatedOption]),
        (&[254, 4, 1, 1, 254, 4, 2, 2], true, &[]),
        (&[0, 0, 0, 1], true, &[Defect::OptionPaddingNotZero]),
        (
            &[4, 2, 4, 2, 2, 0, 0, 0],
            false,
            &[Defect::BadOptionLength, Defect::SynOptionOutsideSyn, Defect::RepeatedOption],
        ),
    ];
    for (raw, syn, expected) in cases {
        let found: Vec<Defect> = Options::from_bytes(raw).defects(*syn).iter().collect();
        assert_eq!(found, *expected, "{raw:?}");
    }
}

/// The same findings, by the walk alone.
fn by_walking(options: &Options, syn: bool) -> Defects {
    let mut defects = Defects::NONE;
    let mut walk = options.iter();
    let mut kinds = Vec::new();
    for option in walk.by_ref() {
        let (kind, syn_only) = match option {
            TcpOption::EndOfList | TcpOption::Nop => continue,
            TcpOption::Mss(_) => (2, true),
            TcpOption::WindowScale(_) => (3, true),
            TcpOption::SackPermitted => (4, true),
            TcpOption::Sack(_) => (5, false),
            TcpOption::Timestamps { .. } => (8, false),
            TcpOption::UserTimeout(_) => (28, false),
            TcpOption::FastOpen(_) => (34, true),
            TcpOption::Unknown { kind: 253 | 254, .. } => continue,
            TcpOption::Unknown { kind, .. } => (kind, false),
        };
        if kinds.contains(&kind) {
            defects.insert(Defect::RepeatedOption);
        }
        kinds.push(kind);
        if syn_only && !syn {
            defects.insert(Defect::SynOptionOutsideSyn);
        }
    }
    defects |= walk.defects();
    defects
}

/// Common layouts with an octet or two changed: where a glance could be wrong.
fn nearly_common() -> impl Strategy<Value = Vec<u8>> {
    let layouts: Vec<Vec<u8>> = vec![
        vec![1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2],
        vec![2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7],
        vec![2, 4, 5, 180, 1, 3, 3, 8, 1, 1, 4, 2],
        vec![2, 4, 5, 180, 1, 3, 3, 6, 1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 4, 2, 0, 0],
        vec![2, 4, 5, 180],
        vec![1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 1, 1, 5, 10, 0, 0, 0, 1, 0, 0, 0, 2],
    ];
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3);
    (prop::sample::select(layouts), changes).prop_map(|(mut raw, changes)| {
        for (at, value) in changes {
            let at = at.index(raw.len());
            raw[at] = value % 40;
        }
        raw
    })
}

proptest! {
    #[test]
    fn the_glance_finds_what_the_walk_finds(
        raw in prop_oneof![nearly_common(), prop::collection::vec(0..40u8, 0..=40)],
        syn in any::<bool>(),
    ) {
        let options = Options::from_bytes(&raw);
        prop_assert_eq!(options.as_bytes(), &raw[..]);
        prop_assert_eq!(options.defects(syn), by_walking(&options, syn));
    }

    #[test]
    fn the_walk_ends_and_its_options_push_back_to_the_same_octets(
        raw in prop::collection::vec(any::<u8>(), 0..=40),
    ) {
        let options = Options::from_bytes(&raw);
        let mut walk = options.iter();
        let mut again = Options::NONE;
        for option in walk.by_ref() {
            prop_assert!(again.push(&option));
        }
        prop_assert!(raw.starts_with(again.as_bytes()), "{:?}", again.as_bytes());
        let ended = again.as_bytes().last() == Some(&0) || again.as_bytes().len() == raw.len();
        prop_assert!(ended || !walk.defects().is_empty());
    }
}
