//! TCP options, kept as the raw octets they are and walked on demand.
//!
//! pnet accepts option lengths 0 and 1 and lengths past the header, so the walk is ours: it stops at
//! the first option whose length cannot be, and says so by a [`Defect`](super::Defect).

use std::fmt;

use super::checksum::Sum;
use super::{Defects, SeqNumber};

mod oddity;
mod walk;

pub(super) use oddity::{are_usual, defects};
pub use walk::OptionIter;

/// The octets of a header's options, at most 40, and a walk over them.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Options {
    len: u8,
    bytes: [u8; 40],
}

/// A block of a SACK option: the octets from `left` up to, but not including, `right`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SackBlock {
    /// The first number of the block.
    pub left: SeqNumber,
    /// The number after the block's last.
    pub right: SeqNumber,
}

/// Up to four SACK blocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SackBlocks {
    len: u8,
    blocks: [SackBlock; 4],
}

/// One option, as the field names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TcpOption<'a> {
    /// Kind 0: the list ends here.
    EndOfList,
    /// Kind 1: one octet of padding.
    Nop,
    /// Kind 2: the largest segment the sender of this option can take, in octets of text.
    Mss(u16),
    /// Kind 3: window fields are to be shifted left by this many bits (RFC 7323).
    WindowScale(u8),
    /// Kind 4: SACK options are welcome (RFC 2018).
    SackPermitted,
    /// Kind 5: blocks received beyond a gap (RFC 2018).
    Sack(SackBlocks),
    /// Kind 8: timestamps (RFC 7323).
    Timestamps {
        /// The sender's clock.
        val: u32,
        /// The echoed clock of the other end.
        ecr: u32,
    },
    /// Kind 28: the user timeout (RFC 5482), raw.
    UserTimeout(u16),
    /// Kind 34: a Fast Open cookie, empty to ask for one (RFC 7413).
    FastOpen(&'a [u8]),
    /// Any other kind, with its data kept.
    Unknown {
        /// The option's kind.
        kind: u8,
        /// The option's octets after kind and length.
        data: &'a [u8],
    },
}

impl SackBlocks {
    /// No blocks.
    pub const EMPTY: SackBlocks =
        SackBlocks { len: 0, blocks: [SackBlock { left: SeqNumber(0), right: SeqNumber(0) }; 4] };

    /// Adds a block; false when there are four already.
    pub fn push(&mut self, block: SackBlock) -> bool {
        let Some(slot) = self.blocks.get_mut(self.len as usize) else { return false };
        *slot = block;
        self.len += 1;
        true
    }

    /// The blocks, in the order they stand in the option.
    pub fn as_slice(&self) -> &[SackBlock] {
        &self.blocks[..self.len as usize]
    }
}

impl Default for Options {
    fn default() -> Self {
        Options::NONE
    }
}

impl Options {
    /// The most octets that a header has for options.
    pub(super) const ROOM: usize = 40;

    /// No options.
    pub const NONE: Options = Options { len: 0, bytes: [0; Options::ROOM] };

    /// The options in these octets, at most the first 40.
    #[inline]
    pub fn from_bytes(raw: &[u8]) -> Self {
        // The lengths that nearly all segments have are gathered in registers, so that the octets are
        // written once, where they stay: a copy of what was just written in other widths has to wait.
        let word = |at: usize| raw.get(at..).and_then(|raw| raw.first_chunk()).copied().unwrap_or_default();
        let half = |at: usize| {
            let half = raw.get(at..).and_then(|raw| raw.first_chunk()).copied().unwrap_or_default();
            u64::from(u32::from_le_bytes(half)).to_le_bytes()
        };
        match raw.len() {
            0 => Options::NONE,
            4 => Options::from_words(4, [half(0), [0; 8], [0; 8]]),
            12 => Options::from_words(12, [word(0), half(8), [0; 8]]),
            20 => Options::from_words(20, [word(0), word(8), half(16)]),
            _ => Options::from_any(raw),
        }
    }

    /// Whether [`from_bytes`](Self::from_bytes) gathers these in registers.
    #[inline]
    pub(super) fn is_quick(raw: &[u8]) -> bool {
        matches!(raw.len(), 0 | 4 | 12 | 20)
    }

    #[inline]
    fn from_words(len: u8, [first, second, third]: [[u8; 8]; 3]) -> Self {
        let mut bytes = [0; 40];
        bytes[..8].copy_from_slice(&first);
        bytes[8..16].copy_from_slice(&second);
        bytes[16..24].copy_from_slice(&third);
        Options { len, bytes }
    }

