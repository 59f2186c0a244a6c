//! Timelines made by hand, as a simulator would make them.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;
use handshake::tcp::{Error, Rule, State};
use handshake::time::{Duration, Instant};
use handshake::timeline::{
    Action, Call, ConnectionId, Event, Evidence, Host, HostId, Kind, LossCause, Note, Operation, Outcome,
    PacketId, QueueName, SocketId, Step, Timeline, TimerName,
};
use handshake::wire::{
    Datagram, Defects, Flags, Ip, Options, Packet, Segment, SeqNumber, TcpOption, Transport,
};

pub const CLIENT: HostId = HostId(0);
pub const SERVER: HostId = HostId(1);

/// A timeline in the making.
pub struct Story {
    pub timeline: Timeline,
    pub ends: [SocketAddr; 2],
    packets: u32,
}

/// A packet that was sent and may arrive.
#[derive(Clone)]
pub struct Sent {
    pub id: PacketId,
    pub from: HostId,
    pub packet: Packet,
}

pub fn ms(millis: u64) -> Instant {
    Instant::ZERO + Duration::from_millis(millis)
}

impl Story {
    pub fn new() -> Story {
        Story::between(["client", "server"], ["10.0.0.1:49152", "10.0.0.2:80"])
    }

    pub fn between(names: [&str; 2], ends: [&str; 2]) -> Story {
        let ends = ends.map(|end| end.parse::<SocketAddr>().unwrap());
        let host = |index: usize| Host { name: names[index].to_owned(), addrs: vec![ends[index].ip()] };
        Story { timeline: Timeline { hosts: vec![host(0), host(1)], events: Vec::new() }, ends, packets: 0 }
    }

    pub fn add_host(&mut self, name: &str, addr: &str) -> HostId {
        self.timeline
            .hosts
            .push(Host { name: name.to_owned(), addrs: vec![addr.parse::<IpAddr>().unwrap()] });
        HostId(self.timeline.hosts.len() as u16 - 1)
    }

    pub fn push(&mut self, at: u64, host: HostId, kind: Kind) {
        self.timeline.events.push(Event { at: ms(at), host, evidence: Evidence::Simulated, kind });
    }

    fn connection(&self, host: HostId) -> ConnectionId {
        let [client, server] = self.ends;
        if host == SERVER {
            ConnectionId { local: server, remote: client }
        } else {
            ConnectionId { local: client, remote: server }
        }
    }

    pub fn call(&mut self, at: u64, host: HostId, operation: Operation) {
        let call = Call { socket: SocketId(3), operation, step: Step::Entered };
        self.push(at, host, Kind::Call(call));
    }

    pub fn returned(&mut self, at: u64, host: HostId, operation: Operation, outcome: Outcome) {
        let call = Call { socket: SocketId(3), operation, step: Step::Returned(outcome) };
        self.push(at, host, Kind::Call(call));
    }

    pub fn state(&mut self, at: u64, host: HostId, from: State, to: State, rule: Rule) {
        let connection = self.connection(host);
        self.push(at, host, Kind::State { connection, from, to, rule: Some(rule) });
    }

    pub fn listen(&mut self, at: u64) {
        let local = self.ends[1];
        let remote = SocketAddr::new(local.ip(), 0);
        self.call(at, SERVER, Operation::Listen { backlog: 4 });
        let connection = ConnectionId { local, remote };
        let rule = Some(Rule::OpenPassive);
        self.push(at, SERVER, Kind::State { connection, from: State::Closed, to: State::Listen, rule });
        self.returned(at, SERVER, Operation::Listen { backlog: 4 }, Outcome::Done);
    }

    pub fn queue(&mut self, at: u64, queue: QueueName, len: u32) {
        self.push(at, SERVER, Kind::Queue { listener: self.ends[1], queue, len, limit: 4 });
    }

    pub fn timer(&mut self, at: u64, host: HostId, timer: TimerName, action: Action) {
        let connection = self.connection(host);
        self.push(at, host, Kind::Timer { connection, timer, action });
    }

