//! Documents that a test keeps true: written by the project itself, compared on every run.

use std::path::Path;

/// Compares a document with what it has to be. With `UPDATE_DOCS=1` in the environment it is written.
pub fn check(path: &str, wanted: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&file, wanted).unwrap();
    }
    let found = std::fs::read_to_string(&file).unwrap_or_default();
    if found != wanted {
        let line = found.lines().zip(wanted.lines()).position(|(a, b)| a != b).map_or(0, |line| line + 1);
        panic!(
            "{path} is out of date from line {line} on: run UPDATE_DOCS=1 cargo test, and read the difference"
        );
    }
}
