//! A segment for which there is no connection (RFC 9293 §3.10.7.1).

use super::ignore;
use crate::tcp::Rule;
use crate::tcp::decision::{Decision, Disposition, Reset};
use crate::tcp::tcb::Arrival;

/// The answer to a segment for which nothing is open.
pub fn closed(segment: &Arrival) -> Decision {
    //= https://www.rfc-editor.org/rfc/rfc9293#section-3.10.7.1
    //# An incoming segment containing a RST is discarded.
    if segment.flags.rst() {
        return ignore(Rule::ClosedIgnoresReset);
    }
    let (reset, rule) = reset_for(segment);
    Decision::new(Disposition::SendReset(reset), rule)
}

/// The reset that the sender of this segment will find acceptable (RFC 9293 §3.5.2).
pub(super) fn reset_for(segment: &Arrival) -> (Reset, Rule) {
    //= https://www.rfc-editor.org/rfc/rfc9293#section-3.10.7.1
    //# If the ACK bit is on,
    //# <SEQ=SEG.ACK><CTL=RST>
    if segment.flags.ack() {
        return (Reset { seq: segment.ack, ack: None }, Rule::ClosedResetsWithAck);
    }
    //= https://www.rfc-editor.org/rfc/rfc9293#section-3.10.7.1
    //# If the ACK bit is off, sequence number zero is used,
    //# <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>
    (Reset { seq: crate::wire::SeqNumber(0), ack: Some(segment.seq_end()) }, Rule::ClosedResetsWithoutAck)
}
