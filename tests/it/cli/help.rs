//! Help, version, completions and manual pages.

use unicode_width::UnicodeWidthStr;

use super::program::{run, run_with};

const COMMANDS: [&str; 10] =
    ["list", "run", "test", "read", "capture", "watch", "lab", "demo", "completions", "man"];

/// The commands that the first page lists.
fn listed() -> Vec<String> {
    let page = run("--help").stdout;
    let list = page.lines().skip_while(|line| *line != "Commands:").skip(1);
    let name = |line: &str| line.split_whitespace().next().map(str::to_owned);
    list.map_while(name).collect()
}

#[test]
fn every_page_is_whole_in_both_languages_and_fits_80_columns() {
    for lang in ["en", "zh"] {
        for command in std::iter::once(String::new()).chain(listed()) {
            let page = run(&format!("{command} --help --lang {lang}"));
            page.fine();
            let text = &page.stdout;
            assert!(!text.contains('⟦'), "a missing text in:\n{text}");
            assert!(text.is_ascii() == (lang == "en"), "the wrong language:\n{text}");
            for line in text.lines() {
                let columns = line.trim_end().width();
                // A path in an example may be long; a reader copies it as a whole.
                assert!(columns <= 80 || line.contains(" > ~/"), "{command} {lang}: {columns}: {line}");
            }
            assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{command}: {text:?}");
        }
    }
}

#[test]
fn every_command_is_listed() {
    let listed = listed();
    assert!(COMMANDS.iter().all(|command| listed.iter().any(|name| name == command)), "{listed:?}");
}

#[test]
fn help_is_found_by_every_door() {
    let page = run("run --help").stdout;
    assert_eq!(run("help run").stdout, page);
    assert_eq!(run("run -h").stdout, page);
    assert_eq!(run("--lang=zh help").stdout, run("--help --lang zh").stdout);
    run_with("help", "bogus").failed(2, &["bogus", "run, test"]);
}

#[test]
fn the_version_is_the_packages() {
    let expected = format!("handshake {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(run("--version").fine().stdout, expected);
    assert_eq!(run("-V").fine().stdout, expected);
}

#[test]
fn completions_know_commands_and_options() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = run(&format!("completions {shell}"));
        script.fine();
        for word in COMMANDS.iter().chain(&["lang", "seed", "pace"]) {
            assert!(script.stdout.contains(word), "{shell}: no {word}");
        }
        if ["bash", "zsh", "fish"].contains(&shell) {
            assert!(script.stdout.contains("third-ack-lost-then-data"), "{shell}: no scenario names");
        }
    }
    run("completions csh").failed(2, &["csh", "bash", "fish"]);
}

#[test]
fn manual_pages_are_roff() {
    let page = run("man");
    assert!(page.fine().stdout.contains(".TH handshake 1"));
    for command in COMMANDS {
        let page = run(&format!("man {command} --lang zh"));
        assert!(page.fine().stdout.contains(&format!(".TH handshake-{command} 1")), "{}", page.stdout);
    }
}
