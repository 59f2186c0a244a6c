//! `handshake demo NAME [server|client] [ADDRESS]`: the lecture's socket programs.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum, ValueHint};

use super::Context;
use super::failure::{Exit, Failure};
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
    #[arg(long, value_name = "TEXT")]
    message: Option<String>,
    #[arg(long, value_name = "TEXT")]
    answer: Option<String>,
    #[arg(long, value_name = "TEXT", num_args = 1)]
    together: Vec<String>,
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

/// An option, whether it was given, and the demos it is for.
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
        ("--message", |demo| demo.message.is_some(), &[(TcpEcho, Client)]),
        ("--answer", |demo| demo.answer.is_some(), &[(UdpEcho, Server), (TcpEcho, Server)]),
        ("--together", |demo| !demo.together.is_empty(), &[(TcpChat, Client)]),
        ("--friends", |demo| demo.friends.is_some(), &[(UdpChat, Client)]),
        ("--wait", |demo| demo.wait.is_some(), &[(UdpEcho, Client), (UdpChat, Client)]),
        ("--count", |demo| demo.count.is_some(), &[(UdpEcho, Server), (TcpChat, Server)]),
        ("--backlog", |demo| demo.backlog.is_some(), &[(TcpEcho, Server), (TcpChat, Server)]),
        ("--buffer", |demo| demo.buffer.is_some(), &[(TcpChat, Server), (TcpChat, Client)]),
    ]
};

/// Runs one end of a demo.
pub(super) fn run(arguments: &Demo, context: &mut Context) -> Result<(), Failure> {
    let Some(role) = arguments.role else {
        return Err(Failure::input(Message::new("demo-usage-no-role")));
    };
    for (option, given, fits) in FITS {
        if given(arguments) && !fits.contains(&(arguments.name, role)) {
            let spell = |(name, role): &(Name, Role)| format!("{} {}", word(name), word(role));
            let fits: Vec<String> = fits.iter().map(spell).collect();
            let message = Message::new("demo-usage-does-not-fit")
                .with("option", *option)
                .with("demo", spell(&(arguments.name, role)))
                .with("fits", fits.join(", "));
            return Err(Failure::input(message));
        }
    }
    run_end(arguments, role, context)
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

#[cfg(not(all(feature = "live", target_os = "linux")))]
fn run_end(_arguments: &Demo, _role: Role, _context: &mut Context) -> Result<(), Failure> {
    Err(Failure::Told(Exit::NotPermitted, Message::new("demo-usage-needs-linux").with("command", "demo")))
}

#[cfg(all(feature = "live", target_os = "linux"))]
fn run_end(arguments: &Demo, role: Role, context: &mut Context) -> Result<(), Failure> {
    // Before anything else: signals must be blocked while there is one thread.
    let stop = Stop::on_signals().map_err(|error| failure(&Error::Resources(error)))?;
    let lang = context.catalog.lang();
    let console = match context.output.take_path() {
        Some(path) => {
            let file = std::fs::File::create(&path).map_err(|error| Failure::writing(&path, &error))?;
            Console::writing_to(lang, Box::new(file))
        }
        None => Console::new(lang),
    };
    let session = Session::new(console, stop, None);
    play(arguments, role, &session).or_else(|error| match error.trouble() {
        Trouble::None => Ok(()),
        _ => Err(failure(&error)),
    })
}

#[cfg(all(feature = "live", target_os = "linux"))]
use crate::demo::{
    Error, Session, Stop, Trouble, address::Address, address_book::AddressBook, console::Console,
    line_input::LineInput, session::LECTURE_BUFFER, tcp_chat, tcp_echo, udp_chat, udp_echo,
};

/// The queue of a server that takes many calls at once.
#[cfg(all(feature = "live", target_os = "linux"))]
const CONCURRENT_BACKLOG: u32 = 128;

#[cfg(all(feature = "live", target_os = "linux"))]
fn play(arguments: &Demo, role: Role, session: &Session) -> Result<(), Error> {
    let address = |port| match &arguments.address {
        Some(text) => Address::parse(text, port),
        None => Ok(Address::loopback(port)),
    };
    let text = |given: &Option<String>, usual: &str| given.clone().unwrap_or_else(|| usual.to_owned());
    let input = || LineInput::stdin().map_err(Error::Input);
    let boundaries = if arguments.framed { tcp_chat::Boundaries::FRAMED } else { tcp_chat::Boundaries::None };
    let buffer = arguments.buffer.map_or(LECTURE_BUFFER, |bytes| bytes as usize);
    match (arguments.name, role) {
        (Name::UdpEcho, Role::Server) => {
            let answer = text(&arguments.answer, "hello");
            udp_echo::Server { address: address(udp_echo::PORT)?, answer, count: arguments.count }
                .run(session)
        }
        (Name::UdpEcho, Role::Client) => {
            let patience = arguments.wait.unwrap_or(udp_echo::PATIENCE);
            udp_echo::Client { address: address(udp_echo::PORT)?, patience }.run(session, &mut input()?)
        }
        (Name::UdpChat, Role::Server) => {
            udp_chat::Server { address: address(udp_chat::PORT)? }.run(session, &mut input()?)
        }
        (Name::UdpChat, Role::Client) => {
            let friends =
                arguments.friends.as_deref().map_or_else(|| Ok(AddressBook::default()), AddressBook::read)?;
            let patience = arguments.wait.unwrap_or(udp_chat::PATIENCE);
            udp_chat::Client { friends, patience }.run(session, &mut input()?)
        }
        (Name::TcpEcho, Role::Server) => tcp_echo::Server {
            address: address(tcp_echo::PORT)?,
            backlog: arguments.backlog.unwrap_or(tcp_echo::BACKLOG),
            answer: text(&arguments.answer, "hi"),
        }
        .run(session),
        (Name::TcpEcho, Role::Client) => {
            let message = text(&arguments.message, "hello world");
            tcp_echo::Client { address: address(tcp_echo::PORT)?, message }.run(session)
        }
        (Name::TcpChat, Role::Server) => {
            let usual = if arguments.concurrent { CONCURRENT_BACKLOG } else { tcp_echo::BACKLOG };
            tcp_chat::Server {
                address: address(tcp_chat::PORT)?,
                backlog: arguments.backlog.unwrap_or(usual),
                concurrent: arguments.concurrent,
                boundaries,
                buffer,
                count: arguments.count,
            }
            .run(session)
        }
        (Name::TcpChat, Role::Client) => {
            let together = arguments.together.clone();
            tcp_chat::Client { address: address(tcp_chat::PORT)?, boundaries, buffer, together }
                .run(session, &mut input()?)
        }
    }
}

#[cfg(all(feature = "live", target_os = "linux"))]
fn failure(error: &Error) -> Failure {
    let exit = match error.trouble() {
        Trouble::Permission => Exit::NotPermitted,
        Trouble::Usage => Exit::BadInput,
        Trouble::Conversation | Trouble::None => Exit::Difference,
    };
    Failure::Told(exit, error.message())
}
