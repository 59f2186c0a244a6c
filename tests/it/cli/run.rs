//! `handshake run`: what it prints, writes and waits for.

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;
use std::time::{Duration, Instant};

use handshake::scenario::builtin;
use unicode_width::UnicodeWidthStr;

use super::program::{command, file, finish, run, run_fed, run_with};
use crate::tool;

const THREE_WAY: &str = include_str!("../../../scenarios/three-way.toml");

#[test]
fn every_scenario_runs_in_both_languages() {
    for (name, _) in builtin() {
        for (lang, chinese) in [("en", false), ("zh", true)] {
            let ran = run(&format!("run {name} --lang {lang}"));
            let text = &ran.fine().stdout;
            assert!(text.lines().count() > 5, "{name}: {text}");
            assert!(!text.contains('⟦'), "{name} {lang}: a text is missing:\n{text}");
            let has_chinese = text.chars().any(|letter| ('\u{4e00}'..'\u{9fff}').contains(&letter));
            assert_eq!(has_chinese, chinese, "{name} {lang}:\n{text}");
            for line in text.lines() {
                assert!(line.width() <= 80, "{name} {lang}: {} columns: {line}", line.width());
            }
        }
    }
}

#[test]
fn the_same_run_twice_is_identical() {
    for line in ["run three-way", "run three-way --format json", "run three-way --seed 7 --profile linux"] {
        assert_eq!(run(line).fine().stdout, run(line).fine().stdout, "{line}");
    }
}

#[test]
fn the_first_line_is_enough_for_head() {
    let mut child = command("run three-way").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    BufReader::with_capacity(1, child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert_eq!(first, "The three-way handshake\n");
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()));
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    finish(command("run three-way").stdout(Stdio::from(writer)).stderr(Stdio::piped())).fine();
}

#[test]
fn narrow_terminals_get_narrow_ladders() {
    for (name, value, arguments) in
        [("COLUMNS", "40", "run three-way"), ("X", "", "run three-way --width 40 --lang zh")]
    {
        let ran = finish(command(arguments).env(name, value));
        for line in ran.fine().stdout.lines() {
            assert!(line.width() <= 40, "{} columns: {line}", line.width());
        }
    }
    let bad = finish(command("run three-way").env("COLUMNS", "many"));
    assert_eq!(bad.fine().stdout, run("run three-way").stdout);
}

#[test]
fn colour_is_asked_for_or_not_there() {
    let plain = run("run three-way").fine().stdout.clone();
    assert!(!plain.contains('\u{1b}'));
    for (variable, arguments, colored) in [
        ("NO_COLOR", "run three-way", false),
        ("CLICOLOR_FORCE", "run three-way", true),
        ("CLICOLOR_FORCE", "run three-way --color never", false),
        ("NO_COLOR", "run three-way --color always", true),
    ] {
        let ran = finish(command(arguments).env(variable, "1"));
        assert_eq!(ran.fine().stdout.contains('\u{1b}'), colored, "{variable} {arguments}");
        // Colour is never the only signal: without it every word is still there.
        assert_eq!(without_escapes(&ran.stdout), plain, "{variable} {arguments}");
    }
    let both = finish(command("run three-way").env("NO_COLOR", "1").env("CLICOLOR_FORCE", "1"));
    assert!(!both.fine().stdout.contains('\u{1b}'));
}

fn without_escapes(text: &str) -> String {
    let mut plain = String::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if letter == '\u{1b}' {
            letters.by_ref().find(char::is_ascii_alphabetic);
        } else {
            plain.push(letter);
        }
    }
    plain
}

#[test]
fn a_locale_without_utf_8_gets_ascii() {
    for locale in ["C", "POSIX", "en_US.ISO-8859-1"] {
        let ran = finish(command("run three-way").env("LC_ALL", locale));
        assert!(ran.fine().stdout.is_ascii(), "{locale}: {}", ran.stdout);
        assert!(ran.stdout.contains("-- SYN seq=1000"), "{}", ran.stdout);
    }
    let unicode = finish(command("run three-way").env("LC_ALL", "C.UTF-8"));
    assert!(!unicode.fine().stdout.is_ascii());
}

#[test]
fn a_dead_fault_is_told_after_the_timeline_and_exits_2() {
    let dead = format!("{THREE_WAY}\n[[fault]]\nmatch = \"client FIN #1\"\nact = \"lose\"\n");
    let (_guard, path) = file("dead.toml", dead.as_bytes());
    let ran = run_with("run", &path);
    ran.code(2);
    assert!(ran.stdout.contains("SYN,ACK"), "{}", ran.stdout);
    for part in ["dead.toml:", "match = \"client FIN #1\"", "never touched a packet"] {
        assert!(ran.stderr.contains(part), "no {part:?} in:\n{}", ran.stderr);
    }
    // With another stack than the scenario's, that is worth a word, but no mistake.
    let other = run_with("run --profile linux", &path);
    other.code(0);
    assert!(other.stderr.contains("never touched a packet"), "{}", other.stderr);
}

