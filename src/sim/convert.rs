//! What a host's TCP tells, as events of the timeline.

use crate::tcp::What;
use crate::timeline::{ConnectionId, HostId, Kind, Note, Sink};

use super::simulation::Simulation;

impl<S: Sink> Simulation<'_, S> {
    /// Takes everything that a host's TCP has to tell.
    pub(super) fn drain(&mut self, host: HostId) {
        loop {
            let Some(station) = self.stations.get_mut(host.0 as usize) else { return };
            let Some(event) = station.tcp.poll_event() else { return };
            let socket = event.socket;
            match event.what {
                What::Connected
                | What::Acceptable
                | What::Readable
                | What::Writable
                | What::PeerClosed
                | What::Urgent
                | What::Failed(_)
                | What::Closed => {
                    if let Some(name) = station.known(socket).name {
                        station.wake(name);
                    }
                    continue;
                }
                What::State(transition) if station.watched => {
                    self.script.entered(self.now, host, transition.to, &mut self.queue);
                }
                _ => {}
            }
            if !self.wants_events {
                continue;
            }
            let Some(connection) = station.connection(socket) else { continue };
            if let Some(kind) = kind(connection, event.what) {
                self.record(host, kind);
            }
        }
    }
}

/// The event for what a TCP tells about a connection.
fn kind(connection: ConnectionId, what: What) -> Option<Kind> {
    Some(match what {
        What::State(transition) => {
            Kind::State { connection, from: transition.from, to: transition.to, rule: Some(transition.rule) }
        }
        What::Timer { timer, action } => Kind::Timer { connection, timer, action },
        What::Rule(rule) => Kind::Note(Note::Rule { connection, rule }),
        What::Queue { queue, len, limit } => Kind::Queue { listener: connection.local, queue, len, limit },
        _ => return None,
    })
}
