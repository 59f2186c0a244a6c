//! What every state does with every kind of event, as a table one can read: `docs/state-event-matrix.md`.

use std::fmt::Write as _;

use handshake::tcp::{
    Arrival, Decision, Disposition, Policy, Rule, State, Tcb, abort, close, closed, declared, listen,
    on_segment,
};
use handshake::wire::{Flags, SeqNumber};

use crate::document;

const ISS: u32 = 1000;
const IRS: u32 = 5000;
const WINDOW: u32 = 4000;

/// A segment as it would come to a control block that has sent nothing but its SYN (and FIN), and
/// received nothing but the peer's SYN (and FIN).
struct Event {
    name: &'static str,
    flags: Flags,
    /// SEG.SEQ, from RCV.NXT.
    seq: i64,
    /// SEG.ACK, from SND.NXT.
    ack: i64,
    len: u32,
}

const fn event(name: &'static str, flags: Flags, seq: i64, ack: i64, len: u32) -> Event {
    Event { name, flags, seq, ack, len }
}

const EVENTS: &[Event] = &[
    event("SYN, new", Flags::SYN, 700, 0, 0),
    event("SYN, the old one again", Flags::SYN, -1, 0, 0),
    event("SYN,ACK for our SYN", Flags::SYN.with(Flags::ACK), -1, 0, 0),
    event("SYN,ACK, wrong ack", Flags::SYN.with(Flags::ACK), -1, 77, 0),
    event("ACK of all we sent", Flags::ACK, 0, 0, 0),
    event("ACK of what we never sent", Flags::ACK, 0, 77, 0),
    event("ACK, far too old", Flags::ACK, 0, -100_000, 0),
    event("text in order", Flags::ACK, 0, 0, 10),
    event("text ahead of a gap", Flags::ACK, 100, 0, 10),
    event("text had before", Flags::ACK, -10, 0, 10),
    event("FIN, ours not acknowledged", Flags::FIN.with(Flags::ACK), 0, -1, 0),
    event("FIN with the ACK of all", Flags::FIN.with(Flags::ACK), 0, 0, 0),
    event("FIN, the old one again", Flags::FIN.with(Flags::ACK), -1, 0, 0),
    event("RST, exact", Flags::RST, 0, 0, 0),
    event("RST in the window", Flags::RST, 100, 0, 0),
    event("RST outside", Flags::RST, -100, 0, 0),
    event("RST,ACK for our SYN", Flags::RST.with(Flags::ACK), 0, 0, 0),
    event("no flag but text", Flags::PSH, 0, 0, 10),
];

/// A control block as it is on entering `state` by the usual way.
fn tcb_in(state: State) -> Tcb {
    let sent_fin = matches!(
        state,
        State::FinWait1 | State::FinWait2 | State::Closing | State::LastAck | State::TimeWait
    );
    let got_fin = matches!(state, State::CloseWait | State::Closing | State::LastAck | State::TimeWait);
    let knows_peer = state != State::SynSent;
    let snd_nxt = SeqNumber(ISS + 1 + u32::from(sent_fin));
    let nothing_acknowledged = matches!(state, State::SynSent | State::SynReceived);
    let fin_acknowledged = matches!(state, State::FinWait2 | State::TimeWait);
    let snd_una = match (nothing_acknowledged, fin_acknowledged) {
        (true, _) => SeqNumber(ISS),
        (false, true) => snd_nxt,
        (false, false) => SeqNumber(ISS + 1),
    };
    Tcb {
        state,
        passive: state == State::SynReceived,
        fin_queued: sent_fin,
        fin_sent: sent_fin,
        iss: SeqNumber(ISS),
        irs: SeqNumber(if knows_peer { IRS } else { 0 }),
        snd_una,
        snd_nxt,
        snd_wnd: WINDOW,
        max_snd_wnd: WINDOW,
        snd_wl1: SeqNumber(IRS),
        snd_wl2: snd_una,
        rcv_nxt: SeqNumber(if knows_peer { IRS + 1 + u32::from(got_fin) } else { 0 }),
        rcv_wnd: WINDOW,
        ..Tcb::default()
    }
}

fn from(base: SeqNumber, offset: i64) -> SeqNumber {
    SeqNumber(base.0.wrapping_add(offset as u32))
}