#[test]
fn what_is_written_is_read_back_by_us_and_by_tshark() {
    for (name, _) in builtin() {
        let (guard, _) = file("unused", b"");
        let path = guard.path().join("run.pcapng");
        finish(command("run").arg(name).arg("-w").arg(&path)).fine();
        let back = run_with("read --format json", &path);
        let records = &back.fine().stdout;
        let last: serde_json::Value = serde_json::from_str(records.lines().last().unwrap()).unwrap();
        assert_eq!(last["not_ip"], 0, "{name}");
        let packets = last["frames"].as_u64().unwrap();
        assert!(packets > 0, "{name}");
        assert!(last["findings"].get("bad-checksum").is_none(), "{name}");
        if last["connections"] != 0 {
            let one = run_with("read --connection 0", &path);
            assert!(one.fine().stdout.lines().count() > 3, "{name}: {}", one.stdout);
        }
        let Some(tshark) = tool::find("tshark") else { continue };
        let tshark = std::process::Command::new(tshark)
            .args(["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-T", "fields"])
            .args(["-e", "frame.number", "-e", "frame.comment", "-e", "_ws.malformed"])
            .args(["-e", "tcp.checksum.status", "-r"])
            .arg(&path)
            .output()
            .unwrap();
        assert!(tshark.status.success(), "{}", String::from_utf8_lossy(&tshark.stderr));
        let text = String::from_utf8(tshark.stdout).unwrap();
        let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split('\t').collect()).collect();
        assert_eq!(rows.len() as u64, packets, "{name}: tshark sees\n{text}");
        for row in rows {
            assert_ne!(row[1], "", "{name}: packet {} has no comment", row[0]);
            assert_eq!(row[2], "", "{name}: packet {} is malformed", row[0]);
            assert_ne!(row[3], "0", "{name}: packet {} has a bad checksum", row[0]);
        }
    }
}

#[test]
fn the_capture_never_replaces_the_scenario() {
    let (_guard, path) = file("mine.toml", THREE_WAY.as_bytes());
    finish(command("run").arg(&path).arg("-w").arg(&path)).failed(2, &["would be written over"]);
    finish(command("run").arg(&path).arg("-o").arg(&path)).failed(2, &["would be written over"]);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), THREE_WAY);
    let both = path.with_file_name("both");
    finish(command("run three-way -w").arg(&both).arg("-o").arg(&both)).failed(2, &["Choose another name"]);
    run("run three-way -w no/such/place.pcapng")
        .failed(2, &["no/such/place.pcapng", "directory does not exist"]);
    run("run three-way -w src").failed(2, &["src is a directory"]);
}

#[test]
fn stepping_waits_for_enter_and_stops_at_q() {
    let whole = run("run three-way").fine().stdout.clone();
    let stepped = run_fed("run three-way --step", &b"\n".repeat(200));
    assert_eq!(stepped.code(0).stdout, whole);
    let prompts = stepped.stderr.matches("[Enter: next").count();
    assert!(prompts > 3, "{}", stepped.stderr);
    // Three blocks shown, then enough.
    let stopped = run_fed("run three-way --step", b"\n\n\nq\n");
    assert_eq!(stopped.code(0).stderr.matches("[Enter: next").count(), 4);
    assert!(whole.starts_with(&stopped.stdout) && stopped.stdout.len() < whole.len(), "{}", stopped.stdout);
    // With nobody there to press Enter, the rest is shown.
    assert_eq!(run_fed("run three-way --step", b"\n").code(0).stdout, whole);
    let chinese = run_fed("run three-way --step --lang zh", b"q\n");
    assert!(chinese.code(0).stderr.contains("回车"), "{}", chinese.stderr);
    run("run three-way --step --format json").failed(2, &["--format text"]);
}

#[test]
fn each_step_is_shown_before_the_next_is_asked_for() {
    let mut child = command("run three-way --step")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    // The title stands there before any key; then a key brings the first block.
    assert_eq!(lines.next().unwrap().unwrap(), "The three-way handshake");
    std::io::Write::write_all(&mut stdin, b"\n").unwrap();
    assert!(lines.by_ref().take(4).any(|line| line.unwrap().contains("10.0.0.1:49152")));
    drop(stdin);
    drop(lines);
    let mut rest = String::new();
    child.stderr.take().unwrap().read_to_string(&mut rest).unwrap();
    assert!(child.wait().unwrap().success(), "{rest}");
}

#[test]
fn a_pace_plays_in_scaled_time() {
    let whole = run("run three-way").fine().stdout.clone();
    let began = Instant::now();
    let paced = run("run three-way --pace 0.1x");
    let took = began.elapsed();
    assert_eq!(paced.fine().stdout, whole);
    // The run lasts 21 to 31 ms of its own time; at a tenth of the speed at least 200 ms of ours.
    assert!(took >= Duration::from_millis(200), "{took:?}");
    assert!(took < Duration::from_secs(20), "{took:?}");
}

#[test]
fn json_lines_hold_every_event() {
    let ran = run("run synack-lost --format json");
    let records: Vec<serde_json::Value> =
        ran.fine().stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(records[0]["schema"], 1);
    for record in &records[1..] {
        for field in ["at_ns", "host", "evidence", "kind"] {
            assert!(!record[field].is_null(), "no {field} in {record}");
        }
    }
    let lost: Vec<_> = records.iter().filter(|record| record["kind"] == "lost").collect();
    assert_eq!(lost.len(), 1);
    assert_eq!(lost[0]["flags"], "S.");
    // The same events, whatever the language and the terminal.
    assert_eq!(run("run synack-lost --format json --lang zh --width 40").stdout, ran.stdout);
    let one = run("read tests/data/loopback.pcap --connection 0 --format json");
    assert!(one.fine().stdout.contains("\"to\":\"TIME-WAIT\""), "{}", one.stdout);
}

#[test]
fn other_styles_are_drawn() {
    let tcpdump = run("run three-way --style tcpdump");
    assert!(tcpdump.fine().stdout.contains("Flags [S.], seq 5000, ack 1001"), "{}", tcpdump.stdout);
    let rfc = run("run three-way --style rfc");
    assert!(rfc.fine().stdout.contains("<SEQ=1000><CTL=SYN>"), "{}", rfc.stdout);
    for style in ["tcpdump", "rfc"] {
        assert!(!run(&format!("run three-way --style {style}")).stdout.contains("The three-way handshake"));
    }
}