    pub fn packet(&self, from: HostId, flags: &str, seq: u32, ack: u32, text: &str) -> Packet {
        let flags = Flags::from_names(flags).unwrap();
        let (src, dst) =
            if from == SERVER { (self.ends[1], self.ends[0]) } else { (self.ends[0], self.ends[1]) };
        let mut options = Options::NONE;
        if flags.syn() {
            options.push(&TcpOption::Mss(1460));
        }
        let segment = Segment {
            src_port: src.port(),
            dst_port: dst.port(),
            seq: SeqNumber(seq),
            ack: SeqNumber(ack),
            flags,
            window: 65_535,
            len: text.len() as u32,
            options,
            ..Segment::default()
        };
        Packet {
            ip: Ip { src: src.ip(), dst: dst.ip(), ..Ip::default() },
            transport: Transport::Tcp(segment),
            payload: Bytes::copy_from_slice(text.as_bytes()),
            defects: Defects::NONE,
        }
    }

    pub fn send(&mut self, at: u64, from: HostId, what: (&str, u32, u32, &str), rule: Rule) -> Sent {
        let packet = self.packet(from, what.0, what.1, what.2, what.3);
        self.send_packet(at, from, packet, Some(rule), false)
    }

    pub fn resend(&mut self, at: u64, from: HostId, what: (&str, u32, u32, &str), rule: Rule) -> Sent {
        let packet = self.packet(from, what.0, what.1, what.2, what.3);
        self.send_packet(at, from, packet, Some(rule), true)
    }

    pub fn send_packet(
        &mut self,
        at: u64,
        from: HostId,
        packet: Packet,
        rule: Option<Rule>,
        retransmission: bool,
    ) -> Sent {
        self.packets += 1;
        let id = PacketId(self.packets);
        self.push(at, from, Kind::Sent { id, packet: packet.clone(), rule, retransmission });
        Sent { id, from, packet }
    }

    pub fn arrive(&mut self, at: u64, sent: &Sent, rule: Rule) {
        let to = if sent.from == SERVER { CLIENT } else { SERVER };
        self.push(at, to, Kind::Arrived { id: sent.id, packet: sent.packet.clone(), rule: Some(rule) });
    }

    pub fn lose(&mut self, at: u64, sent: &Sent, fault: &str) {
        let cause = LossCause::Fault(Cow::Owned(fault.to_owned()));
        self.push(at, sent.from, Kind::Lost { id: sent.id, packet: sent.packet.clone(), cause });
    }

    pub fn open(&mut self) {
        let remote = self.ends[1];
        self.listen(0);
        self.call(0, SERVER, Operation::Accept);
        self.call(1, CLIENT, Operation::Connect(remote));
        self.state(1, CLIENT, State::Closed, State::SynSent, Rule::OpenActive);
        let syn = self.send(1, CLIENT, ("SYN", 1000, 0, ""), Rule::OpenActive);
        self.timer(1, CLIENT, TimerName::Retransmission, Action::Set(Duration::from_secs(1)));
        self.arrive(11, &syn, Rule::ListenAnswersSyn);
        self.state(11, SERVER, State::Listen, State::SynReceived, Rule::ListenAnswersSyn);
        self.queue(11, QueueName::Syn, 1);
        let syn_ack = self.send(11, SERVER, ("SYN,ACK", 5000, 1001, ""), Rule::ListenAnswersSyn);
        self.arrive(21, &syn_ack, Rule::SynSentEstablished);
        self.timer(21, CLIENT, TimerName::Retransmission, Action::Stopped);
        self.state(21, CLIENT, State::SynSent, State::Established, Rule::SynSentEstablished);
        self.returned(21, CLIENT, Operation::Connect(remote), Outcome::Done);
        let ack = self.send(21, CLIENT, ("ACK", 1001, 5001, ""), Rule::SendsHandshakeAck);
        self.arrive(31, &ack, Rule::SynReceivedEstablished);
        self.state(31, SERVER, State::SynReceived, State::Established, Rule::SynReceivedEstablished);
        self.queue(31, QueueName::Syn, 0);
        self.queue(31, QueueName::Accept, 1);
        self.queue(31, QueueName::Accept, 0);
        let accepted = Outcome::Accepted { socket: SocketId(4), peer: self.ends[0] };
        self.returned(31, SERVER, Operation::Accept, accepted);
    }

