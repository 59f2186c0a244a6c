//! Numbers mixed into marks, by which keys and packets are found again.

/// Odd numbers without a pattern: digits of π.
pub(super) const SEEDS: [u64; 3] = [0x243f_6a88_85a3_08d3, 0x1319_8a2e_0370_7345, 0xa409_3822_299f_31d1];

/// Both halves of the product: every bit of either number touches every bit of the result.
#[inline]
pub(super) const fn fold(a: u64, b: u64) -> u64 {
    let product = a as u128 * b as u128;
    product as u64 ^ (product >> 64) as u64
}
