//! Programs of other people that tests ask for a second opinion, and a machine that is busy.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

/// The path of a program, or `None` when it is not installed. A test that lacks its program says that it
/// was skipped; under `CI` it fails, so that no skip goes unseen there.
pub fn find(name: &str) -> Option<PathBuf> {
    let found = std::env::var_os("PATH")
        .and_then(|path| std::env::split_paths(&path).map(|dir| dir.join(name)).find(|file| file.is_file()));
    if found.is_none() {
        skip(&format!("{name} is not installed"));
    }
    found
}

/// Says that the test, or a part of it, cannot be done here; a failure where `CI` is set, so that no skip
/// goes unseen there.
pub fn skip(why: &str) {
    assert!(std::env::var_os("CI").is_none(), "CI must not skip: {why}");
    let thread = std::thread::current();
    // Not by the macro: the test harness would keep what that prints to itself.
    let _ = writeln!(std::io::stderr(), "SKIPPED {}: {why}", thread.name().unwrap_or("a test"));
}

/// What tshark says about each packet of a file: the fields that were asked for, of a field that stands
/// several times all values joined by commas. A complaint of tshark about the file is a failure.
pub fn tshark_fields(tshark: &Path, file: &Path, arguments: &[&str], fields: &[&str]) -> Vec<Vec<String>> {
    let mut command = Command::new(tshark);
    command.args(["-n", "-T", "fields", "-E", "separator=/t"]).args(arguments).arg("-r").arg(file);
    for field in fields {
        command.args(["-e", field]);
    }
    let output = command.output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    // As root it warns about being root, whatever the file.
    let complaint: Vec<&str> = complaint.lines().filter(|line| !line.contains("user \"root\"")).collect();
    assert!(output.status.success() && complaint.is_empty(), "{}: {complaint:?}", file.display());
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

/// Processes that want all of every processor.
pub struct Load(Vec<Child>);

impl Load {
    pub fn new() -> Load {
        let busy = |_| Command::new("sh").args(["-c", "while :; do :; done"]).spawn().unwrap();
        Load((0..6).map(busy).collect())
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
