//! `handshake lab -w`: what each host sent and got, for Wireshark.

use crate::live::spawn::{finish, handshake, permitted};
use crate::tool;

/// The fields of each packet of a capture: a bad mark, the checksum's state, the comment.
fn fields(tshark: &std::path::Path, capture: &std::path::Path) -> Vec<Vec<String>> {
    let checked = ["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"];
    let fields = ["_ws.malformed", "tcp.checksum.status", "ip.checksum.status", "frame.comment"];
    tool::tshark_fields(tshark, capture, &checked, &fields)
}

#[test]
fn each_host_has_a_capture_without_a_bad_mark() {
    let Some(tshark) = tool::find("tshark") else { return };
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("talk.pcapng");
    for engine in [&[][..], &["--server", "engine"]] {
        let ran = finish(handshake(["lab", "data", "-w"]).arg(&path).args(engine));
        if !permitted(&ran) {
            return;
        }
        ran.code(0);
        for host in ["client", "server"] {
            let packets = fields(&tshark, &directory.path().join(format!("talk.{host}.pcapng")));
            assert_eq!(packets.len(), 9, "{packets:?}");
            for packet in &packets {
                assert_eq!(packet[..3], ["", "1", "1"], "{packets:?}");
            }
            let said: Vec<&str> = packets.iter().map(|packet| packet[3].as_str()).collect();
            assert!(said[0].contains("SYN") && said[0].contains("[RFC 9293 §"), "{said:?}");
            assert!(said[3].contains("1 + 5 = "), "{said:?}");
        }
        assert!(!path.exists());
    }
}

#[test]
fn a_lost_packet_stands_on_its_senders_side_alone_and_says_why() {
    let Some(tshark) = tool::find("tshark") else { return };
    let directory = tempfile::tempdir().unwrap();
    let ran = finish(
        handshake(["lab", "syn-lost", "--lang", "zh", "-w"]).arg(directory.path().join("lost.pcapng")),
    );
    if !permitted(&ran) {
        return;
    }
    ran.code(0);
    let client = fields(&tshark, &directory.path().join("lost.client.pcapng"));
    let server = fields(&tshark, &directory.path().join("lost.server.pcapng"));
    assert_eq!((client.len(), server.len()), (4, 3), "{client:?} {server:?}");
    assert!(client[0][3].contains("丢"), "{client:?}");
    assert_eq!(client[1][3], server[0][3]);
}

#[test]
fn a_path_that_cannot_be_is_told_before_the_lab_begins() {
    let ran = finish(&mut handshake(["lab", "keepalive", "-w", "/no/such/directory/talk.pcapng"]));
    if permitted(&ran) {
        ran.code(2).says(&["/no/such/directory/talk.client.pcapng"]);
        assert!(ran.took < std::time::Duration::from_secs(10), "{:?}", ran.took);
        assert_eq!(ran.stdout, "");
    }
}
