//! Both ends of a demo on a private loopback, and what really happened between them.

use std::ffi::OsString;

use super::{Demo, Name, Role, word};
use crate::cli::arguments::{Format, StyleChoice};
use crate::cli::failure::{Exit, Failure};
use crate::cli::pace::Next;
use crate::cli::{Context, live_failure, show};
use crate::demo::figure::{self, Figure};
use crate::lang::Lang;
use crate::live;
use crate::live::watch::{self, Cause, Ending, Observe, Output, Program, Update};
use crate::timeline::{Call, Kind, Operation, Outcome, Step, Timeline};

/// Runs both and shows the timeline.
pub(super) fn run(arguments: &Demo, context: &mut Context) -> Result<(), Failure> {
    let this = std::env::current_exe().map_err(|source| {
        live_failure::failure(&live::Error::System { doing: "finding this program".into(), source })
    })?;
    let ends = [(Role::Server, "server"), (Role::Client, "client")];
    let programs = ends.map(|(role, name)| {
        let mut words: Vec<OsString> = vec![this.clone().into()];
        words.extend(script(arguments, role, context.catalog.lang()).into_iter().map(Into::into));
        Program { name: name.to_owned(), arguments: words }
    });
    // What the programs say goes to stderr: stdout is for the timeline.
    let options = watch::Options { output: Output::ToError, ..watch::Options::default() };
    let report = watch::run(&programs, &options, || Nobody).map_err(|error| live_failure::failure(&error))?;
    match arguments.format {
        Format::Json => show::json(&report.timeline, context)?,
        Format::Text => {
            let timeline = without_echoes(&report.timeline);
            let next = show::text(&timeline, arguments.showing, context)?;
            if next == Next::Show && arguments.showing.style == StyleChoice::Ladder {
                let figure = Figure::of(&timeline, "client");
                let lines = figure::draw(&figure, &context.catalog, usize::from(context.width));
                for line in std::iter::once(String::new()).chain(lines) {
                    context.output.line(&line)?;
                }
            }
        }
    }
    match report.cause {
        Cause::Interrupted | Cause::Unwatched => return Ok(()),
        Cause::AllEnded | Cause::TimeUp | Cause::NotStarted => {}
    }
    let fine = |ending: &Option<Ending>| matches!(ending, Some(Ending::Exited(0)));
    if report.endings.iter().all(fine) { Ok(()) } else { Err(Failure::Silent(Exit::Difference)) }
}

/// The timeline without the half of a call that says nothing new: that one begins which returns at
/// once and sends nothing, or that one has done what was just said.
fn without_echoes(timeline: &Timeline) -> Timeline {
    let mut timeline = timeline.clone();
    timeline.events.retain(|event| {
        let Kind::Call(Call { operation, step, .. }) = &event.kind else { return true };
        match (operation, step) {
            (
                Operation::Socket
                | Operation::Bind(_)
                | Operation::Listen { .. }
                | Operation::SetOption { .. },
                Step::Entered,
            )
            | (Operation::Close, Step::Returned(_)) => false,
            (
                Operation::Send { len } | Operation::SendTo { len, .. },
                Step::Returned(Outcome::Value(sent)),
            ) => *sent != i64::from(*len),
            _ => true,
        }
    });
    timeline
}

/// The two programs tell themselves what happens meanwhile.
struct Nobody;

impl Observe for Nobody {
    fn update(&mut self, _update: Update<'_>) -> bool {
        true
    }
}

/// The arguments of one end: what was given for it, and for the rest a short scene.
fn script(arguments: &Demo, role: Role, lang: Lang) -> Vec<String> {
    let mut words = vec!["demo".to_owned(), word(&arguments.name), word(&role)];
    let (server, chinese) = (role == Role::Server, lang == Lang::Zh);
    let friend = if chinese { ("乔治", 8081) } else { ("james", 8082) };
    let usual: &[&str] = match (arguments.name, chinese) {
        (Name::TcpEcho, _) => &["hello world"],
        (Name::UdpEcho, false) => &["hi there"],
        (Name::UdpEcho, true) => &["在吗"],
        (Name::UdpChat, false) => &["hi, how are you?"],
        (Name::UdpChat, true) => &["你好"],
        (Name::TcpChat, false) => &["hello", "goodbye"],
        (Name::TcpChat, true) => &["hello 你好", "bye 再见"],
    };
    let said: Vec<String> = if arguments.say.is_empty() {
        usual.iter().map(|text| (*text).to_owned()).collect()
    } else {
        arguments.say.clone()
    };
    let mut option = |name: &str, value: String| words.push(format!("{name}={value}"));
    match (arguments.name, server) {
        (Name::UdpEcho | Name::TcpEcho, true) => {
            if let Some(answer) = &arguments.answer {
                option("--answer", answer.clone());
            }
            if arguments.name == Name::UdpEcho {
                option("--count", said.len().to_string());
            }
        }
        (Name::UdpChat, true) => {
            for _ in &said {
                option("--say", if chinese { "在呢" } else { "hello" }.to_owned());
            }
            option("--count", said.len().to_string());
        }
        (Name::TcpChat, true) => option("--count", "1".to_owned()),
        (Name::UdpChat, false) => {
            option("--say", friend.0.to_owned());
            for text in said {
                option("--say", text);
            }
            option("--say", "quit".to_owned());
        }
        (Name::TcpChat, false) if !arguments.together.is_empty() => {
            for text in &arguments.together {
                option("--together", text.clone());
            }
        }
        (_, false) => {
            for text in said {
                option("--say", text);
            }
        }
    }
    if let Some(backlog) = arguments.backlog.filter(|_| server) {
        option("--backlog", backlog.to_string());
    }
    if let Some(buffer) = arguments.buffer {
        option("--buffer", buffer.to_string());
    }
    if let Some(wait) = arguments.wait.filter(|_| !server) {
        option("--wait", wait.as_secs_f64().to_string());
    }
    option("--lane", word(&role));
    option("--lang", lang.code().to_owned());
    if arguments.framed {
        words.push("--framed".to_owned());
    }
    if arguments.concurrent && server {
        words.push("--concurrent".to_owned());
    }
    if arguments.name == Name::UdpChat && server {
        words.push(format!("127.0.0.1:{}", friend.1));
    }
    words
}
