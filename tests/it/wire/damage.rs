//! Files that are no captures, and captures that were damaged: clear words, no panic, bounded memory.

use std::io::{self, Read};

use handshake::time::Instant;
use handshake::wire::LinkType;
use handshake::wire::capture::{CaptureError, Damage, Note, PcapngWriter, Reader};
use proptest::prelude::*;

use super::captures::{fixture, read_all};

fn error_of(bytes: &[u8]) -> CaptureError {
    match Reader::open(bytes) {
        Ok(_) => panic!("a capture?"),
        Err(error) => error,
    }
}

#[test]
fn what_is_no_capture_is_told_apart() {
    assert!(matches!(error_of(b""), CaptureError::Empty));
    let printed = "12:00:01.5 IP 10.0.0.1.49152 > 10.0.0.2.80: Flags [S], seq 1000\n12:00:02 IP …\n";
    let CaptureError::Text { start } = error_of(printed.as_bytes()) else { panic!() };
    assert_eq!(start, "12:00:01.5 IP 10.0.0.1.49152 > 10.0.0.2.");
    let CaptureError::Text { start } = error_of("三次握手".as_bytes()) else { panic!() };
    assert_eq!(start, "三次握手");
    // A sample that ends within a character is text all the same.
    let long = format!("x{}", "手".repeat(400));
    assert!(matches!(error_of(long.as_bytes()), CaptureError::Text { .. }));
    let compressed: [(&[u8], _); 4] = [
        (&[0x1f, 0x8b, 8, 0], "gzip"),
        (&[0x28, 0xb5, 0x2f, 0xfd], "zstd"),
        (&[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], "xz"),
        (b"BZh91AY&SY", "bzip2"),
    ];
    for (start, program) in compressed {
        let CaptureError::Compressed { with } = error_of(start) else { panic!("{program}") };
        assert_eq!(with, program);
    }
    let CaptureError::UnknownFormat { start } = error_of(&[0x7f, b'E', b'L', b'F', 2, 1, 1, 0]) else {
        panic!()
    };
    assert_eq!(start, *b"\x7fELF");
    assert!(error_of(&[0, 1]).to_string().contains("starts with 00 01"));
    // snoop, which some systems still write
    assert!(matches!(error_of(b"snoop\0\0\0\0\0\0\x02\0\0\0\x04"), CaptureError::UnknownFormat { .. }));
}

struct Broken;

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other("the disk is gone"))
    }
}

#[test]
fn a_directory_and_a_failing_disk_are_told_apart() {
    let directory = tempfile::tempdir().unwrap();
    if let Ok(file) = std::fs::File::open(directory.path()) {
        assert!(matches!(Reader::open(file).err(), Some(CaptureError::Directory)));
    }
    let Err(error) = Reader::open(Broken) else { panic!() };
    assert!(error.to_string().contains("the disk is gone"));
    // It may also fail later; what was read before stays read.
    let whole = fixture("loopback.pcap");
    let mut reader = Reader::open(whole[..200].chain(Broken)).unwrap();
    assert!(reader.next_record().unwrap().is_some());
    assert!(matches!(reader.next_record(), Err(CaptureError::Io(_))));
    assert!(reader.next_record().unwrap().is_none());
}

#[test]
fn a_file_that_ends_within_its_header() {
    let pcap = fixture("loopback.pcap");
    let pcapng = fixture("loopback.pcapng");
    for (file, needed) in [(&pcap, 24), (&pcapng, 28)] {
        for len in 4..needed {
            let CaptureError::HeaderCutOff { found, needed: told } = error_of(&file[..len]) else {
                panic!("{len}")
            };
            assert_eq!((found, told), (len, needed));
        }
    }
    let (kept, notes, error) = read_all(&pcap[..24]);
    assert!(kept.is_empty() && notes.is_empty() && error.is_none());
}

/// The last note or the error of a file, with how many records came before.
fn fate(bytes: &[u8]) -> (usize, Option<Note>, Option<Damage>) {
    let (kept, notes, error) = read_all(bytes);
    let damage = match error {
        None => None,
        Some(CaptureError::Damaged { damage, .. }) => Some(damage),
        Some(other) => panic!("{other}"),
    };
    (kept.len(), notes.last().copied(), damage)
}

