//! `handshake demo NAME [server|client] [ADDRESS]`: the notes' socket programs.

#[cfg(all(feature = "live", target_os = "linux"))]
mod both_ends;
#[cfg(all(feature = "live", target_os = "linux"))]
mod one_end;
#[cfg(all(feature = "live", target_os = "linux"))]
mod own_side;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum, ValueHint};

use super::Context;
use super::arguments::{Format, Showing};
use super::failure::Failure;
use crate::lang::Message;

/// Its arguments. Not every demo takes every option: [`FITS`] says which.
#[derive(Args, Debug)]
pub(super) struct Demo {
    #[arg(value_name = "NAME", value_enum, hide_possible_values = true, display_order = 1)]
    name: Name,
    #[arg(value_name = "server|client", value_enum, hide_possible_values = true, display_order = 2)]
    role: Option<Role>,
    #[arg(value_name = "ADDRESS", display_order = 3)]
    address: Option<String>,
    #[arg(long)]
    framed: bool,
    #[arg(long)]
    concurrent: bool,
    #[arg(long, value_name = "TEXT", num_args = 1)]
    say: Vec<String>,
    #[arg(long, value_name = "TEXT", num_args = 1)]
    together: Vec<String>,
    #[arg(long, value_name = "TEXT")]
    answer: Option<String>,
    #[arg(long, value_name = "FILE.toml", value_hint = ValueHint::FilePath)]
    friends: Option<PathBuf>,
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    wait: Option<Duration>,
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    count: Option<u64>,
    #[arg(long, value_name = "N")]
    backlog: Option<u32>,
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u32).range(1..=1 << 20))]
    buffer: Option<u32>,
    #[arg(long)]
    timeline: bool,
    /// The name before each line, for two ends that share a terminal.
    #[arg(long, hide = true)]
    lane: Option<String>,
    #[arg(long, value_name = "text|json", value_enum, default_value = "text")]
    #[arg(hide_possible_values = true, hide_default_value = true)]
    format: Format,
    #[command(flatten)]
    showing: Showing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Name {
    UdpEcho,
    UdpChat,
    TcpEcho,
    TcpChat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Role {
    Server,
    Client,
}

/// An option, whether it was given, and the ends it is for.
type Fit = (&'static str, fn(&Demo) -> bool, &'static [(Name, Role)]);

const FITS: &[Fit] = {
    use Name::*;
    use Role::*;
    &[
        (
            "ADDRESS",
            |demo| demo.address.is_some(),
            &[
                (UdpEcho, Server),
                (UdpEcho, Client),
                (UdpChat, Server),
                (TcpEcho, Server),
                (TcpEcho, Client),
                (TcpChat, Server),
                (TcpChat, Client),
            ],
        ),
        ("--framed", |demo| demo.framed, &[(TcpChat, Server), (TcpChat, Client)]),
        ("--concurrent", |demo| demo.concurrent, &[(TcpChat, Server)]),
        (
            "--say",
            |demo| !demo.say.is_empty(),
            &[(UdpEcho, Client), (UdpChat, Server), (UdpChat, Client), (TcpEcho, Client), (TcpChat, Client)],
        ),
        ("--together", |demo| !demo.together.is_empty(), &[(TcpChat, Client)]),
        ("--answer", |demo| demo.answer.is_some(), &[(UdpEcho, Server), (TcpEcho, Server)]),
        ("--friends", |demo| demo.friends.is_some(), &[(UdpChat, Client)]),
        ("--wait", |demo| demo.wait.is_some(), &[(UdpEcho, Client), (UdpChat, Client)]),
        ("--count", |demo| demo.count.is_some(), &[(UdpEcho, Server), (UdpChat, Server), (TcpChat, Server)]),
        ("--backlog", |demo| demo.backlog.is_some(), &[(TcpEcho, Server), (TcpChat, Server)]),
        ("--buffer", |demo| demo.buffer.is_some(), &[(TcpChat, Server), (TcpChat, Client)]),
    ]
};

/// Runs one end of a demo, or both and shows what happened.
pub(super) fn run(arguments: &Demo, context: &mut Context) -> Result<(), Failure> {
    let fits = |ends: &[(Name, Role)]| match arguments.role {
        Some(role) => ends.contains(&(arguments.name, role)),
        None => ends.iter().any(|(name, _)| *name == arguments.name),
    };
    if let Some((option, _, ends)) = FITS.iter().find(|(_, given, ends)| given(arguments) && !fits(ends)) {
        let spell = |(name, role): &(Name, Role)| format!("{} {}", word(name), word(role));
        let ends: Vec<String> = ends.iter().map(spell).collect();
        let role = arguments.role.as_ref().map_or_else(String::new, |role| format!(" {}", word(role)));
        let message = Message::new("demo-usage-does-not-fit")
            .with("option", *option)
            .with("demo", format!("{}{role}", word(&arguments.name)))
            .with("fits", ends.join(", "));
        return Err(Failure::input(message));
    }
    if let Some(path) = &arguments.friends {
        // Read again where it is used; here only so that what is wrong with the file is told as everywhere.
        std::fs::read(path).map_err(|error| Failure::reading(path, &error))?;
    }
    play(arguments, context)
}

#[cfg(all(feature = "live", target_os = "linux"))]
fn play(arguments: &Demo, context: &mut Context) -> Result<(), Failure> {
    match arguments.role {
        Some(role) => one_end::run(arguments, role, context),
        None => both_ends::run(arguments, context),
    }
}

#[cfg(not(all(feature = "live", target_os = "linux")))]
fn play(arguments: &Demo, _context: &mut Context) -> Result<(), Failure> {
    let Demo { address, say, lane, timeline, format, showing, .. } = arguments;
    let _ = (address, say, lane, timeline, format, showing);
    let message = Message::new("live-needs-linux").with("command", "demo");
    Err(Failure::Told(super::failure::Exit::NotPermitted, message))
}

fn word(value: &impl ValueEnum) -> String {
    value.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
}

/// A time in seconds, such as `5` or `0.5`.
pub(super) fn seconds(text: &str) -> Result<Duration, &'static str> {
    const LONGEST: f64 = 86_400.0;
    let given = text.parse::<f64>().ok().filter(|seconds| (0.001..=LONGEST).contains(seconds));
    given.map(Duration::from_secs_f64).ok_or("seconds")
}
