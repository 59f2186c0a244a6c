//! The events that a journal's entries and logs stand for.

use std::ops::Range;

use bytes::Bytes;

use super::{Entry, Journal, Kept, What};
use crate::tcp;
use crate::timeline::{ConnectionId, Event, Evidence, HostId, Kind, PacketId};
use crate::wire::{self, Packet};

/// What a TCP tells after an entry: which log, and which part of it.
type Told = (Option<usize>, Range<usize>);

impl Journal {
    /// All events, in their order; packets share the journal's memory.
    pub fn into_events(mut self) -> Vec<Event> {
        let octets = Bytes::from(std::mem::take(&mut self.octets));
        let mut events = Vec::with_capacity(self.entries.len() * 2);
        for (entry, (log, told)) in self.entries.iter().zip(self.told()) {
            let Entry { at, host, .. } = *entry;
            let event = |kind| Event { at, host, evidence: Evidence::Simulated, kind };
            events.extend(self.kind(entry, &octets).map(event));
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
        for Entry { told, what, host, .. } in self.entries.iter().rev() {
            let index = host.0 as usize;
            if next.len() <= index {
                next.resize(index + 1, None);
            }
            let (log, later) = next[index].take().unwrap_or_else(|| self.whole_log(*host, self.logs.len()));
            let told = *told as usize;
            all.push((log, told..later.end));
            next[index] = Some(match what {
                What::Restarted => self.whole_log(*host, log.unwrap_or_default()),
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
    fn kind(&self, entry: &Entry, octets: &Bytes) -> Option<Kind> {
        let Entry { start, len, number, rule, what, .. } = *entry;
        let (id, place) = (PacketId(number), number as usize);
        let packet = || -> Option<Packet> {
            let Packet { ip, transport, payload, defects } =
                wire::decode_ip(Kept { start, len }.of(octets)).ok()?;
            let payload = if payload.is_empty() { Bytes::new() } else { octets.slice_ref(payload) };
            Some(Packet { ip, transport, payload, defects })
        };
        Some(match what {
            What::Sent => Kind::Sent { id, packet: packet()?, rule, retransmission: false },
            What::SentAgain => Kind::Sent { id, packet: packet()?, rule, retransmission: true },
            What::Arrived => Kind::Arrived { id, packet: packet()?, rule },
            What::Call => Kind::Call(self.call_of(*self.calls.get(place)?)?),
            What::Rare => self.rare.get(place)?.clone(),
            What::Restarted | What::Tells => return None,
        })
    }
}

/// What a TCP told, as an event; `None` for a socket that the log does not know.
fn kind_of(told: &tcp::Event, log: &tcp::Log) -> Option<Kind> {
    let (local, remote) = *log.ends.get(told.socket.0 as usize)?;
    Some(Kind::of_tcp(ConnectionId { local, remote }, told.what))
}
