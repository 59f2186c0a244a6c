//! A line a packet, its fields apart by tabs: for `cut`, `awk` and tables.

use std::io::Write;
use std::net::IpAddr;

use super::super::Context;
use super::super::capture_file::CaptureFile;
use super::super::failure::Failure;
use super::pass::{Filter, Pass, Passing};
use crate::analyze::Finding;
use crate::time::Instant;
use crate::wire::{Defect, Transport};

/// The columns. Sequence numbers are raw, with those counted from the initial ones beside them;
/// `time` is in seconds since the capture's first packet. A field that a packet lacks is empty.
const HEAD: &str = "number\ttime\tstream\tsrc\tsrc_port\tdst\tdst_port\tflags\tseq\tack\tlen\twin\trel_seq\trel_ack\tfindings\tdefects\n";

/// So many octets are gathered before they are written.
const CHUNK: usize = 32 * 1024;

/// Reads the capture and writes a line for each packet.
pub(super) fn write(file: &mut CaptureFile, filter: &Filter, context: &mut Context) -> Result<Pass, Failure> {
    let mut lines = Vec::with_capacity(CHUNK + 1024);
    lines.extend(HEAD.as_bytes());
    let mut origin = None;
    let output = &mut context.output;
    let pass = Pass::over(file, |passing| {
        let origin = *origin.get_or_insert(passing.at);
        if filter.packet(passing.packet, passing.report) {
            line(&mut lines, passing, origin);
            if lines.len() >= CHUNK {
                output.write_all(&lines).map_err(|error| output.failure(&error))?;
                lines.clear();
            }
        }
        Ok(())
    })?;
    output.write_all(&lines).map_err(|error| output.failure(&error))?;
    Ok(pass)
}

fn line(out: &mut Vec<u8>, passing: &Passing<'_>, origin: Instant) {
    let packet = passing.packet;
    let (from, to) = packet.ports();
    number(out, passing.number);
    out.push(b'\t');
    let since = passing.at.since(origin).as_nanos();
    number(out, since / 1_000_000_000);
    out.push(b'.');
    padded(out, since % 1_000_000_000, 9);
    out.push(b'\t');
    if let Some(report) = passing.report {
        number(out, u64::from(report.stream));
    }
    for (addr, port) in [(packet.ip.src, from), (packet.ip.dst, to)] {
        out.push(b'\t');
        address(out, addr);
        out.push(b'\t');
        number(out, u64::from(port));
    }
    match &packet.transport {
        Transport::Tcp(segment) => {
            out.push(b'\t');
            segment.flags.push_letters(out);
            out.push(b'\t');
            number(out, u64::from(segment.seq.0));
            out.push(b'\t');
            if segment.flags.ack() {
                number(out, u64::from(segment.ack.0));
            }
            out.push(b'\t');
            number(out, u64::from(segment.len));
            out.push(b'\t');
            number(out, u64::from(segment.window));
        }
        Transport::Udp(datagram) => {
            out.extend(b"\tudp\t\t\t");
            number(out, u64::from(datagram.len));
            out.push(b'\t');
        }
        Transport::Other { protocol } => {
            out.extend(b"\tip");
            number(out, u64::from(*protocol));
            out.extend(b"\t\t\t\t");
        }
    }
    out.push(b'\t');
    if let Some(report) = passing.report {
        number(out, u64::from(report.seq));
        out.push(b'\t');
        if let Some(ack) = report.ack {
            number(out, u64::from(ack));
        }
        out.push(b'\t');
        keys(out, report.findings.iter().map(Finding::key));
    } else {
        out.extend(b"\t\t");
    }
    out.push(b'\t');
    keys(out, packet.defects.iter().map(Defect::key));
    out.push(b'\n');
}

fn keys(out: &mut Vec<u8>, keys: impl Iterator<Item = &'static str>) {
    for (i, key) in keys.enumerate() {
        if i > 0 {
            out.push(b',');
        }
        out.extend(key.as_bytes());
    }
}

fn address(out: &mut Vec<u8>, addr: IpAddr) {
    match addr {
        IpAddr::V4(addr) => {
            for (i, octet) in addr.octets().into_iter().enumerate() {
                if i > 0 {
                    out.push(b'.');
                }
                number(out, u64::from(octet));
            }
        }
        // Writing to a Vec cannot fail.
        IpAddr::V6(addr) => drop(write!(out, "{addr}")),
    }
}

/// A number in decimal; several times faster than `write!`.
fn number(out: &mut Vec<u8>, mut value: u64) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    out.extend(&digits[at..]);
}

/// A number with zeros before it, of exactly so many digits.
fn padded(out: &mut Vec<u8>, mut value: u64, digits: usize) {
    let start = out.len();
    out.resize(start + digits, b'0');
    for digit in out[start..].iter_mut().rev() {
        *digit = b'0' + (value % 10) as u8;
        value /= 10;
    }
}
