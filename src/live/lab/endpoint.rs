//! One end of a connection, as its own segments show it: which state its kernel must be in after it has
//! sent this or received that (RFC 9293 §3.10.7). What the kernel itself says goes before.

use crate::tcp::{Rule, State};
use crate::wire::{Segment, SeqNumber};

/// A change of state that a segment shows.
pub(super) type Change = (State, Rule);

/// One end of a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Endpoint {
    /// The state it is in.
    pub state: State,
    /// It opened passively.
    passive: bool,
    /// The number of its SYN.
    iss: Option<SeqNumber>,
    /// After its FIN.
    fin: Option<SeqNumber>,
    /// The next number that it expects.
    expects: Option<SeqNumber>,
    /// After the peer's FIN, when that came before something that was missing.
    early_fin: Option<SeqNumber>,
}

impl Endpoint {
    /// An end that opened passively, with the state before its SYN,ACK.
    pub(super) fn listening() -> Endpoint {
        Endpoint { state: State::Listen, ..Endpoint::default() }
    }

    fn goes(&mut self, to: State, rule: Rule, changes: &mut Vec<Change>) {
        self.state = to;
        changes.push((to, rule));
    }

    /// The end has sent a segment.
    pub(super) fn sent(&mut self, segment: &Segment, retransmission: bool) -> Vec<Change> {
        let mut changes = Vec::new();
        let flags = segment.flags;
        if flags.rst() {
            // A reset to a stray segment leaves SYN-SENT and LISTEN as they are.
            if self.state.is_synchronized() && self.state != State::TimeWait {
                self.goes(State::Closed, Rule::AbortSendsReset, &mut changes);
            }
            return changes;
        }
        if flags.syn() {
            match (self.state, flags.ack()) {
                (State::Closed | State::TimeWait, false) => {
                    let state = self.state;
                    *self = Endpoint { state, ..Endpoint::default() };
                    if state == State::TimeWait {
                        self.goes(State::Closed, Rule::TimeWaitRecycled, &mut changes);
                    }
                    self.goes(State::SynSent, Rule::OpenActive, &mut changes);
                }
                (State::Closed | State::Listen | State::TimeWait, true) => {
                    let (irs, state) = (self.expects, self.state);
                    *self = Endpoint { state, expects: irs, passive: true, ..Endpoint::default() };
                    if state == State::TimeWait {
                        self.goes(State::Closed, Rule::TimeWaitAcceptsSyn, &mut changes);
                    }
                    self.goes(State::SynReceived, Rule::ListenAnswersSyn, &mut changes);
                }
                _ => {}
            }
            self.iss = Some(segment.seq);
            if flags.ack() {
                self.expects = Some(self.expects.map_or(segment.ack, |expects| expects.max(segment.ack)));
            }
        }
        if flags.fin() && !retransmission {
            self.fin = Some(segment.seq_end());
            match self.state {
                State::Established => self.goes(State::FinWait1, Rule::CloseEstablished, &mut changes),
                State::SynReceived => self.goes(State::FinWait1, Rule::CloseSynReceived, &mut changes),
                State::CloseWait => self.goes(State::LastAck, Rule::CloseCloseWait, &mut changes),
                _ => {}
            }
        }
        changes
    }

    /// A segment has reached the end.
    pub(super) fn arrived(&mut self, segment: &Segment) -> Vec<Change> {
        let mut changes = Vec::new();
        match self.state {
            State::Closed | State::Listen | State::TimeWait => {
                if segment.flags.syn() && !segment.flags.ack() {
                    self.expects = Some(segment.seq + 1);
                }
            }
            State::SynSent => self.answered(segment, &mut changes),
            _ => self.synchronized(segment, &mut changes),
        }
        changes
    }

