//! The events that a journal's entries and logs stand for.

use std::ops::Range;

use bytes::Bytes;

use super::{Entry, Journal, Kept, Stored, What};
use crate::tcp;
use crate::timeline::{ConnectionId, Event, Evidence, HostId, Kind};
use crate::wire::{self, Packet};

/// What a TCP tells after an entry: which log, and which part of it.
type Told = (Option<usize>, Range<usize>);

impl Journal {
    /// All events, in their order; packets share the journal's memory.
    pub fn into_events(mut self) -> Vec<Event> {
        let octets = Bytes::from(std::mem::take(&mut self.octets));
        let mut events = Vec::with_capacity(self.entries.len() * 2);
        for (entry, (log, told)) in self.entries.iter().zip(self.told()) {
            let (at, host) = (entry.at, entry.what.host());
            let event = |kind| Event { at, host, evidence: Evidence::Simulated, kind };
            events.extend(self.kind(entry.what, &octets).map(event));
            let Some((_, log)) = log.and_then(|log| self.logs.get(log)) else { continue };
            let told = log.events.get(told).unwrap_or_default();
            events.extend(told.iter().filter_map(|told| kind_of(told, log)).map(event));
        }
        events
    }

    /// What is told after each entry: up to where its host's next entry begins, in the log of its time.
    fn told(&self) -> Vec<Told> {
        // From the end: there it is known where a log ends.
        let mut next: Vec<Option<Told>> = Vec::new();
        let mut all: Vec<Told> = Vec::with_capacity(self.entries.len());
        for Entry { told, what, .. } in self.entries.iter().rev() {
            let host = what.host();
            let index = host.0 as usize;
            if next.len() <= index {
                next.resize(index + 1, None);
            }
            let (log, later) = next[index].take().unwrap_or_else(|| self.whole_log(host, self.logs.len()));
            let told = *told as usize;
            all.push((log, told..later.end));
            next[index] = Some(match what {
                What::Restarted { .. } => self.whole_log(host, log.unwrap_or_default()),
                _ => (log, 0..told),
            });
        }
        all.reverse();
        all
    }

    /// The last log of a host among the first `before`.
    fn whole_log(&self, host: HostId, before: usize) -> Told {
        let logs = self.logs.get(..before).unwrap_or_default();
        let log = logs.iter().rposition(|(of, _)| *of == host);
        let len = log.and_then(|log| logs.get(log)).map_or(0, |(_, log)| log.events.len());
        (log, 0..len)
    }

    /// What an entry itself stands for.
    fn kind(&self, what: What, octets: &Bytes) -> Option<Kind> {
        let packet = |stored: Stored| -> Option<Packet> {
            let octets_of = Kept::from(stored).of(octets);
            let Packet { ip, transport, payload, defects } = wire::decode_ip(octets_of).ok()?;
            let payload = if payload.is_empty() { Bytes::new() } else { octets.slice_ref(payload) };
            Some(Packet { ip, transport, payload, defects })
        };
        Some(match what {
            What::Call { call, .. } => Kind::Call(self.call_of(*self.calls.get(call as usize)?)?),
            What::Sent { id, packet: kept, rule, .. } => {
                Kind::Sent { id, packet: packet(kept)?, rule, retransmission: false }
            }
            What::SentAgain { id, packet: kept, rule, .. } => {
                Kind::Sent { id, packet: packet(kept)?, rule, retransmission: true }
            }
            What::Arrived { id, packet: kept, rule, .. } => Kind::Arrived { id, packet: packet(kept)?, rule },
            What::Rare { kind, .. } => self.rare.get(kind as usize)?.clone(),
            What::Restarted { .. } | What::Tells { .. } => return None,
        })
    }
}

/// What a TCP told, as an event; `None` for a socket that the log does not know.
fn kind_of(told: &tcp::Event, log: &tcp::Log) -> Option<Kind> {
    let (local, remote) = *log.ends.get(told.socket.0 as usize)?;
    Some(Kind::of_tcp(ConnectionId { local, remote }, told.what))
}
