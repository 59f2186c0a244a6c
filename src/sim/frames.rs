//! Packets on the way, as the octets they are. Their buffers are used again.

use crate::timeline::journal::{Journal, Kept};
use crate::timeline::{HostId, PacketId};

use super::network::LaneId;

/// A frame on the way: its place among the buffers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FrameId(u32);

/// A packet on the way.
#[derive(Debug, Default)]
pub(super) struct Frame {
    /// The whole IP packet, where it does not lie in the journal.
    own: Vec<u8>,
    /// Where it lies in the journal.
    kept: Option<Kept>,
    /// Its number.
    pub id: PacketId,
    /// Who sent it.
    pub from: HostId,
    /// Who gets it.
    pub to: HostId,
    /// The direction it takes.
    pub lane: LaneId,
    /// Whether it repeats numbers sent before.
    pub retransmission: bool,
}

impl Frame {
    /// Has `write` append the packet: to the journal if there is one, so that it is written only once.
    #[inline]
    pub(super) fn write(&mut self, journal: Option<&mut Journal>, write: impl FnOnce(&mut Vec<u8>)) {
        self.own.clear();
        if let Some(journal) = journal {
            self.kept = Some(journal.packet(write));
        } else {
            self.kept = None;
            write(&mut self.own);
        }
    }

    /// The whole IP packet.
    #[inline]
    pub(super) fn octets<'a>(&'a self, journal: Option<&'a Journal>) -> &'a [u8] {
        match (self.kept, journal) {
            (Some(kept), Some(journal)) => journal.octets(kept),
            _ => &self.own,
        }
    }

    /// Where it lies in the journal, to which it is written now if it was not.
    #[inline]
    pub(super) fn kept(&self, journal: &mut Journal) -> Kept {
        self.kept.unwrap_or_else(|| journal.packet(|octets| octets.extend_from_slice(&self.own)))
    }

    /// The packet to be changed, which is then no longer what was sent.
    pub(super) fn damage(&mut self, journal: Option<&Journal>) -> &mut [u8] {
        if let (Some(kept), Some(journal)) = (self.kept.take(), journal) {
            self.own.extend_from_slice(journal.octets(kept));
        }
        &mut self.own
    }
}

/// All frames on the way.
#[derive(Debug, Default)]
pub(super) struct Frames {
    slots: Vec<Frame>,
    free: Vec<FrameId>,
}

impl Frames {
    /// A frame, to be filled in.
    #[inline]
    pub(super) fn take(&mut self) -> (FrameId, &mut Frame) {
        let id = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Frame::default());
            FrameId((self.slots.len() - 1) as u32)
        });
        (id, &mut self.slots[id.0 as usize])
    }

    /// The frame.
    pub(super) fn get(&self, id: FrameId) -> &Frame {
        &self.slots[id.0 as usize]
    }

    /// The frame, to change it.
    pub(super) fn get_mut(&mut self, id: FrameId) -> &mut Frame {
        &mut self.slots[id.0 as usize]
    }

    /// The frame is gone; its buffer is free.
    pub(super) fn give_back(&mut self, id: FrameId) {
        self.free.push(id);
    }

    /// A copy of a frame, as the network makes one: octets and number are the same.
    pub(super) fn copy(&mut self, id: FrameId) -> FrameId {
        let original = self.get(id);
        let (own, kept) = (original.own.clone(), original.kept);
        let (packet, from, to, lane) = (original.id, original.from, original.to, original.lane);
        let retransmission = original.retransmission;
        let (copy, frame) = self.take();
        *frame = Frame { own, kept, id: packet, from, to, lane, retransmission };
        copy
    }
}
