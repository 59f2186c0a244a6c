//! Where the system does not permit it: exit code 3, which restriction it is, and how to lift it. The
//! restrictions are real ones, each in a process that is put under it.

use std::path::Path;
use std::process::{Command, Stdio};

use nix::libc;

use super::spawn::{Ran, copy_for_everyone, finish, handshake, is_root};
use crate::tool;

/// Every command that needs a private network.
const PRIVATE: [&[&str]; 3] =
    [&["lab", "three-way"], &["watch", "--", "true", "--and", "true"], &["demo", "tcp-echo"]];

/// Lets a system call fail with EPERM, where its first argument is this one or whatever it is, and becomes
/// another program: what a container's seccomp filter does.
const FILTER: &str = r"
import ctypes, os, struct, sys
number, first = int(sys.argv[1]), sys.argv[2]
rule = lambda code, yes, no, value: struct.pack('HBBI', code, yes, no, value)
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06
check = b'' if first == 'any' else rule(LOAD, 0, 0, 16) + rule(EQUAL, 0, 1, int(first))
count = len(check) // 8
program = rule(LOAD, 0, 0, 0) + rule(EQUAL, 0, 1 + count, number) + check + rule(RETURN, 0, 0, 0x50001) + rule(RETURN, 0, 0, 0x7fff0000)
buffer = ctypes.create_string_buffer(program, len(program))
class Program(ctypes.Structure): _fields_ = [('len', ctypes.c_ushort), ('filter', ctypes.c_void_p)]
libc = ctypes.CDLL(None, use_errno=True)
os.chdir('/')
if os.geteuid() == 0: os.setgroups([]); os.setgid(65534); os.setuid(65534)
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, ctypes.byref(Program(len(program) // 8, ctypes.addressof(buffer))), 0, 0) == 0, ctypes.get_errno()
os.execv(sys.argv[3], sys.argv[3:])
";

/// The program with a system call forbidden, as an ordinary user where these tests are root. `None` without
/// Python.
fn without(call: libc::c_long, first: Option<i32>, arguments: &[&str], copy: &Path) -> Option<Ran> {
    let python = tool::find("python3")?;
    let (number, first) = (call.to_string(), first.map_or("any".to_owned(), |first| first.to_string()));
    let launcher = ["-c", FILTER, &number, &first, copy.to_str().unwrap()];
    let all: Vec<&str> = launcher.into_iter().chain(arguments.iter().copied()).collect();
    Some(finish(&mut plain(&python, &all)))
}

/// A program with the environment of [`handshake`].
fn plain(program: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).env("LC_ALL", "C");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[test]
fn a_containers_filter_is_told() {
    let (_guard, copy) = copy_for_everyone();
    for arguments in PRIVATE {
        let Some(ran) = without(libc::SYS_unshare, None, arguments, &copy) else { return };
        ran.code(3).says(&["seccomp", "--security-opt seccomp=unconfined"]);
        assert_eq!(ran.stdout, "");
        let in_chinese: Vec<&str> = ["--lang", "zh"].iter().chain(arguments).copied().collect();
        let Some(ran) = without(libc::SYS_unshare, None, &in_chinese, &copy) else { return };
        ran.code(3).says(&["seccomp", "容器", "--security-opt seccomp=unconfined"]);
    }
}

#[test]
fn a_namespace_without_rights_in_it_is_told() {
    let (_guard, copy) = copy_for_everyone();
    for arguments in PRIVATE {
        let Some(ran) = without(libc::SYS_socket, Some(libc::AF_NETLINK), arguments, &copy) else { return };
        ran.code(3).says(&["seccomp"]);
    }
}

#[test]
fn forbidden_tracing_is_told() {
    let (_guard, copy) = copy_for_everyone();
    let Some(ran) = without(libc::SYS_ptrace, None, &["watch", "--", "true"], &copy) else { return };
    ran.code(3).says(&["ptrace"]);
}

/// The program inside a user namespace whose limits are this test's to set; `None` where not even that can
/// be made.
fn limited(limits: &str, arguments: &[&str]) -> Option<Ran> {
    let script = format!("{limits} exec \"$@\"");
    let program = env!("CARGO_BIN_EXE_handshake");
    let mut all = vec!["--user", "--map-root-user", "sh", "-c", &script, "sh", program];
    all.extend(arguments);
    let ran = finish(&mut plain(&tool::find("unshare")?, &all));
    if ran.stderr.contains("unshare:") || ran.stderr.contains("sh:") {
        tool::skip(&ran.stderr);
        return None;
    }
    Some(ran)
}

#[test]
fn limits_of_zero_are_told_with_the_way_out() {
    let limits =
        "echo 0 > /proc/sys/user/max_user_namespaces && echo 0 > /proc/sys/user/max_net_namespaces &&";
    for arguments in PRIVATE {
        let Some(ran) = limited(limits, arguments) else { return };
        ran.code(3).says(&["sudo sysctl -w user.max_user_namespaces="]);
        assert_eq!(ran.stdout, "");
    }
}

#[test]
fn root_needs_no_user_namespaces() {
    for arguments in PRIVATE {
        let Some(ran) = limited("echo 0 > /proc/sys/user/max_user_namespaces &&", arguments) else { return };
        ran.code(0);
    }
}

/// Root makes a user namespace with everybody in it, forbids further ones there, and becomes somebody else.
const SOMEBODY: &str = r"
import ctypes, os, sys
made, mapped = os.pipe(), os.pipe()
child = os.fork()
if child == 0:
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.unshare(0x10000000) == 0, ctypes.get_errno()
    os.write(made[1], b'.'); os.read(mapped[0], 1)
    open('/proc/sys/user/max_user_namespaces', 'w').write('0')
    os.setgroups([]); os.setresgid(1, 1, 1); os.setresuid(1, 1, 1); os.chdir('/')
    os.execv(sys.argv[1], sys.argv[1:])
os.read(made[0], 1)
for map in 'uid_map', 'gid_map':
    open(f'/proc/{child}/{map}', 'w').write('0 0 65534')
os.write(mapped[1], b'.')
os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
";

#[test]
fn an_ordinary_user_without_user_namespaces_is_told() {
    let Some(python) = tool::find("python3").filter(|_| is_root()) else { return };
    let (_guard, copy) = copy_for_everyone();
    for arguments in PRIVATE {
        let mut command = plain(&python, &["-c", SOMEBODY, copy.to_str().unwrap()]);
        let ran = finish(command.args(arguments));
        ran.code(3).says(&["sudo sysctl -w user.max_user_namespaces="]);
    }
}

#[test]
fn what_needs_no_permission_asks_for_none() {
    finish(&mut handshake(["lab", "--help"])).code(0);
    let (_guard, copy) = copy_for_everyone();
    let Some(ran) = without(libc::SYS_unshare, None, &["run", "three-way"], &copy) else { return };
    ran.code(0);
}
