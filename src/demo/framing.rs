//! Messages on a stream of bytes: each goes behind its length.
//!
//! TCP delivers bytes in order and knows no messages: two `send()`s may come out of one `recv()`,
//! and one `send()` out of many (粘包). Whoever wants messages must mark them. Here each is
//! preceded by its length in bytes, four bytes, most significant first: Python's
//! `struct.pack('!I', len(message))`.

use bytes::{Buf, BytesMut};

/// Bytes of the length in front of each message.
pub const PREFIX: usize = 4;

/// The longest message accepted unless told otherwise: 64 MiB.
pub const LONGEST_MESSAGE: usize = 64 << 20;

/// The message behind its length.
///
/// # Errors
/// The message itself comes back when its length does not fit into four bytes.
pub fn frame(mut message: Vec<u8>) -> Result<Vec<u8>, Vec<u8>> {
    let Ok(len) = u32::try_from(message.len()) else { return Err(message) };
    message.splice(..0, len.to_be_bytes());
    Ok(message)
}

/// Cuts messages out of what was read, however the reads fell.
#[derive(Debug)]
pub struct Deframer {
    buffer: BytesMut,
    longest: usize,
}

/// A length that cannot be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TooLong {
    /// The length that the four bytes say.
    pub announced: u32,
    /// The limit.
    pub longest: usize,
    /// The four bytes, where they look like text: the peer then most likely sends no lengths.
    pub letters: Option<String>,
}

/// What lies in front of the next whole message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// The message's length, once its four bytes are there.
    pub announced: Option<u32>,
    /// Bytes of it that are there, or bytes of the length before that.
    pub have: usize,
}

impl Deframer {
    /// Nothing read yet; messages longer than `longest` bytes are refused.
    pub fn new(longest: usize) -> Self {
        Self { buffer: BytesMut::new(), longest }
    }

    /// Takes what a read gave. Memory grows with what has arrived, not with what was announced.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole message, if there is one.
    ///
    /// # Errors
    /// [`TooLong`] for a length above the limit; the stream is useless from there on.
    pub fn next_message(&mut self) -> Result<Option<Vec<u8>>, TooLong> {
        let Some(announced) = self.announced() else { return Ok(None) };
        let len = announced as usize;
        if len > self.longest {
            let letters = announced.to_be_bytes();
            let letters = letters.iter().all(|byte| matches!(byte, b' '..=b'~' | 0x80..));
            let letters = letters.then(|| String::from_utf8_lossy(&announced.to_be_bytes()).into_owned());
            return Err(TooLong { announced, longest: self.longest, letters });
        }
        if self.buffer.len() < PREFIX + len {
            return Ok(None);
        }
        self.buffer.advance(PREFIX);
        Ok(Some(self.buffer.split_to(len).to_vec()))
    }

    /// What was read of a message that is not whole yet; `None` between two messages.
    pub fn unfinished(&self) -> Option<Unfinished> {
        let announced = self.announced();
        let have = if announced.is_some() { self.buffer.len() - PREFIX } else { self.buffer.len() };
        (!self.buffer.is_empty()).then_some(Unfinished { announced, have })
    }

    fn announced(&self) -> Option<u32> {
        self.buffer.first_chunk::<PREFIX>().map(|prefix| u32::from_be_bytes(*prefix))
    }
}
