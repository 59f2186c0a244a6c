//! `handshake read` on captures of every kind, and on what is none.

use std::process::Stdio;

use super::program::{command, file, finish, run, run_fed, run_with};

const LOOPBACK: &str = "tests/data/loopback.pcap";

fn loopback() -> Vec<u8> {
    std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/loopback.pcap")).unwrap()
}

#[test]
fn a_real_capture_is_summed_up() {
    let ran = run(&format!("read {LOOPBACK}"));
    let text = &ran.fine().stdout;
    assert!(text.starts_with("tests/data/loopback.pcap: 32 TCP packets in "), "{text}");
    assert_eq!(text.matches("\n#").count(), 4, "{text}");
    assert!(text.contains("#0  127.0.0.1:56646 → 127.0.0.1:39123  closed"), "{text}");
    assert!(text.contains("client  TIME-WAIT      6 packets, 2 bytes"), "{text}");
    assert!(text.contains("server  CLOSED         4 packets, 500 bytes"), "{text}");
    assert!(text.contains("connection refused"), "{text}");
    for false_finding in ["retransmission", "duplicate", "out of order", "wrong checksum", "not captured"] {
        assert!(!text.contains(false_finding), "{false_finding} in:\n{text}");
    }
    let chinese = run(&format!("read {LOOPBACK} --lang zh --width 40"));
    assert!(chinese.fine().stdout.contains("客户端  TIME-WAIT"), "{}", chinese.stdout);
}

#[test]
fn filters_choose_connections_and_keep_their_numbers() {
    let one = run(&format!("read {LOOPBACK} --port 39124")).stdout;
    assert!(one.contains("#3  ") && !one.contains("#0  "), "{one}");
    let none = run(&format!("read {LOOPBACK} --host 10.1.2.3"));
    assert!(none.fine().stdout.contains("No connection uses"), "{}", none.stdout);
    let all = run(&format!("read {LOOPBACK} --host 127.0.0.1")).stdout;
    assert_eq!(all.matches("\n#").count(), 4);
    run(&format!("read {LOOPBACK} --connection 4")).failed(2, &["no connection 4", "the last one is 3"]);
}

#[test]
fn tsv_has_a_line_a_packet() {
    let ran = run(&format!("read {LOOPBACK} --format tsv"));
    let rows: Vec<Vec<&str>> = ran.fine().stdout.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(rows.len(), 33);
    let columns = rows[0].len();
    assert!(rows.iter().all(|row| row.len() == columns));
    let column = |name: &str| rows[0].iter().position(|head| *head == name).unwrap();
    let flags: Vec<&str> = rows[1..11].iter().map(|row| row[column("flags")]).collect();
    assert_eq!(flags, ["S", "S.", ".", "P.", ".", "P.", ".", "F.", "F.", "."]);
    // The numbers that tcpdump prints for the same file.
    assert_eq!(rows[1][column("seq")], "2524067357");
    assert_eq!(rows[2][column("ack")], "2524067358");
    assert_eq!(rows[6][column("rel_seq")], "1");
    assert_eq!(rows[6][column("len")], "500");
    assert_eq!(rows[10][column("rel_ack")], "502");
    assert_eq!(rows[32][column("stream")], "3");
    let one = run(&format!("read {LOOPBACK} --format tsv --connection 1"));
    assert_eq!(one.stdout.lines().count(), 11);
}

#[test]
fn json_lines_begin_with_the_schema() {
    let ran = run(&format!("read {LOOPBACK} --format json"));
    let records: Vec<serde_json::Value> =
        ran.fine().stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(records[0]["schema"], 1);
    assert_eq!(records.len(), 6);
    assert_eq!(records[1]["client"]["state"], "TIME-WAIT");
    assert_eq!(records[4]["outcome"], "refused");
    assert_eq!(records[5]["connections"], 4);
    assert_eq!(records[5]["whole"], true);
}

#[test]
fn stdin_is_a_capture_too() {
    let text = run_fed("read -", &loopback()).fine().stdout.clone();
    assert_eq!(text.matches("\n#").count(), 4);
    run_fed("read -", b"").failed(2, &["empty"]);
}

