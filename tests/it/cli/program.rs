//! Spawning the program with nothing of this machine's environment in it.

use std::ffi::OsStr;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// What the program left behind.
#[derive(Debug)]
pub(super) struct Ran {
    pub(super) code: i32,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

/// The program with these arguments (cut at spaces), in the project's directory, in English.
pub(super) fn command(arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_handshake"));
    command.args(arguments.split_whitespace()).current_dir(env!("CARGO_MANIFEST_DIR"));
    for name in [
        "LC_ALL",
        "LC_MESSAGES",
        "LC_CTYPE",
        "LANG",
        "NO_COLOR",
        "CLICOLOR",
        "CLICOLOR_FORCE",
        "COLUMNS",
        "TERM",
    ] {
        command.env_remove(name);
    }
    command.stdin(Stdio::null());
    command
}

/// Runs the program with these arguments.
pub(super) fn run(arguments: &str) -> Ran {
    finish(&mut command(arguments))
}

/// Runs the program with these arguments and one more, which may hold spaces.
pub(super) fn run_with(arguments: &str, last: impl AsRef<OsStr>) -> Ran {
    finish(command(arguments).arg(last))
}

/// Runs a prepared command to its end.
pub(super) fn finish(command: &mut Command) -> Ran {
    let output = command.output().unwrap();
    Ran {
        code: output.status.code().expect("ended by a signal"),
        stdout: String::from_utf8(output.stdout).expect("stdout is not UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("stderr is not UTF-8"),
    }
}

/// Runs the program with `input` on stdin.
pub(super) fn run_fed(arguments: &str, input: &[u8]) -> Ran {
    let mut child = command(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let feeder = std::thread::spawn(move || {
        // The program may stop reading early; that is its right.
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().unwrap();
    feeder.join().unwrap();
    Ran {
        code: output.status.code().expect("ended by a signal"),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A file with this content, in a directory that goes away with the returned guard.
pub(super) fn file(name: &str, content: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    std::fs::write(&path, content).unwrap();
    (directory, path)
}

impl Ran {
    /// Asserts the exit code, showing everything when it is another.
    #[track_caller]
    pub(super) fn code(&self, expected: i32) -> &Self {
        assert_eq!(self.code, expected, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// Asserts that it went well and had nothing to say on stderr.
    #[track_caller]
    pub(super) fn fine(&self) -> &Self {
        assert_eq!(self.stderr, "");
        self.code(0)
    }

    /// Asserts that it failed with this code, said so on stderr alone, and said all of `parts`.
    #[track_caller]
    pub(super) fn failed(&self, code: i32, parts: &[&str]) -> &Self {
        self.code(code);
        assert_eq!(self.stdout, "", "data on stdout although it failed");
        for part in parts {
            assert!(self.stderr.contains(part), "no {part:?} in:\n{}", self.stderr);
        }
        assert!(!self.stderr.contains('⟦'), "a missing text in:\n{}", self.stderr);
        self
    }
}
