//! The lane of states: the kernel's own word on every TCP socket, asked whenever something happened.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Duration;

use super::Item;
use super::told::{Lane, Told};
use crate::live::clock;
use crate::live::netlink::sock_diag::{Entry, SockDiag};
use crate::time::Instant;

/// All TCP sockets at some moment between `start` and `end`.
#[derive(Debug)]
pub(super) struct Snapshot {
    pub(super) start: Instant,
    pub(super) end: Instant,
    pub(super) entries: Vec<Entry>,
    /// When the answer before this one was last given.
    pub(super) before_until: Instant,
}

/// Between two questions while something happens.
const BUSY: Duration = Duration::from_micros(500);
/// Between two questions when nothing does: timers of the kernel still run.
const QUIET: Duration = Duration::from_millis(20);
/// How many questions without a change make it quiet.
const PATIENCE: u32 = 40;

/// Asks until told to stop; passes on only what differs from the answer before.
pub(super) fn poll(mut diag: SockDiag, items: &Sender<Item>, told: &Told, over: &AtomicBool) {
    let mut before: Vec<Entry> = Vec::new();
    let mut before_until = clock::now();
    let mut unchanged = 0;
    loop {
        let last = over.load(Ordering::Relaxed);
        told.begin(Lane::States);
        let start = clock::now();
        let mut entries = Vec::new();
        if diag.tcp_sockets(true, &mut entries).is_err() {
            told.end(Lane::States);
            return; // a kernel without tcp_diag: every state stays an inferred one
        }
        let end = clock::now();
        for entry in &mut entries {
            entry.local.set_ip(entry.local.ip().to_canonical());
            entry.remote.set_ip(entry.remote.ip().to_canonical());
        }
        entries.sort_unstable_by_key(|entry| (entry.local, entry.remote));
        if entries == before {
            unchanged += 1;
            before_until = end;
        } else {
            unchanged = 0;
            before.clone_from(&entries);
            if items.send(Item::Sockets(Snapshot { start, end, entries, before_until })).is_err() {
                return;
            }
            before_until = end;
        }
        told.end(Lane::States);
        if last {
            return;
        }
        thread::park_timeout(if unchanged < PATIENCE { BUSY } else { QUIET });
    }
}
