//! Reads pcap and pcapng, record after record.

use std::io::Read;

use crate::time::Instant;

use super::pcap::{self, Head, MOST_EVER, Pcap};
use super::pcapng::{self, PacketBlock, Section};
use super::source::Source;
use super::{CaptureError, Damage, Format, Interface, Note, Record};

/// Reads a capture file as a stream of [`Record`]s.
pub struct Reader<R> {
    source: Source<R>,
    kind: Kind,
    interfaces: Vec<Interface>,
    notes: Vec<Note>,
    /// Records met so far, those left out included.
    records: u64,
    last: Instant,
    done: bool,
}

enum Kind {
    Pcap(Pcap),
    Pcapng(Section),
}

impl<R: Read> Reader<R> {
    /// Reads the file's header.
    ///
    /// # Errors
    /// When there is none that is known; see [`CaptureError`]'s variants.
    pub fn open(inner: R) -> Result<Self, CaptureError> {
        let mut source = Source::new(inner);
        let whole = source.fill(pcap::FILE_HEADER)?;
        let start = source.data();
        let kind = match start.first_chunk::<4>() {
            Some(&pcapng::SECTION_HEADER) => Kind::Pcapng(Section::default()),
            Some(magic) if pcap::MAGICS.contains(magic) => {
                let Some(pcap) = Pcap::open(start).filter(|_| whole) else {
                    let needed = pcap::FILE_HEADER;
                    return Err(CaptureError::HeaderCutOff { found: start.len(), needed });
                };
                Kind::Pcap(pcap)
            }
            _ => return Err(foreign(start)),
        };
        let mut reader = Reader {
            source,
            kind,
            interfaces: Vec::new(),
            notes: Vec::new(),
            records: 0,
            last: Instant::ZERO,
            done: false,
        };
        match reader.kind {
            Kind::Pcap(pcap) => {
                reader.interfaces.push(Interface { link: pcap.link, name: None, snaplen: pcap.limit });
                reader.source.consume(pcap::FILE_HEADER);
            }
            Kind::Pcapng(_) => reader.open_section()?,
        }
        Ok(reader)
    }

