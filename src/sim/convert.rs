//! What a host's TCP tells, as events of the timeline.

use crate::tcp::{Queue, Timer, TimerAction, What};
use crate::timeline::{Action, ConnectionId, HostId, Kind, Note, QueueName, Sink, TimerName};

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
        What::Timer { timer, action } => {
            Kind::Timer { connection, timer: timer_name(timer), action: timer_action(action) }
        }
        What::Rule(rule) => Kind::Note(Note::Rule { connection, rule }),
        What::Queue { queue, len, limit } => {
            let queue = match queue {
                Queue::Syn => QueueName::Syn,
                Queue::Accept => QueueName::Accept,
            };
            Kind::Queue { listener: connection.local, queue, len, limit }
        }
        _ => return None,
    })
}

fn timer_name(timer: Timer) -> TimerName {
    match timer {
        Timer::Retransmission => TimerName::Retransmission,
        Timer::Persist => TimerName::Persist,
        Timer::DelayedAck => TimerName::DelayedAck,
        Timer::Keepalive => TimerName::Keepalive,
        Timer::TimeWait => TimerName::TimeWait,
        Timer::FinWait2 => TimerName::FinWait2,
        Timer::User => TimerName::User,
        Timer::LossProbe => TimerName::LossProbe,
    }
}

fn timer_action(action: TimerAction) -> Action {
    match action {
        TimerAction::Set(after) => Action::Set(after),
        TimerAction::Fired => Action::Fired,
        TimerAction::Stopped => Action::Stopped,
    }
}
