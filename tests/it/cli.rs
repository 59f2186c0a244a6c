//! The real program, spawned as a user would: its output, its messages, its exit codes.

mod help;
mod program;
#[cfg(all(feature = "live", target_os = "linux"))]
mod progress;
mod read;
mod readme;
mod run;
mod scenarios;
mod usage;
