//! Cookies: what a listener can tell a client instead of remembering it.

use std::net::{IpAddr, SocketAddr};

use super::isn::Secret;
use crate::time::Instant;
use crate::wire::SeqNumber;

/// The segment sizes that fit into a SYN cookie's three bits.
const MSS_TABLE: [u16; 8] = [216, 536, 1024, 1220, 1400, 1440, 1460, 8960];

/// How long a cookie's counter stands still; the current and the previous value are accepted.
const COUNTER_SECONDS: u64 = 64;

/// An initial sequence number that remembers the connection: five bits of a slow counter, three bits
/// of segment size, 24 bits of a keyed hash over the four-tuple, the client's number and the counter
/// (RFC 4987 §3.6).
pub fn syn_cookie(
    secret: Secret,
    now: Instant,
    local: SocketAddr,
    remote: SocketAddr,
    irs: SeqNumber,
    mss: u16,
) -> SeqNumber {
    let counter = counter_at(now);
    let index = MSS_TABLE.iter().rposition(|size| *size <= mss).unwrap_or(0) as u32;
    SeqNumber((counter as u32 & 31) << 27 | index << 24 | tag(secret, local, remote, irs, counter, index))
}

/// The segment size in a cookie, when the cookie is one of ours and at most two minutes old.
pub fn check_syn_cookie(
    secret: Secret,
    now: Instant,
    local: SocketAddr,
    remote: SocketAddr,
    irs: SeqNumber,
    cookie: SeqNumber,
) -> Option<u16> {
    let current = counter_at(now);
    let index = cookie.0 >> 24 & 7;
    let counter =
        [current, current.wrapping_sub(1)].into_iter().find(|c| *c as u32 & 31 == cookie.0 >> 27)?;
    let genuine = tag(secret, local, remote, irs, counter, index) == cookie.0 & 0x00ff_ffff;
    if genuine { MSS_TABLE.get(index as usize).copied() } else { None }
}

/// What Linux hides in the lowest bits of a cookie's timestamp: the client's window shift, and whether
/// it takes SACK (RFC 7323 §5.4 lets a clock be coarse). Fifteen is no shift.
const STAMP_BITS: u32 = 6;

/// The clock value that remembers a SYN's options; never later than the clock.
pub fn cookie_stamp(clock: u32, scale: Option<u8>, sack: bool) -> u32 {
    let bits = u32::from(scale.unwrap_or(15).min(15)) | u32::from(sack) << 4;
    let stamp = clock >> STAMP_BITS << STAMP_BITS | bits;
    if stamp > clock { stamp.wrapping_sub(1 << STAMP_BITS) } else { stamp }
}

/// The options that an echoed clock value remembers.
pub fn check_cookie_stamp(stamp: u32) -> (Option<u8>, bool) {
    let scale = (stamp & 15) as u8;
    ((scale != 15).then_some(scale), stamp & 16 != 0)
}

fn counter_at(now: Instant) -> u64 {
    now.as_nanos() / 1_000_000_000 / COUNTER_SECONDS
}

fn tag(
    secret: Secret,
    local: SocketAddr,
    remote: SocketAddr,
    irs: SeqNumber,
    counter: u64,
    index: u32,
) -> u32 {
    let salt = u64::from(irs.0) << 32 | (counter & 0xff_ffff) << 8 | u64::from(index) | 0x80;
    secret.hash(local, remote, salt) as u32 & 0x00ff_ffff
}

/// The Fast Open cookie that a server gives to this client address (RFC 7413 §4.1.2).
pub fn fast_open_cookie(secret: Secret, client: IpAddr) -> [u8; 8] {
    secret.hash_addr(client).to_be_bytes()
}
