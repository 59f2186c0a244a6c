//! The wire between the hosts: takes frames from one end of a cable, lets happen to them what the
//! scenario says, and puts them on another.

use std::collections::BTreeMap;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};

use bytes::Bytes;
use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::eventfd::{EfdFlags, EventFd};
use nix::sys::time::TimeSpec;

use super::faults::{Copy, Fate, Faults, Passage};
use super::flows::Flows;
use super::network::host_mac;
use super::record::{Frame, Recorder, Signal};
use crate::live::error::Context;
use crate::live::packet_socket::{Options, Port};
use crate::live::{Result, clock};
use crate::time::{Duration, Instant};
use crate::timeline::{HostId, Kind, LossCause, Note, PacketId};
use crate::wire::{LinkType, SeqNumber, decode_frame, decode_ip};

/// The octets of an Ethernet header.
pub(super) const ETHERNET: usize = 14;

/// How long the wire sleeps at most, so that a command is never late.
const NAP: Duration = Duration::from_millis(50);

/// What the wire is told while it runs.
#[derive(Debug)]
pub(super) enum Command {
    /// Puts a frame on the wire that no host sent; `from` is who it claims to come from.
    Inject {
        /// The claimed sender.
        from: HostId,
        /// Makes the frame when the numbers of the connection are known.
        forge: Forge,
    },
    /// Lets packets go on that a `hold` fault kept; all when there is no name.
    Release(Option<String>),
    /// Cuts a host off: what it sends and what is sent to it is lost.
    Cut(HostId),
    /// Joins a host again, by a new cable.
    Join(HostId, Port),
    /// The script begins only now: the times of faults count from here.
    Origin(Instant),
    /// Ends the wire's thread.
    Stop,
}

/// Makes a packet from what is known of all connections, or says why it cannot.
pub(super) struct Forge(pub Box<Maker>);

/// Gives an IP packet's octets.
type Maker = dyn FnOnce(&Flows) -> std::result::Result<Vec<u8>, String> + Send;

impl std::fmt::Debug for Forge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Forge")
    }
}

/// A frame that waits for its time.
struct Waiting {
    passage: Arc<Passage>,
    to: HostId,
    bytes: Bytes,
    fault: Option<String>,
    last: bool,
}

/// The wire's thread, from outside.
#[derive(Debug)]
pub(super) struct Wire {
    commands: mpsc::Sender<Command>,
    wake: Arc<EventFd>,
    thread: Option<JoinHandle<Faults>>,
}

impl Wire {
    /// Starts forwarding between the named interfaces of the middle, one for each host.
    ///
    /// # Errors
    /// An interface cannot be opened, or a thread not started.
    pub(super) fn start(ends: &[String], faults: Faults, recorder: Recorder) -> Result<Wire> {
        let ports = ends.iter().map(|end| open(end).map(Some)).collect::<Result<Vec<_>>>()?;
        let wake = Arc::new(EventFd::from_flags(EfdFlags::EFD_NONBLOCK).doing("making an event descriptor")?);
        let (commands, queue) = mpsc::channel();
        let mut middle = Middle {
            ports,
            faults,
            recorder,
            flows: Flows::default(),
            due: BTreeMap::new(),
            order: 0,
            packets: 0,
            wake: Arc::clone(&wake),
        };
        let builder = thread::Builder::new().name("wire".to_owned());
        let body = move || {
            precise_sleep();
            middle.run(&queue);
            middle.faults
        };
        let thread = Some(builder.spawn(body).doing("starting the wire")?);
        Ok(Wire { commands, wake, thread })
    }

    /// Tells the wire something.
    pub(super) fn tell(&self, command: Command) {
        let _ = self.commands.send(command);
        let _ = self.wake.write(1);
    }

