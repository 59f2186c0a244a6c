//! What is written on an arrow.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::super::layout::{Arrow, Course};
use super::super::pen::{Ink, fit, width};
use super::Ladder;
use crate::lang::escape_bytes;
use crate::timeline::Shown;
use crate::wire::{Flags, Packet, Segment, TcpOption, Transport};

/// Octets of a payload that are shown, in as many columns.
const PREVIEW: usize = 24;
/// Octets of a payload that a timeline's text depends on: those shown, and whether there are more.
pub const PAYLOAD_LOOKED_AT: usize = PREVIEW + 1;

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
        let Parts { head, ink, numbers, extra, extra_matters } =
            Parts::of_packet(arrow.packet, arrow.shown, arrow.new_window);
        let around = width(&head) + if mark.is_empty() { 0 } else { 1 + width(&mark) };
        let after = |part: &str| if part.is_empty() { 0 } else { 1 + width(part) };
        // The least important part goes first: text, then window and options, then the numbers.
        let with_numbers = around + after(&numbers);
        let with_extra = with_numbers + after(&extra);
        let (numbers_kept, extra_kept) = (with_numbers <= room, with_extra <= room);
        let text = room.checked_sub(with_extra + 1).map(|left| preview(arrow.packet, left));
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
        for part in [extra_kept.then_some(&extra), text.as_ref()].into_iter().flatten() {
            if !tail.is_empty() && !part.is_empty() {
                tail.push(' ');
            }
            tail.push_str(part);
        }
        let mut label = Label { head, ink, tail, mark, rest };
        if !label.mark.is_empty() && label.width() > room {
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
}

impl Parts {
    /// A packet's parts: its numbers as shown, its window where it is new.
    pub(in crate::render) fn of_packet(packet: &Packet, shown: Shown, new_window: bool) -> Parts {
        match &packet.transport {
            Transport::Tcp(segment) => Parts::of_segment(segment, shown, new_window),
            Transport::Udp(datagram) => Parts {
                head: Cow::Borrowed("UDP"),
                ink: Ink::Data,
                numbers: format!("len={}", datagram.len),
                extra: String::new(),
                extra_matters: false,
            },
            Transport::Other { protocol } => Parts {
                head: Cow::Owned(format!("IP {protocol}")),
                ink: Ink::Plain,
                numbers: format!("len={}", packet.ip.total_len),
                extra: String::new(),
                extra_matters: false,
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
        let mut numbers = String::with_capacity(64);
        let mut number = |name, number: u32| {
            numbers.push_str(name);
            numbers.push_str(itoa::Buffer::new().format(number));
        };
        number("seq=", shown.seq);
        if flags.ack() {
            number(" ack=", shown.ack);
        }
        if segment.len > 0 {
            number(" len=", segment.len);
        }
        let options = options(segment);
        let mut extra = String::new();
        if new_window || flags.syn() || segment.window == 0 && !flags.rst() {
            extra.push_str("win=");
            extra.push_str(itoa::Buffer::new().format(segment.window));
        }
        if !options.is_empty() {
            let gap = if extra.is_empty() { "" } else { " " };
            // Writing to a String cannot fail.
            let _ = write!(extra, "{gap}<{options}>");
        }
        let extra_matters = flags.syn() || segment.window == 0 && !flags.rst() || !options.is_empty();
        Parts { head: names(flags), ink, numbers, extra, extra_matters }
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

/// The beginning of a payload in quotes, when it looks like text and finds room in so many columns.
pub(in crate::render) fn preview(packet: &Packet, room: usize) -> String {
    let payload = &packet.payload;
    let start = &payload[..payload.len().min(PREVIEW)];
    let is_other = matches!(packet.transport, Transport::Other { .. });
    // ASCII takes a column an octet at least: most that finds no room need not be read to know it.
    if is_other || start.is_empty() || start.is_ascii() && start.len() + 2 > room {
        return String::new();
    }
    if start.iter().any(|octet| *octet < 0x20 && *octet != b'\n') {
        return String::new();
    }
    let cut = if payload.len() > start.len() { "…" } else { "" };
    let shown = escape_bytes(start);
    let text = format!("\"{}{cut}\"", fit(&shown, PREVIEW));
    if shown.contains("\\x") || width(&text) > room { String::new() } else { text }
}
