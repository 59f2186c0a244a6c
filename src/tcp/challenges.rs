//! How many challenge ACKs may still be sent (RFC 5961 §7).

use crate::time::Instant;

/// A count that begins anew every second.
#[derive(Debug)]
pub(super) struct Challenges {
    left: u32,
    second: u64,
    limit: u32,
}

impl Challenges {
    pub(super) fn new(limit: u32) -> Self {
        Challenges { left: limit, second: 0, limit }
    }

    /// Takes one of this second's; false when none is left.
    //= https://www.rfc-editor.org/rfc/rfc5961#section-7
    //# An implementation SHOULD include an ACK throttling mechanism to be conservative.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        let second = now.as_nanos() / 1_000_000_000;
        if second != self.second {
            (self.second, self.left) = (second, self.limit);
        }
        let any = self.left > 0;
        self.left = self.left.saturating_sub(1);
        any
    }
}
