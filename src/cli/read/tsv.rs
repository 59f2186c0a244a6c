//! A line a packet, its fields apart by tabs: for `cut`, `awk` and tables.

use super::super::Context;
use super::super::capture_file::CaptureFile;
use super::super::failure::Failure;
use super::page::Page;
use super::pass::{Filter, Pass, Passing};
use crate::analyze::Finding;
use crate::time::Instant;
use crate::wire::{Defect, Transport};

/// The columns. Sequence numbers are raw, with those counted from the initial ones beside them;
/// `time` is in seconds since the capture's first packet. A field that a packet lacks is empty.
const HEAD: &str = "number\ttime\tstream\tsrc\tsrc_port\tdst\tdst_port\tflags\tseq\tack\tlen\twin\trel_seq\trel_ack\tfindings\tdefects\n";

/// Reads the capture and writes a line for each packet.
pub(super) fn write(file: &mut CaptureFile, filter: &Filter, context: &mut Context) -> Result<Pass, Failure> {
    let mut page = Page::new();
    page.text(HEAD);
    let mut origin = None;
    let pass = Pass::over(file, |passing| {
        let origin = *origin.get_or_insert(passing.at);
        if filter.packet(passing.packet, passing.report) {
            line(&mut page, passing, origin);
            page.write_full(&mut context.output)?;
        }
        Ok(())
    })?;
    page.write_out(&mut context.output)?;
    Ok(pass)
}

fn line(line: &mut Page, passing: &Passing<'_>, origin: Instant) {
    let packet = passing.packet;
    let (from, to) = packet.ports();
    line.number(passing.number);
    line.push(b'\t');
    let since = passing.at.since(origin).as_nanos();
    line.number(since / 1_000_000_000);
    line.push(b'.');
    line.padded(since % 1_000_000_000, 9);
    line.push(b'\t');
    if let Some(report) = passing.report {
        line.number(u64::from(report.stream));
    }
    for (addr, port) in [(packet.ip.src, from), (packet.ip.dst, to)] {
        line.push(b'\t');
        line.address(addr);
        line.push(b'\t');
        line.number(u64::from(port));
    }
    line.push(b'\t');
    transport(line, &packet.transport);
    line.push(b'\t');
    if let Some(report) = passing.report {
        line.number(u64::from(report.seq));
        line.push(b'\t');
        if let Some(ack) = report.ack {
            line.number(u64::from(ack));
        }
        line.push(b'\t');
        line.list(report.findings.iter().map(Finding::key));
    } else {
        line.text("\t\t");
    }
    line.push(b'\t');
    if !packet.defects.is_empty() {
        line.list(packet.defects.iter().map(Defect::key));
    }
    line.push(b'\n');
}

/// The columns from `flags` to `win`.
fn transport(line: &mut Page, transport: &Transport) {
    match transport {
        Transport::Tcp(segment) => {
            segment.flags.each_letter(|letter| line.push(letter));
            line.push(b'\t');
            line.number(u64::from(segment.seq.0));
            line.push(b'\t');
            if segment.flags.ack() {
                line.number(u64::from(segment.ack.0));
            }
            line.push(b'\t');
            line.number(u64::from(segment.len));
            line.push(b'\t');
            line.number(u64::from(segment.window));
        }
        Transport::Udp(datagram) => {
            line.text("udp\t\t\t");
            line.number(u64::from(datagram.len));
            line.push(b'\t');
        }
        Transport::Other { protocol } => {
            line.text("ip");
            line.number(u64::from(*protocol));
            line.text("\t\t\t\t");
        }
    }
}
