//! Signals as things to wait for, instead of handlers that interrupt.

#![allow(unsafe_code)]

use std::borrow::Cow;
use std::ptr;
use std::time::Duration;

use nix::sys::signal::{SigSet, SigmaskHow, Signal, pthread_sigmask};

use crate::live::Result;
use crate::live::error::Context;

/// The signals that the supervisor waits for, kept from being delivered until dropped.
pub(super) struct Signals {
    wanted: SigSet,
    before: SigSet,
}

/// What ended a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Woken {
    /// A traced task has something to tell.
    Task,
    /// The user wants an end (Ctrl-C, a closed terminal, a polite kill).
    Interrupt,
    /// The time is over.
    Timeout,
}

impl Signals {
    /// Blocks them in this thread and in those it will start.
    pub(super) fn block() -> Result<Self> {
        let wanted: SigSet =
            [Signal::SIGCHLD, Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP].into_iter().collect();
        let mut before = SigSet::empty();
        pthread_sigmask(SigmaskHow::SIG_BLOCK, Some(&wanted), Some(&mut before)).doing("blocking signals")?;
        // Whoever started us may have had children's ends ignored, and would have us never hear of them.
        // SAFETY: no handler function is installed.
        unsafe { libc::signal(libc::SIGCHLD, libc::SIG_DFL) };
        Ok(Signals { wanted, before })
    }

    /// Waits for one of them, at most so long.
    pub(super) fn wait(&self, at_most: Duration) -> Woken {
        let time = libc::timespec {
            tv_sec: at_most.as_secs() as libc::time_t,
            tv_nsec: libc::c_long::from(at_most.subsec_nanos() as i32),
        };
        // SAFETY: set and time are valid for the call; nobody asks for the signal's details.
        let signal = unsafe { libc::sigtimedwait(self.wanted.as_ref(), ptr::null_mut(), &raw const time) };
        match signal {
            libc::SIGCHLD => Woken::Task,
            libc::SIGINT | libc::SIGTERM | libc::SIGHUP => Woken::Interrupt,
            _ => Woken::Timeout,
        }
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        let _ = pthread_sigmask(SigmaskHow::SIG_SETMASK, Some(&self.before), None);
    }
}

/// The name of a signal, `SIGSEGV`; real-time signals are counted from the first of them.
pub fn name(signal: i32) -> Cow<'static, str> {
    match Signal::try_from(signal) {
        Ok(signal) => signal.as_str().into(),
        Err(_) => format!("SIGRTMIN+{}", signal - libc::SIGRTMIN()).into(),
    }
}