    pub fn data(&mut self) {
        self.call(40, CLIENT, Operation::Send { len: 5 });
        self.returned(40, CLIENT, Operation::Send { len: 5 }, Outcome::Value(5));
        let data = self.send(40, CLIENT, ("PSH,ACK", 1001, 5001, "hello"), Rule::SendsText);
        self.arrive(50, &data, Rule::TextAccepted);
        self.call(50, SERVER, Operation::Recv { max: 1024 });
        self.returned(50, SERVER, Operation::Recv { max: 1024 }, Outcome::Value(5));
        let ack = self.send(50, SERVER, ("ACK", 5001, 1006, ""), Rule::AckQuick);
        self.arrive(60, &ack, Rule::AckAdvances);
    }

    /// The close, with the server's FIN acknowledged by an ACK that is lost once.
    pub fn close_with_lost_ack(&mut self) {
        self.call(70, CLIENT, Operation::Close);
        self.state(70, CLIENT, State::Established, State::FinWait1, Rule::CloseEstablished);
        self.returned(70, CLIENT, Operation::Close, Outcome::Done);
        let fin = self.send(70, CLIENT, ("FIN,ACK", 1006, 5001, ""), Rule::SendsFin);
        self.arrive(80, &fin, Rule::FinToCloseWait);
        self.state(80, SERVER, State::Established, State::CloseWait, Rule::FinToCloseWait);
        let ack = self.send(80, SERVER, ("ACK", 5001, 1007, ""), Rule::AcksFin);
        self.arrive(90, &ack, Rule::FinAcknowledged);
        self.state(90, CLIENT, State::FinWait1, State::FinWait2, Rule::FinAcknowledged);
        self.call(90, SERVER, Operation::Recv { max: 1024 });
        self.returned(90, SERVER, Operation::Recv { max: 1024 }, Outcome::EndOfStream);
        self.call(100, SERVER, Operation::Close);
        self.state(100, SERVER, State::CloseWait, State::LastAck, Rule::CloseCloseWait);
        let fin = self.send(100, SERVER, ("FIN,ACK", 5001, 1007, ""), Rule::SendsFin);
        self.timer(100, SERVER, TimerName::Retransmission, Action::Set(Duration::from_secs(1)));
        self.arrive(110, &fin, Rule::FinToTimeWait);
        self.state(110, CLIENT, State::FinWait2, State::TimeWait, Rule::FinToTimeWait);
        self.timer(110, CLIENT, TimerName::TimeWait, Action::Set(Duration::from_secs(240)));
        let ack = self.send(110, CLIENT, ("ACK", 1007, 5002, ""), Rule::AcksFin);
        self.lose(110, &ack, "lose client ACK #3");
        self.timer(1100, SERVER, TimerName::Retransmission, Action::Fired);
        let fin = self.resend(1100, SERVER, ("FIN,ACK", 5001, 1007, ""), Rule::FinTimeout);
        self.arrive(1110, &fin, Rule::TimeWaitFinRepeated);
        self.timer(1110, CLIENT, TimerName::TimeWait, Action::Set(Duration::from_secs(240)));
        let ack = self.send(1110, CLIENT, ("ACK", 1007, 5002, ""), Rule::TimeWaitFinRepeated);
        self.arrive(1120, &ack, Rule::LastAckFinAcknowledged);
        self.state(1120, SERVER, State::LastAck, State::Closed, Rule::LastAckFinAcknowledged);
        self.timer(241_110, CLIENT, TimerName::TimeWait, Action::Fired);
        self.state(241_110, CLIENT, State::TimeWait, State::Closed, Rule::TimeWaitExpires);
    }
}

/// Handshake, one message, close; the last ACK is lost once.
pub fn whole() -> Timeline {
    let mut story = Story::new();
    story.open();
    story.data();
    story.close_with_lost_ack();
    story.timeline
}

/// A refused connection.
pub fn refused() -> Timeline {
    let mut story = Story::new();
    let remote = story.ends[1];
    story.call(1, CLIENT, Operation::Connect(remote));
    story.state(1, CLIENT, State::Closed, State::SynSent, Rule::OpenActive);
    let syn = story.send(1, CLIENT, ("SYN", 1000, 0, ""), Rule::OpenActive);
    story.arrive(11, &syn, Rule::ClosedResetsWithoutAck);
    let rst = story.send(11, SERVER, ("RST,ACK", 0, 1001, ""), Rule::ClosedResetsWithoutAck);
    story.arrive(21, &rst, Rule::SynSentRefused);
    story.state(21, CLIENT, State::SynSent, State::Closed, Rule::SynSentRefused);
    story.returned(21, CLIENT, Operation::Connect(remote), Outcome::Failed(Error::Refused));
    story.timeline
}

