//! What a demo needs of the world, and what several demos say in the same words.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use super::console::Console;
use super::error::Error;
use super::line::Sent;
use super::socket::{Sockets, Witness};
use super::stop::Stop;
use super::text_stream::{Shown, show};
use crate::lang::Message;

/// The buffer of the lecture's programs: `recv(1024)`.
pub const LECTURE_BUFFER: usize = 1024;

/// Where a demo speaks, what its sockets come from, and what ends it.
pub struct Session {
    /// Where it speaks.
    pub console: Arc<Console>,
    /// What its sockets come from.
    pub sockets: Sockets,
    /// What ends it.
    pub stop: Stop,
}

impl Session {
    /// A session that speaks through `console`, that `stop` ends, and whose calls `witness`, if any,
    /// hears of.
    pub fn new(console: Arc<Console>, stop: Stop, witness: Option<Arc<dyn Witness>>) -> Self {
        let sockets = Sockets::new(stop.clone(), witness);
        Self { console, sockets, stop }
    }

    /// Says where a server listens, and who can reach it when that is not this machine alone.
    pub(super) fn announce(&self, id: &'static str, address: SocketAddr) {
        self.console.tell(&Message::new(id).with("address", address.to_string()));
        if !address.ip().is_loopback() {
            self.console.explain(&Message::new("demo-why-wide").with("address", address.to_string()));
        }
    }

    /// Says a text that came, and what is unusual about it.
    pub(super) fn say_text(&self, message: Message, shown: &Shown) -> Result<(), Error> {
        self.console.say(&message.with("text", self.console.text(shown)))?;
        self.console.explain_text(shown);
        Ok(())
    }

    /// Says a datagram that came.
    pub(super) fn say_mail(&self, message: Message, bytes: &[u8]) -> Result<(), Error> {
        self.say_text(message, &show(bytes))?;
        if bytes.is_empty() {
            self.console.explain(&Message::new("demo-why-empty-datagram"));
        }
        if bytes.len() > LECTURE_BUFFER {
            let lost = bytes.len() - LECTURE_BUFFER;
            let why = Message::new("demo-why-long-datagram").with("bytes", bytes.len()).with("lost", lost);
            self.console.explain(&why);
        }
        Ok(())
    }

    /// Says when `send()` did not take everything at once.
    pub(super) fn explain_pieces(&self, sent: Sent, bytes: usize) {
        if sent.calls > 1 {
            let why = Message::new("demo-why-partial-send").with("calls", sent.calls);
            self.console.explain(&why.with("first", sent.first).with("bytes", bytes));
        }
    }

    /// Says that nobody listens where a datagram went.
    pub(super) fn tell_refused(&self, to: SocketAddr) {
        self.console.tell(&Message::new("demo-datagram-refused").with("address", to.to_string()));
        self.console.explain(&Message::new("demo-why-datagram-refused"));
    }

    /// Says that no answer came.
    pub(super) fn tell_silence(&self, patience: Duration) {
        let seconds = patience.as_secs_f64();
        self.console.tell(&Message::new("demo-no-answer-yet").with("seconds", format!("{seconds}")));
        self.console.explain(&Message::new("demo-why-silence"));
    }
}

/// A message about an address.
pub(super) fn about(id: &'static str, address: SocketAddr) -> Message {
    Message::new(id)
        .with("address", address.to_string())
        .with("host", address.ip().to_string())
        .with("port", address.port())
}
