//! The segment lane: what crosses the private loopback.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::thread::Thread;
use std::time::Duration;

use super::Item;
use super::told::{Lane, Told};
use crate::live::packet_filter::Filter;
use crate::live::packet_socket::{Options, Port};
use crate::live::{Result, clock, stamps};

/// Opens the loopback, so that nothing is missed from now on.
pub(super) fn open() -> Result<Port> {
    let options = Options {
        filter: Some(Filter::default()),
        receive_buffer: 32 << 20,
        read_timeout: Duration::from_millis(10),
        ..Options::default()
    };
    let _stamps = stamps::begin();
    Port::open("lo", &options)
}

/// Passes on every frame until told to stop and nothing is left; gives back how many were dropped.
/// `nudge` is woken after each: the kernel may show a new state now.
pub(super) fn capture(
    mut port: Port,
    items: &Sender<Item>,
    told: &Told,
    over: &AtomicBool,
    nudge: &Thread,
) -> u64 {
    loop {
        // Read before the frame: a frame that came before the end is still taken.
        let last = over.load(Ordering::Relaxed);
        let before = clock::now();
        match port.receive() {
            Ok(Some((at, frame))) => {
                if items.send(Item::Frame { at, bytes: frame.to_vec() }).is_err() {
                    break;
                }
                told.until_now(Lane::Segments, at);
                nudge.unpark();
            }
            Ok(None) if last => break,
            // Nothing was waiting: all that came before this look has been passed on.
            Ok(None) => told.until_now(Lane::Segments, before),
            Err(_) => break, // the loopback cannot go down while we hold the namespace
        }
    }
    told.end(Lane::Segments);
    port.counts().map_or(0, |counts| u64::from(counts.dropped))
}
