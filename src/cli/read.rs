//! `handshake read CAPTURE`: what a capture file tells.

mod connection;
mod json;
mod page;
mod pass;
mod summary;
mod tsv;
mod word;

use std::io::{self, Write};
use std::path::Path;

use super::Context;
use super::arguments::{Read, ReadFormat};
use super::capture_file::{self, CaptureFile};
use super::failure::{Exit, Failure};
use super::show;
use crate::lang::{Catalog, Message, Value};
use pass::Filter;
#[cfg(all(feature = "live", target_os = "linux"))]
pub(super) use summary::lines as summary_lines;

/// Reads the capture and writes what was asked for.
pub(super) fn run(arguments: &Read, context: &mut Context) -> Result<(), Failure> {
    let path = arguments.capture.as_path();
    context.output.must_not_be(path)?;
    let filter = Filter { port: arguments.port, host: arguments.host, connection: arguments.connection };
    show::only_text_waits(arguments.showing, arguments.format == ReadFormat::Text)?;
    let one = arguments.connection.is_some();
    if !one && (arguments.showing.step || arguments.showing.pace.is_some()) {
        return Err(Failure::input(Message::new("cli-read-step-needs-connection")));
    }
    let mut file = CaptureFile::open(path, &context.catalog)?;
    let read = match arguments.format {
        ReadFormat::Tsv => tsv::write(&mut file, &filter, context)?,
        ReadFormat::Text | ReadFormat::Json if one => {
            connection::write(&mut file, &filter, arguments, context)?
        }
        ReadFormat::Json => json::write(&mut file, &filter, context)?,
        ReadFormat::Text => summary::write(&mut file, &filter, path, context)?,
    };
    file.done();
    context.output.flush()?;
    if let Some(number) = arguments.connection
        && number >= read.summary.streams
    {
        return Err(no_connection(number, read.summary.streams));
    }
    tell_notes(path, &file, &context.catalog);
    // What was read before the damage has been shown; that it is not all makes the exit code.
    read.damage.map_or(Ok(()), |error| Err(capture_file::failure(path, &error)))
}

fn no_connection(number: u32, streams: u32) -> Failure {
    let message = match streams {
        0 => Message::new("cli-read-no-connections"),
        _ => Message::new("cli-read-no-connection").with("last", streams - 1),
    };
    Failure::Told(Exit::BadInput, message.with("number", number))
}

/// What was left out, on stderr.
fn tell_notes(path: &Path, file: &CaptureFile, catalog: &Catalog) {
    for note in file.reader.notes() {
        let what = Value::Verbatim(catalog.format(&capture_file::note(path, note)).into());
        let line = catalog.format(&Message::new("cli-note").with("what", what));
        // Nobody listens on stderr: then nothing can be told.
        let _ = writeln!(io::stderr(), "{line}");
    }
}
