//! Running the demos and their Python peers, and waiting for what they say.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

/// Longer than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running program.
pub(super) struct Process {
    name: String,
    child: Child,
    input: Option<ChildStdin>,
    said: Arc<Said>,
}

/// Where something is said.
#[derive(Clone, Copy, Debug)]
enum On {
    Out,
    Err,
}

#[derive(Default)]
struct Said {
    text: Mutex<Streams>,
    news: Condvar,
}

#[derive(Default)]
struct Streams {
    bytes: [Vec<u8>; 2],
    /// Where in each stream the search goes on.
    seen: [usize; 2],
    ended: [bool; 2],
}

/// `handshake demo` with these arguments (cut at spaces), in English.
pub(super) fn demo(arguments: &str) -> Process {
    demo_command(arguments, &[])
}

/// `handshake demo` with these arguments (cut at spaces) and more that may hold spaces.
pub(super) fn demo_command(arguments: &str, more: &[&str]) -> Process {
    let mut command = command(arguments);
    command.args(more);
    Process::start(&format!("demo {arguments}"), command)
}

fn command(arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_handshake"));
    command.arg("demo").args(arguments.split_whitespace());
    for name in ["LC_ALL", "LC_MESSAGES", "LANG"] {
        command.env_remove(name);
    }
    command
}

/// `handshake demo` with these arguments (cut at spaces), and nobody who reads what it says.
pub(super) fn unread_demo(arguments: &str) -> Process {
    let name = format!("demo {arguments}");
    let mut process = Process::spawn(&name, command(arguments));
    process.child.stdout = None;
    process.said.text.lock().unwrap().ended[0] = true;
    process
}

/// The Python peer of this name with these arguments (cut at spaces).
pub(super) fn peer(name: &str, arguments: &str) -> Process {
    let arguments: Vec<&str> = arguments.split_whitespace().collect();
    peer_with(name, &arguments)
}

/// The Python peer of this name with these arguments.
pub(super) fn peer_with(name: &str, arguments: &[&str]) -> Process {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/demo/peers").join(format!("{name}.py"));
    let mut command = Command::new("python3");
    command.arg(script).args(arguments).env("PYTHONIOENCODING", "utf-8").env("PYTHONDONTWRITEBYTECODE", "1");
    Process::start(name, command)
}

/// Bytes as Python's `bytes.fromhex` takes them.
pub(super) fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    })
}

impl Process {
    fn start(name: &str, command: Command) -> Self {
        let mut process = Self::spawn(name, command);
        let out = process.child.stdout.take().unwrap();
        listen(out, 0, &process.said);
        process
    }

    fn spawn(name: &str, mut command: Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{name}: {error}"));
        let said = Arc::new(Said::default());
        listen(child.stderr.take().unwrap(), 1, &said);
        Self { name: name.to_owned(), input: child.stdin.take(), child, said }
    }

    /// Waits until this is said, after what was waited for before on the same stream, and gives the
    /// rest of its line.
    #[track_caller]
    fn hears(&self, on: On, what: &str) -> String {
        self.find(on, what, |rest| rest.iter().position(|byte| *byte == b'\n'))
    }

    #[track_caller]
    fn find(&self, on: On, what: &str, len_of_rest: impl Fn(&[u8]) -> Option<usize>) -> String {
        let until = Instant::now() + PATIENCE;
        let stream = on as usize;
        let mut text = self.said.text.lock().unwrap();
        loop {
            let from = text.seen[stream];
            let bytes = &text.bytes[stream][from..];
            if let Some(at) = bytes.windows(what.len()).position(|window| window == what.as_bytes()) {
                let rest = &bytes[at + what.len()..];
                if let Some(len) = len_of_rest(rest) {
                    let line = String::from_utf8(rest[..len].to_vec()).unwrap();
                    text.seen[stream] = from + at + what.len();
                    return line;
                }
            }
            let left = until.saturating_duration_since(Instant::now());
            if text.ended[stream] || left.is_zero() {
                drop(text);
                panic!("{} did not say {what:?} on {on:?}{}", self.name, self.transcript());
            }
            text = self.said.news.wait_timeout(text, left).unwrap().0;
        }
    }

