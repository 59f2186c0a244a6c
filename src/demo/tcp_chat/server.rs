//! The end that is called.

use std::net::SocketAddr;
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use nix::errno::Errno;

use super::Boundaries;
use crate::demo::address::Address;
use crate::demo::error::Error;
use crate::demo::framing::Deframer;
use crate::demo::line::{Line, Received};
use crate::demo::session::{Session, about};
use crate::demo::socket::Listener;
use crate::demo::stop::Ready;
use crate::demo::text_stream::{Shown, TextStream, show};
use crate::lang::Message;

/// Conversations at once; whoever calls then waits in the queue of the kernel.
const MOST_AT_ONCE: usize = 1000;

/// A caller who does not take our answers for so long gets an explanation (and keeps the line).
const DEAF: Duration = Duration::from_secs(10);

/// When the system has nothing left to accept a call with, it is asked again after so long.
const OUT_OF_RESOURCES: Duration = Duration::from_millis(200);

/// Answers in capitals until the caller hangs up, then takes the next call.
#[derive(Clone, Debug)]
pub struct Server {
    /// Where to listen.
    pub address: Address,
    /// The length of the queue asked for.
    pub backlog: u32,
    /// Whether callers are served at once, each by a thread, instead of one after the other.
    pub concurrent: bool,
    /// Where messages end.
    pub boundaries: Boundaries,
    /// Bytes of room for each `recv()`.
    pub buffer: usize,
    /// Ends after so many calls.
    pub count: Option<u64>,
}

impl Server {
    /// Serves until it is asked to end.
    ///
    /// # Errors
    /// What keeps it from listening.
    pub fn run(&self, session: &Session) -> Result<(), Error> {
        let listener = session.sockets.listen(self.address.resolve()?[0], self.backlog)?;
        session.announce("demo-tcp-waiting", listener.address()?);
        if self.concurrent {
            let room = Room { taken: Mutex::new(0), left: Condvar::new() };
            thread::scope(|scope| {
                self.accept_all(session, &listener, |line, peer| {
                    room.enter();
                    let room = &room;
                    let talk = move || {
                        let _place = Place(room);
                        self.converse(session, &line, peer);
                    };
                    // Its drop hangs up, should there be no thread for it.
                    let started = thread::Builder::new().spawn_scoped(scope, talk);
                    if let Err(error) = started {
                        room.leave();
                        session.console.tell_error(&Error::Resources(error));
                    }
                })
            })?;
        } else {
            self.accept_all(session, &listener, |line, peer| self.converse(session, &line, peer))?;
        }
        session.console.bye(&session.stop);
        Ok(())
    }

    fn accept_all(
        &self,
        session: &Session,
        listener: &Listener,
        mut serve: impl FnMut(Line, SocketAddr),
    ) -> Result<(), Error> {
        let mut calls = 0;
        while self.count != Some(calls) {
            match listener.accept() {
                Ok(Some((line, peer))) => serve(line, peer),
                Ok(None) => break,
                Err(error) if is_shortage(&error) => {
                    session.console.explain(&error.message());
                    session.stop.wait_readable(&[], Some(OUT_OF_RESOURCES)).map_err(Error::Resources)?;
                    continue;
                }
                Err(error) => return Err(error),
            }
            calls += 1;
        }
        Ok(())
    }

    /// One conversation. Whatever goes wrong in it, the next caller is served.
    fn converse(&self, session: &Session, line: &Line, peer: SocketAddr) {
        let console = &session.console;
        let talk = console.say(&about("demo-call-from", peer)).and_then(|()| match self.boundaries {
            Boundaries::None => self.answer_reads(session, line, peer),
            Boundaries::Length { longest } => {
                self.answer_messages(session, line, peer, Deframer::new(longest))
            }
        });
        match talk {
            Ok(()) if session.stop.is_raised() => {}
            Ok(()) => {
                console.tell(&about("demo-hung-up", peer));
                console.explain(&Message::new("demo-why-hung-up"));
            }
            // Nobody reads what we say any more.
            Err(Error::Output(_)) => session.stop.raise(),
            Err(error) => console.tell_error(&error),
        }
    }

