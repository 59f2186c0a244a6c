//! What a lab asks of the system, and what it leaves behind.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::live::spawn::{as_nobody, await_end, copy_for_everyone, finish, handshake, is_root, permitted};

fn interfaces() -> BTreeSet<String> {
    let entries = fs::read_dir("/sys/class/net").unwrap();
    entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn an_ordinary_user_needs_no_permission() {
    if !is_root() {
        return;
    }
    let (_guard, copy) = copy_for_everyone();
    for arguments in [&["lab", "three-way"][..], &["lab", "three-way", "--server", "engine"]] {
        let ran = finish(&mut as_nobody(&copy, arguments));
        if permitted(&ran) {
            ran.code(0);
            assert!(ran.stdout.contains("3 of 3 segments"), "{}", ran.stdout);
        }
    }
}

#[test]
fn nothing_is_left_behind_even_after_an_interrupt() {
    let before = interfaces();
    let mut child = handshake(["lab", "keepalive"]).spawn().unwrap();
    let group = Pid::from_raw(child.id() as i32);
    let begin = Instant::now();
    std::thread::sleep(Duration::from_millis(600));
    if child.try_wait().unwrap().is_some() {
        permitted(&await_end(child, begin));
        return;
    }
    killpg(group, Signal::SIGINT).unwrap();
    let ran = await_end(child, begin);
    assert_ne!(ran.code, 0);
    assert!(ran.took < Duration::from_secs(20), "{:?}", ran.took);
    assert_eq!(killpg(group, None), Err(nix::errno::Errno::ESRCH), "a process of the group lives on");
    assert_eq!(interfaces(), before);
}

#[test]
fn a_system_without_user_namespaces_is_told_with_the_way_out() {
    // Inside a user namespace of its own the limits are this test's to set.
    let script = "echo 0 > /proc/sys/user/max_user_namespaces && echo 0 > /proc/sys/user/max_net_namespaces \
                  && exec \"$0\" lab three-way";
    let output = Command::new("unshare")
        .args(["--user", "--map-root-user", "sh", "-c", script, env!("CARGO_BIN_EXE_handshake")])
        .env("LC_ALL", "C")
        .output();
    let Ok(output) = output else { return };
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if said.contains("unshare:") || said.contains("sh:") {
        // Not even this test's namespace can be made.
        return;
    }
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("sysctl -w user.max_"), "{said}");
}
