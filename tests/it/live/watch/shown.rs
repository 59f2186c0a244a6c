//! What is shown: both languages, 80 columns, nothing that a terminal would obey, and the capture file.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;

use unicode_width::UnicodeWidthStr;

use super::super::spawn::{finish, handshake, permitted};
use super::{CLIENT, SERVER, Scripts, watch};
use crate::tool;

const SCRIPTS: [(&str, &str); 2] = [("server.py", SERVER), ("client.py", CLIENT)];

fn is_plain(text: &str) -> bool {
    text.chars().all(|c| c == '\n' || !c.is_control())
}

#[test]
fn calls_stand_beside_segments_in_both_languages_and_80_columns() {
    for (lang, ends, chinese) in
        [("en", "The program ends with exit code 0.", false), ("zh", "程序结束，退出码 0。", true)]
    {
        let Some(ran) = watch(&format!("--lang {lang} --live always"), &SCRIPTS) else { return };
        ran.code(0);
        let text = &ran.stdout;
        for part in
            ["server.py 127.0.0.1:9000", "connect()", "accept()", "SYN,ACK", "TIME-WAIT", "listen(5)", ends]
        {
            assert!(text.contains(part), "no {part} in\n{text}");
        }
        for line in text.lines().chain(ran.stderr.lines()) {
            assert!(line.width() <= 80, "{} columns: {line}", line.width());
        }
        assert!(is_plain(text) && is_plain(&ran.stderr));
        assert!(!text.contains('⟦') && !ran.stderr.contains('⟦'), "{text}\n{}", ran.stderr);
        let has_chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..'\u{9fff}').contains(&c));
        assert_eq!((has_chinese(text), has_chinese(&ran.stderr)), (chinese, chinese));
        for part in ["server.py  accept() …", "client.py  connect(127.0.0.1:9000) = 0", "SYN-SENT"] {
            assert!(ran.stderr.contains(part), "no {part} in\n{}", ran.stderr);
        }
        let live = ran.stderr.lines().find(|line| line.contains("  SYN seq=")).unwrap();
        assert!(live.contains("client.py:") && live.contains(" → server.py:9000"), "{live}");
    }
}

#[test]
fn programs_keep_their_own_output_and_data_stays_apart_from_it() {
    let scripts =
        [("server.py", &*(SERVER.to_owned() + "print('server says bye')\n")), ("client.py", CLIENT)];
    let Some(ran) = watch("", &scripts) else { return };
    assert!(ran.code(0).stdout.contains("server says bye"));
    let Some(ran) = watch("--format json", &scripts) else { return };
    ran.code(0).says(&["server says bye"]);
    assert!(!ran.stdout.contains("server says bye"));
    assert!(ran.stdout.lines().all(|line| line.starts_with('{') && line.ends_with('}')));
}

#[test]
fn hostile_text_is_shown_and_never_obeyed() {
    let server = r#"
import socket
s = socket.create_server(("127.0.0.1", 9000)); c, _ = s.accept()
c.sendall(b"\x1b]0;gotcha\x07\x1b[2J\r\nred"); c.close()
"#;
    let client = r#"
import socket
c = socket.create_connection(("127.0.0.1", 9000))
while c.recv(99): pass
"#;
    let scripts = [("ser\x1b[31mver\n.py", server), ("cli\u{202e}ent.py", client)];
    let Some(ran) = watch("--live always", &scripts) else { return };
    ran.code(0);
    assert!(is_plain(&ran.stdout), "{:?}", ran.stdout);
    assert!(is_plain(&ran.stderr) && !ran.stderr.contains('\u{202e}'), "{:?}", ran.stderr);
    assert!(ran.stderr.contains("ser\\x1b[31mver\\n.py"), "{}", ran.stderr);
    let Some(ran) = watch("--format json", &scripts) else { return };
    assert!(is_plain(&ran.code(0).stdout));
    assert_eq!(ran.timeline().hosts[0].name, "ser\x1b[31mver\n.py");
}

#[test]
fn a_program_may_have_any_name() {
    let directory = tempfile::tempdir().unwrap();
    let program = directory.path().join(OsStr::from_bytes(b"new\nline \xff\x1b[0m"));
    std::fs::write(&program, "#!/bin/sh\nexit 5\n").unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let ran = finish(handshake(["watch", "--live", "always", "--"]).arg(&program));
    if permitted(&ran) {
        ran.code(1).says(&["new\\nline", "exit code 5"]);
        assert!(is_plain(&ran.stderr), "{:?}", ran.stderr);
    }
}

#[test]
fn names_can_be_given() {
    let Some(ran) = watch("--names 服务器,客户 --lang zh", &SCRIPTS) else { return };
    ran.code(0).says(&["服务器：退出码 0", "客户：退出码 0"]);
    assert!(ran.stdout.contains("服务器 127.0.0.1:9000"), "{}", ran.stdout);
}

#[test]
fn the_capture_file_pleases_tshark() {
    let Some(tshark) = tool::find("tshark") else { return };
    let scripts = Scripts::new(&SCRIPTS);
    let file = scripts.path("talk.pcapng");
    let ran = finish(&mut scripts.watch(&format!("-w {}", file.display()), &["server.py", "client.py"]));
    if !permitted(&ran) {
        return;
    }
    ran.code(0);
    let fields = ["frame.number", "tcp.flags.str", "tcp.checksum.status", "_ws.malformed", "frame.comment"];
    let checked = ["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"];
    let packets = tool::tshark_fields(&tshark, &file, &checked, &fields);
    assert!(packets.len() >= 9, "{packets:?}");
    for packet in &packets {
        assert_eq!((packet[2].as_str(), packet[3].as_str()), ("1", ""), "{packet:?}");
    }
    assert!(packets[0][1].contains('S') && packets[0][4].contains("asks to open"), "{:?}", packets[0]);
}
