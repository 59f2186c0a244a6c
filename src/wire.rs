//! Frames, packets and segments, to and from bytes.
//!
//! [`Segment`] is a TCP header with its options and the length of its text, small and `Copy`; the
//! text itself travels beside it. [`Packet`] is a segment or datagram inside its IP header. Nothing
//! odd is an error here: a SYN with a FIN, a bad checksum or an option of length 0 is recorded as a
//! [`Defect`] and shown. Only "too short to be a header" is refused.

pub mod capture;
pub mod checksum;
mod decode;
mod defect;
mod encode;
mod flags;
mod link;
mod options;
mod packet;
mod segment;
mod seq;

pub use decode::{DecodeError, decode_captured, decode_frame, decode_ip};
pub use defect::{Defect, Defects};
pub use encode::encode_ip;
pub use flags::Flags;
pub use link::{Layer, LinkType};
pub use options::{OptionIter, Options, SackBlock, SackBlocks, TcpOption};
pub use packet::{Datagram, Ip, Packet, Transport};
pub use segment::Segment;
pub use seq::SeqNumber;
