//! The lecture's telephone: one call, one exchange, and both hang up.

use std::time::{Duration, Instant};

use super::address::Address;
use super::error::Error;
use super::line::{Line, Received};
use super::session::{LECTURE_BUFFER, Session, about};
use super::stop::Ready;
use super::text_stream::TextStream;
use crate::lang::Message;

/// Where the lecture's server listens.
pub const PORT: u16 = 9000;

/// The lecture's `listen(5)`.
pub const BACKLOG: u32 = 5;

/// After its answer the server waits so long for the caller to hang up first.
const COURTESY: Duration = Duration::from_secs(1);

/// Then it hangs up, and still hears out a caller who pauses no longer than this …
const PAUSE: Duration = Duration::from_secs(3);

/// … and does not talk longer than this.
const LONGEST_CALL: Duration = Duration::from_mins(1);

/// When a client has heard nothing for so long, it says why it still waits.
pub(super) const REMIND: Duration = Duration::from_secs(10);

/// Bytes of one exchange that are read at most: somebody who never stops talking is hung up on.
const LONGEST_TALK: usize = 16 << 20;

/// Takes one call, answers once, and hangs up.
#[derive(Clone, Debug)]
pub struct Server {
    /// Where to listen.
    pub address: Address,
    /// The length of the queue asked for.
    pub backlog: u32,
    /// What to answer.
    pub answer: String,
}

/// Calls, says one thing, listens once, and hangs up.
#[derive(Clone, Debug)]
pub struct Client {
    /// Whom to call.
    pub address: Address,
    /// What to say.
    pub message: String,
}

impl Server {
    /// Serves one caller.
    ///
    /// # Errors
    /// What keeps it from listening, or breaks the conversation.
    pub fn run(&self, session: &Session) -> Result<(), Error> {
        let console = &session.console;
        let listener = session.sockets.listen(self.address.resolve()?[0], self.backlog)?;
        session.announce("demo-tcp-waiting", listener.address()?);
        if let Some((line, peer)) = listener.accept()? {
            console.say(&about("demo-call-from", peer))?;
            let mut talk = Talk::new(session, &line);
            if talk.hear()? {
                line.send_all(self.answer.as_bytes())?;
                let answer = self.answer.clone();
                console.tell(&Message::new("demo-answered").with("text", answer));
                talk.wait_for_goodbye()?;
            } else if !session.stop.is_raised() {
                console.tell(&about("demo-hung-up-wordless", peer));
                console.explain(&Message::new("demo-why-hung-up"));
            }
        }
        console.bye(&session.stop);
        Ok(())
    }
}

impl Client {
    /// Makes the call.
    ///
    /// # Errors
    /// What keeps it from being answered.
    pub fn run(&self, session: &Session) -> Result<(), Error> {
        let console = &session.console;
        if let Some(line) = session.sockets.connect(&self.address.resolve()?)? {
            console.tell(&about("demo-connected", line.peer()));
            if line.send_all(self.message.as_bytes())?.is_some() {
                console.tell(&Message::new("demo-said").with("text", self.message.clone()));
                let reminder = console.remind(REMIND, about("demo-why-waiting", line.peer()));
                let heard = Talk::new(session, &line).hear()?;
                drop(reminder);
                if !heard && !session.stop.is_raised() {
                    return Err(Error::NoAnswer { peer: line.peer() });
                }
            }
        }
        console.bye(&session.stop);
        Ok(())
    }
}

/// What one end of the line hears.
struct Talk<'a> {
    session: &'a Session,
    line: &'a Line,
    text: TextStream,
    reads: usize,
    bytes: usize,
    over: bool,
}

impl<'a> Talk<'a> {
    fn new(session: &'a Session, line: &'a Line) -> Self {
        Self { session, line, text: TextStream::default(), reads: 0, bytes: 0, over: false }
    }

    /// Waits until something is said, and takes all of it that has arrived; false when the peer
    /// hung up (or this program was asked to end) without a word.
    fn hear(&mut self) -> Result<bool, Error> {
        let mut unfinished = self.read()?;
        while !self.over
            && (unfinished || self.line.wait(Some(Duration::ZERO))? == Ready::At(0))
            && self.bytes < LONGEST_TALK
        {
            unfinished = self.read()?;
        }
        if self.reads > 1 {
            let why = Message::new("demo-why-many-reads").with("reads", self.reads).with("bytes", self.bytes);
            self.session.console.explain(&why);
        }
        Ok(self.reads > 0)
    }

    /// One `recv()`; whether it ended inside a character.
    fn read(&mut self) -> Result<bool, Error> {
        let mut buffer = [0; LECTURE_BUFFER];
        let Received::Bytes(count) = self.line.recv(&mut buffer)? else {
            self.over = true;
            let rest = self.text.finish();
            if !rest.text.is_empty() {
                self.session.say_text(Message::new("demo-heard"), &rest)?;
            }
            return Ok(false);
        };
        self.reads += 1;
        self.bytes += count;
        let shown = self.text.read(&buffer[..count]);
        self.session.say_text(Message::new("demo-heard"), &shown)?;
        Ok(shown.kept > 0)
    }

    /// Lets the caller hang up first, and hears what is still said until then. A line that is
    /// closed while something on it is unread is cut, not closed: the kernel sends RST, and the
    /// answer may be lost with it.
    fn wait_for_goodbye(&mut self) -> Result<(), Error> {
        let console = &self.session.console;
        let said = self.reads;
        if !self.hear_until_goodbye(COURTESY, COURTESY)? {
            self.line.finish_sending()?;
            self.hear_until_goodbye(PAUSE, LONGEST_CALL)?;
        }
        if self.reads > said {
            console.explain(&Message::new("demo-why-said-after-answer"));
        }
        if !self.session.stop.is_raised() {
            let id = if self.over { "demo-hung-up" } else { "demo-we-hang-up" };
            console.tell(&about(id, self.line.peer()));
        }
        Ok(())
    }

    /// Hears what is said without longer pauses and within this time; true when it came to an end.
    fn hear_until_goodbye(&mut self, pause: Duration, time: Duration) -> Result<bool, Error> {
        let until = Instant::now() + time;
        while !self.over && self.bytes < LONGEST_TALK {
            let left = until.saturating_duration_since(Instant::now());
            match self.line.wait(Some(left.min(pause)))? {
                Ready::At(_) => {
                    self.read()?;
                }
                Ready::TimedOut => break,
                Ready::Stopped => return Ok(true),
            }
        }
        Ok(self.over)
    }
}
