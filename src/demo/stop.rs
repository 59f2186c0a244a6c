//! The wish to end, and what it wakes.
//!
//! The demos make blocking calls, as the lecture's programs do, so that `accept()` really waits in
//! `accept()`. Ctrl-C must still end them at once and cleanly. So the open sockets are listed here;
//! when the wish comes, each is shut down, which makes the call that waits in it return, and the
//! threads leave by their ordinary way out: conversations are closed, not torn.

use std::io;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::eventfd::{EfdFlags, EventFd};
use nix::sys::socket::{Shutdown, shutdown};

use crate::live::signal::EndSignals;

/// The exit code of a program that a second Ctrl-C had to end.
const INTERRUPTED: i32 = 130;

/// A wish to end that can be uttered once and is seen by every thread.
#[derive(Clone, Debug)]
pub struct Stop(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    raised: AtomicBool,
    /// Readable from the moment of the wish on; nobody ever reads it.
    bell: EventFd,
    open: Mutex<Vec<Weak<dyn HangUp>>>,
}

/// A socket whose waiting call can be made to return.
pub(super) trait HangUp: std::fmt::Debug + Send + Sync {
    /// Makes calls that wait in this socket return. Errors are of no interest: a socket that is
    /// gone already waits for nothing.
    fn hang_up(&self);
}

impl HangUp for TcpStream {
    fn hang_up(&self) {
        self.shutdown(std::net::Shutdown::Both).ok();
    }
}

impl HangUp for TcpListener {
    fn hang_up(&self) {
        shutdown(self.as_raw_fd(), Shutdown::Both).ok();
    }
}

impl HangUp for UdpSocket {
    // Linux answers ENOTCONN for a datagram socket without a peer, and wakes its readers all the same.
    fn hang_up(&self) {
        shutdown(self.as_raw_fd(), Shutdown::Both).ok();
    }
}

/// What a wait ended with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ready {
    /// The descriptor at this place of the list can be read (or has an error or an end to tell).
    At(usize),
    /// The time was over first.
    TimedOut,
    /// The wish to end came first.
    Stopped,
}

impl Stop {
    /// A wish that nobody has uttered yet.
    ///
    /// # Errors
    /// The kernel's, when it has no descriptor left.
    pub fn new() -> io::Result<Self> {
        let bell = EventFd::from_value_and_flags(0, EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK)?;
        Ok(Self(Arc::new(Inner { raised: AtomicBool::new(false), bell, open: Mutex::new(Vec::new()) })))
    }

    /// A wish that Ctrl-C, SIGTERM and SIGHUP utter. A second signal ends the process at once, should
    /// the first have had no effect. Call it while the program has one thread.
    ///
    /// # Errors
    /// The kernel's, when it has no descriptor or thread left.
    pub fn on_signals() -> io::Result<Self> {
        let stop = Self::new()?;
        let signals = EndSignals::block()?;
        let raised = stop.clone();
        std::thread::Builder::new().name("signals".into()).spawn(move || {
            if signals.wait().is_ok() {
                raised.raise();
            }
            if signals.wait().is_ok() {
                std::process::exit(INTERRUPTED);
            }
        })?;
        Ok(stop)
    }

    /// Utters the wish: every waiting call returns, now and from now on.
    pub fn raise(&self) {
        let mut open = self.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        self.0.raised.store(true, Ordering::SeqCst);
        self.0.bell.write(1).ok();
        for socket in open.drain(..) {
            if let Some(socket) = socket.upgrade() {
                socket.hang_up();
            }
        }
    }

    /// Whether the wish was uttered.
    pub fn is_raised(&self) -> bool {
        self.0.raised.load(Ordering::SeqCst)
    }

    /// Lists a socket among those that the wish wakes; at once, if it was uttered already.
    pub(super) fn watch(&self, socket: Weak<dyn HangUp>) {
        let mut open = self.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_raised() {
            if let Some(socket) = socket.upgrade() {
                socket.hang_up();
            }
            return;
        }
        // Keeps the list as long as the sockets that live, amortised.
        if open.len() == open.capacity() {
            open.retain(|socket| socket.strong_count() > 0);
        }
        open.push(socket);
    }

    /// Waits until one of the descriptors can be read, the first of them counting first. Without
    /// `patience` it waits as long as it takes.
    ///
    /// # Errors
    /// The kernel's, when a descriptor cannot be waited for.
    pub fn wait_readable(&self, fds: &[BorrowedFd<'_>], patience: Option<Duration>) -> io::Result<Ready> {
        self.wait(fds, PollFlags::POLLIN, patience)
    }

    /// Waits until this descriptor takes more bytes.
    ///
    /// # Errors
    /// The kernel's, when the descriptor cannot be waited for.
    pub fn wait_writable(&self, fd: BorrowedFd<'_>, patience: Option<Duration>) -> io::Result<Ready> {
        self.wait(&[fd], PollFlags::POLLOUT, patience)
    }

    fn wait(&self, fds: &[BorrowedFd<'_>], what: PollFlags, patience: Option<Duration>) -> io::Result<Ready> {
        let until = patience.and_then(|patience| Instant::now().checked_add(patience));
        let mut list: Vec<PollFd<'_>> = fds.iter().map(|fd| PollFd::new(*fd, what)).collect();
        list.push(PollFd::new(self.0.bell.as_fd(), PollFlags::POLLIN));
        loop {
            let left = match until {
                None => PollTimeout::NONE,
                Some(until) => {
                    // Rounded up: a wait that ends a fraction early would spin until the end.
                    let left = until.saturating_duration_since(Instant::now()) + Duration::from_micros(999);
                    PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX)
                }
            };
            match poll(&mut list, left) {
                Ok(0) if until.is_some_and(|until| Instant::now() < until) => {}
                Ok(0) => return Ok(Ready::TimedOut),
                Ok(_) if self.is_raised() => return Ok(Ready::Stopped),
                Ok(_) => {
                    if let Some(at) = list.iter().position(|fd| fd.any().unwrap_or(true)) {
                        return Ok(Ready::At(at));
                    }
                }
                Err(Errno::EINTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}
