//! What passes by, as text or JSON Lines.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::super::Context;
use super::super::arguments::Format;
use super::super::failure::Failure;
use super::Capture;
use crate::analyze::Recorder;
use crate::lang::Message;
use crate::live::capture::Seen;
use crate::render::{self, Lines, Naming, json};
use crate::timeline::{Event, Evidence, Host, HostId, Kind, PacketId};

/// With a file that holds everything, so many packets are shown in each [`WINDOW`]: nobody reads more.
const READABLE: u32 = 200;
/// How often it is told how much was left out.
pub(super) const WINDOW: Duration = Duration::from_millis(100);

/// How packets are written.
enum Form {
    Lines(Box<Lines>),
    Json(json::Writer<Drain>, Drain),
}

/// A place to write to that can be emptied by another hand.
#[derive(Clone, Default)]
struct Drain(Rc<RefCell<Vec<u8>>>);

impl Write for Drain {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(octets)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Packets as they are shown.
pub(super) struct View {
    form: Form,
    hosts: Vec<Host>,
    /// Whether a file holds everything, so that something may be left out here.
    may_skip: bool,
    window: Instant,
    in_window: u32,
    skipped: u64,
}

impl View {
    /// Text, or JSON Lines, whose first line is written at once.
    pub(super) fn new(arguments: &Capture, context: &mut Context) -> Result<View, Failure> {
        let hosts: Vec<Host> =
            ["client", "server"].map(|name| Host { name: name.to_owned(), addrs: Vec::new() }).into();
        let form = match arguments.format {
            Format::Text => {
                let options = render::Options {
                    lang: context.catalog.lang(),
                    width: usize::from(context.width),
                    color: context.color,
                    absolute: arguments.absolute,
                    ascii: context.ascii,
                    ..render::Options::default()
                };
                Form::Lines(Box::new(Lines::new(&options, Naming::Addresses, true)))
            }
            Format::Json => {
                let drain = Drain::default();
                let writer = json::Writer::new(drain.clone(), &hosts);
                Form::Json(writer.map_err(|error| context.output.failure(&error))?, drain)
            }
        };
        let may_skip = arguments.write.is_some() && arguments.format == Format::Text;
        Ok(View { form, hosts, may_skip, window: Instant::now(), in_window: 0, skipped: 0 })
    }

    /// Shows a packet, unless more come than anybody reads.
    pub(super) fn show(&mut self, seen: &Seen, context: &mut Context) -> Result<(), Failure> {
        if self.may_skip && self.is_too_fast(context)? {
            self.skipped += 1;
            return Ok(());
        }
        let events = events(seen);
        match &mut self.form {
            Form::Lines(lines) => {
                for line in lines.write(&events, &self.hosts) {
                    context.output.line(&line)?;
                }
            }
            Form::Json(writer, drain) => {
                for event in &events {
                    writer.event(event).map_err(|error| context.output.failure(&error))?;
                }
                let written = std::mem::take(&mut *drain.0.borrow_mut());
                context.output.write_all(&written).map_err(|error| context.output.failure(&error))?;
            }
        }
        Ok(())
    }

    /// Whether more comes than anybody reads. What was left out is told when there is room again.
    fn is_too_fast(&mut self, context: &mut Context) -> Result<bool, Failure> {
        if self.window.elapsed() >= WINDOW {
            self.window = Instant::now();
            self.in_window = 0;
            self.tell_skipped(context)?;
        }
        self.in_window += 1;
        Ok(self.in_window > READABLE)
    }

    /// Nothing more is there for now.
    pub(super) fn caught_up(&mut self, context: &mut Context) -> Result<(), Failure> {
        if self.window.elapsed() >= WINDOW {
            self.tell_skipped(context)?;
        }
        context.output.flush()
    }

    fn tell_skipped(&mut self, context: &mut Context) -> Result<(), Failure> {
        if self.skipped == 0 {
            return Ok(());
        }
        let message = Message::new("live-capture-skipped").with("count", std::mem::take(&mut self.skipped));
        let text = context.catalog.format(&message);
        context.output.line(&format!("           {text}"))
    }
}

/// A packet, the states it leads to, and what was found in it.
fn events(seen: &Seen) -> Vec<Event> {
    if let Some(report) = &seen.report {
        let mut recorder = Recorder::new();
        recorder.record(seen.number, seen.at, &seen.packet.borrow(), report);
        return recorder.finish(None).events;
    }
    let id = PacketId(u32::try_from(seen.number).unwrap_or(u32::MAX));
    let kind = Kind::Sent { id, packet: seen.packet.clone(), rule: None, retransmission: false };
    vec![Event { at: seen.at, host: HostId(0), evidence: Evidence::Observed, kind }]
}
