//! What becomes of each packet, known before the first row is laid out.

use rustc_hash::FxHashMap;

use crate::time::Instant;
use crate::timeline::{Event, HostId, Kind, LossCause, Note, PacketId, Timeline};

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

pub(super) type Flights<'a> = FxHashMap<PacketId, Flight<'a>>;

/// The way of every packet.
pub(super) fn follow(timeline: &Timeline) -> Flights<'_> {
    let mut flights = Flights::default();
    // The latest sent of those that have arrived, by direction.
    let mut frontier = FxHashMap::default();
    for (index, event) in timeline.events.iter().enumerate() {
        match &event.kind {
            Kind::Sent { id, .. } => {
                let flight = flights.entry(*id).or_default();
                flight.sent.get_or_insert(index);
                flight.sender = Some(event.host);
            }
            Kind::Lost { id, cause, .. } => {
                let flight = flights.entry(*id).or_default();
                flight.lost = Some(cause);
                flight.sender = flight.sender.or(Some(event.host));
            }
            Kind::Arrived { id, packet, .. } => {
                let flight = flights.entry(*id).or_default();
                if flight.arrived.is_some() {
                    continue;
                }
                flight.arrived = Some(event.at);
                flight.receiver = Some(event.host);
                let latest = frontier.entry((packet.src(), packet.dst())).or_insert(0);
                if let Some(sent) = flight.sent {
                    flight.overtaken = sent < *latest;
                    *latest = sent.max(*latest);
                }
            }
            Kind::Note(Note::FaultTouched { id, .. } | Note::Finding { id, .. }) => {
                flights.entry(*id).or_default().notes.push(index);
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
            flights.get(id).is_some_and(|flight| flight.sent.is_some() || flight.lost.is_some())
        }
        _ => false,
    }
}
