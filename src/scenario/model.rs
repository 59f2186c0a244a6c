//! What a scenario file says, once it is understood.

use std::net::{IpAddr, SocketAddr};
use std::ops::Range;
use std::sync::Arc;

use crate::lang::Lang;
use crate::tcp::{Profile, State, Variant};
use crate::time::{Duration, Instant};
use crate::timeline::{HostId, Shutdown};
use crate::wire::Flags;

use super::expect::Expect;
use super::link::Links;
use super::option::SocketOption;
use super::pattern::Pattern;
use super::setting::Setting;

/// A place in the scenario's text, in octets.
pub type Span = Range<usize>;

/// A text in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Localized {
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
}

/// One scenario: who takes part, what they do, what goes wrong, and what must come of it.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The name it is run by: a file's name without its ending.
    pub name: String,
    /// The file's text, to point into.
    pub source: Arc<str>,
    /// One line that says what happens.
    pub title: Localized,
    /// The lesson: what to look at, and why it is so.
    pub notes: Localized,
    /// What it teaches: `interview/11`, `rfc6298#2.1`.
    pub teaches: Vec<String>,
    /// The stack that hosts run unless they say otherwise.
    pub profile: Profile,
    /// A rule that is broken on purpose, in every host.
    pub variant: Option<Variant>,
    /// Where every random number comes from.
    pub seed: u64,
    /// When to stop even if something is left to happen.
    pub until: Option<Instant>,
    /// The hosts in the order of the file; a [`HostId`] is an index into it.
    pub hosts: Vec<HostSpec>,
    /// What lies between the hosts.
    pub links: Links,
    /// What the programs do, in the order of the file.
    pub script: Vec<Entry>,
    /// What goes wrong with aimed-at packets; the first that matches a packet touches it.
    pub faults: Vec<Fault>,
    /// What must come of it.
    pub expect: Expect,
    /// What is known of it on real kernels.
    pub lab: Lab,
}

/// What is known of a scenario on real kernels.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lab {
    /// How long the lab runs it at most.
    pub limit: Option<Duration>,
    /// Where a kernel is known to differ from the simulator under the `linux` profile.
    pub known: Vec<Known>,
}

/// A known difference between a kernel and the simulator.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// What differs.
    pub what: Differing,
    /// Whether it is there in some runs only.
    pub sometimes: bool,
    /// Why it is so.
    pub why: Localized,
    /// What differs, as written.
    pub shown: String,
    /// Where it is written.
    pub span: Span,
}

/// What a known difference is about.
#[derive(Clone, Debug, PartialEq)]
pub enum Differing {
    /// Segments that only one side sends, or that differ.
    Segments(Pattern),
    /// The states of a host.
    States(HostId),
}

/// A host.
#[derive(Clone, Debug, PartialEq)]
pub struct HostSpec {
    /// Its name.
    pub name: String,
    /// Its addresses, the main one first.
    pub addrs: Vec<IpAddr>,
    /// Its first initial sequence number; later connections count on from it. Without one, ISNs are
    /// those of RFC 6528, keyed by the seed.
    pub isn: Option<u32>,
    /// Its own stack, if not the scenario's.
    pub profile: Option<Profile>,
    /// Its settings that depart from the profile's.
    pub settings: Vec<Setting>,
    /// The names of its sockets; a [`SocketName`] is an index into it.
    pub sockets: Vec<String>,
    /// Where it is declared.
    pub span: Span,
}

/// A socket's name: an index into its host's [`HostSpec::sockets`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SocketName(pub u16);

impl SocketName {
    /// The socket that `listen` makes and `accept` takes from, where no name is given.
    pub const LISTENER: SocketName = SocketName(0);
    /// The socket that `connect` and `accept` make, where no name is given.
    pub const CONNECTION: SocketName = SocketName(1);
    /// The socket of `udp`, where no name is given.
    pub const UDP: SocketName = SocketName(2);
    /// The words for the sockets that have no name of their own.
    pub const DEFAULTS: [&'static str; 3] = ["listener", "connection", "udp"];
}

/// An entry of the script: steps taken together, in their order.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// What starts it.
    pub trigger: Trigger,
    /// How long after that.
    pub delay: Duration,
    /// What is done.
    pub steps: Vec<Step>,
    /// Where it is written.
    pub span: Span,
}

/// What starts an entry of the script.
#[derive(Clone, Debug, PartialEq)]
pub enum Trigger {
    /// A time.
    At(Instant),
    /// Something that happens.
    When(Condition),
    /// The entry before has started: nothing else is said.
    WithPrevious,
    /// Every call of the entry before has returned.
    AfterPrevious,
}

/// Something that happens, for an entry to wait for.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// A connection of the host enters the state for the n-th time, counted from 1.
    State {
        /// The host.
        host: HostId,
        /// The state.
        state: State,
        /// Which time.
        nth: u32,
    },
    /// A matching packet leaves its host.
    Sent(Pattern),
    /// A matching packet, by its sender, reaches another host.
    Arrived(Pattern),
}

