//! The rows themselves.

mod calls;
mod states;

use rustc_hash::{FxHashMap, FxHashSet};

use self::states::States;
use super::flights::{self, Flights};
use super::pairs::Pairs;
use super::words::Speaker;
use super::{Arrow, Course, Item, Layout, Row, Side, Tone, What, Words};
use crate::tcp::State;
use crate::time::{Duration, Instant};
use crate::timeline::explain::Explainer;
use crate::timeline::{
    Action, BothWays, ConnectionId, Event, Evidence, HostId, Kind, LossCause, Note, Numbers, PacketId,
    SocketId, Timeline, TimerName,
};
use crate::wire::Packet;

/// Lays out a timeline.
pub(in crate::render) fn lay_out(timeline: &Timeline, numbers: Numbers) -> Layout<'_> {
    let flights = flights::follow(timeline);
    let mut builder = Builder {
        timeline,
        pairs: Pairs::find(timeline, &flights),
        flights,
        speaker: Speaker::new(&timeline.events, numbers),
        states: States::default(),
        calling: FxHashSet::default(),
        timers: FxHashMap::default(),
        windows: BothWays::default(),
        rows: Vec::with_capacity(timeline.events.len()),
        arrows: 0,
        current: None,
        arriving: None,
        fresh: false,
        remarks: Vec::new(),
        relative: false,
        inferred: false,
    };
    for index in 0..timeline.events.len() {
        builder.event(index);
    }
    Layout {
        pairs: builder.pairs.all,
        rows: builder.rows,
        relative: builder.relative,
        inferred: builder.inferred,
    }
}

struct Builder<'a> {
    timeline: &'a Timeline,
    flights: Flights<'a>,
    pairs: Pairs<'a>,
    speaker: Speaker<'a>,
    states: States,
    /// Sockets with a call that has been shown and has not returned.
    calling: FxHashSet<(HostId, SocketId)>,
    /// When each running timer was set, and for how long.
    timers: FxHashMap<(HostId, ConnectionId, TimerName), (Instant, Duration)>,
    /// The window field seen last in each direction.
    windows: BothWays<u16>,
    rows: Vec<Row<'a>>,
    /// Arrows laid out so far.
    arrows: usize,
    current: Option<usize>,
    /// A packet drawn earlier that has just arrived and may have effects now.
    arriving: Option<(PacketId, HostId, Instant)>,
    /// Set by an arrival: what follows is its work, and not joined to the row before.
    fresh: bool,
    /// Remarks on the packet that is sent next.
    remarks: Vec<Words>,
    relative: bool,
    inferred: bool,
}

impl<'a> Builder<'a> {
    fn event(&mut self, index: usize) {
        let Some(event) = self.timeline.events.get(index) else { return };
        let words = self.speaker.speak(index);
        let Some((pair, side)) = self.pairs.place(index, self.current) else { return };
        let before = self.pair_states(pair);
        match &event.kind {
            Kind::Sent { id, packet, retransmission, .. } => {
                self.departure(event, pair, side, before, (*id, packet, *retransmission), words);
            }
            Kind::Arrived { id, packet, .. } => self.arrival(event, pair, side, before, (*id, packet), words),
            Kind::Lost { id, packet, .. } => {
                if self.flights.get(*id).is_none_or(|flight| flight.sent.is_none()) {
                    self.departure(event, pair, side, before, (*id, packet, false), None);
                }
            }
            Kind::State { connection, to, .. } => {
                self.states.change(event.host, *connection, *to);
                self.inferred |= event.evidence == Evidence::Inferred;
                // A listener that ends beside a connection it made must not seem to be the connection.
                let beside = connection.remote.port() == 0 && self.has_connection(pair, side);
                let item = (!beside).then_some(Item::State { to: *to, evidence: event.evidence });
                if item.is_some() || words.is_some() {
                    self.local(event, pair, side, before, item, words);
                }
            }
            Kind::Call(call) => self.call(event, (pair, side), before, call, words),
            Kind::Timer { connection, timer, action } => {
                let item = self.timer((event.host, *connection, *timer), event.at, *action);
                // Where the timer's work is a segment, that segment's words tell of the timer.
                let tells = *action == Action::Fired && self.sends_next(index);
                if item.is_some() && !tells {
                    self.local(event, pair, side, before, item, words);
                }
            }
            Kind::Queue { queue, len, limit, .. } => {
                let item = Item::Queue { queue: *queue, len: *len, limit: *limit };
                self.local(event, pair, side, before, Some(item), words);
            }
            Kind::Note(Note::Crashed) => {
                self.say(event, pair, side, before, words.map(|words| Words { tone: Tone::Warns, ..words }));
                self.states.crash(event.host);
            }
            Kind::Note(_) if flights::belongs_to_arrow(event, &self.flights) => {}
            // A remark on a packet about to be sent is said below its arrow.
            Kind::Note(Note::Message(_)) if self.sends_next(index) => self.remarks.extend(words),
            Kind::Note(note) => {
                let tone = match note {
                    Note::Crashed | Note::Restarted | Note::FaultTouched { .. } => Tone::Warns,
                    _ => Tone::Explains,
                };
                let words = words.map(|words| Words { tone, ..words });
                self.say(event, pair, side, before, words);
            }
        }
    }

