//! What the lab writes down while it runs: events by the clock, and whole frames for the captures.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::Thread;

use bytes::Bytes;

use crate::live::clock;
use crate::tcp::State;
use crate::time::{Duration, Instant};
use crate::timeline::{Call, Event, Evidence, HostId, Kind, PacketId, Step};
use crate::wire::{Packet, SeqNumber};

/// A frame at one end of a cable.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// At whose end.
    pub host: HostId,
    /// When, by the kernel's stamp.
    pub at: Instant,
    /// Whether the host sent it.
    pub outgoing: bool,
    /// The packet's number.
    pub id: PacketId,
    /// The frame, from its Ethernet header on.
    pub bytes: Bytes,
    /// What happened to it on the way, as a fault is written.
    pub fault: Option<String>,
}

/// Something that entries of the script may wait for.
#[derive(Clone, Debug)]
pub(super) enum Signal {
    /// A packet left its host, or reached another.
    Packet {
        /// When.
        at: Instant,
        /// Whether it arrived.
        arrived: bool,
        /// The host it left.
        from: HostId,
        /// The host it goes to.
        to: Option<HostId>,
        /// The packet.
        packet: Packet,
        /// Whether it repeats numbers sent before.
        retransmission: bool,
        /// The initial sequence numbers of its sender and of its receiver.
        isns: (Option<SeqNumber>, Option<SeqNumber>),
    },
    /// The kernel shows a connection in a state.
    State {
        /// When it was seen.
        at: Instant,
        /// Whose kernel.
        host: HostId,
        /// The state.
        state: State,
    },
    /// A step's last call has returned.
    Returned {
        /// The step's number.
        step: usize,
    },
    /// Something of the lab itself broke.
    Broken(String),
}

#[derive(Debug, Default)]
struct Notes {
    events: Vec<Event>,
    frames: Vec<Frame>,
    forged: BTreeSet<PacketId>,
    /// Calls that have returned.
    returns: usize,
    late: Duration,
}

/// Everything that was written down, each list in the order of time.
#[derive(Debug)]
pub(super) struct Written {
    /// What happened.
    pub(super) events: Vec<Event>,
    /// The frames at the cables' ends.
    pub(super) frames: Vec<Frame>,
    /// The packets that no host of the lab has sent.
    pub(super) forged: BTreeSet<PacketId>,
    /// How much later than it should the lab itself did something.
    pub(super) late: Duration,
}

impl Signal {
    /// When it happened, for what the script may wait for.
    pub(super) fn at(&self) -> Option<Instant> {
        match self {
            Signal::Packet { at, .. } | Signal::State { at, .. } => Some(*at),
            Signal::Returned { .. } | Signal::Broken(_) => None,
        }
    }
}

/// Takes events, frames and signals from every thread of the lab.
#[derive(Clone, Debug)]
pub(super) struct Recorder {
    notes: Arc<Mutex<Notes>>,
    /// Threads that want to know that something happens.
    stirred: Arc<Mutex<Vec<Thread>>>,
    signals: mpsc::Sender<Signal>,
}

impl Recorder {
    /// A recorder, and where its signals come out.
    pub(super) fn new() -> (Recorder, mpsc::Receiver<Signal>) {
        let (signals, receiver) = mpsc::channel();
        (Recorder { notes: Arc::default(), stirred: Arc::default(), signals }, receiver)
    }

    /// Writes down something that was observed at `at`.
    pub(super) fn event(&self, at: Instant, host: HostId, kind: Kind) {
        let returns = matches!(&kind, Kind::Call(Call { step: Step::Returned(_), .. }));
        let event = Event { at, host, evidence: Evidence::Observed, kind };
        {
            let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
            notes.events.push(event);
            notes.returns += usize::from(returns);
        }
        for thread in self.stirred.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            thread.unpark();
        }
    }

    /// Wakes this thread from now on whenever something is written down.
    pub(super) fn stirs(&self, thread: Thread) {
        self.stirred.lock().unwrap_or_else(PoisonError::into_inner).push(thread);
    }

    /// Writes down something that is observed now; gives the time back.
    pub(super) fn now(&self, host: HostId, kind: Kind) -> Instant {
        let at = clock::now();
        self.event(at, host, kind);
        at
    }

    /// Keeps a frame.
    pub(super) fn frame(&self, frame: Frame) {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).frames.push(frame);
    }

    /// How many calls have returned.
    pub(super) fn returns(&self) -> usize {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).returns
    }

    /// Takes note that something of the lab's own was due at `due` and is done only now.
    pub(super) fn due(&self, due: Instant) {
        let late = clock::now().since(due);
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        notes.late = notes.late.max(late);
    }

    /// Takes note that no host has sent this packet.
    pub(super) fn forged(&self, id: PacketId) {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).forged.insert(id);
    }

    /// Tells whoever conducts the script. Nobody may be listening any more.
    pub(super) fn signal(&self, signal: Signal) {
        let _ = self.signals.send(signal);
    }

    /// Everything that was written down, each list in the order of time.
    pub(super) fn finish(self) -> Written {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        let Notes { mut events, mut frames, forged, late, .. } = std::mem::take(&mut *notes);
        events.sort_by_key(|event| event.at);
        frames.sort_by_key(|frame| frame.at);
        Written { events, frames, forged, late }
    }
}
