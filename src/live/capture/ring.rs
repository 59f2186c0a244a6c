//! A `TPACKET_V3` ring: the kernel writes frames into memory that we share with it, block by block, so that
//! a frame costs no system call (`Documentation/networking/packet_mmap.rst`).
#![allow(unsafe_code)]

use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::ptr::{self, NonNull};
use std::slice;
use std::sync::atomic::{AtomicU32, Ordering, fence};
use std::time::Duration;

use nix::errno::Errno;
use nix::libc::{self, tpacket_block_desc, tpacket3_hdr};
use nix::net::if_::if_nametoindex;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::Frame;
use crate::live::error::Context;
use crate::live::packet_socket::{Options, prepared};
use crate::live::{Result, clock};

/// A block holds the largest frame many times over, and is handed to us when it is full.
const BLOCK: usize = 1 << 20;
/// Half a second of full-size loopback traffic.
const BLOCKS: usize = 32;
/// A block that is not full is handed over after so many milliseconds, which bounds how late a frame shows.
const RETIRE_MILLIS: u32 = 20;

/// The ring and its socket.
#[derive(Debug)]
pub(super) struct Ring {
    socket: OwnedFd,
    memory: NonNull<libc::c_void>,
    next: usize,
    /// The order of a block's frames, where it must be changed: kept for its room.
    order: Vec<(u64, usize)>,
}

// SAFETY: the memory belongs to this value alone and is not tied to a thread.
unsafe impl Send for Ring {}

impl Ring {
    /// Opens `interface` with a ring.
    ///
    /// # Errors
    /// [`Denied`](crate::live::permission::Denied) without `CAP_NET_RAW`; a system error when there is no such
    /// interface or no memory for the ring.
    pub(super) fn open(interface: &str, options: &Options) -> Result<Ring> {
        let socket = prepared(options)?;
        let index = if_nametoindex(interface).doing(format!("finding the interface {interface}"))?;
        set(&socket, libc::PACKET_VERSION, &(libc::tpacket_versions::TPACKET_V3 as i32))
            .doing("asking for a packet ring of version 3")?;
        // Frames are packed; the frame size only has to divide the block size.
        let frame = 2048;
        let request = libc::tpacket_req3 {
            tp_block_size: BLOCK as u32,
            tp_block_nr: BLOCKS as u32,
            tp_frame_size: frame,
            tp_frame_nr: (BLOCK * BLOCKS) as u32 / frame,
            tp_retire_blk_tov: RETIRE_MILLIS,
            tp_sizeof_priv: 0,
            tp_feature_req_word: 0,
        };
        set(&socket, libc::PACKET_RX_RING, &request).doing("making a packet ring")?;
        // SAFETY: a new shared mapping, at a place of the kernel's choice, of the ring that the socket has just
        // got, of exactly its size.
        let mapped = unsafe {
            let protection = libc::PROT_READ | libc::PROT_WRITE;
            libc::mmap(ptr::null_mut(), BLOCK * BLOCKS, protection, libc::MAP_SHARED, socket.as_raw_fd(), 0)
        };
        let memory = NonNull::new(mapped).filter(|memory| memory.as_ptr() != libc::MAP_FAILED);
        let memory = memory.ok_or_else(Errno::last).doing("mapping a packet ring")?;
        let ring = Ring { socket, memory, next: 0, order: Vec::new() };
        ring.bind(index).doing(format!("opening {interface} for packets"))?;
        Ok(ring)
    }

    /// From now on, everything that passes the interface.
    fn bind(&self, index: u32) -> nix::Result<()> {
        let mut address: libc::sockaddr_ll = zeroed_address();
        address.sll_ifindex = index as i32;
        // SAFETY: the address lives during the call and its length is its own.
        let result = unsafe {
            let len = size_of_val(&address) as libc::socklen_t;
            libc::bind(self.socket.as_raw_fd(), (&raw const address).cast(), len)
        };
        Errno::result(result).map(drop)
    }