    fn from_any(raw: &[u8]) -> Self {
        let mut options = Options::NONE;
        let len = raw.len().min(40);
        options.bytes[..len].copy_from_slice(&raw[..len]);
        options.len = len as u8;
        options
    }

    /// Two NOPs and the timestamps: the options of nearly every segment of a connection that uses them.
    #[inline]
    pub fn only_timestamps(val: u32, ecr: u32) -> Self {
        let first = 0x0101_080a_0000_0000 | u64::from(val);
        let second = u64::from(ecr) << 32;
        Options::from_words(12, [first.to_be_bytes(), second.to_be_bytes(), [0; 8]])
    }

    /// The octets as they stand in the header.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len as usize]
    }

    /// Adds the octets to a checksum's sum.
    #[inline]
    pub(super) fn add_to(&self, sum: Sum) -> Sum {
        // What is not used is zero, and a fixed number of octets is added faster than a counted one.
        if self.is_empty() { sum } else { sum.add_block(&self.bytes) }
    }

    /// Appends the octets, padded with zeros to whole words. It goes fastest into a vector that has [`ROOM`](Self::ROOM)
    /// to spare.
    #[inline]
    pub(super) fn append_to(&self, out: &mut Vec<u8>) {
        if !self.is_empty() {
            // As in `add_to`: a fixed number first, then what is too much goes.
            let end = out.len() + self.padded_len();
            out.extend_from_slice(&self.bytes);
            out.truncate(end);
        }
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The octets taken in the header, padded to whole words.
    //= https://www.rfc-editor.org/rfc/rfc9293#section-3.1
    //# The content of the header beyond the End of Option List Option MUST be header padding of zeros
    //# (MUST-69).
    pub const fn padded_len(&self) -> usize {
        (self.len as usize).div_ceil(4) * 4
    }

    //= https://www.rfc-editor.org/rfc/rfc9293#section-3.1
    //# All TCP Options except End of Option List Option (EOL) and No-Operation (NOP) MUST have length
    //# fields, including all future options (MUST-68).
    /// Appends an option; false, and nothing changed, when it does not fit into 40 octets.
    #[inline]
    pub fn push(&mut self, option: &TcpOption<'_>) -> bool {
        match *option {
            TcpOption::EndOfList => self.push_fixed([0]),
            TcpOption::Nop => self.push_fixed([1]),
            TcpOption::Mss(mss) => {
                let [a, b] = mss.to_be_bytes();
                self.push_fixed([2, 4, a, b])
            }
            TcpOption::WindowScale(shift) => self.push_fixed([3, 3, shift]),
            TcpOption::SackPermitted => self.push_fixed([4, 2]),
            TcpOption::Timestamps { val, ecr } => {
                let mut raw = [8, 10, 0, 0, 0, 0, 0, 0, 0, 0];
                let both = u64::from(val) << 32 | u64::from(ecr);
                raw[2..].copy_from_slice(&both.to_be_bytes());
                self.push_fixed(raw)
            }
            TcpOption::UserTimeout(raw) => {
                let [a, b] = raw.to_be_bytes();
                self.push_fixed([28, 4, a, b])
            }
            TcpOption::Sack(ref blocks) => self.push_sack(blocks),
            TcpOption::FastOpen(cookie) => self.push_data(34, cookie),
            TcpOption::Unknown { kind, data } => self.push_data(kind, data),
        }
    }

    #[inline]
    fn push_fixed<const N: usize>(&mut self, raw: [u8; N]) -> bool {
        let room = self.bytes.get_mut(self.len as usize..).and_then(|room| room.first_chunk_mut::<N>());
        let Some(room) = room else { return false };
        *room = raw;
        self.len += N as u8;
        true
    }

    #[inline(never)]
    fn push_data(&mut self, kind: u8, data: &[u8]) -> bool {
        let len = 2 + data.len();
        if self.len as usize + len > 40 {
            return false;
        }
        self.push_fixed([kind, len as u8]) && self.push_bytes(data)
    }

    #[inline(never)]
    fn push_sack(&mut self, blocks: &SackBlocks) -> bool {
        let mut data = [0u8; 32];
        let blocks = blocks.as_slice();
        for (chunk, block) in data.chunks_exact_mut(8).zip(blocks) {
            chunk[..4].copy_from_slice(&block.left.0.to_be_bytes());
            chunk[4..].copy_from_slice(&block.right.0.to_be_bytes());
        }
        self.push_data(5, &data[..blocks.len() * 8])
    }

    /// Appends raw octets, however wrong they are; false when they do not fit.
    pub fn push_bytes(&mut self, raw: &[u8]) -> bool {
        let start = self.len as usize;
        let Some(room) = self.bytes.get_mut(start..start + raw.len()) else { return false };
        room.copy_from_slice(raw);
        self.len += raw.len() as u8;
        true
    }

    /// Walks the options. The walk ends at the end-of-list mark or at the first option whose length
    /// cannot be; [`OptionIter::defects`] then tells what was wrong.
    pub fn iter(&self) -> OptionIter<'_> {
        OptionIter::new(self.as_bytes())
    }

    /// What is odd about the options of a segment with or without SYN.
    pub fn defects(&self, syn: bool) -> Defects {
        defects(self.as_bytes(), syn)
    }

    /// The announced maximum segment size, if any.
    pub fn mss(&self) -> Option<u16> {
        self.iter().find_map(|option| if let TcpOption::Mss(mss) = option { Some(mss) } else { None })
    }

    /// The announced window shift, if any.
    pub fn window_scale(&self) -> Option<u8> {
        self.iter().find_map(|o| if let TcpOption::WindowScale(shift) = o { Some(shift) } else { None })
    }

    /// Whether SACK is permitted.
    pub fn sack_permitted(&self) -> bool {
        self.iter().any(|option| option == TcpOption::SackPermitted)
    }

    /// The timestamps `(TSval, TSecr)`, if any.
    pub fn timestamps(&self) -> Option<(u32, u32)> {
        // The layout nearly every stack sends: two NOPs, then the option, nothing else.
        if let [1, 1, 8, 10, v0, v1, v2, v3, e0, e1, e2, e3] = *self.as_bytes() {
            return Some((u32::from_be_bytes([v0, v1, v2, v3]), u32::from_be_bytes([e0, e1, e2, e3])));
        }
        self.iter()
            .find_map(|o| if let TcpOption::Timestamps { val, ecr } = o { Some((val, ecr)) } else { None })
    }

    /// The SACK blocks, if any.
    pub fn sack(&self) -> Option<SackBlocks> {
        self.iter().find_map(|o| if let TcpOption::Sack(blocks) = o { Some(blocks) } else { None })
    }

    /// The Fast Open cookie: empty when one is asked for.
    pub fn fast_open(&self) -> Option<&[u8]> {
        self.iter().find_map(|o| if let TcpOption::FastOpen(cookie) = o { Some(cookie) } else { None })
    }
}

