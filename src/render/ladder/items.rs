//! What happens at one end: calls as a programmer writes them, states, timers, queues.

use std::fmt::Write as _;
use std::net::SocketAddr;

use super::super::layout::{Item, Pair};
use super::super::pen::{Ink, fit, width};
use super::Ladder;
use crate::lang::{Value, escape};
use crate::timeline::{Call, Evidence, Operation, Outcome, QueueName, Shutdown, TimerName};

type Piece = (Ink, String);

/// The items in lines of at most `room` columns.
pub(super) fn draw(ladder: &Ladder<'_>, pair: &Pair, items: &[Item<'_>], room: usize) -> Vec<Vec<Piece>> {
    let mut lines: Vec<Vec<Piece>> = Vec::new();
    let mut used = 0;
    for item in items {
        let (ink, text) = piece(ladder, pair, item);
        let text = fit(&text, room).into_owned();
        // A state belongs to what brought it about; anything else stands a little apart.
        let gap = if matches!(item, Item::State { .. }) { " " } else { "  " };
        match lines.last_mut() {
            Some(line) if used + gap.len() + width(&text) <= room => {
                used += gap.len() + width(&text);
                line.push((Ink::Plain, gap.to_owned()));
                line.push((ink, text));
            }
            _ => {
                used = width(&text);
                lines.push(vec![(ink, text)]);
            }
        }
    }
    lines
}

fn piece(ladder: &Ladder<'_>, pair: &Pair, item: &Item<'_>) -> Piece {
    match item {
        Item::Arrival(id) => (Ink::Faint, format!("#{}", id.0)),
        Item::Call { call, returned } => (Ink::Call, call_text(pair, call, *returned)),
        Item::State { to, evidence } => {
            let mark = if *evidence == Evidence::Inferred { '▹' } else { '▸' };
            (Ink::State, format!("{mark} {}", to.name()))
        }
        Item::TimerSet(timer, after) => {
            let args = [("timer", ladder.word(timer_name(*timer)).into()), ("after", duration(*after))];
            (Ink::Faint, ladder.format("render-timer-set", args))
        }
        Item::TimerFired(timer, after) => {
            let name = ("timer", ladder.word(timer_name(*timer)).into());
            let text = match after {
                Some(after) => ladder.format("render-timer-fired", [name, ("after", duration(*after))]),
                None => ladder.format("render-timer-fired-plain", [name]),
            };
            (Ink::Notice, text)
        }
        Item::Queue { queue, len, limit } => {
            let id = match queue {
                QueueName::Syn => "render-queue-syn",
                QueueName::Accept => "render-queue-accept",
            };
            let ink = if len >= limit { Ink::Notice } else { Ink::Faint };
            (ink, ladder.format(id, [("len", (*len).into()), ("limit", (*limit).into())]))
        }
    }
}

fn duration(span: crate::time::Duration) -> Value {
    span.to_string().into()
}

fn timer_name(timer: TimerName) -> &'static str {
    match timer {
        TimerName::Retransmission => "render-timer-retransmission",
        TimerName::Persist => "render-timer-persist",
        TimerName::DelayedAck => "render-timer-delayed-ack",
        TimerName::Keepalive => "render-timer-keepalive",
        TimerName::TimeWait => "render-timer-time-wait",
        TimerName::FinWait2 => "render-timer-fin-wait-2",
        TimerName::User => "render-timer-user",
        TimerName::LossProbe => "render-timer-loss-probe",
    }
}

/// A call as in C or Python, with its result once it has one: `connect()`, `recv() = 5`.
pub(in crate::render) fn call_text(pair: &Pair, call: &Call, returned: Option<&Outcome>) -> String {
    // The header shows the pair's addresses already; only another one is worth the room.
    let in_header = |addr: &SocketAddr| pair.lanes.iter().any(|lane| lane.addr == Some(*addr));
    let arguments = match &call.operation {
        Operation::Socket | Operation::Accept | Operation::Close | Operation::Abort => String::new(),
        Operation::Connect(to) if in_header(to) => String::new(),
        Operation::Bind(addr) | Operation::Connect(addr) => addr.to_string(),
        Operation::Listen { backlog } => backlog.to_string(),
        Operation::Send { len } => len.to_string(),
        Operation::SendTo { len, to } if in_header(to) => len.to_string(),
        Operation::SendTo { len, to } => format!("{len}, {to}"),
        Operation::Recv { .. } | Operation::RecvFrom { .. } => String::new(),
        Operation::Shutdown(Shutdown::Read) => "SHUT_RD".to_owned(),
        Operation::Shutdown(Shutdown::Write) => "SHUT_WR".to_owned(),
        Operation::Shutdown(Shutdown::Both) => "SHUT_RDWR".to_owned(),
        Operation::SetOption { name, value } => format!("{}, {}", escape(name), escape(value)),
        Operation::Other { arguments, .. } => escape(arguments).into_owned(),
    };
    let name = match &call.operation {
        Operation::Socket => "socket",
        Operation::Bind(_) => "bind",
        Operation::Listen { .. } => "listen",
        Operation::Accept => "accept",
        Operation::Connect(_) => "connect",
        Operation::Send { .. } => "send",
        Operation::Recv { .. } => "recv",
        Operation::SendTo { .. } => "sendto",
        Operation::RecvFrom { .. } => "recvfrom",
        Operation::Shutdown(_) => "shutdown",
        Operation::Close => "close",
        Operation::Abort => "abort",
        Operation::SetOption { .. } => "setsockopt",
        Operation::Other { name, .. } => &escape(name),
    };
    let mut text = format!("{name}({arguments})");
    // A result that only says "fine" is left out where the call cannot be waiting for anything.
    let waits = matches!(call.operation, Operation::Connect(_) | Operation::Accept);
    let _ = match returned {
        None => Ok(()),
        Some(Outcome::Done) if !waits => Ok(()),
        Some(Outcome::Done) => write!(text, " = 0"),
        Some(Outcome::Value(value)) => write!(text, " = {value}"),
        Some(Outcome::Accepted { socket, .. }) => write!(text, " = {}", socket.0),
        Some(Outcome::EndOfStream) => write!(text, " = 0"),
        Some(Outcome::From { len, from }) if in_header(from) => write!(text, " = {len}"),
        Some(Outcome::From { len, from }) => write!(text, " = {len}, {from}"),
        Some(Outcome::Failed(error)) => write!(text, " = -1 {}", error.errno()),
        Some(Outcome::FailedWith(name)) => write!(text, " = -1 {}", escape(name)),
    };
    text
}
