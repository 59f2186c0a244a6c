//! The system calls that are followed, and the filter that stops a program at exactly these.

/// What a call does, which decides how its arguments and its result are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// `socket(family, type, protocol)`.
    Socket,
    /// `bind(fd, address, length)`.
    Bind,
    /// `listen(fd, backlog)`.
    Listen,
    /// `accept(fd, …)`.
    Accept,
    /// `connect(fd, address, length)`.
    Connect,
    /// `write(fd, text, length)`.
    Write,
    /// `writev(fd, vector, count)`.
    WriteVector,
    /// `sendto(fd, text, length, flags, address, length)`.
    SendTo,
    /// `sendmsg(fd, message, flags)`.
    SendMessage,
    /// `sendfile(out, in, offset, length)`.
    SendFile,
    /// `read(fd, room, length)`.
    Read,
    /// `readv(fd, vector, count)`.
    ReadVector,
    /// `recvfrom(fd, room, length, flags, address, length)`.
    ReceiveFrom,
    /// `recvmsg(fd, message, flags)`.
    ReceiveMessage,
    /// Several messages at once: `sendmmsg`, `recvmmsg` `(fd, messages, count, …)`.
    Messages,
    /// `shutdown(fd, how)`.
    Shutdown,
    /// `setsockopt(fd, level, name, value, length)`.
    SetOption,
    /// `close(fd)`.
    Close,
    /// The end of a signal handler, which tells what became of the call that the signal interrupted.
    SignalReturn,
    /// `io_uring_setup`: from here on calls can pass by unseen, which has to be said.
    Ring,
}

/// A call that is followed: its number on this machine, its name, its shape.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) number: i64,
    pub(super) name: &'static str,
    pub(super) shape: Shape,
}

macro_rules! known {
    ($($number:ident $name:literal $shape:ident;)+) => {
        &[$(Known { number: libc::$number as i64, name: $name, shape: Shape::$shape }),+]
    };
}

/// Every call that is followed.
pub(super) const KNOWN: &[Known] = known! {
    SYS_socket "socket" Socket;
    SYS_bind "bind" Bind;
    SYS_listen "listen" Listen;
    SYS_accept "accept" Accept;
    SYS_accept4 "accept" Accept;
    SYS_connect "connect" Connect;
    SYS_write "write" Write;
    SYS_writev "writev" WriteVector;
    SYS_sendto "sendto" SendTo;
    SYS_sendmsg "sendmsg" SendMessage;
    SYS_sendfile "sendfile" SendFile;
    SYS_sendmmsg "sendmmsg" Messages;
    SYS_read "read" Read;
    SYS_readv "readv" ReadVector;
    SYS_recvfrom "recvfrom" ReceiveFrom;
    SYS_recvmsg "recvmsg" ReceiveMessage;
    SYS_recvmmsg "recvmmsg" Messages;
    SYS_shutdown "shutdown" Shutdown;
    SYS_setsockopt "setsockopt" SetOption;
    SYS_close "close" Close;
    SYS_rt_sigreturn "rt_sigreturn" SignalReturn;
    SYS_io_uring_setup "io_uring_setup" Ring;
};

/// The followed call of this number.
pub(super) fn known(number: i64) -> Option<&'static Known> {
    KNOWN.iter().find(|call| call.number == number)
}

/// `AUDIT_ARCH_…` of the machine this is built for: a 32-bit program's numbers mean other calls.
#[cfg(target_arch = "x86_64")]
const ARCHITECTURE: u32 = 0xc000_003e;
#[cfg(target_arch = "aarch64")]
const ARCHITECTURE: u32 = 0xc000_00b7;
#[cfg(target_arch = "riscv64")]
const ARCHITECTURE: u32 = 0xc000_00f3;

// `struct seccomp_data { int nr; __u32 arch; … }`
const NUMBER_AT: u32 = 0;
const ARCHITECTURE_AT: u32 = 4;

const LOAD: u16 = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16;
const JUMP_EQUAL: u16 = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16;
const RETURN: u16 = (libc::BPF_RET | libc::BPF_K) as u16;

/// The seccomp program: a followed call of this machine's own kind stops for the tracer, all else passes.
pub(super) fn filter() -> Vec<libc::sock_filter> {
    let step = |code, k, jt, jf| libc::sock_filter { code, jt, jf, k };
    let count = KNOWN.len() as u8;
    let mut program = vec![
        step(LOAD, ARCHITECTURE_AT, 0, 0),
        step(JUMP_EQUAL, ARCHITECTURE, 0, count + 1), // no: to "allow"
        step(LOAD, NUMBER_AT, 0, 0),
    ];
    for (already, call) in (0_u8..).zip(KNOWN) {
        program.push(step(JUMP_EQUAL, call.number as u32, count - already, 0)); // yes: to "trace"
    }
    program.push(step(RETURN, libc::SECCOMP_RET_ALLOW, 0, 0));
    program.push(step(RETURN, libc::SECCOMP_RET_TRACE, 0, 0));
    program
}
