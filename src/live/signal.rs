//! Ctrl-C as something one can wait for.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};

use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};

/// The signals that ask a program to end (SIGINT from Ctrl-C, SIGTERM, SIGHUP from a closed
/// terminal), taken from a descriptor instead of a handler: no handler, no `unsafe`, and nothing
/// is interrupted halfway.
#[derive(Debug)]
pub struct EndSignals(SignalFd);

impl EndSignals {
    /// Blocks the signals in this thread and in those that it starts from now on, and opens the
    /// descriptor they are read from. Call it while the program has one thread: another thread
    /// would still die of them.
    ///
    /// # Errors
    /// The kernel's, when it has no descriptor left.
    pub fn block() -> io::Result<Self> {
        let mut set = SigSet::empty();
        for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
            set.add(signal);
        }
        set.thread_block()?;
        Ok(Self(SignalFd::with_flags(&set, SfdFlags::SFD_CLOEXEC)?))
    }

    /// Waits for the next of these signals, however long it takes.
    ///
    /// # Errors
    /// The kernel's, when the descriptor cannot be read.
    pub fn wait(&self) -> io::Result<Signal> {
        loop {
            if let Some(info) = self.0.read_signal()? {
                return Ok(Signal::try_from(info.ssi_signo.cast_signed())?);
            }
        }
    }
}

impl AsFd for EndSignals {
    /// Readable while a signal waits to be taken.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
