//! Our own TCP as a host of the lab: it sits on the host's end of the cable with whole frames, its
//! kernel has no address there and stays silent.

mod calls;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::os::fd::AsFd;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time;

use nix::libc;
use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::eventfd::{EfdFlags, EventFd};
use nix::sys::time::TimeSpec;

use super::network::{INTERFACE, host_mac};
use super::programs::{Habits, Job};
use super::record::{Recorder, Signal};
use crate::live::error::Context;
use crate::live::packet_socket::{Options, Port};
use crate::live::{Error, Result, clock, namespace};
use crate::tcp::{Event, Host, HostConfig, Rule, Socket, What};
use crate::time::Duration;
use crate::timeline::{ConnectionId, HostId, Kind};
use crate::wire::{LinkType, Transport, decode_frame, encode_ip};
use calls::Programs;

/// How long the engine sleeps at most.
const NAP: Duration = Duration::from_millis(50);

/// What the engine's programs received, so that it can be held against what was sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// How many octets.
    pub octets: u64,
    /// Their CRC-32, as in zlib.
    pub crc: u32,
}

impl Received {
    pub(super) fn take(&mut self, octets: &[u8]) {
        self.octets += octets.len() as u64;
        let fold = |crc: u32, octet: &u8| {
            (0..8)
                .fold(crc ^ u32::from(*octet), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
        };
        self.crc = !octets.iter().fold(!self.crc, fold);
    }
}

/// Why the engine sent what it sent and how it decided about what came, in the order of the cable.
#[derive(Clone, Debug, Default)]
pub(super) struct Reasons {
    /// The rule behind each segment sent, and whether it repeats.
    pub sent: Vec<(Rule, bool)>,
    /// The rule that decided about each packet that arrived.
    pub arrived: Vec<Option<Rule>>,
    /// What its programs received.
    pub received: Received,
}

/// The engine's thread, from outside.
#[derive(Debug)]
pub(super) struct Engine {
    jobs: Option<mpsc::Sender<Job>>,
    wake: Arc<EventFd>,
    thread: Option<JoinHandle<Reasons>>,
}

impl Engine {
    /// Starts our TCP at the host's end of its cable. `others` are the addresses of all hosts, so that
    /// frames find them.
    ///
    /// # Errors
    /// The cable cannot be opened, or a thread not started.
    pub(super) fn start(
        host: &namespace::Host,
        id: HostId,
        config: HostConfig,
        habits: Habits,
        others: Vec<Vec<IpAddr>>,
        recorder: Recorder,
    ) -> Result<Engine> {
        let options = Options {
            promiscuous: true,
            read_timeout: time::Duration::ZERO,
            receive_buffer: 32 << 20,
            ..Options::default()
        };
        let port = host.run(move || Port::open(INTERFACE, &options))??;
        let wake = Arc::new(EventFd::from_flags(EfdFlags::EFD_NONBLOCK).doing("making an event descriptor")?);
        let (jobs, queue) = mpsc::channel();
        let bell = Arc::clone(&wake);
        let (ready, runs) = mpsc::channel();
        let thread = host.spawn(&format!("{} engine", host.name()), move || {
            let _ = nix::sys::prctl::set_timerslack(1);
            let _ = ready.send(());
            let mut machine = Machine {
                id,
                programs: Programs::new(id, config.settings, &habits, recorder.clone()),
                tcp: Host::new(config),
                port,
                others,
                recorder,
                reasons: Reasons::default(),
                known: BTreeMap::new(),
                frame: Vec::new(),
            };
            if let Err(error) = machine.run(&queue, &bell) {
                machine.recorder.signal(Signal::Broken(error.to_string()));
            }
            machine.reasons.received = machine.programs.received;
            machine.reasons
        })?;
        let _ = runs.recv();
        Ok(Engine { jobs: Some(jobs), wake, thread: Some(thread) })
    }

    /// Gives the engine's programs a step to do.
    pub(super) fn give(&self, job: Job) {
        if let Some(jobs) = &self.jobs {
            let _ = jobs.send(job);
            let _ = self.wake.write(1);
        }
    }

