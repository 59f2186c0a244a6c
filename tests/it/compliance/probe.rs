//! One host under test, and a peer that is only segments written by hand.

use std::net::SocketAddr;

use handshake::tcp::{
    Event, Host, HostConfig, IsnPolicy, Notice, Rule, Secret, Settings, Socket, State, Verdict, What,
};
use handshake::time::{Duration, Instant};
use handshake::wire::{
    Defects, Flags, Ip, Options, Packet, Segment, SeqNumber, TcpOption, Transport, decode_ip, encode_ip,
};

pub const ISS: u32 = 1000;
pub const IRS: u32 = 5000;

pub struct Sent {
    pub at: Instant,
    pub ip: Ip,
    pub segment: Segment,
    pub payload: Vec<u8>,
    pub rule: Rule,
}

/// The host under test is 10.0.0.1; the peer is 10.0.0.2.
pub struct Probe {
    pub host: Host,
    pub now: Instant,
    pub socket: Socket,
    pub events: Vec<Event>,
    pub notices: Vec<Notice>,
    pub local: SocketAddr,
    pub remote: SocketAddr,
}

pub fn addr(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

pub fn host(settings: Settings) -> Host {
    Host::new(HostConfig {
        addrs: vec!["10.0.0.1".parse().unwrap(), "fd00::1".parse().unwrap()],
        settings,
        isn: IsnPolicy::Fixed { first: SeqNumber(ISS), step: 0 },
        secret: Secret([7, 9]),
    })
}

impl Probe {
    /// In SYN-SENT, its SYN already taken off the wire.
    pub fn opening(settings: Settings) -> Self {
        let mut host = host(settings);
        let remote = addr("10.0.0.2:80");
        let socket = host.connect(Instant::ZERO, None, remote).unwrap();
        let local = host.endpoints(socket).unwrap().0;
        let mut probe =
            Probe { host, now: Instant::ZERO, socket, events: vec![], notices: vec![], local, remote };
        assert_eq!(probe.sent()[0].segment.flags, Flags::SYN);
        probe
    }

    /// In ESTABLISHED as a client, the handshake's third segment taken off the wire. The peer offers
    /// a window of 10 000 and, with `mss`, that segment size.
    pub fn open(settings: Settings, mss: Option<u16>) -> Self {
        let mut probe = Probe::opening(settings);
        let mut options = Options::NONE;
        if let Some(mss) = mss {
            options.push(&TcpOption::Mss(mss));
        }
        probe.arrive_with(Flags::SYN | Flags::ACK, IRS, ISS + 1, b"", options, 10_000);
        assert_eq!(probe.state(), State::Established);
        assert_eq!(probe.sent().len(), 1);
        probe
    }

    /// In SYN-RECEIVED after a passive OPEN; `socket` is the child, and its SYN,ACK is off the wire.
    pub fn half_open(settings: Settings) -> Self {
        let mut host = host(settings);
        let (local, remote) = (addr("10.0.0.1:80"), addr("10.0.0.2:40000"));
        let listener = host.listen(Instant::ZERO, local, 5).unwrap();
        let mut probe = Probe {
            host,
            now: Instant::ZERO,
            socket: listener,
            events: vec![],
            notices: vec![],
            local,
            remote,
        };
        let verdict = probe.arrive(Flags::SYN, IRS, 0, b"");
        probe.socket = verdict.socket.unwrap();
        assert_eq!(probe.sent()[0].segment.flags, Flags::SYN | Flags::ACK);
        probe
    }

    pub fn state(&self) -> State {
        self.host.state(self.socket)
    }

    pub fn arrive(&mut self, flags: Flags, seq: u32, ack: u32, text: &[u8]) -> Verdict {
        self.arrive_with(flags, seq, ack, text, Options::NONE, 10_000)
    }

    pub fn arrive_with(
        &mut self,
        flags: Flags,
        seq: u32,
        ack: u32,
        text: &[u8],
        options: Options,
        window: u16,
    ) -> Verdict {
        let segment = Segment {
            src_port: self.remote.port(),
            dst_port: self.local.port(),
            seq: SeqNumber(seq),
            ack: SeqNumber(ack),
            flags,
            window,
            options,
            len: text.len() as u32,
            ..Segment::default()
        };
        self.arrive_segment(segment, text)
    }

    pub fn arrive_segment(&mut self, segment: Segment, text: &[u8]) -> Verdict {
        let ip = Ip { src: self.remote.ip(), dst: self.local.ip(), ..Ip::default() };
        self.arrive_packet(&ip, segment, text).unwrap()
    }

    /// The packet goes through real octets.
    pub fn arrive_packet(&mut self, ip: &Ip, segment: Segment, text: &[u8]) -> Option<Verdict> {
        let mut octets = Vec::new();
        encode_ip(ip, &Transport::Tcp(segment), text, &mut octets);
        self.arrive_octets(&octets)
    }

    pub fn arrive_octets(&mut self, octets: &[u8]) -> Option<Verdict> {
        let packet: Packet<&[u8]> = decode_ip(octets).unwrap();
        let verdict = self.host.on_packet(self.now, &packet);
        self.collect();
        verdict
    }

    fn collect(&mut self) {
        while let Some(event) = self.host.poll_event() {
            self.events.push(event);
        }
        while let Some((_, notice)) = self.host.poll_notice() {
            self.notices.push(notice);
        }
    }

    /// Everything the host sends now.
    pub fn sent(&mut self) -> Vec<Sent> {
        let mut sent = Vec::new();
        while let Some(out) = self.host.poll_transmit(self.now) {
            let Transport::Tcp(segment) = *out.transport else { continue };
            let payload = out.payload.to_vec();
            sent.push(Sent { at: self.now, ip: *out.ip, segment, payload, rule: out.rule });
        }
        self.collect();
        sent
    }

    /// Lets time pass, and gives what was sent meanwhile.
    pub fn wait(&mut self, span: Duration) -> Vec<Sent> {
        let until = self.now + span;
        let mut sent = self.sent();
        while let Some(at) = self.host.poll_timeout().filter(|at| *at <= until) {
            self.now = at.max(self.now);
            self.host.on_timeout(self.now);
            sent.extend(self.sent());
        }
        self.now = until;
        sent
    }

    pub fn send(&mut self, text: &[u8]) {
        assert_eq!(self.host.send(self.now, self.socket, text).unwrap(), text.len());
    }

    pub fn noticed(&self, notice: Notice) -> bool {
        self.notices.contains(&notice)
    }

    pub fn saw(&self, what: What) -> bool {
        self.events.iter().any(|event| event.what == what)
    }
}

/// The octets of a packet, to be tampered with.
pub fn octets(ip: &Ip, segment: Segment, text: &[u8]) -> Vec<u8> {
    let mut octets = Vec::new();
    encode_ip(ip, &Transport::Tcp(segment), text, &mut octets);
    octets
}

pub fn no_defects(packet: &Packet<&[u8]>) -> bool {
    packet.defects == Defects::NONE
}
