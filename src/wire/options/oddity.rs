//! What is odd about a segment's options: one glance for the layouts that common systems send, a walk
//! for all others.

use super::{OptionIter, TcpOption};
use crate::wire::{Defect, Defects};

/// What is odd about these options of a segment with or without SYN.
pub(in crate::wire) fn defects(raw: &[u8], syn: bool) -> Defects {
    if are_usual(raw, syn) { Defects::NONE } else { walk(raw, syn) }
}

/// Whether a glance tells that nothing is odd about the options.
#[inline]
pub(in crate::wire) fn are_usual(raw: &[u8], syn: bool) -> bool {
    // What nearly every segment carries: no options, or nop, nop, timestamps.
    let timestamps = raw.len() == 12 && raw.first_chunk() == Some(&[1, 1, 8, 10]);
    raw.is_empty() || (timestamps && !syn) || is_common(raw, syn)
}

/// Whether the options are laid out, all of them, as Linux, Windows or macOS lay out theirs.
#[inline(never)]
fn is_common(raw: &[u8], syn: bool) -> bool {
    match (raw, syn) {
        // Linux: mss, sackOK, timestamps, nop, wscale
        ([2, 4, _, _, 4, 2, 8, 10, _, _, _, _, _, _, _, _, 1, 3, 3, _], true) => true,
        // Windows: mss, nop, wscale, nop, nop, sackOK
        ([2, 4, _, _, 1, 3, 3, _, 1, 1, 4, 2], true) => true,
        // macOS: mss, nop, wscale, nop, nop, timestamps, sackOK, eol
        ([2, 4, _, _, 1, 3, 3, _, 1, 1, 8, 10, _, _, _, _, _, _, _, _, 4, 2, 0, 0], true) => true,
        // mss alone
        ([2, 4, _, _], true) => true,
        // nop, nop, timestamps, nop, nop, sack
        ([1, 1, 8, 10, _, _, _, _, _, _, _, _, 1, 1, 5, len @ (10 | 18 | 26), blocks @ ..], false) => {
            blocks.len() + 2 == usize::from(*len)
        }
        _ => false,
    }
}

#[cold]
fn walk(raw: &[u8], syn: bool) -> Defects {
    let mut defects = Defects::NONE;
    let mut seen = [0u64; 4];
    let mut walk = OptionIter::new(raw);
    let mut before = walk.rest;
    while let Some(option) = walk.next() {
        let kind = before.first().copied().unwrap_or_default();
        before = walk.rest;
        // Padding may repeat, and so may the kinds shared by all experiments (RFC 6994).
        if !matches!(kind, 0 | 1 | 253 | 254) {
            let (word, bit) = (usize::from(kind >> 6), 1u64 << (kind & 63));
            if seen[word] & bit != 0 {
                defects.insert(Defect::RepeatedOption);
            }
            seen[word] |= bit;
        }
        let only_on_syn = matches!(
            option,
            TcpOption::Mss(_) | TcpOption::WindowScale(_) | TcpOption::SackPermitted | TcpOption::FastOpen(_)
        );
        if only_on_syn && !syn {
            defects.insert(Defect::SynOptionOutsideSyn);
        }
    }
    defects |= walk.defects();
    defects
}
