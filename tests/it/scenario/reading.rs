//! What a file says is what is understood.

use handshake::scenario::{
    Act, Action, Condition, Number, PacketKind, Payload, Scenario, SocketOption, Trigger, Variable,
};
use handshake::tcp::{Profile, State};
use handshake::time::{Duration, Instant};
use handshake::timeline::{HostId, Shutdown};
use handshake::wire::Flags;

use super::parse;

/// The only step of a scenario.
fn action(step: &str) -> Action {
    let scenario = parse(&format!("[[script]]\ndo = [\"server listen 80\", {step:?}]\n"));
    scenario.script[0].steps[1].action.clone()
}

#[test]
fn steps() {
    let server: std::net::SocketAddr = "10.0.0.2:80".parse().unwrap();
    assert_eq!(
        action("client connect server:80 from 40000"),
        Action::Connect { to: server, from: Some(40_000), fast_open: None }
    );
    assert_eq!(
        action("client connect 10.0.0.2:80 fastopen 'hi'"),
        Action::Connect { to: server, from: None, fast_open: Some(Payload::Text(b"hi".to_vec())) }
    );
    assert_eq!(action("client send 'a b\\n'"), Action::Send(Payload::Text(b"a b\n".to_vec())));
    assert_eq!(action("client send 10KiB"), Action::Send(Payload::Count(10_240)));
    assert_eq!(action("client recv"), Action::Recv { max: 65_536, to_end: false });
    assert_eq!(action("client recv 10 all"), Action::Recv { max: 10, to_end: true });
    assert_eq!(action("client shutdown"), Action::Shutdown(Shutdown::Write));
    assert_eq!(action("client shutdown both"), Action::Shutdown(Shutdown::Both));
    assert_eq!(
        action("client set linger 0"),
        Action::Set {
            option: SocketOption::Linger(Some(Duration::ZERO)),
            shown: ("SO_LINGER", "{1, 0}".to_owned())
        }
    );
    assert_eq!(action("client restart isn 7"), Action::Restart { isn: Some(7) });
    let Action::Inject(inject) = action("inject client:9>server:80 RST,ACK seq=server.rcv_nxt-1 ack=+1")
    else {
        panic!("not an injection")
    };
    assert_eq!(inject.src, "10.0.0.1:9".parse().unwrap());
    assert_eq!(inject.flags, Flags::RST | Flags::ACK);
    assert_eq!(inject.seq, Number::Variable { host: HostId(1), variable: Variable::RcvNxt, offset: -1 });
    assert_eq!(inject.ack, Some(Number::Relative(1)));
}

#[test]
fn several_options_in_one_step() {
    let scenario = parse("[[script]]\ndo = \"client set keepalive idle 10s interval 1s count 3\"\n");
    let options: Vec<SocketOption> = scenario.script[0]
        .steps
        .iter()
        .map(|step| if let Action::Set { option, .. } = &step.action { *option } else { panic!("not set") })
        .collect();
    let second = Duration::from_secs(1);
    assert_eq!(
        options,
        [
            SocketOption::KeepAlive(true),
            SocketOption::KeepIdle(Duration::from_secs(10)),
            SocketOption::KeepInterval(second),
            SocketOption::KeepCount(3),
        ]
    );
}

#[test]
fn triggers() {
    let scenario = parse(
        r#"[[script]]
at = "1.5ms"
do = "server listen 80"
[[script]]
when = "server CLOSE_WAIT #2"
after = "2s"
do = "server close"
[[script]]
when = "client SYN,ACK #3 arrives"
do = "server close"
[[script]]
when = "client FIN"
do = "server close"
[[script]]
after = "1s"
do = "server close"
[[script]]
do = "server close"
"#,
    );
    let triggers: Vec<&Trigger> = scenario.script.iter().map(|entry| &entry.trigger).collect();
    assert_eq!(triggers[0], &Trigger::At(Instant::from_nanos(1_500_000)));
    let state = Condition::State { host: HostId(1), state: State::CloseWait, nth: 2 };
    assert_eq!(triggers[1], &Trigger::When(state));
    assert_eq!(scenario.script[1].delay, Duration::from_secs(2));
    let Trigger::When(Condition::Arrived(pattern)) = triggers[2] else { panic!("{:?}", triggers[2]) };
    assert_eq!((pattern.kind, pattern.nth), (PacketKind::Flags(Flags::SYN | Flags::ACK), (3, 3)));
    assert!(matches!(triggers[3], Trigger::When(Condition::Sent(_))));
    assert_eq!(triggers[4], &Trigger::AfterPrevious);
    assert_eq!(triggers[5], &Trigger::WithPrevious);
}