#[test]
fn a_pcap_record_of_absurd_length_is_damage() {
    let mut bytes = fixture("loopback.pcap");
    let second = 24 + 16 + 74;
    bytes[second + 8..second + 12].copy_from_slice(&300_000u32.to_le_bytes());
    let expected = Damage::RecordLength { claimed: 300_000, limit: 262_144 };
    assert_eq!(fate(&bytes), (1, None, Some(expected)));
    // One that could be is a file cut off.
    bytes[second + 8..second + 12].copy_from_slice(&200_000u32.to_le_bytes());
    let (kept, note, damage) = fate(&bytes);
    assert_eq!((kept, damage), (1, None));
    let found = (bytes.len() - second) as u64;
    let expected = Note::CutOff { record: 2, offset: second as u64, needed: 200_016, found };
    assert_eq!(note, Some(expected));
}

/// A little-endian pcapng block.
fn block(kind: u32, body: &[u8]) -> Vec<u8> {
    let len = (body.len() as u32 + 12).to_le_bytes();
    [&kind.to_le_bytes()[..], &len, body, &len].concat()
}

fn section() -> Vec<u8> {
    let mut body = 0x1a2b_3c4d_u32.to_le_bytes().to_vec();
    body.extend([1, 0, 0, 0]);
    body.extend([0xff; 8]);
    block(0x0a0d_0d0a, &body)
}

fn interface() -> Vec<u8> {
    block(1, &[1, 0, 0, 0, 0, 0, 0, 0])
}

/// An enhanced packet block that claims to hold `claimed` octets and holds four.
fn packet(interface: u32, claimed: u32) -> Vec<u8> {
    let mut body = interface.to_le_bytes().to_vec();
    body.extend([0; 8]);
    body.extend(claimed.to_le_bytes());
    body.extend(claimed.to_le_bytes());
    body.extend([1, 2, 3, 4]);
    block(6, &body)
}

#[test]
fn blocks_that_contradict_themselves_are_damage() {
    let before = [section(), interface(), packet(0, 4)].concat();
    let with = |rest: &[u8]| fate(&[&before[..], rest].concat());
    assert_eq!(with(&packet(0, 3)), (2, None, None));
    let contents = Damage::BlockContents { block_type: 6 };
    assert_eq!(with(&packet(0, 400)), (1, None, Some(contents)));
    assert_eq!(with(&packet(0, u32::MAX)), (1, None, Some(contents)));
    let mut trailer = packet(0, 4);
    *trailer.last_mut().unwrap() = 9;
    assert_eq!(with(&trailer), (1, None, Some(contents)));
    for claimed in [0u32, 8, 11, 33, u32::MAX - 3] {
        let mut head = packet(0, 4);
        head[4..8].copy_from_slice(&claimed.to_le_bytes());
        let expected = Damage::BlockLength { block_type: 6, claimed };
        assert_eq!(with(&head), (1, None, Some(expected)), "{claimed}");
    }
    let mut order = section();
    order[8..12].fill(0x55);
    assert_eq!(with(&order), (1, None, Some(Damage::ByteOrder { found: 0x5555_5555 })));
}

#[test]
fn a_block_that_is_not_needed_may_be_of_any_length() {
    // It is gone past, not kept; a file that ends within it is cut off.
    let mut secrets = block(10, &vec![0; 40 << 20]);
    let before = [section(), interface(), packet(0, 4)].concat();
    let whole = [&before[..], &secrets, &packet(0, 4)].concat();
    assert_eq!(fate(&whole), (2, None, None));
    secrets.truncate(100);
    let (kept, note, damage) = fate(&[&before[..], &secrets].concat());
    assert_eq!((kept, damage), (1, None));
    assert!(matches!(note, Some(Note::CutOff { record: 2, found: 100, .. })), "{note:?}");
}

#[test]
fn frames_without_an_interface_are_counted_and_left_out() {
    let none = [section(), packet(0, 4), packet(3, 4)].concat();
    let expected = Note::UnknownInterface { record: 1, interface: 0, count: 2 };
    assert_eq!(fate(&none), (0, Some(expected), None));
    let (kept, notes, _) = read_all(&[section(), interface(), packet(1, 4), packet(0, 4)].concat());
    assert_eq!(notes, [Note::UnknownInterface { record: 1, interface: 1, count: 1 }]);
    // The others keep their numbers.
    assert_eq!((kept.len(), kept[0].number), (1, 2));
    // A new section forgets the interfaces of the one before.
    let two = [section(), interface(), packet(0, 4), section(), packet(0, 4)].concat();
    let expected = Note::UnknownInterface { record: 2, interface: 0, count: 1 };
    assert_eq!(fate(&two), (1, Some(expected), None));
}

