//! Our own TCP against the kernel: scenarios, and ten megabytes to and from a Python program under
//! loss, reordering and duplication.

use super::file;
use crate::live::spawn::{Ran, finish, handshake, permitted};

/// What our TCP sends when told to send ten megabytes, as Python makes it.
const WANT: &str = "want = (bytes(range(33, 127)) * (10_000_000 // 94 + 1))[:10_000_000]";

/// A lossy wire between a server that listens and accepts and a client, with these calls of our TCP's.
fn lossy(script: &str) -> String {
    format!(
        "title = {{ en = \"Ten megabytes\", zh = \"十兆字节\" }}\nnotes = {{ en = \"-\", zh = \"-\" }}\n\
         profile = \"linux\"\n[hosts]\nclient = {{ addr = \"10.0.0.1\" }}\nserver = {{ addr = \"10.0.0.2\" }}\n\
         [link]\ndelay = \"1ms\"\nloss = 0.05\nreorder = 0.05\nduplicate = 0.05\n\
         [[script]]\ndo = [\"server listen 80\", \"server accept\", {script}]\n"
    )
}

/// Our TCP at one end, a Python program on the other end's kernel.
fn with_python(ours: &str, scenario: &str, program: &str) -> Ran {
    let (_guard, path) = file(scenario);
    let program = format!("{WANT}{program}");
    let options = ["--style", "tcpdump", "--limit", "50", "-o", "/dev/null"];
    let mut command = handshake(["lab", &path, ours, "engine"]);
    finish(command.args(options).args(["--", "python3", "-c", &program]))
}

#[test]
fn a_kernel_fetches_ten_megabytes_from_our_tcp() {
    let program = "
import socket
s = socket.create_connection(('10.0.0.2', 80)); got = bytearray()
while True:
    b = s.recv(65536)
    if not b: break
    got += b
print(len(got), bytes(got) == want)
";
    let ran = with_python("--server", &lossy("\"server send 10MB\", \"server close\""), program);
    if permitted(&ran) {
        ran.code(0);
        assert_eq!(ran.stdout, "10000000 True\n");
    }
}

#[test]
fn a_kernel_sends_ten_megabytes_to_our_tcp() {
    let program = "
import os, socket, zlib
data = os.urandom(10_000_000)
s = socket.create_connection(('10.0.0.2', 80)); s.sendall(data); s.shutdown(socket.SHUT_WR)
assert s.recv(1) == b''
print('%08x' % zlib.crc32(data))
";
    let ran = with_python("--server", &lossy("\"server recv all\", \"server close\""), program);
    if permitted(&ran) {
        let crc = ran.code(0).stdout.trim_end();
        ran.says(&["received 10000000 bytes", crc]);
    }
}

#[test]
fn a_kernels_server_takes_ten_megabytes_from_our_tcp() {
    let program = "
import socket
s = socket.create_server(('10.0.0.2', 80)); c, who = s.accept(); got = bytearray()
while True:
    b = c.recv(65536)
    if not b: break
    got += b
print(who[0], len(got), bytes(got) == want)
";
    let calls = "\"client connect server:80\", \"client send 10MB\", \"client close\"";
    let ran = with_python("--client", &lossy(calls), program);
    if permitted(&ran) {
        ran.code(0);
        assert_eq!(ran.stdout, "10.0.0.1 10000000 True\n");
    }
}

#[test]
fn our_tcp_fetches_ten_megabytes_from_a_kernels_server() {
    let program = "
import os, socket, zlib
data = os.urandom(10_000_000)
s = socket.create_server(('10.0.0.2', 80)); c, _ = s.accept(); c.sendall(data); c.shutdown(socket.SHUT_WR)
assert c.recv(1) == b''
print('%08x' % zlib.crc32(data))
";
    let calls = "\"client connect server:80\", \"client recv all\", \"client close\"";
    let ran = with_python("--client", &lossy(calls), program);
    if permitted(&ran) {
        let crc = ran.code(0).stdout.trim_end();
        ran.says(&["client received 10000000 bytes", crc]);
    }
}

#[test]
fn a_program_that_fails_or_does_not_exist_is_told() {
    let ran =
        finish(&mut handshake(["lab", "three-way", "--server", "engine", "-o", "/dev/null", "--", "false"]));
    if !permitted(&ran) {
        return;
    }
    ran.code(1).says(&["false: exit code 1"]);
    let missing = ["lab", "three-way", "--server", "engine", "--", "no-such-program-here"];
    finish(&mut handshake(missing)).code(2).says(&["no-such-program-here"]);
    let nobody = ["lab", "three-way", "--server", "engine", "--client", "engine", "--", "true"];
    finish(&mut handshake(nobody)).code(2).says(&["No host is left"]);
}
