//! Everything about a TCP that can be set, and what each profile sets.

use std::fmt;

use super::tcb::Policy;
use crate::time::Duration;

/// Which stack a host behaves like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Profile {
    /// RFC 9293 and its companions by the letter, with only the MSS option unless told otherwise.
    #[default]
    Rfc9293,
    /// What Linux 6.x does where it departs from the RFCs or uses the freedom they leave.
    Linux,
    /// The textbook: no options, every segment acknowledged at once; for a first lesson.
    Classic,
}

/// A deliberate breakage, to see what the standard's rule is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Variant {
    /// The listener believes a SYN alone: two segments instead of three.
    TwoWay,
    /// Every connection begins with the same number.
    FixedIsn,
    /// TIME-WAIT is skipped.
    NoTimeWait,
    /// Any reset is believed, whatever its number.
    NoRstCheck,
}

/// What a listener does when its SYN queue is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SynCookies {
    /// Drops the SYN.
    Off,
    /// Answers with a cookie (`tcp_syncookies=1`).
    WhenFull,
    /// Answers every SYN with a cookie (`tcp_syncookies=2`).
    Always,
}

/// The keep-alive timer (RFC 9293 §3.8.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Keepalive {
    /// Silence before the first probe.
    pub idle: Duration,
    /// Between unanswered probes.
    pub interval: Duration,
    /// Unanswered probes after which the peer is gone.
    pub count: u32,
}

impl Default for Keepalive {
    /// Linux's, which are also the RFC's shortest: two hours of silence, then nine probes 75 s apart.
    fn default() -> Self {
        //= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.4
        //# This interval MUST be configurable (MUST-27) and MUST default to no less than two hours
        //# (MUST-28).
        Keepalive { idle: Duration::from_secs(7200), interval: Duration::from_secs(75), count: 9 }
    }
}

/// How a TCP behaves. [`Settings::of`] gives a profile's; every field may then be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Settings {
    /// The profile these came from.
    pub profile: Profile,
    /// What decides, see [`Policy`].
    pub policy: Policy,
    /// The largest IP packet the link takes; MSS is 40 less (IPv6: 60).
    pub mtu: u16,
    /// Whether the MSS option is sent.
    pub mss_option: bool,
    /// The window shift offered (RFC 7323), if any.
    pub window_scale: Option<u8>,
    /// Whether SACK is offered (RFC 2018).
    pub sack: bool,
    /// Whether timestamps are offered (RFC 7323).
    pub timestamps: bool,
    /// The receive buffer, in octets.
    pub receive_buffer: u32,
    /// The send buffer, in octets.
    pub send_buffer: u32,
    /// The first window offered, at most; Linux starts below its buffer.
    pub initial_window: u32,
    /// The retransmission timeout before any sample (RFC 6298 §2.1).
    pub initial_rto: Duration,
    /// Its lower bound.
    pub min_rto: Duration,
    /// Its upper bound.
    pub max_rto: Duration,
    /// Linux: the lower bound holds for the variation term, not for the sum.
    pub min_rto_on_variation: bool,
    /// SYN retransmissions before giving up (R2 for SYN, MUST-23).
    pub syn_retries: u32,
    /// Further SYN retransmissions that come first and do not double the timer (`tcp_syn_linear_timeouts`).
    pub syn_linear_timeouts: u32,
    /// SYN,ACK retransmissions before giving up.
    pub syn_ack_retries: u32,
    /// Retransmissions of text or FIN before giving up (R2, SHLD-11).
    pub retries: u32,
    /// The same once the process is gone (`tcp_orphan_retries`); `None` makes no difference.
    pub orphan_retries: Option<u32>,
    /// Whether the congestion window limits sending (RFC 5681).
    pub congestion_control: bool,
    /// Whether the last segments of a flight are probed for when nothing comes back (RFC 8985 §7);
    /// needs SACK.
    pub loss_probe: bool,
    /// The initial congestion window, in segments.
    pub initial_cwnd: u32,
    /// Nagle's algorithm (SHLD-7); a user may switch it off (MUST-17).
    pub nagle: bool,
    /// How long an ACK may wait (MUST-40: less than 0.5 s); `None` acknowledges at once.
    pub delayed_ack: Option<Duration>,
    /// Linux: this many ACKs at the start are not delayed.
    pub quick_acks: u32,
    /// The time TIME-WAIT lasts: 2 MSL.
    pub time_wait: Duration,
    /// Linux: how long FIN-WAIT-2 lasts after `close()`; `None` is for ever.
    pub fin_wait_2: Option<Duration>,
    /// Keep-alive; off by default (MUST-25).
    pub keepalive: Option<Keepalive>,
    /// The user timeout.
    pub user_timeout: Option<Duration>,
    /// `SO_LINGER` with a time of zero: `close()` is an abort.
    pub linger_zero: bool,
    /// Fast Open as a client (RFC 7413).
    pub fast_open_client: bool,
    /// Fast Open as a server.
    pub fast_open_server: bool,
    /// SYN cookies (RFC 4987 §3.6).
    pub syn_cookies: SynCookies,
    /// The most half-open connections of a listener, beside its backlog.
    pub max_syn_backlog: u32,
    /// The most a backlog may be.
    pub somaxconn: u32,
    /// Linux holds one more than the backlog.
    pub backlog_extra: u32,
    /// A full accept queue answers the third segment with a reset (`tcp_abort_on_overflow`).
    pub abort_on_overflow: bool,
    /// How long a port must have been in TIME-WAIT before `connect()` may take it over
    /// (`tcp_tw_reuse`, needs timestamps); `None` is never.
    pub time_wait_reuse: Option<Duration>,
    /// Challenge ACKs a second, at most (RFC 5961 §7).
    pub challenge_limit: u32,
    /// Linux probes a zero window below SND.NXT with no text; RFC 9293 with one octet.
    pub probe_without_text: bool,
    /// After a SYN,ACK with a bad acknowledgment, Linux sends its SYN again at once.
    pub syn_again_after_bad_ack: bool,
    /// The lowest and highest port `connect()` picks by itself.
    pub ephemeral_ports: (u16, u16),
    /// Every connection begins with the same number (broken on purpose).
    pub fixed_isn: bool,
    /// The time to live of what is sent.
    pub ttl: u8,
    /// The Differentiated Services field of what is sent, ECN bits included.
    pub tos: u8,
    /// R1: retransmissions after which the user is told that the path may be dead (SHLD-10).
    pub r1: u32,
}

