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

/// A kind of system calls.
struct Machine {
    /// Its `AUDIT_ARCH_…`.
    architecture: u32,
    /// The calls that make a socket.
    socket: &'static [u32],
}

/// `AUDIT_ARCH_…` of the machine this is built for: a 32-bit program's numbers mean other calls.
#[cfg(target_arch = "x86_64")]
const ARCHITECTURE: u32 = 0xc000_003e;
#[cfg(target_arch = "aarch64")]
const ARCHITECTURE: u32 = 0xc000_00b7;
#[cfg(target_arch = "riscv64")]
const ARCHITECTURE: u32 = 0xc000_00f3;

/// The machine that this one can pretend to be. Its calls are not followed, but the program that makes a socket
/// that way is found out: i386's `socketcall` and `socket`, 32-bit ARM's `socket`.
#[cfg(target_arch = "x86_64")]
const OTHER: Machine = Machine { architecture: 0x4000_0003, socket: &[102, 359] };
#[cfg(target_arch = "aarch64")]
const OTHER: Machine = Machine { architecture: 0x4000_0028, socket: &[281] };
#[cfg(target_arch = "riscv64")]
const OTHER: Machine = Machine { architecture: 0, socket: &[] };

/// What the filter marks a call of the other machine with.
pub(super) const FOREIGN: i32 = 1;

// `struct seccomp_data { int nr; __u32 arch; … }`
const NUMBER_AT: u32 = 0;
const ARCHITECTURE_AT: u32 = 4;

const LOAD: u16 = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16;
const JUMP_EQUAL: u16 = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16;
const RETURN: u16 = (libc::BPF_RET | libc::BPF_K) as u16;

fn step(code: u16, k: u32, jt: u8, jf: u8) -> libc::sock_filter {
    libc::sock_filter { code, jt, jf, k }
}

/// The seccomp program: a followed call of this machine's own kind stops for the tracer, and so does the other
/// kind's way to a socket; all else passes.
pub(super) fn filter() -> Vec<libc::sock_filter> {
    let ours: Vec<u32> = KNOWN.iter().map(|call| call.number as u32).collect();
    let mut program = vec![step(LOAD, ARCHITECTURE_AT, 0, 0)];
    add_calls(&mut program, ARCHITECTURE, &ours, libc::SECCOMP_RET_TRACE);
    add_calls(&mut program, OTHER.architecture, OTHER.socket, libc::SECCOMP_RET_TRACE | FOREIGN as u32);
    program.push(step(RETURN, libc::SECCOMP_RET_ALLOW, 0, 0));
    program
}

/// On this machine, whose number has just been loaded: these calls lead to `verdict`, all others pass.
fn add_calls(program: &mut Vec<libc::sock_filter>, architecture: u32, numbers: &[u32], verdict: u32) {
    let count = numbers.len() as u8;
    program.push(step(JUMP_EQUAL, architecture, 0, count + 3)); // no: past all this
    program.push(step(LOAD, NUMBER_AT, 0, 0));
    for (already, number) in (0_u8..).zip(numbers) {
        program.push(step(JUMP_EQUAL, *number, count - already, 0)); // yes: to the verdict
    }
    program.push(step(RETURN, libc::SECCOMP_RET_ALLOW, 0, 0));
    program.push(step(RETURN, verdict, 0, 0));
}
