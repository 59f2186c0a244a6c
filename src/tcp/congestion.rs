//! The congestion window: slow start, congestion avoidance, fast recovery (RFC 5681, RFC 6582).

use crate::wire::SeqNumber;

/// NewReno's variables, in octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Congestion {
    /// The congestion window.
    pub cwnd: u32,
    /// The slow start threshold.
    pub ssthresh: u32,
    /// The sender's maximum segment size.
    smss: u32,
    /// Octets acknowledged towards the next step of congestion avoidance.
    counted: u32,
    /// In fast recovery: what was outstanding when it began (RFC 6582's "recover").
    recover: Option<SeqNumber>,
    /// Where the last recovery or timeout ended, so that old duplicates start no new one.
    last_recover: Option<SeqNumber>,
}

impl Congestion {
    /// An initial window of `segments` segments of `smss` octets.
    pub const fn new(smss: u32, segments: u32) -> Self {
        Congestion {
            cwnd: smss.saturating_mul(segments),
            ssthresh: u32::MAX,
            smss,
            counted: 0,
            recover: None,
            last_recover: None,
        }
    }

    /// Whether fast recovery is under way.
    pub const fn in_recovery(&self) -> bool {
        self.recover.is_some()
    }

    /// Grows the window for newly acknowledged octets outside recovery; true in slow start.
    //= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.2
    //# A TCP endpoint MUST implement the basic congestion control algorithms slow start, congestion
    //# avoidance, and exponential backoff of RTO to avoid creating congestion collapse conditions
    //# (MUST-19).
    pub fn on_acked(&mut self, octets: u32) -> bool {
        //= https://www.rfc-editor.org/rfc/rfc5681#section-3.1
        //# During slow start, a TCP increments cwnd by at most SMSS bytes for
        //# each ACK received that cumulatively acknowledges new data.
        if self.cwnd < self.ssthresh {
            self.cwnd = self.cwnd.saturating_add(octets.min(self.smss));
            return true;
        }
        //= https://www.rfc-editor.org/rfc/rfc5681#section-3.1
        //# During congestion avoidance, cwnd is incremented by roughly 1 full-
        //# sized segment per round-trip time (RTT).
        self.counted = self.counted.saturating_add(octets);
        if self.counted >= self.cwnd {
            self.counted -= self.cwnd;
            self.cwnd = self.cwnd.saturating_add(self.smss);
        }
        false
    }

    /// The third duplicate acknowledgment: begins recovery unless these duplicates belong to an
    /// earlier one; true when the missing segment is to be retransmitted.
    pub fn enter_recovery(&mut self, una: SeqNumber, nxt: SeqNumber) -> bool {
        //= https://www.rfc-editor.org/rfc/rfc6582#section-3.2
        //# When the third duplicate ACK is received, the TCP sender first
        //# checks the value of recover to see if the Cumulative
        //# Acknowledgment field covers more than recover.
        if self.in_recovery() || self.last_recover.is_some_and(|recover| una.lt(recover)) {
            return false;
        }
        //= https://www.rfc-editor.org/rfc/rfc5681#section-3.1
        //# ssthresh = max (FlightSize / 2, 2*SMSS)
        self.halve(nxt.since(una));
        self.cwnd = self.ssthresh.saturating_add(3 * self.smss);
        self.recover = Some(nxt);
        true
    }

    /// A further duplicate in recovery: one segment has left the network.
    pub fn inflate(&mut self) {
        if self.in_recovery() {
            self.cwnd = self.cwnd.saturating_add(self.smss);
        }
    }

    /// New data acknowledged in recovery, up to `una`; true when recovery is over.
    pub fn on_acked_in_recovery(&mut self, una: SeqNumber, octets: u32, flight: u32) -> bool {
        let Some(recover) = self.recover else { return false };
        if una.ge(recover) {
            //= https://www.rfc-editor.org/rfc/rfc6582#section-3.2
            //# (1) min (ssthresh, max(FlightSize, SMSS) + SMSS)
            self.cwnd = self.ssthresh.min(flight.max(self.smss).saturating_add(self.smss));
            self.recover = None;
            self.last_recover = Some(recover);
            return true;
        }
        // Partial acknowledgment: deflate by what was acknowledged, add one segment back.
        self.cwnd = self.cwnd.saturating_sub(octets).saturating_add(self.smss).max(self.smss);
        false
    }

    /// The retransmission timer expired.
    pub fn on_timeout(&mut self, una: SeqNumber, nxt: SeqNumber, first: bool) {
        //= https://www.rfc-editor.org/rfc/rfc5681#section-3.1
        //# When a TCP sender detects segment loss using the retransmission timer
        //# and the given segment has not yet been resent by way of the
        //# retransmission timer, the value of ssthresh MUST be set to no more
        //# than the value given in equation (4):
        if first {
            self.halve(nxt.since(una));
        }
        self.cwnd = self.smss;
        self.recover = None;
        self.last_recover = Some(nxt);
        self.counted = 0;
    }

    fn halve(&mut self, flight: u32) {
        self.ssthresh = (flight / 2).max(2 * self.smss);
    }
}