    /// A packet leaves: its arrow, as far as it goes before something else happens.
    fn departure(
        &mut self,
        event: &Event,
        pair: usize,
        side: Side,
        before: [State; 2],
        (id, packet, retransmission): (PacketId, &'a Packet, bool),
        words: Option<Words>,
    ) {
        let mut said = std::mem::take(&mut self.remarks);
        // What the scenario made itself needs no reason but that.
        said.extend(words.filter(|_| said.is_empty()));
        said.extend(self.speaker.defects(packet));
        let mut course = Course::Whole;
        let mut arrived = None;
        if let Some(flight) = self.flights.get_mut(id) {
            flight.drawn_as = Some(self.arrows + 1);
            let simulated = event.evidence == Evidence::Simulated;
            course = match (flight.lost, flight.arrived) {
                (Some(_), None) => Course::Lost,
                (_, Some(_)) if flight.overtaken => Course::Departs,
                (_, None) if simulated => Course::Departs,
                _ => Course::Whole,
            };
            arrived = flight.arrived.filter(|_| course == Course::Whole);
            let from_loss = matches!(flight.lost, Some(LossCause::Fault(_)));
            for note in flight.notes.iter().filter_map(|note| self.timeline.events.get(*note)) {
                let is_loss = matches!(note.kind, Kind::Note(Note::FaultTouched { .. })) && from_loss;
                if let Some(explanation) = Explainer::new().explain(note).filter(|_| !is_loss) {
                    said.push(explanation.into());
                }
            }
            if let Some(cause) = flight.lost {
                let lost = Kind::Lost { id, packet: packet.clone(), cause: cause.clone() };
                let lost = Event { kind: lost, ..event.clone() };
                said.extend(Explainer::new().explain(&lost).map(Words::from));
            }
        }
        let sent = Some(event.at);
        let arrow = self.arrow(side, (id, packet, retransmission), course, sent, arrived);
        self.push(event.at, pair, before, What::Arrow(arrow), said);
    }

    /// A packet arrives: a row of its own only if its arrow did not show it already.
    fn arrival(
        &mut self,
        event: &Event,
        pair: usize,
        side: Side,
        before: [State; 2],
        (id, packet): (PacketId, &'a Packet),
        words: Option<Words>,
    ) {
        let Some(flight) = self.flights.get_mut(id) else { return };
        flight.arrivals += 1;
        let course = match (flight.arrivals, flight.sent) {
            (1, Some(_)) if !flight.overtaken => None,
            (1, None) => {
                Some(if event.evidence == Evidence::Observed { Course::Whole } else { Course::Arrives })
            }
            (1, _) => Some(Course::Arrives),
            _ => Some(Course::Copy),
        };
        // Drawn earlier: other arrows, or the work of other packets, stand between it and its effects.
        let after_another = self.rows.last().is_some_and(|row| match &row.what {
            What::Local { items, .. } => matches!(items.first(), Some(Item::Arrival(_))),
            What::Arrow(_) => false,
        });
        let detached = flight.drawn_as != Some(self.arrows) || after_another;
        self.arriving = None;
        self.fresh = true;
        let Some(course) = course else {
            if detached {
                self.arriving = Some((id, event.host, event.at));
            }
            self.say(event, pair, side, before, words);
            return;
        };
        let arrow = self.arrow(side.other(), (id, packet, false), course, None, Some(event.at));
        if let Some(flight) = self.flights.get_mut(id) {
            flight.drawn_as = Some(self.arrows);
        }
        self.push(event.at, pair, before, What::Arrow(arrow), words.into_iter().collect());
    }

    fn arrow(
        &mut self,
        from: Side,
        (id, packet, retransmission): (PacketId, &'a Packet, bool),
        course: Course,
        sent: Option<Instant>,
        arrived: Option<Instant>,
    ) -> Arrow<'a> {
        self.arrows += 1;
        let shown = self.speaker.shown(packet);
        self.relative |= shown.seq_origin != 0 || shown.ack_origin != 0;
        let window = packet.segment().filter(|segment| !segment.flags.rst()).map(|segment| segment.window);
        let new_window = window.is_some_and(|window| {
            let (windows, [there, _]) = self.windows.entry(packet.src(), packet.dst());
            windows[there].replace(window) != Some(window)
        });
        Arrow { id, packet, from, course, sent, arrived, retransmission, new_window, shown }
    }

    /// Something at one end: joined to the row before if that is the same end's at the same instant.
    fn local(
        &mut self,
        event: &Event,
        pair: usize,
        side: Side,
        before: [State; 2],
        item: Option<Item<'a>>,
        words: Option<Words>,
    ) {
        let arriving = self.arriving.take_if(|(_, host, at)| *host == event.host && *at == event.at);
        let arrival = arriving.map(|(id, ..)| Item::Arrival(id));
        let states = self.pair_states(pair);
        // What another packet brought about gets a row of its own, and so does what follows a remark.
        if !std::mem::take(&mut self.fresh)
            && let Some(row) = self.last_local(event, pair, side)
            && let What::Local { items, .. } = &mut row.what
            && (item.is_none() || !items.is_empty())
        {
            items.extend(item);
            row.states = states;
            row.words.extend(words);
            return;
        }
        let items = arrival.into_iter().chain(item).collect();
        self.push(event.at, pair, before, What::Local { side, items }, words.into_iter().collect());
    }

    /// Whether what its host does next at the same instant, timers and rules apart, is to send a packet.
    fn sends_next(&self, index: usize) -> bool {
        let Some(event) = self.timeline.events.get(index) else { return false };
        let following = self.timeline.events.iter().skip(index + 1).take_while(|next| next.at == event.at);
        let mut own = following.take(64).filter(|next| next.host == event.host);
        let next = own.find(|next| !matches!(next.kind, Kind::Timer { .. } | Kind::Note(Note::Rule { .. })));
        next.is_some_and(|next| matches!(next.kind, Kind::Sent { .. }))
    }

    /// Words without anything else to draw.
    fn say(&mut self, event: &Event, pair: usize, side: Side, before: [State; 2], words: Option<Words>) {
        if words.is_some() {
            self.local(event, pair, side, before, None, words);
        }
    }

    fn last_local(&mut self, event: &Event, pair: usize, side: Side) -> Option<&mut Row<'a>> {
        self.rows.last_mut().filter(|row| {
            let same_side = matches!(row.what, What::Local { side: other, .. } if other == side);
            same_side && row.pair == pair && row.at == event.at
        })
    }

    fn push(&mut self, at: Instant, pair: usize, before: [State; 2], what: What<'a>, words: Vec<Words>) {
        let opens = (self.current != Some(pair)).then_some(before);
        self.current = Some(pair);
        let states = self.pair_states(pair);
        self.rows.push(Row { at, pair, opens, states, what, words });
    }

    fn pair_states(&mut self, pair: usize) -> [State; 2] {
        self.pairs.all.get(pair).map_or([State::Closed; 2], |known| self.states.of(pair, known))
    }

    fn has_connection(&self, pair: usize, side: Side) -> bool {
        self.pairs.all.get(pair).is_some_and(|pair| self.states.has_connection(pair, side))
    }
}
