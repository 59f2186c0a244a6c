//! Programs: the calls of the script, entered one after the other on each socket, and returned when
//! they can.

mod datagrams;
mod streams;

use std::borrow::Cow;
use std::rc::Rc;

use crate::scenario::{Action, Payload, SocketName, Step};
use crate::tcp::Error;
use crate::timeline::{self, Call, HostId, Kind, Note, Operation, Outcome, SocketId};

use super::simulation::Simulation;
use super::station::{Handle, PendingCall, StepRef};

/// The most octets handed to the TCP in one piece.
const PIECE: u64 = 65_536;

/// What came of an attempt to make or to go on with a call.
enum Attempt {
    /// It has returned.
    Returned,
    /// It waits; whether it got further.
    Waits(bool),
}

impl<'s> Simulation<'s> {
    /// Starts an entry of the script.
    pub(super) fn start_entry(&mut self, index: u32) {
        let Some(entry) = self.script.entry(index) else { return };
        let calls = entry.steps.iter().filter(|step| is_call(&step.action)).count();
        self.script.start(index, calls as u32);
        for step in &entry.steps {
            self.take(StepRef::Script(step), Some(index));
        }
        self.script.went(index, self.now, &mut self.queue);
    }

    /// Takes a step now, as the script would: for a stepper in which the learner intervenes.
    pub fn perform(&mut self, step: Step) {
        self.take(StepRef::Own(Rc::new(step)), None);
    }

    fn take(&mut self, step: StepRef<'s>, entry: Option<u32>) {
        let host = step.host;
        match &step.action {
            Action::Inject(inject) => return self.inject(host, inject),
            Action::Release { fault } => return self.release(fault.as_deref()),
            _ => {}
        }
        let Some(host) = host else { return };
        match &step.action {
            Action::Kill => self.kill(host),
            Action::Crash => self.crash(host),
            Action::Restart { isn } => self.restart(host, *isn),
            _ => self.call(host, PendingCall { step, entry, entered: false, done: 0 }),
        }
        self.settle(host);
    }

    /// A program calls, or will when its call before has returned.
    fn call(&mut self, host: HostId, call: PendingCall<'s>) {
        let name = call.step.socket;
        let Some(station) = self.stations.get_mut(host.0 as usize).filter(|station| station.up) else {
            return;
        };
        let Some(named) = station.sockets.get_mut(name.0 as usize) else { return };
        if !call.step.now || named.blocked.is_none() {
            named.next.push_back(call);
            station.wake(name);
            return;
        }
        // Another thread calls while one waits: should this call wait too, it comes next.
        let mut call = call;
        if let Attempt::Waits(_) = self.attempt(host, name, &mut call) {
            if let Some(named) = self.named(host, name) {
                named.next.push_front(call);
            }
        } else {
            self.finished(&call);
        }
        if let Some(station) = self.stations.get_mut(host.0 as usize) {
            station.wake(name);
        }
    }

