//! Puts the unwinder into the program where that can be done, which spares every start a library to find, map
//! and join: a tenth of the time that `handshake --version` takes.
//!
//! The standard library asks for `libgcc_s.so`. The same code as an archive comes with every GCC; named before
//! the standard library's own wishes it is what `lld`, Rust's linker here, takes. Other linkers take the shared
//! one as before, and where there is no archive nothing is asked for.

use std::env;
use std::path::Path;
use std::process::Command;

const ARCHIVE: &str = "libgcc_eh.a";

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if suits() && compiler_has_archive() {
        println!("cargo:rustc-link-lib=dylib:+verbatim={ARCHIVE}");
    }
}

/// Whether the program is for this machine's kind, with glibc as a shared library.
fn suits() -> bool {
    let target = |part: &str| env::var(format!("CARGO_CFG_TARGET_{part}")).unwrap_or_default();
    env::var("HOST") == env::var("TARGET")
        && target("OS") == "linux"
        && target("ENV") == "gnu"
        && !target("FEATURE").split(',').any(|feature| feature == "crt-static")
}

/// Whether the compiler that will link, `cc` if no other is named, has the archive. One it does not have it
/// gives back as it was asked.
fn compiler_has_archive() -> bool {
    let compiler = env::var_os("RUSTC_LINKER").unwrap_or_else(|| "cc".into());
    let asked = Command::new(compiler).arg(format!("-print-file-name={ARCHIVE}")).output();
    asked.is_ok_and(|answer| {
        let path = String::from_utf8_lossy(&answer.stdout);
        answer.status.success() && Path::new(path.trim()).is_absolute() && Path::new(path.trim()).is_file()
    })
}
