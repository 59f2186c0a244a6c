//! What can be said about one packet, or about a whole connection.

use std::fmt;
use std::ops::BitOrAssign;

/// How much a finding deserves a second look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Part of ordinary life: a window update, the side that enters TIME-WAIT.
    Plain,
    /// Out of the ordinary, and handled by TCP: a retransmission, a keep-alive.
    Note,
    /// Something was lost, refused or broken off.
    Warning,
}

macro_rules! findings {
    ($($(#[doc = $doc:literal])+ $variant:ident = $key:literal, $severity:ident, $wireshark:expr;)+) => {
        /// A finding; its text in each language is the message `finding-KEY`.
        ///
        /// The first fifteen are Wireshark's `tcp.analysis` flags, with its meaning of each.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Finding {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Finding {
            /// Every finding, in the order of its declaration.
            pub const ALL: &'static [Finding] = &[$(Finding::$variant),+];

            /// The finding's stable name: `fast-retransmission`.
            pub const fn key(self) -> &'static str {
                match self { $(Finding::$variant => $key,)+ }
            }

            /// How much it deserves a second look.
            pub const fn severity(self) -> Severity {
                match self { $(Finding::$variant => Severity::$severity,)+ }
            }

            /// Wireshark's field for it: `tcp.analysis.fast_retransmission`.
            pub const fn wireshark(self) -> Option<&'static str> {
                match self { $(Finding::$variant => $wireshark,)+ }
            }
        }
    };
}

findings! {
    /// Sequence numbers that were sent before are sent again.
    Retransmission = "retransmission", Note, Some("tcp.analysis.retransmission");
    /// Sent again within 20 ms of at least two duplicate ACKs that ask for it.
    FastRetransmission = "fast-retransmission", Note, Some("tcp.analysis.fast_retransmission");
    /// Sent again although the other end has acknowledged all of it.
    SpuriousRetransmission = "spurious-retransmission", Note, Some("tcp.analysis.spurious_retransmission");
    /// Arrived after a later one, soon enough to have been overtaken.
    OutOfOrder = "out-of-order", Note, Some("tcp.analysis.out_of_order");
    /// The same ACK again: something arrived that could not be used yet.
    DuplicateAck = "duplicate-ack", Note, Some("tcp.analysis.duplicate_ack");
    /// Numbers before this segment are missing from the capture.
    LostSegment = "lost-segment", Warning, Some("tcp.analysis.lost_segment");
    /// Acknowledges numbers that the capture does not hold.
    AckLostSegment = "ack-lost-segment", Warning, Some("tcp.analysis.ack_lost_segment");
    /// The sender of this segment has no room for data.
    ZeroWindow = "zero-window", Warning, Some("tcp.analysis.zero_window");
    /// One octet sent into a closed window, to learn whether it is open again.
    ZeroWindowProbe = "zero-window-probe", Note, Some("tcp.analysis.zero_window_probe");
    /// The answer to a probe: the window is still closed.
    ZeroWindowProbeAck = "zero-window-probe-ack", Note, Some("tcp.analysis.zero_window_probe_ack");
    /// This segment fills the window that the other end advertised.
    WindowFull = "window-full", Note, Some("tcp.analysis.window_full");
    /// Nothing but a new window.
    WindowUpdate = "window-update", Plain, Some("tcp.analysis.window_update");
    /// One number below the next one: asks whether the other end is still there.
    KeepAlive = "keep-alive", Note, Some("tcp.analysis.keep_alive");
    /// The answer to a keep-alive.
    KeepAliveAck = "keep-alive-ack", Note, Some("tcp.analysis.keep_alive_ack");
    /// A new connection between the same addresses and ports.
    ReusedPorts = "reused-ports", Note, Some("tcp.analysis.reused_ports");

    /// The same packet again, IP identification and all: the network (or the capture) doubled it.
    NetworkDuplicate = "network-duplicate", Note, None;
    /// A zero-window probe as Linux sends it: nothing new, one number below the next one.
    ProbeBelow = "probe-below", Note, None;
    /// A resend whose first copy the capture does not hold.
    MissingFirstCopy = "missing-first-copy", Note, None;
    /// A D-SACK reports octets as received twice of which the capture holds one copy.
    UnseenResend = "unseen-resend", Note, None;
    /// A SYN or SYN,ACK again: no answer came in time.
    SynRetransmission = "syn-retransmission", Note, None;
    /// Nobody ever answered the SYN.
    Unanswered = "unanswered", Warning, None;
    /// The SYN was answered, but the third segment of the handshake never came.
    IncompleteHandshake = "incomplete-handshake", Warning, None;
    /// The SYN met a closed port.
    ResetRefused = "reset-refused", Warning, None;
    /// A reset between SYN,ACK and the end of the handshake.
    ResetHandshake = "reset-handshake", Warning, None;
    /// One end broke an open connection off.
    ResetAbort = "reset-abort", Warning, None;
    /// A reset from an end that had closed already.
    ResetAfterClose = "reset-after-close", Note, None;
    /// The sender of this reset knows of no such connection.
    ResetNoConnection = "reset-no-connection", Warning, None;
    /// A reset inside the window but not at the next number: only a challenge ACK answers it.
    ResetChallenged = "reset-challenged", Warning, None;
    /// A reset outside the window: it does nothing.
    ResetIgnored = "reset-ignored", Warning, None;
    /// An ACK that answers a doubtful RST or SYN (RFC 5961).
    ChallengeAck = "challenge-ack", Note, None;
    /// Data towards an end that has sent its FIN.
    HalfClose = "half-close", Plain, None;
    /// Both ends sent a SYN before they saw the other's.
    SimultaneousOpen = "simultaneous-open", Note, None;
    /// Both ends sent a FIN before they saw the other's.
    SimultaneousClose = "simultaneous-close", Note, None;
    /// One end enters TIME-WAIT.
    TimeWait = "time-wait", Plain, None;
    /// The checksum is wrong: the receiver drops this.
    BadChecksum = "bad-checksum", Warning, None;
    /// The checksum was left to the network card; nothing is wrong.
    OffloadedChecksum = "offloaded-checksum", Plain, None;
    /// The capture begins in the middle of this connection.
    MidStream = "mid-stream", Plain, None;
    /// The sequence numbers pass 2^32 and go on from 0.
    SequenceWrap = "sequence-wrap", Plain, None;
}