fn decide(state: State, event: &Event) -> (Decision, State) {
    let mut tcb = tcb_in(state);
    let base = if state == State::SynSent { SeqNumber(IRS + 1) } else { tcb.rcv_nxt };
    let segment = Arrival {
        seq: from(base, event.seq),
        ack: if event.flags.ack() { from(tcb.snd_nxt, event.ack) } else { SeqNumber(0) },
        flags: event.flags,
        window: WINDOW,
        len: event.len,
        ..Arrival::default()
    };
    let policy = Policy::default();
    match state {
        State::Closed => (closed(&segment), State::Closed),
        State::Listen => {
            let (decision, child) = listen(&policy, &segment, SeqNumber(ISS), WINDOW);
            let after = child.map_or(State::Listen, |child| child.state);
            (decision, after)
        }
        _ => {
            let decision = on_segment(&mut tcb, &policy, &segment);
            (decision, tcb.state)
        }
    }
}

fn answer(decision: &Decision) -> String {
    match decision.disposition {
        Disposition::Ignore => "drop".to_owned(),
        Disposition::Accept if decision.ack == handshake::tcp::AckNeed::No => "take".to_owned(),
        Disposition::Accept => "take, ACK".to_owned(),
        Disposition::SendAck => "ACK".to_owned(),
        Disposition::ChallengeAck => "challenge ACK".to_owned(),
        Disposition::RepeatSynAck | Disposition::SendSynAck => "SYN,ACK".to_owned(),
        Disposition::SendSyn => "SYN".to_owned(),
        Disposition::SendReset(reset) if reset.ack.is_some() => "RST,ACK".to_owned(),
        Disposition::SendReset(_) => "RST".to_owned(),
        Disposition::Abort { reset: Some(_), .. } => "RST, end".to_owned(),
        Disposition::Abort { error: Some(error), .. } => format!("end: {}", error.errno()),
        Disposition::Abort { .. } => "end".to_owned(),
        Disposition::ReturnToListen => "forget".to_owned(),
        Disposition::Reopen => "open anew".to_owned(),
    }
}

fn cell(before: State, after: State, decision: &Decision) -> String {
    let change = if before == after { String::new() } else { format!(" → {after}") };
    format!("{}{change}<br>`{}`", answer(decision), decision.rule.key())
}

fn row(out: &mut String, name: &str, cells: impl Iterator<Item = String>) {
    let _ = write!(out, "| **{name}** |");
    cells.for_each(|cell| {
        let _ = write!(out, " {cell} |");
    });
    out.push('\n');
}

fn table() -> String {
    let mut out = String::from(
        "# What every state does with every event\n\n\
         Written by the test `tcp::matrix` from the engine itself, under the profile `rfc9293`. A cell says what the\n\
         segment draws, where the state goes if it changes, and the rule that decided. Numbers are meant from where\n\
         each end stands: \"exact\" is RCV.NXT, \"in the window\" a little above it.\n\n",
    );
    let columns = State::ALL;
    row(&mut out, "event", columns.iter().map(|state| format!("**{state}**")));
    out.push_str("|---|");
    columns.iter().for_each(|_| out.push_str("---|"));
    out.push('\n');
    for event in EVENTS {
        row(
            &mut out,
            event.name,
            columns.iter().map(|state| {
                let (decision, after) = decide(*state, event);
                cell(*state, after, &decision)
            }),
        );
    }
    let by_call = |name: &str, call: fn(&mut Tcb) -> Decision, out: &mut String| {
        let cells = columns.iter().map(|state| {
            let mut tcb = tcb_in(*state);
            if *state == State::Closed {
                return "–".to_owned();
            }
            let decision = call(&mut tcb);
            cell(*state, tcb.state, &decision)
        });
        row(out, name, cells.collect::<Vec<_>>().into_iter());
    };
    by_call("CLOSE", close, &mut out);
    by_call("ABORT", |tcb| abort(tcb, Rule::AbortSendsReset), &mut out);
    out.push_str(
        "\n## Every change of state there is\n\n| from | to | rule | written in |\n|---|---|---|---|\n",
    );
    for (from, to, rule) in declared() {
        let _ = writeln!(out, "| {from} | {to} | `{}` | {} |", rule.key(), rule.citation());
    }
    out
}

#[test]
fn the_matrix_in_the_documentation_is_what_the_engine_does() {
    document::check("docs/state-event-matrix.md", &table());
}

#[test]
fn no_event_leads_to_an_undeclared_change_of_state() {
    for state in State::ALL {
        for event in EVENTS {
            let (decision, _) = decide(state, event);
            for step in decision.transitions() {
                assert!(
                    declared().any(|row| row == (step.from, step.to, step.rule)),
                    "{state} × {}: {} → {} by {}",
                    event.name,
                    step.from,
                    step.to,
                    step.rule.key()
                );
            }
        }
    }
}

#[test]
fn every_state_but_closed_can_be_reached_and_left_by_the_table() {
    for state in State::ALL {
        assert!(declared().any(|(_, to, _)| to == state), "{state} is never entered");
        assert!(declared().any(|(from, ..)| from == state), "{state} is never left");
    }
}