/// Both ends open at once; the SYNs cross.
pub fn simultaneous() -> Timeline {
    let mut story = Story::between(["alice", "bob"], ["10.0.0.1:7000", "10.0.0.2:7001"]);
    let [alice, bob] = story.ends;
    story.call(1, CLIENT, Operation::Connect(bob));
    story.state(1, CLIENT, State::Closed, State::SynSent, Rule::OpenActive);
    let a = story.send(1, CLIENT, ("SYN", 1000, 0, ""), Rule::OpenActive);
    story.call(3, SERVER, Operation::Connect(alice));
    story.state(3, SERVER, State::Closed, State::SynSent, Rule::OpenActive);
    let b = story.send(3, SERVER, ("SYN", 5000, 0, ""), Rule::OpenActive);
    story.arrive(11, &a, Rule::SynSentSimultaneous);
    story.state(11, SERVER, State::SynSent, State::SynReceived, Rule::SynSentSimultaneous);
    let b2 = story.send(11, SERVER, ("SYN,ACK", 5000, 1001, ""), Rule::SynSentSimultaneous);
    story.arrive(13, &b, Rule::SynSentSimultaneous);
    story.state(13, CLIENT, State::SynSent, State::SynReceived, Rule::SynSentSimultaneous);
    let a2 = story.send(13, CLIENT, ("SYN,ACK", 1000, 5001, ""), Rule::SynSentSimultaneous);
    story.arrive(21, &b2, Rule::SynReceivedEstablished);
    story.state(21, CLIENT, State::SynReceived, State::Established, Rule::SynReceivedEstablished);
    story.arrive(23, &a2, Rule::SynReceivedEstablished);
    story.state(23, SERVER, State::SynReceived, State::Established, Rule::SynReceivedEstablished);
    story.timeline
}

/// An old SYN is overtaken by the new one, and a segment is doubled by the network.
pub fn disorder() -> Timeline {
    let mut story = Story::new();
    story.listen(0);
    let old = story.send(0, CLIENT, ("SYN", 90, 0, ""), Rule::OpenActive);
    story.push(0, CLIENT, fault(&old, "delay 30ms client SYN #1", "delay 30ms"));
    let new = story.send(5, CLIENT, ("SYN", 1000, 0, ""), Rule::OpenActive);
    story.arrive(15, &new, Rule::ListenAnswersSyn);
    story.state(15, SERVER, State::Listen, State::SynReceived, Rule::ListenAnswersSyn);
    let answer = story.send(15, SERVER, ("SYN,ACK", 5000, 1001, ""), Rule::ListenAnswersSyn);
    story.arrive(25, &answer, Rule::SynSentEstablished);
    story.state(25, CLIENT, State::SynSent, State::Established, Rule::SynSentEstablished);
    story.arrive(26, &answer, Rule::SequenceUnacceptable);
    story.arrive(30, &old, Rule::SequenceUnacceptable);
    let ack = story.send(30, SERVER, ("ACK", 5001, 1001, ""), Rule::SequenceUnacceptable);
    story.arrive(40, &ack, Rule::AckRepeatsNothingNew);
    story.timeline
}

fn fault(sent: &Sent, fault: &str, act: &str) -> Kind {
    let fault = Cow::Owned(fault.to_owned());
    Kind::Note(Note::FaultTouched { id: sent.id, fault, act: Cow::Owned(act.to_owned()) })
}

/// An attacker sends resets in the client's name.
pub fn attacked() -> Timeline {
    let mut story = Story::new();
    let attacker = story.add_host("attacker", "10.0.0.66");
    story.open();
    for (at, seq, rule) in [(50, 900_000, Rule::SequenceUnacceptableReset), (70, 2000, Rule::ResetChallenged)]
    {
        let packet = story.packet(CLIENT, "RST", seq, 0, "");
        let sent = story.send_packet(at, attacker, packet, None, false);
        story.arrive(at + 10, &sent, rule);
        if rule == Rule::ResetChallenged {
            let ack = story.send(at + 10, SERVER, ("ACK", 5001, 1001, ""), rule);
            story.arrive(at + 20, &ack, Rule::AckRepeatsNothingNew);
        }
    }
    story.data();
    story.timeline
}

