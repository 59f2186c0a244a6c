//! The kernel's own word on a host's connections, asked again and again: it shows what is, not what was.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time;

use super::record::{Recorder, Signal};
use crate::live::netlink::sock_diag::{Entry, SockDiag};
use crate::live::{Result, clock, namespace};
use crate::tcp::State;
use crate::time::Instant;
use crate::timeline::{ConnectionId, HostId, Kind, QueueName};

/// All TCP sockets of a host at some moment between `start` and `end`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Look {
    /// Whose kernel.
    pub host: HostId,
    /// Before the question.
    pub start: Instant,
    /// After the answer.
    pub end: Instant,
    /// Before the last question that was answered the same.
    pub until: Instant,
    /// Connections and listeners with their states; what is not listed does not exist.
    pub sockets: Vec<(ConnectionId, State)>,
}

/// Between two questions while something happens.
const BUSY: time::Duration = time::Duration::from_micros(200);
/// Between two questions when nothing does: timers of the kernel still run.
const QUIET: time::Duration = time::Duration::from_millis(4);
/// How many questions after the last stir are asked in haste.
const HASTE: u32 = 12;

/// The thread that asks, from outside.
#[derive(Debug)]
pub(super) struct Observer {
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<Vec<Look>>>,
}

impl Observer {
    /// Starts asking a host's kernel.
    ///
    /// # Errors
    /// The thread could not be started.
    pub(super) fn start(
        host: &namespace::Host,
        id: HostId,
        ipv6: bool,
        recorder: Recorder,
    ) -> Result<Observer> {
        let over = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&over);
        let (ready, opened) = mpsc::channel();
        let name = format!("{} states", host.name());
        let thread = host.spawn(&name, move || {
            recorder.stirs(thread::current());
            let diag = SockDiag::open();
            let _ = ready.send(diag.as_ref().map(drop).map_err(ToString::to_string));
            // A kernel without sock_diag shows nothing; every state then stays an inferred one.
            diag.map(|diag| ask(diag, id, ipv6, &recorder, &flag)).unwrap_or_default()
        })?;
        let _ = opened.recv();
        Ok(Observer { over, thread: Some(thread) })
    }

    /// Stops asking, after one last look; gives the looks that differed from the one before.
    pub(super) fn stop(&mut self) -> Vec<Look> {
        self.over.store(true, Ordering::Relaxed);
        let Some(thread) = self.thread.take() else { return Vec::new() };
        thread.thread().unpark();
        thread.join().unwrap_or_default()
    }
}

impl Drop for Observer {
    fn drop(&mut self) {
        self.stop();
    }
}

fn ask(mut diag: SockDiag, host: HostId, ipv6: bool, recorder: &Recorder, over: &AtomicBool) -> Vec<Look> {
    let mut looks: Vec<Look> = Vec::new();
    let mut lengths: Vec<(std::net::SocketAddr, u32)> = Vec::new();
    let mut entries: Vec<Entry> = Vec::new();
    let mut haste = HASTE;
    loop {
        let last = over.load(Ordering::Relaxed);
        let start = clock::now();
        entries.clear();
        if diag.tcp_sockets(ipv6, &mut entries).is_err() {
            return looks;
        }
        let end = clock::now();
        queues(&entries, host, end, recorder, &mut lengths);
        let mut sockets: Vec<(ConnectionId, State)> = entries
            .iter()
            // A socket that is only bound is listed as closed.
            .filter(|entry| entry.state != State::Closed)
            .map(|entry| (ConnectionId { local: entry.local, remote: entry.remote }, entry.state))
            .collect();
        sockets.sort_unstable_by_key(|(connection, _)| (connection.local, connection.remote));
        let before = looks.last().map(|look| look.sockets.as_slice()).unwrap_or_default();
        if last || sockets != before {
            haste = HASTE;
            for (connection, state) in &sockets {
                if !before.contains(&(*connection, *state)) {
                    recorder.signal(Signal::State { at: end, host, state: *state });
                }
            }
            for (connection, _) in before {
                if !sockets.iter().any(|(other, _)| other == connection) {
                    recorder.signal(Signal::State { at: end, host, state: State::Closed });
                }
            }
            looks.push(Look { host, start, end, until: start, sockets });
        } else if let Some(look) = looks.last_mut() {
            look.until = start;
        }
        if last {
            return looks;
        }
        let pause = if haste > 0 { BUSY } else { QUIET };
        let begin = time::Instant::now();
        thread::park_timeout(pause);
        // Woken before the time: something happened on the host.
        haste = if haste == 0 && begin.elapsed() < pause { HASTE } else { haste.saturating_sub(1) };
    }
}

/// Writes down how long the accept queues of listeners are, when that changes.
fn queues(
    entries: &[Entry],
    host: HostId,
    at: Instant,
    recorder: &Recorder,
    lengths: &mut Vec<(std::net::SocketAddr, u32)>,
) {
    for entry in entries.iter().filter(|entry| entry.state == State::Listen) {
        let (listener, len) = (entry.local, entry.receive_queue);
        let changed = if let Some((_, before)) = lengths.iter_mut().find(|(addr, _)| *addr == listener) {
            std::mem::replace(before, len) != len
        } else {
            lengths.push((listener, len));
            len > 0
        };
        if changed {
            let kind = Kind::Queue { listener, queue: QueueName::Accept, len, limit: entry.send_queue };
            recorder.event(at, host, kind);
        }
    }
}