#[test]
fn faults_and_links() {
    let scenario = parse(
        r#"seed = 7
[link]
delay = "10ms"
loss = "5%"
"client>server" = "30ms"
"server>client" = { bandwidth = "1Mbit", duplicate = 0.25 }
[[script]]
do = "server listen 80"
[[fault]]
match = "client SYN #2..4 to server:80"
act = "delay 200ms"
[[fault]]
match = "any UDP"
act = "duplicate 2 after 5ms"
"#,
    );
    assert_eq!(scenario.seed, 7);
    assert_eq!(scenario.profile, Profile::Classic);
    let (client, server) = (HostId(0), HostId(1));
    let link = scenario.links.between(client, server);
    assert_eq!((link.delay, link.bandwidth), (Duration::from_millis(30), None));
    assert!((link.loss - 0.05).abs() < 1e-9, "a direction keeps what it does not change");
    let link = scenario.links.between(server, client);
    assert_eq!((link.delay, link.bandwidth), (Duration::from_millis(10), Some(1_000_000)));
    assert_eq!(scenario.faults[0].act, Act::Delay(Duration::from_millis(200)));
    assert_eq!(scenario.faults[0].pattern.nth, (2, 4));
    assert_eq!(scenario.faults[0].shown, "delay 200ms client SYN #2..4 to server:80");
    assert_eq!(scenario.faults[1].act, Act::Duplicate { copies: 2, after: Duration::from_millis(5) });
}

#[test]
fn a_socket_may_be_named_above_the_line_that_makes_it() {
    let scenario = parse(
        "[[script]]\nat = \"5s\"\ndo = \"client c1 close\"\n[[script]]\nat = \"0ms\"\ndo = \"client c1 connect server:80\"\n",
    );
    assert_eq!(scenario.script[0].steps[0].socket, scenario.script[1].steps[0].socket);
}

#[test]
fn the_manual_s_example_is_a_scenario_that_keeps_its_word() {
    for manual in
        [include_str!("../../../docs/scenarios.md"), include_str!("../../../docs/scenarios.zh-CN.md")]
    {
        let example = manual.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
        let scenario = Scenario::parse("manual", example).unwrap();
        let run = handshake::sim::run(&scenario, &handshake::sim::Options::default()).unwrap();
        assert!(run.problems.is_empty());
        assert!(handshake::scenario::check(&scenario, &run.timeline).is_empty());
    }
}

/// Every step, condition and act that the manual shows in code can be written.
#[test]
fn the_manual_s_steps_are_understood() {
    for manual in
        [include_str!("../../../docs/scenarios.md"), include_str!("../../../docs/scenarios.zh-CN.md")]
    {
        let table = manual.split("server listen 80 backlog 5").nth(1).unwrap();
        let table = format!("| `server listen 80 backlog 5{}", table.split("\n\n").next().unwrap());
        let mut steps = Vec::new();
        for row in table.lines() {
            let cell = row.split('|').nth(1).unwrap();
            steps.extend(cell.split('`').skip(1).step_by(2).filter(|code| code.contains(' ')));
        }
        assert!(steps.len() > 15, "{steps:?}");
        for step in steps.iter().filter(|step| !step.contains("NAME") && !step.contains("名字")) {
            parse(&format!("[[script]]\ndo = [{step:?}]\n"));
        }
    }
}
