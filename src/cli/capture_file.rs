//! Opening a capture file, and what is wrong with one, in the user's words.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::Path;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::failure::{Exit, Failure};
use crate::lang::{Catalog, Message};
use crate::wire::capture::{CaptureError, Damage, Note, Reader};

/// Files shorter than this are read before a progress bar could be seen.
const LONG: u64 = 32 << 20;

/// A capture, from a file or from stdin, that shows how far it was read when that takes long.
pub(super) struct CaptureFile {
    /// Its frames.
    pub(super) reader: Reader<Box<dyn Read>>,
    bar: Option<ProgressBar>,
}

impl CaptureFile {
    /// Opens the file at `path`; `-` is stdin.
    ///
    /// # Errors
    /// When it cannot be read or is no capture.
    pub(super) fn open(path: &Path, catalog: &Catalog) -> Result<Self, Failure> {
        let (source, bar): (Box<dyn Read>, _) = if path == Path::new("-") {
            (Box::new(io::stdin().lock()), None)
        } else {
            let file = File::open(path).map_err(|error| Failure::reading(path, &error))?;
            let len = file.metadata().map_or(0, |known| known.len());
            if len >= LONG && io::stderr().is_terminal() {
                let bar = progress_bar(len, catalog);
                (Box::new(bar.wrap_read(file)), Some(bar))
            } else {
                (Box::new(file), None)
            }
        };
        let reader = Reader::open(source).map_err(|error| failure(path, &error))?;
        Ok(CaptureFile { reader, bar })
    }

    /// Takes the progress bar away, before anything else is written to the terminal.
    pub(super) fn done(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn progress_bar(len: u64, catalog: &Catalog) -> ProgressBar {
    // Ten times a second is smooth enough and costs nothing.
    let bar = ProgressBar::with_draw_target(Some(len), ProgressDrawTarget::stderr_with_hz(10));
    let template = "{msg} [{bar:30}] {bytes}/{total_bytes} {eta}";
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.set_style(style.progress_chars("=> "));
    bar.set_message(catalog.text("cli-read-progress"));
    bar
}

/// Why the capture at `path` cannot be read, or not any further.
pub(super) fn failure(path: &Path, error: &CaptureError) -> Failure {
    let message = match error {
        CaptureError::Io(error) => return Failure::reading(path, error),
        CaptureError::Directory => Message::new("cli-read-directory"),
        CaptureError::Empty => Message::new("cli-capture-empty"),
        CaptureError::Text { start } => Message::new("cli-capture-text").with("start", start.clone()),
        CaptureError::Compressed { with } => Message::new("cli-capture-compressed").with("program", *with),
        CaptureError::UnknownFormat { start } => {
            let octets: Vec<String> = start.iter().map(|octet| format!("{octet:02x}")).collect();
            Message::new("cli-capture-unknown-format").with("start", octets.join(" "))
        }
        CaptureError::HeaderCutOff { found, needed } => {
            Message::new("cli-capture-header-cut-off").with("found", *found).with("needed", *needed)
        }
        CaptureError::Damaged { offset, records, damage } => {
            damaged(*damage).with("offset", *offset).with("records", *records)
        }
    };
    Failure::Told(Exit::BadInput, message.with("path", path.display().to_string()))
}

fn damaged(damage: Damage) -> Message {
    match damage {
        Damage::RecordLength { claimed, limit } => {
            Message::new("cli-capture-damaged-record").with("claimed", claimed).with("limit", limit)
        }
        Damage::BlockLength { claimed, .. } => {
            Message::new("cli-capture-damaged-block").with("claimed", claimed)
        }
        Damage::BlockContents { .. } => Message::new("cli-capture-damaged-contents"),
        Damage::ByteOrder { found } => {
            Message::new("cli-capture-damaged-byte-order").with("found", format!("{found:#010x}"))
        }
        Damage::Interfaces { limit } => Message::new("cli-capture-damaged-interfaces").with("limit", limit),
    }
}

/// What was left out of the capture at `path`.
pub(super) fn note(path: &Path, note: &Note) -> Message {
    let message = match note {
        Note::CutOff { record, offset, needed, found } => Message::new("cli-capture-note-cut-off")
            .with("record", *record)
            .with("offset", *offset)
            .with("needed", *needed)
            .with("found", *found),
        Note::UnknownInterface { record, interface, count } => {
            Message::new("cli-capture-note-unknown-interface")
                .with("record", *record)
                .with("interface", *interface)
                .with("count", *count)
        }
        Note::NoTimes { record, count } => {
            Message::new("cli-capture-note-no-times").with("record", *record).with("count", *count)
        }
        Note::ObsoletePackets { record, count } => {
            Message::new("cli-capture-note-obsolete-packets").with("record", *record).with("count", *count)
        }
    };
    message.with("path", path.display().to_string())
}
