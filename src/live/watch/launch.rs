//! Starting a program so that its very first network call is already seen.

#![allow(unsafe_code)]

use std::ffi::{CString, OsStr};
use std::io;
use std::mem;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::ptr;

use super::calls;
use super::ptrace::{self, Tid};

/// A program ready to be started.
pub(super) struct Launch {
    arguments: Vec<CString>,
    /// Where its standard output goes instead of ours.
    output: Option<OwnedFd>,
}

impl Launch {
    /// Prepares a program by its name and arguments; the name is looked up in `PATH` as a shell does.
    ///
    /// # Errors
    /// `InvalidInput` when there is no name, or an argument holds a NUL octet.
    pub(super) fn new(arguments: &[impl AsRef<OsStr>], output: Option<OwnedFd>) -> io::Result<Self> {
        let arguments = arguments
            .iter()
            .map(|argument| CString::new(argument.as_ref().as_bytes()))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
        if arguments.is_empty() {
            return Err(io::Error::from(io::ErrorKind::InvalidInput));
        }
        Ok(Launch { arguments, output })
    }

    /// Forks, seizes the child, and only then lets it run the program. Whether that worked shows later:
    /// a child that ends before its [`Executed`](ptrace::Stop::Executed) has its errno as exit code.
    ///
    /// # Errors
    /// When the process could not be made, or tracing it is not permitted.
    pub(super) fn start(&self) -> io::Result<Tid> {
        let (wait_end, go_end) = nix::unistd::pipe2(nix::fcntl::OFlag::O_CLOEXEC)?;
        // Everything that needs memory is prepared here: between fork and exec nothing may allocate.
        let mut argv: Vec<*const libc::c_char> =
            self.arguments.iter().map(|argument| argument.as_ptr()).collect();
        argv.push(ptr::null());
        let mut filter = calls::filter();
        let filter = libc::sock_fprog { len: filter.len() as u16, filter: filter.as_mut_ptr() };
        let prepared = Prepared {
            wait: wait_end.as_raw_fd(),
            go: go_end.as_raw_fd(),
            output: self.output.as_ref().map(AsRawFd::as_raw_fd),
            argv: &argv,
            filter: &filter,
        };
        // SAFETY: the child calls only async-signal-safe functions and never returns from `become_program`.
        let child = unsafe { libc::fork() };
        match child {
            -1 => return Err(io::Error::last_os_error()),
            0 => prepared.become_program(),
            _ => drop(wait_end),
        }
        if let Err(error) = ptrace::seize(child) {
            drop(go_end); // the child reads the end of the pipe and leaves
            let _ = nix::sys::wait::waitpid(nix::unistd::Pid::from_raw(child), None);
            return Err(error);
        }
        nix::unistd::write(&go_end, b"g")?;
        Ok(child)
    }
}

/// What the child needs between fork and exec.
struct Prepared<'a> {
    wait: RawFd,
    go: RawFd,
    output: Option<RawFd>,
    argv: &'a [*const libc::c_char],
    filter: &'a libc::sock_fprog,
}

impl Prepared<'_> {
    fn become_program(&self) -> ! {
        // SAFETY: only async-signal-safe calls, on memory that the parent prepared before it forked; the
        // pointers in `argv` end with a null pointer and point to strings that end with NUL.
        unsafe {
            if self.prepare() {
                libc::execvp(self.argv[0], self.argv.as_ptr());
            }
            libc::_exit(*libc::__errno_location())
        }
    }

    /// False when a step failed; errno tells why.
    ///
    /// # Safety
    /// To be called between fork and exec.
    unsafe fn prepare(&self) -> bool {
        // SAFETY: as above; `mem::zeroed` is a valid empty signal set until `sigemptyset` makes it one.
        unsafe {
            // Our own copy of the writing end would keep the pipe open if the parent died.
            libc::close(self.go);
            let mut go = 0_u8;
            if libc::read(self.wait, (&raw mut go).cast(), 1) != 1 {
                *libc::__errno_location() = libc::ECANCELED;
                return false;
            }
            // We block signals and ignore SIGPIPE; a program expects neither.
            let mut none: libc::sigset_t = mem::zeroed();
            libc::sigemptyset(&raw mut none);
            libc::pthread_sigmask(libc::SIG_SETMASK, &raw const none, ptr::null_mut());
            libc::signal(libc::SIGPIPE, libc::SIG_DFL);
            if let Some(output) = self.output
                && libc::dup2(output, 1) < 0
            {
                return false;
            }
            // Without this an unprivileged process may not install a filter.
            let (yes, none): (libc::c_ulong, libc::c_ulong) = (1, 0);
            let mode = libc::c_ulong::from(libc::SECCOMP_MODE_FILTER);
            libc::prctl(libc::PR_SET_NO_NEW_PRIVS, yes, none, none, none) == 0
                && libc::prctl(libc::PR_SET_SECCOMP, mode, ptr::from_ref(self.filter)) == 0
        }
    }
}
