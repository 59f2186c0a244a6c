//! TCP options, kept as the raw octets they are and walked on demand.
//!
//! pnet accepts option lengths 0 and 1 and lengths past the header, so the walk is ours: it stops at
//! the first option whose length cannot be, and says so by a [`Defect`].

use std::fmt;

use super::{Defect, Defects, SeqNumber};

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
    /// No options.
    pub const NONE: Options = Options { len: 0, bytes: [0; 40] };

    /// The options in these octets, at most the first 40.
    pub fn from_bytes(raw: &[u8]) -> Self {
        let mut options = Options::NONE;
        let len = raw.len().min(40);
        options.bytes[..len].copy_from_slice(&raw[..len]);
        options.len = len as u8;
        options
    }

    /// The octets as they stand in the header.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len as usize]
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The octets taken in the header, padded to whole words.
    pub const fn padded_len(&self) -> usize {
        (self.len as usize).div_ceil(4) * 4
    }

    /// Appends an option; false, and nothing changed, when it does not fit into 40 octets.
    pub fn push(&mut self, option: &TcpOption<'_>) -> bool {
        let mut raw = [0u8; 40];
        let Some(len) = encode(option, &mut raw) else { return false };
        self.push_bytes(&raw[..len])
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
        OptionIter { rest: self.as_bytes(), defects: Defects::NONE }
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

    /// What is odd about the options of a segment with or without SYN.
    ///
    /// The layouts that common systems send are recognised at a glance; others are walked.
    #[inline]
    pub fn defects(&self, syn: bool) -> Defects {
        if self.is_empty() || self.is_common(syn) { Defects::NONE } else { self.walk_defects(syn) }
    }

    /// Whether the options are laid out as Linux, Windows or macOS lay out theirs.
    #[inline]
    fn is_common(&self, syn: bool) -> bool {
        let b = &self.bytes;
        match (self.len, syn) {
            // nop, nop, timestamps
            (12, false) => b[..4] == [1, 1, 8, 10],
            // Linux: mss, sackOK, timestamps, nop, wscale
            (20, true) => b[..2] == [2, 4] && b[4..8] == [4, 2, 8, 10] && b[16..19] == [1, 3, 3],
            // Windows: mss, nop, wscale, nop, nop, sackOK
            (12, true) => b[..2] == [2, 4] && b[4..7] == [1, 3, 3] && b[8..12] == [1, 1, 4, 2],
            // macOS: mss, nop, wscale, nop, nop, timestamps, sackOK, eol
            (24, true) => {
                b[..2] == [2, 4]
                    && b[4..7] == [1, 3, 3]
                    && b[8..12] == [1, 1, 8, 10]
                    && b[20..24] == [4, 2, 0, 0]
            }
            // mss alone
            (4, true) => b[..2] == [2, 4],
            _ => false,
        }
    }

    fn walk_defects(&self, syn: bool) -> Defects {
        let mut defects = Defects::NONE;
        let mut seen = [0u64; 4];
        let mut walk = self.iter();
        let mut before = walk.rest;
        while let Some(option) = walk.next() {
            let kind = before.first().copied().unwrap_or_default();
            before = walk.rest;
            // Padding may repeat, and so may the kinds shared by all experiments (RFC 6994).
            if !matches!(kind, 0 | 1 | 253 | 254) {
                let (word, bit) = (usize::from(kind >> 6), 1u64 << (kind & 63));
                if seen[word] & bit != 0 {
                    defects.insert(Defect::RepeatedOption);
                }
                seen[word] |= bit;
            }
            let only_on_syn = matches!(
                option,
                TcpOption::Mss(_)
                    | TcpOption::WindowScale(_)
                    | TcpOption::SackPermitted
                    | TcpOption::FastOpen(_)
            );
            if only_on_syn && !syn {
                defects.insert(Defect::SynOptionOutsideSyn);
            }
        }
        defects |= walk.defects();
        defects
    }
}

