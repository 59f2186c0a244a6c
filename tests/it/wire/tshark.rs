//! Wireshark's opinion: of the files that we write, and of the files that we read.

use handshake::time::Instant;
use handshake::wire::capture::{PcapngWriter, Reader};
use handshake::wire::{Datagram, Defect, Flags, LinkType, Segment, Transport, decode_frame};
use handshake::wire::{SeqNumber, TcpOption};

use super::captures::captures;
use super::{built, ip_v4, ip_v6, syn};
use crate::tool::{find, tshark_fields};

/// Checks that tshark verifies every checksum, which it does not by itself.
const VERIFY: [&str; 6] =
    ["-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE"];

#[test]
fn files_that_we_write_are_read_as_they_were_meant() {
    let Some(tshark) = find("tshark") else { return };
    let answer = Segment {
        src_port: 80,
        dst_port: 49152,
        ack: SeqNumber(1001),
        flags: Flags::SYN | Flags::ACK,
        ..syn()
    };
    let mut many = syn();
    assert!(many.options.push(&TcpOption::UserTimeout(0x8005)));
    assert!(many.options.push(&TcpOption::FastOpen(&[1, 2, 3, 4, 5, 6, 7, 8])));
    let udp = Transport::Udp(Datagram { src_port: 40000, dst_port: 40001, ..Datagram::default() });
    let packets = [
        (ip_v4(), Transport::Tcp(syn()), &b""[..], Some("the client asks to open")),
        (ip_v4(), Transport::Tcp(answer), b"", Some("第二次握手：丢失\nlost")),
        (ip_v6(), Transport::Tcp(many), b"odd", None),
        (ip_v6(), udp, b"datagram", Some("")),
        (ip_v4(), udp, b"x", None),
    ];
    let mut writer = PcapngWriter::new(Vec::new()).unwrap();
    let near = writer.add_interface(LinkType::RawIp, "near").unwrap();
    let far = writer.add_interface(LinkType::Ethernet, "far 远端").unwrap();
    for (number, (ip, transport, payload, comment)) in packets.iter().enumerate() {
        let at = Instant::from_nanos(1_700_000_000_000_000_001 + number as u64 * 1_000_000_007);
        let packet = built(ip, transport, payload);
        let ethertype: &[u8] = if ip.src.is_ipv4() { &[8, 0] } else { &[0x86, 0xdd] };
        let frame = [&[2; 12], ethertype, &packet].concat();
        writer.write(near, at, &packet, *comment).unwrap();
        writer.write(far, at, &frame, None).unwrap();
    }
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("written.pcapng");
    std::fs::write(&file, writer.finish().unwrap()).unwrap();
    let fields = [
        "frame.number",
        "frame.time_epoch",
        "frame.interface_name",
        "frame.comment",
        "frame.protocols",
        "tcp.flags",
        "tcp.options",
        "_ws.malformed",
        "ip.checksum.status",
        "tcp.checksum.status",
        "udp.checksum.status",
        "_ws.expert.severity",
    ];
    let rows = tshark_fields(&tshark, &file, &VERIFY, &fields);
    assert_eq!(rows.len(), packets.len() * 2);
    for (index, row) in rows.iter().enumerate() {
        let (ip, transport, _, comment) = &packets[index / 2];
        let far = index % 2 == 1;
        assert_eq!(row[0], (index + 1).to_string());
        let nanos = 1_700_000_000_000_000_001 + (index as u64 / 2) * 1_000_000_007;
        assert_eq!(row[1], format!("{}.{:09}", nanos / 1_000_000_000, nanos % 1_000_000_000));
        assert_eq!(row[2], if far { "far 远端" } else { "near" });
        let comment = if far { None } else { comment.map(|text| text.replace('\n', "\\n")) };
        assert_eq!(row[3], comment.unwrap_or_default());
        assert_eq!(row[4].contains("ethertype"), far, "{row:?}");
        if let Transport::Tcp(segment) = transport {
            assert_eq!(row[5], format!("0x{:04x}", segment.flags.bits()));
            let octets: Vec<String> =
                segment.options.as_bytes().iter().map(|octet| format!("{octet:02x}")).collect();
            assert!(row[6].starts_with(&octets.concat()), "{row:?}");
            assert_eq!(row[9], "1", "{row:?}");
        } else {
            assert_eq!(row[10], "1", "{row:?}");
        }
        assert_eq!(row[7], "", "{row:?}");
        assert_eq!(row[8], if ip.src.is_ipv4() { "1" } else { "" });
    }
}

