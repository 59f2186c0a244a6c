//! Writing, field by field into a buffer.

use std::fmt::{Display, Write as _};
use std::io;

use super::SCHEMA;
use super::names::Named;
use crate::lang::is_dangerous;
use crate::tcp::Rule;
use crate::timeline::{
    Action, Call, ConnectionId, Event, Host, HostId, Kind, LossCause, Note, Numbering, Operation, Outcome,
    PacketId, Step, Timeline,
};
use crate::wire::{Defect, Packet, Segment, Transport};

/// Writes a timeline as JSON Lines.
///
/// # Errors
/// What `out` fails with.
pub fn write(timeline: &Timeline, out: impl io::Write) -> io::Result<()> {
    let mut writer = Writer::new(out, &timeline.hosts)?;
    timeline.events.iter().try_for_each(|event| writer.event(event))
}

/// Writes events one at a time, as they happen.
pub struct Writer<W> {
    out: W,
    hosts: Vec<(String, bool)>,
    numbering: Numbering,
    line: Line,
}

impl<W: io::Write> Writer<W> {
    /// Writes the first line.
    ///
    /// # Errors
    /// What `out` fails with.
    pub fn new(mut out: W, hosts: &[Host]) -> io::Result<Self> {
        let mut line = Line::default();
        line.number("schema", SCHEMA);
        line.key("hosts");
        line.text.push('[');
        for (index, host) in hosts.iter().enumerate() {
            line.text.push_str(if index > 0 { ",{" } else { "{" });
            line.first = true;
            line.string("name", &host.name);
            line.key("addrs");
            line.list(host.addrs.iter());
            line.text.push('}');
        }
        line.text.push(']');
        line.finish(&mut out)?;
        let repeated = |name: &str| hosts.iter().filter(|host| host.name == name).count() > 1;
        let hosts = hosts.iter().map(|host| (host.name.clone(), repeated(&host.name))).collect();
        Ok(Writer { out, hosts, numbering: Numbering::default(), line })
    }

    /// Writes an event's line.
    ///
    /// # Errors
    /// What the output fails with.
    pub fn event(&mut self, event: &Event) -> io::Result<()> {
        self.numbering.follow(event);
        self.line.number("at_ns", event.at.as_nanos());
        self.host(event.host);
        self.line.string("evidence", event.evidence.name());
        match &event.kind {
            Kind::Call(call) => self.line.call(call),
            Kind::State { connection, from, to, rule } => {
                self.line.string("kind", "state");
                self.line.connection(*connection);
                self.line.string("from", from.name());
                self.line.string("to", to.name());
                self.line.optional("rule", rule.map(Rule::key));
            }
            Kind::Sent { id, packet, rule, retransmission } => {
                self.packet("sent", *id, packet);
                self.line.optional("rule", rule.map(Rule::key));
                self.line.flag("retransmission", *retransmission);
            }
            Kind::Arrived { id, packet, rule } => {
                self.packet("arrived", *id, packet);
                self.line.optional("rule", rule.map(Rule::key));
            }
            Kind::Lost { id, packet, cause } => {
                self.packet("lost", *id, packet);
                self.line.cause(cause);
            }
            Kind::Timer { connection, timer, action } => {
                self.line.string("kind", "timer");
                self.line.connection(*connection);
                self.line.string("timer", timer.name());
                self.line.action(*action);
            }
            Kind::Queue { listener, queue, len, limit } => {
                self.line.string("kind", "queue");
                self.line.shown("listener", listener);
                self.line.string("queue", queue.name());
                self.line.number("len", *len);
                self.line.number("limit", *limit);
            }
            Kind::Note(note) => self.line.note(note),
        }
        self.line.finish(&mut self.out)
    }

    /// What was written to.
    pub fn into_inner(self) -> W {
        self.out
    }

    fn host(&mut self, host: HostId) {
        match self.hosts.get(host.0 as usize) {
            Some((name, false)) => self.line.string("host", name),
            known => {
                self.line.string("host", known.map_or("", |(name, _)| name));
                self.line.number("host_id", host.0);
            }
        }
    }

    fn packet(&mut self, kind: &str, id: PacketId, packet: &Packet) {
        let line = &mut self.line;
        line.string("kind", kind);
        line.number("id", id.0);
        line.shown("src", packet.src());
        line.shown("dst", packet.dst());
        match &packet.transport {
            Transport::Tcp(segment) => line.segment(segment, self.numbering.relative(packet)),
            Transport::Udp(datagram) => {
                line.string("proto", "udp");
                line.number("len", datagram.len);
                line.nonzero("checksum", u32::from(datagram.checksum));
            }
            Transport::Other { protocol } => line.number("proto", protocol),
        }
        line.number("ttl", packet.ip.ttl);
        line.nonzero("tos", u32::from(packet.ip.tos));
        line.nonzero("ip_id", u32::from(packet.ip.id));
        line.flag("df", packet.ip.dont_fragment);
        line.nonzero("ip_len", packet.ip.total_len);
        if !packet.payload.is_empty() {
            line.key("payload");
            line.hex(&packet.payload);
        }
        if !packet.defects.is_empty() {
            line.key("defects");
            line.list(packet.defects.iter().map(Defect::key));
        }
    }
}