/// Writes one option's octets and says how many; `None` when it is longer than 40.
fn encode(option: &TcpOption<'_>, raw: &mut [u8; 40]) -> Option<usize> {
    let mut put = |kind: u8, data: &[u8]| -> Option<usize> {
        let len = 2 + data.len();
        raw.get_mut(2..len)?.copy_from_slice(data);
        raw[0] = kind;
        raw[1] = len as u8;
        Some(len)
    };
    match *option {
        TcpOption::EndOfList => {
            raw[0] = 0;
            Some(1)
        }
        TcpOption::Nop => {
            raw[0] = 1;
            Some(1)
        }
        TcpOption::Mss(mss) => put(2, &mss.to_be_bytes()),
        TcpOption::WindowScale(shift) => put(3, &[shift]),
        TcpOption::SackPermitted => put(4, &[]),
        TcpOption::Sack(blocks) => {
            let mut data = [0u8; 32];
            for (chunk, block) in data.chunks_exact_mut(8).zip(blocks.as_slice()) {
                chunk[..4].copy_from_slice(&block.left.0.to_be_bytes());
                chunk[4..].copy_from_slice(&block.right.0.to_be_bytes());
            }
            put(5, &data[..blocks.as_slice().len() * 8])
        }
        TcpOption::Timestamps { val, ecr } => {
            let mut data = [0u8; 8];
            data[..4].copy_from_slice(&val.to_be_bytes());
            data[4..].copy_from_slice(&ecr.to_be_bytes());
            put(8, &data)
        }
        TcpOption::UserTimeout(raw_timeout) => put(28, &raw_timeout.to_be_bytes()),
        TcpOption::FastOpen(cookie) => put(34, cookie),
        TcpOption::Unknown { kind, data } => put(kind, data),
    }
}

/// A walk over [`Options`]; see [`Options::iter`].
#[derive(Clone, Debug)]
pub struct OptionIter<'a> {
    rest: &'a [u8],
    defects: Defects,
}

impl OptionIter<'_> {
    /// What the walk has met so far; complete once the walk has ended.
    pub fn defects(&self) -> Defects {
        self.defects
    }

    fn stop<T>(&mut self, defect: Defect) -> Option<T> {
        self.defects.insert(defect);
        self.rest = &[];
        None
    }
}

impl<'a> Iterator for OptionIter<'a> {
    type Item = TcpOption<'a>;

    fn next(&mut self) -> Option<TcpOption<'a>> {
        let (&kind, after_kind) = self.rest.split_first()?;
        match kind {
            0 => {
                if after_kind.iter().any(|octet| *octet != 0) {
                    self.defects.insert(Defect::OptionPaddingNotZero);
                }
                self.rest = &[];
                return Some(TcpOption::EndOfList);
            }
            1 => {
                self.rest = after_kind;
                return Some(TcpOption::Nop);
            }
            _ => {}
        }
        let Some(&len) = after_kind.first() else { return self.stop(Defect::OptionOverrun) };
        if len < 2 {
            return self.stop(Defect::BadOptionLength);
        }
        let Some((whole, rest)) = self.rest.split_at_checked(len as usize) else {
            return self.stop(Defect::OptionOverrun);
        };
        self.rest = rest;
        let data = &whole[2..];
        let known = decode(kind, data);
        if known.is_none() && matches!(kind, 2 | 3 | 4 | 5 | 8 | 28 | 34) {
            self.defects.insert(Defect::WrongOptionSize);
        }
        Some(known.unwrap_or(TcpOption::Unknown { kind, data }))
    }
}

/// The option of this kind, when its data has a size that the kind allows.
fn decode(kind: u8, data: &[u8]) -> Option<TcpOption<'_>> {
    let word = |at: usize| Some(u32::from_be_bytes(data.get(at..at + 4)?.try_into().ok()?));
    match (kind, data.len()) {
        (2, 2) => Some(TcpOption::Mss(u16::from_be_bytes([data[0], data[1]]))),
        (3, 1) => Some(TcpOption::WindowScale(data[0])),
        (4, 0) => Some(TcpOption::SackPermitted),
        (5, 8 | 16 | 24 | 32) => {
            let mut blocks = SackBlocks::EMPTY;
            for at in (0..data.len()).step_by(8) {
                blocks.push(SackBlock { left: SeqNumber(word(at)?), right: SeqNumber(word(at + 4)?) });
            }
            Some(TcpOption::Sack(blocks))
        }
        (8, 8) => Some(TcpOption::Timestamps { val: word(0)?, ecr: word(4)? }),
        (28, 2) => Some(TcpOption::UserTimeout(u16::from_be_bytes([data[0], data[1]]))),
        (34, 0 | 4..=16) if data.len() % 2 == 0 => Some(TcpOption::FastOpen(data)),
        _ => None,
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