    /// As the lecture does it: whatever a read gives is answered.
    fn answer_reads(&self, session: &Session, line: &Line, peer: SocketAddr) -> Result<(), Error> {
        let mut buffer = vec![0; self.buffer.max(1)];
        let mut text = TextStream::default();
        while let Received::Bytes(count) = line.recv(&mut buffer)? {
            let read = &mut buffer[..count];
            heard(session, peer, &text.read(read))?;
            if count == self.buffer {
                session.console.explain(&Message::new("demo-why-buffer-full").with("bytes", count));
            }
            read.make_ascii_uppercase();
            if !answer(session, line, read)? {
                break;
            }
        }
        let rest = text.finish();
        if rest.text.is_empty() { Ok(()) } else { heard(session, peer, &rest) }
    }

    /// As it is right: messages are cut out of the reads.
    fn answer_messages(
        &self,
        session: &Session,
        line: &Line,
        peer: SocketAddr,
        mut deframer: Deframer,
    ) -> Result<(), Error> {
        let mut buffer = vec![0; self.buffer.max(1)];
        let mut reads_of_message = 0;
        while let Received::Bytes(count) = line.recv(&mut buffer)? {
            deframer.push(&buffer[..count]);
            reads_of_message += 1;
            let mut whole = 0;
            while let Some(mut message) =
                deframer.next_message().map_err(|frame| Error::TooLong { peer, frame })?
            {
                whole += 1;
                heard(session, peer, &show(&message))?;
                if reads_of_message > 1 {
                    let why = Message::new("demo-why-one-in-many-reads").with("reads", reads_of_message);
                    session.console.explain(&why.with("bytes", message.len()));
                }
                reads_of_message = 0;
                message.make_ascii_uppercase();
                // It came with a length, so it has one.
                let Ok(framed) = self.boundaries.wrap(message) else { return Ok(()) };
                if !answer(session, line, &framed)? {
                    return Ok(());
                }
            }
            if whole > 1 {
                let why = Message::new("demo-why-many-in-one-read").with("messages", whole);
                session.console.explain(&why.with("bytes", count));
            }
            if deframer.unfinished().is_some() && reads_of_message == 0 {
                reads_of_message = 1;
            }
        }
        match deframer.unfinished() {
            Some(cut) if !session.stop.is_raised() => {
                Err(Error::CutShort { peer, have: cut.have, announced: cut.announced })
            }
            _ => Ok(()),
        }
    }
}

fn heard(session: &Session, peer: SocketAddr, shown: &Shown) -> Result<(), Error> {
    session.say_text(about("demo-heard-from", peer), shown)
}

/// Sends an answer; false when this program was asked to end.
fn answer(session: &Session, line: &Line, bytes: &[u8]) -> Result<bool, Error> {
    // Waiting for room in the open, a deadlock of two that only talk can be told from silence.
    if line.wait_for_room(DEAF)? == Ready::TimedOut {
        session.console.explain(&about("demo-why-deaf-peer", line.peer()));
    }
    let Some(sent) = line.send_all(bytes)? else { return Ok(false) };
    session.explain_pieces(sent, bytes.len());
    Ok(true)
}

/// Whether `accept()` failed for want of something that others may give back.
fn is_shortage(error: &Error) -> bool {
    const SHORTAGES: [Errno; 4] = [Errno::EMFILE, Errno::ENFILE, Errno::ENOBUFS, Errno::ENOMEM];
    let Error::Socket { source, .. } = error else { return false };
    source.raw_os_error().is_some_and(|code| SHORTAGES.contains(&Errno::from_raw(code)))
}

/// Room for so many conversations at once.
struct Room {
    taken: Mutex<usize>,
    left: Condvar,
}

impl Room {
    fn enter(&self) {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let full = |taken: &mut usize| *taken >= MOST_AT_ONCE;
        *self.left.wait_while(taken, full).unwrap_or_else(PoisonError::into_inner) += 1;
    }

    fn leave(&self) {
        *self.taken.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        self.left.notify_one();
    }
}

/// A place in the room, given back when the conversation is over.
struct Place<'a>(&'a Room);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.leave();
    }
}
