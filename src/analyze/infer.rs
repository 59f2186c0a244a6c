//! The states of both ends, concluded from the segments that pass.
//!
//! What an end *sends* is certain: a SYN,ACK comes from SYN-RECEIVED, an ACK of a FIN means that the
//! FIN arrived. What *arrives* is not: a segment may be lost behind the point of capture. So a state is
//! changed by what its end sends wherever that shows it. Only where nothing need follow (the last
//! segment of the handshake, the last ACK, a reset) the arrival is presumed; an end that later sends
//! what it would not send in that state shows that the segment was lost, and the change is taken back.

use super::flow::Side;
use super::numbers::{Numbers, named};
use crate::tcp::{Rule, State};
use crate::wire::{Segment, SeqNumber};

/// How well a state is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Standing {
    /// Nothing from this end was seen.
    #[default]
    Unknown,
    /// The capture begins in the middle: this state, or one that follows it when the other end had
    /// closed already.
    AtLeast(State),
    /// The segments seen leave no other.
    Exactly(State),
}

/// A change of one end's state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Whose state.
    pub side: Side,
    /// The state before.
    pub from: State,
    /// The state after; the same as `from` where a capture begins in the middle.
    pub to: State,
    /// The rule that must have been followed.
    pub rule: Option<Rule>,
    /// Takes this end's latest change back: the segment that was presumed to have made it was lost.
    pub retracts: bool,
}

/// The changes that one segment shows, at most four.
#[derive(Clone, Copy, Debug, Default)]
pub struct Changes {
    list: [Change; 4],
    len: u8,
}

impl Changes {
    /// The changes in their order.
    pub fn iter(&self) -> impl Iterator<Item = &Change> {
        self.list.iter().take(usize::from(self.len))
    }

    /// Whether this state is entered, and not only known to last.
    pub(super) fn enter(&self, state: State) -> bool {
        self.iter().any(|change| change.to == state && !change.retracts && change.from != state)
    }

    /// Forgets them.
    pub(super) fn clear(&mut self) {
        self.len = 0;
    }

    fn push(&mut self, change: Change) {
        if let Some(place) = self.list.get_mut(usize::from(self.len)) {
            *place = change;
            self.len += 1;
        }
    }
}

/// What a reset does at the end that it arrives at (RFC 9293 §3.10.7, RFC 5961 §3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ResetFate {
    /// There was nothing to end, as far as was seen.
    Nothing,
    /// The connection ends.
    Accepted,
    /// Inside the window, not at its edge: answered by a challenge ACK.
    Challenged,
    /// Outside the window: dropped.
    Ignored,
}

/// One end as its segments show it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct End {
    pub(super) state: State,
    /// Something from this end was seen.
    pub(super) seen: bool,
    /// Its SYN was seen, so that every later state is certain.
    pub(super) syn: bool,
    /// It answered a SYN from LISTEN.
    passive: bool,
    /// It sent a SYN, text or its FIN, so it had not closed before the capture began.
    live: bool,
    /// The state to go back to, should the segment that changed it turn out lost.
    undo: Option<State>,
    numbers: Numbers<6>,
}

/// What one end said while all was quiet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quiet {
    /// The number after its highest.
    pub(super) next: Option<SeqNumber>,
    /// Its last acknowledgment number.
    pub(super) ack: Option<SeqNumber>,
    /// It has sent text.
    pub(super) text: bool,
    /// It has sent anything meanwhile.
    pub(super) spoke: bool,
}

/// Both ends.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Inference {
    ends: [End; 2],
}

impl End {
    named! {
        /// Its initial sequence number.
        0 isn set_isn;
        /// The number after the highest it sent.
        1 next set_next;
        /// The highest acknowledgment number it sent.
        2 received set_received;
        /// The highest acknowledgment number sent to it.
        3 acked set_acked;
        /// The number after its FIN.
        4 fin set_fin;
        /// What its FIN acknowledged when it was last sent.
        5 fin_acks set_fin_acks;
    }

    fn syn_acked(&self) -> bool {
        self.isn().zip(self.acked()).is_some_and(|(isn, acked)| acked.gt(isn))
    }

    fn fin_acked(&self) -> bool {
        self.fin().zip(self.acked()).is_some_and(|(fin, acked)| acked.ge(fin))
    }
}

