//! The end that calls.

use std::thread;
use std::time::Duration;

use super::Boundaries;
use crate::demo::address::Address;
use crate::demo::error::Error;
use crate::demo::framing::Deframer;
use crate::demo::line::{Line, Received};
use crate::demo::line_input::{Input, LineInput};
use crate::demo::session::{Session, about};
use crate::demo::stop::Ready;
use crate::demo::tcp_echo::REMIND;
use crate::demo::text_stream::{TextStream, show};
use crate::lang::Message;

/// Messages up to this length fit into the kernel's buffers. Longer ones are sent by a thread, while
/// the answer is read: two ends that both send and do not read would wait for each other for ever.
const FITS_BUFFERS: usize = 16 << 10;

/// Without boundaries nobody knows when an answer is whole; one that is shorter than the message is
/// waited for so much longer.
const MORE: Duration = Duration::from_millis(100);

/// Sends each line that is typed, and prints the answer.
#[derive(Clone, Debug)]
pub struct Client {
    /// Whom to call.
    pub address: Address,
    /// Where messages end.
    pub boundaries: Boundaries,
    /// Bytes of room for each `recv()`.
    pub buffer: usize,
    /// These messages are sent without a pause between them, and nothing is asked for.
    pub together: Vec<String>,
}

impl Client {
    /// Talks until the lines or the peer end.
    ///
    /// # Errors
    /// A server that is not there, a reset, an answer that never comes.
    pub fn run(&self, session: &Session, input: &mut LineInput) -> Result<(), Error> {
        let console = &session.console;
        if let Some(line) = session.sockets.connect(&self.address.resolve()?)? {
            console.tell(&about("demo-connected", line.peer()));
            let mut call = Call::new(self, session, &line);
            let ended = if self.together.is_empty() { call.talk(input)? } else { call.say_together()? };
            if ended == Ended::ByPeer {
                console.tell(&about("demo-hung-up", line.peer()));
                console.explain(&Message::new("demo-why-hung-up"));
            }
        }
        console.bye(&session.stop);
        Ok(())
    }
}

/// Who ended the conversation.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ended {
    ByUs,
    ByPeer,
}

/// One call: what was heard so far and is not a whole message or character yet.
struct Call<'a> {
    client: &'a Client,
    session: &'a Session,
    line: &'a Line,
    text: TextStream,
    deframer: Option<Deframer>,
    buffer: Vec<u8>,
}

/// What one read gave.
struct Heard {
    /// Bytes; 0 when there is an end.
    bytes: usize,
    /// Whole messages, where messages have boundaries.
    messages: usize,
    /// Set when nothing more will come.
    end: Option<Ended>,
}

impl<'a> Call<'a> {
    fn new(client: &'a Client, session: &'a Session, line: &'a Line) -> Self {
        let deframer = match client.boundaries {
            Boundaries::None => None,
            Boundaries::Length { longest } => Some(Deframer::new(longest)),
        };
        let buffer = vec![0; client.buffer.max(1)];
        Self { client, session, line, text: TextStream::default(), deframer, buffer }
    }

    fn talk(&mut self, input: &mut LineInput) -> Result<Ended, Error> {
        let (console, stop) = (&self.session.console, &self.session.stop);
        loop {
            match console.ask(&Message::new("demo-prompt"), input, stop, Some(self.line.fd()?))? {
                Input::Line(line) if line.is_empty() => {}
                Input::Line(line) => {
                    let len = line.len();
                    let Ok(bytes) = self.client.boundaries.wrap(line) else {
                        console.tell(&Message::new("demo-message-too-long").with("bytes", len));
                        continue;
                    };
                    if let Some(ended) = self.exchange(&bytes, len)? {
                        return Ok(ended);
                    }
                }
                Input::Beside => {
                    let heard = self.hear()?;
                    if heard.bytes > 0 {
                        console.explain(&Message::new("demo-why-unasked"));
                    }
                    if let Some(ended) = heard.end {
                        return Ok(ended);
                    }
                }
                Input::End | Input::Stopped => return Ok(Ended::ByUs),
            }
        }
    }

