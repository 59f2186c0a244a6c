//! Spawning the real program, with a time limit, and telling "not permitted here" from a failure.

use std::ffi::OsStr;
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use handshake::render::json;
use handshake::timeline::Timeline;

use crate::tool;

/// Longer than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// What the program left behind.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
    pub took: Duration,
}

/// The program, in English, its environment cleaned, in a process group of its own.
pub fn handshake<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Command {
    clean(Command::new(env!("CARGO_BIN_EXE_handshake")), arguments)
}

fn clean<A: AsRef<OsStr>>(mut command: Command, arguments: impl IntoIterator<Item = A>) -> Command {
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for name in ["LC_ALL", "LC_MESSAGES", "LC_CTYPE", "LANG", "NO_COLOR", "CLICOLOR_FORCE", "COLUMNS", "TERM"]
    {
        command.env_remove(name);
    }
    command.process_group(0);
    command
}

/// Runs a command to its end, which must come in time.
pub fn finish(command: &mut Command) -> Ran {
    let begin = Instant::now();
    await_end(command.spawn().unwrap(), begin)
}

/// Waits for a program that was spawned.
pub fn await_end(mut child: Child, begin: Instant) -> Ran {
    let reading = |stream: Option<Box<dyn Read + Send>>| {
        thread::spawn(move || {
            let mut text = Vec::new();
            if let Some(mut stream) = stream {
                stream.read_to_end(&mut text).unwrap();
            }
            String::from_utf8_lossy(&text).into_owned()
        })
    };
    let stdout = reading(child.stdout.take().map(|stream| Box::new(stream) as _));
    let stderr = reading(child.stderr.take().map(|stream| Box::new(stream) as _));
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if begin.elapsed() > PATIENCE {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("not over after {PATIENCE:?}:\n{}\n{}", stdout.join().unwrap(), stderr.join().unwrap());
        }
        thread::sleep(Duration::from_millis(5));
    };
    let took = begin.elapsed();
    let (stdout, stderr) = (stdout.join().unwrap(), stderr.join().unwrap());
    Ran { code: status.code().unwrap_or(-1), stdout, stderr, took }
}

/// Whether this test can be done here: false, said by hand, where the system does not permit what it needs;
/// a failure where `CI` is set, so that no skip goes unseen there.
pub fn permitted(ran: &Ran) -> bool {
    if ran.code != 3 {
        return true;
    }
    tool::skip(&ran.stderr);
    false
}

/// Whether the tests run as root.
pub fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

/// A copy of the program that everyone may run, in a directory that goes away with the guard.
pub fn copy_for_everyone() -> (tempfile::TempDir, PathBuf) {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let open = |path: &Path| std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    open(directory.path());
    let copy = directory.path().join("handshake");
    std::fs::copy(env!("CARGO_BIN_EXE_handshake"), &copy).unwrap();
    open(&copy);
    (directory, copy)
}

/// The same program as an ordinary user without any rights. Only root can do that.
pub fn as_nobody<A: AsRef<OsStr>>(copy: &Path, arguments: impl IntoIterator<Item = A>) -> Command {
    const NOBODY: u32 = 65534;
    let mut command = clean(Command::new(copy), arguments);
    command.uid(NOBODY).gid(NOBODY).current_dir("/");
    command
}

impl Ran {
    /// Asserts the exit code, showing everything when it is another.
    #[track_caller]
    pub fn code(&self, expected: i32) -> &Self {
        assert_eq!(self.code, expected, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// Asserts that stderr holds these.
    #[track_caller]
    pub fn says(&self, parts: &[&str]) -> &Self {
        for part in parts {
            assert!(self.stderr.contains(part), "no {part:?} in:\n{}", self.stderr);
        }
        assert!(!self.stderr.contains('⟦'), "a missing text in:\n{}", self.stderr);
        self
    }

    /// The timeline on stdout.
    #[track_caller]
    pub fn timeline(&self) -> Timeline {
        json::read(self.stdout.as_bytes())
            .unwrap_or_else(|error| panic!("{error}:\n{}\n{}", self.stdout, self.stderr))
    }
}
