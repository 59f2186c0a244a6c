//! Which segment of one side is which of the other: the longest common subsequence, and what lies
//! between paired where it is plainly the same segment with a difference.

use super::{Aspect, Row, Seen, Tolerance};

/// In what two segments differ, their times aside.
fn aspects(left: &Seen, right: &Seen) -> Vec<Aspect> {
    let table = [
        (left.flags != right.flags, Aspect::Flags),
        (left.seq != right.seq, Aspect::Seq),
        (left.ack != right.ack, Aspect::Ack),
        (left.len != right.len, Aspect::Len),
        (left.options != right.options, Aspect::Options),
        (left.lost != right.lost, Aspect::Fate),
    ];
    table.into_iter().filter(|(differs, _)| *differs).map(|(_, aspect)| aspect).collect()
}

/// Puts one direction's segments side by side.
pub(super) fn align(left: Vec<Seen>, right: Vec<Seen>, tolerance: Tolerance) -> Vec<Row> {
    let common = common(&left, &right);
    let (mut left, mut right) = (left.into_iter(), right.into_iter());
    let (mut done_left, mut done_right) = (0, 0);
    let mut rows = Vec::new();
    for (at_left, at_right) in common {
        let only_left = left.by_ref().take(at_left - done_left).collect();
        let only_right = right.by_ref().take(at_right - done_right).collect();
        between(only_left, only_right, tolerance, &mut rows);
        rows.extend(left.next().zip(right.next()).map(|(left, right)| pair(left, right, tolerance)));
        (done_left, done_right) = (at_left + 1, at_right + 1);
    }
    between(left.collect(), right.collect(), tolerance, &mut rows);
    rows
}

/// What both sides sent between two common segments.
fn between(left: Vec<Seen>, right: Vec<Seen>, tolerance: Tolerance, rows: &mut Vec<Row>) {
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some(one), Some(other)) = (left.peek(), right.peek()) {
        if is_counterpart(one, other) {
            if let (Some(one), Some(other)) = (left.next(), right.next()) {
                rows.push(pair(one, other, tolerance));
            }
        } else if one.at <= other.at {
            rows.extend(left.next().map(Row::OnlyLeft));
        } else {
            rows.extend(right.next().map(Row::OnlyRight));
        }
    }
    rows.extend(left.map(Row::OnlyLeft));
    rows.extend(right.map(Row::OnlyRight));
}

/// Whether two segments that differ do the same work: a SYN, a FIN, a reset, the same text, an ACK.
fn is_counterpart(left: &Seen, right: &Seen) -> bool {
    let (Some(one), Some(other)) = (left.flags, right.flags) else { return left.flags == right.flags };
    let work = |seen: &Seen, flags: crate::wire::Flags| (flags.syn(), flags.fin(), flags.rst(), seen.len > 0);
    work(left, one) == work(right, other) && (left.seq == right.seq || one.rst() || one.syn())
}

fn pair(left: Seen, right: Seen, tolerance: Tolerance) -> Row {
    let mut aspects = aspects(&left, &right);
    if !tolerance.holds(left.at, right.at) {
        aspects.push(Aspect::Time);
    }
    if aspects.is_empty() { Row::Same(left, right) } else { Row::Differs(left, right, aspects) }
}

/// The places of a longest common subsequence, on the left and on the right.
fn common(left: &[Seen], right: &[Seen]) -> Vec<(usize, usize)> {
    let same = |at_left: usize, at_right: usize| match (left.get(at_left), right.get(at_right)) {
        (Some(one), Some(other)) => aspects(one, other).is_empty(),
        _ => false,
    };
    let shorter = left.len().min(right.len());
    let head = (0..shorter).take_while(|at| same(*at, *at)).count();
    let tail = (0..shorter - head).take_while(|at| same(left.len() - 1 - at, right.len() - 1 - at)).count();
    let (rows, columns) = (left.len() - head - tail, right.len() - head - tail);
    let width = columns + 1;
    // lengths[r][c]: the longest that the middles have in common from row r and column c on.
    let mut lengths = vec![0_u32; (rows + 1) * width];
    for row in (0..rows).rev() {
        for column in (0..columns).rev() {
            let here = row * width + column;
            lengths[here] = if same(head + row, head + column) {
                lengths[here + width + 1] + 1
            } else {
                lengths[here + width].max(lengths[here + 1])
            };
        }
    }
    let mut places: Vec<(usize, usize)> = (0..head).map(|at| (at, at)).collect();
    let (mut row, mut column) = (0, 0);
    while row < rows && column < columns {
        let here = row * width + column;
        if same(head + row, head + column) {
            places.push((head + row, head + column));
            (row, column) = (row + 1, column + 1);
        } else if lengths[here + width] >= lengths[here + 1] {
            row += 1;
        } else {
            column += 1;
        }
    }
    places.extend((0..tail).rev().map(|at| (left.len() - 1 - at, right.len() - 1 - at)));
    places
}
