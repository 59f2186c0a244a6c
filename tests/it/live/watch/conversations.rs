//! Calls, segments and states of whole conversations, in their causal order.

use handshake::tcp::State;
use handshake::timeline::{Evidence, Kind, Operation, Outcome, Step};
use handshake::wire::Flags;

use super::{CLIENT, SERVER, calls, host, outcomes, segments, span, states, timeline};

#[test]
fn the_telephone_call_of_the_lecture() {
    let Some(timeline) = timeline(&[("server.py", SERVER), ("client.py", CLIENT)]) else { return };
    assert_eq!(timeline.hosts.len(), 2, "{:?}", timeline.hosts);
    let (server, client) = (host(&timeline, "server.py"), host(&timeline, "client.py"));

    let segments = segments(&timeline);
    let (syn, syn_ack, ack) = (segments[0], segments[1], segments[2]);
    assert_eq!((syn.1, syn.2, syn.3), (client, server, Flags::SYN));
    assert_eq!((syn_ack.1, syn_ack.2, syn_ack.3), (server, client, Flags::SYN | Flags::ACK));
    assert_eq!((ack.1, ack.2, ack.3), (client, server, Flags::ACK));
    let fins = segments.iter().filter(|segment| segment.3.fin()).count();
    assert_eq!(fins, 2);
    let octets: u32 = segments.iter().map(|segment| segment.4).sum();
    assert_eq!(octets, 13);

    // connect() begins, the two segments pass, and only then does it return; accept() is not earlier.
    let (connect_begins, connect_ends) = span(&timeline, client, |op| matches!(op, Operation::Connect(_)));
    assert!(connect_begins < syn.0 && syn.0 < syn_ack.0 && syn_ack.0 < connect_ends);
    let (accept_begins, accept_ends) = span(&timeline, server, |op| matches!(op, Operation::Accept));
    assert!(accept_begins < accept_ends && ack.0 < accept_ends);
    // The client starts when listen() has returned.
    let (_, listens) = span(&timeline, server, |op| matches!(op, Operation::Listen { backlog: 5 }));
    assert!(listens < calls(&timeline, client)[0].0);
    let option = |op: &Operation| matches!(op, Operation::SetOption { name, value } if name == "SO_REUSEADDR" && value == "1");
    assert_eq!(outcomes(&timeline, server, option), [Outcome::Done]);

    let client_states = states(&timeline, client);
    let expected = [State::SynSent, State::Established, State::CloseWait, State::LastAck, State::Closed];
    assert_eq!(client_states, expected);
    let server_states = states(&timeline, server);
    // Whether FIN-WAIT-2 is seen depends on how soon the client closes.
    let server_states: Vec<State> =
        server_states.into_iter().filter(|state| *state != State::FinWait2).collect();
    assert_eq!(server_states, [State::SynReceived, State::Established, State::FinWait1, State::TimeWait]);
    // The listener's state comes from the kernel, not from segments.
    let listening = timeline.events.iter().any(|event| {
        let of_listener = matches!(&event.kind, Kind::State { to: State::Listen, connection, .. }
            if connection.local.port() == 9000 && connection.remote.port() == 0);
        of_listener && event.evidence == Evidence::Observed
    });
    assert!(listening);
}

#[test]
fn the_kernel_confirms_a_state_that_lasts() {
    let client = CLIENT.replace("s.sendall", "import time; time.sleep(.5); s.sendall");
    let Some(timeline) = timeline(&[("server.py", SERVER), ("client.py", &client)]) else { return };
    let confirmed = timeline.events.iter().filter(|event| {
        event.evidence == Evidence::Observed
            && matches!(event.kind, Kind::State { to: State::Established, .. })
    });
    assert_eq!(confirmed.count(), 2);
}

