//! Our own TCP against the kernel: scenarios, and ten megabytes to and from a Python program under
//! loss, reordering and duplication.

use super::file;
use crate::live::spawn::{Ran, finish, handshake, permitted};

/// A lossy wire to a server with this script, after it listens and accepts.
fn lossy(script: &str) -> String {
    format!(
        "title = {{ en = \"Ten megabytes\", zh = \"十兆字节\" }}\nnotes = {{ en = \"-\", zh = \"-\" }}\n\
         profile = \"linux\"\n[hosts]\nclient = {{ addr = \"10.0.0.1\" }}\nserver = {{ addr = \"10.0.0.2\" }}\n\
         [link]\ndelay = \"1ms\"\nloss = 0.05\nreorder = 0.05\nduplicate = 0.05\n\
         [[script]]\ndo = [\"server listen 80\", \"server accept\", {script}]\n"
    )
}

/// A Python program on the client's kernel, our TCP as the server.
fn with_python(scenario: &str, program: &str) -> Ran {
    let (_guard, path) = file(scenario);
    finish(&mut handshake([
        "lab",
        &path,
        "--server",
        "engine",
        "--style",
        "tcpdump",
        "--limit",
        "50",
        "-o",
        "/dev/null",
        "--",
        "python3",
        "-c",
        program,
    ]))
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
want = (bytes(range(33, 127)) * (10_000_000 // 94 + 1))[:10_000_000]
print(len(got), bytes(got) == want)
";
    let ran = with_python(&lossy("\"server send 10MB\", \"server close\""), program);
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
    let ran = with_python(&lossy("\"server recv all\", \"server close\""), program);
    if permitted(&ran) {
        let crc = ran.code(0).stdout.trim_end();
        ran.says(&["received 10000000 bytes", crc]);
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
