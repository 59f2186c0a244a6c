//! The walk over a header's options, which stops where a length cannot be.

use super::{SackBlock, SackBlocks, TcpOption};
use crate::wire::{Defect, Defects, SeqNumber};

/// A walk over [`Options`](super::Options); see [`iter`](super::Options::iter).
#[derive(Clone, Debug)]
pub struct OptionIter<'a> {
    pub(super) rest: &'a [u8],
    defects: Defects,
}

impl<'a> OptionIter<'a> {
    /// A walk over these octets.
    pub(super) fn new(raw: &'a [u8]) -> Self {
        OptionIter { rest: raw, defects: Defects::NONE }
    }

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

//= https://www.rfc-editor.org/rfc/rfc9293#section-3.1
//# A TCP implementation MUST be able to receive a TCP Option in any segment (MUST-5).
//= https://www.rfc-editor.org/rfc/rfc9293#section-3.1
//# A TCP implementation MUST (MUST-6) ignore without error any TCP Option it does not implement,
//# assuming that the option has a length field.
//= https://www.rfc-editor.org/rfc/rfc9293#section-3.9.2
//# When received options are passed up to TCP from the IP layer, a TCP implementation MUST ignore
//# options that it does not understand (MUST-50).
//= https://www.rfc-editor.org/rfc/rfc9293#section-3.2
//# There is no guarantee that senders will use this option, so receivers MUST be prepared to
//# process options even if they do not begin on a word boundary (MUST-64).
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
        //= https://www.rfc-editor.org/rfc/rfc9293#section-3.1
        //# TCP implementations MUST be prepared to handle an illegal option length (e.g., zero); a
        //# suggested procedure is to reset the connection and log the error cause (MUST-7).
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
//= https://www.rfc-editor.org/rfc/rfc9293#section-3.1
//# A given TCP implementation can support any currently defined options, but the following options
//# MUST be supported (MUST-4 -- note Maximum Segment Size Option support is also part of MUST-14 in
//# Section 3.7.1):
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
        (34, 0 | 4..=16) if data.len().is_multiple_of(2) => Some(TcpOption::FastOpen(data)),
        _ => None,
    }
}
