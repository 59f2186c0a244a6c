//! `handshake watch` with real programs: what it sees of them, and what is left when it ends.

mod conversations;
mod endings;
mod processes;
mod shown;
mod signals;
mod terminal;

use std::path::PathBuf;
use std::process::Command;

use handshake::tcp::State;
use handshake::timeline::{Call, Event, HostId, Kind, Operation, Outcome, Step, Timeline};
use handshake::wire::Flags;

use super::spawn::{Ran, finish, handshake, permitted};

/// A telephone as in the lecture: one call, one question, one answer.
const SERVER: &str = r#"
import socket
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", 9000)); s.listen(5)
c, a = s.accept()
assert c.recv(1024) == b"hello world"
c.sendall(b"hi"); c.close(); s.close()
"#;
const CLIENT: &str = r#"
import socket
s = socket.socket(); s.connect(("127.0.0.1", 9000))
s.sendall(b"hello world")
assert s.recv(1024) == b"hi"
assert s.recv(1024) == b""
s.close()
"#;

/// Scripts in a directory that goes away with this.
struct Scripts(tempfile::TempDir);

impl Scripts {
    fn new(scripts: &[(&str, &str)]) -> Scripts {
        let directory = tempfile::tempdir().unwrap();
        for (name, text) in scripts {
            std::fs::write(directory.path().join(name), text).unwrap();
        }
        Scripts(directory)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// `handshake watch OPTIONS -- python3 FIRST --and python3 SECOND …`
    fn watch(&self, options: &str, names: &[&str]) -> Command {
        let mut command = handshake(["watch"]);
        command.args(options.split_whitespace()).arg("--");
        for (place, name) in names.iter().enumerate() {
            if place > 0 {
                command.arg("--and");
            }
            command.arg("python3").arg(self.path(name));
        }
        command
    }
}

/// Watches Python programs, given by name and text; `None` where that is not permitted.
fn watch(options: &str, scripts: &[(&str, &str)]) -> Option<Ran> {
    let names: Vec<&str> = scripts.iter().map(|(name, _)| *name).collect();
    let ran = finish(&mut Scripts::new(scripts).watch(options, &names));
    permitted(&ran).then_some(ran)
}

/// The same, as a timeline; everything must have gone well.
fn timeline(scripts: &[(&str, &str)]) -> Option<Timeline> {
    let ran = watch("--format json", scripts)?;
    ran.code(0);
    let timeline = ran.timeline();
    assert!(timeline.events.is_sorted_by_key(|event| event.at));
    Some(timeline)
}

/// A host by its name.
#[track_caller]
fn host(timeline: &Timeline, name: &str) -> HostId {
    let place = timeline.hosts.iter().position(|host| host.name == name);
    HostId(place.unwrap_or_else(|| panic!("no host {name}: {:?}", timeline.hosts)) as u16)
}

/// A host's calls, with their places among the events.
fn calls(timeline: &Timeline, host: HostId) -> Vec<(usize, &Call)> {
    let call = |(place, event): (usize, &'_ Event)| match &event.kind {
        Kind::Call(_) if event.host == host => Some(place),
        _ => None,
    };
    let places = timeline.events.iter().enumerate().filter_map(call);
    places
        .map(|place| match &timeline.events[place].kind {
            Kind::Call(call) => (place, call),
            _ => unreachable!(),
        })
        .collect()
}

/// The place of a host's first call that `wanted` takes, at its beginning and at its end.
#[track_caller]
fn span(timeline: &Timeline, host: HostId, wanted: impl Fn(&Operation) -> bool) -> (usize, usize) {
    let calls = calls(timeline, host);
    let place = |entered: bool| {
        calls.iter().find(|(_, call)| (call.step == Step::Entered) == entered && wanted(&call.operation))
    };
    let (entered, returned) = (place(true), place(false));
    (entered.expect("never entered").0, returned.expect("never returned").0)
}

/// How a host's calls that `wanted` takes came back.
fn outcomes(timeline: &Timeline, host: HostId, wanted: impl Fn(&Operation) -> bool) -> Vec<Outcome> {
    let outcome = |(_, call): (usize, &Call)| match &call.step {
        Step::Returned(outcome) if wanted(&call.operation) => Some(outcome.clone()),
        _ => None,
    };
    calls(timeline, host).into_iter().filter_map(outcome).collect()
}

/// The segments that were sent: place, sender, receiver, flags, octets.
fn segments(timeline: &Timeline) -> Vec<(usize, HostId, HostId, Flags, u32)> {
    let receiver = |wanted| {
        let arrives = |event: &&Event| matches!(&event.kind, Kind::Arrived { id, .. } if *id == wanted);
        timeline.events.iter().find(arrives).expect("never arrived").host
    };
    let sent = |(place, event): (usize, &Event)| match &event.kind {
        Kind::Sent { id, packet, .. } => {
            let segment = packet.segment()?;
            Some((place, event.host, receiver(*id), segment.flags, segment.len))
        }
        _ => None,
    };
    timeline.events.iter().enumerate().filter_map(sent).collect()
}

/// The states that a host's connections (not its listeners) went through.
fn states(timeline: &Timeline, host: HostId) -> Vec<State> {
    let state = |event: &Event| match &event.kind {
        Kind::State { connection, to, .. } if event.host == host && connection.remote.port() != 0 => {
            Some(*to)
        }
        _ => None,
    };
    timeline.events.iter().filter_map(state).collect()
}