    fn answered(&mut self, segment: &Segment, changes: &mut Vec<Change>) {
        let flags = segment.flags;
        let acks_syn = flags.ack() && self.iss.is_some_and(|iss| segment.ack.gt(iss));
        match (flags.rst(), flags.syn(), acks_syn) {
            (true, _, true) => self.goes(State::Closed, Rule::SynSentRefused, changes),
            (false, true, true) => {
                self.expects = Some(segment.seq + 1);
                self.goes(State::Established, Rule::SynSentEstablished, changes);
                self.take_text(segment, changes);
            }
            (false, true, false) if !flags.ack() => {
                self.expects = Some(segment.seq + 1);
                self.goes(State::SynReceived, Rule::SynSentSimultaneous, changes);
            }
            _ => {}
        }
    }

    fn synchronized(&mut self, segment: &Segment, changes: &mut Vec<Change>) {
        let flags = segment.flags;
        if flags.rst() {
            if self.expects == Some(segment.seq) {
                let (to, rule) = match self.state {
                    State::SynReceived if self.passive => (State::Listen, Rule::ResetReturnsToListen),
                    State::SynReceived => (State::Closed, Rule::ResetRefusesActiveOpen),
                    State::Closing | State::LastAck => (State::Closed, Rule::ResetWhileClosing),
                    _ => (State::Closed, Rule::ResetAccepted),
                };
                self.goes(to, rule, changes);
            }
            return;
        }
        if !flags.ack() {
            return;
        }
        if self.state == State::SynReceived && self.iss.is_some_and(|iss| segment.ack.gt(iss)) {
            self.goes(State::Established, Rule::SynReceivedEstablished, changes);
        }
        let fin_acked = self.fin.is_some_and(|fin| segment.ack.ge(fin));
        // FIN-WAIT-2 is passed over when the acknowledgment brings the peer's FIN along.
        let brings_fin = flags.fin() && self.expects.is_some_and(|expects| segment.seq.le(expects));
        match self.state {
            State::FinWait1 if fin_acked && !brings_fin => {
                self.goes(State::FinWait2, Rule::FinAcknowledged, changes);
            }
            State::Closing if fin_acked => {
                self.goes(State::TimeWait, Rule::ClosingFinAcknowledged, changes);
            }
            State::LastAck if fin_acked => {
                self.goes(State::Closed, Rule::LastAckFinAcknowledged, changes);
            }
            _ => {}
        }
        self.take_text(segment, changes);
        if brings_fin && fin_acked && self.state == State::Closing {
            changes.pop();
            self.goes(State::TimeWait, Rule::FinWithAckToTimeWait, changes);
        }
    }

    /// Numbers that arrived in order, and the FIN among them.
    fn take_text(&mut self, segment: &Segment, changes: &mut Vec<Change>) {
        let Some(expects) = self.expects else { return };
        let (begin, end) = (segment.seq + u32::from(segment.flags.syn()), segment.seq_end());
        if segment.flags.fin() {
            self.early_fin = Some(end);
        }
        if begin.le(expects) && end.gt(expects) {
            self.expects = Some(end);
        }
        // Text that filled a gap may make an earlier FIN the next: the answer will show it.
        if self.early_fin.is_some() && self.early_fin == self.expects {
            self.peer_has_closed(changes);
        }
    }

    /// The end has acknowledged so much: what came out of order was taken too.
    pub(super) fn acknowledged(&mut self, ack: SeqNumber) -> Vec<Change> {
        let mut changes = Vec::new();
        if self.expects.is_some_and(|expects| ack.gt(expects)) {
            self.expects = Some(ack);
            if self.early_fin == Some(ack) {
                self.peer_has_closed(&mut changes);
            }
        }
        changes
    }

    fn peer_has_closed(&mut self, changes: &mut Vec<Change>) {
        match self.state {
            State::Established => self.goes(State::CloseWait, Rule::FinToCloseWait, changes),
            State::FinWait1 => self.goes(State::Closing, Rule::FinToClosing, changes),
            State::FinWait2 => self.goes(State::TimeWait, Rule::FinToTimeWait, changes),
            _ => {}
        }
    }
}
