//! Documents that a test keeps true: written by the project itself, compared on every run.

use std::path::{Path, PathBuf};

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

/// Every Rust file under a folder, in the order of their paths.
pub fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    let mut found = Vec::new();
    for path in entries {
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}
