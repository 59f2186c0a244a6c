//! The blocks of a pcapng file (draft-ietf-opsawg-pcapng): sections, interfaces and packets.
//!
//! Blocks are parsed by pcap-parser, once their lengths are known to be possible. Two things are read
//! from the raw options instead, because that crate reads them wrongly: a time offset in a big-endian
//! section, and a resolution that is a power of two.

use std::borrow::Cow;

use pcap_parser::nom::IResult;
use pcap_parser::{
    EnhancedPacketBlock, OptionCode, PcapError, PcapNGOption, SimplePacketBlock,
    parse_enhancedpacketblock_be, parse_enhancedpacketblock_le, parse_interfacedescriptionblock_be,
    parse_interfacedescriptionblock_le, parse_sectionheaderblock, parse_simplepacketblock_be,
    parse_simplepacketblock_le,
};

use crate::time::Instant;
use crate::wire::LinkType;

use super::reader::read_u32;
use super::{Damage, Interface, Record};

/// The first octets of every pcapng file: the type of a section header, the same in both byte orders.
pub(super) const SECTION_HEADER: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];
pub(super) const SECTION_HEADER_TYPE: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
pub(super) const OBSOLETE_PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;

/// The most interfaces of one file that are believed.
pub(super) const MOST_INTERFACES: usize = 1 << 16;

/// The most octets kept of an interface's name.
const MOST_NAME: usize = 256;

/// Whether anything is read from blocks of this type.
pub(super) const fn is_read(block_type: u32) -> bool {
    matches!(block_type, SECTION_HEADER_TYPE | INTERFACE | SIMPLE_PACKET | ENHANCED_PACKET)
}

/// What the section being read says about its blocks.
#[derive(Default)]
pub(super) struct Section {
    big_endian: bool,
    interfaces: Vec<Clock>,
    /// The interfaces of the sections before.
    base: u32,
}

/// How one interface's frames are to be read.
#[derive(Clone, Copy)]
struct Clock {
    link: LinkType,
    snaplen: u32,
    /// Units of time in a second.
    resolution: u128,
    /// Seconds to add.
    offset: i64,
}

/// A block's type and length.
pub(super) struct Head {
    pub(super) block_type: u32,
    pub(super) len: u32,
}

/// What a block turned out to be.
pub(super) enum Read {
    Section,
    Interface(Interface),
    Packet(PacketBlock),
    UnknownInterface(u32),
}

/// A packet block whose interface is known.
pub(super) struct PacketBlock {
    block_type: u32,
    big_endian: bool,
    interface: u32,
    clock: Clock,
}

type Parse<'a, T> = fn(&'a [u8]) -> IResult<&'a [u8], T, PcapError<&'a [u8]>>;

impl Section {
    /// The head of the block that these at least 8 octets start.
    pub(super) fn head(&self, data: &[u8]) -> Head {
        Head { block_type: read_u32(data, 0, self.big_endian), len: read_u32(data, 4, self.big_endian) }
    }

    /// Begins the section whose header these at least 12 octets start: from here on its byte order holds.
    pub(super) fn begin(&mut self, data: &[u8], interfaces: usize) -> Result<(), Damage> {
        self.big_endian = match read_u32(data, 8, false) {
            0x1a2b_3c4d => false,
            0x4d3c_2b1a => true,
            found => return Err(Damage::ByteOrder { found }),
        };
        self.interfaces.clear();
        self.base = interfaces as u32;
        Ok(())
    }

    /// Reads one whole block of a type that [`is_read`].
    pub(super) fn read(&mut self, block_type: u32, data: &[u8]) -> Result<Read, Damage> {
        match block_type {
            SECTION_HEADER_TYPE => {
                whole(block_type, data, parse_sectionheaderblock)?;
                Ok(Read::Section)
            }
            INTERFACE => self.read_interface(data).map(Read::Interface),
            _ => {
                let local = if block_type == SIMPLE_PACKET { 0 } else { read_u32(data, 8, self.big_endian) };
                Ok(match self.interfaces.get(local as usize) {
                    None => Read::UnknownInterface(local),
                    Some(&clock) => Read::Packet(PacketBlock {
                        block_type,
                        big_endian: self.big_endian,
                        interface: self.base + local,
                        clock,
                    }),
                })
            }
        }
    }

