//! What talks to this machine's kernel. Namespaces need a process with one thread, so whatever
//! enters one is tested through the real program.

mod capture;
mod lab;
mod packet_filter;
mod permission;
mod remains;
mod restricted;
pub(super) mod spawn;
mod watch;
