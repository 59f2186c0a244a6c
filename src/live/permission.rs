//! Which restriction stands in the way, and the one command that lifts it.
//!
//! The kernel only says EPERM or ENOSPC. What is behind it is read from `/proc`, in the order of
//! [`diagnose`]'s table: the first restriction that is in force explains the refusal.

use std::fmt;
use std::fs;
use std::path::Path;

use nix::errno::Errno;

/// A restriction that some systems put on ordinary users.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Restriction {
    /// `user.max_user_namespaces` is 0, or that many exist already.
    UserNamespaceLimit,
    /// `user.max_net_namespaces` is 0, or that many exist already.
    NetNamespaceLimit,
    /// Debian's switch `kernel.unprivileged_userns_clone` is 0.
    UnprivilegedCloneOff,
    /// Ubuntu's AppArmor takes every capability from a new user namespace.
    AppArmor,
    /// A seccomp filter forbids the call, as container engines do by default.
    Seccomp,
    /// The kernel was built without user namespaces.
    NotBuilt,
    /// The process is in a chroot, where the kernel makes no user namespaces.
    Chroot,
    /// Capturing needs `CAP_NET_RAW`, which this user does not have.
    CaptureCapability,
    /// Following other programs (`ptrace`) is forbidden: Yama at its strictest, or a container's filter.
    Tracing,
    /// The kernel refused and nothing known explains it.
    Unknown,
}

impl Restriction {
    /// Every restriction.
    pub const ALL: [Restriction; 10] = [
        Restriction::UserNamespaceLimit,
        Restriction::NetNamespaceLimit,
        Restriction::UnprivilegedCloneOff,
        Restriction::AppArmor,
        Restriction::Seccomp,
        Restriction::NotBuilt,
        Restriction::Chroot,
        Restriction::CaptureCapability,
        Restriction::Tracing,
        Restriction::Unknown,
    ];

    /// The stable name; its text is the message `live-denied-KEY`.
    pub const fn key(self) -> &'static str {
        match self {
            Restriction::UserNamespaceLimit => "user-namespace-limit",
            Restriction::NetNamespaceLimit => "net-namespace-limit",
            Restriction::UnprivilegedCloneOff => "unprivileged-clone-off",
            Restriction::AppArmor => "apparmor",
            Restriction::Seccomp => "seccomp",
            Restriction::NotBuilt => "not-built",
            Restriction::Chroot => "chroot",
            Restriction::CaptureCapability => "capture-capability",
            Restriction::Tracing => "tracing",
            Restriction::Unknown => "unknown",
        }
    }

    /// The one command that lifts it, to be typed by who administers the machine.
    pub fn command(self) -> String {
        match self {
            Restriction::UserNamespaceLimit => "sudo sysctl -w user.max_user_namespaces=10000".to_owned(),
            Restriction::NetNamespaceLimit => "sudo sysctl -w user.max_net_namespaces=10000".to_owned(),
            Restriction::UnprivilegedCloneOff => {
                "sudo sysctl -w kernel.unprivileged_userns_clone=1".to_owned()
            }
            Restriction::AppArmor => {
                "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0".to_owned()
            }
            Restriction::Seccomp => "docker run --security-opt seccomp=unconfined …".to_owned(),
            Restriction::Tracing => "sudo sysctl -w kernel.yama.ptrace_scope=1".to_owned(),
            Restriction::CaptureCapability => format!("sudo setcap cap_net_raw+ep {}", this_program()),
            Restriction::NotBuilt | Restriction::Chroot | Restriction::Unknown => {
                format!("sudo {}", this_program())
            }
        }
    }
}

/// The path of this program, quoted for a shell where it must be.
fn this_program() -> String {
    let path = std::env::current_exe()
        .map_or_else(|_| "handshake".to_owned(), |path| path.to_string_lossy().into_owned());
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@%:,".contains(c);
    if path.chars().all(plain) { path } else { format!("'{}'", path.replace('\'', r"'\''")) }
}

/// What the kernel refused, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Denied {
    /// The restriction behind it.
    pub restriction: Restriction,
    /// What the kernel answered.
    pub errno: Errno,
}

impl std::error::Error for Denied {}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not permitted here ({}, {}); lift it with: ", self.restriction.key(), self.errno)?;
        f.write_str(&self.restriction.command())
    }
}

/// Explains why `unshare` or the writing of an identity map failed with `errno`, from the files
/// under `proc` (`/proc`, except in tests).
pub fn diagnose(errno: Errno, proc: &Path) -> Denied {
    let number = |path: &str| {
        fs::read_to_string(proc.join(path)).ok().and_then(|text| text.trim().parse::<i64>().ok())
    };
    let seccomp = || {
        let status = fs::read_to_string(proc.join("self/status")).unwrap_or_default();
        status.lines().any(|line| line.strip_prefix("Seccomp:").is_some_and(|mode| mode.trim() == "2"))
    };
    let table: [(bool, Restriction); 7] = [
        (!proc.join("self/ns/user").exists(), Restriction::NotBuilt),
        (number("sys/user/max_user_namespaces") == Some(0), Restriction::UserNamespaceLimit),
        (number("sys/user/max_net_namespaces") == Some(0), Restriction::NetNamespaceLimit),
        (errno == Errno::ENOSPC || errno == Errno::EUSERS, Restriction::UserNamespaceLimit),
        (number("sys/kernel/unprivileged_userns_clone") == Some(0), Restriction::UnprivilegedCloneOff),
        (
            number("sys/kernel/apparmor_restrict_unprivileged_userns").is_some_and(|on| on > 0),
            Restriction::AppArmor,
        ),
        (seccomp(), Restriction::Seccomp),
    ];
    let found = table.into_iter().find(|(holds, _)| *holds).map(|(_, restriction)| restriction);
    let restriction =
        found.unwrap_or_else(|| if in_chroot() { Restriction::Chroot } else { Restriction::Unknown });
    Denied { restriction, errno }
}

/// Whether `/` is not the root of its mount: then it was changed by `chroot`.
fn in_chroot() -> bool {
    fs::read_to_string("/proc/self/mountinfo")
        .is_ok_and(|mounts| !mounts.lines().any(|line| line.split(' ').nth(4) == Some("/")))
}