/// The later of two numbers, as far as they are known.
fn later(known: Option<SeqNumber>, number: Option<SeqNumber>) -> Option<SeqNumber> {
    match (known, number) {
        (Some(known), Some(number)) => Some(known.max(number)),
        _ => known.or(number),
    }
}

impl Inference {
    /// The end on this side.
    pub(super) const fn end(&self, side: Side) -> &End {
        &self.ends[side.index()]
    }

    /// The state of this side and how well it is known.
    pub(super) fn standing(&self, side: Side) -> Standing {
        let end = self.end(side);
        let certain = end.syn || (end.live && self.end(side.other()).live);
        match (end.seen, certain || end.state == State::Closed) {
            (false, _) => Standing::Unknown,
            (true, true) => Standing::Exactly(end.state),
            (true, false) => Standing::AtLeast(end.state),
        }
    }

    /// Both ends are closed, and known.
    pub(super) fn over() -> Inference {
        Inference { ends: [End { seen: true, syn: true, ..End::default() }; 2] }
    }

    /// What remains known of `side` when the other end begins a new connection on the same ports.
    pub(super) fn survivor(&self, side: Side) -> Inference {
        let mut inference = Inference::default();
        if self.end(side).state.is_synchronized() {
            inference.ends[side.index()] = *self.end(side);
        }
        inference
    }

    /// The same with the sides exchanged.
    pub(super) fn swapped(self) -> Inference {
        let [client, server] = self.ends;
        Inference { ends: [server, client] }
    }

    /// Follows a segment that is no reset; `arrives` is false where the receiver must drop it.
    pub(super) fn follow(&mut self, side: Side, segment: &Segment, arrives: bool, changes: &mut Changes) {
        self.sends(side, segment, changes);
        if arrives && segment.flags.ack() {
            self.is_acked(side.other(), segment, changes);
        }
    }

    /// Both ends are ESTABLISHED and nobody has sent a FIN: until something else than text and
    /// acknowledgments passes, no state changes. Who says anything now has also confirmed that the
    /// handshake's last segment arrived.
    pub(super) fn is_quiet(&self) -> bool {
        self.ends.iter().all(|end| {
            let handshake = end.undo.is_none_or(|before| before == State::SynReceived);
            end.seen && end.state == State::Established && handshake && end.fin().is_none()
        })
    }

    /// Makes up for the text and the acknowledgments that passed while all was [quiet](Self::is_quiet).
    pub(super) fn catch_up(&mut self, quiet: [Quiet; 2]) {
        for (end, said) in self.ends.iter_mut().zip(quiet) {
            end.set_next(later(end.next(), said.next));
            end.set_received(later(end.received(), said.ack));
            end.live |= said.text;
            if said.spoke {
                end.undo = None;
            }
        }
        let [client, server] = &mut self.ends;
        let received = (server.received(), client.received());
        for (end, other) in [(client, received.0), (server, received.1)] {
            if end.next().zip(other).is_some_and(|(next, ack)| ack.le(next)) {
                end.set_acked(later(end.acked(), other));
            }
        }
    }

    fn set(&mut self, side: Side, to: State, rule: Rule, changes: &mut Changes) {
        let end = &mut self.ends[side.index()];
        changes.push(Change { side, from: end.state, to, rule: Some(rule), retracts: false });
        end.state = to;
        end.undo = None;
    }

    /// As [`set`](Self::set), when the change rests on a segment that may yet turn out lost.
    fn presume(&mut self, side: Side, to: State, rule: Rule, changes: &mut Changes) {
        let before = self.end(side).state;
        self.set(side, to, rule, changes);
        self.ends[side.index()].undo = Some(before);
    }

    /// What the sender's own state must be for it to send this.
    fn sends(&mut self, side: Side, segment: &Segment, changes: &mut Changes) {
        let flags = segment.flags;
        self.take_back(side, segment, changes);
        let end = &mut self.ends[side.index()];
        let first = !end.seen;
        end.seen = true;
        end.live |= flags.syn() || flags.fin() || segment.len > 0;
        end.set_next(later(end.next(), Some(segment.seq_end())));
        if flags.syn() {
            self.sends_syn(side, segment, changes);
        } else if first {
            end.state = State::Established;
            let state = State::Established;
            changes.push(Change { side, from: state, to: state, rule: None, retracts: false });
        }
        if flags.ack() {
            self.sends_ack(side, segment, changes);
        }
        if flags.fin() {
            let end = &mut self.ends[side.index()];
            end.set_fin(segment.seq_end());
            end.set_fin_acks(flags.ack().then_some(segment.ack));
            match self.end(side).state {
                State::Established => self.set(side, State::FinWait1, Rule::CloseEstablished, changes),
                State::CloseWait => self.set(side, State::LastAck, Rule::CloseCloseWait, changes),
                State::SynReceived => self.set(side, State::FinWait1, Rule::CloseSynReceived, changes),
                _ => {}
            }
        }
        let end = self.end(side);
        if end.state == State::SynReceived && end.syn_acked() {
            self.presume(side, State::Established, Rule::SynReceivedEstablished, changes);
        }
    }

