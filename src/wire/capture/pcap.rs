//! pcap, the older format: one header for the file, four numbers before each frame.

use pcap_parser::{PcapHeader, parse_pcap_header};

use crate::time::Instant;
use crate::wire::LinkType;

/// The octets of a file's header.
pub(super) const FILE_HEADER: usize = 24;

/// The most octets of one frame that are believed, whatever the file says: as tcpdump and Wireshark.
const MOST_USUAL: u32 = 262_144;

/// The same when the file itself announces a larger limit.
pub(super) const MOST_EVER: u32 = 16 << 20;

/// The first octets of files: microseconds, nanoseconds and Kuznetsov's records, in either order.
pub(super) const MAGICS: [[u8; 4]; 5] = [
    [0xd4, 0xc3, 0xb2, 0xa1],
    [0xa1, 0xb2, 0xc3, 0xd4],
    [0x4d, 0x3c, 0xb2, 0xa1],
    [0xa1, 0xb2, 0x3c, 0x4d],
    [0x34, 0xcd, 0xb2, 0xa1],
];

/// How to read the records of one file.
#[derive(Clone, Copy)]
pub(super) struct Pcap {
    big_endian: bool,
    /// Octets before each record's frame.
    pub(super) header_len: usize,
    /// Nanoseconds in a unit of the fraction.
    unit: u64,
    pub(super) link: LinkType,
    /// The most octets of a frame that are believed.
    pub(super) limit: u32,
}

/// What stands before a frame.
#[derive(Clone, Copy, Default)]
pub(super) struct Head {
    seconds: u32,
    fraction: u32,
    /// Octets that were captured.
    pub(super) captured: u32,
    /// Octets that were on the link.
    pub(super) original: u32,
}

impl Pcap {
    /// Reads a file's header; `None` when it is not whole.
    pub(super) fn open(start: &[u8]) -> Option<Self> {
        let (_, header) = parse_pcap_header(start).ok()?;
        Some(Pcap::new(&header))
    }

    fn new(header: &PcapHeader) -> Self {
        Pcap {
            big_endian: header.is_bigendian(),
            // Kuznetsov's records have 8 more octets about the interface, which come last.
            header_len: if header.is_modified_format() { 24 } else { 16 },
            unit: if header.is_nanosecond_precision() { 1 } else { 1000 },
            // The link's number is in the low half; the bits above it tell of a checksum after each frame.
            link: LinkType::from_number(header.network.0 as u16),
            limit: header.snaplen.clamp(MOST_USUAL, MOST_EVER),
        }
    }

    /// The four numbers at the start of a record, and how long the record is with them; `None` when they are not
    /// all there.
    #[inline]
    pub(super) fn head(&self, data: &[u8]) -> Option<(Head, usize)> {
        let (numbers, _) = data.first_chunk::<16>()?.as_chunks::<4>();
        let numbers: &[[u8; 4]; 4] = numbers.first_chunk()?;
        let [seconds, fraction, captured, original] = numbers.map(|octets| {
            let number = u32::from_le_bytes(octets);
            if self.big_endian { number.swap_bytes() } else { number }
        });
        let head = Head { seconds, fraction, captured, original };
        Some((head, self.header_len + captured as usize))
    }

    /// When a record's frame was captured.
    #[inline]
    pub(super) fn at(&self, head: Head) -> Instant {
        Instant::from_nanos(u64::from(head.seconds) * 1_000_000_000 + u64::from(head.fraction) * self.unit)
    }
}
