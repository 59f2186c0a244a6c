//! Where initial sequence numbers come from (RFC 9293 §3.4.1, RFC 6528).

use std::hash::Hasher as _;
use std::net::{IpAddr, SocketAddr};

use siphasher::sip::SipHasher24;

use crate::time::Instant;
use crate::wire::SeqNumber;

/// How a host chooses initial sequence numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IsnPolicy {
    /// For teaching: the first connection begins here, each further one `step` higher.
    Fixed {
        /// The first number.
        first: SeqNumber,
        /// What is added for each further connection.
        step: u32,
    },
    /// RFC 6528: a clock that ticks every 4 µs, plus a keyed hash of the connection's four-tuple.
    Rfc6528,
}

/// The keyed hash that ISNs, SYN cookies and Fast Open cookies rest on: SipHash-2-4.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Secret(pub [u64; 2]);

impl Secret {
    /// The hash of two endpoints and a salt.
    pub(super) fn hash(self, local: SocketAddr, remote: SocketAddr, salt: u64) -> u64 {
        let mut hasher = SipHasher24::new_with_keys(self.0[0], self.0[1]);
        write_addr(&mut hasher, local.ip());
        write_addr(&mut hasher, remote.ip());
        hasher.write_u32(u32::from(local.port()) << 16 | u32::from(remote.port()));
        hasher.write_u64(salt);
        hasher.finish()
    }

    /// The hash of one address, for Fast Open cookies (RFC 7413 §4.1.2).
    pub(super) fn hash_addr(self, addr: IpAddr) -> u64 {
        let mut hasher = SipHasher24::new_with_keys(self.0[0] ^ 0x7413, self.0[1]);
        write_addr(&mut hasher, addr);
        hasher.finish()
    }
}

fn write_addr(hasher: &mut SipHasher24, addr: IpAddr) {
    match addr {
        IpAddr::V4(v4) => hasher.write(&v4.octets()),
        IpAddr::V6(v6) => hasher.write(&v6.octets()),
    }
}

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.4.1
//# A TCP implementation MUST use the above type of "clock" for clock-
//# driven selection of initial sequence numbers (MUST-8), and SHOULD
//# generate its initial sequence numbers with the expression:
/// The initial sequence number of connection number `ordinal` (from 0) of a host.
pub fn initial_sequence_number(
    policy: IsnPolicy,
    secret: Secret,
    now: Instant,
    local: SocketAddr,
    remote: SocketAddr,
    ordinal: u32,
) -> SeqNumber {
    match policy {
        IsnPolicy::Fixed { first, step } => first + ordinal.wrapping_mul(step),
        IsnPolicy::Rfc6528 => {
            let clock = (now.as_nanos() / 4_000) as u32;
            //= https://www.rfc-editor.org/rfc/rfc9293#section-3.4.1
            //# F() MUST NOT be computable from the outside (MUST-9)
            SeqNumber(clock.wrapping_add(secret.hash(local, remote, 0x6528) as u32))
        }
    }
}