/// What a capture knows: segments seen once, states inferred.
pub fn observed() -> Timeline {
    let mut timeline = whole();
    timeline.events.retain(|event| matches!(event.kind, Kind::Sent { .. } | Kind::State { .. }));
    let epoch = Duration::from_secs(1_700_000_000);
    let raise = |seq: &mut SeqNumber, by: u32| *seq = SeqNumber(seq.0.wrapping_add(by));
    for event in &mut timeline.events {
        event.at += epoch;
        match &mut event.kind {
            Kind::Sent { packet, rule, .. } => {
                event.evidence = Evidence::Observed;
                *rule = None;
                let Transport::Tcp(segment) = &mut packet.transport else { continue };
                let (ours, theirs) = if event.host == CLIENT {
                    (2_873_645_123, 1_234_567_890)
                } else {
                    (1_234_567_890, 2_873_645_123)
                };
                raise(&mut segment.seq, ours);
                if segment.flags.ack() {
                    raise(&mut segment.ack, theirs);
                }
            }
            Kind::State { rule, .. } => {
                event.evidence = Evidence::Inferred;
                *rule = None;
            }
            _ => {}
        }
    }
    timeline
}

/// Two datagrams.
pub fn datagrams() -> Timeline {
    let mut story = Story::between(["客户端", "服务器"], ["127.0.0.1:41000", "127.0.0.1:9000"]);
    let [client, server] = story.ends;
    story.call(0, SERVER, Operation::RecvFrom { max: 1024 });
    story.call(1, CLIENT, Operation::SendTo { len: 15, to: server });
    story.returned(1, CLIENT, Operation::SendTo { len: 15, to: server }, Outcome::Value(15));
    for (at, from, text) in [(1, CLIENT, "你好，世界"), (3, SERVER, "hello")] {
        let (src, dst) = if from == CLIENT { (client, server) } else { (server, client) };
        let datagram =
            Datagram { src_port: src.port(), dst_port: dst.port(), checksum: 0, len: text.len() as u32 };
        let packet = Packet {
            ip: Ip { src: src.ip(), dst: dst.ip(), ..Ip::default() },
            transport: Transport::Udp(datagram),
            payload: Bytes::copy_from_slice(text.as_bytes()),
            defects: Defects::NONE,
        };
        let sent = story.send_packet(at, from, packet.clone(), None, false);
        let to = if from == CLIENT { SERVER } else { CLIENT };
        story.push(at + 1, to, Kind::Arrived { id: sent.id, packet, rule: None });
        let outcome = Outcome::From { len: text.len() as u32, from: src };
        story.returned(at + 1, to, Operation::RecvFrom { max: 1024 }, outcome);
    }
    story.timeline
}

/// Names, texts and notes that try to take the terminal over.
pub fn hostile() -> Timeline {
    let mut story = Story::between(["evil\u{1b}[2J", "a\u{202e}b\r\nc"], ["10.0.0.1:1", "10.0.0.2:2"]);
    let name = Cow::Borrowed("call\u{1b}]0;owned\u{7}");
    let arguments = Cow::Owned("\u{200f}\n".repeat(100));
    story.call(0, CLIENT, Operation::Other { name, arguments });
    story.push(0, CLIENT, Kind::Note(Note::Text("note\u{9b}31m\u{2028}".repeat(40))));
    let data = story.send(1, CLIENT, ("PSH,ACK", 1, 1, "\u{1b}[31mred\n"), Rule::SendsText);
    story.lose(1, &data, "lose\u{1b}[0m\neverything");
    let long = "你好\u{301}".repeat(200);
    let data = story.send(2, SERVER, ("PSH,ACK", 1, 1, &long), Rule::SendsText);
    story.arrive(u64::from(u32::MAX), &data, Rule::TextAccepted);
    story.returned(u64::from(u32::MAX), CLIENT, Operation::Close, Outcome::FailedWith("E\u{1b}X".into()));
    story.timeline
}
