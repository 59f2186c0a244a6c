//! What becomes of each packet, known before the first row is laid out.

use rustc_hash::FxHashMap;

use crate::time::Instant;
use crate::timeline::{BothWays, Event, HostId, Kind, LossCause, Note, PacketId, Timeline};

/// One packet's way.
#[derive(Clone, Debug, Default)]
pub(super) struct Flight<'a> {
    /// The event that sent it.
    pub(super) sent: Option<usize>,
    pub(super) sender: Option<HostId>,
    /// Its first arrival.
    pub(super) arrived: Option<Instant>,
    pub(super) receiver: Option<HostId>,
    pub(super) lost: Option<&'a LossCause>,
    /// Whether a packet sent later in the same direction arrived earlier.
    pub(super) overtaken: bool,
    /// Notes about it, by their event's index.
    pub(super) notes: Vec<usize>,
    /// Arrivals laid out so far.
    pub(super) arrivals: u32,
    /// How many arrows had been laid out when its own was.
    pub(super) drawn_as: Option<usize>,
}

/// The ways of all packets, in the order in which they are first heard of.
#[derive(Default)]
pub(super) struct Flights<'a> {
    all: Vec<Flight<'a>>,
    places: FxHashMap<PacketId, usize>,
}

impl<'a> Flights<'a> {
    pub(super) fn get(&self, id: PacketId) -> Option<&Flight<'a>> {
        self.places.get(&id).and_then(|place| self.all.get(*place))
    }

    pub(super) fn get_mut(&mut self, id: PacketId) -> Option<&mut Flight<'a>> {
        self.places.get(&id).and_then(|place| self.all.get_mut(*place))
    }

    /// The way of this packet, a new one if it was not heard of yet.
    fn entry(&mut self, id: PacketId) -> &mut Flight<'a> {
        let place = *self.places.entry(id).or_insert(self.all.len());
        if place == self.all.len() {
            self.all.push(Flight::default());
        }
        &mut self.all[place]
    }
}

/// The way of every packet.
pub(super) fn follow(timeline: &Timeline) -> Flights<'_> {
    let mut flights = Flights::default();
    // The latest sent of those that have arrived, by direction.
    let mut frontier: BothWays<usize> = BothWays::default();
    for (index, event) in timeline.events.iter().enumerate() {
        match &event.kind {
            Kind::Sent { id, .. } => {
                let flight = flights.entry(*id);
                flight.sent.get_or_insert(index);
                flight.sender = Some(event.host);
            }
            Kind::Lost { id, cause, .. } => {
                let flight = flights.entry(*id);
                flight.lost = Some(cause);
                flight.sender = flight.sender.or(Some(event.host));
            }
            Kind::Arrived { id, packet, .. } => {
                let flight = flights.entry(*id);
                if flight.arrived.is_some() {
                    continue;
                }
                flight.arrived = Some(event.at);
                flight.receiver = Some(event.host);
                let (frontier, [there, _]) = frontier.entry(packet.src(), packet.dst());
                let latest = frontier[there].get_or_insert(0);
                if let Some(sent) = flight.sent {
                    flight.overtaken = sent < *latest;
                    *latest = sent.max(*latest);
                }
            }
            Kind::Note(Note::FaultTouched { id, .. } | Note::Finding { id, .. }) => {
                flights.entry(*id).notes.push(index);
            }
            _ => {}
        }
    }
    flights
}

/// Whether a note is said below its packet's arrow, or not at all because the loss says it.
pub(super) fn belongs_to_arrow(event: &Event, flights: &Flights<'_>) -> bool {
    match &event.kind {
        Kind::Note(Note::FaultTouched { id, .. } | Note::Finding { id, .. }) => {
            flights.get(*id).is_some_and(|flight| flight.sent.is_some() || flight.lost.is_some())
        }
        _ => false,
    }
}
