//! One end of a demo, on this machine's own network.

use std::fs::File;
use std::net::SocketAddr;
use std::sync::Arc;

use super::own_side::{OwnSide, Traffic};
use super::{Demo, Name, Role, word};
use crate::cli::failure::{Exit, Failure};
use crate::cli::{Context, show};
use crate::demo::address::Address;
use crate::demo::address_book::AddressBook;
use crate::demo::console::Console;
use crate::demo::line_input::LineInput;
use crate::demo::session::LECTURE_BUFFER;
use crate::demo::{Error, Session, Stop, Trouble, tcp_chat, tcp_echo, udp_chat, udp_echo};

/// The queue of a server that takes many calls at once.
const CONCURRENT_BACKLOG: u32 = 128;

/// Runs it until it ends or is asked to.
pub(super) fn run(arguments: &Demo, role: Role, context: &mut Context) -> Result<(), Failure> {
    // Before anything else: signals must be blocked while there is one thread.
    let stop = Stop::on_signals().map_err(|error| failure(&Error::Resources(error)))?;
    let lang = context.catalog.lang();
    let console = match context.output.take_path() {
        Some(path) => {
            let file = File::create(&path).map_err(|error| Failure::writing(&path, &error))?;
            Console::writing_to(lang, Box::new(file))
        }
        None => Console::new(lang),
    };
    let console = match &arguments.lane {
        Some(name) => console.named(name),
        None => console,
    };
    let console = Arc::new(console);
    let own_side = arguments.timeline.then(|| {
        let options = show::options(arguments.showing, context.color_messages, context);
        let names = match role {
            Role::Server => ["server", "client"],
            Role::Client => ["client", "server"],
        };
        OwnSide::start(names, &traffic(arguments, role), &options, &console)
    });
    let session = Session::new(console, stop, own_side.as_ref().map(OwnSide::witness));
    let result = play(arguments, role, &session);
    // What it still has to tell comes before the error.
    drop(session);
    drop(own_side);
    result.or_else(|error| match error.trouble() {
        Trouble::None => Ok(()),
        _ => Err(failure(&error)),
    })
}

/// Where this end's traffic passes. What is wrong with the arguments is told when they are used.
fn traffic(arguments: &Demo, role: Role) -> Traffic {
    let traffic = |loopback, port| Traffic { demo: word(&arguments.name), loopback, port };
    let lecture = match arguments.name {
        Name::UdpEcho => udp_echo::PORT,
        Name::UdpChat => udp_chat::PORT,
        Name::TcpEcho => tcp_echo::PORT,
        Name::TcpChat => tcp_chat::PORT,
    };
    if (arguments.name, role) == (Name::UdpChat, Role::Client) {
        let book = arguments.friends.as_deref().map(AddressBook::read).transpose();
        let Ok(friends) = book.map(Option::unwrap_or_default) else { return traffic(false, None) };
        let loopback = friends.friends().iter().all(|friend| friend.address.ip().is_loopback());
        return traffic(loopback, None);
    }
    let address = arguments.address.as_deref().map(|text| Address::parse(text, lecture)).transpose();
    let Ok(address) = address.map(|given| given.unwrap_or_else(|| Address::loopback(lecture))) else {
        return traffic(false, None);
    };
    let Ok(addresses) = address.resolve() else { return traffic(false, None) };
    let loopback = addresses.iter().all(|address| address.ip().is_loopback());
    traffic(loopback, addresses.first().map(SocketAddr::port).filter(|port| *port != 0))
}

fn play(arguments: &Demo, role: Role, session: &Session) -> Result<(), Error> {
    let address = |port| match &arguments.address {
        Some(text) => Address::parse(text, port),
        None => Ok(Address::loopback(port)),
    };
    let answer = |usual: &str| arguments.answer.clone().unwrap_or_else(|| usual.to_owned());
    let input = || {
        let input =
            if arguments.say.is_empty() { LineInput::stdin() } else { LineInput::said(&arguments.say) };
        input.map_err(Error::Input)
    };
    let boundaries = if arguments.framed { tcp_chat::Boundaries::FRAMED } else { tcp_chat::Boundaries::None };
    let buffer = arguments.buffer.map_or(LECTURE_BUFFER, |bytes| bytes as usize);
    let count = arguments.count;
    match (arguments.name, role) {
        (Name::UdpEcho, Role::Server) => {
            udp_echo::Server { address: address(udp_echo::PORT)?, answer: answer("hello"), count }
                .run(session)
        }
        (Name::UdpEcho, Role::Client) => {
            let patience = arguments.wait.unwrap_or(udp_echo::PATIENCE);
            udp_echo::Client { address: address(udp_echo::PORT)?, patience }.run(session, &mut input()?)
        }
        (Name::UdpChat, Role::Server) => {
            udp_chat::Server { address: address(udp_chat::PORT)?, count }.run(session, &mut input()?)
        }
        (Name::UdpChat, Role::Client) => {
            let book = arguments.friends.as_deref().map(AddressBook::read);
            let friends = book.transpose()?.unwrap_or_default();
            let patience = arguments.wait.unwrap_or(udp_chat::PATIENCE);
            udp_chat::Client { friends, patience }.run(session, &mut input()?)
        }
        (Name::TcpEcho, Role::Server) => tcp_echo::Server {
            address: address(tcp_echo::PORT)?,
            backlog: arguments.backlog.unwrap_or(tcp_echo::BACKLOG),
            answer: answer("hi"),
        }
        .run(session),
        (Name::TcpEcho, Role::Client) => {
            let said = arguments.say.join(" ");
            let message = if said.is_empty() { "hello world".to_owned() } else { said };
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
                count,
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

fn failure(error: &Error) -> Failure {
    let exit = match error.trouble() {
        Trouble::Permission => Exit::NotPermitted,
        Trouble::Usage => Exit::BadInput,
        Trouble::Conversation | Trouble::None => Exit::Difference,
    };
    Failure::Told(exit, error.message())
}