    fn read_interface(&mut self, data: &[u8]) -> Result<Interface, Damage> {
        let parse: Parse<'_, _> = if self.big_endian {
            parse_interfacedescriptionblock_be
        } else {
            parse_interfacedescriptionblock_le
        };
        let block = whole(INTERFACE, data, parse)?;
        let link = LinkType::from_number(block.linktype.0 as u16);
        let option = |code| {
            let mut options = block.options.iter().take_while(|option| option.code != OptionCode::EndOfOpt);
            options.find(|option| option.code == code).and_then(|option| option.as_bytes().ok())
        };
        let resolution = match option(OptionCode::IfTsresol) {
            Some(&[power]) if power & 0x80 != 0 => 1u128 << (power & 0x7f),
            Some(&[power]) => 10u128.checked_pow(power.into()).unwrap_or(u128::MAX),
            _ => 1_000_000,
        };
        let offset = option(OptionCode::IfTsoffset).and_then(|octets| octets.first_chunk::<8>().copied());
        let offset = offset.map_or(0, |octets| {
            if self.big_endian { i64::from_be_bytes(octets) } else { i64::from_le_bytes(octets) }
        });
        let name = option(OptionCode::IfName).map(|name| {
            String::from_utf8_lossy(name.get(..MOST_NAME).unwrap_or(name)).trim_end_matches('\0').to_owned()
        });
        self.interfaces.push(Clock { link, snaplen: block.snaplen, resolution, offset });
        Ok(Interface { link, name, snaplen: block.snaplen })
    }
}

impl PacketBlock {
    /// Whether the block has no time of its own.
    pub(super) fn timeless(&self) -> bool {
        self.block_type == SIMPLE_PACKET
    }

    /// Reads the block's frame; `last` is the time of the one before.
    pub(super) fn record<'a>(
        &self,
        data: &'a [u8],
        number: u64,
        last: Instant,
    ) -> Result<Record<'a>, Damage> {
        let (at, original_len, data, comment) = if self.timeless() {
            self.simple(data).map(|(len, data)| (last, len, data, None))?
        } else {
            self.enhanced(data)?
        };
        Ok(Record {
            number,
            at,
            interface: self.interface,
            link: self.clock.link,
            original_len: original_len.max(data.len() as u32),
            data,
            comment,
        })
    }

    fn enhanced<'a>(&self, data: &'a [u8]) -> Result<Enhanced<'a>, Damage> {
        let parse: Parse<'a, EnhancedPacketBlock<'a>> =
            if self.big_endian { parse_enhancedpacketblock_be } else { parse_enhancedpacketblock_le };
        let block = whole(self.block_type, data, parse)?;
        let ticks = u64::from(block.ts_high) << 32 | u64::from(block.ts_low);
        let frame = block.data.get(..block.caplen as usize).unwrap_or(block.data);
        Ok((self.clock.instant(ticks), block.origlen, frame, comment(&block.options)))
    }

    fn simple<'a>(&self, data: &'a [u8]) -> Result<(u32, &'a [u8]), Damage> {
        let parse: Parse<'a, SimplePacketBlock<'a>> =
            if self.big_endian { parse_simplepacketblock_be } else { parse_simplepacketblock_le };
        let block = whole(self.block_type, data, parse)?;
        // The captured length is not told: it is the frame's, unless the interface cuts frames off.
        let limit = if self.clock.snaplen == 0 { u32::MAX } else { self.clock.snaplen };
        let len = block.origlen.min(limit) as usize;
        let frame = block.data.get(..len).ok_or(Damage::BlockContents { block_type: self.block_type })?;
        Ok((block.origlen, frame))
    }
}

/// Time, original length, frame and comment of an enhanced packet block.
type Enhanced<'a> = (Instant, u32, &'a [u8], Option<Cow<'a, str>>);

impl Clock {
    #[inline]
    fn instant(&self, ticks: u64) -> Instant {
        let nanos = match self.resolution {
            1_000_000_000 => u128::from(ticks),
            1_000_000 => u128::from(ticks) * 1000,
            resolution => {
                let ticks = u128::from(ticks);
                (ticks / resolution) * 1_000_000_000 + (ticks % resolution) * 1_000_000_000 / resolution
            }
        };
        let nanos = i128::try_from(nanos).unwrap_or(i128::MAX);
        let shifted = nanos.saturating_add(i128::from(self.offset) * 1_000_000_000);
        Instant::from_nanos(u64::try_from(shifted.max(0)).unwrap_or(u64::MAX))
    }
}

/// Parses a block of which every octet is at hand, so that "more is needed" is a contradiction too.
fn whole<'a, T>(block_type: u32, data: &'a [u8], parse: Parse<'a, T>) -> Result<T, Damage> {
    parse(data).map(|(_, block)| block).map_err(|_| Damage::BlockContents { block_type })
}

/// The comments among a block's options.
fn comment<'a>(options: &[PcapNGOption<'a>]) -> Option<Cow<'a, str>> {
    let mut comments = options
        .iter()
        .take_while(|option| option.code != OptionCode::EndOfOpt)
        .filter(|option| option.code == OptionCode::Comment)
        .filter_map(|option| match &option.value {
            Cow::Borrowed(value) => value.get(..usize::from(option.len)),
            Cow::Owned(_) => None,
        })
        .map(|octets| str::from_utf8(octets).map_or_else(|_| String::from_utf8_lossy(octets), Cow::Borrowed));
    let first = comments.next()?;
    Some(comments.fold(first, |joined, next| Cow::Owned(format!("{joined}\n{next}"))))
}
