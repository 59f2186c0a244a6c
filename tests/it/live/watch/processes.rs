//! Forks, other programs, threads, and what they share.

use std::collections::BTreeMap;

use handshake::timeline::{Kind, Note, Operation, Outcome};

use super::super::spawn::{as_nobody, copy_for_everyone, finish, is_root};
use super::{CLIENT, SERVER, Scripts, host, outcomes, timeline, watch};
use crate::tool::Load;

#[test]
fn children_belong_to_their_programs_lane() {
    let server = r#"
import os, socket
s = socket.create_server(("127.0.0.1", 9000))
for _ in range(2):
    c, _ = s.accept()
    if os.fork() == 0:
        c.sendall(b"from a child"); c.close(); os._exit(0)
    c.close(); os.wait()
"#;
    let client = r#"
import socket
for _ in range(2):
    c = socket.create_connection(("127.0.0.1", 9000))
    assert c.recv(99) == b"from a child" and c.recv(99) == b""
"#;
    let Some(timeline) = timeline(&[("server.py", server), ("client.py", client)]) else { return };
    assert_eq!(timeline.hosts.len(), 2, "{:?}", timeline.hosts);
    let server = host(&timeline, "server.py");
    let sent = outcomes(&timeline, server, |op| matches!(op, Operation::Send { len: 12 }));
    assert_eq!(sent, [Outcome::Value(12), Outcome::Value(12)]);
    // Parent and child close what they share, each once.
    assert_eq!(outcomes(&timeline, server, |op| *op == Operation::Close).len(), 4 + 1);
}

#[test]
fn programs_that_programs_start_are_followed() {
    // By vfork and exec, with a socket handed down, from a thread.
    let server = r#"
import socket, subprocess, sys, threading
s = socket.create_server(("127.0.0.1", 9000))
code = "import socket, sys; s = socket.socket(fileno=int(sys.argv[1])); c, _ = s.accept(); c.sendall(b'x'); c.close()"
def run():
    assert subprocess.run([sys.executable, "-c", code, str(s.fileno())], pass_fds=[s.fileno()]).returncode == 0
t = threading.Thread(target=run); t.start(); t.join()
"#;
    let client = r#"
import socket
c = socket.create_connection(("127.0.0.1", 9000)); assert c.recv(9) == b"x"
"#;
    let Some(timeline) = timeline(&[("server.py", server), ("client.py", client)]) else { return };
    let server = host(&timeline, "server.py");
    let accepted = outcomes(&timeline, server, |op| *op == Operation::Accept);
    assert!(matches!(accepted[..], [Outcome::Accepted { .. }]), "{accepted:?}");
}

#[test]
fn a_thread_that_becomes_another_program_takes_the_process_with_it() {
    let program = r#"
import os, socket, sys, threading
s = socket.create_server(("127.0.0.1", 9000))
code = "import socket; s = socket.socket(); print(s.connect_ex(('127.0.0.1', 9)))"
threading.Thread(target=lambda: os.execv(sys.executable, [sys.executable, "-c", code])).start()
s.accept()
"#;
    let Some(timeline) = timeline(&[("program.py", program)]) else { return };
    let program = host(&timeline, "program.py");
    let refused = outcomes(&timeline, program, |op| matches!(op, Operation::Connect(to) if to.port() == 9));
    assert_eq!(refused.len(), 1);
    // Its accept() never came back.
    assert!(outcomes(&timeline, program, |op| *op == Operation::Accept).is_empty());
    let ends = timeline.events.iter().filter(|e| matches!(e.kind, Kind::Note(Note::Exited { code: 0 })));
    assert_eq!(ends.count(), 1);
}

#[test]
fn an_ordinary_user_needs_no_permission_and_keeps_their_name() {
    if !is_root() {
        return; // then every other test shows it
    }
    let (_guard, copy) = copy_for_everyone();
    let low_port = SERVER.replace("9000", "80") + "import os; assert os.getuid() == 65534, os.getuid()\n";
    let scripts = Scripts::new(&[("server.py", &low_port), ("client.py", &CLIENT.replace("9000", "80"))]);
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(scripts.0.path(), open).unwrap();
    let mut command = as_nobody(&copy, ["watch", "--format", "json", "--", "python3"]);
    command.arg(scripts.path("server.py")).args(["--and", "python3"]).arg(scripts.path("client.py"));
    let ran = finish(&mut command);
    if !super::super::spawn::permitted(&ran) {
        return;
    }
    let timeline = ran.code(0).timeline();
    let accepted = outcomes(&timeline, host(&timeline, "server.py"), |op| *op == Operation::Accept);
    assert!(matches!(accepted[..], [Outcome::Accepted { .. }]), "{accepted:?}");
}