#[test]
fn datagrams_have_no_states_and_their_server_need_not_listen() {
    let server = r#"
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("127.0.0.1", 9000))
text, who = s.recvfrom(1024); s.sendto(b"hello", who)
"#;
    let client = r#"
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.sendto("你好".encode(), ("127.0.0.1", 9000)); print(s.recvfrom(1024))
"#;
    let Some(timeline) = timeline(&[("server.py", server), ("client.py", client)]) else { return };
    let (server, client) = (host(&timeline, "server.py"), host(&timeline, "client.py"));
    let sent: Vec<_> = timeline
        .events
        .iter()
        .filter(|event| matches!(event.kind, Kind::Sent { .. }))
        .map(|event| event.host)
        .collect();
    assert_eq!(sent, [client, server]);
    let arrived: Vec<_> = timeline
        .events
        .iter()
        .filter(|event| matches!(event.kind, Kind::Arrived { .. }))
        .map(|event| event.host)
        .collect();
    assert_eq!(arrived, [server, client]);
    assert!(!timeline.events.iter().any(|event| matches!(event.kind, Kind::State { .. })));
    let received = outcomes(&timeline, server, |op| matches!(op, Operation::RecvFrom { max: 1024 }));
    assert!(
        matches!(received[..], [Outcome::From { len: 6, from }] if from.ip().is_loopback()),
        "{received:?}"
    );
    let to_server = |op: &Operation| matches!(op, Operation::SendTo { len: 6, to } if to.port() == 9000);
    assert_eq!(outcomes(&timeline, client, to_server), [Outcome::Value(6)]);
}

#[test]
fn both_ends_in_one_program_are_two_lanes() {
    let both = r#"
import socket, threading
s = socket.create_server(("127.0.0.1", 9000))
def serve():
    for _ in range(3):
        c, _ = s.accept()
        threading.Thread(target=lambda c=c: (c.sendall(c.recv(9)), c.close())).start()
def call(i):
    c = socket.create_connection(("127.0.0.1", 9000))
    c.sendall(b"%d" % i); assert c.recv(9) == b"%d" % i; c.close()
threads = [threading.Thread(target=serve)] + [threading.Thread(target=call, args=(i,)) for i in range(3)]
for t in threads: t.start()
for t in threads: t.join()
"#;
    let Some(timeline) = timeline(&[("both.py", both)]) else { return };
    let (listens, calls) = (host(&timeline, "both.py"), host(&timeline, "both.py (2)"));
    for (_, from, to, flags, _) in segments(&timeline) {
        assert_ne!(from, to);
        if flags == Flags::SYN {
            assert_eq!((from, to), (calls, listens));
        }
    }
    // Also what a caller did before it was known to talk to its own program.
    assert_eq!(outcomes(&timeline, calls, |op| *op == Operation::Socket).len(), 3);
    assert_eq!(outcomes(&timeline, listens, |op| *op == Operation::Socket).len(), 1);
    assert_eq!(outcomes(&timeline, listens, |op| *op == Operation::Accept).len(), 3);
    assert_eq!(outcomes(&timeline, calls, |op| matches!(op, Operation::Connect(_))), vec![Outcome::Done; 3]);
}

#[test]
fn ipv4_in_ipv6_clothes_is_the_same_lane() {
    let server = r#"
import socket
s = socket.create_server(("::", 9000), family=socket.AF_INET6, dualstack_ipv6=True)
for _ in range(2):
    c, a = s.accept(); c.sendall(b"x"); c.close()
"#;
    let client = r#"
import socket
for host in ("127.0.0.1", "::1"):
    c = socket.create_connection((host, 9000)); assert c.recv(9) == b"x"; c.close()
"#;
    let Some(timeline) = timeline(&[("server.py", server), ("client.py", client)]) else { return };
    assert_eq!(timeline.hosts.len(), 2, "{:?}", timeline.hosts);
    let server = host(&timeline, "server.py");
    let peers = outcomes(&timeline, server, |op| *op == Operation::Accept);
    let is_v4 = |outcome: &Outcome| match outcome {
        Outcome::Accepted { peer, .. } => peer.is_ipv4(),
        other => panic!("{other:?}"),
    };
    assert_eq!(peers.iter().map(is_v4).collect::<Vec<_>>(), [true, false]);
    let syns: Vec<_> =
        segments(&timeline).into_iter().filter(|segment| segment.3 == Flags::SYN).map(|s| s.2).collect();
    assert_eq!(syns, [server, server]);
}

