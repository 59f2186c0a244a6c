//! Capture files: pcap and pcapng read as a stream, pcapng written.
//!
//! [`Reader`] takes any [`std::io::Read`] and holds about a mebibyte, however long the file is. What is
//! wrong with a file is either a [`CaptureError`] (nothing more can be read) or a [`Note`] (something
//! was left out, the rest was read). The records before an error are good.

mod pcap;
mod pcapng;
mod reader;
mod source;
mod writer;

use std::borrow::Cow;
use std::fmt;
use std::io;

use crate::time::Instant;

use super::{DecodeError, LinkType, Packet, decode_captured};

pub use reader::Reader;
pub use writer::PcapngWriter;

/// One frame of a capture file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// The frame's number in the file, from 1, as Wireshark counts.
    pub number: u64,
    /// When it was captured, counted from the UNIX epoch. A record without a time has that of the one
    /// before it.
    pub at: Instant,
    /// The interface, an index into [`Reader::interfaces`].
    pub interface: u32,
    /// The link the frame was on.
    pub link: LinkType,
    /// Octets the frame had on the link; `data` holds fewer when the capture cut it off.
    pub original_len: u32,
    /// The captured octets.
    pub data: &'a [u8],
    /// The comments on the frame, joined by line breaks. They are as the file has them: escape before
    /// showing.
    pub comment: Option<Cow<'a, str>>,
}

impl<'a> Record<'a> {
    /// The IP packet in the frame.
    ///
    /// # Errors
    /// As [`decode_captured`].
    #[inline]
    pub fn packet(&self) -> Result<Packet<&'a [u8]>, DecodeError> {
        decode_captured(self.link, self.data, self.original_len as usize)
    }
}

/// An interface that frames were captured on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// Its link.
    pub link: LinkType,
    /// Its name, when the file tells one; as the file has it: escape before showing.
    pub name: Option<String>,
    /// The most octets kept of a frame; 0 when there is no limit.
    pub snaplen: u32,
}

/// The format of a capture file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// pcap, with microseconds or nanoseconds, in either byte order.
    Pcap,
    /// pcapng.
    Pcapng,
}

/// Something that was left out of what could be read of a file. Each kind is noted once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// The file ends in the middle of a record; all whole records before it were read.
    CutOff {
        /// The number of the record that is not whole.
        record: u64,
        /// Where that record starts, in octets from the start of the file.
        offset: u64,
        /// Octets the record needs.
        needed: u64,
        /// Octets that are there.
        found: u64,
    },
    /// Frames name an interface that the file does not describe; they were left out.
    UnknownInterface {
        /// The number of the first such frame.
        record: u64,
        /// The interface it names.
        interface: u32,
        /// How many such frames there are.
        count: u64,
    },
    /// Frames of a block type without times ("simple packets"): each has the time of the one before.
    NoTimes {
        /// The number of the first such frame.
        record: u64,
        /// How many such frames there are.
        count: u64,
    },
    /// Frames in the packet block that pcapng gave up in 2004; they were left out.
    ObsoletePackets {
        /// The number of the first such frame.
        record: u64,
        /// How many such frames there are.
        count: u64,
    },
}

impl Note {
    /// The note's stable name; its text in each language is the message `capture-note-KEY`.
    pub const fn key(&self) -> &'static str {
        match self {
            Note::CutOff { .. } => "cut-off",
            Note::UnknownInterface { .. } => "unknown-interface",
            Note::NoTimes { .. } => "no-times",
            Note::ObsoletePackets { .. } => "obsolete-packets",
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Note::CutOff { record, offset, needed, found } => write!(
                f,
                "the file ends within record {record} (at byte {offset}, {found} of {needed} bytes)"
            ),
            Note::UnknownInterface { record, interface, count } => write!(
                f,
                "{count} records from number {record} on are on interface {interface}, which the file does not describe"
            ),
            Note::NoTimes { record, count } => {
                write!(f, "{count} records from number {record} on have no time of their own")
            }
            Note::ObsoletePackets { record, count } => {
                write!(
                    f,
                    "{count} records from number {record} on are in an obsolete block and were left out"
                )
            }
        }
    }
}