impl Profile {
    /// All profiles.
    pub const ALL: [Profile; 3] = [Profile::Rfc9293, Profile::Linux, Profile::Classic];

    /// The name in scenario files and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Profile::Rfc9293 => "rfc9293",
            Profile::Linux => "linux",
            Profile::Classic => "classic",
        }
    }

    /// The profile of this name.
    pub fn from_name(name: &str) -> Option<Profile> {
        Profile::ALL.into_iter().find(|profile| profile.name() == name)
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Variant {
    /// All variants.
    pub const ALL: [Variant; 4] =
        [Variant::TwoWay, Variant::FixedIsn, Variant::NoTimeWait, Variant::NoRstCheck];

    /// The name in scenario files.
    pub const fn name(self) -> &'static str {
        match self {
            Variant::TwoWay => "two_way",
            Variant::FixedIsn => "fixed_isn",
            Variant::NoTimeWait => "no_time_wait",
            Variant::NoRstCheck => "no_rst_check",
        }
    }

    /// The variant of this name.
    pub fn from_name(name: &str) -> Option<Variant> {
        Variant::ALL.into_iter().find(|variant| variant.name() == name)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Settings::of(Profile::Rfc9293)
    }
}

impl Settings {
    /// What a profile sets.
    pub fn of(profile: Profile) -> Self {
        let rfc = Settings {
            profile,
            policy: Policy::default(),
            mtu: 1500,
            mss_option: true,
            window_scale: None,
            sack: false,
            timestamps: false,
            receive_buffer: 65_535,
            send_buffer: 65_536,
            initial_window: 65_535,
            initial_rto: Duration::from_secs(1),
            min_rto: Duration::from_secs(1),
            max_rto: Duration::from_secs(60),
            min_rto_on_variation: false,
            // 1, 3, 7, 15, 31, 63, 123 s, given up at 183 s: R2 for a SYN is at least three minutes.
            syn_retries: 7,
            syn_linear_timeouts: 0,
            syn_ack_retries: 7,
            // With the smallest timer 1, 3, 7, 15, 31, 63 s, given up at 123 s: R2 is at least 100 s.
            retries: 6,
            orphan_retries: None,
            congestion_control: true,
            loss_probe: false,
            initial_cwnd: 10,
            nagle: true,
            delayed_ack: Some(Duration::from_millis(200)),
            quick_acks: 0,
            time_wait: Duration::from_secs(240),
            fin_wait_2: None,
            //= https://www.rfc-editor.org/rfc/rfc9293#section-3.8.4
            //# If keep-alives are included, the application MUST be able to turn them on or off for each TCP
            //# connection (MUST-24), and they MUST default to off (MUST-25).
            keepalive: None,
            user_timeout: None,
            linger_zero: false,
            fast_open_client: false,
            fast_open_server: false,
            syn_cookies: SynCookies::Off,
            max_syn_backlog: 1024,
            somaxconn: 4096,
            backlog_extra: 0,
            abort_on_overflow: false,
            time_wait_reuse: None,
            challenge_limit: 1000,
            probe_without_text: false,
            syn_again_after_bad_ack: false,
            ephemeral_ports: (49_152, 65_535),
            fixed_isn: false,
            ttl: 64,
            tos: 0,
            r1: 3,
        };
        match profile {
            Profile::Rfc9293 => rfc,
            Profile::Classic => Settings {
                mss_option: false,
                delayed_ack: None,
                congestion_control: false,
                nagle: false,
                ..rfc
            },
            Profile::Linux => Settings {
                policy: Policy { linux: true, text_on_syn_ack: false, ..Policy::default() },
                window_scale: Some(7),
                sack: true,
                timestamps: true,
                receive_buffer: 131_072,
                send_buffer: 2_097_152,
                initial_window: 64_240,
                min_rto: Duration::from_millis(200),
                max_rto: Duration::from_secs(120),
                min_rto_on_variation: true,
                syn_retries: 6,
                syn_linear_timeouts: 4,
                syn_ack_retries: 5,
                retries: 15,
                orphan_retries: Some(8),
                loss_probe: true,
                delayed_ack: Some(Duration::from_millis(40)),
                quick_acks: 16,
                time_wait: Duration::from_secs(60),
                fin_wait_2: Some(Duration::from_secs(60)),
                fast_open_client: true,
                syn_cookies: SynCookies::WhenFull,
                backlog_extra: 1,
                time_wait_reuse: Some(Duration::from_secs(1)),
                probe_without_text: true,
                syn_again_after_bad_ack: true,
                ephemeral_ports: (32_768, 60_999),
                ..rfc
            },
        }
    }

    /// Breaks what the variant breaks.
    pub fn break_on_purpose(&mut self, variant: Variant) {
        match variant {
            Variant::TwoWay => self.policy.two_way = true,
            Variant::FixedIsn => self.fixed_isn = true,
            Variant::NoTimeWait => self.policy.no_time_wait = true,
            Variant::NoRstCheck => self.policy.challenge = false,
        }
    }
}
