//! The built-in scenarios on real kernels, segment for segment beside the simulator.

use std::io::Write;

use serde_json::Value;

use super::{file, three_way};
use crate::live::spawn::{Ran, await_end, finish, handshake, permitted};

/// A lab that was so much later than it should be, in nanoseconds, does not count: the program's own limit.
const LATE: u64 = 1_000_000;

/// The records of several scenarios.
fn records(ran: &Ran) -> Vec<Value> {
    ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Every built-in scenario, the first seconds of each; `None` where labs are not permitted.
fn sweep(limit: &str, more: &[&str]) -> Option<Vec<Value>> {
    let names: Vec<&str> = handshake::scenario::builtin().iter().map(|(name, _)| *name).collect();
    // Labs sleep most of their time: four of them side by side do not disturb each other much.
    let children: Vec<_> = (0..4)
        .map(|part| {
            let own = names.iter().skip(part).step_by(4).copied();
            let arguments = ["lab", "--format", "json", "--limit", limit].into_iter();
            let arguments = arguments.chain(more.iter().copied()).chain(own);
            (handshake(arguments).spawn().unwrap(), std::time::Instant::now())
        })
        .collect();
    let ran: Vec<Ran> = children.into_iter().map(|(child, begin)| await_end(child, begin)).collect();
    if !ran.iter().all(permitted) {
        return None;
    }
    let all: Vec<Value> = ran.iter().flat_map(records).collect();
    assert_eq!(all.len(), names.len(), "{ran:?}");
    Some(all)
}

/// The records of this outcome.
fn of<'a>(all: &'a [Value], outcome: &str) -> Vec<&'a Value> {
    all.iter().filter(|record| record["outcome"] == outcome).collect()
}

/// At least 30 ran, at least 25 of them went as in the simulator, none otherwise without a reason.
fn went_as_simulated(all: &[Value]) {
    // On a busy machine the lab itself may be late, and then says so: what a kernel did in such a run proves
    // nothing. A difference without that excuse is one.
    let (late, real): (Vec<&Value>, Vec<&Value>) =
        of(all, "differs").into_iter().partition(|record| record["late_ns"].as_u64() > Some(LATE));
    assert!(real.is_empty(), "{real:#?}");
    if !late.is_empty() {
        let _ = writeln!(std::io::stderr(), "the lab was late, so these prove nothing: {late:?}");
    }
    assert!(of(all, "same").len() + of(all, "known").len() >= 30, "{all:#?}");
    assert!(of(all, "same").len() >= 25, "{all:#?}");
    let compared: u64 = all.iter().filter_map(|record| record["segments"].as_u64()).sum();
    assert!(compared > 300, "{compared} segments");
}

#[test]
fn every_built_in_scenario_goes_as_in_the_simulator() {
    let Some(all) = sweep("2.5", &[]) else { return };
    // What no kernel can do: broken variants, a SYN without MSS, a host that calls itself.
    let unsuitable = of(&all, "unsuitable");
    let why: Vec<&str> = unsuitable.iter().map(|record| record["why"].as_str().unwrap()).collect();
    assert!(why.len() <= 6, "{why:?}");
    went_as_simulated(&all);
}

#[test]
fn our_tcp_plays_one_end_of_every_scenario() {
    for end in ["--client", "--server"] {
        let Some(all) = sweep("1.5", &[end, "engine"]) else { return };
        went_as_simulated(&all);
    }
}

#[test]
fn a_lab_stands_within_25_milliseconds() {
    // How long it takes when the machine is not busy with other things: the benchmark tells more.
    let dozen = ["closed-port"; 12];
    let ran = finish(&mut handshake(["lab", "--format", "json"].into_iter().chain(dozen)));
    if permitted(&ran) {
        let fastest = records(&ran).iter().filter_map(|record| record["setup_ns"].as_u64()).min().unwrap();
        assert!(fastest <= 25_000_000, "{fastest} ns");
    }
}