#[test]
fn what_is_no_capture_is_told_apart() {
    run("read no/such.pcap").failed(2, &["no/such.pcap", "no such file"]);
    run("read src").failed(2, &["src is a directory"]);
    for (name, content, parts) in [
        ("empty.pcap", &b""[..], &["empty.pcap is empty", "tcpdump -U"][..]),
        ("text.pcap", b"To whom it may concern\nhello\n", &["is text", "To whom it may concern", "-w FILE"]),
        ("escape.pcap", b"\x1b[31mred\x07 and more text\n", &["escape.pcap"]),
        ("packed.pcap.gz", b"\x1f\x8b\x08\x00abcdefghijklmnopqrst", &["compressed with gzip", "gzip -dc"]),
        ("picture.pcap", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\0", &["89 50 4e 47", "editcap"]),
        ("short.pcap", b"\xd4\xc3\xb2\xa1\x02\x00", &["ends after 6 bytes"]),
    ] {
        let (_guard, path) = file(name, content);
        let ran = run_with("read", &path);
        ran.failed(2, parts);
        assert!(!ran.stderr.contains('\u{1b}'), "{}", ran.stderr);
        let chinese = run_with("read --lang zh", &path);
        chinese.failed(2, &["错误："]);
    }
}

#[test]
fn a_cut_off_capture_gives_what_is_whole_and_a_note() {
    let whole = loopback();
    let (_guard, path) = file("cut.pcap", &whole[..700]);
    let ran = run_with("read", &path);
    ran.code(0);
    assert!(ran.stdout.contains("5 TCP packets"), "{}", ran.stdout);
    assert!(ran.stderr.contains("note: ") && ran.stderr.contains("ends within record 6"), "{}", ran.stderr);
}

#[test]
fn a_damaged_capture_gives_what_was_good_and_exit_2() {
    let mut damaged = loopback();
    // The captured length of the third record.
    let third = 24 + 2 * (16 + 74);
    damaged[third + 8..third + 12].copy_from_slice(&0x7fff_ffff_u32.to_le_bytes());
    let (_guard, path) = file("damaged.pcap", &damaged);
    let ran = run_with("read", &path);
    ran.code(2);
    assert!(ran.stdout.contains("2 TCP packets"), "{}", ran.stdout);
    assert!(ran.stderr.contains("after 2 good records"), "{}", ran.stderr);
}

#[test]
fn the_input_is_never_written_over() {
    let (_guard, path) = file("x.pcap", &loopback());
    let ran = finish(command("read").arg(&path).arg("-o").arg(&path));
    ran.failed(2, &["would be written over"]);
    assert_eq!(std::fs::read(&path).unwrap(), loopback());
}

#[test]
fn output_goes_to_the_file_asked_for() {
    let (guard, path) = file("x.pcap", &loopback());
    let list = guard.path().join("list.tsv");
    let ran = finish(command("read --format tsv").arg(&path).arg("-o").arg(&list));
    assert_eq!(ran.fine().stdout, "");
    assert_eq!(std::fs::read_to_string(&list).unwrap().lines().count(), 33);
    let nowhere = guard.path().join("no/such/list.tsv");
    finish(command("read").arg(&path).arg("-o").arg(&nowhere)).failed(2, &["directory does not exist"]);
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    for line in ["read tests/data/loopback.pcap --format tsv", "read tests/data/loopback.pcap"] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        finish(command(line).stdout(Stdio::from(writer)).stderr(Stdio::piped())).fine();
    }
}

#[test]
fn a_locale_without_utf_8_gets_ascii_drawings() {
    let ran = finish(command("read tests/data/loopback.pcap").env("LC_ALL", "C"));
    assert!(ran.fine().stdout.is_ascii(), "{}", ran.stdout);
    assert!(ran.stdout.contains("127.0.0.1:56646 > 127.0.0.1:39123"), "{}", ran.stdout);
}