/// One object in the making.
struct Line {
    text: String,
    first: bool,
}

impl Default for Line {
    fn default() -> Self {
        Line { text: "{".to_owned(), first: true }
    }
}

impl Line {
    fn finish(&mut self, out: &mut impl io::Write) -> io::Result<()> {
        self.text.push_str("}\n");
        let result = out.write_all(self.text.as_bytes());
        self.text.clear();
        self.text.push('{');
        self.first = true;
        result
    }

    fn key(&mut self, key: &str) {
        if !self.first {
            self.text.push(',');
        }
        self.first = false;
        self.text.push('"');
        self.text.push_str(key);
        self.text.push_str("\":");
    }

    fn number(&mut self, key: &str, number: impl Display) {
        self.key(key);
        // Writing to a String cannot fail, here and below.
        let _ = write!(self.text, "{number}");
    }

    fn nonzero(&mut self, key: &str, number: u32) {
        if number != 0 {
            self.number(key, number);
        }
    }

    fn flag(&mut self, key: &str, set: bool) {
        if set {
            self.key(key);
            self.text.push_str("true");
        }
    }

    fn string(&mut self, key: &str, text: &str) {
        self.key(key);
        self.quoted(text);
    }

    fn optional(&mut self, key: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.string(key, text);
        }
    }

    /// A value that needs no escaping when shown: an address.
    fn shown(&mut self, key: &str, value: impl Display) {
        self.key(key);
        let _ = write!(self.text, "\"{value}\"");
    }

    /// A string: what could trouble a terminal is escaped as well, which JSON allows.
    fn quoted(&mut self, text: &str) {
        self.text.push('"');
        let special = |c: char| matches!(c, '"' | '\\') || is_dangerous(c);
        let mut rest = text;
        while let Some(at) = rest.find(special) {
            let (plain, from_special) = rest.split_at(at);
            self.text.push_str(plain);
            let mut chars = from_special.chars();
            match chars.next() {
                Some(c @ ('"' | '\\')) => self.text.extend(['\\', c]),
                Some('\n') => self.text.push_str("\\n"),
                Some(other) => {
                    for unit in other.encode_utf16(&mut [0; 2]) {
                        let _ = write!(self.text, "\\u{unit:04x}");
                    }
                }
                None => {}
            }
            rest = chars.as_str();
        }
        self.text.push_str(rest);
        self.text.push('"');
    }

    fn list(&mut self, values: impl Iterator<Item = impl Display>) {
        self.text.push('[');
        for (index, value) in values.enumerate() {
            let _ = write!(self.text, "{}\"{value}\"", if index > 0 { "," } else { "" });
        }
        self.text.push(']');
    }

    fn hex(&mut self, octets: &[u8]) {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut digits = [0; 256];
        self.text.push('"');
        for chunk in octets.chunks(digits.len() / 2) {
            for (pair, octet) in digits.chunks_exact_mut(2).zip(chunk) {
                pair[0] = DIGITS[usize::from(octet >> 4)];
                pair[1] = DIGITS[usize::from(octet & 15)];
            }
            // Digits are ASCII, so they always are text.
            self.text.push_str(str::from_utf8(&digits[..chunk.len() * 2]).unwrap_or_default());
        }
        self.text.push('"');
    }

    fn connection(&mut self, connection: ConnectionId) {
        self.shown("local", connection.local);
        self.shown("remote", connection.remote);
    }

    fn segment(&mut self, segment: &Segment, (rel_seq, rel_ack): (Option<u32>, Option<u32>)) {
        self.string("proto", "tcp");
        self.string("flags", &segment.flags.letters());
        self.number("seq", segment.seq);
        if segment.flags.ack() || segment.ack.0 != 0 {
            self.number("ack", segment.ack);
        }
        self.number("len", segment.len);
        self.number("win", segment.window);
        self.nonzero("urgent", u32::from(segment.urgent));
        if !segment.options.is_empty() {
            self.string("options", &segment.options.to_string());
            self.key("options_hex");
            self.hex(segment.options.as_bytes());
        }
        for (key, number) in [("rel_seq", rel_seq), ("rel_ack", rel_ack)] {
            if let Some(number) = number {
                self.number(key, number);
            }
        }
        self.nonzero("checksum", u32::from(segment.checksum));
    }

    fn call(&mut self, call: &Call) {
        self.string("kind", "call");
        self.number("socket", call.socket.0);
        self.key("call");
        match &call.operation {
            Operation::Socket => self.text.push_str("\"socket\""),
            Operation::Bind(addr) => {
                self.text.push_str("\"bind\"");
                self.shown("addr", addr);
            }
            Operation::Listen { backlog } => {
                self.text.push_str("\"listen\"");
                self.number("backlog", backlog);
            }
            Operation::Accept => self.text.push_str("\"accept\""),
            Operation::Connect(addr) => {
                self.text.push_str("\"connect\"");
                self.shown("addr", addr);
            }
            Operation::Send { len } => {
                self.text.push_str("\"send\"");
                self.number("len", len);
            }
            Operation::Recv { max } => {
                self.text.push_str("\"recv\"");
                self.number("max", max);
            }
            Operation::SendTo { len, to } => {
                self.text.push_str("\"sendto\"");
                self.number("len", len);
                self.shown("to", to);
            }
            Operation::RecvFrom { max } => {
                self.text.push_str("\"recvfrom\"");
                self.number("max", max);
            }
            Operation::Shutdown(how) => {
                self.text.push_str("\"shutdown\"");
                self.string("how", how.name());
            }
            Operation::Close => self.text.push_str("\"close\""),
            Operation::Abort => self.text.push_str("\"abort\""),
            Operation::SetOption { name, value } => {
                self.text.push_str("\"setsockopt\"");
                self.string("name", name);
                self.string("value", value);
            }
            Operation::Other { name, arguments } => {
                self.text.push_str("\"other\"");
                self.string("name", name);
                self.string("arguments", arguments);
            }
        }
        match &call.step {
            Step::Entered => self.string("step", "entered"),
            Step::Returned(outcome) => {
                self.string("step", "returned");
                self.outcome(outcome);
            }
        }
    }

    fn outcome(&mut self, outcome: &Outcome) {
        self.key("result");
        match outcome {
            Outcome::Done => self.text.push_str("\"done\""),
            Outcome::Value(value) => {
                self.text.push_str("\"value\"");
                self.number("returned_value", value);
            }
            Outcome::Accepted { socket, peer } => {
                self.text.push_str("\"accepted\"");
                self.number("accepted", socket.0);
                self.shown("peer", peer);
            }
            Outcome::EndOfStream => self.text.push_str("\"end\""),
            Outcome::From { len, from } => {
                self.text.push_str("\"from\"");
                self.number("received", len);
                self.shown("from", from);
            }
            Outcome::Failed(error) => {
                self.text.push_str("\"failed\"");
                self.string("errno", error.errno());
            }
            Outcome::FailedWith(errno) => {
                self.text.push_str("\"failed-other\"");
                self.string("errno", errno);
            }
        }
    }

    fn cause(&mut self, cause: &LossCause) {
        match cause {
            LossCause::Fault(fault) => {
                self.string("cause", "fault");
                self.string("fault", fault);
            }
            LossCause::Random => self.string("cause", "random"),
            LossCause::HostDown => self.string("cause", "host-down"),
            LossCause::NoRoute => self.string("cause", "no-route"),
            LossCause::Corrupted => self.string("cause", "corrupted"),
        }
    }

    fn action(&mut self, action: Action) {
        match action {
            Action::Set(after) => {
                self.string("action", "set");
                self.number("after_ns", after.as_nanos());
            }
            Action::Fired => self.string("action", "fired"),
            Action::Stopped => self.string("action", "stopped"),
        }
    }

    fn note(&mut self, note: &Note) {
        self.string("kind", "note");
        self.key("note");
        match note {
            Note::FaultTouched { id, fault, act } => {
                self.text.push_str("\"fault\"");
                self.number("id", id.0);
                self.string("fault", fault);
                self.string("act", act);
            }
            Note::Crashed => self.text.push_str("\"crashed\""),
            Note::Restarted => self.text.push_str("\"restarted\""),
            Note::Exited { code } => {
                self.text.push_str("\"exited\"");
                self.number("code", code);
            }
            Note::Killed { signal } => {
                self.text.push_str("\"killed\"");
                self.string("signal", signal);
            }
            Note::Rule { connection, rule } => {
                self.text.push_str("\"rule\"");
                self.connection(*connection);
                self.string("rule", rule.key());
            }
            Note::Finding { id, key, numbers } => {
                self.text.push_str("\"finding\"");
                self.number("id", id.0);
                self.string("key", key);
                self.key("numbers");
                self.text.push('{');
                self.first = true;
                for (name, number) in numbers {
                    if !self.first {
                        self.text.push(',');
                    }
                    self.first = false;
                    self.quoted(name);
                    let _ = write!(self.text, ":{number}");
                }
                self.text.push('}');
                self.first = false;
            }
            Note::Message(id) => {
                self.text.push_str("\"message\"");
                self.string("message", id);
            }
            Note::Text(text) => {
                self.text.push_str("\"text\"");
                self.string("text", text);
            }
        }
    }
}
