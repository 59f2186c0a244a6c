//! The restriction behind a refusal is found from the files of `/proc`.

use std::fs;
use std::path::Path;

use handshake::live::permission::{Restriction, diagnose};
use nix::errno::Errno;

/// A `/proc` of a machine on which everything is allowed, with these files changed.
fn proc(changes: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let usual = [
        ("self/ns/user", ""),
        ("self/status", "Name:\thandshake\nSeccomp:\t0\nSeccomp_filters:\t0\n"),
        ("sys/user/max_user_namespaces", "96365\n"),
        ("sys/user/max_net_namespaces", "96365\n"),
    ];
    for (name, text) in usual.iter().chain(changes) {
        let file = dir.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    dir
}

fn restriction(errno: Errno, changes: &[(&str, &str)]) -> Restriction {
    let dir = proc(changes);
    let denied = diagnose(errno, dir.path());
    assert_eq!(denied.errno, errno);
    denied.restriction
}

#[test]
fn each_restriction_is_recognised() {
    let debian = ("sys/kernel/unprivileged_userns_clone", "0\n");
    let apparmor = ("sys/kernel/apparmor_restrict_unprivileged_userns", "1\n");
    let seccomp = ("self/status", "Name:\tx\nSeccomp:\t2\n");
    let cases = [
        (Errno::ENOSPC, ("sys/user/max_user_namespaces", "0\n"), Restriction::UserNamespaceLimit),
        (Errno::ENOSPC, ("sys/user/max_net_namespaces", "0\n"), Restriction::NetNamespaceLimit),
        (Errno::ENOSPC, ("sys/user/max_user_namespaces", "7\n"), Restriction::UserNamespaceLimit),
        (Errno::EPERM, debian, Restriction::UnprivilegedCloneOff),
        (Errno::EPERM, apparmor, Restriction::AppArmor),
        (Errno::EACCES, apparmor, Restriction::AppArmor),
        (Errno::EPERM, seccomp, Restriction::Seccomp),
    ];
    for (errno, change, expected) in cases {
        assert_eq!(restriction(errno, &[change]), expected, "{errno} with {change:?}");
    }
}

#[test]
fn a_switch_that_is_on_explains_nothing() {
    let open = [
        ("sys/kernel/unprivileged_userns_clone", "1\n"),
        ("sys/kernel/apparmor_restrict_unprivileged_userns", "0\n"),
    ];
    assert_eq!(restriction(Errno::EPERM, &open), Restriction::Unknown);
}

#[test]
fn a_kernel_without_user_namespaces_is_recognised() {
    assert_eq!(diagnose(Errno::EINVAL, Path::new("/nonexistent")).restriction, Restriction::NotBuilt);
}

#[test]
fn every_restriction_has_its_own_key_and_one_command() {
    let mut keys: Vec<&str> = Restriction::ALL.iter().map(|restriction| restriction.key()).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), Restriction::ALL.len());
    for restriction in Restriction::ALL {
        let command = restriction.command();
        assert!(!command.is_empty() && !command.contains('\n'), "{restriction:?}: {command:?}");
    }
}
