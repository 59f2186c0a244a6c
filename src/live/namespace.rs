//! Private networks without root: a user namespace to be allowed anything in, a network namespace
//! for the middle, and one more for each host, on a thread of its own.
//!
//! The namespaces live as long as the threads and descriptors that hold them, so whatever way the
//! process ends, nothing is left behind.

use std::fs;
use std::io::ErrorKind;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use nix::errno::Errno;
use nix::sched::{CloneFlags, setns, unshare};
use nix::sys::prctl::set_dumpable;
use nix::unistd::{geteuid, getgid, getuid};

use super::error::Context;
use super::permission::diagnose;
use super::{Error, Result, netlink, sysctl};

/// How the process came by the right to make networks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Privilege {
    /// It is root and needed no user namespace.
    Root,
    /// It has a user namespace, in which its user is who they were before.
    UserNamespace,
}

/// Moves the whole process into a new network namespace that has nothing but its loopback, inside a
/// new user namespace unless it is root. Must be called while the process has one thread: the kernel answers EINVAL otherwise.
///
/// The user is mapped to themselves, so that programs started inside see the user they know and
/// hold no capability; ports below 1024 are opened to them.
///
/// # Errors
/// [`Error::Denied`] with the restriction that is in force; [`Error::System`] for anything else.
pub fn enter() -> Result<Privilege> {
    // A container's root without CAP_SYS_ADMIN may still have user namespaces.
    let privilege = if geteuid().is_root() && unshare(CloneFlags::CLONE_NEWNET).is_ok() {
        Privilege::Root
    } else {
        user_namespace()?;
        Privilege::UserNamespace
    };
    // AppArmor may grant a user namespace and then no right in it.
    furnish().map_err(|error| match error {
        Error::System { source, .. }
            if privilege == Privilege::UserNamespace && source.kind() == ErrorKind::PermissionDenied =>
        {
            let errno = source.raw_os_error().map_or(Errno::EPERM, Errno::from_raw);
            Error::Denied(diagnose(errno, Path::new("/proc")))
        }
        other => other,
    })?;
    Ok(privilege)
}

/// Makes a new network namespace usable for programs.
fn furnish() -> Result<()> {
    // A missing setting (an old kernel) costs only this convenience.
    let _ = sysctl::write("net.ipv4.ip_unprivileged_port_start", "0");
    netlink::route::Route::open()?.link_up(netlink::route::LOOPBACK)
}

/// Moves the process on into a network namespace with a small table of connections of its own. Listing
/// the sockets walks the whole table, which takes a millisecond where it was made for a server. Call after
/// [`enter`], with one thread.
///
/// # Errors
/// The limit on network namespaces is reached.
pub fn shrink_socket_table() -> Result<()> {
    // Kernels before 6.1 share one table, and have no such setting.
    if sysctl::write("net.ipv4.tcp_child_ehash_entries", "512").is_ok() {
        unshare(CloneFlags::CLONE_NEWNET).doing("making a network namespace")?;
        furnish()?;
    }
    Ok(())
}

fn user_namespace() -> Result<()> {
    let (uid, gid) = (getuid(), getgid());
    let denied = |errno: Errno| match errno {
        Errno::EINVAL if thread_count() > 1 => Error::System {
            doing: "making a user namespace with several threads".into(),
            source: errno.into(),
        },
        _ => Error::Denied(diagnose(errno, Path::new("/proc"))),
    };
    // What `/proc` tells of a program that got capabilities with its file (setcap, as `capture` advises)
    // belongs to root, and so would the maps below. There is nothing in our memory to hide.
    let _ = set_dumpable(true);
    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNET).map_err(denied)?;
    // setgroups must be given up before the group map may be written (user_namespaces(7)).
    let maps = [
        ("/proc/self/setgroups", "deny".to_owned()),
        ("/proc/self/uid_map", format!("{uid} {uid} 1")),
        ("/proc/self/gid_map", format!("{gid} {gid} 1")),
    ];
    for (file, text) in maps {
        if let Err(error) = fs::write(file, text) {
            let errno = error.raw_os_error().map_or(Errno::EPERM, Errno::from_raw);
            return Err(denied(errno));
        }
    }
    Ok(())
}

fn thread_count() -> usize {
    fs::read_dir("/proc/self/task").map_or(1, Iterator::count)
}

/// The calling thread's network namespace, as a descriptor that keeps it alive.
///
/// # Errors
/// `/proc` is not there.
pub fn current() -> Result<OwnedFd> {
    let file = fs::File::open("/proc/thread-self/ns/net").doing("opening /proc/thread-self/ns/net")?;
    Ok(file.into())
}

/// Moves the calling thread into `namespace`.
///
/// # Errors
/// It is not a network namespace, or belongs to another user namespace.
pub fn join(namespace: BorrowedFd<'_>) -> Result<()> {
    setns(namespace, CloneFlags::CLONE_NEWNET).doing("entering a network namespace")
}

type Job = Box<dyn FnOnce() + Send>;

/// A host of a private network: a network namespace and the thread that lives in it.
#[derive(Debug)]
pub struct Host {
    name: String,
    namespace: OwnedFd,
    jobs: mpsc::Sender<Job>,
}

impl Host {
    /// Makes a new network namespace with its loopback up. Call after [`enter`].
    ///
    /// # Errors
    /// The limit on network namespaces is reached, or a thread could not be started.
    pub fn new(name: &str) -> Result<Host> {
        let (jobs, queue) = mpsc::channel::<Job>();
        let (answer, ready) = mpsc::channel();
        let body = move || {
            let _ = answer.send(settle());
            for job in queue {
                job();
            }
        };
        thread::Builder::new().name(name.to_owned()).spawn(body).doing("starting a host's thread")?;
        let namespace = ready.recv().map_err(|_| Error::ThreadGone(name.to_owned().into()))??;
        Ok(Host { name: name.to_owned(), namespace, jobs })
    }

    /// The host's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Runs `job` on the host's thread, inside its network namespace, and waits for its answer.
    ///
    /// # Errors
    /// [`Error::ThreadGone`] when an earlier job panicked.
    pub fn run<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let gone = || Error::ThreadGone(self.name.clone().into());
        let (answer, reply) = mpsc::channel();
        let job: Job = Box::new(move || {
            let _ = answer.send(job());
        });
        self.jobs.send(job).map_err(|_| gone())?;
        reply.recv().map_err(|_| gone())
    }

    /// Starts a thread inside the host's network namespace, for calls that block.
    ///
    /// # Errors
    /// The thread could not be started.
    pub fn spawn<T: Send + 'static>(
        &self,
        name: &str,
        body: impl FnOnce() -> T + Send + 'static,
    ) -> Result<JoinHandle<T>> {
        let builder = thread::Builder::new().name(name.to_owned());
        // A new thread inherits the network namespace of the thread that starts it.
        self.run(move || builder.spawn(body))?.doing("starting a thread of a host")
    }
}

impl AsFd for Host {
    /// The host's network namespace.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.namespace.as_fd()
    }
}

/// Gives the calling thread a network namespace of its own, with its loopback up.
fn settle() -> Result<OwnedFd> {
    unshare(CloneFlags::CLONE_NEWNET).map_err(|errno| match errno {
        Errno::ENOSPC | Errno::EPERM => Error::Denied(diagnose(errno, Path::new("/proc"))),
        _ => Error::System { doing: "making a network namespace".into(), source: errno.into() },
    })?;
    netlink::route::Route::open()?.link_up(netlink::route::LOOPBACK)?;
    current()
}
