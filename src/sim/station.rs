//! One simulated host: its TCP, its UDP, and the sockets its programs hold.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::ops::Deref;
use std::rc::Rc;

use crate::scenario::{HostSpec, Scenario, SocketName, SocketOption, Step};
use crate::tcp::{Host, HostConfig, IsnPolicy, Log, Profile, Secret, Settings, Socket};
use crate::time::Instant;
use crate::timeline::journal::Moment;
use crate::timeline::{HostId, SocketId};
use crate::wire::SeqNumber;

use super::udp::Udp;

/// How far apart the initial sequence numbers of a scenario's host are: far enough that no two
/// connections of a lesson overlap, and easy to recognize.
const ISN_STEP: u32 = 10_000;

/// The first descriptor of a program: 0, 1 and 2 are taken, as everywhere.
const FIRST_DESCRIPTOR: u32 = 3;

/// A host.
pub(super) struct Station<'s> {
    pub(super) id: HostId,
    /// Its TCP.
    pub(super) tcp: Host,
    /// How much its TCP has told of which notice was taken.
    pub(super) told: usize,
    /// Its UDP.
    pub(super) udp: Udp,
    /// Whether it runs.
    pub(super) up: bool,
    /// When its timer is to go off, as the event queue knows.
    pub(super) armed: Option<Instant>,
    /// Its named sockets, by [`SocketName`].
    pub(super) sockets: Vec<NamedSocket<'s>>,
    /// For each socket of its TCP: the name it has, its descriptor.
    pub(super) known: Vec<KnownSocket>,
    /// Names whose blocked call may be able to go on.
    pub(super) awake: Vec<SocketName>,
    /// Whether some entry of the script waits for a state of this host.
    pub(super) watched: bool,
    /// Ports that were listened on with `SO_REUSEADDR`.
    reusable: Vec<u16>,
    next_descriptor: u32,
    pub(super) ip_id: u16,
}

/// What is known of a socket of the TCP.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct KnownSocket {
    pub(super) name: Option<SocketName>,
    pub(super) descriptor: SocketId,
    /// Its ends, also after the TCP has forgotten it; known once it has a name.
    pub(super) endpoints: Option<(SocketAddr, SocketAddr)>,
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Handle {
    /// A socket of the TCP.
    Tcp(Socket),
    /// A UDP port, and its descriptor.
    Udp(u16, SocketId),
}

/// A step of the script, or one of a learner who intervenes.
#[derive(Clone, Debug)]
pub(super) enum StepRef<'s> {
    /// Of the script.
    Script(&'s Step),
    /// Of somebody else.
    Own(Rc<Step>),
}

impl Deref for StepRef<'_> {
    type Target = Step;

    fn deref(&self) -> &Step {
        match self {
            StepRef::Script(step) => step,
            StepRef::Own(step) => step,
        }
    }
}

/// A call that was made or is to be made.
#[derive(Clone, Debug)]
pub(super) struct PendingCall<'s> {
    /// The step.
    pub(super) step: StepRef<'s>,
    /// The entry of the script it belongs to, if any.
    pub(super) entry: Option<u32>,
    /// Whether the program has entered it.
    pub(super) entered: bool,
    /// Octets done so far.
    pub(super) done: u64,
}

/// A name of the script and what its program does.
#[derive(Debug, Default)]
pub(super) struct NamedSocket<'s> {
    /// What it stands for now.
    pub(super) handle: Option<Handle>,
    /// The call its program is in.
    pub(super) blocked: Option<PendingCall<'s>>,
    /// The calls its program makes next.
    pub(super) next: VecDeque<PendingCall<'s>>,
    /// Options set before there was a socket.
    pub(super) options: Vec<SocketOption>,
    /// It stands in the list of those awake.
    pub(super) awake: bool,
}