impl Finding {
    /// The finding of this key.
    pub fn from_key(key: &str) -> Option<Finding> {
        Finding::ALL.iter().copied().find(|finding| finding.key() == key)
    }

    const fn bit(self) -> u64 {
        1 << self as u8
    }
}

/// A set of [`Finding`]s.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Findings(u64);

impl Findings {
    /// No findings.
    pub const NONE: Findings = Findings(0);

    /// All that Wireshark has a flag for.
    pub const WIRESHARK: Findings = Findings((Finding::ReusedPorts.bit() << 1) - 1);

    /// Wireshark's four names for numbers that come a second time or late.
    pub const RESENDS: Findings = Findings(
        Finding::Retransmission.bit()
            | Finding::FastRetransmission.bit()
            | Finding::SpuriousRetransmission.bit()
            | Finding::OutOfOrder.bit(),
    );

    /// What says, beside its sender, that numbers sent before are sent again.
    pub const SENT_AGAIN: Findings = Findings(
        Finding::Retransmission.bit()
            | Finding::FastRetransmission.bit()
            | Finding::SpuriousRetransmission.bit()
            | Finding::SynRetransmission.bit(),
    );

    /// This set and one more, usable in constants.
    #[must_use]
    pub const fn with(self, finding: Finding) -> Findings {
        Findings(self.0 | finding.bit())
    }

    /// The set of these.
    pub fn of(findings: &[Finding]) -> Findings {
        findings.iter().fold(Findings::NONE, |set, finding| Findings(set.0 | finding.bit()))
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether `finding` is among them.
    pub const fn contains(self, finding: Finding) -> bool {
        self.0 & finding.bit() != 0
    }

    /// Whether any of `other` is among them.
    pub const fn intersects(self, other: Findings) -> bool {
        self.0 & other.0 != 0
    }

    /// Those that are in both sets.
    #[must_use]
    pub const fn only(self, other: Findings) -> Findings {
        Findings(self.0 & other.0)
    }

    /// This set less the findings of `other`.
    #[must_use]
    pub const fn without(self, other: Findings) -> Findings {
        Findings(self.0 & !other.0)
    }

    /// Adds a finding.
    pub const fn insert(&mut self, finding: Finding) {
        self.0 |= finding.bit();
    }

    /// Adds a finding, if there is one.
    pub(super) fn extend_with(&mut self, finding: Option<Finding>) {
        self.0 |= finding.map_or(0, Finding::bit);
    }

    /// The findings in the order of their declaration.
    pub fn iter(self) -> impl Iterator<Item = Finding> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let finding = Finding::ALL.get(rest.trailing_zeros() as usize).copied()?;
            rest &= rest - 1;
            Some(finding)
        })
    }
}

impl BitOrAssign for Findings {
    fn bitor_assign(&mut self, rhs: Findings) {
        self.0 |= rhs.0;
    }
}

impl FromIterator<Finding> for Findings {
    fn from_iter<I: IntoIterator<Item = Finding>>(findings: I) -> Findings {
        findings.into_iter().fold(Findings::NONE, |set, finding| Findings(set.0 | finding.bit()))
    }
}

/// The keys joined by commas; nothing for none.
impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, finding) in self.iter().enumerate() {
            if i > 0 {
                f.write_str(",")?;
            }
            f.write_str(finding.key())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
