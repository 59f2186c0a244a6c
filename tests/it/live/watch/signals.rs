//! Signals reach the programs, and interrupted calls are told as they went.

use handshake::timeline::{Kind, Note, Operation, Outcome, Step};

use super::{calls, host, outcomes, timeline, watch};

/// Interrupts the main thread's `accept()` by a signal after whose handler the kernel makes it again, or not.
fn interrupted(restart: bool) -> String {
    let siginterrupt = if restart { "False" } else { "True" };
    format!(
        r#"
import ctypes, signal, socket, threading, time
signal.signal(signal.SIGUSR1, lambda number, frame: None)
signal.siginterrupt(signal.SIGUSR1, {siginterrupt})
s = socket.create_server(("127.0.0.1", 9000))
main = threading.main_thread().ident
def disturb():
    time.sleep(.2); signal.pthread_kill(main, signal.SIGUSR1)
    time.sleep(.2); c = socket.create_connection(("127.0.0.1", 9000)); c.recv(1)
threading.Thread(target=disturb, daemon=True).start()
# The C library's accept(): Python's own makes an interrupted call again by itself.
libc = ctypes.CDLL(None, use_errno=True)
fd = libc.accept(s.fileno(), None, None)
if {siginterrupt}:
    assert (fd, ctypes.get_errno()) == (-1, 4), (fd, ctypes.get_errno())
    fd = libc.accept(s.fileno(), None, None)
assert fd >= 0
"#
    )
}

#[test]
fn a_call_that_the_kernel_restarts_is_one_call() {
    let Some(timeline) = timeline(&[("program.py", &interrupted(true))]) else { return };
    let program = host(&timeline, "program.py");
    let accepts: Vec<bool> = calls(&timeline, program)
        .into_iter()
        .filter(|(_, call)| call.operation == Operation::Accept)
        .map(|(_, call)| call.step == Step::Entered)
        .collect();
    assert_eq!(accepts, [true, false]);
}

#[test]
fn a_call_that_fails_with_eintr_says_so() {
    let Some(timeline) = timeline(&[("program.py", &interrupted(false))]) else { return };
    let accepts = outcomes(&timeline, host(&timeline, "program.py"), |op| *op == Operation::Accept);
    assert_eq!(accepts.len(), 2, "{accepts:?}");
    assert_eq!(accepts[0], Outcome::FailedWith("EINTR".into()));
    assert!(matches!(accepts[1], Outcome::Accepted { .. }), "{accepts:?}");
}

#[test]
fn a_stopped_child_stays_stopped_until_it_is_continued() {
    let program = r#"
import os, signal, time
child = os.fork()
if child == 0:
    os.kill(os.getpid(), signal.SIGSTOP); os._exit(7)
pid, status = os.waitpid(child, os.WUNTRACED)
assert os.WIFSTOPPED(status) and os.WSTOPSIG(status) == signal.SIGSTOP, status
time.sleep(.2)
assert os.waitpid(child, os.WNOHANG) == (0, 0), "it did not stay stopped"
os.kill(child, signal.SIGCONT)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
"#;
    let Some(ran) = watch("", &[("program.py", program)]) else { return };
    ran.code(0);
}

#[test]
fn real_time_signals_pass_through() {
    let program = r"
import os, signal
got = []
number = signal.SIGRTMIN + 5
signal.signal(number, lambda n, _: got.append(n)); os.kill(os.getpid(), number)
assert got == [number]
signal.signal(number, signal.SIG_DFL); os.kill(os.getpid(), number)
";
    let Some(ran) = watch("", &[("program.py", program)]) else { return };
    ran.code(1).says(&["program.py: ended by the signal SIGRTMIN+5"]);
}

#[test]
fn a_crash_is_told_with_its_signal() {
    let server = r#"
import ctypes, socket
s = socket.create_server(("127.0.0.1", 9000)); c, _ = s.accept(); c.recv(9); ctypes.string_at(0)
"#;
    let client = r#"
import socket
c = socket.create_connection(("127.0.0.1", 9000)); c.sendall(b"boom"); assert c.recv(9) == b""
"#;
    let Some(ran) = watch("--format json", &[("server.py", server), ("client.py", client)]) else { return };
    ran.code(1).says(&["server.py: ended by the signal SIGSEGV", "client.py: exit code 0"]);
    let timeline = ran.timeline();
    let server = host(&timeline, "server.py");
    let killed = timeline.events.iter().any(|event| {
        event.host == server
            && matches!(&event.kind, Kind::Note(Note::Killed { signal }) if signal == "SIGSEGV")
    });
    assert!(killed);
    // The kernel closes for the dead: its FIN is there, no close() is.
    assert!(super::segments(&timeline).iter().any(|s| s.1 == server && s.3.fin()));
    assert!(outcomes(&timeline, server, |op| *op == Operation::Close).is_empty());
}
