//! Writes pcapng: one section, little-endian, times in nanoseconds.

use std::io::{self, Write};

use crate::time::Instant;
use crate::wire::LinkType;

/// The options written here, by number.
mod option {
    pub(super) const END: u16 = 0;
    pub(super) const COMMENT: u16 = 1;
    pub(super) const INTERFACE_NAME: u16 = 2;
    pub(super) const USER_APPLICATION: u16 = 4;
    pub(super) const TIME_RESOLUTION: u16 = 9;
}

/// Writes a pcapng file that Wireshark and tcpdump read.
///
/// Every call writes one whole block, so a file that is cut off at any time is readable up to there.
/// Give it a [`std::io::BufWriter`] when blocks are many.
pub struct PcapngWriter<W> {
    inner: W,
    block: Vec<u8>,
    interfaces: u32,
}

impl<W: Write> PcapngWriter<W> {
    /// Begins the file.
    ///
    /// # Errors
    /// When writing fails.
    pub fn new(inner: W) -> io::Result<Self> {
        let mut writer = PcapngWriter { inner, block: Vec::new(), interfaces: 0 };
        let user = concat!("handshake ", env!("CARGO_PKG_VERSION"));
        writer.write_block(0x0a0d_0d0a, |block| {
            block.extend(0x1a2b_3c4d_u32.to_le_bytes());
            block.extend(1u16.to_le_bytes());
            block.extend(0u16.to_le_bytes());
            // The section's length is not known in advance.
            block.extend((-1i64).to_le_bytes());
            put_option(block, option::USER_APPLICATION, user.as_bytes());
            put_option(block, option::END, &[]);
        })?;
        Ok(writer)
    }

    /// Describes the next interface and says its index, from 0.
    ///
    /// # Errors
    /// When writing fails.
    pub fn add_interface(&mut self, link: LinkType, name: &str) -> io::Result<u32> {
        self.write_block(1, |block| {
            block.extend(link.number().to_le_bytes());
            block.extend([0, 0]);
            // No limit to the octets kept of a frame.
            block.extend(0u32.to_le_bytes());
            put_option(block, option::INTERFACE_NAME, clipped(name));
            put_option(block, option::TIME_RESOLUTION, &[9]);
            put_option(block, option::END, &[]);
        })?;
        self.interfaces += 1;
        Ok(self.interfaces - 1)
    }

    /// Writes a whole frame of an interface that was described, with a comment if there is one. Of a
    /// comment longer than 65,535 octets the first are kept.
    ///
    /// # Errors
    /// When writing fails; [`io::ErrorKind::InvalidInput`] for an interface that was not described.
    pub fn write(
        &mut self,
        interface: u32,
        at: Instant,
        data: &[u8],
        comment: Option<&str>,
    ) -> io::Result<()> {
        self.write_cut(interface, at, data, data.len() as u32, comment)
    }

    /// Writes what was captured of a frame that had `original_len` octets.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub fn write_cut(
        &mut self,
        interface: u32,
        at: Instant,
        data: &[u8],
        original_len: u32,
        comment: Option<&str>,
    ) -> io::Result<()> {
        if interface >= self.interfaces {
            let what = format!("interface {interface} of {} was not described", self.interfaces);
            return Err(io::Error::new(io::ErrorKind::InvalidInput, what));
        }
        let nanos = at.as_nanos();
        self.write_block(6, |block| {
            block.extend(interface.to_le_bytes());
            block.extend(((nanos >> 32) as u32).to_le_bytes());
            block.extend((nanos as u32).to_le_bytes());
            block.extend((data.len() as u32).to_le_bytes());
            block.extend(original_len.to_le_bytes());
            block.extend(data);
            pad(block);
            if let Some(comment) = comment {
                put_option(block, option::COMMENT, clipped(comment));
                put_option(block, option::END, &[]);
            }
        })
    }

    /// Makes sure that everything has reached the file.
    ///
    /// # Errors
    /// When writing fails.
    pub fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }

    /// Ends writing and gives the inner writer back, flushed.
    ///
    /// # Errors
    /// When writing fails.
    pub fn finish(mut self) -> io::Result<W> {
        self.flush()?;
        Ok(self.inner)
    }

    fn write_block(&mut self, block_type: u32, body: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        self.block.clear();
        self.block.extend(block_type.to_le_bytes());
        self.block.extend([0; 4]);
        body(&mut self.block);
        let len = (self.block.len() + 4) as u32;
        self.block.extend(len.to_le_bytes());
        if let Some(room) = self.block.get_mut(4..8) {
            room.copy_from_slice(&len.to_le_bytes());
        }
        self.inner.write_all(&self.block)
    }
}

fn put_option(block: &mut Vec<u8>, code: u16, value: &[u8]) {
    block.extend(code.to_le_bytes());
    block.extend((value.len() as u16).to_le_bytes());
    block.extend(value);
    pad(block);
}

/// Fills up to a whole word. Everything before was whole words, so the block's length tells.
fn pad(block: &mut Vec<u8>) {
    block.resize(block.len().next_multiple_of(4), 0);
}

/// As much of a text as an option holds, cut between characters.
fn clipped(text: &str) -> &[u8] {
    let mut len = text.len().min(usize::from(u16::MAX));
    while !text.is_char_boundary(len) {
        len -= 1;
    }
    &text.as_bytes()[..len]
}
