//! A segment to be sent, before it is a packet.

use std::net::IpAddr;
use std::ops::Range;

use crate::tcp::{Rule, Settings};
use crate::wire::{Ip, Options, Segment, Transport};

/// A segment to be sent, and where in the send buffer its text lies.
///
/// It is filled in where it stands and lent from there: a copy of what was only just written, field by
/// field, would have to wait for every write.
// In this order: side by side, the last two would be read as one, which their writing could not serve.
#[derive(Debug)]
#[repr(C)]
pub(in crate::tcp) struct Plan {
    pub(in crate::tcp) rule: Rule,
    pub(in crate::tcp) transport: Transport,
    pub(in crate::tcp) text: Range<usize>,
    pub(in crate::tcp) retransmission: bool,
    pub(in crate::tcp) ip: Ip,
}

impl Default for Plan {
    fn default() -> Self {
        let transport = Transport::Tcp(Segment::default());
        Plan { ip: Ip::default(), transport, text: 0..0, rule: Rule::AcksAtOnce, retransmission: false }
    }
}

impl Plan {
    pub(super) fn set_options(&mut self, options: Options) {
        if let Transport::Tcp(segment) = &mut self.transport {
            segment.options = options;
        }
    }

    /// A segment that belongs to no connection.
    pub(in crate::tcp) fn of_nobody(&mut self, segment: Segment, rule: Rule) {
        self.transport = Transport::Tcp(segment);
        (self.text, self.rule, self.retransmission) = (0..0, rule, false);
    }
}

/// The IP header of segments between these addresses.
//= https://www.rfc-editor.org/rfc/rfc9293#section-3.9.1.9
//# The application layer MUST be able to specify the Differentiated
//# Services field for segments that are sent on a connection (MUST-48).
//= https://www.rfc-editor.org/rfc/rfc9293#section-3.9.2
//# Time to Live (TTL): The TTL value used to send TCP segments MUST be configurable (MUST-49).
pub(in crate::tcp) fn header((src, dst): (IpAddr, IpAddr), settings: &Settings) -> Ip {
    Ip { src, dst, ttl: settings.ttl, tos: settings.tos, ..Ip::default() }
}