    /// Waits at most so long for a block and gives out its frames in the order of their times; says whether
    /// there was one.
    ///
    /// # Errors
    /// When waiting fails.
    pub(super) fn receive(&mut self, at_most: Duration, each: &mut impl FnMut(Frame<'_>)) -> Result<bool> {
        if !self.is_ready() {
            let timeout = PollTimeout::try_from(at_most).unwrap_or(PollTimeout::MAX);
            match poll(&mut [PollFd::new(self.socket.as_fd(), PollFlags::POLLIN)], timeout) {
                Ok(_) | Err(Errno::EINTR) => {}
                Err(errno) => return Err(errno).doing("waiting for frames"),
            }
        }
        if !self.is_ready() {
            return Ok(false);
        }
        self.give_out(each);
        // SAFETY: `status` points into the mapping. We are done with the block, and the fence lets no read of
        // it happen after the kernel may write again.
        unsafe {
            fence(Ordering::SeqCst);
            (*self.status()).store(libc::TP_STATUS_KERNEL, Ordering::Release);
        }
        self.next = (self.next + 1) % BLOCKS;
        Ok(true)
    }

    /// The block that comes next.
    fn block(&self) -> *const tpacket_block_desc {
        // SAFETY: `next` is below BLOCKS, so the result lies in the mapping.
        unsafe { self.memory.as_ptr().cast_const().byte_add(self.next * BLOCK).cast() }
    }

    /// Who may touch the next block: the kernel writes it too.
    fn status(&self) -> *const AtomicU32 {
        // SAFETY: the field lies in the mapping, is aligned as a `u32`, and is only used atomically.
        unsafe { (&raw const (*self.block()).hdr.bh1.block_status).cast() }
    }

    fn is_ready(&self) -> bool {
        // SAFETY: see `status`.
        let status = unsafe { (*self.status()).load(Ordering::Acquire) };
        status & libc::TP_STATUS_USER != 0
    }

    /// The frames of the next block, which is ours. Frames of different processors may stand in a block in
    /// another order than that of their times: then it is sorted.
    fn give_out(&mut self, each: &mut impl FnMut(Frame<'_>)) {
        let block: *const u8 = self.block().cast();
        // SAFETY: the block is ours until we give it back, so nobody writes to it.
        let (count, first) = unsafe {
            let header = &(*self.block()).hdr.bh1;
            (header.num_pkts, header.offset_to_first_pkt as usize)
        };
        let mut order = std::mem::take(&mut self.order);
        order.clear();
        let mut offset = first;
        for _ in 0..count {
            let Some(header) = header_at(block, offset) else { break };
            order.push((stamp(&header), offset));
            offset += header.tp_next_offset as usize;
        }
        if !order.is_sorted() {
            order.sort_unstable(); // of one time, by their places
        }
        for (_, offset) in &order {
            let Some(header) = header_at(block, *offset) else { continue };
            let (start, len) = (offset + usize::from(header.tp_mac), header.tp_snaplen as usize);
            if start + len > BLOCK {
                continue;
            }
            // SAFETY: the octets lie inside the block, which is ours.
            let data = unsafe { slice::from_raw_parts(block.add(start), len) };
            let at = clock::from_parts(i64::from(header.tp_sec), i64::from(header.tp_nsec));
            each(Frame { at, original_len: header.tp_len, data });
        }
        self.order = order;
    }

    /// Frames that found the ring full, since this was last asked.
    pub(super) fn dropped(&self) -> u64 {
        let mut stats = [0_u32; 3]; // struct tpacket_stats_v3: packets, drops, freezes
        let mut len = size_of_val(&stats) as libc::socklen_t;
        // SAFETY: the kernel writes at most `len` octets into `stats`.
        let result = unsafe {
            let place = stats.as_mut_ptr().cast();
            let (level, name) = (libc::SOL_PACKET, libc::PACKET_STATISTICS);
            libc::getsockopt(self.socket.as_raw_fd(), level, name, place, &raw mut len)
        };
        if result == 0 { u64::from(stats[1]) } else { 0 }
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        // SAFETY: the mapping is ours and nobody holds a reference into it: frames live only during a call.
        let _ = unsafe { libc::munmap(self.memory.as_ptr(), BLOCK * BLOCKS) };
    }
}

/// A frame's header, if it lies inside the block.
fn header_at(block: *const u8, offset: usize) -> Option<tpacket3_hdr> {
    if offset + size_of::<tpacket3_hdr>() > BLOCK {
        return None;
    }
    // SAFETY: the header lies inside the block, which is ours; it may stand at any alignment.
    Some(unsafe { ptr::read_unaligned(block.add(offset).cast()) })
}

fn stamp(header: &tpacket3_hdr) -> u64 {
    u64::from(header.tp_sec) * 1_000_000_000 + u64::from(header.tp_nsec)
}

fn zeroed_address() -> libc::sockaddr_ll {
    libc::sockaddr_ll {
        sll_family: libc::AF_PACKET as u16,
        sll_protocol: (libc::ETH_P_ALL as u16).to_be(),
        sll_ifindex: 0,
        sll_hatype: 0,
        sll_pkttype: 0,
        sll_halen: 0,
        sll_addr: [0; 8],
    }
}

fn set<T>(socket: &OwnedFd, name: i32, value: &T) -> nix::Result<()> {
    // SAFETY: the kernel copies the value, whose length is its own, during the call.
    let result = unsafe {
        let len = size_of::<T>() as libc::socklen_t;
        libc::setsockopt(socket.as_raw_fd(), libc::SOL_PACKET, name, ptr::from_ref(value).cast(), len)
    };
    Errno::result(result).map(drop)
}
