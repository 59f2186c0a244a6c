//! One connection of a capture, segment by segment.

use super::super::Context;
use super::super::arguments::{Read, ReadFormat};
use super::super::capture_file::CaptureFile;
use super::super::failure::Failure;
use super::super::show;
use super::pass::{Filter, Pass};
use crate::analyze::Recorder;
use crate::render;

/// Reads the capture and shows the one connection that the filter names.
pub(super) fn write(
    file: &mut CaptureFile,
    filter: &Filter,
    arguments: &Read,
    context: &mut Context,
) -> Result<Pass, Failure> {
    let mut recorder = match arguments.format {
        ReadFormat::Json => Recorder::new(),
        ReadFormat::Text | ReadFormat::Tsv => Recorder::with_payloads_of(render::PAYLOAD_LOOKED_AT),
    };
    let pass = Pass::over(file, |passing| {
        if let Some(report) = passing.report
            && filter.packet(passing.packet, Some(report))
        {
            recorder.record(passing.number, passing.at, passing.packet, report);
        }
        Ok(())
    })?;
    file.done();
    let summary = pass.summary.connections.iter().find(|connection| filter.connection(connection));
    let timeline = recorder.finish(summary);
    if timeline.events.is_empty() {
        return Ok(pass);
    }
    match arguments.format {
        ReadFormat::Json => show::json(&timeline, context)?,
        ReadFormat::Text | ReadFormat::Tsv => drop(show::text(&timeline, arguments.showing, context)?),
    }
    Ok(pass)
}
