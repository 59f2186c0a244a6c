//! How far a long capture was read, on a terminal that the tests hold the other end of.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use nix::pty::{Winsize, openpty};

use super::program::{command, file, run_with};

/// A real capture, then as many octets as make it a long one: frames that hold no packet.
fn long() -> Vec<u8> {
    let mut capture =
        std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/loopback.pcap")).unwrap();
    let len = 250_000_u32;
    for _ in 0..140 {
        capture.extend([0; 8]);
        capture.extend([len.to_le_bytes(), len.to_le_bytes()].concat());
        capture.resize(capture.len() + len as usize, 0);
    }
    capture
}

/// Reads the capture with stderr on a terminal: the exit code, stdout, and all that the terminal was sent.
fn on_terminal(arguments: &str, capture: &Path) -> (Option<i32>, String, String) {
    let size = Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
    let ends = openpty(&size, None).unwrap();
    let mut master = File::from(ends.master);
    let screen = std::thread::spawn(move || {
        let mut sent = Vec::new();
        // It ends in an error once nobody has the other end.
        let _ = master.read_to_end(&mut sent);
        String::from_utf8(sent).unwrap()
    });
    let output = {
        let mut command = command(arguments);
        command.arg(capture).env("TERM", "xterm").stderr(ends.slave).output().unwrap()
    };
    (output.status.code(), String::from_utf8(output.stdout).unwrap(), screen.join().unwrap())
}

/// What is left of `sent` on the screen, where each line that was taken away began with this.
fn left(sent: &str) -> &str {
    sent.rsplit("\x1b[2K").next().unwrap()
}

#[test]
fn a_long_capture_has_a_bar_that_goes_away() {
    let (_directory, path) = file("long.pcap", &long());
    let plain = run_with("read", &path);
    for (lang, label) in [("en", "Reading ["), ("zh", "读取中 [")] {
        let (code, stdout, sent) = on_terminal(&format!("read --lang {lang}"), &path);
        assert_eq!(code, Some(0), "{sent}");
        assert!(
            sent.starts_with(label) && sent.contains(">      ") && sent.contains("/33.38 MiB "),
            "{sent:?}"
        );
        assert_eq!(left(&sent), "", "{sent:?}");
        assert!(lang != "en" || stdout == plain.fine().stdout, "{stdout}");
    }
}

#[test]
fn the_bar_is_gone_before_a_mistake_is_told() {
    let mut capture = long();
    capture.extend([0xff; 16]);
    let (_directory, path) = file("long.pcap", &capture);
    let (code, _, sent) = on_terminal("read", &path);
    assert_eq!(code, Some(2), "{sent:?}");
    assert!(sent.starts_with("Reading ["), "{sent:?}");
    let left = left(&sent);
    assert!(left.contains("damaged") && !left.contains("Reading ["), "{sent:?}");
}

#[test]
fn a_short_capture_has_none() {
    let (code, _, sent) = on_terminal("read", Path::new("tests/data/loopback.pcap"));
    assert_eq!((code, sent.as_str()), (Some(0), ""));
}
