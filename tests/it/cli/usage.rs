//! Arguments that cannot be understood: exit 2, what was found, what was expected, the way out.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::process::Stdio;

use super::program::{command, finish, run, run_with};

#[test]
fn mistakes_are_told_with_the_way_out() {
    for (line, parts) in [
        ("run three-way --seed x", &["--seed", "\"x\"", "whole number"][..]),
        ("run three-way --seed -1", &["-1"]),
        ("run three-way --pace 3y", &["--pace", "\"3y\"", "2x"]),
        ("run three-way --width 5", &["--width", "\"5\"", "20 to 1000"]),
        ("run three-way --step --pace 2x", &["--step", "--pace", "together"]),
        ("run three-way --format xml", &["--format", "\"xml\"", "text, json"]),
        ("run three-way --forma json", &["--forma", "Did you mean --format?"]),
        ("run three-way --profile lunix", &["lunix", "rfc9293, linux, classic", "Did you mean linux?"]),
        ("run", &["Missing", "NAME|FILE"]),
        ("run a b", &["b"]),
        ("runn three-way", &["\"runn\"", "Did you mean run?"]),
        ("run three-way --lang", &["--lang", "needs a value"]),
        ("run three-way --lang de", &["\"de\"", "en, zh"]),
        ("read x.pcap --port 70000", &["--port", "70000", "0 to 65535"]),
        ("read x.pcap --host nobody", &["--host", "nobody", "10.0.0.1"]),
        ("read x.pcap --connection first", &["--connection", "such as 0"]),
        ("lab three-way --limit long", &["--limit", "\"long\"", "seconds such as 5"]),
        ("watch --duration long -- true", &["--duration", "seconds such as 5"]),
        ("capture --count 0", &["--count", "\"0\"", "whole number from 1"]),
    ] {
        run(line).failed(2, parts).failed(2, &["error:", "--help"]);
        let chinese = run(&format!("--lang zh {line}"));
        // The last --lang wins, as far as it is one.
        let expected = if line.contains("--lang") { "" } else { "错误：" };
        chinese.failed(2, &[expected]);
    }
}

#[test]
fn hostile_arguments_reach_the_terminal_as_text() {
    let ran = run_with("run --seed", "\u{1b}[31mred\u{7}");
    ran.failed(2, &["\\x1b[31mred"]);
    assert!(!ran.stderr.contains('\u{1b}'));
    let mut not_utf8 = command("run");
    not_utf8.arg(OsStr::from_bytes(b"\xff\xfe"));
    finish(&mut not_utf8).failed(2, &["UTF-8"]);
}

#[test]
fn the_locale_chooses_the_language() {
    for (name, value, chinese) in [
        ("LANG", "zh_CN.UTF-8", true),
        ("LC_MESSAGES", "zh_TW.UTF-8", true),
        ("LC_ALL", "zh", true),
        ("LANG", "de_DE.UTF-8", false),
        ("LANG", "C", false),
    ] {
        let ran = finish(command("bogus").env(name, value));
        ran.code(2);
        assert_eq!(ran.stderr.contains("没有"), chinese, "{name}={value}: {}", ran.stderr);
    }
    let first_wins = finish(command("bogus").env("LC_ALL", "en_US.UTF-8").env("LANG", "zh_CN.UTF-8"));
    assert!(first_wins.stderr.contains("error:"));
    let argument_wins = finish(command("bogus --lang en").env("LANG", "zh_CN.UTF-8"));
    assert!(argument_wins.stderr.contains("error:"));
}

#[test]
fn a_closed_pipe_is_no_error() {
    for line in ["--help", "list", "completions bash", "man"] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let ran = finish(command(line).stdout(Stdio::from(writer)).stderr(Stdio::piped()));
        ran.fine();
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_file_that_is_not_there_is_told_alike_everywhere() {
    for line in ["read /nosuch", "run /nosuch", "test /nosuch", "demo udp-chat client --friends /nosuch"] {
        run(line).failed(2, &["/nosuch: there is no such file."]);
        run(&format!("--lang zh {line}")).failed(2, &["/nosuch：没有这个文件。"]);
    }
}
