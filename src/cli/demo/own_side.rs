//! `--timeline` with one end: the calls of this program, and its own segments where capturing is
//! permitted, written line by line beside the conversation.
//!
//! Calls and captured segments come from several threads, each at its own pace. Nothing is written
//! before every thread has told all that happened until then, so a busy machine changes neither the
//! order nor the number of the lines.

mod writer;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use self::writer::Writer;
use crate::cli::live_failure;
use crate::demo::console::Console;
use crate::demo::socket::Witness;
use crate::lang::Message;
use crate::live::capture::{self, Capture};
use crate::live::packet_filter::Filter;
use crate::live::packet_socket::interfaces;
use crate::live::{self, clock};
use crate::render;
use crate::time::Instant;
use crate::timeline::{Call, SocketId};
use crate::wire::LinkType;

/// How long a capture waits for the next frame before it looks around.
const TICK: Duration = Duration::from_millis(10);

/// A prompt waits no longer for what is to be written before it.
const PROMPT: Duration = Duration::from_millis(300);

/// The end of time: whoever has told everything until then tells nothing more.
const NEVER: Instant = Instant::from_nanos(u64::MAX);

/// Which traffic is this end's, as far as its arguments tell.
#[derive(Clone, Debug)]
pub(super) struct Traffic {
    /// The name of the demo.
    pub(super) demo: String,
    /// It stays on this machine.
    pub(super) loopback: bool,
    /// The server's port.
    pub(super) port: Option<u16>,
}

/// Writes the timeline until it is dropped.
pub(super) struct OwnSide {
    calls: Arc<Calls>,
    over: Arc<AtomicBool>,
    writer: Option<JoinHandle<()>>,
    captures: Vec<JoinHandle<()>>,
}

/// Tells of calls. One at a time: its time and its place among the news must agree.
struct Calls(Mutex<Sender<News>>);

/// What the writer hears of.
enum News {
    /// A call begins or returns.
    Call(Instant, Call),
    /// The kernel has given one of our sockets this address.
    Bound(SocketAddr),
    /// Something was captured.
    Frame(Instant, LinkType, Vec<u8>),
    /// The capture of this number, and all calls, have told what happened before this time.
    Until(usize, Instant),
    /// Somebody waits until what happened before this time is written, which this tells by being dropped.
    Awaited(Instant, Sender<()>),
    /// The program has come to its end.
    Over(Instant),
}

impl OwnSide {
    /// Begins; `names` are this end's and the other's.
    pub(super) fn start(
        names: [&str; 2],
        traffic: &Traffic,
        options: &render::Options,
        console: &Arc<Console>,
    ) -> Self {
        let (news, inbox) = channel();
        let calls = Arc::new(Calls(Mutex::new(news.clone())));
        let over = Arc::new(AtomicBool::new(false));
        let opened = open(traffic, console);
        let writer = Writer::new(names, opened.len(), options, console.clone());
        let captures = opened.into_iter().enumerate().filter_map(|(number, capture)| {
            let (news, calls, over) = (news.clone(), calls.clone(), over.clone());
            spawn("segments", move || listen(capture, number, &news, &calls, &over))
        });
        let captures = captures.collect();
        let asker = calls.clone();
        console.before_prompts(move || {
            let (written, wait) = channel();
            asker.tell(|now| News::Awaited(now, written));
            let _ = wait.recv_timeout(PROMPT);
        });
        let writer = spawn("timeline", move || writer.run(&inbox));
        Self { calls, over, writer, captures }
    }

    /// Whom the calls are told to.
    pub(super) fn witness(&self) -> Arc<dyn Witness> {
        self.calls.clone()
    }
}

impl Drop for OwnSide {
    /// Waits for what the last calls sent.
    fn drop(&mut self) {
        self.calls.tell(News::Over);
        // A thread that has panicked has nothing more to write.
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
        self.over.store(true, Ordering::Relaxed);
        for capture in self.captures.drain(..) {
            let _ = capture.join();
        }
    }
}

impl Calls {
    /// Tells what happens now, and gives back the time that it was.
    fn tell(&self, what: impl FnOnce(Instant) -> News) {
        let news = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // When the writer is gone, nobody wants to know.
        let _ = news.send(what(clock::now()));
    }

    /// Now; what happened before has been told.
    fn now(&self) -> Instant {
        let _none_tells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        clock::now()
    }
}

impl Witness for Calls {
    fn call(&self, call: Call) {
        self.tell(|now| News::Call(now, call));
    }

    fn bound(&self, _socket: SocketId, local: SocketAddr) {
        self.tell(|_| News::Bound(local));
    }
}

/// Opens what this end's traffic passes. Where that is not permitted it says so, and the way out.
fn open(traffic: &Traffic, console: &Console) -> Vec<Capture> {
    let names = if traffic.loopback { vec!["lo".to_owned()] } else { interfaces() };
    let filter = Filter { port: traffic.port, ..Filter::default() };
    let mut captures = Vec::new();
    for interface in names {
        match Capture::open(&capture::Config { interface, filter, ring: false }) {
            Ok(capture) => captures.push(capture),
            Err(live::Error::Denied(denied)) => {
                console.tell_way_out(&live_failure::refusal(&denied));
                break;
            }
            // An interface that is down, or of a kind that carries no IP.
            Err(_) => {}
        }
    }
    if captures.is_empty() {
        console.tell_way_out(&Message::new("demo-timeline-calls-only").with("demo", traffic.demo.clone()));
    }
    captures
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Option<JoinHandle<()>> {
    std::thread::Builder::new().name(name.to_owned()).spawn(work).ok()
}

/// Passes on what is captured, until it is over or nothing more can come.
fn listen(mut capture: Capture, number: usize, news: &Sender<News>, calls: &Calls, over: &AtomicBool) {
    let link = capture.link();
    while !over.load(Ordering::Relaxed) {
        let before = calls.now();
        let mut any = false;
        let received = capture.receive(TICK, |frame| {
            any = true;
            // The writer may have ended.
            let _ = news.send(News::Frame(frame.at, link, frame.data.to_vec()));
        });
        let until = match (received, any) {
            (Err(_), _) => NEVER, // the interface is gone
            (Ok(()), true) => continue,
            // Nothing was waiting, so that all which came before this look has been passed on.
            (Ok(()), false) => before,
        };
        let _ = news.send(News::Until(number, until));
        if until == NEVER {
            break;
        }
    }
}