    /// The next record, or `None` at the end of the file. After an error there is none.
    ///
    /// # Errors
    /// When reading fails, or the file is damaged.
    // A record is larger than what is read of it: inlined, it need not be made.
    #[allow(clippy::inline_always)]
    #[inline(always)]
    pub fn next_record(&mut self) -> Result<Option<Record<'_>>, CaptureError> {
        if self.done {
            return Ok(None);
        }
        match self.kind {
            Kind::Pcap(pcap) => self.next_of_pcap(pcap),
            Kind::Pcapng(_) => self.next_of_pcapng(),
        }
    }

    #[allow(clippy::inline_always)] // as next_record
    #[inline(always)]
    fn next_of_pcap(&mut self, pcap: Pcap) -> Result<Option<Record<'_>>, CaptureError> {
        let (head, len) = match pcap.head(self.source.data()) {
            Some((head, len)) if head.captured <= pcap.limit && self.source.is_at_hand(len) => (head, len),
            _ => match self.fetch(pcap)? {
                Some(fetched) => fetched,
                None => return Ok(None),
            },
        };
        self.records += 1;
        // What is consumed stays in the window until the next call.
        self.source.consume(len);
        Ok(Some(Record {
            number: self.records,
            at: pcap.at(head),
            interface: 0,
            link: pcap.link,
            original_len: head.original.max(head.captured),
            data: self.source.behind(head.captured as usize),
            comment: None,
        }))
    }

    /// Makes the whole of the next record be at hand; `None`, and noted, when the file ends before.
    #[cold]
    fn fetch(&mut self, pcap: Pcap) -> Result<Option<(Head, usize)>, CaptureError> {
        // Until it is known that all is well.
        self.done = true;
        let mut needed = pcap.header_len;
        let mut head = Head::default();
        for _ in ["its head", "its frame"] {
            if !self.source.fill(needed)? {
                self.note_end(needed as u64);
                return Ok(None);
            }
            if let Some(found) = pcap.head(self.source.data()) {
                (head, needed) = found;
            }
            if head.captured > pcap.limit {
                let claimed = head.captured;
                return Err(self.damaged(Damage::RecordLength { claimed, limit: pcap.limit }));
            }
        }
        self.done = false;
        Ok(Some((head, needed)))
    }

    #[inline(never)]
    fn next_of_pcapng(&mut self) -> Result<Option<Record<'_>>, CaptureError> {
        let (len, block) = match self.find_pcapng() {
            Ok(Some(found)) => found,
            nothing => {
                self.done = true;
                return nothing.map(|_| None);
            }
        };
        self.records += 1;
        let number = self.records;
        let offset = self.source.offset();
        // As above.
        let data = {
            self.source.consume(len);
            self.source.behind(len)
        };
        match block.record(data, number, self.last) {
            Ok(record) => {
                self.last = record.at;
                Ok(Some(record))
            }
            Err(damage) => {
                self.done = true;
                Err(CaptureError::Damaged { offset, records: number - 1, damage })
            }
        }
    }

    /// What has been left out so far; complete once [`next_record`](Self::next_record) has said `None`.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// The interfaces met so far, of all sections of the file.
    pub fn interfaces(&self) -> &[Interface] {
        &self.interfaces
    }

    /// The file's format.
    pub fn format(&self) -> Format {
        match self.kind {
            Kind::Pcap(_) => Format::Pcap,
            Kind::Pcapng(_) => Format::Pcapng,
        }
    }

    /// How far into the file reading has come, in octets.
    pub fn position(&self) -> u64 {
        self.source.offset()
    }

    /// Goes on to the next block that holds a packet and makes all of it be at hand; says how long it is.
    fn find_pcapng(&mut self) -> Result<Option<(usize, PacketBlock)>, CaptureError> {
        loop {
            if !self.source.fill(12)? {
                self.note_end(12);
                return Ok(None);
            }
            let Kind::Pcapng(section) = &mut self.kind else { return Ok(None) };
            let head = section.head(self.source.data());
            let (block_type, claimed) = (head.block_type, head.len);
            let is_section = block_type == pcapng::SECTION_HEADER_TYPE;
            if is_section && let Err(damage) = section.begin(self.source.data(), self.interfaces.len()) {
                return Err(self.damaged(damage));
            }
            let claimed = if is_section { section.head(self.source.data()).len } else { claimed };
            let block_len = Damage::BlockLength { block_type, claimed };
            if claimed < 12 || claimed % 4 != 0 {
                return Err(self.damaged(block_len));
            }
            let len = claimed as usize;
            if !pcapng::is_read(block_type) {
                // Statistics, names, secrets, other people's blocks: nothing of them is needed.
                if block_type == pcapng::OBSOLETE_PACKET {
                    self.records += 1;
                    let record = self.records;
                    self.count(Note::ObsoletePackets { record, count: 1 });
                }
                let (offset, record) = (self.source.offset(), self.records + 1);
                let found = self.source.skip(claimed.into())?;
                if found < u64::from(claimed) {
                    self.notes.push(Note::CutOff { record, offset, needed: claimed.into(), found });
                    return Ok(None);
                }
                continue;
            }
            if claimed > MOST_EVER {
                return Err(self.damaged(block_len));
            }
            if !self.source.fill(len)? {
                self.note_end(len as u64);
                return Ok(None);
            }
            let data = self.source.data().get(..len).unwrap_or_default();
            let Kind::Pcapng(section) = &mut self.kind else { return Ok(None) };
            match section.read(block_type, data) {
                Err(damage) => return Err(self.damaged(damage)),
                Ok(pcapng::Read::Section) => self.source.consume(len),
                Ok(pcapng::Read::Interface(interface)) => {
                    if self.interfaces.len() >= pcapng::MOST_INTERFACES {
                        return Err(self.damaged(Damage::Interfaces { limit: pcapng::MOST_INTERFACES }));
                    }
                    self.interfaces.push(interface);
                    self.source.consume(len);
                }
                Ok(pcapng::Read::UnknownInterface(interface)) => {
                    self.records += 1;
                    let record = self.records;
                    self.count(Note::UnknownInterface { record, interface, count: 1 });
                    self.source.consume(len);
                }
                Ok(pcapng::Read::Packet(block)) => {
                    if block.timeless() {
                        self.count(Note::NoTimes { record: self.records + 1, count: 1 });
                    }
                    return Ok(Some((len, block)));
                }
            }
        }
    }

    /// Reads the first section's header, so that a file which is none is refused at once.
    fn open_section(&mut self) -> Result<(), CaptureError> {
        let needed = 28;
        if !self.source.fill(needed)? {
            return Err(CaptureError::HeaderCutOff { found: self.source.data().len(), needed });
        }
        let Kind::Pcapng(section) = &mut self.kind else { return Ok(()) };
        match section.begin(self.source.data(), 0) {
            Ok(()) => Ok(()),
            Err(damage) => Err(self.damaged(damage)),
        }
    }

    /// Notes that the file ends before a record's `needed` octets, unless it ends right there.
    fn note_end(&mut self, needed: u64) {
        let found = self.source.data().len() as u64;
        if found > 0 {
            let (record, offset) = (self.records + 1, self.source.offset());
            self.notes.push(Note::CutOff { record, offset, needed, found });
        }
    }

    /// Adds one to the note of this kind, or makes it.
    fn count(&mut self, new: Note) {
        for note in &mut self.notes {
            match (note, new) {
                (Note::UnknownInterface { count, .. }, Note::UnknownInterface { .. })
                | (Note::NoTimes { count, .. }, Note::NoTimes { .. })
                | (Note::ObsoletePackets { count, .. }, Note::ObsoletePackets { .. }) => {
                    *count += 1;
                    return;
                }
                _ => {}
            }
        }
        self.notes.push(new);
    }

    fn damaged(&self, damage: Damage) -> CaptureError {
        CaptureError::Damaged { offset: self.source.offset(), records: self.records, damage }
    }
}