    /// Takes a presumed change back when this segment shows that what made it did not arrive.
    fn take_back(&mut self, side: Side, segment: &Segment, changes: &mut Changes) {
        let end = &mut self.ends[side.index()];
        let Some(before) = end.undo else { return };
        // After a reset that was accepted, another SYN is another connection's.
        let anew = segment.flags.syn() && end.isn().is_some_and(|isn| isn != segment.seq);
        let wrong = match before {
            _ if anew => false,
            State::SynReceived if end.state == State::Established => segment.flags.syn(),
            _ if matches!(end.state, State::Closed | State::Listen) => true,
            _ => segment.flags.fin() && end.fin() == Some(segment.seq_end()),
        };
        if wrong {
            changes.push(Change { side, from: end.state, to: before, rule: None, retracts: true });
            end.state = before;
            end.set_acked(match before {
                State::SynReceived | State::SynSent => None,
                _ => end.acked().zip(end.fin()).map(|(acked, fin)| acked.min(fin - 1)),
            });
        }
        if wrong || end.state == State::Established {
            end.undo = None;
        }
    }

    fn sends_syn(&mut self, side: Side, segment: &Segment, changes: &mut Changes) {
        let end = &mut self.ends[side.index()];
        if end.isn().is_some_and(|isn| isn != segment.seq) {
            self.restart(side, segment);
        }
        let end = &mut self.ends[side.index()];
        end.set_isn(segment.seq);
        end.syn = true;
        match (segment.flags.ack(), end.state) {
            (false, State::Closed | State::Listen) => {
                self.set(side, State::SynSent, Rule::OpenActive, changes);
            }
            (true, State::Closed | State::Listen) => {
                end.state = State::Listen;
                end.passive = true;
                self.set(side, State::SynReceived, Rule::ListenAnswersSyn, changes);
            }
            (true, State::SynSent) => {
                self.set(side, State::SynReceived, Rule::SynSentSimultaneous, changes);
            }
            (true, State::TimeWait) => {
                end.passive = true;
                self.set(side, State::SynReceived, Rule::TimeWaitAcceptsSyn, changes);
            }
            _ => {}
        }
    }

    /// Forgets the numbers of the connection before.
    fn restart(&mut self, side: Side, segment: &Segment) {
        let end = &mut self.ends[side.index()];
        *end = End { state: end.state, seen: true, syn: true, live: true, ..End::default() };
        end.set_isn(segment.seq);
        end.set_next(segment.seq_end());
    }

    fn sends_ack(&mut self, side: Side, segment: &Segment, changes: &mut Changes) {
        let peer = *self.end(side.other());
        let end = &mut self.ends[side.index()];
        end.set_received(later(end.received(), Some(segment.ack)));
        let has_peer_syn = peer.isn().is_none_or(|isn| segment.ack.gt(isn));
        if end.state == State::SynSent && !segment.flags.syn() && has_peer_syn {
            self.set(side, State::Established, Rule::SynSentEstablished, changes);
        }
        if peer.fin().is_some_and(|fin| segment.ack.ge(fin)) {
            let end = self.end(side);
            match (end.state, end.fin_acked()) {
                (State::Established | State::SynReceived, _) => {
                    self.set(side, State::CloseWait, Rule::FinToCloseWait, changes);
                }
                // The FIN itself acknowledged ours, or came first and the ACK behind it.
                (State::FinWait1, true)
                    if peer.fin_acks().zip(end.fin()).is_some_and(|(acks, fin)| acks.ge(fin)) =>
                {
                    self.set(side, State::TimeWait, Rule::FinWithAckToTimeWait, changes);
                }
                (State::FinWait1, true) => {
                    self.set(side, State::Closing, Rule::FinToClosing, changes);
                    self.set(side, State::TimeWait, Rule::ClosingFinAcknowledged, changes);
                }
                (State::FinWait1, false) => self.set(side, State::Closing, Rule::FinToClosing, changes),
                (State::FinWait2, _) => self.set(side, State::TimeWait, Rule::FinToTimeWait, changes),
                _ => {}
            }
        }
    }

