//! A connection's deadlines. Who owns the clock asks for the next one and comes back then.

use crate::time::{Duration, Instant};

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

/// What became of a timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimerAction {
    /// It runs, and will fire after this long.
    Set(Duration),
    /// It fired.
    Fired,
    /// It was stopped before it fired.
    Stopped,
}

/// The deadlines, `None` where a timer does not run.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Timers {
    deadlines: [Option<Instant>; 8],
}

impl Timers {
    pub(super) fn get(&self, timer: Timer) -> Option<Instant> {
        self.deadlines[timer as usize]
    }

    pub(super) fn is_set(&self, timer: Timer) -> bool {
        self.get(timer).is_some()
    }

    pub(super) fn set(&mut self, timer: Timer, deadline: Instant) {
        self.deadlines[timer as usize] = Some(deadline);
    }

    /// Stops a timer; true if it ran.
    pub(super) fn stop(&mut self, timer: Timer) -> bool {
        self.deadlines[timer as usize].take().is_some()
    }

    pub(super) fn stop_all(&mut self) {
        self.deadlines = [None; 8];
    }

    /// The earliest deadline.
    pub(super) fn next(&self) -> Option<Instant> {
        self.deadlines.iter().copied().flatten().min()
    }

    /// Takes one timer that is due.
    pub(super) fn take_due(&mut self, now: Instant) -> Option<Timer> {
        let due = Timer::ALL.into_iter().find(|timer| self.get(*timer).is_some_and(|at| at <= now))?;
        self.stop(due);
        Some(due)
    }
}
