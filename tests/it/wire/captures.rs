//! Capture files: written and read back, and those that other programs wrote.

use std::path::PathBuf;

use handshake::time::Instant;
use handshake::wire::capture::{CaptureError, Damage, Format, Note, PcapngWriter, Reader};
use handshake::wire::{DecodeError, Defect, Flags, LinkType, decode_frame};

/// A frame as a test keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    pub(super) number: u64,
    pub(super) at: u64,
    pub(super) interface: u32,
    pub(super) link: LinkType,
    pub(super) original_len: u32,
    pub(super) data: Vec<u8>,
    pub(super) comment: Option<String>,
}

/// Where the captures that tests read are; how each was made is told there.
pub(super) fn captures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/captures")
}

pub(super) fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(captures().join(name)).unwrap()
}

/// All records, the notes, and the error that ended reading, if one did.
pub(super) fn read_all(bytes: &[u8]) -> (Vec<Kept>, Vec<Note>, Option<CaptureError>) {
    let mut reader = match Reader::open(bytes) {
        Ok(reader) => reader,
        Err(error) => return (Vec::new(), Vec::new(), Some(error)),
    };
    let mut kept = Vec::new();
    let error = loop {
        match reader.next_record() {
            Ok(Some(record)) => kept.push(Kept {
                number: record.number,
                at: record.at.as_nanos(),
                interface: record.interface,
                link: record.link,
                original_len: record.original_len,
                data: record.data.to_vec(),
                comment: record.comment.map(std::borrow::Cow::into_owned),
            }),
            Ok(None) => break None,
            Err(error) => break Some(error),
        }
    };
    // The end stays the end.
    assert!(reader.next_record().unwrap().is_none());
    (kept, reader.notes().to_vec(), error)
}

pub(super) fn written(frames: &[Kept], links: &[LinkType]) -> Vec<u8> {
    let mut writer = PcapngWriter::new(Vec::new()).unwrap();
    for (index, link) in links.iter().enumerate() {
        assert_eq!(writer.add_interface(*link, &format!("wire{index}")).unwrap() as usize, index);
    }
    for frame in frames {
        let at = Instant::from_nanos(frame.at);
        let comment = frame.comment.as_deref();
        writer.write_cut(frame.interface, at, &frame.data, frame.original_len, comment).unwrap();
    }
    writer.finish().unwrap()
}

pub(super) fn sample() -> Vec<Kept> {
    let frame = |number, at, interface, link, data: &[u8], comment: Option<&str>| Kept {
        number,
        at,
        interface,
        link,
        original_len: data.len() as u32,
        data: data.to_vec(),
        comment: comment.map(str::to_owned),
    };
    vec![
        frame(1, 1, 0, LinkType::Ethernet, b"abc", None),
        frame(2, 1_700_000_000_123_456_789, 1, LinkType::RawIp, b"", Some("lost: 第二次握手")),
        Kept {
            original_len: 9000,
            ..frame(3, u64::MAX, 0, LinkType::Ethernet, &[7; 1501], Some("cut\nby hand"))
        },
        frame(4, 0, 1, LinkType::RawIp, b"12345678", Some("")),
    ]
}

#[test]
fn what_is_written_is_read_back() {
    let bytes = written(&sample(), &[LinkType::Ethernet, LinkType::RawIp]);
    let (kept, notes, error) = read_all(&bytes);
    assert_eq!(kept, sample());
    assert_eq!(notes, []);
    assert!(error.is_none(), "{error:?}");
    let mut reader = Reader::open(&bytes[..]).unwrap();
    while reader.next_record().unwrap().is_some() {}
    assert_eq!(reader.format(), Format::Pcapng);
    let names: Vec<_> = reader.interfaces().iter().map(|interface| interface.name.as_deref()).collect();
    assert_eq!(names, [Some("wire0"), Some("wire1")]);
    assert_eq!(reader.position(), bytes.len() as u64);
}

#[test]
fn a_file_cut_off_anywhere_gives_all_whole_records_and_a_note() {
    let bytes = written(&sample(), &[LinkType::Ethernet, LinkType::RawIp]);
    for len in 28..bytes.len() {
        let (kept, notes, error) = read_all(&bytes[..len]);
        assert!(error.is_none(), "{len}: {error:?}");
        assert_eq!(kept, sample()[..kept.len()], "{len}");
        match notes[..] {
            [] => {}
            [Note::CutOff { record, offset, needed, found }] => {
                assert_eq!(record, kept.len() as u64 + 1);
                assert_eq!(offset + found, len as u64);
                assert!(needed > found);
            }
            ref other => panic!("{len}: {other:?}"),
        }
    }
}

/// The flags of every segment of a file, in tcpdump's letters.
fn letters(kept: &[Kept]) -> Vec<String> {
    kept.iter()
        .map(|record| decode_frame(record.link, &record.data).unwrap())
        .map(|packet| packet.segment().unwrap().flags.letters())
        .collect()
}