    /// Sends one message of `len` bytes (`bytes` with its boundary) and hears the answer.
    fn exchange(&mut self, bytes: &[u8], len: usize) -> Result<Option<Ended>, Error> {
        if bytes.len() <= FITS_BUFFERS {
            let Some(sent) = self.line.send_all(bytes)? else { return Ok(Some(Ended::ByUs)) };
            self.session.explain_pieces(sent, bytes.len());
            return self.hear_answer(len, 1);
        }
        let line = self.line;
        thread::scope(|scope| {
            let sending = scope.spawn(|| line.send_all(bytes));
            let heard = self.hear_answer(len, 1);
            if !matches!(heard, Ok(None)) {
                // Nobody will hear the rest.
                line.give_up();
            }
            let sent = sending.join().unwrap_or(Ok(None));
            let heard = heard?;
            if let (None, Some(sent)) = (heard, sent?) {
                self.session.explain_pieces(sent, bytes.len());
            }
            Ok(heard)
        })
    }

    /// Sends several messages at once and hears the answers.
    fn say_together(&mut self) -> Result<Ended, Error> {
        let client = self.client;
        let wrap = |message: &String| client.boundaries.wrap(message.clone().into_bytes());
        let Ok(messages) = client.together.iter().map(wrap).collect::<Result<Vec<_>, _>>() else {
            return Ok(Ended::ByUs);
        };
        self.line.send_together(&messages)?;
        let bytes = client.together.iter().map(String::len).sum();
        let note = Message::new("demo-said-together").with("messages", messages.len());
        self.session.console.tell(&note.with("bytes", messages.iter().map(Vec::len).sum::<usize>()));
        Ok(self.hear_answer(bytes, messages.len())?.unwrap_or(Ended::ByUs))
    }

    /// Hears the answer to so many messages of so many bytes together.
    fn hear_answer(&mut self, bytes: usize, messages: usize) -> Result<Option<Ended>, Error> {
        let console = &self.session.console;
        let peer = self.line.peer();
        let reminder = console.remind(REMIND, about("demo-why-waiting", peer));
        let (mut reads, mut heard, mut whole) = (0_usize, 0, 0);
        let framed = self.deframer.is_some();
        while if framed { whole < messages } else { heard < bytes.max(1) } {
            if !framed && heard > 0 && self.line.wait(Some(MORE))? == Ready::TimedOut {
                break;
            }
            let read = self.hear()?;
            match read.end {
                Some(Ended::ByPeer) if heard == 0 && whole == 0 => return Err(Error::NoAnswer { peer }),
                Some(ended) => return Ok(Some(ended)),
                None => {}
            }
            reads += 1;
            heard += read.bytes;
            whole += read.messages;
        }
        drop(reminder);
        let counts = |id: &'static str| Message::new(id).with("reads", reads).with("bytes", heard);
        match (framed, messages) {
            (true, 2..) => console.explain(&counts("demo-why-kept-apart").with("messages", messages)),
            (true, _) if reads > 1 => console.explain(&counts("demo-why-one-in-many-reads")),
            (false, 2..) => console.explain(&counts("demo-why-stuck-together").with("messages", messages)),
            (false, _) if reads > 1 => console.explain(&counts("demo-why-many-reads")),
            _ => {}
        }
        Ok(None)
    }

    /// One `recv()`, and what it gave said.
    fn hear(&mut self) -> Result<Heard, Error> {
        let peer = self.line.peer();
        let count = match self.line.recv(&mut self.buffer)? {
            Received::Bytes(count) => count,
            end => return self.end(end),
        };
        let read = &self.buffer[..count];
        let mut messages = 0;
        match &mut self.deframer {
            None => self.session.say_text(Message::new("demo-heard"), &self.text.read(read))?,
            Some(deframer) => {
                deframer.push(read);
                while let Some(message) =
                    deframer.next_message().map_err(|frame| Error::TooLong { peer, frame })?
                {
                    messages += 1;
                    self.session.say_text(Message::new("demo-heard"), &show(&message))?;
                }
            }
        }
        Ok(Heard { bytes: count, messages, end: None })
    }

    fn end(&mut self, end: Received) -> Result<Heard, Error> {
        let rest = self.text.finish();
        if !rest.text.is_empty() {
            self.session.say_text(Message::new("demo-heard"), &rest)?;
        }
        let cut = self.deframer.as_ref().and_then(Deframer::unfinished);
        match (end, cut) {
            (Received::HungUp, Some(cut)) => {
                Err(Error::CutShort { peer: self.line.peer(), have: cut.have, announced: cut.announced })
            }
            (Received::HungUp, None) => Ok(Heard { bytes: 0, messages: 0, end: Some(Ended::ByPeer) }),
            _ => Ok(Heard { bytes: 0, messages: 0, end: Some(Ended::ByUs) }),
        }
    }
}
