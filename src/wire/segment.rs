//! A TCP header as numbers.

use super::{Defect, Defects, Flags, Options, SeqNumber};

/// A TCP segment: the header's fields, its options, and how many octets of text it carries.
///
/// The text itself travels beside the segment as a slice, so that a segment stays small and `Copy`.
// In this order no field begins a word that moves upwards when the header is built, and none stands beside its
// neighbour in the header: either would be loaded with the other, and have to wait for both to be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(C)]
pub struct Segment {
    /// The window field as it stands in the header, not scaled.
    pub window: u16,
    /// Source port.
    pub src_port: u16,
    /// Destination port.
    pub dst_port: u16,
    /// The control bits.
    pub flags: Flags,
    /// The checksum field as it stood on the wire; ignored and computed when building.
    pub checksum: u16,
    /// The urgent pointer field.
    pub urgent: u16,
    /// SEG.SEQ: the number of the first octet of text, or of the SYN.
    pub seq: SeqNumber,
    /// SEG.ACK: meaningful only when [`Flags::ACK`] is set.
    pub ack: SeqNumber,
    /// Octets of text on the wire (a cut-off capture may hold fewer).
    pub len: u32,
    /// The options.
    pub options: Options,
}

impl Segment {
    /// SEG.LEN: the sequence numbers this segment occupies, counting SYN and FIN (RFC 9293 §3.4).
    pub const fn seq_len(&self) -> u32 {
        self.len + self.flags.syn() as u32 + self.flags.fin() as u32
    }

    /// The number after the last one this segment occupies.
    pub fn seq_end(&self) -> SeqNumber {
        self.seq + self.seq_len()
    }

    /// The octets of the header: 20 and the padded options.
    pub const fn header_len(&self) -> usize {
        20 + self.options.padded_len()
    }

    /// What is odd about the fixed fields by themselves: control bits that contradict each other, fields
    /// that are set although nothing says they count, ports of zero.
    pub fn field_defects(&self) -> Defects {
        if self.fields_are_fine() {
            return Defects::NONE;
        }
        let bits = self.flags;
        look_closer(bits, self.ack.0 != 0, self.urgent != 0, self.src_port == 0 || self.dst_port == 0)
    }

    /// Whether nothing is odd about the fixed fields.
    #[inline]
    pub(super) fn fields_are_fine(&self) -> bool {
        let bits = self.flags;
        // An ACK without SYN, as on nearly every segment, contradicts nothing.
        let bits_agree = (bits.ack() && !bits.syn())
            || (bits.ack() || (bits != Flags::NONE && self.ack.0 == 0))
                && !(bits.syn() && bits.intersects(Flags::FIN.with(Flags::RST)));
        bits_agree && self.urgent == 0 && self.src_port != 0 && self.dst_port != 0
    }
}

#[cold]
fn look_closer(bits: Flags, ack_field: bool, urgent_field: bool, port_zero: bool) -> Defects {
    let table = [
        (Defect::SynFin, bits.syn() && bits.fin()),
        (Defect::SynRst, bits.syn() && bits.rst()),
        (Defect::NoFlags, bits == Flags::NONE),
        (Defect::AckFieldWithoutAck, !bits.ack() && ack_field),
        (Defect::UrgentWithoutUrg, !bits.contains(Flags::URG) && urgent_field),
        (Defect::PortZero, port_zero),
    ];
    let mut defects = Defects::NONE;
    for (defect, _) in table.iter().filter(|(_, present)| *present) {
        defects.insert(*defect);
    }
    defects
}