impl<'a> IntoIterator for &'a Options {
    type Item = TcpOption<'a>;
    type IntoIter = OptionIter<'a>;

    fn into_iter(self) -> OptionIter<'a> {
        self.iter()
    }
}

/// tcpdump's notation: `mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7`.
impl fmt::Display for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, option) in self.iter().enumerate() {
            if i > 0 {
                f.write_str(",")?;
            }
            match option {
                TcpOption::EndOfList => f.write_str("eol")?,
                TcpOption::Nop => f.write_str("nop")?,
                TcpOption::Mss(mss) => write!(f, "mss {mss}")?,
                TcpOption::WindowScale(shift) => write!(f, "wscale {shift}")?,
                TcpOption::SackPermitted => f.write_str("sackOK")?,
                TcpOption::Sack(blocks) => {
                    write!(f, "sack {} ", blocks.as_slice().len())?;
                    for block in blocks.as_slice() {
                        write!(f, "{{{}:{}}}", block.left, block.right)?;
                    }
                }
                TcpOption::Timestamps { val, ecr } => write!(f, "TS val {val} ecr {ecr}")?,
                TcpOption::UserTimeout(raw) => {
                    let unit = if raw & 0x8000 == 0 { "s" } else { "min" };
                    write!(f, "uto {} {unit}", raw & 0x7fff)?;
                }
                TcpOption::FastOpen([]) => f.write_str("tfo cookiereq")?,
                TcpOption::FastOpen(cookie) => {
                    f.write_str("tfo cookie ")?;
                    cookie.iter().try_for_each(|octet| write!(f, "{octet:02x}"))?;
                }
                TcpOption::Unknown { kind, data } => {
                    write!(f, "unknown-{kind}")?;
                    if !data.is_empty() {
                        f.write_str(" 0x")?;
                    }
                    data.iter().try_for_each(|octet| write!(f, "{octet:02x}"))?;
                }
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{self}>")
    }
}
