//! The eleven states (RFC 9293 §3.3.2).

use std::fmt;

/// A connection's state. CLOSED is fictional: it stands for no control block at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum State {
    /// No connection.
    #[default]
    Closed,
    /// Waiting for a connection request from anyone.
    Listen,
    /// A SYN was sent; waiting for the matching one.
    SynSent,
    /// Both SYNs passed; waiting for ours to be acknowledged.
    SynReceived,
    /// Open: data flows both ways.
    Established,
    /// We closed; waiting for our FIN's acknowledgment, or for the peer's FIN.
    FinWait1,
    /// Our FIN is acknowledged; waiting for the peer's.
    FinWait2,
    /// The peer closed; waiting for our user to close.
    CloseWait,
    /// Both closed at once; waiting for our FIN's acknowledgment.
    Closing,
    /// The peer closed, then we; waiting for our FIN's acknowledgment.
    LastAck,
    /// Waiting until old segments have died.
    TimeWait,
}

impl State {
    /// All states, in the order of the RFC's list.
    pub const ALL: [State; 11] = [
        State::Closed,
        State::Listen,
        State::SynSent,
        State::SynReceived,
        State::Established,
        State::FinWait1,
        State::FinWait2,
        State::CloseWait,
        State::Closing,
        State::LastAck,
        State::TimeWait,
    ];

    /// The RFC's name: `SYN-SENT`.
    pub const fn name(self) -> &'static str {
        match self {
            State::Closed => "CLOSED",
            State::Listen => "LISTEN",
            State::SynSent => "SYN-SENT",
            State::SynReceived => "SYN-RECEIVED",
            State::Established => "ESTABLISHED",
            State::FinWait1 => "FIN-WAIT-1",
            State::FinWait2 => "FIN-WAIT-2",
            State::CloseWait => "CLOSE-WAIT",
            State::Closing => "CLOSING",
            State::LastAck => "LAST-ACK",
            State::TimeWait => "TIME-WAIT",
        }
    }

    /// The state of this name: the RFC's, or `ss`'s and netstat's spellings (`SYN-RECV`, `FIN_WAIT1`).
    pub fn from_name(name: &str) -> Option<State> {
        let plain = |text: &str| text.to_ascii_uppercase().replace(['-', '_'], "");
        let wanted = match plain(name).as_str() {
            "SYNRECV" => "SYNRECEIVED".to_owned(),
            "ESTAB" => "ESTABLISHED".to_owned(),
            "CLOSE" => "CLOSED".to_owned(),
            other => other.to_owned(),
        };
        State::ALL.into_iter().find(|state| plain(state.name()) == wanted)
    }

    /// Whether both ends have agreed on their sequence numbers: ESTABLISHED and everything after it
    /// (RFC 9293 §3.5.2, group 3).
    pub const fn is_synchronized(self) -> bool {
        !matches!(self, State::Closed | State::Listen | State::SynSent | State::SynReceived)
    }

    /// Whether text from the peer is still taken in this state.
    pub const fn receives_text(self) -> bool {
        matches!(self, State::Established | State::FinWait1 | State::FinWait2)
    }

    /// Whether the user may still send in this state.
    pub const fn sends_text(self) -> bool {
        matches!(self, State::Established | State::CloseWait)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
