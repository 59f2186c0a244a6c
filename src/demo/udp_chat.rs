//! The lecture's chat over UDP: one server for each friend, whose operator types the replies, and a
//! client that picks a friend by name.

use std::net::SocketAddr;
use std::time::Duration;

use super::address::Address;
use super::address_book::{AddressBook, Friend};
use super::error::Error;
use super::line_input::{Input, LineInput};
use super::mailbox::{Mail, Mailbox};
use super::session::{Session, about};
use crate::lang::Message;

/// Where the first friend's server listens.
pub const PORT: u16 = super::address_book::DEFAULT_PORT;

/// How long the client waits for a friend, who has to read and type.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// The word that ends the chat with one friend.
const QUIT: &[u8] = b"quit";

/// Prints each message with its sender, and sends back what its operator types.
#[derive(Clone, Debug)]
pub struct Server {
    /// Where to listen.
    pub address: Address,
    /// Ends after so many messages.
    pub count: Option<u64>,
}

/// Talks with one friend after the other.
#[derive(Clone, Debug)]
pub struct Client {
    /// Who there is to talk with.
    pub friends: AddressBook,
    /// How long to wait for a reply before asking for the next line.
    pub patience: Duration,
}

impl Server {
    /// Serves until it is asked to end or its operator leaves.
    ///
    /// # Errors
    /// What keeps it from listening.
    pub fn run(&self, session: &Session, input: &mut LineInput) -> Result<(), Error> {
        let console = &session.console;
        let mailbox = session.sockets.mailbox_at(self.address.resolve()?[0])?;
        session.announce("demo-udp-waiting", mailbox.address()?);
        let mut served = 0;
        while self.count != Some(served) {
            let Mail::Datagram { bytes, from } = mailbox.receive()? else { break };
            session.say_mail(about("demo-message-from", from), &bytes)?;
            let reply = loop {
                match console.ask(&Message::new("demo-reply-prompt"), input, &session.stop, None)? {
                    Input::Line(line) if line.is_empty() => {}
                    Input::Line(line) => break Some(line),
                    Input::End | Input::Stopped | Input::Beside => break None,
                }
            };
            let Some(reply) = reply else { break };
            if let Err(error) = mailbox.send_to(&reply, from) {
                console.tell_error(&error);
            }
            served += 1;
        }
        console.bye(&session.stop);
        Ok(())
    }
}

/// What a chat with one friend ended with.
#[derive(PartialEq, Eq)]
enum After {
    Quit,
    Leave,
}

impl Client {
    /// Asks for friends, and for lines to send them, until they end.
    ///
    /// # Errors
    /// What keeps it from sending at all.
    pub fn run(&self, session: &Session, input: &mut LineInput) -> Result<(), Error> {
        let console = &session.console;
        for (at, friend) in self.friends.friends().iter().enumerate() {
            let entry = about("demo-friend", friend.address).with("number", at + 1);
            console.tell(&entry.with("name", friend.name.clone()));
        }
        // One socket for all friends, as long as they are of one family of addresses.
        let mut open: Option<(bool, Mailbox)> = None;
        loop {
            let beside = open.as_ref().map(|(_, mailbox)| mailbox.fd()).transpose()?;
            let name = match console.ask(&Message::new("demo-friend-prompt"), input, &session.stop, beside)? {
                Input::Line(name) => name,
                Input::Beside => {
                    if let Some((_, mailbox)) = &open {
                        self.receive(session, mailbox, None)?;
                    }
                    continue;
                }
                Input::End | Input::Stopped => break,
            };
            if name.is_empty() {
                continue;
            }
            let name = String::from_utf8_lossy(&name);
            let Some(friend) = self.friends.find(&name) else {
                if name.as_bytes() == QUIT {
                    break;
                }
                console.tell(&Message::new("demo-unknown-friend").with("name", name.into_owned()));
                continue;
            };
            let family = friend.address.is_ipv6();
            let mailbox = match open.take().filter(|(open, _)| *open == family) {
                Some((_, mailbox)) => mailbox,
                None => session.sockets.mailbox(friend.address, self.patience)?,
            };
            let after = self.chat(session, input, &mailbox, friend)?;
            open = Some((family, mailbox));
            if after == After::Leave {
                break;
            }
        }
        console.bye(&session.stop);
        Ok(())
    }

    fn chat(
        &self,
        session: &Session,
        input: &mut LineInput,
        mailbox: &Mailbox,
        friend: &Friend,
    ) -> Result<After, Error> {
        let console = &session.console;
        let prompt = Message::new("demo-chat-prompt").with("name", friend.name.clone());
        loop {
            match console.ask(&prompt, input, &session.stop, Some(mailbox.fd()?))? {
                Input::Line(line) if line == QUIT => return Ok(After::Quit),
                Input::Line(line) if line.is_empty() => {}
                Input::Line(line) => match mailbox.send_to(&line, friend.address) {
                    Ok(()) => self.receive(session, mailbox, Some(friend.address))?,
                    Err(error) => console.tell_error(&error),
                },
                Input::Beside => self.receive(session, mailbox, None)?,
                Input::End | Input::Stopped => return Ok(After::Leave),
            }
        }
    }

    /// Shows what comes: the answer of `awaited`, or what comes when nobody waits for it any more.
    fn receive(
        &self,
        session: &Session,
        mailbox: &Mailbox,
        awaited: Option<SocketAddr>,
    ) -> Result<(), Error> {
        let console = &session.console;
        let mail = if awaited.is_some() { mailbox.receive() } else { mailbox.receive_waiting() };
        match mail? {
            Mail::Datagram { bytes, from } => {
                let message = match self.friends.at(from) {
                    Some(friend) => about("demo-message-from-friend", from).with("name", friend.name.clone()),
                    None => about("demo-message-from", from),
                };
                session.say_mail(message, &bytes)?;
                match awaited {
                    None => console.explain(&Message::new("demo-why-late")),
                    Some(awaited) if awaited != from => {
                        console.explain(&about("demo-why-somebody-else", awaited));
                    }
                    Some(_) => {}
                }
            }
            Mail::Refused { to } => {
                if let Some(to) = to.or(awaited) {
                    session.tell_refused(to);
                }
            }
            Mail::Silence if awaited.is_some() => session.tell_silence(self.patience),
            Mail::Silence | Mail::Stopped => {}
        }
        Ok(())
    }
}
