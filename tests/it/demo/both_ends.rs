//! `demo NAME` without a role: both ends on a private loopback, and what happened between them.

use std::process::{Command, Output};

use crate::live::spawn::handshake;
use crate::tool::skip;

/// Runs it; `None` (and says so) where this machine permits no private loopback.
fn both(arguments: &str) -> Option<Output> {
    let output = handshake(["demo"].into_iter().chain(arguments.split_whitespace())).output().unwrap();
    if output.status.code() == Some(3) {
        skip(&String::from_utf8_lossy(&output.stderr));
        return None;
    }
    Some(output)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// These words, in this order, in the figure below the ladder.
fn figure_has(output: &Output, title: &str, wanted: &[&str]) {
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let out = text(&output.stdout);
    let mut rest = out.split_once(title).unwrap_or_else(|| panic!("no figure in\n{out}")).1;
    for words in wanted {
        // Columns apart, whatever stands between them.
        let found = rest.lines().position(|line| words.split('|').all(|word| line.contains(word)));
        let found = found.unwrap_or_else(|| panic!("no {words:?} in\n{rest}"));
        rest =
            &rest[rest.lines().take(found + 1).map(|line| line.len() + 1).sum::<usize>().min(rest.len())..];
    }
}

#[test]
fn the_telephone() {
    let Some(output) = both("tcp-echo") else { return };
    figure_has(
        &output,
        "The calls, and the segments they caused:",
        &[
            "buys a telephone|socket()",
            "gives it a number|bind(:9000)",
            "switches it on|listen(5)|LISTEN",
            "accept() ...",
            "SYN-SENT|connect(:9000)|SYN ",
            "ESTABLISHED|connect() = 0|SYN,ACK",
            "ACK|accept() = |ESTABLISHED",
            "send(11)|11 bytes|recv() = 11",
            "recv() = 2|2 bytes|send(2)",
            "close()|FIN,ACK|recv() = 0|CLOSE-WAIT",
            "TIME-WAIT|FIN,ACK|LAST-ACK",
            "Opening: 3 segments",
        ],
    );
    let out = text(&output.stdout);
    // The ladder above explains by the simulator's rules. The listener stays long enough for the kernel to
    // be asked; ESTABLISHED may be shorter than a poll, and is then inferred (▹).
    assert!(
        out.contains("RFC 9293 §3.10.7.4")
            && out.contains("▸ LISTEN")
            && (out.contains("▸ ESTABLISHED") || out.contains("▹ ESTABLISHED")),
        "{out}"
    );
    // Every call of the lecture is there.
    let calls =
        ["socket() = ", "bind(127.0.0.1:9000)", "listen(5)", "accept()", "connect()", "send(11)", "close()"];
    for call in calls {
        assert!(out.contains(&format!(" {call}")), "no {call} in\n{out}");
    }
    // What the programs said is no part of the data.
    let err = text(&output.stderr);
    assert!(err.contains("server: hello world\n") && err.contains("client: hi\n"), "{err}");
    assert!(!out.contains("Bye."), "{out}");
}

#[test]
fn chats_in_chinese_and_datagrams() {
    let Some(output) = both("tcp-chat --lang zh --framed --say 你好 --say 再见") else { return };
    let title = "各个调用，以及它们引起的报文段：";
    figure_has(
        &output,
        title,
        &[
            "手机待机|listen(5)",
            "connect(:8081)",
            "send(10)|10 字节|recv() = 10",
            "recv() = 10",
            "send(10)",
            "FIN,ACK",
        ],
    );
    let Some(output) = both("udp-chat --lang zh") else { return };
    let title = "各个调用，以及它们发出的数据报：";
    figure_has(&output, title, &["bind(:8081)", "sendto(6)|UDP 6 字节|recvfrom() = 6", "UDP 没有状态"]);
    // The client is bound to no address, and yet it is known whose the datagrams are.
    assert!(text(&output.stdout).lines().next().unwrap().contains(" client 127.0.0.1:"));
    let err = text(&output.stderr);
    assert!(err.contains("client: 来自[127.0.0.1:8081]乔治的一条消息：在呢"), "{err}");
    let Some(output) = both("udp-echo --answer pong") else { return };
    figure_has(
        &output,
        "The calls, and the datagrams they sent:",
        &["sendto(8)|UDP 8 bytes", "recvfrom() = 4|UDP 4 bytes|sendto(4)", "Datagrams: 2."],
    );
}

#[test]
fn messages_that_stick_together_are_one_segment() {
    let Some(output) = both("tcp-chat --together one --together two") else { return };
    figure_has(
        &output,
        "The calls, and the segments they caused:",
        &["send(3)", "send(3)|6 bytes|recv() = 6", "recv() = 6|6 bytes|send(6)"],
    );
    assert!(text(&output.stderr).contains("they stick together"));
}

#[test]
fn other_formats_and_styles() {
    let Some(output) = both("tcp-echo --format json") else { return };
    let out = text(&output.stdout);
    assert!(out.starts_with("{\"schema\":1,"), "{out}");
    for line in out.lines() {
        assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "{line}");
    }
    assert!(out.contains("\"call\":\"listen\"") && out.contains("\"flags\":\"S.\""), "{out}");
    let Some(output) = both("tcp-echo --style tcpdump") else { return };
    let out = text(&output.stdout);
    assert!(out.contains("Flags [S.]") && !out.contains("telephone"), "{out}");
}

#[test]
fn nothing_is_left_behind() {
    // Words that no other test uses, to know these processes among all.
    let Some(output) = both("tcp-chat --say=left-behind-nowhere") else { return };
    assert_eq!(output.status.code(), Some(0));
    let processes = Command::new("ps").args(["-eo", "args"]).output().unwrap();
    let processes = text(&processes.stdout);
    assert!(!processes.contains("left-behind-nowhere"), "{processes}");
}
