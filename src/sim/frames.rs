//! Packets on the way, as the octets they are. Their buffers are used again.

use bytes::{Bytes, BytesMut};

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
    /// Its payload once more, shared with the events; empty when nobody wants events.
    pub payload: Bytes,
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
    /// Whether a bit was flipped on the way, so that `payload` is no longer what it carries.
    pub damaged: bool,
}

/// All frames on the way.
#[derive(Debug, Default)]
pub(super) struct Frames {
    slots: Vec<Frame>,
    free: Vec<FrameId>,
    texts: Texts,
}

impl Frames {
    /// A frame with an empty buffer.
    pub(super) fn take(&mut self) -> (FrameId, &mut Frame, &mut Texts) {
        let id = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Frame::default());
            FrameId((self.slots.len() - 1) as u32)
        });
        let frame = &mut self.slots[id.0 as usize];
        frame.octets.clear();
        frame.damaged = false;
        (id, frame, &mut self.texts)
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
        self.slots[id.0 as usize].payload = Bytes::new();
        self.free.push(id);
    }

    /// A copy of a frame, as the network makes one: octets and number are the same.
    pub(super) fn copy(&mut self, id: FrameId) -> FrameId {
        let original = self.get(id);
        let (octets, payload) = (original.octets.clone(), original.payload.clone());
        let (packet, from, to, lane) = (original.id, original.from, original.to, original.lane);
        let (retransmission, damaged) = (original.retransmission, original.damaged);
        let (copy, frame, _) = self.take();
        *frame = Frame { octets, payload, id: packet, from, to, lane, retransmission, damaged };
        copy
    }
}

/// Texts kept for the events, many in one allocation.
#[derive(Debug, Default)]
pub(super) struct Texts(BytesMut);

impl Texts {
    const CHUNK: usize = 64 * 1024;

    /// A copy of a text that events may share.
    pub(super) fn keep(&mut self, text: &[u8]) -> Bytes {
        if text.is_empty() {
            return Bytes::new();
        }
        if self.0.capacity() < text.len() {
            self.0 = BytesMut::with_capacity(Self::CHUNK.max(text.len()));
        }
        self.0.extend_from_slice(text);
        self.0.split().freeze()
    }
}