    /// Ends the engine without a word to anybody.
    pub(super) fn stop(&mut self) -> Reasons {
        self.jobs = None;
        let _ = self.wake.write(1);
        self.thread.take().and_then(|thread| thread.join().ok()).unwrap_or_default()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.stop();
    }
}

struct Machine {
    id: HostId,
    tcp: Host,
    programs: Programs,
    port: Port,
    others: Vec<Vec<IpAddr>>,
    recorder: Recorder,
    reasons: Reasons,
    /// The connections of sockets that were heard of.
    known: BTreeMap<u32, ConnectionId>,
    /// The frame being built; kept for its room.
    frame: Vec<u8>,
}

impl Machine {
    fn run(&mut self, queue: &mpsc::Receiver<Job>, wake: &EventFd) -> Result<()> {
        loop {
            let _ = wake.read();
            loop {
                match queue.try_recv() {
                    Ok(job) => {
                        self.recorder.due(job.due);
                        self.programs.give(job);
                    }
                    Err(mpsc::TryRecvError::Empty) => break,
                    Err(mpsc::TryRecvError::Disconnected) => return Ok(()),
                }
            }
            self.receive()?;
            let now = clock::now();
            if let Some(due) = self.tcp.poll_timeout().filter(|due| *due <= now) {
                self.recorder.due(due);
                self.tcp.on_timeout(now);
            }
            self.tell();
            while self.programs.advance(&mut self.tcp) {
                self.tell();
                self.transmit()?;
            }
            self.tell();
            self.transmit()?;
            self.sleep(wake);
        }
    }

    fn sleep(&mut self, wake: &EventFd) {
        let now = clock::now();
        let nap = self.tcp.poll_timeout().map_or(NAP, |due| due.since(now).min(NAP));
        let timeout = TimeSpec::new(0, nap.as_nanos() as i64);
        let mut polled =
            [PollFd::new(self.port.as_fd(), PollFlags::POLLIN), PollFd::new(wake.as_fd(), PollFlags::POLLIN)];
        // EINTR is answered by looking again.
        let _ = ppoll(&mut polled, Some(timeout), None);
    }

    /// Takes every frame that waits; answers go out between them, as from a kernel.
    fn receive(&mut self) -> Result<()> {
        loop {
            let Some((came, frame)) = self.port.receive()? else { return Ok(()) };
            // What is no IP packet is no business of a TCP.
            let Ok(packet) = decode_frame(LinkType::Ethernet, frame) else { continue };
            if !matches!(packet.transport, Transport::Tcp(_)) {
                continue;
            }
            // A kernel would have had it at once.
            self.recorder.due(came);
            let verdict = self.tcp.on_packet(clock::now(), &packet);
            self.reasons.arrived.push(verdict.map(|verdict| verdict.rule));
            self.tell();
            self.transmit()?;
        }
    }

    /// Sends everything that the engine has to send.
    fn transmit(&mut self) -> Result<()> {
        loop {
            let now = clock::now();
            let Some(out) = self.tcp.poll_transmit(now) else { break };
            let to = self.others.iter().position(|addrs| addrs.contains(&out.ip.dst));
            let kind: [u8; 2] = if out.ip.dst.is_ipv4() { [0x08, 0x00] } else { [0x86, 0xdd] };
            self.frame.clear();
            self.frame.extend(to.map_or([2, 0, 0, 0, 2, 0], host_mac));
            self.frame.extend(host_mac(self.id.0 as usize));
            self.frame.extend(kind);
            encode_ip(out.ip, out.transport, out.payload, &mut self.frame);
            self.reasons.sent.push((out.rule, out.retransmission));
            self.send()?;
        }
        self.tell();
        Ok(())
    }

    /// Puts the frame on the cable. A full queue is loss, which TCP is made for.
    fn send(&mut self) -> Result<()> {
        match self.port.send(&self.frame) {
            Err(Error::System { source, .. }) if source.raw_os_error() == Some(libc::ENOBUFS) => Ok(()),
            other => other,
        }
    }

    /// Writes down what the engine says has happened.
    fn tell(&mut self) {
        while self.tcp.poll_notice().is_some() {}
        while let Some(event) = self.tcp.poll_event() {
            let now = clock::now();
            if let Some(kind) = self.kind(&event) {
                self.recorder.event(now, self.id, kind);
            }
            if let What::State(transition) = event.what {
                self.recorder.signal(Signal::State { at: now, host: self.id, state: transition.to });
            }
        }
    }

    fn kind(&mut self, event: &Event) -> Option<Kind> {
        Some(Kind::of_tcp(self.connection(event.socket)?, event.what))
    }

    /// The connection of a socket, also when the socket is gone by the time its event is told.
    fn connection(&mut self, socket: Socket) -> Option<ConnectionId> {
        if let Some((local, remote)) = self.tcp.endpoints(socket) {
            self.known.insert(socket.0, ConnectionId { local, remote });
        }
        self.known.get(&socket.0).copied()
    }
}
