//! The real program, spawned as a user would: its output, its messages, its exit codes.

mod help;
mod program;
mod read;
mod readme;
mod run;
mod scenarios;
mod usage;
