//! The laws of sequence numbers (RFC 9293 §3.4).

use handshake::wire::SeqNumber;
use proptest::prelude::*;

fn seq() -> impl Strategy<Value = SeqNumber> {
    // Numbers near the wrap are where mistakes are.
    prop_oneof![any::<u32>(), 0..10u32, (u32::MAX - 10)..=u32::MAX, (1 << 31) - 5..(1 << 31) + 5u32]
        .prop_map(SeqNumber)
}

proptest! {
    #[test]
    fn a_number_comes_before_what_is_less_than_half_the_circle_ahead(start in seq(), ahead in 1..1u32 << 31) {
        let later = start + ahead;
        prop_assert!(start.lt(later) && later.gt(start));
        prop_assert!(!later.lt(start) && !start.gt(later));
        prop_assert_eq!(start.max(later), later);
        prop_assert_eq!(later.min(start), start);
        prop_assert_eq!(later.since(start), ahead);
        prop_assert_eq!(later - ahead, start);
    }

    #[test]
    fn order_does_not_depend_on_where_the_circle_starts(a in seq(), b in seq(), turn in any::<u32>()) {
        prop_assert_eq!(a.lt(b), (a + turn).lt(b + turn));
        prop_assert_eq!(a.le(b), (a + turn).le(b + turn));
        prop_assert_eq!(b.since(a), (b + turn).since(a + turn));
    }

    #[test]
    fn le_and_ge_are_lt_and_gt_or_equal(a in seq(), b in seq()) {
        prop_assert_eq!(a.le(b), a.lt(b) || a == b);
        prop_assert_eq!(a.ge(b), a.gt(b) || a == b);
    }

    #[test]
    fn a_window_holds_as_many_numbers_as_it_is_long(low in seq(), len in any::<u32>(), step in any::<u32>()) {
        prop_assert_eq!((low + step).within(low, len), step < len);
        prop_assert!(!low.within(low, 0));
    }
}