impl Station<'_> {
    pub(super) fn new(id: HostId, scenario: &Scenario, spec: &HostSpec, choice: &Choice) -> Self {
        Station {
            id,
            tcp: Host::new(config(scenario, spec, id, choice, spec.isn)),
            told: 0,
            udp: Udp::default(),
            up: true,
            armed: None,
            sockets: spec.sockets.iter().map(|_| NamedSocket::default()).collect(),
            known: Vec::new(),
            awake: Vec::new(),
            watched: false,
            reusable: Vec::new(),
            next_descriptor: FIRST_DESCRIPTOR,
            ip_id: 0,
        }
    }

    /// Everything is gone; what comes back is another host with the same name.
    /// Gives what the TCP before has told.
    pub(super) fn restart(&mut self, scenario: &Scenario, choice: &Choice, isn: Option<u32>) -> Option<Log> {
        let spec = scenario.hosts.get(self.id.0 as usize)?;
        let sockets = std::mem::take(&mut self.sockets).into_iter().map(|_| NamedSocket::default()).collect();
        let watched = self.watched;
        let before = std::mem::replace(self, Station::new(self.id, scenario, spec, choice));
        self.tcp = Host::new(config(scenario, spec, self.id, choice, isn.or(spec.isn)));
        self.sockets = sockets;
        self.watched = watched;
        Some(before.tcp.into_log())
    }

    /// The moment in which something happens here now.
    #[inline]
    pub(super) fn moment(&self, at: Instant) -> Moment {
        Moment { at, host: self.id, told: self.told as u32 }
    }

    /// What is known of a socket; room is made for it.
    pub(super) fn known(&mut self, socket: Socket) -> &mut KnownSocket {
        let index = socket.0 as usize;
        if self.known.len() <= index {
            self.known.resize(index + 1, KnownSocket::default());
        }
        &mut self.known[index]
    }

    /// A new descriptor.
    pub(super) fn descriptor(&mut self) -> SocketId {
        self.next_descriptor += 1;
        SocketId(self.next_descriptor - 1)
    }

    /// Gives a socket of the TCP to a name, with a new descriptor.
    pub(super) fn bind(&mut self, name: SocketName, socket: Socket) -> SocketId {
        let descriptor = self.descriptor();
        let endpoints = self.tcp.endpoints(socket);
        let known = self.known(socket);
        known.endpoints = endpoints;
        known.name = Some(name);
        known.descriptor = descriptor;
        if let Some(named) = self.sockets.get_mut(name.0 as usize) {
            named.handle = Some(Handle::Tcp(socket));
        }
        descriptor
    }

    /// The descriptor that a name stands for; 0 while it stands for none.
    pub(super) fn descriptor_of(&self, name: SocketName) -> SocketId {
        match self.sockets.get(name.0 as usize).and_then(|named| named.handle) {
            Some(Handle::Tcp(socket)) => {
                self.known.get(socket.0 as usize).map(|known| known.descriptor).unwrap_or_default()
            }
            Some(Handle::Udp(_, descriptor)) => descriptor,
            None => SocketId::default(),
        }
    }

    /// Linux refuses a port that still has connections, unless this listener and the one they came from
    /// both set `SO_REUSEADDR`.
    pub(super) fn port_is_refused(&mut self, name: SocketName, port: u16) -> bool {
        let reuse = [name, SocketName::CONNECTION].into_iter().any(|name| {
            let options = self.sockets.get(name.0 as usize).map(|named| &named.options);
            options.is_some_and(|options| options.contains(&SocketOption::ReuseAddr(true)))
        });
        let before = self.reusable.contains(&port);
        if reuse && !before {
            self.reusable.push(port);
        }
        self.tcp.config().settings.policy.linux && !(reuse && before) && self.tcp.is_port_busy(port)
    }

    /// The program of a name may be able to go on.
    pub(super) fn wake(&mut self, name: SocketName) {
        if let Some(named) = self.sockets.get_mut(name.0 as usize)
            && !named.awake
        {
            named.awake = true;
            self.awake.push(name);
        }
    }
}

/// What a run sets instead of the scenario.
#[derive(Clone, Copy, Debug)]
pub(super) struct Choice {
    pub(super) seed: u64,
    pub(super) profile: Option<Profile>,
}

/// The settings of a host: its profile's, with its own and the variant's changes.
pub(super) fn settings(scenario: &Scenario, spec: &HostSpec, profile: Option<Profile>) -> Settings {
    let profile = profile.or(spec.profile).unwrap_or(scenario.profile);
    let mut settings = Settings::of(profile);
    for setting in &spec.settings {
        setting.apply(&mut settings);
    }
    if let Some(variant) = scenario.variant {
        settings.break_on_purpose(variant);
    }
    settings
}

fn config(scenario: &Scenario, spec: &HostSpec, id: HostId, choice: &Choice, isn: Option<u32>) -> HostConfig {
    let isn =
        isn.map_or(IsnPolicy::Rfc6528, |first| IsnPolicy::Fixed { first: SeqNumber(first), step: ISN_STEP });
    // Any two hosts and any two seeds have different keys.
    let secret = Secret([choice.seed ^ 0x6861_6e64_7368_616b, u64::from(id.0) + 1]);
    let settings = settings(scenario, spec, choice.profile);
    HostConfig { addrs: spec.addrs.clone(), settings, isn, secret }
}
