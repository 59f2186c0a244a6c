//! Capture files written, read back, cut off and damaged.

use handshake::time::Instant;
use handshake::wire::LinkType;
use handshake::wire::capture::{CaptureError, Damage, Format, Note, PcapngWriter, Reader};

/// A frame as a test keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Kept {
    at: u64,
    interface: u32,
    link: LinkType,
    original_len: u32,
    data: Vec<u8>,
    comment: Option<String>,
}

/// All records, the notes, and the error that ended reading, if one did.
fn read_all(bytes: &[u8]) -> (Vec<Kept>, Vec<Note>, Option<CaptureError>) {
    let mut reader = match Reader::open(bytes) {
        Ok(reader) => reader,
        Err(error) => return (Vec::new(), Vec::new(), Some(error)),
    };
    let mut kept = Vec::new();
    let error = loop {
        match reader.next_record() {
            Ok(Some(record)) => kept.push(Kept {
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

fn written(frames: &[Kept], links: &[LinkType]) -> Vec<u8> {
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

fn sample() -> Vec<Kept> {
    let frame = |at, interface, link, data: &[u8], comment: Option<&str>| Kept {
        at,
        interface,
        link,
        original_len: data.len() as u32,
        data: data.to_vec(),
        comment: comment.map(str::to_owned),
    };
    vec![
        frame(1, 0, LinkType::Ethernet, b"abc", None),
        frame(1_700_000_000_123_456_789, 1, LinkType::RawIp, b"", Some("lost: 第二次握手")),
        Kept {
            original_len: 9000,
            ..frame(u64::MAX, 0, LinkType::Ethernet, &[7; 1501], Some("cut\nby hand"))
        },
        frame(0, 1, LinkType::RawIp, b"12345678", Some("")),
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
