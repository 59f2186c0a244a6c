//! The few requests of `ptrace(2)` that watching needs, and what `waitpid(2)` reports about a traced task.
//!
//! Signals stay plain numbers: programs use real-time signals, for which typed wrappers have no name.
//! All requests about a task must come from the thread that seized it.

#![allow(unsafe_code)]

use std::io;
use std::ptr;

/// A traced task: a thread's id, equal to the process's id for its first thread.
pub(super) type Tid = libc::pid_t;

/// What a stopped or ended task has to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// It ended with this exit code.
    Exited(i32),
    /// This signal ended it.
    Killed(i32),
    /// It is about to make a call that the filter selects.
    CallEntered,
    /// The call it was let into has come back.
    CallReturned,
    /// It made a thread or a process.
    Forked,
    /// It runs another program now.
    Executed,
    /// A signal is about to reach it.
    Signal(i32),
    /// It is stopped as a job (Ctrl-Z), until SIGCONT.
    JobStopped,
    /// Nothing to tell: a new task's first stop, or the end of a job stop.
    Other,
}

/// A system call as the kernel describes it at a stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RawCall {
    /// Its number.
    pub(super) number: i64,
    /// Its arguments.
    pub(super) arguments: [u64; 6],
    /// The stack pointer: a signal handler runs deeper than the call it interrupted.
    pub(super) stack: u64,
}

/// C libraries disagree on the type of a request.
#[cfg(target_env = "musl")]
type Request = libc::c_int;
#[cfg(not(target_env = "musl"))]
type Request = libc::c_uint;

/// Not in every C library's headers.
const GET_SYSCALL_INFO: Request = 0x420e;
const INFO_EXIT: u8 = 2;
const INFO_SECCOMP: u8 = 3;
const EVENT_STOP: i32 = 128;

/// How a stopped task goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resume {
    /// To its next event, with this signal (0: none).
    Run(i32),
    /// Only until the call it stands before has returned.
    ToReturn,
    /// Stay stopped, but notice SIGCONT.
    Listen,
}

fn request(request: Request, tid: Tid, address: usize, data: usize) -> io::Result<i64> {
    // SAFETY: the two pointer-sized arguments are either plain numbers or point to memory that the caller
    // of this private function keeps alive and large enough for the request.
    let answer =
        unsafe { libc::ptrace(request, tid, address as *mut libc::c_void, data as *mut libc::c_void) };
    if answer == -1 { Err(io::Error::last_os_error()) } else { Ok(answer) }
}

/// Starts tracing a task without stopping it; all tasks it makes are traced too, and none outlives us.
pub(super) fn seize(tid: Tid) -> io::Result<()> {
    let options = libc::PTRACE_O_TRACESYSGOOD
        | libc::PTRACE_O_TRACESECCOMP
        | libc::PTRACE_O_TRACEFORK
        | libc::PTRACE_O_TRACEVFORK
        | libc::PTRACE_O_TRACECLONE
        | libc::PTRACE_O_TRACEEXEC
        | libc::PTRACE_O_EXITKILL;
    request(libc::PTRACE_SEIZE, tid, 0, options as usize).map(drop)
}

/// Lets a stopped task go on. A task that is gone by now is no error: its end is reported by [`wait`].
pub(super) fn resume(tid: Tid, how: Resume) -> io::Result<()> {
    let (what, signal) = match how {
        Resume::Run(signal) => (libc::PTRACE_CONT, signal),
        Resume::ToReturn => (libc::PTRACE_SYSCALL, 0),
        Resume::Listen => (libc::PTRACE_LISTEN, 0),
    };
    match request(what, tid, 0, signal as usize) {
        Err(error) if error.raw_os_error() == Some(libc::ESRCH) => Ok(()),
        other => other.map(drop),
    }
}

/// The number that belongs to the last event of a stopped task: its new child, or its former id.
pub(super) fn event_message(tid: Tid) -> io::Result<Tid> {
    let mut message: libc::c_ulong = 0;
    request(libc::PTRACE_GETEVENTMSG, tid, 0, ptr::from_mut(&mut message) as usize)?;
    Ok(message as Tid)
}

/// `struct ptrace_syscall_info` as words: what kind of stop, the stack pointer, and what follows them.
fn call_info(tid: Tid) -> io::Result<(u8, u64, [u64; 8])> {
    let mut words = [0_u64; 11];
    request(GET_SYSCALL_INFO, tid, size_of_val(&words), ptr::from_mut(&mut words) as usize)?;
    let [head, _instruction, stack, rest @ ..] = words;
    Ok((head.to_ne_bytes()[0], stack, rest))
}

/// The call that a task stopped at [`Stop::CallEntered`] is about to make.
pub(super) fn entered_call(tid: Tid) -> io::Result<RawCall> {
    let (kind, stack, [number, rest @ ..]) = call_info(tid)?;
    let [arguments @ .., _] = rest;
    if kind != INFO_SECCOMP {
        return Err(io::Error::from(io::ErrorKind::InvalidData));
    }
    Ok(RawCall { number: number as i64, arguments, stack })
}

/// The value that the call of a task stopped at [`Stop::CallReturned`] gave, negative values being errno,
/// and the stack pointer it returned with.
pub(super) fn returned_value(tid: Tid) -> io::Result<(i64, u64)> {
    let (kind, stack, rest) = call_info(tid)?;
    if kind != INFO_EXIT {
        return Err(io::Error::from(io::ErrorKind::InvalidData));
    }
    Ok((rest[0] as i64, stack))
}

/// The next task with something to tell, or `None` when none has at the moment.
///
/// # Errors
/// `ECHILD` when no child is left.
pub(super) fn wait() -> io::Result<Option<(Tid, Stop)>> {
    let mut status = 0;
    // SAFETY: `status` is a valid place for the call to write to.
    match unsafe { libc::waitpid(-1, &raw mut status, libc::__WALL | libc::WNOHANG) } {
        -1 => Err(io::Error::last_os_error()),
        0 => Ok(None),
        tid => Ok(Some((tid, decode(status)))),
    }
}

fn decode(status: i32) -> Stop {
    if libc::WIFEXITED(status) {
        return Stop::Exited(libc::WEXITSTATUS(status));
    }
    if libc::WIFSIGNALED(status) {
        return Stop::Killed(libc::WTERMSIG(status));
    }
    let signal = libc::WSTOPSIG(status);
    match status >> 16 {
        0 if signal == libc::SIGTRAP | 0x80 => Stop::CallReturned,
        0 => Stop::Signal(signal),
        libc::PTRACE_EVENT_SECCOMP => Stop::CallEntered,
        libc::PTRACE_EVENT_FORK | libc::PTRACE_EVENT_VFORK | libc::PTRACE_EVENT_CLONE => Stop::Forked,
        libc::PTRACE_EVENT_EXEC => Stop::Executed,
        EVENT_STOP if signal != libc::SIGTRAP => Stop::JobStopped,
        _ => Stop::Other,
    }
}
