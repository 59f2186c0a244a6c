//! Both ends of a demo on a private loopback, and what really happened between them.

use std::ffi::OsString;

use super::{Demo, Name, Role, word};
use crate::cli::failure::{Exit, Failure};
use crate::cli::{Context, show};
use crate::lang::{Lang, Message};
use crate::live::watch::{self, Cause, Ending, Output, Program};

/// Runs both and shows the timeline.
pub(super) fn run(arguments: &Demo, context: &mut Context) -> Result<(), Failure> {
    let this = std::env::current_exe().map_err(|error| system("current_exe", &error.to_string()))?;
    let ends = [(Role::Server, "server"), (Role::Client, "client")];
    let programs = ends.map(|(role, name)| {
        let mut words: Vec<OsString> = vec![this.clone().into()];
        words.extend(script(arguments, role, context.catalog.lang()).into_iter().map(Into::into));
        Program { name: name.to_owned(), arguments: words }
    });
    // What the programs say goes to stderr: stdout is for the timeline.
    let options = watch::Options { output: Output::ToError, ..watch::Options::default() };
    let report = watch::run(&programs, options, |_| true).map_err(|error| unwatchable(&error))?;
    show::text(&report.timeline, arguments.showing, context)?;
    match report.cause {
        Cause::Interrupted | Cause::Unwatched => return Ok(()),
        Cause::AllEnded | Cause::TimeUp | Cause::NotStarted => {}
    }
    let fine = |ending: &Option<Ending>| matches!(ending, Some(Ending::Exited(0)));
    if report.endings.iter().all(fine) { Ok(()) } else { Err(Failure::Silent(Exit::Difference)) }
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
            said.into_iter().for_each(|text| option("--say", text));
            option("--say", "quit".to_owned());
        }
        (Name::TcpChat, false) if !arguments.together.is_empty() => {
            arguments.together.iter().for_each(|text| option("--together", text.clone()));
        }
        (_, false) => said.into_iter().for_each(|text| option("--say", text)),
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

fn unwatchable(error: &crate::live::Error) -> Failure {
    match error {
        crate::live::Error::Denied(denied) => {
            let message = Message::new(format!("live-denied-{}", denied.restriction.key()));
            Failure::Told(Exit::NotPermitted, message.with("command", denied.restriction.command()))
        }
        other => system("watch", &other.to_string()),
    }
}

fn system(call: &'static str, reason: &str) -> Failure {
    let message = Message::new("demo-error-resources").with("call", call).with("reason", reason.to_owned());
    Failure::Told(Exit::BadInput, message)
}