/// What is wrong inside a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// A pcap record says that it holds more octets than any capture keeps of a frame.
    #[error("the record claims {claimed} bytes, where at most {limit} can be")]
    RecordLength {
        /// The octets it claims.
        claimed: u32,
        /// The most that would be believed.
        limit: u32,
    },
    /// A pcapng block's length is too small for its kind, no multiple of 4, or absurdly large.
    #[error("the block of type {block_type:#010x} claims {claimed} bytes, which cannot be")]
    BlockLength {
        /// The block's type.
        block_type: u32,
        /// The octets it claims.
        claimed: u32,
    },
    /// A pcapng block's contents do not fit its length, or its two lengths disagree.
    #[error("the block of type {block_type:#010x} contradicts its own length")]
    BlockContents {
        /// The block's type.
        block_type: u32,
    },
    /// A section's byte-order mark is neither of the two.
    #[error("the section's byte-order mark is {found:#010x}")]
    ByteOrder {
        /// The mark.
        found: u32,
    },
    /// The file describes more interfaces than would be believed.
    #[error("the file describes more than {limit} interfaces")]
    Interfaces {
        /// The most that would be believed.
        limit: usize,
    },
}

/// Why a capture cannot be read, or not any further.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// Reading failed.
    #[error("reading failed: {0}")]
    Io(#[source] io::Error),
    /// The path is a directory.
    #[error("this is a directory; expected a pcap or pcapng file")]
    Directory,
    /// The file has no octets.
    #[error("the file is empty; expected a pcap or pcapng file (was the capture stopped before it wrote?)")]
    Empty,
    /// The file is text.
    #[error(
        "the file is text that starts with {start:?}; expected a pcap or pcapng file \
         (tcpdump and tshark write one with -w FILE)"
    )]
    Text {
        /// The first line, at most 40 characters of it.
        start: String,
    },
    /// The file is compressed.
    #[error("the file is compressed with {with}; expected a pcap or pcapng file: unpack it first")]
    Compressed {
        /// The program that unpacks it.
        with: &'static str,
    },
    /// The file is in no format known here.
    #[error(
        "the file starts with {}, as neither pcap nor pcapng does \
         (editcap -F pcapng IN OUT converts other capture formats)",
        hex(start)
    )]
    UnknownFormat {
        /// The first four octets, or fewer.
        start: Vec<u8>,
    },
    /// The file ends within its own header.
    #[error("the file ends after {found} bytes, within its header of {needed}")]
    HeaderCutOff {
        /// Octets that are there.
        found: usize,
        /// Octets the header needs.
        needed: usize,
    },
    /// The file is damaged from here on.
    #[error("the file is damaged at byte {offset}, after {records} good records: {damage}")]
    Damaged {
        /// Where the damaged record or block starts.
        offset: u64,
        /// How many records there are before it.
        records: u64,
        /// What is wrong.
        damage: Damage,
    },
}

impl CaptureError {
    /// The error's stable name; its text in each language is the message `capture-error-KEY`.
    pub const fn key(&self) -> &'static str {
        match self {
            CaptureError::Io(_) => "io",
            CaptureError::Directory => "directory",
            CaptureError::Empty => "empty",
            CaptureError::Text { .. } => "text",
            CaptureError::Compressed { .. } => "compressed",
            CaptureError::UnknownFormat { .. } => "unknown-format",
            CaptureError::HeaderCutOff { .. } => "header-cut-off",
            CaptureError::Damaged { .. } => "damaged",
        }
    }
}

impl From<io::Error> for CaptureError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::IsADirectory {
            CaptureError::Directory
        } else {
            CaptureError::Io(error)
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    let octets: Vec<String> = bytes.iter().map(|octet| format!("{octet:02x}")).collect();
    octets.join(" ")
}
