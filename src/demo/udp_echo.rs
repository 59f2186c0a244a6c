//! The first UDP program of the lecture: a message, and "hello" comes back.

use std::net::SocketAddr;
use std::time::Duration;

use super::address::Address;
use super::error::Error;
use super::line_input::{Input, LineInput};
use super::mailbox::{Mail, Mailbox};
use super::session::{Session, about};
use crate::lang::Message;

/// Where the lecture's server listens.
pub const PORT: u16 = 9000;

/// How long the client waits for an answer.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// Prints each message with its sender, and answers the same to all.
#[derive(Clone, Debug)]
pub struct Server {
    /// Where to listen.
    pub address: Address,
    /// What to answer.
    pub answer: String,
    /// Ends after so many messages.
    pub count: Option<u64>,
}

/// Sends each line that is typed, and prints the answer with its sender.
#[derive(Clone, Debug)]
pub struct Client {
    /// Where to send.
    pub address: Address,
    /// How long to wait for an answer before asking for the next line.
    pub patience: Duration,
}

impl Server {
    /// Serves until it is asked to end.
    ///
    /// # Errors
    /// What keeps it from listening.
    pub fn run(&self, session: &Session) -> Result<(), Error> {
        let console = &session.console;
        let mailbox = session.sockets.mailbox_at(self.address.resolve()?[0])?;
        session.announce("demo-udp-waiting", mailbox.address()?);
        let mut served = 0;
        while self.count != Some(served) {
            let Mail::Datagram { bytes, from } = mailbox.receive()? else { break };
            session.say_mail(about("demo-message-from", from), &bytes)?;
            // One peer that can't be answered is no reason to leave the others.
            if let Err(error) = mailbox.send_to(self.answer.as_bytes(), from) {
                console.tell_error(&error);
            }
            served += 1;
        }
        console.bye(&session.stop);
        Ok(())
    }
}

impl Client {
    /// Asks for lines until they end.
    ///
    /// # Errors
    /// What keeps it from sending at all.
    pub fn run(&self, session: &Session, input: &mut LineInput) -> Result<(), Error> {
        let console = &session.console;
        let server = self.address.resolve()?[0];
        let mailbox = session.sockets.mailbox(server, self.patience)?;
        console.tell(&Message::new("demo-udp-sending-to").with("address", server.to_string()));
        loop {
            match console.ask(&Message::new("demo-prompt"), input, &session.stop, Some(mailbox.fd()?))? {
                Input::Line(line) if line.is_empty() => {}
                Input::Line(line) => {
                    let sent = mailbox.send_to(&line, server);
                    match sent {
                        Ok(()) => self.answer(session, &mailbox, server, false)?,
                        Err(error) => console.tell_error(&error),
                    }
                }
                // An answer that comes when nobody waits for it any more.
                Input::Beside => self.answer(session, &mailbox, server, true)?,
                Input::End | Input::Stopped => break,
            }
        }
        console.bye(&session.stop);
        Ok(())
    }

    fn answer(
        &self,
        session: &Session,
        mailbox: &Mailbox,
        server: SocketAddr,
        late: bool,
    ) -> Result<(), Error> {
        let console = &session.console;
        let mail = if late { mailbox.receive_waiting() } else { mailbox.receive() };
        match mail? {
            Mail::Datagram { bytes, from } => {
                if late {
                    console.explain(&Message::new("demo-why-late"));
                }
                session.say_mail(about("demo-answer-from", from), &bytes)?;
            }
            Mail::Refused { to } => session.tell_refused(to.unwrap_or(server)),
            Mail::Silence if late => {}
            Mail::Silence => session.tell_silence(self.patience),
            Mail::Stopped => {}
        }
        Ok(())
    }
}
