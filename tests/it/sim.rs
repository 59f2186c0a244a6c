//! The simulator: determinism, delivery under faults, links, calls, capture of its packets.

mod calls;
mod delivery;
mod determinism;
mod network;

use handshake::scenario::Scenario;
use handshake::sim::{self, Run};
use handshake::timeline::{HostId, Kind, Timeline};
use handshake::wire::Packet;

const CLIENT: HostId = HostId(0);
const SERVER: HostId = HostId(1);

/// A scenario with a client and a server; `top` stands before the tables, `rest` after the hosts.
fn scenario(top: &str, rest: &str) -> Scenario {
    let text = format!(
        r#"title = {{ en = "A test", zh = "测试" }}
notes = {{ en = "Nothing to learn.", zh = "没有要学的。" }}
{top}
[hosts]
client = {{ addr = "10.0.0.1", isn = 1000 }}
server = {{ addr = "10.0.0.2", isn = 5000 }}
{rest}"#
    );
    Scenario::parse("test", &text).unwrap_or_else(|refused| panic!("{:?}\n{text}", refused.problems()))
}

fn run(top: &str, rest: &str) -> Run {
    sim::run(&scenario(top, rest), &sim::Options::default()).unwrap()
}

/// The packets that hosts sent, with the time in nanoseconds.
fn sent(timeline: &Timeline) -> Vec<(u64, HostId, &Packet)> {
    timeline
        .events
        .iter()
        .filter_map(|event| match &event.kind {
            Kind::Sent { packet, .. } => Some((event.at.as_nanos(), event.host, packet)),
            _ => None,
        })
        .collect()
}

/// The packets that reached hosts, with the time in milliseconds.
fn arrived(timeline: &Timeline) -> Vec<(u64, HostId, &Packet)> {
    timeline
        .events
        .iter()
        .filter_map(|event| match &event.kind {
            Kind::Arrived { packet, .. } => Some((event.at.as_nanos() / 1_000_000, event.host, packet)),
            _ => None,
        })
        .collect()
}
