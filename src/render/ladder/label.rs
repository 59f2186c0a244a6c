//! What is written on an arrow.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::super::layout::{Arrow, Course};
use super::super::pen::{Ink, fit, width};
use super::Ladder;
use crate::lang::escape_bytes;
use crate::timeline::Shown;
use crate::wire::{Flags, Packet, Segment, TcpOption, Transport};

/// A label, and what found no room in it.
pub(super) struct Label {
    /// The packet's kind, in its own colour: `SYN,ACK`.
    pub(super) head: Cow<'static, str>,
    pub(super) ink: Ink,
    /// Its numbers.
    pub(super) tail: String,
    /// `retransmission`, `copy`.
    pub(super) mark: String,
    /// To be said below the arrow.
    pub(super) rest: String,
}

impl Label {
    /// The label of a packet within `room` columns.
    pub(super) fn of(ladder: &Ladder<'_>, arrow: &Arrow<'_>, room: usize) -> Label {
        let mark = match (arrow.course, arrow.retransmission) {
            (Course::Copy, _) => ladder.word("render-copy"),
            (_, true) => ladder.word("render-again"),
            _ => String::new(),
        };
        let Parts { head, ink, numbers, extra, extra_matters, text } = Parts::of(arrow);
        let around = width(&head) + if mark.is_empty() { 0 } else { 1 + width(&mark) };
        // The least important part goes first: text, then window and options, then the numbers.
        let widths = [&numbers, &extra, &text].map(|part| if part.is_empty() { 0 } else { 1 + width(part) });
        let kept = (0..=3).rev().find(|kept| around + widths[..*kept].iter().sum::<usize>() <= room);
        let [numbers_kept, extra_kept, text_kept] =
            [1, 2, 3].map(|part| kept.is_some_and(|kept| part <= kept));
        let mut rest = String::new();
        if extra_matters && !extra_kept {
            rest.clone_from(&extra);
        }
        let mut tail = numbers;
        if !numbers_kept {
            rest.insert_str(0, if rest.is_empty() || tail.is_empty() { "" } else { " " });
            rest.insert_str(0, &tail);
            tail.clear();
        }
        for part in [extra_kept.then_some(&extra), text_kept.then_some(&text)].into_iter().flatten() {
            if !tail.is_empty() && !part.is_empty() {
                tail.push(' ');
            }
            tail.push_str(part);
        }
        let mut label = Label { head, ink, tail, mark, rest };
        if label.width() > room && !label.mark.is_empty() {
            let gap = if label.rest.is_empty() { "" } else { " " };
            label.rest.insert_str(0, gap);
            label.rest.insert_str(0, &label.mark);
            label.mark.clear();
        }
        if label.width() > room {
            label.head = Cow::Owned(fit(&label.head, room.max(4)).into_owned());
        }
        label
    }

    /// Columns from the first to the last of its letters.
    pub(super) fn width(&self) -> usize {
        let part = |text: &str| if text.is_empty() { 0 } else { 1 + width(text) };
        width(&self.head) + part(&self.tail) + part(&self.mark)
    }
}

/// A label's parts, before it is known what fits.
pub(in crate::render) struct Parts {
    pub(in crate::render) head: Cow<'static, str>,
    pub(in crate::render) ink: Ink,
    /// `seq=1000 ack=5001 len=5`
    pub(in crate::render) numbers: String,
    /// `win=65535 <mss 1460>`
    pub(in crate::render) extra: String,
    /// Whether `extra` must be said even where it does not fit.
    extra_matters: bool,
    /// `"hello"`
    pub(in crate::render) text: String,
}

impl Parts {
    fn of(arrow: &Arrow<'_>) -> Parts {
        Parts::of_packet(arrow.packet, arrow.shown, arrow.new_window)
    }

    /// A packet's parts: its numbers as shown, its window where it is new.
    pub(in crate::render) fn of_packet(packet: &Packet, shown: Shown, new_window: bool) -> Parts {
        let text = preview(&packet.payload);
        match &packet.transport {
            Transport::Tcp(segment) => Parts { text, ..Parts::of_segment(segment, shown, new_window) },
            Transport::Udp(datagram) => Parts {
                head: Cow::Borrowed("UDP"),
                ink: Ink::Data,
                numbers: format!("len={}", datagram.len),
                extra: String::new(),
                extra_matters: false,
                text,
            },
            Transport::Other { protocol } => Parts {
                head: Cow::Owned(format!("IP {protocol}")),
                ink: Ink::Plain,
                numbers: format!("len={}", packet.ip.total_len),
                extra: String::new(),
                extra_matters: false,
                text: String::new(),
            },
        }
    }

