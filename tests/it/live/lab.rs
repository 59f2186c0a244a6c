//! `handshake lab` on this machine's own kernel.

mod captures;
mod engine;
mod scenarios;
mod surroundings;

use handshake::live::lab;

/// A scenario file in a directory that goes away with the guard.
fn file(text: &str) -> (tempfile::TempDir, String) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("scenario.toml");
    std::fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (directory, path)
}

/// A handshake, and below it whatever is given.
fn three_way(more: &str) -> String {
    format!(
        "title = {{ en = \"Open\", zh = \"打开\" }}\nnotes = {{ en = \"-\", zh = \"-\" }}\nprofile = \"linux\"\n\
         [hosts]\nclient = {{ addr = \"10.0.0.1\", isn = 1000 }}\nserver = {{ addr = \"10.0.0.2\" }}\n\
         [[script]]\ndo = [\"server listen 80\", \"server accept\", \"client connect server:80\"]\n{more}"
    )
}

#[test]
fn the_release_of_the_kernel_is_known() {
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap();
    assert_eq!(lab::kernel_release(), release.trim_end());
}
