//! The rules that can fire, one for each paragraph that decides something.
//!
//! The engine names the rule at the branch that took it. The explanation (message `rule-KEY` of
//! the language files), the citation, the quiz and the compliance table all hang on it, so none is
//! ever guessed afterwards.

use crate::rfc::Citation;

macro_rules! rules {
    ($($(#[doc = $doc:literal])+ $variant:ident = $key:literal, $citation:expr;)+) => {
        /// A rule of a standard, or of Linux where it departs from it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Rule {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Rule {
            /// Every rule, in the order of its declaration.
            pub const ALL: &'static [Rule] = &[$(Rule::$variant),+];

            /// The rule's stable name, used in files; its text is the message `rule-KEY`.
            pub const fn key(self) -> &'static str {
                match self { $(Rule::$variant => $key,)+ }
            }

            /// Where the rule is written.
            pub const fn citation(self) -> Citation {
                match self { $(Rule::$variant => $citation,)+ }
            }
        }
    };
}

rules! {
    // closed
    /// A reset for no connection is discarded, so that two resets never answer each other.
    ClosedIgnoresReset = "closed-ignores-reset", Citation::rfc(9293, "3.10.7.1");
    /// Nothing is open here; a segment without ACK draws `<SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>`.
    ClosedResetsWithoutAck = "closed-resets-without-ack", Citation::rfc(9293, "3.10.7.1");
    /// Nothing is open here; a segment with ACK draws `<SEQ=SEG.ACK><CTL=RST>`.
    ClosedResetsWithAck = "closed-resets-with-ack", Citation::rfc(9293, "3.10.7.1");
    // listen
    /// A reset in LISTEN cannot be about anything sent from here.
    ListenIgnoresReset = "listen-ignores-reset", Citation::rfc(9293, "3.10.7.2");
    /// An acknowledgment in LISTEN acknowledges nothing sent from here: reset.
    ListenResetsAck = "listen-resets-ack", Citation::rfc(9293, "3.10.7.2");
    /// A SYN in LISTEN is answered by SYN,ACK.
    ListenAnswersSyn = "listen-answers-syn", Citation::rfc(9293, "3.10.7.2");
    /// Neither RST, ACK nor SYN: dropped.
    ListenDropsOther = "listen-drops-other", Citation::rfc(9293, "3.10.7.2");
    /// Linux drops a SYN that also carries FIN.
    ListenDropsSynFin = "listen-drops-syn-fin", Citation::linux("tcp");
    /// The SYN queue is full and cookies are off: the SYN is dropped.
    ListenSynQueueFull = "listen-syn-queue-full", Citation::rfc(4987, "2.2");
    /// The accept queue is full already: the SYN is dropped.
    ListenAcceptQueueFull = "listen-accept-queue-full", Citation::linux("somaxconn");
    /// The SYN queue is full: the answer's sequence number is a cookie and nothing is remembered.
    ListenSendsCookie = "listen-sends-cookie", Citation::rfc(4987, "3.6");
    /// The acknowledgment holds a valid cookie: the connection is built from it.
    CookieAccepted = "cookie-accepted", Citation::rfc(4987, "3.6");
    /// The acknowledgment holds no valid cookie: reset.
    CookieRejected = "cookie-rejected", Citation::rfc(4987, "3.6");
    /// The accept queue filled during the handshake: the third segment is dropped.
    AcceptQueueFullDropsAck = "accept-queue-full-drops-ack", Citation::linux("tcp_abort_on_overflow");
    /// The accept queue is full and the host is set to abort: reset.
    AcceptQueueFullResets = "accept-queue-full-resets", Citation::linux("tcp_abort_on_overflow");
    /// The SYN asks for a Fast Open cookie: the SYN,ACK brings one.
    FastOpenGivesCookie = "fast-open-gives-cookie", Citation::rfc(7413, "4.1.2");
    /// The SYN brings a valid cookie: its data is taken at once.
    FastOpenAcceptsData = "fast-open-accepts-data", Citation::rfc(7413, "4.2.2");
    /// The SYN's cookie is not valid or Fast Open is off: the data is ignored, only the SYN is acknowledged.
    FastOpenRejectsData = "fast-open-rejects-data", Citation::rfc(7413, "4.2.2");
    /// The listener closed: every connection nobody accepted is reset.
    ListenerClosedResets = "listener-closed-resets", Citation::rfc(9293, "3.10.4");
    // syn-sent
    /// An acknowledgment of something never sent: reset, and SYN-SENT stays.
    SynSentBadAckResets = "syn-sent-bad-ack-resets", Citation::rfc(9293, "3.10.7.3");
    /// A reset whose acknowledgment is wrong proves nothing: dropped.
    SynSentBadAckWithReset = "syn-sent-bad-ack-with-reset", Citation::rfc(9293, "3.10.7.3");
    /// A reset that acknowledges our SYN: the connection is refused.
    SynSentRefused = "syn-sent-refused", Citation::rfc(9293, "3.10.7.3");
    /// A reset without ACK cannot show that it saw our SYN: dropped.
    SynSentResetWithoutAck = "syn-sent-reset-without-ack", Citation::rfc(9293, "3.10.7.3");
    /// SYN,ACK for our SYN: both numbers are agreed, and the third segment tells the peer.
    SynSentEstablished = "syn-sent-established", Citation::rfc(9293, "3.10.7.3");
    /// A SYN without ACK: both ends opened at once.
    SynSentSimultaneous = "syn-sent-simultaneous", Citation::rfc(9293, "3.10.7.3");
    /// Neither SYN nor RST: dropped.
    SynSentDropsOther = "syn-sent-drops-other", Citation::rfc(9293, "3.10.7.3");
    /// After a SYN,ACK with a bad acknowledgment Linux sends its SYN again at once.
    SynSentRetriesAtOnce = "syn-sent-retries-at-once", Citation::linux("tcp");
    /// Text on the SYN,ACK is not taken yet.
    SynSentIgnoresText = "syn-sent-ignores-text", Citation::rfc(9293, "3.10.7.3");
    // step 1: sequence
    /// The segment lies outside the receive window: an ACK tells where we are.
    SequenceUnacceptable = "sequence-unacceptable", Citation::rfc(9293, "3.10.7.4");
    /// A reset outside the receive window is dropped without an answer.
    SequenceUnacceptableReset = "sequence-unacceptable-reset", Citation::rfc(9293, "3.10.7.4");
    /// The receive window is zero, so text cannot be taken; the ACK repeats the window.
    ZeroWindowUnacceptable = "zero-window-unacceptable", Citation::rfc(9293, "3.10.7.4");
    /// An old octet or none just before the window: the ACK shows that we live.
    KeepaliveAnswered = "keepalive-answered", Citation::rfc(9293, "3.8.4");
    /// The timestamp is older than the last one: an old segment of this connection.
    PawsRejects = "paws-rejects", Citation::rfc(7323, "5.3");
    // step 2: reset
    /// A reset in SYN-RECEIVED after a passive open goes back to LISTEN.
    ResetReturnsToListen = "reset-returns-to-listen", Citation::rfc(9293, "3.10.7.4");
    /// A reset in SYN-RECEIVED after a simultaneous open: refused.
    ResetRefusesActiveOpen = "reset-refuses-active-open", Citation::rfc(9293, "3.10.7.4");
    /// The reset has exactly the next expected number: believed.
    ResetAccepted = "reset-accepted", Citation::rfc(5961, "3.2");
    /// A reset while both sides were closing: the rest is given up.
    ResetWhileClosing = "reset-while-closing", Citation::rfc(9293, "3.10.7.4");
    /// The reset is in the window but not exact: a challenge ACK asks whether it is meant.
    ResetChallenged = "reset-challenged", Citation::rfc(5961, "3.2");
    /// Linux also takes a reset one below the next expected number once the peer's FIN is in.
    ResetJustBelowWindow = "reset-just-below-window", Citation::linux("tcp");
    /// RFC 1337: a reset must not end TIME-WAIT early.
    TimeWaitIgnoresReset = "time-wait-ignores-reset", Citation::rfc(1337, "3");
    /// The reset ends TIME-WAIT early: "assassination".
    TimeWaitEndedByReset = "time-wait-ended-by-reset", Citation::rfc(9293, "3.10.7.4");
    // step 4: SYN
    /// A new SYN in SYN-RECEIVED after a passive open: the old attempt is forgotten.
    SynReturnsToListen = "syn-returns-to-listen", Citation::rfc(9293, "3.10.7.4");
    /// A SYN on a synchronized connection draws a challenge ACK.
    SynChallenged = "syn-challenged", Citation::rfc(5961, "4.2");
    /// The peer's SYN again: the SYN,ACK must have been lost.
    SynRepeated = "syn-repeated", Citation::rfc(9293, "3.10.7.4");
    /// The peer's SYN,ACK again: our ACK of it must have been lost.
    SynAckRepeated = "syn-ack-repeated", Citation::rfc(9293, "3.10.7.4");
    /// A SYN newer than everything before may open again out of TIME-WAIT.
    TimeWaitAcceptsSyn = "time-wait-accepts-syn", Citation::rfc(6191, "2");
    /// A SYN not newer than the old connection: the last ACK again.
    TimeWaitRefusesSyn = "time-wait-refuses-syn", Citation::rfc(9293, "3.10.7.4");
    // step 5: ACK
    /// Without ACK a segment says nothing in a synchronized state.
    NoAckDropped = "no-ack-dropped", Citation::rfc(9293, "3.10.7.4");
    /// The acknowledgment is older than any window we offered: challenge ACK.
    AckTooOld = "ack-too-old", Citation::rfc(5961, "5.2");
    /// It acknowledges what was never sent: an ACK corrects the peer.
    AckOfUnsent = "ack-of-unsent", Citation::rfc(9293, "3.10.7.4");
    /// Our SYN is acknowledged: open.
    SynReceivedEstablished = "syn-received-established", Citation::rfc(9293, "3.10.7.4");
    /// The acknowledgment is not of our SYN: reset.
    SynReceivedBadAck = "syn-received-bad-ack", Citation::rfc(9293, "3.10.7.4");
    /// New octets are acknowledged.
    AckAdvances = "ack-advances", Citation::rfc(9293, "3.10.7.4");
    /// The same acknowledgment again while data is outstanding.
    AckDuplicate = "ack-duplicate", Citation::rfc(5681, "2");
    /// Nothing new is acknowledged.
    AckRepeatsNothingNew = "ack-repeats-nothing-new", Citation::rfc(9293, "3.10.7.4");
    /// The segment brings a newer window.
    WindowUpdated = "window-updated", Citation::rfc(9293, "3.10.7.4");
    /// Our FIN is acknowledged in FIN-WAIT-1.
    FinAcknowledged = "fin-acknowledged", Citation::rfc(9293, "3.10.7.4");
    /// Our FIN is acknowledged in CLOSING.
    ClosingFinAcknowledged = "closing-fin-acknowledged", Citation::rfc(9293, "3.10.7.4");
    /// Our FIN is acknowledged in LAST-ACK: all is over.
    LastAckFinAcknowledged = "last-ack-fin-acknowledged", Citation::rfc(9293, "3.10.7.4");
    /// The peer's FIN again in TIME-WAIT: acknowledge, and wait 2MSL anew.
    TimeWaitFinRepeated = "time-wait-fin-repeated", Citation::rfc(9293, "3.10.7.4");
    // step 6, 7: urgent, text
    /// The urgent pointer moves ahead.
    UrgentAdvances = "urgent-advances", Citation::rfc(9293, "3.10.7.4");
    /// Text in order is taken.
    TextAccepted = "text-accepted", Citation::rfc(9293, "3.10.7.4");
    /// Text ahead of a gap is held until the gap fills.
    TextHeld = "text-held", Citation::rfc(9293, "3.10.7.4");
    /// The gap fills: the held text is taken too, and acknowledged at once.
    TextFillsGap = "text-fills-gap", Citation::rfc(5681, "4.2");
    /// Text that was taken before; its ACK was lost or late.
    TextDuplicate = "text-duplicate", Citation::rfc(9293, "3.10.7.4");
    /// Text arrives when nobody can read it any more: reset.
    TextAfterClose = "text-after-close", Citation::rfc(9293, "3.6.1");
    /// Text beyond the peer's own FIN is ignored.
    TextAfterPeerFin = "text-after-peer-fin", Citation::rfc(9293, "3.10.7.4");
    /// Text of a Fast Open SYN.
    FastOpenDataEstablished = "fast-open-data-established", Citation::rfc(7413, "4.2.2");
    // step 8: FIN
    /// The peer has finished sending.
    FinToCloseWait = "fin-to-close-wait", Citation::rfc(9293, "3.10.7.4");
    /// The peer's FIN before the ACK of ours: both closed at once.
    FinToClosing = "fin-to-closing", Citation::rfc(9293, "3.10.7.4");
    /// The peer's FIN after the ACK of ours.
    FinToTimeWait = "fin-to-time-wait", Citation::rfc(9293, "3.10.7.4");
    /// The peer's FIN together with the ACK of ours.
    FinWithAckToTimeWait = "fin-with-ack-to-time-wait", Citation::rfc(9293, "3.10.7.4");
    /// The FIN is ahead of text still missing: it is held.
    FinHeld = "fin-held", Citation::rfc(9293, "3.10.7.4");
    /// The peer's FIN again: its ACK must have been lost.
    FinRepeated = "fin-repeated", Citation::rfc(9293, "3.10.7.4");
    // calls
    /// Passive OPEN: wait for a SYN.
    OpenPassive = "open-passive", Citation::rfc(9293, "3.10.1");
    /// Active OPEN: send a SYN.
    OpenActive = "open-active", Citation::rfc(9293, "3.10.1");
    /// Active OPEN with a known cookie: the SYN carries data.
    OpenFastOpen = "open-fast-open", Citation::rfc(7413, "4.2.2");
    /// Active OPEN that asks for a Fast Open cookie.
    OpenAsksCookie = "open-asks-cookie", Citation::rfc(7413, "4.2.1");
    /// SEND: text goes out within the window.
    SendsText = "sends-text", Citation::rfc(9293, "3.10.2");
    /// The third segment of the handshake.
    SendsHandshakeAck = "sends-handshake-ack", Citation::rfc(9293, "3.10.7.3");
    /// CLOSE in LISTEN.
    CloseListen = "close-listen", Citation::rfc(9293, "3.10.4");
    /// CLOSE in SYN-SENT deletes the attempt.
    CloseSynSent = "close-syn-sent", Citation::rfc(9293, "3.10.4");
    /// CLOSE in SYN-RECEIVED.
    CloseSynReceived = "close-syn-received", Citation::rfc(9293, "3.10.4");
    /// CLOSE in ESTABLISHED: our FIN says that we send no more.
    CloseEstablished = "close-established", Citation::rfc(9293, "3.10.4");
    /// CLOSE in CLOSE-WAIT: our FIN after the peer's.
    CloseCloseWait = "close-close-wait", Citation::rfc(9293, "3.10.4");
    /// The FIN goes out once all text before it has gone.
    SendsFin = "sends-fin", Citation::rfc(9293, "3.10.4");
    /// CLOSE with text nobody read: reset, so that the peer knows it was lost.
    CloseWithUnreadText = "close-with-unread-text", Citation::rfc(9293, "3.6.1");
    /// CLOSE with a linger time of zero is an ABORT.
    LingerZero = "linger-zero", Citation::rfc(9293, "3.10.5");
    /// ABORT: reset.
    AbortSendsReset = "abort-sends-reset", Citation::rfc(9293, "3.10.5");
    /// ABORT where the peer needs no telling.
    AbortSilent = "abort-silent", Citation::rfc(9293, "3.10.5");
    // acknowledgments
    /// An ACK that may not be delayed.
    AcksAtOnce = "acks-at-once", Citation::rfc(9293, "3.8.6.3");
    /// At least every second full segment is acknowledged at once.
    AcksEverySecondSegment = "acks-every-second-segment", Citation::rfc(9293, "3.8.6.3");
    /// Text out of order: a duplicate ACK at once names the gap.
    AcksOutOfOrder = "acks-out-of-order", Citation::rfc(5681, "4.2");
    /// The peer's FIN is acknowledged.
    AcksFin = "acks-fin", Citation::rfc(9293, "3.10.7.4");
    /// The ACK waits a little: it may ride on text.
    AckDelayed = "ack-delayed", Citation::rfc(9293, "3.8.6.3");
    /// No text came to ride on: the delayed ACK goes alone.
    AckDelayExpired = "ack-delay-expired", Citation::rfc(9293, "3.8.6.3");
    /// Linux acknowledges the first segments of a connection at once.
    AckQuick = "ack-quick", Citation::linux("tcp");
    /// Too many challenge ACKs lately: this one is not sent.
    ChallengeLimited = "challenge-limited", Citation::rfc(5961, "7");
    /// The user read: the window opens by enough to tell.
    WindowOpens = "window-opens", Citation::rfc(9293, "3.8.6.2.2");
    /// D-SACK: the first block names what came twice.
    ReportsDuplicate = "reports-duplicate", Citation::rfc(2883, "4");
    // holding back
    /// A small segment waits while text is unacknowledged.
    NagleHolds = "nagle-holds", Citation::rfc(9293, "3.7.4");
    /// The usable window is too small to be worth a segment.
    SillyWindowHolds = "silly-window-holds", Citation::rfc(9293, "3.8.6.2.1");
    /// The peer's window is closed.
    WindowClosedHolds = "window-closed-holds", Citation::rfc(9293, "3.8.6.1");
    /// The congestion window is full.
    CongestionHolds = "congestion-holds", Citation::rfc(5681, "3.1");
    // timers
    /// The retransmission timer expired: the oldest segment again, and the timer doubles.
    RetransmitTimeout = "retransmit-timeout", Citation::rfc(6298, "5");
    /// No answer to the SYN: again, and the timer doubles.
    SynTimeout = "syn-timeout", Citation::rfc(6298, "2");
    /// Linux repeats the first SYNs without doubling the timer.
    SynTimeoutLinear = "syn-timeout-linear", Citation::linux("tcp_syn_linear_timeouts");
    /// No answer to the SYN,ACK: again, and the timer doubles.
    SynAckTimeout = "syn-ack-timeout", Citation::rfc(6298, "5");
    /// No ACK for the FIN: again, and the timer doubles.
    FinTimeout = "fin-timeout", Citation::rfc(6298, "5");
    /// R1 retransmissions without an answer: the user is told, the path may be dead.
    RetransmissionsMount = "retransmissions-mount", Citation::rfc(9293, "3.8.3");
    /// Too many retransmissions: the connection is given up.
    GivesUp = "gives-up", Citation::rfc(9293, "3.8.3");
    /// No SYN was ever answered: given up.
    SynGivesUp = "syn-gives-up", Citation::rfc(9293, "3.8.3");
    /// No SYN,ACK was ever answered: forgotten.
    SynAckGivesUp = "syn-ack-gives-up", Citation::rfc(9293, "3.8.3");
    /// The process is gone and the peer is silent: given up.
    OrphanGivesUp = "orphan-gives-up", Citation::linux("tcp_orphan_retries");
    /// Silence after the last segment: Linux sends it again, or a new one, well before the timer would.
    TailLossProbe = "tail-loss-probe", Citation::rfc(8985, "7.3");
    /// The third duplicate ACK: the missing segment again, before the timer.
    FastRetransmit = "fast-retransmit", Citation::rfc(5681, "3.2");
    /// A first or second duplicate ACK lets one new segment out.
    LimitedTransmit = "limited-transmit", Citation::rfc(3042, "2");
    /// A partial ACK in recovery: the next missing segment.
    PartialAckRetransmits = "partial-ack-retransmits", Citation::rfc(6582, "3.2");
    /// SACK blocks show the next hole.
    SackRetransmits = "sack-retransmits", Citation::rfc(6675, "5");
    /// Everything outstanding when recovery began is acknowledged.
    RecoveryEnds = "recovery-ends", Citation::rfc(6582, "3.2");
    /// Slow start.
    SlowStartGrows = "slow-start-grows", Citation::rfc(5681, "3.1");
    /// A retransmitted segment gives no round-trip sample.
    KarnSkipsSample = "karn-skips-sample", Citation::rfc(6298, "3");
    /// One octet asks whether the window has opened.
    ZeroWindowProbe = "zero-window-probe", Citation::rfc(9293, "3.8.6.1");
    /// Silence: a probe just below SND.NXT asks whether the peer lives.
    KeepaliveProbe = "keepalive-probe", Citation::rfc(9293, "3.8.4");
    /// No probe was answered: the peer is gone.
    KeepaliveGivesUp = "keepalive-gives-up", Citation::rfc(9293, "3.8.4");
    /// The user timeout passed.
    UserTimeoutExpires = "user-timeout-expires", Citation::rfc(9293, "3.10.8");
    /// 2MSL have passed: old segments are dead.
    TimeWaitExpires = "time-wait-expires", Citation::rfc(9293, "3.10.8");
    /// No process waits any more and the peer never closed: forgotten.
    FinWait2Expires = "fin-wait-2-expires", Citation::linux("tcp_fin_timeout");
    /// A new connection takes over a port in TIME-WAIT.
    TimeWaitRecycled = "time-wait-recycled", Citation::linux("tcp_tw_reuse");
    // addresses, whole-packet
    /// The checksum is wrong: discarded in silence.
    BadChecksumDropped = "bad-checksum-dropped", Citation::rfc(9293, "3.1");
    /// A SYN from or to a broadcast or multicast address is discarded.
    BadAddressDropped = "bad-address-dropped", Citation::rfc(9293, "3.9.2.3");
    /// An ICMP error is a hint, not the end.
    UnreachableSoft = "unreachable-soft", Citation::rfc(9293, "3.9.2.2");
    // variants
    /// Broken on purpose: the listener believes the SYN alone.
    TwoWayEstablished = "two-way-established", Citation::rfc(9293, "3.5");
    /// Broken on purpose: no TIME-WAIT.
    NoTimeWait = "no-time-wait", Citation::rfc(9293, "3.6");
    /// Broken on purpose: any reset is believed.
    ResetUnchecked = "reset-unchecked", Citation::rfc(5961, "3.1");
}

impl Rule {
    /// The rule of this key.
    pub fn from_key(key: &str) -> Option<Rule> {
        Rule::ALL.iter().copied().find(|rule| rule.key() == key)
    }
}
