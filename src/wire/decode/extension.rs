//! IPv6 extension headers (RFC 8200 §4): walked, not interpreted, to find the transport.

use crate::wire::{Defect, Defects};

/// The hop-by-hop options header.
pub(super) const HOP_BY_HOP: u8 = 0;
const ROUTING: u8 = 43;
const FRAGMENT: u8 = 44;
const AUTHENTICATION: u8 = 51;
const DESTINATION: u8 = 60;
const MOBILITY: u8 = 135;
const HOST_IDENTITY: u8 = 139;
const SHIM6: u8 = 140;

/// Where a walk over extension headers ended.
pub(super) struct Walk<'a> {
    /// The captured octets after the headers.
    pub(super) rest: &'a [u8],
    /// The octets after the headers on the wire.
    pub(super) len: usize,
    /// The protocol of the rest.
    pub(super) protocol: u8,
    /// Whether a routing header has hops left: the destination address is then not the last one.
    pub(super) routed: bool,
    /// For a fragment, whether it is a later one than the first.
    pub(super) fragment: Option<bool>,
    pub(super) defects: Defects,
}

/// Whether this next-header number is that of an extension header.
#[inline]
pub(super) const fn is_extension(next: u8) -> bool {
    matches!(
        next,
        HOP_BY_HOP | ROUTING | FRAGMENT | AUTHENTICATION | DESTINATION | MOBILITY | HOST_IDENTITY | SHIM6
    )
}

/// Walks the headers at the start of `bytes`, which were `len` octets on the wire. Every header takes
/// at least eight octets, so the walk ends.
pub(super) fn walk(next: u8, bytes: &[u8], len: usize) -> Walk<'_> {
    let mut walk =
        Walk { rest: bytes, len, protocol: next, routed: false, fragment: None, defects: Defects::NONE };
    // A later fragment starts in the middle of what was cut: nothing to walk.
    while is_extension(walk.protocol) && walk.fragment != Some(true) {
        let Some(header) = walk.rest.first_chunk::<8>() else {
            walk.stop(8);
            break;
        };
        let header_len = match walk.protocol {
            FRAGMENT => 8,
            AUTHENTICATION => (usize::from(header[1]) + 2) * 4,
            _ => (usize::from(header[1]) + 1) * 8,
        };
        match walk.protocol {
            ROUTING => walk.routed |= header[3] != 0,
            FRAGMENT => {
                let field = u16::from_be_bytes([header[2], header[3]]);
                let (offset, more) = (field >> 3, field & 1 != 0);
                // Offset zero and no more to come is a whole packet (RFC 6946).
                if offset != 0 || more {
                    walk.fragment = Some(offset != 0);
                }
            }
            _ => {}
        }
        let Some(rest) = walk.rest.get(header_len..) else {
            walk.stop(header_len);
            break;
        };
        walk.protocol = header[0];
        walk.rest = rest;
        walk.len -= header_len;
    }
    walk
}

impl Walk<'_> {
    /// Ends at a header that is not wholly there: cut off by the capture, or longer than the packet.
    fn stop(&mut self, header_len: usize) {
        let cut = header_len <= self.len;
        self.defects.insert(if cut { Defect::CutOff } else { Defect::BadExtensionHeader });
    }
}