#[test]
fn obsolete_packet_blocks_are_noted() {
    let file = [section(), interface(), block(2, &[0; 24]), packet(0, 4)].concat();
    assert_eq!(fate(&file), (1, Some(Note::ObsoletePackets { record: 1, count: 1 }), None));
}

#[test]
fn interfaces_without_end_are_damage() {
    let mut file = section();
    for _ in 0..=1 << 16 {
        file.extend(interface());
    }
    assert_eq!(fate(&file), (0, None, Some(Damage::Interfaces { limit: 1 << 16 })));
}

/// A reader that gives a few octets at a time, and now and then none.
struct Dribble<'a>(&'a [u8], usize);

impl Read for Dribble<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        self.1 = (self.1 * 5 + 1) % 16;
        if self.1 == 3 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let len = (self.1 + 1).min(room.len());
        self.0.read(&mut room[..len])
    }
}

#[test]
fn a_slow_pipe_gives_the_same_records() {
    for name in ["loopback.pcap", "big-endian.pcapng", "vlan.pcap"] {
        let bytes = fixture(name);
        let mut fast = Reader::open(&bytes[..]).unwrap();
        let mut slow = Reader::open(Dribble(&bytes, 0)).unwrap();
        loop {
            let (a, b) = (fast.next_record().unwrap(), slow.next_record().unwrap());
            assert_eq!(a, b);
            if a.is_none() {
                break;
            }
        }
    }
}

#[test]
fn records_longer_than_the_window_are_read_whole() {
    let mut writer = PcapngWriter::new(Vec::new()).unwrap();
    let wire = writer.add_interface(LinkType::RawIp, "wire").unwrap();
    let long: Vec<u8> = (0..3_000_000u32).map(|n| (n * 31) as u8).collect();
    for (number, len) in [10, 3_000_000, 20, 1_048_576, 5].into_iter().enumerate() {
        writer.write(wire, Instant::from_nanos(number as u64), &long[..len], None).unwrap();
    }
    let (kept, notes, error) = read_all(&writer.finish().unwrap());
    assert!(notes.is_empty() && error.is_none());
    let lens: Vec<usize> = kept.iter().map(|record| record.data.len()).collect();
    assert_eq!(lens, [10, 3_000_000, 20, 1_048_576, 5]);
    assert!(kept.iter().all(|record| long.starts_with(&record.data)));
}

fn any_fixture() -> impl Strategy<Value = Vec<u8>> {
    let names =
        ["loopback.pcap", "loopback.pcapng", "big-endian.pcap", "big-endian.pcapng", "any-cooked.pcap"];
    prop::sample::select(names.to_vec()).prop_map(fixture)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn reading_never_panics_on_files_that_were_damaged(
        mut bytes in any_fixture(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let size = bytes.len();
        for (at, value) in damage {
            let at = at.index(size);
            bytes[at] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(size));
        }
        let (kept, notes, error) = read_all(&bytes);
        // Every record is made of octets of the file, so there cannot be more than it has room for.
        prop_assert!(kept.iter().map(|record| record.data.len() + 12).sum::<usize>() <= size);
        for record in &kept {
            let _ = handshake::wire::decode_frame(record.link, &record.data);
        }
        let _ = (notes.iter().map(Note::to_string).count(), error.map(|error| error.to_string()));
    }

    #[test]
    fn reading_never_panics_on_random_bytes_after_a_magic(
        magic in prop::sample::select(vec![
            [0xd4, 0xc3, 0xb2, 0xa1], [0xa1, 0xb2, 0xc3, 0xd4], [0x4d, 0x3c, 0xb2, 0xa1],
            [0xa1, 0xb2, 0x3c, 0x4d], [0x34, 0xcd, 0xb2, 0xa1], [0x0a, 0x0d, 0x0d, 0x0a],
        ]),
        rest in prop::collection::vec(prop_oneof![Just(0u8), any::<u8>()], 0..300),
    ) {
        let _ = read_all(&[&magic[..], &rest].concat());
    }
}