    fn of_segment(segment: &Segment, shown: Shown, new_window: bool) -> Parts {
        let flags = segment.flags;
        let ink = match () {
            () if flags.rst() => Ink::Alarm,
            () if flags.syn() => Ink::Syn,
            () if flags.fin() => Ink::Fin,
            () if segment.len > 0 => Ink::Data,
            () => Ink::Plain,
        };
        // Writing to a String cannot fail.
        let mut numbers = String::with_capacity(64);
        let _ = write!(numbers, "seq={}", shown.seq);
        if flags.ack() {
            let _ = write!(numbers, " ack={}", shown.ack);
        }
        if segment.len > 0 {
            let _ = write!(numbers, " len={}", segment.len);
        }
        let options = options(segment);
        let mut extra = String::new();
        if new_window || flags.syn() || segment.window == 0 && !flags.rst() {
            let _ = write!(extra, "win={}", segment.window);
        }
        if !options.is_empty() {
            let gap = if extra.is_empty() { "" } else { " " };
            let _ = write!(extra, "{gap}<{options}>");
        }
        let extra_matters = flags.syn() || segment.window == 0 && !flags.rst() || !options.is_empty();
        Parts { head: names(flags), ink, numbers, extra, extra_matters, text: String::new() }
    }
}

/// The flags' names; those of every day need no work.
fn names(flags: Flags) -> Cow<'static, str> {
    const KNOWN: [(Flags, &str); 7] = [
        (Flags::ACK, "ACK"),
        (Flags::PSH.with(Flags::ACK), "PSH,ACK"),
        (Flags::SYN, "SYN"),
        (Flags::SYN.with(Flags::ACK), "SYN,ACK"),
        (Flags::FIN.with(Flags::ACK), "FIN,ACK"),
        (Flags::RST, "RST"),
        (Flags::RST.with(Flags::ACK), "RST,ACK"),
    ];
    let known = KNOWN.iter().find(|(known, _)| *known == flags);
    known.map_or_else(|| Cow::Owned(flags.to_string()), |(_, names)| Cow::Borrowed(*names))
}

/// The options worth showing: all of them on a SYN; elsewhere without padding and timestamps, which
/// are on every segment.
fn options(segment: &Segment) -> String {
    if segment.flags.syn() {
        return segment.options.to_string();
    }
    let mut text = String::new();
    for option in &segment.options {
        let gap = if text.is_empty() { "" } else { "," };
        match option {
            TcpOption::Sack(blocks) => {
                for (index, block) in blocks.as_slice().iter().enumerate() {
                    let gap = if index == 0 { gap } else { "," };
                    let _ = write!(text, "{gap}sack {}:{}", block.left, block.right);
                }
            }
            TcpOption::Nop | TcpOption::EndOfList | TcpOption::Timestamps { .. } => {}
            TcpOption::Mss(mss) => {
                let _ = write!(text, "{gap}mss {mss}");
            }
            TcpOption::FastOpen(_) => {
                let _ = write!(text, "{gap}tfo");
            }
            TcpOption::Unknown { kind, .. } => {
                let _ = write!(text, "{gap}unknown-{kind}");
            }
            TcpOption::WindowScale(_) | TcpOption::SackPermitted | TcpOption::UserTimeout(_) => {}
        }
    }
    text
}

/// The beginning of a payload in quotes, when it looks like text.
fn preview(payload: &[u8]) -> String {
    let start = &payload[..payload.len().min(24)];
    if start.is_empty() || start.iter().any(|octet| *octet < 0x20 && *octet != b'\n') {
        return String::new();
    }
    let shown = escape_bytes(start);
    let cut = if payload.len() > start.len() { "…" } else { "" };
    if shown.contains("\\x") { String::new() } else { format!("\"{}{cut}\"", fit(&shown, 24)) }
}
