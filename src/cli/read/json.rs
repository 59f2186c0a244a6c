//! The summary of a capture as JSON Lines: a first record with the schema's number, a record of kind
//! `connection` each, a last one of kind `capture` with the sums.

use std::io::Write;

use serde_json::{Map, Value, json};

use super::super::Context;
use super::super::capture_file::CaptureFile;
use super::super::failure::Failure;
use super::pass::{Filter, Pass};
use crate::analyze::{ConnectionSummary, Side, Standing};

/// Reads the capture and writes its records.
pub(super) fn write(file: &mut CaptureFile, filter: &Filter, context: &mut Context) -> Result<Pass, Failure> {
    let pass = Pass::over(file, |_| Ok(()))?;
    let mut put =
        |record: &Value| writeln!(context.output, "{record}").map_err(|error| context.output.failure(&error));
    put(
        &json!({ "schema": 1, "kind": "summary", "program": "handshake", "version": env!("CARGO_PKG_VERSION") }),
    )?;
    for connection in pass.summary.connections.iter().filter(|connection| filter.connection(connection)) {
        put(&record(connection))?;
    }
    let findings: Map<String, Value> =
        pass.summary.counts.iter().map(|(finding, count)| (finding.key().to_owned(), count.into())).collect();
    put(&json!({
        "kind": "capture",
        "frames": pass.frames,
        "tcp_packets": pass.summary.packets,
        "udp_packets": pass.datagrams,
        "other_ip_packets": pass.others,
        "not_ip": pass.not_ip,
        "connections": pass.summary.streams,
        "first_ns": pass.summary.span.map(|(first, _)| first.as_nanos()),
        "last_ns": pass.summary.span.map(|(_, last)| last.as_nanos()),
        "whole": pass.damage.is_none(),
        "findings": findings,
    }))?;
    Ok(pass)
}

fn record(connection: &ConnectionSummary) -> Value {
    let end = |side: Side| {
        let place = side.index();
        let (state, certain) = match connection.states[place] {
            Standing::Unknown => (None, false),
            Standing::AtLeast(state) => (Some(state.name()), false),
            Standing::Exactly(state) => (Some(state.name()), true),
        };
        let addr = if side == Side::Client { connection.client } else { connection.server };
        json!({
            "addr": addr.ip().to_string(),
            "port": addr.port(),
            "packets": connection.packets[place],
            "bytes": connection.octets[place],
            "resends": connection.resends[place],
            "state": state,
            "state_certain": certain,
        })
    };
    json!({
        "kind": "connection",
        "stream": connection.stream,
        "client": end(Side::Client),
        "server": end(Side::Server),
        "roles_guessed": connection.roles_guessed,
        "began_ns": connection.began.as_nanos(),
        "lasted_ns": connection.lasted().as_nanos(),
        "round_trip_ns": connection.round_trip.map(crate::time::Duration::as_nanos),
        "outcome": connection.outcome.key(),
        "completeness": connection.completeness.0,
        "findings": connection.findings.iter().map(crate::analyze::Finding::key).collect::<Vec<_>>(),
    })
}