/// What a field of tshark holds: a number in decimal or hexadecimal.
fn number(text: &str) -> Option<u32> {
    text.strip_prefix("0x").map_or_else(|| text.parse().ok(), |hex| u32::from_str_radix(hex, 16).ok())
}

#[test]
fn files_that_others_wrote_are_read_as_wireshark_reads_them() {
    let Some(tshark) = find("tshark") else { return };
    let fields = [
        "frame.number",
        "frame.time_epoch",
        "frame.len",
        "ip.len",
        "tcp.seq_raw",
        "tcp.ack_raw",
        "tcp.window_size_value",
        "tcp.flags",
        "tcp.len",
        "tcp.checksum",
        "ip.ttl",
        "ip.id",
        "tcp.srcport",
        "udp.srcport",
    ];
    let mut compared = 0;
    // "cut-off.pcap" is not among them: of that, tshark complains.
    for name in [
        "loopback.pcap",
        "loopback.pcapng",
        "loopback-ipv6-nanoseconds.pcap",
        "any-cooked.pcap",
        "any-cooked-v2.pcap",
        "big-endian.pcap",
        "big-endian.pcapng",
        "raw-ip.pcap",
        "bsd-null.pcap",
        "bsd-null-big-endian.pcap",
        "bsd-loop.pcap",
        "snaplen-60.pcap",
        "vlan.pcap",
        "veth-fragments.pcap",
    ] {
        let file = captures().join(name);
        // Fragments are not to be joined, so that a row tells about one packet.
        let apart = [
            "-o",
            "ip.defragment:FALSE",
            "-o",
            "ipv6.defragment:FALSE",
            "-o",
            "tcp.relative_sequence_numbers:FALSE",
        ];
        let rows = tshark_fields(&tshark, &file, &apart, &fields);
        let mut reader = Reader::open(std::fs::File::open(&file).unwrap()).unwrap();
        for row in &rows {
            let record = reader.next_record().unwrap().unwrap();
            assert_eq!(number(&row[0]), Some(record.number as u32));
            if !row[1].is_empty() {
                let nanos = record.at.as_nanos();
                assert_eq!(
                    row[1],
                    format!("{}.{:09}", nanos / 1_000_000_000, nanos % 1_000_000_000),
                    "{name}"
                );
            }
            assert_eq!(number(&row[2]), Some(record.original_len), "{name}");
            let packet = record.packet().unwrap();
            if packet.ip.src.is_ipv4() {
                assert_eq!(number(&row[3]), Some(packet.ip.total_len), "{name}");
                assert_eq!(number(&row[10]), Some(packet.ip.ttl.into()));
                assert_eq!(number(&row[11]), Some(packet.ip.id.into()));
            }
            match packet.transport {
                Transport::Tcp(segment) => {
                    let ours = [
                        segment.seq.0,
                        segment.ack.0,
                        segment.window.into(),
                        segment.flags.bits().into(),
                        segment.len,
                        segment.checksum.into(),
                    ];
                    let theirs: Vec<_> = row[4..10].iter().filter_map(|text| number(text)).collect();
                    assert_eq!(theirs, ours, "{name} {row:?}");
                    assert_eq!(number(&row[12]), Some(segment.src_port.into()));
                    compared += 1;
                }
                Transport::Udp(datagram) => {
                    // Of a first fragment alone tshark reads no transport header.
                    if !packet.defects.contains(Defect::FirstFragment) {
                        assert_eq!(number(&row[13]), Some(datagram.src_port.into()));
                    }
                }
                Transport::Other { .. } => assert!(packet.defects.contains(Defect::Fragment)),
            }
            let _ = decode_frame(record.link, record.data);
        }
        assert!(reader.next_record().unwrap().is_none(), "{name}");
    }
    assert!(compared > 100, "{compared}");
}
