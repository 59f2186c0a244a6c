//! Our contestant without a scenario: two hosts' TCPs, joined in memory as the peer's two interfaces
//! are. Every packet is encoded and decoded, every event goes into a journal; programs go on when the
//! TCP says that they can.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use handshake::tcp::{Host, HostConfig, IsnPolicy, Notice, Profile, Secret, Settings, Socket};
use handshake::time::{Duration, Instant};
use handshake::timeline::journal::{Journal, Kept, Moment};
use handshake::timeline::{HostId, PacketId};
use handshake::wire::{self, SeqNumber};

const SERVER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 0, 0, 2)), 80);
const CLIENT_SIDE: usize = 0;
const SERVER_SIDE: usize = 1;

struct Side {
    tcp: Host,
    id: HostId,
}

impl Side {
    /// The moment in which something happens here now.
    fn moment(&self, at: Instant) -> Moment {
        Moment { at, host: self.id, told: self.tcp.events().len() as u32 }
    }
}

#[derive(Clone, Copy)]
struct Frame {
    to: usize,
    id: PacketId,
    kept: Kept,
}

/// What the programs at both ends do.
#[derive(Clone, Copy, PartialEq)]
enum Talk {
    /// A request of 100 octets, an answer of 1000, and a close by both.
    Conversation,
    /// The client sends so many octets.
    Bulk(usize),
}

struct World {
    sides: [Side; 2],
    /// What happened, if somebody wants to know; else no more than the packets being sent.
    journal: Journal,
    /// Whether somebody wants to know.
    keeps: bool,
    /// If not: the packets that are arriving.
    before: Journal,
    talk: Talk,
    listener: Socket,
    /// What was sent since the wire was last empty.
    on_wire: Vec<Frame>,
    text: Vec<u8>,
    now: Instant,
    packets: u32,
    sent: usize,
    received: usize,
    /// Connections that ended, for the side that closed first.
    ended: u32,
}

impl World {
    fn new(talk: Talk, mut journal: Journal, keeps: bool) -> Self {
        let mut side = |last: u8| {
            let config = HostConfig {
                addrs: vec![IpAddr::V4(Ipv4Addr::new(10, 0, 0, last))],
                settings: Settings::of(Profile::Rfc9293),
                isn: IsnPolicy::Fixed { first: SeqNumber(1000), step: 10_000 },
                secret: Secret([1, u64::from(last)]),
            };
            let mut tcp = Host::new(config);
            tcp.use_room(journal.blank_log());
            Side { tcp, id: HostId(u16::from(last) - 1) }
        };
        let mut sides = [side(1), side(2)];
        let listener = sides[SERVER_SIDE].tcp.listen(Instant::ZERO, SERVER, 4096).unwrap();
        World {
            sides,
            journal,
            keeps,
            before: Journal::default(),
            talk,
            listener,
            on_wire: Vec::new(),
            text: vec![7; 65_536],
            now: Instant::ZERO,
            packets: 0,
            sent: 0,
            received: 0,
            ended: 0,
        }
    }

    /// The journal, with everything that the two have told.
    fn finish(self) -> Journal {
        let mut journal = self.journal;
        for side in self.sides {
            journal.hand_in(side.id, side.tcp.into_log());
        }
        journal
    }

    fn connect(&mut self) {
        self.turns_to(CLIENT_SIDE);
        self.sides[CLIENT_SIDE].tcp.connect(self.now, None, SERVER).unwrap();
    }

    /// Something is about to happen on a side which is no arrival.
    fn turns_to(&mut self, side: usize) {
        if self.keeps {
            self.journal.tells(self.sides[side].moment(self.now));
        }
    }

    /// Runs until nothing is left to happen, TIME-WAIT included.
    fn run(&mut self) {
        self.follow(CLIENT_SIDE);
        loop {
            let mut arrived = 0;
            while arrived < self.on_wire.len() {
                self.now += Duration::from_millis(1);
                if !self.keeps {
                    std::mem::swap(&mut self.journal, &mut self.before);
                    self.journal.clear();
                }
                let round = self.on_wire.len();
                while arrived < round {
                    self.arrive(self.on_wire[arrived]);
                    arrived += 1;
                }
            }
            self.on_wire.clear();
            let next = |side: &mut Side| side.tcp.poll_timeout();
            let Some(at) = self.sides.iter_mut().filter_map(next).min() else { return };
            self.now = self.now.max(at);
            for side in [CLIENT_SIDE, SERVER_SIDE] {
                if self.sides[side].tcp.earliest_timeout().is_some_and(|at| at <= self.now) {
                    self.turns_to(side);
                    self.sides[side].tcp.on_timeout(self.now);
                    self.follow(side);
                }
            }
        }
    }

