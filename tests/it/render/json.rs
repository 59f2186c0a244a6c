//! JSON Lines: what is written can be read back, and wrong files are refused with their place.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use bytes::Bytes;
use handshake::render::json;
use handshake::tcp::{Error, Rule, State};
use handshake::time::{Duration, Instant};
use handshake::timeline::*;
use handshake::wire::{Datagram, Defect, Defects, Flags, Ip, Options, Packet, Segment, SeqNumber, Transport};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::sample;

fn written(timeline: &Timeline) -> String {
    let mut out = Vec::new();
    json::write(timeline, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn the_format_is_as_documented() {
    insta::assert_snapshot!(written(&sample::refused()));
}

#[test]
fn samples_come_back_as_they_were() {
    let samples = [
        sample::whole(),
        sample::simultaneous(),
        sample::disorder(),
        sample::attacked(),
        sample::observed(),
        sample::datagrams(),
        sample::hostile(),
        Timeline::default(),
    ];
    for timeline in samples {
        assert_eq!(json::read(written(&timeline).as_bytes()).unwrap(), timeline);
    }
}

#[test]
fn nothing_in_a_line_can_trouble_a_terminal() {
    let text = written(&sample::hostile());
    assert!(text.contains(r"\u001b[2J"), "{text}");
    assert!(!text.chars().any(|c| c != '\n' && handshake::lang::is_dangerous(c)), "{text:?}");
}

#[test]
fn wrong_files_are_refused_with_place_and_reason() {
    let good = written(&sample::refused());
    let header = good.lines().next().unwrap();
    let line = |event: &str| format!("{header}\n\n{event}\n");
    let cases = [
        (String::new(), "line 1: the file is empty"),
        ("hello\n".to_owned(), "line 1: not JSON: expected value at line 1 column 1"),
        ("[]\n".to_owned(), "line 1: expected a JSON object, found []"),
        (
            "{}\n".to_owned(),
            "line 1: this is no timeline: its first line must be an object with \"schema\":1",
        ),
        ("{\"schema\":2}\n".to_owned(), "line 1: schema 2 is unknown; this program reads schema 1"),
        ("{\"schema\":1}\n".to_owned(), "line 1: the field \"hosts\" must be a list"),
        (line("{}"), "line 3: the field \"kind\" is missing"),
        (
            line(r#"{"kind":"x"}"#),
            "line 3: field \"kind\": expected one of call, state, sent, arrived, lost, timer, queue, note, found \"x\"",
        ),
        (
            line(r#"{"kind":"note","note":"crashed","at_ns":-1,"host":"client","evidence":"simulated"}"#),
            "line 3: field \"at_ns\": expected a whole number in range, found -1",
        ),
        (
            line(r#"{"kind":"note","note":"crashed","at_ns":1,"host":"nobody","evidence":"simulated"}"#),
            "line 3: field \"host\": expected one of client, server, found \"nobody\"",
        ),
        (
            line(r#"{"kind":"note","note":"message","message":"no-such"}"#),
            "line 3: field \"message\": there is no message \"no-such\"",
        ),
    ];
    for (text, complaint) in cases {
        assert_eq!(json::read(text.as_bytes()).unwrap_err().to_string(), complaint);
    }
}

#[test]
fn a_cut_or_bent_line_never_panics() {
    let good = written(&sample::whole());
    for end in (0..good.len()).step_by(7) {
        let _ = json::read(&good.as_bytes()[..end]);
    }
    for (at, octet) in (0..good.len()).step_by(11).zip((b' '..b'~').cycle()) {
        let mut bent = good.clone().into_bytes();
        bent[at] = octet;
        let _ = json::read(bent.as_slice());
    }
}

fn text() -> impl Strategy<Value = Cow<'static, str>> {
    "\\PC{0,12}|[\\x00-\\x20\"\\\\\u{202e}\u{e0001}]{0,4}".prop_map(Cow::Owned)
}

fn addr() -> impl Strategy<Value = SocketAddr> {
    let ip = prop_oneof![
        any::<u32>().prop_map(|bits| IpAddr::V4(Ipv4Addr::from(bits))),
        any::<u128>().prop_map(|bits| IpAddr::V6(Ipv6Addr::from(bits))),
    ];
    (ip, any::<u16>()).prop_map(|(ip, port)| SocketAddr::new(ip, port))
}

fn connection() -> impl Strategy<Value = ConnectionId> {
    (addr(), addr()).prop_map(|(local, remote)| ConnectionId { local, remote })
}

fn rule() -> impl Strategy<Value = Option<Rule>> {
    proptest::option::of(select(Rule::ALL))
}

fn error() -> impl Strategy<Value = Error> {
    use Error::*;
    let all = [
        Refused,
        Reset,
        TimedOut,
        BrokenPipe,
        Aborted,
        AddrInUse,
        AddrNotAvailable,
        NotConnected,
        AlreadyConnected,
        Invalid,
        WouldBlock,
        Unreachable,
    ];
    select(all.to_vec())
}

fn packet() -> impl Strategy<Value = Packet> {
    let numbers = (any::<u32>(), any::<u32>(), any::<u16>(), any::<u16>(), any::<u16>(), any::<u16>());
    let rest = (any::<u32>(), vec(any::<u8>(), 0..=40), vec(any::<u8>(), 0..20), 0..3_u8);
    let ip = (any::<u8>(), any::<u8>(), any::<u16>(), any::<bool>(), any::<u32>());
    let defects = vec(select(Defect::ALL), 0..3);
    (addr(), addr(), numbers, rest, ip, defects).prop_map(|(src, dst, numbers, rest, ip, odd)| {
        let (seq, ack, bits, window, checksum, urgent) = numbers;
        let (len, options, payload, kind) = rest;
        let ports = (src.port(), dst.port());
        let transport = match kind {
            0 => Transport::Udp(Datagram { src_port: ports.0, dst_port: ports.1, checksum, len }),
            1 => Transport::Other { protocol: bits as u8 },
            _ => Transport::Tcp(Segment {
                src_port: ports.0,
                dst_port: ports.1,
                seq: SeqNumber(seq),
                ack: SeqNumber(ack),
                flags: Flags::from_bits(bits),
                window,
                checksum,
                urgent,
                len,
                options: Options::from_bytes(&options),
            }),
        };
        let (ttl, tos, id, dont_fragment, total_len) = ip;
        let mut defects = Defects::NONE;
        for defect in odd {
            defects.insert(defect);
        }
        let ip = Ip { src: src.ip(), dst: dst.ip(), ttl, tos, id, dont_fragment, total_len };
        Packet { ip, transport, payload: Bytes::from(payload), defects }
    })
}

fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        Just(Operation::Socket),
        addr().prop_map(Operation::Bind),
        any::<u32>().prop_map(|backlog| Operation::Listen { backlog }),
        Just(Operation::Accept),
        addr().prop_map(Operation::Connect),
        any::<u32>().prop_map(|len| Operation::Send { len }),
        any::<u32>().prop_map(|max| Operation::Recv { max }),
        (any::<u32>(), addr()).prop_map(|(len, to)| Operation::SendTo { len, to }),
        any::<u32>().prop_map(|max| Operation::RecvFrom { max }),
        select(vec![Shutdown::Read, Shutdown::Write, Shutdown::Both]).prop_map(Operation::Shutdown),
        Just(Operation::Close),
        Just(Operation::Abort),
        (text(), text()).prop_map(|(name, value)| Operation::SetOption { name, value }),
        (text(), text()).prop_map(|(name, arguments)| Operation::Other { name, arguments }),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        Just(Step::Entered),
        Just(Step::Returned(Outcome::Done)),
        any::<i64>().prop_map(|value| Step::Returned(Outcome::Value(value))),
        (any::<u32>(), addr())
            .prop_map(|(id, peer)| Step::Returned(Outcome::Accepted { socket: SocketId(id), peer })),
        Just(Step::Returned(Outcome::EndOfStream)),
        (any::<u32>(), addr()).prop_map(|(len, from)| Step::Returned(Outcome::From { len, from })),
        error().prop_map(|error| Step::Returned(Outcome::Failed(error))),
        text().prop_map(|errno| Step::Returned(Outcome::FailedWith(errno))),
    ]
}

fn note() -> impl Strategy<Value = Note> {
    let id = || any::<u32>().prop_map(PacketId);
    prop_oneof![
        (id(), text(), text()).prop_map(|(id, fault, act)| Note::FaultTouched { id, fault, act }),
        Just(Note::Crashed),
        Just(Note::Restarted),
        any::<i32>().prop_map(|code| Note::Exited { code }),
        text().prop_map(|signal| Note::Killed { signal }),
        (connection(), select(Rule::ALL)).prop_map(|(connection, rule)| Note::Rule { connection, rule }),
        (id(), text(), any::<i64>()).prop_map(|(id, key, number)| Note::Finding {
            id,
            key,
            numbers: vec![("expected".into(), number), ("octets".into(), 1)],
        }),
        Just(Note::Message("note-crashed")),
        text().prop_map(|text| Note::Text(text.into_owned())),
    ]
}

fn kind() -> impl Strategy<Value = Kind> {
    use TimerName::*;
    let timers = vec![Retransmission, Persist, DelayedAck, Keepalive, TimeWait, FinWait2, User, LossProbe];
    let set = any::<u64>().prop_map(|nanos| Action::Set(Duration::from_nanos(nanos)));
    let cause = prop_oneof![
        text().prop_map(LossCause::Fault),
        select(vec![LossCause::Random, LossCause::HostDown, LossCause::NoRoute, LossCause::Corrupted]),
    ];
    let id = || any::<u32>().prop_map(PacketId);
    let states = || select(State::ALL.to_vec());
    let queues = select(vec![QueueName::Syn, QueueName::Accept]);
    prop_oneof![
        (any::<u32>(), operation(), step()).prop_map(|(id, operation, step)| Kind::Call(Call {
            socket: SocketId(id),
            operation,
            step
        })),
        (connection(), states(), states(), rule()).prop_map(|(connection, from, to, rule)| Kind::State {
            connection,
            from,
            to,
            rule
        }),
        (id(), packet(), rule(), any::<bool>()).prop_map(|(id, packet, rule, retransmission)| Kind::Sent {
            id,
            packet,
            rule,
            retransmission
        }),
        (id(), packet(), rule()).prop_map(|(id, packet, rule)| Kind::Arrived { id, packet, rule }),
        (id(), packet(), cause).prop_map(|(id, packet, cause)| Kind::Lost { id, packet, cause }),
        (connection(), select(timers), prop_oneof![set, Just(Action::Fired), Just(Action::Stopped)])
            .prop_map(|(connection, timer, action)| Kind::Timer { connection, timer, action }),
        (addr(), queues, any::<u32>(), any::<u32>()).prop_map(|(listener, queue, len, limit)| Kind::Queue {
            listener,
            queue,
            len,
            limit
        }),
        note().prop_map(Kind::Note),
    ]
}

fn timeline() -> impl Strategy<Value = Timeline> {
    let host = (text(), vec(addr().prop_map(|addr| addr.ip()), 0..3))
        .prop_map(|(name, addrs)| Host { name: name.into_owned(), addrs });
    let evidence = select(vec![Evidence::Simulated, Evidence::Observed, Evidence::Inferred]);
    let event = (any::<u64>(), 0..5_u16, evidence, kind()).prop_map(|(at, host, evidence, kind)| Event {
        at: Instant::from_nanos(at),
        host: HostId(host),
        evidence,
        kind,
    });
    (vec(host, 0..4), vec(event, 0..12)).prop_map(|(hosts, events)| Timeline { hosts, events })
}

proptest! {
    #[test]
    fn any_timeline_comes_back_as_it_was(timeline in timeline()) {
        let text = written(&timeline);
        prop_assert_eq!(text.lines().count(), timeline.events.len() + 1);
        prop_assert_eq!(json::read(text.as_bytes()).unwrap(), timeline);
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_timeline_can_be_drawn(timeline in timeline(), width in 0..140_usize) {
        use handshake::render::{Options, Style, text};
        for style in [Style::Ladder, Style::Tcpdump, Style::Rfc] {
            for lang in handshake::lang::Lang::ALL {
                let drawn = text(&timeline, &Options { style, lang, width, ..Options::default() });
                prop_assert!(!drawn.chars().any(|c| c != '\n' && handshake::lang::is_dangerous(c)));
            }
        }
    }
}