    /// Ends the wire; what was on the way is dropped. Gives the faults back with their counts.
    pub(super) fn stop(&mut self) -> Option<Faults> {
        self.tell(Command::Stop);
        self.thread.take().and_then(|thread| thread.join().ok())
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Opens one end of a cable for the wire.
///
/// # Errors
/// There is no such interface.
pub(super) fn open(end: &str) -> Result<Port> {
    let options =
        Options { promiscuous: true, read_timeout: std::time::Duration::ZERO, ..Options::default() };
    Port::open(end, &options)
}

/// Asks for timers that fire when they should: the default slack of 50 µs would be seen in delays.
fn precise_sleep() {
    let _ = nix::sys::prctl::set_timerslack(1);
}

struct Middle {
    ports: Vec<Option<Port>>,
    faults: Faults,
    recorder: Recorder,
    flows: Flows,
    /// Frames by the time they are due and the order they came in.
    due: BTreeMap<(Instant, u64), Waiting>,
    order: u64,
    packets: u32,
    wake: Arc<EventFd>,
}

impl Middle {
    fn run(&mut self, commands: &mpsc::Receiver<Command>) {
        loop {
            self.deliver();
            let ready = self.wait();
            let _ = self.wake.read();
            for command in commands.try_iter() {
                if matches!(command, Command::Stop) {
                    return;
                }
                self.obey(command);
            }
            for host in ready {
                if let Err(error) = self.take(host) {
                    self.recorder.signal(Signal::Broken(error.to_string()));
                    return;
                }
            }
        }
    }

    /// Sleeps until a frame comes, one is due, or somebody calls; gives the hosts whose frames wait.
    fn wait(&self) -> Vec<usize> {
        let now = clock::now();
        let next =
            self.due.keys().next().map(|(at, _)| *at).into_iter().chain(self.faults.next_overdue()).min();
        let nap = next.map_or(NAP, |at| at.since(now).min(NAP));
        let timeout =
            TimeSpec::new((nap.as_nanos() / 1_000_000_000) as i64, (nap.as_nanos() % 1_000_000_000) as i64);
        let open: Vec<(usize, BorrowedFd<'_>)> = self
            .ports
            .iter()
            .enumerate()
            .filter_map(|(host, port)| Some((host, port.as_ref()?.as_fd())))
            .collect();
        let mut polled: Vec<PollFd<'_>> =
            open.iter().map(|(_, fd)| PollFd::new(*fd, PollFlags::POLLIN)).collect();
        polled.push(PollFd::new(self.wake.as_fd(), PollFlags::POLLIN));
        // EINTR is answered by looking again.
        let _ = ppoll(&mut polled, Some(timeout), None);
        let ready = polled.iter().zip(&open).filter(|(fd, _)| fd.any().unwrap_or(false));
        ready.map(|(_, (host, _))| *host).collect()
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Inject { from, forge } => match (forge.0)(&self.flows) {
                Ok(packet) => {
                    let to = decode_ip(&packet).ok().and_then(|packet| self.faults.host_of(packet.ip.dst));
                    self.enter(from, clock::now(), &Bytes::from(framed(&packet, to)), true);
                }
                Err(reason) => {
                    let note = Kind::Note(Note::Text(reason));
                    self.recorder.now(from, note);
                }
            },
            Command::Release(name) => {
                let now = clock::now();
                for (passage, bytes, fault) in self.faults.release(name.as_deref()) {
                    self.schedule(&Arc::new(passage), now, bytes, Some(fault), true);
                }
            }
            Command::Cut(host) => {
                if let Some(port) = self.ports.get_mut(host.0 as usize) {
                    *port = None;
                }
            }
            Command::Join(host, port) => {
                if let Some(place) = self.ports.get_mut(host.0 as usize) {
                    *place = Some(port);
                }
            }
            Command::Origin(origin) => self.faults.begin_at(origin),
            Command::Stop => {}
        }
    }

    /// Takes every frame that waits at a host's end.
    fn take(&mut self, host: usize) -> Result<()> {
        loop {
            let Some(Some(port)) = self.ports.get_mut(host) else { return Ok(()) };
            let Some((at, frame)) = port.receive()? else { return Ok(()) };
            let bytes = Bytes::copy_from_slice(frame);
            self.enter(HostId(host as u16), at, &bytes, false);
        }
    }

    /// A frame enters the wire.
    fn enter(&mut self, from: HostId, at: Instant, bytes: &Bytes, forged: bool) {
        // What is no IP packet is the kernel's housekeeping, and nobody's who listens here.
        let Ok(packet) = decode_frame(LinkType::Ethernet, bytes) else { return };
        if bytes.first().is_some_and(|octet| octet & 1 == 1) {
            return;
        }
        self.packets += 1;
        let id = PacketId(self.packets);
        let packet = packet.to_owned();
        let isns_before = self.flows.isns(&packet);
        let retransmission = if forged { false } else { self.flows.sent(&packet) };
        let isns = if forged { isns_before } else { self.flows.isns(&packet) };
        let to = self.faults.host_of(packet.ip.dst);
        let written = self.flows.as_written(&packet, |addr| self.faults.first_isn(addr));
        // Numbers that count from a SYN count from the scenario's as well.
        let zero = |written: SeqNumber, real: SeqNumber| move |isn: SeqNumber| isn + written.since(real);
        let isns = match (packet.segment(), written.segment()) {
            (Some(real), Some(as_written)) => {
                (isns.0.map(zero(as_written.seq, real.seq)), isns.1.map(zero(as_written.ack, real.ack)))
            }
            _ => isns,
        };
        let passage = Arc::new(Passage { id, from, to, at, packet, written, retransmission, isns });

        self.recorder.event(
            at,
            from,
            Kind::Sent { id, packet: passage.packet.clone(), rule: None, retransmission },
        );
        if forged {
            self.recorder.forged(id);
        }
        let fate = self.faults.fate(&passage);
        self.recorder.frame(Frame {
            host: from,
            at,
            outgoing: true,
            id,
            bytes: bytes.clone(),
            fault: fate.fault.clone(),
        });
        self.signal(at, &passage, false);
        self.meet(&passage, fate, bytes);
    }

    /// Lets its fate happen to a frame.
    fn meet(&mut self, passage: &Arc<Passage>, fate: Fate, bytes: &Bytes) {
        if let (Some(fault), Some(act)) = (&fate.fault, &fate.act) {
            let note =
                Note::FaultTouched { id: passage.id, fault: fault.clone().into(), act: act.clone().into() };
            self.recorder.event(passage.at, passage.from, Kind::Note(note));
        }
        if let Some(cause) = fate.lost {
            self.lose(passage, passage.at, cause);
            return;
        }
        if fate.held {
            self.faults.hold(passage, bytes.clone());
        }
        let arrival = passage.at + fate.copies.first().map(|copy| copy.delay).unwrap_or_default();
        let copies = fate.copies.len();
        for (number, copy) in fate.copies.into_iter().enumerate() {
            let Copy { delay, flipped } = copy;
            let bytes = flipped.map_or_else(|| bytes.clone(), |bit| flip(bytes, bit));
            let due = passage.at + delay;
            self.schedule(passage, due, bytes, fate.fault.clone(), number + 1 == copies);
        }
        // What was overtaken often enough follows right behind.
        for (passage, bytes, fault) in self.faults.overtaken(passage) {
            self.schedule(&Arc::new(passage), arrival, bytes, Some(fault), true);
        }
    }

    fn schedule(
        &mut self,
        passage: &Arc<Passage>,
        due: Instant,
        bytes: Bytes,
        fault: Option<String>,
        last: bool,
    ) {
        let Some(to) = passage.to else { return };
        self.order += 1;
        let waiting = Waiting { passage: Arc::clone(passage), to, bytes, fault, last };
        self.due.insert((due, self.order), waiting);
    }

    fn lose(&mut self, passage: &Passage, at: Instant, cause: LossCause) {
        let kind = Kind::Lost { id: passage.id, packet: passage.packet.clone(), cause };
        self.recorder.event(at, passage.from, kind);
    }

    /// Puts on its cable whatever is due.
    fn deliver(&mut self) {
        let now = clock::now();
        if self.faults.next_overdue().is_some_and(|at| at <= now) {
            for (passage, bytes, fault) in self.faults.overdue(now) {
                self.schedule(&Arc::new(passage), now, bytes, Some(fault), true);
            }
        }
        while let Some(entry) = self.due.first_entry() {
            if entry.key().0 > clock::now() {
                return;
            }
            let due = entry.key().0;
            let waiting = entry.remove();
            self.recorder.due(due);
            let passage = &waiting.passage;
            let Some(Some(port)) = self.ports.get_mut(waiting.to.0 as usize) else {
                let passage = Arc::clone(passage);
                self.lose(&passage, clock::now(), LossCause::HostDown);
                continue;
            };
            let at = clock::now();
            if let Err(error) = port.send(&waiting.bytes) {
                self.recorder.signal(Signal::Broken(error.to_string()));
                continue;
            }
            // The frame may have waited for a processor in the middle of being sent.
            self.recorder.due(at);
            // A flipped bit is seen by whoever checks the sum: the packet that arrives is another.
            let packet = decode_frame(LinkType::Ethernet, &waiting.bytes)
                .map_or_else(|_| passage.packet.clone(), |packet| packet.to_owned());
            self.flows.arrived(&packet);
            self.recorder.event(at, waiting.to, Kind::Arrived { id: passage.id, packet, rule: None });
            self.recorder.frame(Frame {
                host: waiting.to,
                at,
                outgoing: false,
                id: passage.id,
                bytes: waiting.bytes.clone(),
                fault: waiting.fault.clone(),
            });
            if waiting.last {
                let passage = Arc::clone(passage);
                self.signal(at, &passage, true);
            }
        }
    }

    fn signal(&self, at: Instant, passage: &Passage, arrived: bool) {
        self.recorder.signal(Signal::Packet {
            at,
            arrived,
            from: passage.from,
            to: passage.to,
            packet: passage.written.clone(),
            retransmission: passage.retransmission,
            isns: passage.isns,
        });
    }
}

/// An IP packet in an Ethernet frame for the host it goes to.
fn framed(packet: &[u8], to: Option<HostId>) -> Vec<u8> {
    const FORGED: [u8; 6] = [2, 0, 0, 0, 3, 0];
    let ipv6 = packet.first().is_some_and(|octet| octet >> 4 == 6);
    let kind: [u8; 2] = if ipv6 { [0x86, 0xdd] } else { [0x08, 0x00] };
    let destination = to.map_or([0; 6], |to| host_mac(to.0 as usize));
    [&destination[..], &FORGED, &kind, packet].concat()
}

/// The frame with one bit of its IP payload's end flipped.
fn flip(bytes: &Bytes, bit: usize) -> Bytes {
    let mut copy = bytes.to_vec();
    let at = bit / 8;
    if let Some(octet) = copy.get_mut(at) {
        *octet ^= 1 << (bit % 8);
    }
    Bytes::from(copy)
}