/// The 32-bit number at this place; the caller has made sure that it is there.
#[inline]
pub(super) fn read_u32(data: &[u8], at: usize, big_endian: bool) -> u32 {
    let octets = data.get(at..).and_then(|data| data.first_chunk::<4>()).copied().unwrap_or_default();
    if big_endian { u32::from_be_bytes(octets) } else { u32::from_le_bytes(octets) }
}

/// Says what a file is that is no capture.
fn foreign(start: &[u8]) -> CaptureError {
    const COMPRESSED: [(&[u8], &str); 5] = [
        (&[0x1f, 0x8b], "gzip"),
        (&[0x28, 0xb5, 0x2f, 0xfd], "zstd"),
        (&[0xfd, b'7', b'z', b'X', b'Z'], "xz"),
        (b"BZh", "bzip2"),
        (&[0x04, 0x22, 0x4d, 0x18], "lz4"),
    ];
    if start.is_empty() {
        return CaptureError::Empty;
    }
    if let Some((_, with)) = COMPRESSED.iter().find(|(magic, _)| start.starts_with(magic)) {
        return CaptureError::Compressed { with };
    }
    let sample = start.get(..512).unwrap_or(start);
    // The sample may end within a character.
    let text = match std::str::from_utf8(sample) {
        Ok(text) => Some(text),
        Err(error) if error.error_len().is_none() => {
            sample.get(..error.valid_up_to()).and_then(|valid| std::str::from_utf8(valid).ok())
        }
        Err(_) => None,
    };
    match text {
        Some(text) if !text.contains(|c: char| c.is_control() && !"\t\r\n".contains(c)) => {
            let line = text.trim_start().lines().next().unwrap_or_default();
            CaptureError::Text { start: line.chars().take(40).collect() }
        }
        _ => CaptureError::UnknownFormat { start: start.get(..4).unwrap_or(start).to_vec() },
    }
}
