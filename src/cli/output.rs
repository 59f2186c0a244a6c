//! Where data goes: stdout, or the file of `-o`. Messages never come here; they go to stderr.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::failure::Failure;
use crate::lang::Message;

/// How much is gathered before it is written.
const BUFFER: usize = 32 * 1024;

/// A buffered way out. A file is made only when the first octet is written to it, so that a command
/// which fails leaves an older one as it was.
pub(super) struct Output {
    path: Option<PathBuf>,
    sink: Option<BufWriter<Box<dyn Write>>>,
    ascii: bool,
}

impl Output {
    /// To the file at `path`, or to stdout. With `ascii`, [`text`](Self::text) draws with ASCII alone.
    pub(super) fn new(path: Option<PathBuf>, ascii: bool) -> Self {
        Output { path, sink: None, ascii }
    }

    /// Refuses an input that this output would write over.
    ///
    /// # Errors
    /// When both are the same file.
    pub(super) fn must_not_be(&self, input: &Path) -> Result<(), Failure> {
        self.path.as_deref().map_or(Ok(()), |path| differ(path, input))
    }

    /// The file of `-o`, for a command that writes it line by line, as things happen; this output
    /// is left with stdout.
    #[cfg(all(feature = "live", target_os = "linux"))]
    pub(super) fn take_path(&mut self) -> Option<PathBuf> {
        self.path.take()
    }

    /// Writes text for people.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn text(&mut self, text: &str) -> Result<(), Failure> {
        let text = if self.ascii { drawn_in_ascii(text) } else { text.into() };
        let written = self.write_all(text.as_bytes());
        written.map_err(|error| self.failure(&error))
    }

    /// As [`text`](Self::text), for text that was made octet by octet.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn octets(&mut self, text: &[u8]) -> Result<(), Failure> {
        if self.ascii {
            return self.text(&String::from_utf8_lossy(text));
        }
        let written = self.write_all(text);
        written.map_err(|error| self.failure(&error))
    }

    /// Writes a line of text for people.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn line(&mut self, text: &str) -> Result<(), Failure> {
        self.text(text)?;
        self.text("\n")
    }

    /// Shows everything written so far.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn flush(&mut self) -> Result<(), Failure> {
        let flushed = self.sink.as_mut().map_or(Ok(()), Write::flush);
        flushed.map_err(|error| self.failure(&error))
    }

    /// Ends the output. A file of `-o` exists afterwards even if nothing was written.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn finish(mut self) -> Result<(), Failure> {
        self.open().map(|_| ()).map_err(|error| self.failure(&error))?;
        self.flush()
    }

    /// What a failed write to this output means.
    pub(super) fn failure(&self, error: &io::Error) -> Failure {
        Failure::writing(self.path.as_deref().unwrap_or(Path::new("stdout")), error)
    }

    fn open(&mut self) -> io::Result<&mut BufWriter<Box<dyn Write>>> {
        let sink = if let Some(sink) = self.sink.take() {
            sink
        } else {
            let raw: Box<dyn Write> = match &self.path {
                Some(path) => Box::new(File::create(path)?),
                None => Box::new(io::stdout().lock()),
            };
            BufWriter::with_capacity(BUFFER, raw)
        };
        Ok(self.sink.insert(sink))
    }
}

impl Write for Output {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        match &mut self.sink {
            Some(sink) => sink.write(octets),
            None => self.open()?.write(octets),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sink.as_mut().map_or(Ok(()), Write::flush)
    }
}

/// Refuses to write to a file that is also read.
///
/// # Errors
/// When both paths lead to the same file.
pub(super) fn differ(written: &Path, read: &Path) -> Result<(), Failure> {
    let same = match (written.canonicalize(), read.canonicalize()) {
        // A terminal or a pipe may well be both.
        (Ok(a), Ok(b)) => a == b && a.is_file(),
        _ => written == read,
    };
    if !same {
        return Ok(());
    }
    Err(Failure::input(Message::new("cli-write-over-input").with("path", written.display().to_string())))
}

/// The text with its drawn characters in ASCII; letters of any language stay.
pub(super) fn drawn_in_ascii(text: &str) -> Cow<'_, str> {
    if text.is_ascii() { text.into() } else { text.chars().map(to_ascii).collect::<String>().into() }
}

/// A drawn character as ASCII of the same width, so that no column moves; others stay.
fn to_ascii(drawn: char) -> char {
    match drawn {
        '─' | '━' | '═' | '╌' | '┄' | '–' | '—' | '−' => '-',
        '│' | '┃' | '║' | '┆' | '╎' | '┊' => '|',
        '┌' | '┐' | '└' | '┘' | '├' | '┤' | '┬' | '┴' | '┼' | '╭' | '╮' | '╰' | '╯' | '╞' | '╡' | '╪' => {
            '+'
        }
        '▶' | '►' | '▸' | '→' | '⇒' | '›' | '≥' => '>',
        '◀' | '◄' | '◂' | '←' | '⇐' | '‹' | '≤' => '<',
        '↑' | '▲' | '▴' => '^',
        '↓' | '▼' | '▾' => 'v',
        '●' | '○' | '•' | '◆' | '★' => '*',
        '✗' | '✘' | '×' => 'x',
        '✓' | '✔' => 'v',
        '…' | '·' => '.',
        '§' => '#',
        'µ' | 'μ' => 'u',
        '≠' => '!',
        '↻' | '⟳' => '@',
        '“' | '”' => '"',
        '‘' | '’' => '\'',
        '\u{a0}' => ' ',
        other => other,
    }
}
