//! How much of a long file has been read: one line on stderr that is written over itself.

use std::cell::Cell;
use std::io::{self, Read, Write};
use std::rc::Rc;
use std::time::{Duration, Instant};

use unicode_width::UnicodeWidthStr;

/// Ten times a second is smooth enough and costs nothing.
const PAUSE: Duration = Duration::from_millis(100);
/// The most columns of the bar.
const BAR: usize = 30;

/// The line, for whoever has to take it away.
#[derive(Clone, Default)]
pub(super) struct Progress(Option<Rc<Line>>);

/// A source that moves the line on with every read.
pub(super) struct Watched<R> {
    source: R,
    progress: Progress,
}

struct Line {
    label: String,
    /// Octets to read.
    total: u64,
    columns: usize,
    began: Instant,
    read: Cell<u64>,
    /// When it was shown last.
    shown: Cell<Option<Instant>>,
}

impl Progress {
    /// A line for `total` octets on a terminal of so many columns.
    pub(super) fn new(label: String, total: u64, columns: usize) -> Self {
        let (read, shown) = (Cell::new(0), Cell::new(None));
        Progress(Some(Rc::new(Line { label, total, columns, began: Instant::now(), read, shown })))
    }

    /// The source with its reads counted.
    pub(super) fn watch<R: Read>(&self, source: R) -> Watched<R> {
        Watched { source, progress: self.clone() }
    }

    /// Takes the line away, before anything else is written to the terminal.
    pub(super) fn done(&self) {
        if self.0.as_ref().is_some_and(|line| line.shown.take().is_some()) {
            show("");
        }
    }

    fn add(&self, octets: usize) {
        let Some(line) = &self.0 else { return };
        line.read.set(line.read.get() + octets as u64);
        let now = Instant::now();
        if now.duration_since(line.shown.get().unwrap_or(line.began)) >= PAUSE {
            line.shown.set(Some(now));
            show(&line.text(now.duration_since(line.began)));
        }
    }
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.progress.add(read);
        Ok(read)
    }
}

impl Line {
    /// `Reading [========>       ] 120/413 MiB 3 s`: what was read and the seconds that the
    /// rest will take. Empty where there is no room.
    fn text(&self, elapsed: Duration) -> String {
        let read = self.read.get().min(self.total);
        let left = elapsed.as_secs_f64() * (self.total - read) as f64 / read.max(1) as f64;
        let after = format!("{}/{} MiB {left:.0} s", read >> 20, self.total >> 20);
        let others = self.label.width() + after.len() + 4;
        let bar = self.columns.saturating_sub(others + 1).min(BAR);
        if bar == 0 {
            return String::new();
        }
        let done = (bar as u64 * read / self.total.max(1)) as usize;
        let head = if done < bar { ">" } else { "" };
        let blank = bar - done - head.len();
        format!("{} [{}{head}{}] {after}", self.label, "=".repeat(done), " ".repeat(blank))
    }
}

/// Writes over what the line had.
fn show(text: &str) {
    // Nobody listens on stderr: then nothing can be told.
    let _ = write!(io::stderr(), "\r\x1b[K{text}");
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_line_fits_and_fills() {
        let progress = Progress::new("Reading".into(), 400 << 20, 80);
        let line = progress.0.unwrap();
        let at = |read: u64| {
            line.read.set(read << 20);
            line.text(Duration::from_secs(3))
        };
        assert_eq!(at(100), "Reading [=======>                      ] 100/400 MiB 9 s");
        assert_eq!(at(400), "Reading [==============================] 400/400 MiB 0 s");
        // A file that grew meanwhile, and a terminal that is too narrow for a bar.
        assert_eq!(at(500), at(400));
        let at = |columns| Progress::new("读取中".into(), 400 << 20, columns).0.unwrap().text(Duration::ZERO);
        assert_eq!(at(40), "读取中 [>               ] 0/400 MiB 0 s");
        assert_eq!(at(20), "");
    }
}
