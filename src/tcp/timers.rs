//! A connection's deadlines. Who owns the clock asks for the next one and comes back then.

use crate::time::Instant;

/// The timers a connection can have running.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Timer {
    /// Retransmission (RFC 6298).
    Retransmission,
    /// Zero-window probe (RFC 9293 §3.8.6.1).
    Persist,
    /// Delayed acknowledgment (RFC 9293 §3.8.6.3).
    DelayedAck,
    /// Keep-alive (RFC 9293 §3.8.4).
    Keepalive,
    /// 2MSL.
    TimeWait,
    /// Linux's limit on FIN-WAIT-2 after `close()`.
    FinWait2,
    /// The user timeout (RFC 9293 §3.10.8).
    User,
    /// Linux's tail loss probe, which takes the place of the retransmission timer (RFC 8985 §7).
    LossProbe,
}

impl Timer {
    /// All timers; when several are due at one instant they fire in this order.
    pub const ALL: [Timer; 8] = [
        Timer::Retransmission,
        Timer::Persist,
        Timer::DelayedAck,
        Timer::Keepalive,
        Timer::TimeWait,
        Timer::FinWait2,
        Timer::User,
        Timer::LossProbe,
    ];
}

/// The deadlines.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timers {
    /// [`NEVER`] where a timer does not run, so that the earliest is a plain minimum.
    deadlines: [Instant; 8],
    /// No deadline is before this one; it may be too early after a timer has stopped.
    bound: Instant,
    /// The earliest time at which the host has noted that it has to look here.
    noted: Instant,
    /// The host has been told that it may have to look earlier.
    unsettled: bool,
}

const NEVER: Instant = Instant::from_nanos(u64::MAX);

impl Default for Timers {
    fn default() -> Self {
        Timers { deadlines: [NEVER; 8], bound: NEVER, noted: NEVER, unsettled: false }
    }
}

impl Timers {
    #[inline]
    pub(super) fn is_set(&self, timer: Timer) -> bool {
        self.deadlines[timer as usize] != NEVER
    }

    #[inline]
    pub(super) fn set(&mut self, timer: Timer, deadline: Instant) {
        self.deadlines[timer as usize] = deadline;
        self.bound = self.bound.min(deadline);
    }

    /// Stops a timer; true if it ran.
    #[inline]
    pub(super) fn stop(&mut self, timer: Timer) -> bool {
        std::mem::replace(&mut self.deadlines[timer as usize], NEVER) != NEVER
    }

    pub(super) fn stop_all(&mut self) {
        self.deadlines = [NEVER; 8];
        self.bound = NEVER;
    }

    /// The earliest deadline.
    #[inline]
    pub(super) fn next(&self) -> Option<Instant> {
        let earliest = self.deadlines.iter().fold(NEVER, |earliest, at| earliest.min(*at));
        (earliest != NEVER).then_some(earliest)
    }

    /// Whether the host may have to look here before the time that is noted; said once, until
    /// [`note_earlier`](Self::note_earlier).
    #[inline]
    pub(super) fn needs_note(&mut self) -> bool {
        self.bound < self.noted && !std::mem::replace(&mut self.unsettled, true)
    }

    /// Notes the earliest deadline if it is before what is noted. The bound told only that it may be: it may
    /// have been given up since, as that of a delayed ACK mostly is.
    pub(super) fn note_earlier(&mut self) -> Option<Instant> {
        self.unsettled = false;
        self.bound = self.next().unwrap_or(NEVER);
        if self.bound >= self.noted {
            return None;
        }
        self.noted = self.bound;
        Some(self.bound)
    }

    /// Whether this is the time that is noted.
    pub(super) fn is_noted(&self, at: Instant) -> bool {
        self.noted == at
    }

    /// Notes the earliest deadline in place of what was noted.
    pub(super) fn note_again(&mut self) -> Option<Instant> {
        let next = self.next();
        self.bound = next.unwrap_or(NEVER);
        self.noted = self.bound;
        next
    }

    /// What was noted has come.
    pub(super) fn forget_note(&mut self) {
        self.noted = NEVER;
        self.bound = self.next().unwrap_or(NEVER);
    }

    /// Takes one timer that is due.
    pub(super) fn take_due(&mut self, now: Instant) -> Option<Timer> {
        let due = Timer::ALL.into_iter().find(|timer| {
            let at = self.deadlines[*timer as usize];
            at != NEVER && at <= now
        })?;
        self.stop(due);
        Some(due)
    }
}
