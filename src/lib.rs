//! `handshake`: understand how TCP opens and closes connections.
//!
//! A TCP conversation is one stream of [`timeline::Event`]s, whoever produced it: the simulator,
//! a capture file, a live capture, or real kernels. `ARCHITECTURE.md` draws the floors; a module
//! imports only from the floors below its own, and a test checks that.
//!
//! Built with `--no-default-features` this library is pure: no sockets, no clock, no `unsafe`.

pub mod analyze;
#[cfg(feature = "cli")]
pub mod cli;
#[cfg(all(feature = "live", target_os = "linux"))]
pub mod demo;
pub mod lang;
#[cfg(all(feature = "live", target_os = "linux"))]
pub mod live;
pub mod render;
pub mod rfc;
pub mod scenario;
pub mod sim;
pub mod tcp;
pub mod time;
pub mod timeline;
pub mod wire;
