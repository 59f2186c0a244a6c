//! What is odd about a packet. Defects are shown to the learner, never turned into errors.

use std::fmt;
use std::ops::BitOrAssign;

macro_rules! defects {
    ($($(#[doc = $doc:literal])+ $variant:ident = $bit:literal, $key:literal;)+) => {
        /// One oddity of a frame, packet or segment.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u32)]
        pub enum Defect {
            $($(#[doc = $doc])+ $variant = 1 << $bit,)+
        }

        impl Defect {
            /// Every defect, in the order of its declaration.
            pub const ALL: &'static [Defect] = &[$(Defect::$variant),+];

            /// The defect's stable name; its text in each language is the message `defect-KEY`.
            pub const fn key(self) -> &'static str {
                match self { $(Defect::$variant => $key,)+ }
            }
        }
    };
}

defects! {
    /// The capture holds fewer bytes of the packet than the packet had.
    CutOff = 0, "cut-off";
    /// The IPv4 header's checksum is wrong.
    BadIpChecksum = 1, "bad-ip-checksum";
    /// The TCP or UDP checksum is wrong.
    BadChecksum = 2, "bad-checksum";
    /// The checksum holds only the pseudo-header's sum: the network card was to finish it. Not an error.
    OffloadedChecksum = 3, "offloaded-checksum";
    /// The IP total length is longer than the frame or shorter than its header.
    BadIpLength = 4, "bad-ip-length";
    /// The TCP data offset is below 5 or points past the segment.
    BadDataOffset = 5, "bad-data-offset";
    /// An option's length is 0 or 1, so that the walk cannot go on.
    BadOptionLength = 6, "bad-option-length";
    /// An option says that it is longer than the bytes left for options.
    OptionOverrun = 7, "option-overrun";
    /// An option has a length that its kind does not allow.
    WrongOptionSize = 8, "wrong-option-size";
    /// SYN and FIN are both set.
    SynFin = 9, "syn-fin";
    /// SYN and RST are both set.
    SynRst = 10, "syn-rst";
    /// No control bit is set at all.
    NoFlags = 11, "no-flags";
    /// One of the reserved header bits is set.
    ReservedBits = 12, "reserved-bits";
    /// An option that may only stand on a SYN stands on another segment.
    SynOptionOutsideSyn = 13, "syn-option-outside-syn";
    /// The acknowledgment field is not zero although ACK is not set.
    AckFieldWithoutAck = 14, "ack-field-without-ack";
    /// The urgent pointer is not zero although URG is not set.
    UrgentWithoutUrg = 15, "urgent-without-urg";
    /// A source or destination port is zero.
    PortZero = 16, "port-zero";
    /// Not the first fragment of a datagram, so there is no transport header to read.
    Fragment = 17, "fragment";
    /// The UDP length field disagrees with the packet.
    BadUdpLength = 18, "bad-udp-length";
    /// An IPv6 extension header runs past the packet.
    BadExtensionHeader = 19, "bad-extension-header";
    /// The same option kind stands twice.
    RepeatedOption = 20, "repeated-option";
    /// Bytes after the end-of-options mark are not zero.
    OptionPaddingNotZero = 21, "option-padding-not-zero";
    /// The first fragment of a datagram: the rest comes in other packets, so the checksum cannot be verified.
    FirstFragment = 22, "first-fragment";
}

/// A set of [`Defect`]s.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Defects(u32);

impl Defects {
    /// No defects.
    pub const NONE: Defects = Defects(0);

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether `defect` is among them.
    pub const fn contains(self, defect: Defect) -> bool {
        self.0 & defect as u32 != 0
    }

    /// Adds a defect.
    pub const fn insert(&mut self, defect: Defect) {
        self.0 |= defect as u32;
    }

    /// The defects in the order of their declaration.
    pub fn iter(self) -> impl Iterator<Item = Defect> {
        Defect::ALL.iter().copied().filter(move |defect| self.contains(*defect))
    }
}

impl BitOrAssign for Defects {
    fn bitor_assign(&mut self, rhs: Defects) {
        self.0 |= rhs.0;
    }
}

impl fmt::Debug for Defects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
