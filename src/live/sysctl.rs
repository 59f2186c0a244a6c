//! Kernel settings of the calling thread's network namespace.

use std::fs;
use std::path::PathBuf;

use super::Result;
use super::error::Context;

/// The file of a setting such as `net.ipv4.tcp_syn_retries`.
fn path(name: &str) -> PathBuf {
    // The thread's own directory: `/proc/sys/net` always shows the reader's network namespace.
    PathBuf::from("/proc/sys").join(name.replace('.', "/"))
}

/// Sets `name` (`net.ipv4.tcp_sack`) for the calling thread's network namespace.
///
/// # Errors
/// The kernel does not know the setting, forbids it here, or refuses the value.
pub fn write(name: &str, value: &str) -> Result<()> {
    fs::write(path(name), value).doing(format!("setting {name}={value}"))
}

/// Reads `name`, without the line's end.
///
/// # Errors
/// The kernel does not know the setting, or hides it here.
pub fn read(name: &str) -> Result<String> {
    let text = fs::read_to_string(path(name)).doing(format!("reading {name}"))?;
    Ok(text.trim_end().to_owned())
}

/// Whether this kernel has the setting.
pub fn exists(name: &str) -> bool {
    path(name).exists()
}
