//! The law of TCP: every octet sent arrives, once and in order, under any faults that stop.

use handshake::scenario::{Payload, SocketName};
use handshake::sim::{self, Options};
use handshake::tcp::State;
use handshake::timeline::{HostId, Kind};
use proptest::prelude::*;

use super::{CLIENT, SERVER, scenario};

fn octets(count: u64) -> Vec<u8> {
    (0..count).map(Payload::octet).collect()
}

/// Sends so much both ways, closes, and says what arrived and how both ends ended.
fn exchange(top: &str, tables: &str, there: u64, back: u64) -> Result<(), TestCaseError> {
    let scenario = scenario(
        top,
        &format!(
            r#"{tables}
[[script]]
do = ["server listen 80", "server accept", "server send {back}", "server shutdown", "server recv all", "server close"]
[[script]]
at = "1ms"
do = ["client connect server:80", "client send {there}", "client shutdown", "client recv all", "client close"]
[[script]]
at = "4s"
do = "release"
"#
        ),
    );
    let options = Options { keep_received: true, ..Options::default() };
    let run = sim::run(&scenario, &options).unwrap();
    let at = |host| run.received.by(host, SocketName::CONNECTION);
    prop_assert!(at(SERVER) == octets(there), "server got {} of {there} octets", at(SERVER).len());
    prop_assert!(at(CLIENT) == octets(back), "client got {} of {back} octets", at(CLIENT).len());
    for host in [CLIENT, SERVER] {
        let last = run.timeline.events.iter().rev().find_map(|event| match event.kind {
            Kind::State { to, .. } if event.host == host => Some(to),
            _ => None,
        });
        prop_assert_eq!(last, Some(State::Closed), "host {:?} is left over", HostId(host.0));
    }
    Ok(())
}

fn fault() -> impl Strategy<Value = String> {
    let act = prop_oneof![
        Just("lose".to_owned()),
        (1u32..900).prop_map(|ms| format!("delay {ms}ms")),
        (1u32..3, 0u32..50).prop_map(|(copies, ms)| format!("duplicate {copies} after {ms}ms")),
        (1u32..5).prop_map(|count| format!("reorder {count}")),
        Just("corrupt".to_owned()),
        Just("hold".to_owned()),
    ];
    let kind =
        prop::sample::select(vec!["any", "SYN", "SYN,ACK", "ACK", "data", "FIN", "data retransmission"]);
    let host = prop::sample::select(vec!["client", "server", "any"]);
    (host, kind, 1u32..12, 0u32..8, act).prop_map(|(host, kind, first, more, act)| {
        format!(
            "[[fault]]\nmatch = \"{host} {kind} #{first}..{}\"\nact = \"{act}\"\nuntil = \"3s\"\n",
            first + more
        )
    })
}

fn profile() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["classic", "rfc9293", "linux"])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_octet_arrives_in_order_under_any_faults_that_stop(
        profile in profile(),
        faults in prop::collection::vec(fault(), 0..5),
        there in 1u64..40_000,
        back in 0u64..40_000,
        delay in 0u32..80,
    ) {
        let top = format!("profile = \"{profile}\"");
        let tables = format!("[link]\ndelay = \"{delay}ms\"\n{}", faults.concat());
        exchange(&top, &tables, there, back)?;
    }

    #[test]
    fn every_octet_arrives_in_order_over_a_bad_link(
        profile in profile(),
        seed in 0u32..u32::MAX,
        there in 1u64..40_000,
        back in 0u64..40_000,
        loss in 0u32..8,
        duplicate in 0u32..20,
        reorder in 0u32..20,
        corrupt in 0u32..3,
    ) {
        // Ten tries for everything, so that chance alone gives no connection up.
        let top = format!(
            "profile = \"{profile}\"\nseed = {seed}\n[settings]\nretries = 20\nsyn_retries = 20\nsyn_ack_retries = 20\norphan_retries = 20\n"
        );
        let tables = format!(
            "[link]\ndelay = \"10ms\"\njitter = \"5ms\"\nloss = \"{loss}%\"\nduplicate = \"{duplicate}%\"\nreorder = \"{reorder}%\"\ncorrupt = \"{corrupt}%\"\n"
        );
        exchange(&top, &tables, there, back)?;
    }
}