/// Handshake, a line there, a line back, close by the client, close by the server; pure ACKs left out,
/// because which of them ride on other segments differs from run to run.
fn assert_conversation(name: &str, kept: &[Kept]) {
    let mut letters = letters(kept);
    letters.retain(|letters| letters != ".");
    assert_eq!(letters, ["S", "S.", "P.", "P.", "F.", "F."], "{name}");
    let texts: Vec<_> = kept
        .iter()
        .map(|record| decode_frame(record.link, &record.data).unwrap().payload)
        .filter(|payload| !payload.is_empty())
        .collect();
    assert_eq!(texts, [b"hello", b"HELLO"], "{name}");
    for record in kept {
        let packet = decode_frame(record.link, &record.data).unwrap();
        // The kernel leaves the checksum of what stays in the machine to a card that never comes; only
        // the last ACK, which no socket sends any more, it finishes itself.
        let defects: Vec<_> = packet.defects.iter().collect();
        let last = packet.segment().unwrap().flags == Flags::ACK;
        assert!(
            defects == [Defect::OffloadedChecksum] || (last && defects.is_empty()),
            "{name}: {defects:?}"
        );
        assert!(packet.ip.src.is_loopback() && packet.ip.dst.is_loopback());
        assert_eq!(
            packet.ip.total_len as usize,
            packet.payload.len()
                + packet.segment().unwrap().header_len()
                + if packet.ip.src.is_ipv4() { 20 } else { 40 }
        );
    }
}

#[test]
fn a_conversation_on_every_link_reads_the_same() {
    let files = [
        ("loopback.pcap", LinkType::Ethernet, Format::Pcap),
        ("loopback.pcapng", LinkType::Ethernet, Format::Pcapng),
        ("loopback-ipv6-nanoseconds.pcap", LinkType::Ethernet, Format::Pcap),
        ("any-cooked.pcap", LinkType::LinuxSll, Format::Pcap),
        ("any-cooked-v2.pcap", LinkType::LinuxSll2, Format::Pcap),
        ("big-endian.pcap", LinkType::Ethernet, Format::Pcap),
        ("big-endian.pcapng", LinkType::Ethernet, Format::Pcapng),
        ("raw-ip.pcap", LinkType::RawIp, Format::Pcap),
        ("bsd-null.pcap", LinkType::BsdNull, Format::Pcap),
        ("bsd-null-big-endian.pcap", LinkType::BsdNull, Format::Pcap),
        ("bsd-loop.pcap", LinkType::BsdLoop, Format::Pcap),
    ];
    for (name, link, format) in files {
        let bytes = fixture(name);
        assert_eq!(Reader::open(&bytes[..]).unwrap().format(), format, "{name}");
        let (mut kept, notes, error) = read_all(&bytes);
        assert!(error.is_none(), "{name}: {error:?}");
        assert!(kept.iter().all(|record| record.link == link), "{name}");
        if name == "big-endian.pcapng" {
            // The simple packets of its second section are cut off at 60 octets.
            assert!(matches!(notes[..], [Note::NoTimes { record: 6, count: 5 }]), "{notes:?}");
            kept.truncate(5);
            assert_eq!(letters(&kept), ["S", "S.", ".", "P.", "."]);
        } else {
            assert_eq!(notes, [], "{name}");
            assert_conversation(name, &kept);
        }
    }
}

#[test]
fn times_are_read_in_every_unit() {
    let (micros, ..) = read_all(&fixture("loopback.pcap"));
    let (big_endian, ..) = read_all(&fixture("big-endian.pcap"));
    assert_eq!(micros, big_endian);
    assert!(micros.iter().all(|record| record.at % 1000 == 0));
    assert!(micros.is_sorted_by_key(|record| record.at));
    let (nanos, ..) = read_all(&fixture("loopback-ipv6-nanoseconds.pcap"));
    assert!(nanos.iter().any(|record| record.at % 1000 != 0));
    // 1/1024 s, counted from an offset of 10^9 s: the same times, less what the unit cannot hold.
    let (coarse, ..) = read_all(&fixture("big-endian.pcapng"));
    for (coarse, exact) in coarse.iter().zip(&micros).take(5) {
        assert!(exact.at - coarse.at < 1_000_000_000 / 1024 + 1, "{} {}", exact.at, coarse.at);
    }
    // A frame without a time has that of the one before.
    assert!(coarse[5..].iter().all(|record| record.at == coarse[4].at));
}