/// One step: a host's program calls, or the network does something.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Who does it; `None` for what the network does.
    pub host: Option<HostId>,
    /// The socket it is about.
    pub socket: SocketName,
    /// Whether it is called at once, even while an earlier call on the socket has not returned.
    pub now: bool,
    /// What is done.
    pub action: Action,
    /// Where it is written.
    pub span: Span,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Opens passively.
    Listen {
        /// The port.
        port: u16,
        /// The queue length asked for.
        backlog: u32,
    },
    /// Opens actively.
    Connect {
        /// To whom.
        to: SocketAddr,
        /// The own port; chosen by the host when `None`.
        from: Option<u16>,
        /// Text for the SYN (Fast Open), empty to ask for a cookie.
        fast_open: Option<Payload>,
    },
    /// Takes a connection from the listener.
    Accept {
        /// The name of the new socket.
        name: SocketName,
        /// Whether to go on accepting for ever.
        forever: bool,
    },
    /// Sends all of it; returns when the last octet is in the send buffer.
    Send(Payload),
    /// Receives.
    Recv {
        /// Octets of room.
        max: u32,
        /// Whether to receive again until the stream ends.
        to_end: bool,
    },
    /// Ends one or both directions.
    Shutdown(Shutdown),
    /// Closes.
    Close,
    /// Resets.
    Abort,
    /// Sets an option.
    Set {
        /// The option.
        option: SocketOption,
        /// Its name and value as a C programmer writes them.
        shown: (&'static str, String),
    },
    /// Binds a UDP socket.
    UdpBind(u16),
    /// Sends a datagram.
    UdpSend {
        /// To whom; `None` is back to whom the last datagram came from.
        to: Option<SocketAddr>,
        /// What.
        payload: Payload,
    },
    /// Receives a datagram.
    UdpRecv,
    /// The process dies: its kernel closes everything it had open.
    Kill,
    /// The host loses power: everything it knew is gone, and it is silent.
    Crash,
    /// The host is up again and knows nothing; its ISN may be another.
    Restart {
        /// The first initial sequence number from now on.
        isn: Option<u32>,
    },
    /// A raw segment appears on the wire.
    Inject(Inject),
    /// Packets that a `hold` fault kept go on.
    Release {
        /// The fault's name; all faults when `None`.
        fault: Option<String>,
    },
}

/// Octets to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// These.
    Text(Vec<u8>),
    /// So many, of a pattern that never repeats within a segment: see [`Payload::octet`].
    Count(u64),
}

impl Payload {
    /// How many octets.
    pub fn len(&self) -> u64 {
        match self {
            Payload::Text(text) => text.len() as u64,
            Payload::Count(count) => *count,
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// After so many octets a counted payload begins again.
    pub const PERIOD: u64 = 94;

    /// The octet at this place of a counted payload: printable, with a period of 94, which divides
    /// no usual segment size, so that a segment taken twice or missing is seen.
    pub const fn octet(place: u64) -> u8 {
        b'!' + (place % Self::PERIOD) as u8
    }
}

/// A raw segment that nobody's TCP sent: an attacker's, or an old duplicate.
#[derive(Clone, Debug, PartialEq)]
pub struct Inject {
    /// The address and port it claims to come from; a port of 0 is that of the host's connection.
    pub src: SocketAddr,
    /// Where it goes; a port of 0 is that of the host's connection.
    pub dst: SocketAddr,
    /// Its control bits.
    pub flags: Flags,
    /// Its sequence number.
    pub seq: Number,
    /// Its acknowledgment number; the field is zero when `None`.
    pub ack: Option<Number>,
    /// Its window field.
    pub window: u16,
    /// Its text.
    pub payload: Payload,
    /// Its MSS option.
    pub mss: Option<u16>,
}

/// A sequence number as a scenario writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// The number itself: `1001`.
    Absolute(u32),
    /// Counted from the initial sequence number of the side whose octets it counts: `+1`.
    Relative(i64),
    /// A variable of a host's connection and a distance: `server.rcv_nxt+100`.
    Variable {
        /// The host.
        host: HostId,
        /// The variable.
        variable: Variable,
        /// How far from it.
        offset: i64,
    },
}

/// A variable of a connection, by the RFC's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variable {
    /// Initial send sequence number.
    Iss,
    /// Initial receive sequence number.
    Irs,
    /// Oldest unacknowledged number.
    SndUna,
    /// Next number to send.
    SndNxt,
    /// Next number expected.
    RcvNxt,
    /// The first number beyond the receive window.
    RcvEnd,
}

/// Something that goes wrong with aimed-at packets.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// Its name, for `release`.
    pub name: Option<String>,
    /// Which packets.
    pub pattern: Pattern,
    /// What happens to them.
    pub act: Act,
    /// From when on it aims.
    pub from: Option<Instant>,
    /// Until when it aims.
    pub until: Option<Instant>,
    /// As written: act and pattern, `lose server SYN,ACK #1`.
    pub shown: String,
    /// The act as written.
    pub act_shown: String,
    /// Where the pattern is written.
    pub span: Span,
}

/// What a fault does to a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// It is lost.
    Lose,
    /// It takes so much longer.
    Delay(Duration),
    /// So many more copies arrive, each so long after the one before.
    Duplicate {
        /// How many more.
        copies: u32,
        /// How long after the one before.
        after: Duration,
    },
    /// So many later packets of its direction overtake it.
    Reorder(u32),
    /// One bit flips on the way.
    Corrupt,
    /// It waits until a `release` step.
    Hold,
}

impl Localized {
    /// The text in this language.
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Zh => &self.zh,
        }
    }
}

impl Scenario {
    /// The host of this name.
    pub fn host(&self, name: &str) -> Option<HostId> {
        self.hosts.iter().position(|host| host.name == name).map(|index| HostId(index as u16))
    }

    /// The host that has this address.
    pub fn host_of(&self, addr: IpAddr) -> Option<HostId> {
        self.hosts.iter().position(|host| host.addrs.contains(&addr)).map(|index| HostId(index as u16))
    }

    /// The interview questions it answers, from the `teaches` entries of the form `interview/N`.
    pub fn questions(&self) -> impl Iterator<Item = u32> {
        self.teaches.iter().filter_map(|topic| topic.strip_prefix("interview/")?.parse().ok())
    }
}
