//! `handshake watch -- PROG … [--and PROG …]`: any programs on a private loopback.

#[cfg(all(feature = "live", target_os = "linux"))]
mod names;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum, ValueHint};

use super::Context;
use super::arguments::{Format, Showing};
use super::demo::seconds;
use super::failure::{Exit, Failure};
use crate::lang::Message;

/// Its arguments.
#[derive(Args, Debug)]
pub(super) struct Watch {
    #[arg(value_name = "PROG", required = true, num_args = 1..)]
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_hint = ValueHint::CommandWithArguments)]
    programs: Vec<OsString>,
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    duration: Option<Duration>,
    #[arg(long)]
    wait: bool,
    #[arg(long, value_name = "NAME,NAME", value_delimiter = ',')]
    names: Vec<String>,
    #[arg(long, value_name = "auto|always|never", value_enum, default_value = "auto")]
    #[arg(hide_possible_values = true, hide_default_value = true)]
    live: Live,
    #[arg(long, value_name = "text|json", value_enum, default_value = "text")]
    #[arg(hide_possible_values = true, hide_default_value = true)]
    format: Format,
    #[arg(short, long, value_name = "FILE.pcapng", value_hint = ValueHint::FilePath)]
    write: Option<PathBuf>,
    #[command(flatten)]
    showing: Showing,
}

/// When to show what happens while it happens, on stderr.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Live {
    Auto,
    Always,
    Never,
}

#[cfg(not(all(feature = "live", target_os = "linux")))]
pub(super) fn run(_arguments: &Watch, _context: &mut Context) -> Result<(), Failure> {
    Err(Failure::Told(Exit::NotPermitted, Message::new("live-needs-linux").with("command", "watch")))
}

#[cfg(all(feature = "live", target_os = "linux"))]
pub(super) use on_linux::run;

#[cfg(all(feature = "live", target_os = "linux"))]
mod on_linux {
    use std::collections::BTreeSet;
    use std::fs::File;
    use std::io::{self, BufWriter, IsTerminal, StderrLock, Write};
    use std::path::Path;

    use super::super::{live_failure, show};
    use super::*;
    use crate::lang::{Catalog, Value, escape};
    use crate::live::watch::{self, Cause, Ending, Observe, Output, Program, Report, Update};
    use crate::render::{self, Lines, Naming};
    use crate::timeline::{Event, Kind, Note};

    /// Runs the programs, shows what happens while it happens, and all of it at the end.
    pub(in super::super) fn run(arguments: &Watch, context: &mut Context) -> Result<(), Failure> {
        show::only_text_waits(arguments.showing, arguments.format == Format::Text)?;
        let programs = programs(arguments)?;
        // Before the programs run: a long session must not end with a file that cannot be made.
        let file = arguments.write.as_deref().map(create).transpose()?;
        let shown = match arguments.live {
            Live::Auto => io::stderr().is_terminal(),
            Live::Always => true,
            Live::Never => false,
        };
        let style = show::options(arguments.showing, context.color_messages, context);
        let output = match arguments.format {
            Format::Json => Output::ToError,
            Format::Text => Output::Shared,
        };
        let options = watch::Options { duration: arguments.duration, wait: arguments.wait, output };
        let names: Vec<String> = programs.iter().map(|program| program.name.clone()).collect();
        let follower = || Follower::new(&style, names.clone(), shown);
        let report =
            watch::run(&programs, &options, follower).map_err(|error| live_failure::failure(&error))?;
        if let Some((program, errno)) = not_started(&report) {
            return Err(why_not_started(&programs, program, errno));
        }
        if shown {
            let _ = writeln!(io::stderr());
        }
        match arguments.format {
            Format::Json => show::json(&report.timeline, context)?,
            Format::Text if !used_the_network(&report) => {}
            Format::Text => show::text(&report.timeline, arguments.showing, context).map(drop)?,
        }
        context.output.flush()?;
        if let (Some(mut file), Some(path)) = (file, &arguments.write) {
            render::pcapng::write(&report.timeline, &context.catalog, &mut file)
                .and_then(|()| file.flush())
                .map_err(|error| Failure::writing(path, &error))?;
        }
        let _ = summarize(&report, &names, &context.catalog, io::stderr().lock());
        let failed = report
            .endings
            .iter()
            .zip(&report.stopped)
            .any(|(ending, stopped)| !stopped && !matches!(ending, None | Some(Ending::Exited(0))));
        let meant = matches!(report.cause, Cause::Interrupted | Cause::Unwatched);
        if failed && !meant { Err(Failure::Silent(Exit::Difference)) } else { Ok(()) }
    }

    fn used_the_network(report: &Report) -> bool {
        !report.timeline.events.iter().all(|event| matches!(event.kind, Kind::Note(_)))
    }

    /// Which programs made calls that could not be followed, and in what way.
    fn unseen(report: &Report) -> BTreeSet<(u16, &'static str)> {
        let note = |event: &Event| match event.kind {
            Kind::Note(Note::Message(id)) => Some((event.host.0, id)),
            _ => None,
        };
        report.timeline.events.iter().filter_map(note).collect()
    }

    fn create(path: &Path) -> Result<BufWriter<File>, Failure> {
        File::create(path).map(BufWriter::new).map_err(|error| Failure::writing(path, &error))
    }