#[test]
fn sections_interfaces_and_comments_are_read() {
    let bytes = fixture("big-endian.pcapng");
    let (kept, ..) = read_all(&bytes);
    let (whole, ..) = read_all(&fixture("loopback.pcap"));
    assert_eq!(kept.len(), whole.len());
    for (index, (ours, original)) in kept.iter().zip(&whole).enumerate() {
        let second = index >= 5;
        assert_eq!(ours.interface, u32::from(second));
        assert_eq!(ours.original_len, original.original_len);
        assert_eq!(ours.comment.as_deref(), (!second).then_some("握手\nsecond comment"));
        let len = if second { original.data.len().min(60) } else { original.data.len() };
        assert_eq!(ours.data, original.data[..len]);
    }
    let mut reader = Reader::open(&bytes[..]).unwrap();
    while reader.next_record().unwrap().is_some() {}
    let interfaces: Vec<_> =
        reader.interfaces().iter().map(|known| (known.name.as_deref(), known.snaplen)).collect();
    assert_eq!(interfaces, [(Some("first"), 0), (Some("second"), 60)]);
    let dumpcap = fixture("loopback.pcapng");
    let mut reader = Reader::open(&dumpcap[..]).unwrap();
    assert!(reader.next_record().unwrap().is_some());
    assert_eq!(reader.interfaces()[0].name.as_deref(), Some("lo"));
}

#[test]
fn a_cut_off_file_gives_what_is_whole() {
    let (whole, ..) = read_all(&fixture("loopback.pcap"));
    let (kept, notes, error) = read_all(&fixture("cut-off.pcap"));
    assert!(error.is_none(), "{error:?}");
    assert_eq!(kept, whole[..whole.len() - 1]);
    let [Note::CutOff { record, needed, found, .. }] = notes[..] else { panic!("{notes:?}") };
    assert_eq!((record as usize, needed, found), (whole.len(), 82, 62));
}

#[test]
fn frames_that_the_capture_cut_are_known_to_be_longer() {
    let (kept, ..) = read_all(&fixture("snaplen-60.pcap"));
    let mut letters = Vec::new();
    for record in &kept {
        assert!(record.data.len() <= 60 && record.data.len() < record.original_len as usize);
        let packet = decode_frame(record.link, &record.data).unwrap();
        assert!(packet.defects.contains(Defect::CutOff), "{packet:?}");
        assert!(
            !packet.defects.contains(Defect::BadChecksum) && !packet.defects.contains(Defect::BadDataOffset)
        );
        let segment = packet.segment().unwrap();
        letters.push(segment.flags.letters());
        assert_eq!(segment.len, if segment.flags.contains(Flags::PSH) { 32 } else { 0 });
        assert!(packet.payload.is_empty());
    }
    letters.retain(|letters| letters != ".");
    assert_eq!(letters, ["S", "S.", "P.", "P.", "F.", "F."]);
}

#[test]
fn vlan_tags_one_or_two_are_gone_past() {
    let (whole, ..) = read_all(&fixture("loopback.pcap"));
    let (tagged, ..) = read_all(&fixture("vlan.pcap"));
    assert_eq!(tagged.len(), 2 * whole.len());
    for (index, record) in tagged.iter().enumerate() {
        let original = &whole[index % whole.len()];
        let tags = if index < whole.len() { 4 } else { 8 };
        assert_eq!(record.data.len(), original.data.len() + tags);
        let untagged = decode_frame(original.link, &original.data);
        assert_eq!(decode_frame(record.link, &record.data), untagged);
    }
}

#[test]
fn a_wire_with_whole_checksums_has_nothing_odd_and_fragments_are_recognised() {
    let (kept, ..) = read_all(&fixture("veth-fragments.pcap"));
    let (mut first, mut later, mut tcp, mut udp) = (0, 0, 0, 0);
    for record in &kept {
        let packet = decode_frame(record.link, &record.data).unwrap();
        let defects: Vec<_> = packet.defects.iter().collect();
        match defects[..] {
            [] if packet.segment().is_some() => tcp += 1,
            [] => udp += 1,
            [Defect::FirstFragment] => first += 1,
            [Defect::Fragment] => later += 1,
            ref other => panic!("{}: {other:?}", record.number),
        }
    }
    // Four datagrams of 3000 octets in three fragments each, four short ones.
    assert_eq!((first, later, udp), (4, 8, 4));
    assert_eq!(tcp, kept.len() - 16);
}

#[test]
fn records_tell_their_packets() {
    let bytes = fixture("loopback.pcap");
    let mut reader = Reader::open(&bytes[..]).unwrap();
    let record = reader.next_record().unwrap().unwrap();
    assert_eq!(record.packet().unwrap().segment().unwrap().flags, Flags::SYN);
    let other = handshake::wire::capture::Record { link: LinkType::Other(9), ..record };
    assert_eq!(other.packet(), Err(DecodeError::UnknownLink { number: 9 }));
}

#[test]
fn damage_is_told_with_its_place() {
    let mut bytes = written(&sample(), &[LinkType::Ethernet, LinkType::RawIp]);
    let (.., first) = (0, bytes.windows(4).position(|w| w == [6, 0, 0, 0]).unwrap());
    bytes[first + 4..first + 8].copy_from_slice(&0x7fff_fff0u32.to_le_bytes());
    let (kept, _, error) = read_all(&bytes);
    assert_eq!(kept, []);
    let Some(CaptureError::Damaged { offset, records: 0, damage }) = error else { panic!("{error:?}") };
    assert_eq!(offset as usize, first);
    assert_eq!(damage, Damage::BlockLength { block_type: 6, claimed: 0x7fff_fff0 });
}
