//! `handshake capture [-i lo]`: what passes an interface, explained line by line as it comes.

#[cfg(all(feature = "live", target_os = "linux"))]
mod view;

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueHint};

use super::Context;
use super::arguments::Format;
use super::demo::seconds;
use super::failure::Failure;

/// Its arguments.
#[derive(Args, Debug)]
pub(super) struct Capture {
    #[arg(short, long, value_name = "NAME", default_value = "lo", hide_default_value = true)]
    interface: String,
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
    #[arg(long, value_name = "ADDRESS")]
    host: Option<IpAddr>,
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    count: Option<u64>,
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    duration: Option<Duration>,
    #[arg(short, long, value_name = "FILE.pcapng", value_hint = ValueHint::FilePath)]
    write: Option<PathBuf>,
    #[arg(long, value_name = "text|json", value_enum, default_value = "text")]
    #[arg(hide_possible_values = true, hide_default_value = true)]
    format: Format,
    #[arg(long)]
    absolute: bool,
}

#[cfg(not(all(feature = "live", target_os = "linux")))]
pub(super) fn run(_arguments: &Capture, _context: &mut Context) -> Result<(), Failure> {
    let message = crate::lang::Message::new("live-needs-linux").with("command", "capture");
    Err(Failure::Told(super::failure::Exit::NotPermitted, message))
}

#[cfg(all(feature = "live", target_os = "linux"))]
pub(super) use on_linux::run;

#[cfg(all(feature = "live", target_os = "linux"))]
mod on_linux {
    use std::fs::File;
    use std::io::{self, Write};
    use std::os::fd::AsFd;
    use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
    use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
    use std::thread;

    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

    use super::super::live_failure;
    use super::super::read;
    use super::view::{View, WINDOW};
    use super::*;
    use crate::lang::Message;
    use crate::live::capture::{self, Limits, Seen, Session, Tally};
    use crate::live::packet_filter::Filter;
    use crate::live::packet_socket;
    use crate::live::signal::EndSignals;

    /// Packets that may wait to be shown.
    const QUEUE: usize = 1 << 14;
    /// Connections that are summed up at the end.
    const SUMMED_UP: usize = 100;

    /// Captures, shows, sums up.
    pub(in super::super) fn run(arguments: &Capture, context: &mut Context) -> Result<(), Failure> {
        let config = capture::Config {
            interface: arguments.interface.clone(),
            filter: Filter { host: arguments.host, port: arguments.port, ..Filter::default() },
            ring: arguments.write.is_some(),
        };
        let open =
            capture::Capture::open(&config).map_err(|error| why_not_opened(&arguments.interface, &error))?;
        // Before there is a second thread, which would still die of them.
        let signals = EndSignals::block().map_err(|source| live_failure::system("signalfd", &source))?;
        let file = match &arguments.write {
            Some(path) => {
                context.output.must_not_be(path)?;
                let file = File::create(path).map_err(|error| Failure::writing(path, &error))?;
                Some(Box::new(file) as Box<dyn Write + Send>)
            }
            None => None,
        };
        let limits = Limits { count: arguments.count, duration: arguments.duration };
        let session = Session::new(open, &arguments.interface, limits, file)
            .map_err(|error| Failure::writing(arguments.write.as_deref().unwrap_or("-".as_ref()), &error))?;

        let begun = Message::new("live-capture-begins").with("interface", arguments.interface.clone());
        let _ = writeln!(io::stderr(), "{}", context.catalog.format(&begun));
        let (seen, inbox) = sync_channel::<Seen>(QUEUE);
        let (closed, missed) = (AtomicBool::new(false), AtomicU64::new(0));
        let (tally, shown) = thread::scope(|scope| {
            let (closed, missed) = (&closed, &missed);
            let capturing = scope.spawn(move || {
                let over = || closed.load(Ordering::Relaxed) || is_readable(&signals);
                session.run(over, |packet| pass_on(&seen, packet, missed))
            });
            let shown = show_all(arguments, context, &inbox);
            closed.store(true, Ordering::Relaxed);
            drop(inbox);
            (capturing.join(), shown)
        });
        let tally = tally.map_err(|_| live_failure::system("capture", &io::ErrorKind::Other.into()))?;
        let tally = tally.map_err(|error| live_failure::failure(&error))?;
        shown?;
        if arguments.format == Format::Text {
            sum_up(&tally, context)?;
        }
        context.output.flush()?;
        tell_counts(&tally, missed.into_inner(), context);
        match (tally.write_error, &arguments.write) {
            (Some(error), Some(path)) => Err(Failure::writing(path, &error)),
            _ => Ok(()),
        }
    }

    fn why_not_opened(interface: &str, error: &crate::live::Error) -> Failure {
        let known = packet_socket::interfaces();
        if matches!(error, crate::live::Error::Denied(_)) || known.iter().any(|name| name == interface) {
            return live_failure::failure(error);
        }
        let message = Message::new("live-capture-no-interface").with("interface", interface.to_owned());
        Failure::input(message.with("interfaces", known.join(", ")))
    }

    fn is_readable(signals: &EndSignals) -> bool {
        let mut waiting = [PollFd::new(signals.as_fd(), PollFlags::POLLIN)];
        poll(&mut waiting, PollTimeout::ZERO).is_ok_and(|ready| ready > 0)
    }

    /// Capturing must not wait for a terminal: what finds the queue full is counted, and not shown.
    fn pass_on(seen: &SyncSender<Seen>, packet: Seen, missed: &AtomicU64) {
        if seen.try_send(packet).is_err() {
            missed.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Shows what comes until the capture ends or nobody reads any more.
    fn show_all(arguments: &Capture, context: &mut Context, inbox: &Receiver<Seen>) -> Result<(), Failure> {
        let mut view = View::new(arguments, context)?;
        loop {
            while let Ok(seen) = inbox.try_recv() {
                view.show(&seen, context)?;
            }
            view.caught_up(context)?;
            match inbox.recv_timeout(WINDOW) {
                Ok(seen) => view.show(&seen, context)?,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
        }
    }

    /// The connections, a few lines each.
    fn sum_up(tally: &Tally, context: &mut Context) -> Result<(), Failure> {
        let shown = tally.summary.connections.iter().take(SUMMED_UP);
        for line in read::summary_lines(shown, usize::from(context.width), &context.catalog) {
            context.output.line(&line)?;
        }
        let left = tally.summary.connections.len().saturating_sub(SUMMED_UP);
        if left > 0 {
            let message = Message::new("live-capture-more-connections").with("count", left);
            let text = context.catalog.format(&message);
            context.output.line(&format!("\n{text}"))?;
        }
        Ok(())
    }

    /// How much came, and how much of it was lost on the way here.
    fn tell_counts(tally: &Tally, missed: u64, context: &Context) {
        let tell = |message: Message| {
            let _ = writeln!(io::stderr(), "{}", context.catalog.format(&message));
        };
        let counts = Message::new("live-capture-counts");
        tell(counts.with("frames", tally.frames).with("dropped", tally.dropped));
        if tally.dropped > 0 {
            tell(Message::new("live-capture-dropped").with("count", tally.dropped));
        }
        if missed > 0 {
            tell(Message::new("live-capture-not-shown").with("count", missed));
        }
    }
}