    /// The programs and their names, from the words between the `--and`s.
    fn programs(arguments: &Watch) -> Result<Vec<Program>, Failure> {
        let commands: Vec<&[OsString]> = arguments.programs.split(|word| word == "--and").collect();
        if commands.iter().any(|command| command.is_empty()) {
            return Err(Failure::input(Message::new("live-watch-empty")));
        }
        let (given, wanted) = (arguments.names.len(), commands.len());
        if given != 0 && given != wanted {
            let message = Message::new("live-watch-names").with("names", given).with("programs", wanted);
            return Err(Failure::input(message));
        }
        let names = if given == 0 { names::of(&commands) } else { arguments.names.clone() };
        let program = |(command, name): (&&[OsString], String)| Program { name, arguments: command.to_vec() };
        Ok(commands.iter().zip(names).map(program).collect())
    }

    fn not_started(report: &Report) -> Option<(usize, i32)> {
        report.endings.iter().enumerate().find_map(|(program, ending)| match ending {
            Some(Ending::NotStarted(errno)) => Some((program, *errno)),
            _ => None,
        })
    }

    fn why_not_started(programs: &[Program], program: usize, errno: i32) -> Failure {
        let error = io::Error::from_raw_os_error(errno);
        let id = match error.kind() {
            io::ErrorKind::NotFound => "live-watch-not-found",
            io::ErrorKind::PermissionDenied => "live-watch-not-executable",
            _ => "live-watch-not-started",
        };
        let word = programs.get(program).and_then(|program| program.arguments.first());
        let word = word.map(|word| word.to_string_lossy().into_owned()).unwrap_or_default();
        let reason = super::super::failure::plain(&error);
        Failure::input(Message::new(id).with("program", word).with("reason", reason))
    }

    /// How each program ended, and what is to be known about the whole, a line each.
    fn summarize(
        report: &Report,
        names: &[String],
        catalog: &Catalog,
        mut to: StderrLock<'_>,
    ) -> io::Result<()> {
        let mut tell = |message: Message| writeln!(to, "{}", catalog.format(&message));
        for ((ending, stopped), name) in report.endings.iter().zip(&report.stopped).zip(names) {
            let message = match ending {
                _ if *stopped => Message::new("live-watch-stopped"),
                None => Message::new("live-watch-not-run"),
                Some(Ending::Exited(code)) => Message::new("live-watch-exited").with("code", *code),
                Some(Ending::Killed(signal)) => {
                    Message::new("live-watch-killed").with("signal", watch::signal_name(*signal))
                }
                Some(Ending::NotStarted(_)) => continue,
            };
            tell(message.with("program", name.clone()))?;
        }
        match report.cause {
            Cause::TimeUp => tell(Message::new("live-watch-time-up"))?,
            Cause::AllEnded if report.stopped.contains(&true) => {
                tell(Message::new("live-watch-server-left"))?;
            }
            _ => {}
        }
        let unseen = unseen(report);
        for (program, id) in &unseen {
            let name = names.get(usize::from(*program)).cloned().unwrap_or_default();
            let message = Message::new("live-watch-unseen").with("what", catalog.text(id));
            tell(message.with("program", name))?;
        }
        if unseen.is_empty() && !used_the_network(report) {
            tell(Message::new("live-watch-nothing"))?;
        }
        if report.dropped > 0 {
            tell(Message::new("live-watch-dropped").with("count", report.dropped))?;
        }
        Ok(())
    }

    /// Writes what happens to stderr, so that stdout holds the finished timeline alone.
    struct Follower {
        lines: Option<Lines>,
        catalog: Catalog,
        names: Vec<String>,
        /// A packet whose arrival is awaited.
        sent: Option<Event>,
    }

    impl Follower {
        fn new(style: &render::Options, names: Vec<String>, shown: bool) -> Self {
            let lines = shown.then(|| Lines::new(style, Naming::Hosts, false));
            Follower { lines, catalog: Catalog::new(style.lang), names, sent: None }
        }

        fn tell(&self, id: &'static str, program: usize, process: i32) -> Vec<String> {
            let name = self.names.get(program).map(|name| escape(name).into_owned()).unwrap_or_default();
            let message =
                Message::new(id).with("program", Value::Verbatim(name.into())).with("process", process);
            vec![format!("           {}", self.catalog.format(&message))]
        }
    }

    impl Observe for Follower {
        fn update(&mut self, update: Update<'_>) -> bool {
            let Some(lines) = &mut self.lines else { return true };
            let lines = match update {
                // A packet's arrival follows at once, and tells where it went.
                Update::Event(event, _) if matches!(event.kind, Kind::Sent { .. }) => {
                    self.sent = Some(event.clone());
                    return true;
                }
                Update::Event(event, hosts) => {
                    let events: Vec<Event> = self.sent.take().into_iter().chain([event.clone()]).collect();
                    lines.write(&events, hosts)
                }
                Update::Started(program, process) => self.tell("live-watch-started", program, process),
                Update::NotListening(program) => self.tell("live-watch-not-listening", program, 0),
                Update::Stopping(program) => self.tell("live-watch-stopping", program, 0),
                Update::Ended(..) => Vec::new(), // its note is an event
            };
            let mut text = String::new();
            for line in lines {
                text.push_str(&line);
                text.push('\n');
            }
            // Nobody reads stderr: the programs may go on, and the timeline is still to come.
            if io::stderr().write_all(text.as_bytes()).is_err() {
                self.lines = None;
            }
            true
        }
    }
}