    /// Waits until it asks this, on the standard error.
    #[track_caller]
    pub(super) fn asks(&self, prompt: &str) {
        self.find(On::Err, prompt, |_| Some(0));
    }

    /// Waits until this is said on the standard output.
    #[track_caller]
    pub(super) fn says(&self, what: &str) -> String {
        self.hears(On::Out, what)
    }

    /// Waits until this is said on the standard error.
    #[track_caller]
    pub(super) fn tells(&self, what: &str) -> String {
        self.hears(On::Err, what)
    }

    /// The port that a server of ours listens on.
    pub(super) fn port(&self) -> u16 {
        let rest = self.tells(" on 127.0.0.1:");
        rest.split(',').next().unwrap().parse().unwrap_or_else(|_| panic!("no port: {rest:?}"))
    }

    /// The port that a Python server listens on.
    pub(super) fn python_port(&self) -> u16 {
        self.says("port ").trim().parse().unwrap()
    }

    /// Types this.
    pub(super) fn types(&mut self, text: impl AsRef<[u8]>) {
        // A program may leave before it has read everything.
        let _ = self.input.as_mut().expect("the input is closed").write_all(text.as_ref());
    }

    /// Ctrl-D.
    pub(super) fn ends_input(&mut self) {
        self.input = None;
    }

    /// Sends a signal.
    pub(super) fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().cast_signed()), signal).unwrap();
    }

    /// Ctrl-Z and `fg`.
    pub(super) fn stops_and_goes_on(&self) {
        self.signal(Signal::SIGSTOP);
        // It may not go on before it has stopped: the one signal would cancel the other.
        let stopped = waitpid(Pid::from_raw(self.child.id().cast_signed()), Some(WaitPidFlag::WUNTRACED));
        assert!(matches!(stopped, Ok(WaitStatus::Stopped(..))), "{stopped:?}{}", self.transcript());
        self.signal(Signal::SIGCONT);
    }

    /// Ctrl-C, and a clean end.
    pub(super) fn interrupt(self) -> Ended {
        self.signal(Signal::SIGINT);
        self.ended(0)
    }

    /// Waits for the end, with this exit code.
    #[track_caller]
    pub(super) fn ended(mut self, code: i32) -> Ended {
        let status = self.wait();
        assert_eq!(status.code(), Some(code), "{} ended with {status}{}", self.name, self.transcript());
        self.remains()
    }

    /// Waits for the end, by this signal.
    #[track_caller]
    pub(super) fn killed(mut self) {
        let status = self.wait();
        assert_eq!(status.code(), None, "{} ended with {status}{}", self.name, self.transcript());
    }

    fn wait(&mut self) -> ExitStatus {
        let until = Instant::now() + PATIENCE;
        let mut text = self.said.text.lock().unwrap();
        // Both streams end with the process, so there is nothing to poll for until then.
        while !text.ended.iter().all(|ended| *ended) {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                drop(text);
                panic!("{} does not end{}", self.name, self.transcript());
            }
            text = self.said.news.wait_timeout(text, left).unwrap().0;
        }
        drop(text);
        self.child.wait().unwrap()
    }

    fn remains(&self) -> Ended {
        let text = self.said.text.lock().unwrap();
        let [out, err] = [0, 1].map(|stream: usize| String::from_utf8(text.bytes[stream].clone()).unwrap());
        Ended { out, err }
    }

    fn transcript(&self) -> String {
        let text = self.said.text.lock().unwrap();
        let [out, err] = [0, 1].map(|stream: usize| {
            let bytes = &text.bytes[stream];
            String::from_utf8_lossy(&bytes[bytes.len().saturating_sub(4000)..]).into_owned()
        });
        format!("\n--- stdout\n{out}\n--- stderr\n{err}\n---")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a program said in all.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) out: String,
    pub(super) err: String,
}

fn listen(mut from: impl Read + Send + 'static, stream: usize, said: &Arc<Said>) {
    let said = said.clone();
    std::thread::spawn(move || {
        let mut chunk = [0; 8192];
        loop {
            let count = from.read(&mut chunk).unwrap_or(0);
            let mut text = said.text.lock().unwrap();
            text.bytes[stream].extend_from_slice(&chunk[..count]);
            text.ended[stream] = count == 0;
            drop(text);
            said.news.notify_all();
            if count == 0 {
                break;
            }
        }
    });
}
