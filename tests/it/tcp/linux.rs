//! What the `linux` profile does otherwise, as Linux 6.18 was seen to do it (`handshake lab` compares
//! the two on the machine at hand).

use handshake::scenario::Scenario;
use handshake::sim;
use handshake::tcp::Rule;
use handshake::timeline::{Kind, Timeline};
use handshake::wire::{Flags, SackBlock, Segment};

/// A connection from a client with ISN 1000 to a server with ISN 5000 over 10 ms, and what follows it.
fn played(settings: &str, more: &str) -> Timeline {
    let text = format!(
        "title = {{ en = \"-\", zh = \"-\" }}\nnotes = {{ en = \"-\", zh = \"-\" }}\nprofile = \"linux\"\n\
         [hosts]\nclient = {{ addr = \"10.0.0.1\", isn = 1000 }}\n\
         server = {{ addr = \"10.0.0.2\", isn = 5000{settings} }}\n[link]\ndelay = \"10ms\"\n\
         [[script]]\nat = \"0ms\"\ndo = [\"server listen 80\", \"server accept\"]\n\
         [[script]]\nat = \"1ms\"\ndo = \"client connect server:80\"\n{more}"
    );
    let scenario = Scenario::parse("linux", &text).unwrap_or_else(|wrong| panic!("{wrong}"));
    sim::run(&scenario, &sim::Options::default()).unwrap().timeline
}

/// The segments of the host with this number: time in milliseconds, segment, rule.
fn sent(timeline: &Timeline, host: u16) -> Vec<(u64, Segment, Option<Rule>)> {
    let of = |event: &handshake::timeline::Event| match &event.kind {
        Kind::Sent { packet, rule, .. } if event.host.0 == host => {
            Some((event.at.as_nanos() / 1_000_000, *packet.segment()?, *rule))
        }
        _ => None,
    };
    timeline.events.iter().filter_map(of).collect()
}

#[test]
fn a_lost_tail_is_probed_for_before_the_timer_doubles() {
    let lost = "[[script]]\nat = \"200ms\"\ndo = [\"client send 'hello'\", \"server recv\"]\n\
                [[fault]]\nmatch = \"client data #1..3\"\nact = \"lose\"\n";
    let rules: Vec<(u64, Option<Rule>)> = sent(&played("", lost), 0)
        .iter()
        .filter(|(_, s, _)| s.len > 0)
        .map(|(at, _, rule)| (*at, *rule))
        .collect();
    // The probe stands where the timer would have, and the timer begins anew, undoubled.
    let [first, probe, timeout, second] = rules[..] else { panic!("{rules:?}") };
    assert_eq!((first.1, probe.1), (Some(Rule::SendsText), Some(Rule::TailLossProbe)));
    assert_eq!((timeout.1, second.1), (Some(Rule::RetransmitTimeout), Some(Rule::RetransmitTimeout)));
    assert_eq!((probe.0 - first.0, timeout.0 - probe.0, second.0 - timeout.0), (220, 220, 440));
}

#[test]
fn only_an_earlier_small_segment_keeps_a_small_one_back() {
    let writes =
        "[[script]]\nat = \"100ms\"\ndo = [\"client send 1448\", \"client send 'a'\", \"client send 'b'\"]\n";
    let times: Vec<(u64, u32)> = sent(&played("", writes), 0)
        .iter()
        .filter(|(_, s, _)| s.len > 0)
        .map(|(at, s, _)| (*at, s.len))
        .collect();
    // By RFC 9293 the first small one would wait as well, for the full segment's acknowledgment.
    assert_eq!(times, [(100, 1448), (100, 1), (120, 1)]);
}

#[test]
fn a_reset_that_the_user_wishes_is_an_ack_too() {
    let abort = "[[script]]\nat = \"100ms\"\ndo = \"client abort\"\n";
    let segments = sent(&played("", abort), 0);
    let (_, reset, rule) = segments.last().unwrap();
    assert_eq!(
        (reset.flags, reset.ack.0, *rule),
        (Flags::RST | Flags::ACK, 5001, Some(Rule::AbortSendsReset))
    );
    assert!(reset.options.timestamps().is_some());
}

#[test]
fn a_repeated_fin_is_reported_as_a_duplicate() {
    let lost = "[[script]]\nat = \"100ms\"\ndo = \"client close\"\n\
                [[fault]]\nmatch = \"server ACK #1\"\nact = \"lose\"\n";
    let segments = sent(&played("", lost), 1);
    let (_, answer, _) = segments.last().unwrap();
    let wanted =
        SackBlock { left: handshake::wire::SeqNumber(1001), right: handshake::wire::SeqNumber(1002) };
    assert_eq!(answer.options.sack().unwrap().as_slice(), [wanted]);
}

#[test]
fn a_cookie_keeps_the_options_in_its_timestamp() {
    let text = "[[script]]\nat = \"100ms\"\ndo = [\"client send 'hello'\", \"server recv\"]\n";
    let segments = sent(&played(", syn_cookies = \"always\"", text), 1);
    let (_, cookie, rule) = &segments[0];
    assert_eq!(*rule, Some(Rule::ListenSendsCookie));
    assert!(cookie.options.sack_permitted() && cookie.options.window_scale() == Some(7));
    // The connection that the cookie becomes has them all: its windows are scaled.
    let (_, answer, _) = &segments[1];
    assert!(answer.options.timestamps().is_some() && answer.window < 2000, "{answer:?}");
}

#[test]
fn text_is_pushed_where_a_write_ends() {
    let writes = "[[script]]\nat = \"1ms\"\ndo = [\"client send 2000\", \"client send 2000\"]\n";
    let pushed: Vec<(u32, bool)> = sent(&played("", writes), 0)
        .iter()
        .filter(|(_, segment, _)| segment.len > 0)
        .map(|(_, segment, _)| (segment.len, segment.flags.psh()))
        .collect();
    assert_eq!(pushed.iter().map(|(len, _)| len).sum::<u32>(), 4000);
    let (_, last) = pushed.last().unwrap();
    assert!(last, "{pushed:?}");
    // The segment that the first write ends with is pushed too, though more text follows it.
    assert_eq!(pushed.iter().filter(|(_, psh)| *psh).count(), 2, "{pushed:?}");
}
