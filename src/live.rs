//! What talks to this machine's network and kernel: namespaces, packet sockets, real programs and
//! kernels. Linux only, and the only module with `unsafe`.
//!
//! Everything here works without root where the system allows user namespaces; where it does not,
//! [`permission::Denied`] says which restriction it is and the one command that lifts it.

pub mod capture;
pub mod clock;
mod error;
pub mod ethtool;
pub mod interface;
pub mod lab;
pub mod namespace;
pub mod netlink;
pub mod packet_filter;
pub mod packet_socket;
pub mod permission;
pub mod signal;
pub mod socket;
pub mod stamps;
pub mod sysctl;
pub mod watch;

pub use error::{Error, Result};
