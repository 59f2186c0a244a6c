//! Packets on the way, as the octets they are. Their buffers are used again.

use crate::timeline::journal::Kept;
use crate::timeline::{HostId, PacketId};

use super::network::LaneId;

/// A frame on the way: its place among the buffers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FrameId(u32);

/// A packet on the way.
#[derive(Debug, Default)]
pub(super) struct Frame {
    /// The whole IP packet.
    pub octets: Vec<u8>,
    /// The same in the journal, if there is one.
    pub kept: Kept,
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
    /// Whether a bit was flipped on the way, so that `kept` is no longer what it is.
    pub damaged: bool,
}

/// All frames on the way.
#[derive(Debug, Default)]
pub(super) struct Frames {
    slots: Vec<Frame>,
    free: Vec<FrameId>,
}

impl Frames {
    /// A frame with an empty buffer.
    #[inline]
    pub(super) fn take(&mut self) -> (FrameId, &mut Frame) {
        let id = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Frame::default());
            FrameId((self.slots.len() - 1) as u32)
        });
        let frame = &mut self.slots[id.0 as usize];
        frame.octets.clear();
        frame.damaged = false;
        (id, frame)
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
        let (octets, kept) = (original.octets.clone(), original.kept);
        let (packet, from, to, lane) = (original.id, original.from, original.to, original.lane);
        let (retransmission, damaged) = (original.retransmission, original.damaged);
        let (copy, frame) = self.take();
        *frame = Frame { octets, kept, id: packet, from, to, lane, retransmission, damaged };
        copy
    }
}
