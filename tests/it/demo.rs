//! The socket demos, as real processes talking with Python programs of the notes' shape, both ways.
//! Servers listen on ports that the kernel chooses, so the tests run beside each other; every wait
//! is for something that is said, and is bounded.

mod both_ends;
mod crowd;
mod endings;
mod figure;
mod framed;
mod hostile;
mod pieces;
mod process;
mod tcp_chat;
mod tcp_echo;
mod texts;
mod timeline;
mod udp_chat;
mod udp_echo;
