//! Lines that somebody types, without going deaf to everything else meanwhile.

use std::fs::File;
use std::io::{self, IsTerminal};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use nix::errno::Errno;

use super::stop::{Ready, Stop};

/// The longest line taken: a terminal gives at most 4095 bytes, a pipe anything.
pub const LONGEST_LINE: usize = 64 << 20;

/// The typed lines of a descriptor. It has its own buffer, because the standard library's would
/// hide from `poll` what it holds already.
#[derive(Debug)]
pub struct LineInput {
    source: OwnedFd,
    buffer: Vec<u8>,
    /// Up to here the buffer was searched for a line's end.
    searched: usize,
    ended: bool,
    script: bool,
}

/// What the person at the keyboard did.
#[derive(Debug, PartialEq, Eq)]
pub enum Input {
    /// A line, without its end and without the white space around it. Bytes, because nobody
    /// promises that a terminal speaks UTF-8.
    Line(Vec<u8>),
    /// Ctrl-D, or the end of a pipe.
    End,
    /// The wish to end (Ctrl-C).
    Stopped,
    /// Nothing yet, but the descriptor that is watched beside has something to tell.
    Beside,
}

impl LineInput {
    /// The lines of the standard input.
    ///
    /// # Errors
    /// The kernel's, when there is no standard input or no descriptor left.
    pub fn stdin() -> io::Result<Self> {
        Ok(Self::new(io::stdin().as_fd().try_clone_to_owned()?))
    }

    /// These lines instead of typed ones.
    ///
    /// # Errors
    /// The kernel's, when there is no descriptor left.
    pub fn said(lines: &[String]) -> io::Result<Self> {
        let mut input = Self::new(File::open("/dev/null")?.into());
        for line in lines {
            // One line each, whatever is in it.
            input.buffer.extend(line.bytes().map(|byte| if byte == b'\n' { b' ' } else { byte }));
            input.buffer.push(b'\n');
        }
        input.ended = true;
        input.script = true;
        Ok(input)
    }

    /// The lines of any descriptor.
    pub fn new(source: OwnedFd) -> Self {
        Self { source, buffer: Vec::new(), searched: 0, ended: false, script: false }
    }

    /// Whether a person types, and sees what they type.
    pub fn is_terminal(&self) -> bool {
        self.source.is_terminal()
    }

    /// Whether the lines were known before.
    pub fn is_script(&self) -> bool {
        self.script
    }

    /// Waits for the next line; meanwhile also for `beside`, which counts first.
    ///
    /// # Errors
    /// The kernel's, when the input cannot be read; `InvalidData` for a line longer than
    /// [`LONGEST_LINE`].
    pub fn next(&mut self, stop: &Stop, beside: Option<BorrowedFd<'_>>) -> io::Result<Input> {
        loop {
            // Lines that lie in the buffer must not make it deaf to what is beside.
            let has_line = self.ended || self.line_end().is_some();
            let mut fds = Vec::with_capacity(2);
            fds.extend(beside);
            if has_line {
                let now = Some(std::time::Duration::ZERO);
                match stop.wait_readable(&fds, now)? {
                    Ready::Stopped => return Ok(Input::Stopped),
                    Ready::At(_) => return Ok(Input::Beside),
                    Ready::TimedOut => return Ok(self.take()),
                }
            }
            fds.push(self.source.as_fd());
            match stop.wait_readable(&fds, None)? {
                Ready::Stopped => return Ok(Input::Stopped),
                Ready::At(0) if beside.is_some() => return Ok(Input::Beside),
                Ready::At(_) | Ready::TimedOut => self.fill()?,
            }
        }
    }

    /// Where the first line of the buffer ends. Bytes that were searched once are not searched again.
    fn line_end(&mut self) -> Option<usize> {
        let found = self.buffer[self.searched..].iter().position(|byte| *byte == b'\n');
        if found.is_none() {
            self.searched = self.buffer.len();
        }
        found.map(|at| self.searched + at)
    }

    fn fill(&mut self) -> io::Result<()> {
        let mut chunk = [0; 16 << 10];
        match nix::unistd::read(&self.source, &mut chunk) {
            Ok(0) => self.ended = true,
            Ok(count) => self.buffer.extend_from_slice(&chunk[..count]),
            Err(Errno::EINTR | Errno::EAGAIN) => {}
            Err(error) => return Err(error.into()),
        }
        if self.buffer.len() > LONGEST_LINE {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a line longer than 64 MiB"));
        }
        Ok(())
    }

    fn take(&mut self) -> Input {
        let line = match self.line_end() {
            Some(end) => {
                let rest = self.buffer.split_off(end + 1);
                std::mem::replace(&mut self.buffer, rest)
            }
            None if self.buffer.is_empty() => return Input::End,
            None => std::mem::take(&mut self.buffer),
        };
        self.searched = 0;
        Input::Line(strip(&line).to_vec())
    }
}

/// The line without white space around it, as Python's `strip()` does it.
fn strip(line: &[u8]) -> &[u8] {
    std::str::from_utf8(line).map_or_else(|_| line.trim_ascii(), |text| text.trim().as_bytes())
}