#[test]
fn a_closed_port_is_a_lane_of_its_own_and_refuses() {
    let client = r#"
import socket
try: socket.create_connection(("127.0.0.1", 9000))
except ConnectionRefusedError: pass
s = socket.socket(); s.setblocking(False); print(s.connect_ex(("127.0.0.1", 9000)))
a, b = socket.socketpair(); a.send(b"not the network"); b.recv(99)
"#;
    let Some(timeline) = timeline(&[("client.py", client)]) else { return };
    let (client, nobody) = (host(&timeline, "client.py"), host(&timeline, "127.0.0.1:9000"));
    let resets: Vec<_> =
        segments(&timeline).into_iter().filter(|segment| segment.3.rst()).map(|s| s.1).collect();
    assert_eq!(resets, [nobody, nobody]);
    let refused = outcomes(&timeline, client, |op| matches!(op, Operation::Connect(_)));
    let names: Vec<String> = refused.iter().map(|outcome| format!("{outcome:?}")).collect();
    assert!(names[0].contains("Refused"), "{names:?}");
    assert!(names[1].contains("EINPROGRESS") || names[1].contains("Refused"), "{names:?}");
    // Sockets of another kind are none of our business.
    let others = calls(&timeline, client);
    assert!(!others.iter().any(|(_, call)| matches!(call.operation, Operation::Send { .. })), "{others:?}");
}

#[test]
fn a_full_accept_queue_shows_from_the_kernels_side() {
    let server = r#"
import os, socket, time
s = socket.socket(); s.bind(("127.0.0.1", 9000)); s.listen(1)
while not os.path.exists(os.path.dirname(__file__) + "/over"): time.sleep(0.01)
"#;
    let client = r#"
import os, socket, time
cs = [socket.socket() for _ in range(3)]
for c in cs: c.setblocking(False); c.connect_ex(("127.0.0.1", 9000))
time.sleep(0.3)
open(os.path.dirname(__file__) + "/over", "w")
"#;
    let Some(timeline) = timeline(&[("server.py", server), ("client.py", client)]) else { return };
    let server = host(&timeline, "server.py");
    let full = timeline.events.iter().any(|event| {
        // A queue of 1 holds 2 on Linux.
        event.host == server && matches!(event.kind, Kind::Queue { len: 2, limit: 1, .. })
    });
    assert!(
        full,
        "{:#?}",
        timeline.events.iter().filter(|e| matches!(e.kind, Kind::Queue { .. })).collect::<Vec<_>>()
    );
    let answers = segments(&timeline).into_iter().filter(|s| s.3 == Flags::SYN | Flags::ACK).count();
    assert_eq!(answers, 2, "the third SYN must find the queue full");
}

#[test]
fn calls_through_other_doors_are_seen() {
    let server = r#"
import os, socket
s = socket.create_server(("127.0.0.1", 9000)); c, a = s.accept()
assert os.read(c.fileno(), 99) == b"abcdef"
assert c.recvmsg(99)[0] == b"gh"
assert os.readv(c.fileno(), [bytearray(1), bytearray(1)]) == 2
c.shutdown(socket.SHUT_WR); assert c.recv(1) == b""; c.close()
"#;
    let client = r#"
import os, socket, tempfile, time
c = socket.create_connection(("127.0.0.1", 9000))
os.writev(c.fileno(), [b"abc", b"def"]); time.sleep(.05)
c.sendmsg([b"g", b"h"]); time.sleep(.05)
with tempfile.TemporaryFile() as f:
    f.write(b"ij"); f.flush(); os.sendfile(c.fileno(), f.fileno(), 0, 2)
c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
assert c.recv(1) == b""; c.close()
"#;
    let Some(timeline) = timeline(&[("server.py", server), ("client.py", client)]) else { return };
    let (server, client) = (host(&timeline, "server.py"), host(&timeline, "client.py"));
    let sent = outcomes(&timeline, client, |op| matches!(op, Operation::Send { .. }));
    assert_eq!(sent, [Outcome::Value(6), Outcome::Value(2), Outcome::Value(2)]);
    let asked: Vec<_> = calls(&timeline, client)
        .into_iter()
        .filter(|(_, call)| call.step == Step::Entered)
        .filter_map(|(_, call)| match call.operation {
            Operation::Send { len } => Some(len),
            _ => None,
        })
        .collect();
    assert_eq!(asked, [6, 2, 2]);
    let received = outcomes(&timeline, server, |op| matches!(op, Operation::Recv { .. }));
    assert_eq!(received, [Outcome::Value(6), Outcome::Value(2), Outcome::Value(2), Outcome::EndOfStream]);
    let shut = outcomes(&timeline, server, |op| matches!(op, Operation::Shutdown(_)));
    assert_eq!(shut, [Outcome::Done]);
}
