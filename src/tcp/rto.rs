//! The retransmission timeout (RFC 6298).

use super::Settings;
use crate::time::Duration;

/// The round-trip estimate and the timeout computed from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Estimator {
    /// SRTT and RTTVAR, in nanoseconds; `None` before the first sample.
    smoothed: Option<(u64, u64)>,
    /// The timeout before the first sample, where the SYN was acknowledged only after its timer had expired.
    after_late_syn: Option<Duration>,
    backoff: u32,
}

/// What the first timeout is at least after a SYN whose timer expired (RFC 6298 §5.7).
const AFTER_SYN_TIMEOUT: Duration = Duration::from_secs(3);

impl Estimator {
    /// No sample yet.
    pub const fn new() -> Self {
        Estimator { smoothed: None, after_late_syn: None, backoff: 0 }
    }

    //= https://www.rfc-editor.org/rfc/rfc6298#section-2
    //# (2.2) When the first RTT measurement R is made, the host MUST set
    //# SRTT <- R, RTTVAR <- R/2
    //# (2.3) RTTVAR <- (1 - beta) * RTTVAR + beta * |SRTT - R'|
    //# SRTT <- (1 - alpha) * SRTT + alpha * R'
    /// Takes a round-trip sample of a segment that was sent once (Karn's rule is the caller's).
    pub fn sample(&mut self, rtt: Duration) {
        let r = rtt.as_nanos();
        self.smoothed = Some(match self.smoothed {
            None => (r, r / 2),
            Some((srtt, rttvar)) => (srtt - srtt / 8 + r / 8, rttvar - rttvar / 4 + srtt.abs_diff(r) / 4),
        });
        self.backoff = 0;
    }

    /// The smoothed round-trip time; `None` before the first sample.
    pub fn srtt(&self) -> Option<Duration> {
        self.smoothed.map(|(srtt, _)| Duration::from_nanos(srtt))
    }

    /// The timeout now: the estimate with its bounds, doubled once for each expiry since the last sample.
    pub fn rto(&self, settings: &Settings) -> Duration {
        //= https://www.rfc-editor.org/rfc/rfc6298#section-2
        //# (2.1) Until a round-trip time (RTT) measurement has been made for a
        //# segment sent between the sender and receiver, the sender SHOULD
        //# set RTO <- 1 second
        let base = match self.smoothed {
            None => self.after_late_syn.unwrap_or(settings.initial_rto),
            Some((srtt, rttvar)) if settings.min_rto_on_variation => {
                Duration::from_nanos(srtt + (4 * rttvar).max(settings.min_rto.as_nanos()))
            }
            Some((srtt, rttvar)) => Duration::from_nanos(srtt + (4 * rttvar).max(1)).max(settings.min_rto),
        };
        //= https://www.rfc-editor.org/rfc/rfc6298#section-5
        //# (5.5) The host MUST set RTO <- RTO * 2 ("back off the timer").  The
        //# maximum value discussed in (2.5) above may be used to provide
        //# an upper bound to this doubling operation.
        base.saturating_mul(1 << self.backoff.min(20)).min(settings.max_rto)
    }

    /// The SYN is acknowledged at last, after its timer had expired: without a sample, one second may be
    /// too short for this path.
    //= https://www.rfc-editor.org/rfc/rfc6298#section-5
    //# (5.7) If the timer expires awaiting the ACK of a SYN segment and the
    //# TCP implementation is using an RTO less than 3 seconds, the RTO
    //# MUST be re-initialized to 3 seconds when data transmission
    //# begins (i.e., after the three-way handshake completes).
    pub fn on_late_syn_ack(&mut self, settings: &Settings) {
        if self.smoothed.is_none() {
            self.after_late_syn = Some(self.rto(settings).max(AFTER_SYN_TIMEOUT));
            self.backoff = 0;
        }
    }

    /// Doubles the timeout.
    pub fn back_off(&mut self) {
        self.backoff = (self.backoff + 1).min(20);
    }

    /// Undoes the doubling: new data was acknowledged.
    pub fn reset_backoff(&mut self) {
        self.backoff = 0;
    }
}

impl Default for Estimator {
    fn default() -> Self {
        Self::new()
    }
}