    fn named(&mut self, host: HostId, name: SocketName) -> Option<&mut super::station::NamedSocket<'s>> {
        self.stations.get_mut(host.0 as usize)?.sockets.get_mut(name.0 as usize)
    }

    /// Lets the programs that were woken go on; whether anything came of it.
    pub(super) fn run_programs(&mut self, host: HostId) -> bool {
        if self.stations.get(host.0 as usize).is_none_or(|station| station.awake.is_empty()) {
            return false;
        }
        let mut progress = false;
        let mut at = 0;
        loop {
            let Some(station) = self.stations.get_mut(host.0 as usize) else { return progress };
            let Some(name) = station.awake.get(at).copied() else {
                station.awake.clear();
                return progress;
            };
            at += 1;
            if let Some(named) = station.sockets.get_mut(name.0 as usize) {
                named.awake = false;
            }
            progress |= self.go_on(host, name);
        }
    }

    fn go_on(&mut self, host: HostId, name: SocketName) -> bool {
        let mut progress = false;
        loop {
            let Some(named) = self.named(host, name) else { return progress };
            let Some(mut call) = named.blocked.take().or_else(|| named.next.pop_front()) else {
                return progress;
            };
            match self.attempt(host, name, &mut call) {
                Attempt::Returned => {
                    progress = true;
                    self.finished(&call);
                    // A system call sends what it can before the program makes its next.
                    self.transmit(host);
                }
                Attempt::Waits(further) => {
                    if let Some(named) = self.named(host, name) {
                        named.blocked = Some(call);
                    }
                    return progress || further;
                }
            }
        }
    }

    fn finished(&mut self, call: &PendingCall<'_>) {
        if let Some(entry) = call.entry {
            self.script.returned(entry, self.now, &mut self.queue);
        }
    }

    /// Makes a call or goes on with it.
    fn attempt(&mut self, host: HostId, name: SocketName, call: &mut PendingCall<'s>) -> Attempt {
        match &call.step {
            StepRef::Script(step) => {
                let step: &'s Step = step;
                self.make(host, name, call, step)
            }
            StepRef::Own(step) => {
                let step = Rc::clone(step);
                self.make(host, name, call, &step)
            }
        }
    }

    #[inline]
    fn make(&mut self, host: HostId, name: SocketName, call: &mut PendingCall<'s>, step: &Step) -> Attempt {
        match &step.action {
            Action::Listen { port, backlog } => self.listen(host, name, *port, *backlog),
            Action::Connect { to, from, fast_open } => {
                self.connect(host, name, call, *to, *from, fast_open.as_ref())
            }
            Action::Accept { name: made, forever } => self.accept(host, name, call, *made, *forever),
            Action::Send(payload) => self.send(host, name, call, payload),
            Action::Recv { max, to_end } => self.recv(host, name, call, *max, *to_end),
            Action::Shutdown(how) => self.shutdown(host, name, *how),
            Action::Close => self.close(host, name, Operation::Close),
            Action::Abort => self.close(host, name, Operation::Abort),
            Action::Set { option, shown } => self.set(host, name, *option, shown),
            Action::UdpBind(port) => self.udp_bind(host, name, *port),
            Action::UdpSend { to, payload } => self.udp_send(host, name, *to, payload),
            Action::UdpRecv => self.udp_recv(host, name, call),
            _ => Attempt::Returned,
        }
    }

    #[inline]
    pub(super) fn enter(&mut self, host: HostId, socket: SocketId, operation: Operation) {
        self.write_call(host, Call { socket, operation, step: timeline::Step::Entered });
    }

    #[inline]
    pub(super) fn leave(&mut self, host: HostId, socket: SocketId, operation: Operation, outcome: Outcome) {
        self.write_call(host, Call { socket, operation, step: timeline::Step::Returned(outcome) });
    }

    #[inline]
    fn write_call(&mut self, host: HostId, call: Call) {
        if let (Some(journal), Some(station)) = (&mut self.journal, self.stations.get(host.0 as usize)) {
            journal.call(station.moment(self.now), call);
        }
    }

    /// Records the entry of a call that may wait, once.
    fn enter_once(
        &mut self,
        host: HostId,
        call: &mut PendingCall<'_>,
        socket: SocketId,
        operation: Operation,
    ) {
        if !std::mem::replace(&mut call.entered, true) {
            self.enter(host, socket, operation);
        }
    }

    /// The process dies; its kernel closes what it had open, in the order of the descriptors.
    fn kill(&mut self, host: HostId) {
        self.record(host, Kind::Note(Note::Killed { signal: "SIGKILL".into() }));
        self.cancel(host);
        let now = self.now;
        let Some(station) = self.stations.get_mut(host.0 as usize) else { return };
        let mut open: Vec<Handle> =
            station.sockets.iter_mut().filter_map(|named| named.handle.take()).collect();
        open.sort_by_key(|handle| match handle {
            Handle::Tcp(socket) => {
                station.known.get(socket.0 as usize).map_or(SocketId(0), |known| known.descriptor)
            }
            Handle::Udp(_, descriptor) => *descriptor,
        });
        for handle in open {
            match handle {
                // An error means that the program had closed the socket before.
                Handle::Tcp(socket) => drop(station.tcp.close(now, socket)),
                Handle::Udp(port, _) => station.udp.close(port),
            }
        }
    }

    fn crash(&mut self, host: HostId) {
        self.record(host, Kind::Note(Note::Crashed));
        self.cancel(host);
        if let Some(station) = self.stations.get_mut(host.0 as usize) {
            station.up = false;
            station.armed = None;
        }
    }

    fn restart(&mut self, host: HostId, isn: Option<u32>) {
        self.cancel(host);
        let (scenario, choice) = (self.scenario, self.choice);
        self.drain(host);
        if let Some(station) = self.stations.get_mut(host.0 as usize)
            && let Some(log) = station.restart(scenario, &choice, isn)
            && let Some(journal) = &mut self.journal
        {
            journal.hand_in(host, log);
            journal.restarted(station.moment(self.now));
        }
        self.record(host, Kind::Note(Note::Restarted));
    }

    /// The calls of a host's programs end with their process: none of them returns.
    fn cancel(&mut self, host: HostId) {
        let Some(station) = self.stations.get_mut(host.0 as usize) else { return };
        let mut calls = Vec::new();
        for named in &mut station.sockets {
            calls.extend(named.blocked.take());
            calls.extend(named.next.drain(..));
        }
        for call in calls {
            self.finished(&call);
        }
    }
}

/// Whether a step is a call, which enters and returns.
fn is_call(action: &Action) -> bool {
    !matches!(
        action,
        Action::Inject(_) | Action::Release { .. } | Action::Kill | Action::Crash | Action::Restart { .. }
    )
}

fn outcome(result: Result<(), Error>) -> Outcome {
    result.map_or_else(Outcome::Failed, |()| Outcome::Done)
}

/// A piece of a counted payload, wherever in its period it begins.
static PATTERN: [u8; PATTERN_LEN] = {
    let mut octets = [0; PATTERN_LEN];
    let mut place = 0;
    while place < PATTERN_LEN {
        octets[place] = Payload::octet(place as u64);
        place += 1;
    }
    octets
};
const PATTERN_LEN: usize = (PIECE + Payload::PERIOD) as usize;

/// The next octets of a payload, from `from` on, at most one piece.
pub(super) fn piece(payload: &Payload, from: u64) -> Cow<'_, [u8]> {
    match payload {
        Payload::Text(text) => Cow::Borrowed(text.get(from as usize..).unwrap_or_default()),
        Payload::Count(count) => {
            let len = count.saturating_sub(from).min(PIECE) as usize;
            let start = (from % Payload::PERIOD) as usize;
            Cow::Borrowed(PATTERN.get(start..start + len).unwrap_or_default())
        }
    }
}