    fn arrive(&mut self, frame: Frame) {
        let side = &mut self.sides[frame.to];
        let journal = if self.keeps { &self.journal } else { &self.before };
        let decoded = wire::decode_ip(journal.octets(frame.kept));
        // Lent, not moved: a packet is large.
        let packet = decoded.as_ref().unwrap();
        let moment = side.moment(self.now);
        let rule = side.tcp.on_packet(self.now, packet).map(|verdict| verdict.rule);
        if self.keeps {
            self.journal.arrived(moment, frame.id, frame.kept, rule);
        }
        self.follow(frame.to);
    }

    /// What follows on one side from what has just happened there.
    fn follow(&mut self, side: usize) {
        loop {
            self.transmit(side);
            let Some((socket, notice)) = self.sides[side].tcp.poll_notice() else { break };
            self.go_on(side, socket, notice);
        }
        if !self.keeps {
            self.sides[side].tcp.forget_events();
        }
    }

    fn transmit(&mut self, side: usize) {
        loop {
            let moment = self.sides[side].moment(self.now);
            let Some(transmit) = self.sides[side].tcp.poll_transmit(self.now) else { return };
            self.packets += 1;
            let id = PacketId(self.packets);
            let kept = self.journal.packet(|octets| {
                wire::encode_ip(transmit.ip, transmit.transport, transmit.payload, octets);
            });
            if self.keeps {
                self.journal.sent(moment, id, kept, (Some(transmit.rule), transmit.retransmission));
            }
            self.on_wire.push(Frame { to: 1 - side, id, kept });
        }
    }

    /// The program of a socket, told that it can go on.
    fn go_on(&mut self, side: usize, socket: Socket, notice: Notice) {
        if self.talk != Talk::Conversation {
            return self.go_on_in_bulk(side, socket, notice);
        }
        let now = self.now;
        let tcp = &mut self.sides[side].tcp;
        match notice {
            Notice::Connected if side == CLIENT_SIDE => {
                tcp.send(now, socket, &self.text[..100]).unwrap();
            }
            Notice::Acceptable => {
                tcp.accept(now, self.listener).unwrap();
            }
            Notice::Readable => {
                let read = tcp.recv_with(now, socket, 65_536, |_| {}).unwrap();
                if side == SERVER_SIDE {
                    assert_eq!(read, 100);
                    tcp.send(now, socket, &self.text[..1000]).unwrap();
                } else {
                    assert_eq!(read, 1000);
                    tcp.close(now, socket).unwrap();
                }
            }
            Notice::PeerClosed if side == SERVER_SIDE => tcp.close(now, socket).unwrap(),
            Notice::Closed if side == CLIENT_SIDE => self.ended += 1,
            Notice::Failed(error) => panic!("a connection failed: {error:?}"),
            _ => {}
        }
    }

    fn go_on_in_bulk(&mut self, side: usize, socket: Socket, notice: Notice) {
        let Talk::Bulk(octets) = self.talk else { return };
        let now = self.now;
        let tcp = &mut self.sides[side].tcp;
        match notice {
            Notice::Connected | Notice::Writable if side == CLIENT_SIDE => {
                while self.sent < octets {
                    let left = self.text.len().min(octets - self.sent);
                    let Ok(taken) = tcp.send(now, socket, &self.text[..left]) else { break };
                    self.sent += taken;
                }
            }
            Notice::Acceptable => {
                tcp.accept(now, self.listener).unwrap();
            }
            Notice::Readable => {
                self.received += tcp.recv_with(now, socket, 65_536, |_| {}).unwrap();
            }
            _ => {}
        }
    }
}

/// Connections that follow one another, each after the TIME-WAIT of the one before.
pub fn one_by_one(count: u32) -> Box<dyn FnMut()> {
    let mut journal = Journal::default();
    Box::new(move || {
        journal.clear();
        let mut world = World::new(Talk::Conversation, std::mem::take(&mut journal), true);
        for _ in 0..count {
            world.connect();
            world.run();
        }
        assert_eq!(world.ended, count);
        journal = world.finish();
    })
}

/// Connections that run at once.
pub fn at_once(count: u32) -> Box<dyn FnMut()> {
    let mut journal = Journal::default();
    Box::new(move || {
        journal.clear();
        let mut world = World::new(Talk::Conversation, std::mem::take(&mut journal), true);
        (0..count).for_each(|_| world.connect());
        world.run();
        assert_eq!(world.ended, count);
        journal = world.finish();
    })
}

/// One connection that carries so many octets; nobody wants its events, as the peer keeps none.
pub fn bulk(octets: usize) -> Box<dyn FnMut()> {
    Box::new(move || {
        let mut world = World::new(Talk::Bulk(octets), Journal::default(), false);
        world.connect();
        world.run();
        assert_eq!(world.received, octets);
    })
}