#[test]
fn the_private_network_reaches_nothing_else() {
    let program = r#"
import socket
s = socket.socket()
assert s.connect_ex(("192.0.2.1", 80)) == 101, "ENETUNREACH expected"
assert [name for _, name in socket.if_nameindex()] == ["lo"]
"#;
    let Some(timeline) = timeline(&[("program.py", program)]) else { return };
    let tried = outcomes(&timeline, host(&timeline, "program.py"), |op| matches!(op, Operation::Connect(_)));
    assert!(format!("{tried:?}").contains("Unreachable"), "{tried:?}");
}

#[test]
fn a_thousand_connections_lose_nothing() {
    let server = r#"
import socket
s = socket.create_server(("127.0.0.1", 9000))
for _ in range(1000):
    c, _ = s.accept(); c.close()
"#;
    let client = r#"
import socket
for _ in range(1000):
    c = socket.create_connection(("127.0.0.1", 9000)); c.recv(1); c.close()
"#;
    let Some(timeline) = timeline(&[("server.py", server), ("client.py", client)]) else { return };
    let (server, client) = (host(&timeline, "server.py"), host(&timeline, "client.py"));
    assert_eq!(timeline.hosts.len(), 2, "every segment must find its lane: {:?}", timeline.hosts.len());
    let syns = super::segments(&timeline).iter().filter(|s| s.3.syn() && !s.3.ack()).count();
    assert_eq!(syns, 1000);
    assert_eq!(outcomes(&timeline, server, |op| *op == Operation::Accept).len(), 1000);
    assert_eq!(
        outcomes(&timeline, client, |op| matches!(op, Operation::Connect(_))),
        vec![Outcome::Done; 1000]
    );
}

/// What `watch` says at the end of a program whose calls cannot be followed.
fn unseen(program: &str) -> Option<String> {
    let ran = watch("", &[("program.py", program)])?;
    // No such calls on this machine.
    if ran.stderr.contains("SIGSEGV") || ran.stderr.contains("no io_uring") {
        return None;
    }
    assert!(!ran.code(0).stderr.contains("No program used the network."), "{}", ran.stderr);
    Some(ran.stderr)
}

#[test]
fn calls_that_cannot_be_followed_are_told() {
    let ring = r#"
import ctypes, sys
number = ctypes.CDLL(None).syscall(425, 4, ctypes.create_string_buffer(120))
if number < 0: print("no io_uring", file=sys.stderr)
"#;
    if let Some(told) = unseen(ring) {
        assert!(told.contains("program.py: The program uses io_uring."), "{told}");
    }
    // `int 0x80` enters the kernel as a 32-bit program does, from any program: socketcall(0, NULL), twice.
    let foreign = r#"
import ctypes, mmap
code = bytes.fromhex("53 b866000000 31db 31c9 cd80 5b c3")
room = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
room.write(code)
call = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(room)))
assert (call(), call()) == (-22, -22)
"#;
    if cfg!(target_arch = "x86_64")
        && let Some(told) = unseen(foreign)
    {
        assert_eq!(
            told.matches("program.py: The program makes system calls in the 32-bit way.").count(),
            1,
            "{told}"
        );
    }
}

#[test]
fn states_follow_one_another_on_a_busy_machine() {
    let server = r#"
import socket
s = socket.create_server(("127.0.0.1", 9000))
for _ in range(5):
    c, _ = s.accept(); c.recv(99); c.sendall(b"hi"); c.recv(9); c.close()
"#;
    let client = r#"
import socket
for _ in range(5):
    c = socket.create_connection(("127.0.0.1", 9000)); c.sendall(b"hello"); c.recv(99); c.close()
"#;
    let _load = Load::new();
    for _ in 0..3 {
        let Some(timeline) = timeline(&[("server.py", server), ("client.py", client)]) else { return };
        let mut states = BTreeMap::new();
        for event in &timeline.events {
            let Kind::State { connection, from, to, .. } = event.kind else { continue };
            let key = (event.host.0, connection.local, connection.remote);
            if let Some(before) = states.insert(key, to) {
                assert_eq!(before, from, "{key:?} in {:#?}", timeline.events);
            }
        }
        assert_eq!(states.len(), 1 + 2 * 5, "{states:?}");
    }
}
