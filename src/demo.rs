//! The socket programs of the lecture notes, as good little programs.
//!
//! Toward a peer they behave as the notes' Python programs do, and either end may be one of those.
//! Where the notes' programs go wrong (a peer that leaves, one that is not there, a message longer
//! than the buffer, two messages in one read, bytes that are not text) these go right, and say why
//! when it happens.
//!
//! Blocking sockets and threads, as in the lecture: what a call waits for is what the lesson is about.

pub mod address;
pub mod address_book;
pub mod console;
pub mod error;
pub mod figure;
pub mod framing;
pub mod line;
pub mod line_input;
pub mod mailbox;
pub mod session;
pub mod socket;
pub mod stop;
pub mod tcp_chat;
pub mod tcp_echo;
pub mod text_stream;
pub mod udp_chat;
pub mod udp_echo;

pub use error::{Error, Trouble};
pub use session::Session;
pub use stop::Stop;
