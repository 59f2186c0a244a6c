//! One integration binary: everything is tested through the library's public face or the real program.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::type_complexity, clippy::large_types_passed_by_value)]

mod analyze;
mod architecture;
mod cli;
mod compliance;
#[cfg(all(feature = "cli", feature = "live", target_os = "linux"))]
mod demo;
mod document;
mod lang;
#[cfg(all(feature = "live", target_os = "linux"))]
mod live;
mod render;
mod scenario;
mod sim;
mod tcp;
mod tool;
mod wire;
