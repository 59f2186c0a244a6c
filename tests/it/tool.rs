//! Programs of other people that tests ask for a second opinion.

use std::path::PathBuf;

/// The path of a program, or `None` when it is not installed. A test that lacks its program says that it
/// was skipped; under `CI` it fails, so that no skip goes unseen there.
pub fn find(name: &str) -> Option<PathBuf> {
    let found = std::env::var_os("PATH")
        .and_then(|path| std::env::split_paths(&path).map(|dir| dir.join(name)).find(|file| file.is_file()));
    if found.is_none() {
        assert!(std::env::var_os("CI").is_none(), "{name} is not installed, and CI must not skip");
        eprintln!("SKIPPED: {name} is not installed");
    }
    found
}
