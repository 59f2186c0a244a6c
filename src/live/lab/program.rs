//! A program of the user's that plays a host instead of the script's calls.
#![allow(unsafe_code)]

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus};

use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::Signal;

use crate::live::error::Context as _;
use crate::live::{Error, Result, namespace};
use crate::timeline::HostId;

/// A program and the host it plays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// The host whose namespace it runs in; the script's steps of that host are left out.
    pub host: HostId,
    /// Its name and arguments.
    pub words: Vec<OsString>,
}

/// A program that runs; it ends with its host.
#[derive(Debug)]
pub(super) struct Running(Child);

impl Running {
    /// Starts the program in the host's namespace, with our own input and output.
    pub(super) fn start(host: &namespace::Host, words: &[OsString]) -> Result<Running> {
        let Some((name, arguments)) = words.split_first() else {
            return Err(Error::ThreadGone("a program without a name".into()));
        };
        let mut command = Command::new(name);
        command.args(arguments);
        // SAFETY: between fork and exec only prctl(2) is called, which is safe there; it takes the
        // program down with the thread that plays its host, however that ends.
        unsafe {
            command.pre_exec(|| Ok(set_pdeathsig(Signal::SIGKILL)?));
        }
        let doing = format!("starting {}", name.to_string_lossy());
        host.run(move || command.spawn())?.map(Running).doing(doing)
    }

    /// How it ended, once it has.
    pub(super) fn ended(&mut self) -> Option<ExitStatus> {
        self.0.try_wait().ok().flatten()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // An error says that it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
