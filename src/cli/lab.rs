//! `handshake lab [NAME|FILE…]`: scenarios on real kernels, and where they part from the simulator.

#[cfg(all(feature = "live", target_os = "linux"))]
mod comparison;
#[cfg(all(feature = "live", target_os = "linux"))]
mod many;
#[cfg(all(feature = "live", target_os = "linux"))]
mod one;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum, ValueHint};

use super::Context;
use super::arguments::{Format, Showing};
use super::demo::seconds;
use super::failure::Failure;

/// Its arguments.
#[derive(Args, Debug)]
pub(super) struct Lab {
    #[arg(value_name = "NAME|FILE", index = 1, value_hint = ValueHint::FilePath)]
    scenarios: Vec<String>,
    #[arg(long, value_name = "kernel|engine", value_enum, default_value = "kernel")]
    #[arg(hide_possible_values = true, hide_default_value = true)]
    client: End,
    #[arg(long, value_name = "kernel|engine", value_enum, default_value = "kernel")]
    #[arg(hide_possible_values = true, hide_default_value = true)]
    server: End,
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    limit: Option<Duration>,
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    #[arg(short, long, value_name = "FILE.pcapng", value_hint = ValueHint::FilePath)]
    write: Option<PathBuf>,
    #[arg(long, value_name = "text|json", value_enum, default_value = "text")]
    #[arg(hide_possible_values = true, hide_default_value = true)]
    format: Format,
    #[command(flatten)]
    showing: Showing,
    #[arg(index = 2, last = true, value_name = "PROG ARG", value_hint = ValueHint::CommandWithArguments)]
    program: Vec<OsString>,
}

/// Who plays a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum End {
    /// Its kernel.
    Kernel,
    /// Our own TCP.
    Engine,
}

#[cfg(not(all(feature = "live", target_os = "linux")))]
pub(super) fn run(_arguments: &Lab, _context: &mut Context) -> Result<(), Failure> {
    let message = crate::lang::Message::new("live-needs-linux").with("command", "lab");
    Err(Failure::Told(super::failure::Exit::NotPermitted, message))
}

/// One scenario with everything that can be seen of it; several, or none named, with a line each.
#[cfg(all(feature = "live", target_os = "linux"))]
pub(super) fn run(arguments: &Lab, context: &mut Context) -> Result<(), Failure> {
    match arguments.scenarios.as_slice() {
        [name] => one::run(name, arguments, context),
        names => many::run(names, arguments, context),
    }
}