#[test]
fn the_teacher_sees_timeline_and_comparison_in_both_languages() {
    for (lang, same) in [("en", "The kernel does as the simulator"), ("zh", "内核与模拟器一致")] {
        let ran = finish(&mut handshake(["lab", "three-way", "--lang", lang, "--width", "80"]));
        if !permitted(&ran) {
            return;
        }
        ran.code(0);
        for part in ["SYN-RECEIVED", "ESTABLISHED", "connect() = 0", same] {
            assert!(ran.stdout.contains(part), "no {part} in\n{}", ran.stdout);
        }
        assert!(!ran.stdout.contains('⟦'), "{}", ran.stdout);
        let wide = ran.stdout.lines().find(|line| unicode_width::UnicodeWidthStr::width(*line) > 80);
        assert_eq!(wide, None);
    }
}

#[test]
fn a_fault_loses_a_real_segment_and_the_kernel_sends_it_again() {
    let ran = finish(&mut handshake(["lab", "syn-lost", "--format", "json"]));
    if !permitted(&ran) {
        return;
    }
    let timeline = ran.code(0).timeline();
    let sent: Vec<_> = timeline
        .events
        .iter()
        .filter_map(|event| match &event.kind {
            handshake::timeline::Kind::Sent { packet, retransmission, .. } => {
                Some((packet.segment().unwrap().flags, *retransmission, event.at.as_nanos()))
            }
            _ => None,
        })
        .collect();
    let [first, second, ..] = sent[..] else { panic!("{sent:?}") };
    assert_eq!((first.0, first.1, second.0, second.1), (second.0, false, handshake::wire::Flags::SYN, true));
    let waited = second.2 - first.2;
    assert!((900_000_000..1_300_000_000).contains(&waited), "{waited} ns");
}

#[test]
fn what_no_kernel_can_do_is_refused_with_the_reason() {
    for (name, reason) in
        [("two-way", "broken on purpose"), ("no-mss", "MSS option"), ("self-connect", "without a cable")]
    {
        finish(&mut handshake(["lab", name])).code(2).says(&[reason, "handshake run"]);
    }
    let ran = finish(&mut handshake(["lab", "self-connect", "--server", "engine"]));
    ran.code(2).says(&["no host called server"]);
    let ran = finish(&mut handshake(["lab", "udp-echo", "--server", "engine"]));
    ran.code(2).says(&["our engine is a TCP"]);
    let ran = finish(&mut handshake(["lab", "data", "teardown", "-w", "x.pcapng"]));
    ran.code(2).says(&["one scenario at a time"]);
}

#[test]
fn a_known_difference_must_still_be_there() {
    let known = "[[lab.known]]\nsegments = \"client ACK #1\"\nwhy = { en = \"Because.\", zh = \"因为。\" }\n";
    let (_guard, path) = file(&three_way(known));
    let ran = finish(&mut handshake(["lab", &path]));
    if permitted(&ran) {
        ran.code(1);
        assert!(ran.stdout.contains("not seen any more (client ACK #1)"), "{}", ran.stdout);
        assert!(ran.stdout.contains("Because."), "{}", ran.stdout);
    }
}

#[test]
fn mistakes_about_labs_are_pointed_at() {
    let ran = |more: &str| {
        let (_guard, path) = file(&three_way(more));
        finish(&mut handshake(["lab", &path]))
    };
    ran("[lab]\nlimt = \"5s\"\n").code(2).says(&["limt", "limit"]);
    let both =
        "[[lab.known]]\nsegments = \"client ACK\"\nstates = \"client\"\nwhy = { en = \"-\", zh = \"-\" }\n";
    ran(both).code(2).says(&["segments or about states"]);
    ran("[[lab.known]]\nstates = \"cleint\"\nwhy = { en = \"-\", zh = \"-\" }\n")
        .code(2)
        .says(&["cleint", "client"]);
}