    /// An acknowledgment on its way to `side`.
    fn is_acked(&mut self, side: Side, segment: &Segment, changes: &mut Changes) {
        let end = &mut self.ends[side.index()];
        if end.next().is_some_and(|next| segment.ack.gt(next)) {
            return;
        }
        end.set_acked(later(end.acked(), Some(segment.ack)));
        let end = *end;
        let behind_fin = self.end(side.other()).fin().is_some_and(|fin| segment.seq_end().ge(fin));
        match end.state {
            State::SynReceived if end.syn_acked() => {
                self.presume(side, State::Established, Rule::SynReceivedEstablished, changes);
            }
            // With or behind the peer's FIN, FIN-WAIT-2 is passed over: the answer will show it.
            State::FinWait1 if end.fin_acked() && !behind_fin => {
                self.presume(side, State::FinWait2, Rule::FinAcknowledged, changes);
            }
            State::Closing if end.fin_acked() => {
                self.presume(side, State::TimeWait, Rule::ClosingFinAcknowledged, changes);
            }
            State::LastAck if end.fin_acked() => {
                self.presume(side, State::Closed, Rule::LastAckFinAcknowledged, changes);
            }
            _ => {}
        }
    }

    /// Follows a reset; `window` is what the receiver last advertised, in octets.
    pub(super) fn follow_reset(
        &mut self,
        side: Side,
        segment: &Segment,
        window: u32,
        arrives: bool,
        changes: &mut Changes,
    ) -> ResetFate {
        let fate = if arrives { self.fate(side.other(), segment, window) } else { ResetFate::Ignored };
        let end = *self.end(side);
        // In these states a reset may answer a wrong acknowledgment and leave its sender as it is.
        let opening = matches!(end.state, State::SynSent | State::SynReceived | State::Listen);
        // With a number that neither comes next nor answers anything, it is hardly this end's.
        let answers =
            !opening && self.end(side.other()).received().is_none_or(|received| received == segment.seq);
        if answers || end.next().is_none_or(|next| next == segment.seq) {
            self.ends[side.index()].seen = true;
            if end.state != State::Closed {
                self.presume(side, State::Closed, Rule::AbortSendsReset, changes);
            }
        }
        if fate == ResetFate::Accepted {
            let (to, rule) = match self.end(side.other()).state {
                State::SynSent => (State::Closed, Rule::SynSentRefused),
                State::SynReceived if self.end(side.other()).passive => {
                    (State::Listen, Rule::ResetReturnsToListen)
                }
                State::SynReceived => (State::Closed, Rule::ResetRefusesActiveOpen),
                State::Closing | State::LastAck => (State::Closed, Rule::ResetWhileClosing),
                State::TimeWait => (State::Closed, Rule::TimeWaitEndedByReset),
                _ => (State::Closed, Rule::ResetAccepted),
            };
            self.presume(side.other(), to, rule, changes);
        }
        fate
    }

    /// What a reset does to `side`.
    fn fate(&self, side: Side, segment: &Segment, window: u32) -> ResetFate {
        let (end, sender) = (self.end(side), self.end(side.other()));
        match end.state {
            _ if !end.seen => ResetFate::Nothing,
            State::Closed | State::Listen => ResetFate::Nothing,
            State::SynSent => {
                let answers = end.isn().zip(end.next()).is_some_and(|(isn, next)| {
                    segment.flags.ack() && segment.ack.gt(isn) && segment.ack.le(next)
                });
                if answers { ResetFate::Accepted } else { ResetFate::Ignored }
            }
            _ => {
                let exact = sender.next() == Some(segment.seq);
                match end.received() {
                    None => ResetFate::Accepted,
                    Some(received) if exact || received == segment.seq => ResetFate::Accepted,
                    Some(received) if segment.seq.within(received, window.max(1)) => ResetFate::Challenged,
                    Some(_) => ResetFate::Ignored,
                }
            }
        }
    }
}
