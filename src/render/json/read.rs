//! Reading a timeline back.

use std::borrow::Cow;
use std::io::{self, BufRead};
use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;
use serde_json::Value;

use super::SCHEMA;
use super::record::{Record, one_of, whole};
use crate::lang::{Catalog, Lang};
use crate::tcp::{Error, Rule, State};
use crate::time::{Duration, Instant};
use crate::timeline::{
    Action, Call, Event, Host, HostId, Kind, LossCause, Note, Operation, Outcome, PacketId, SocketId, Step,
    Timeline,
};
use crate::wire::{Datagram, Defect, Defects, Flags, Ip, Options, Packet, Segment, SeqNumber, Transport};

/// Why a file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file itself could not be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A line is not what it should be.
    #[error("line {line}: {problem}")]
    Line {
        /// Its number, from 1.
        line: usize,
        /// What is wrong, what was expected and what was found.
        problem: String,
    },
}

/// Reads a timeline from JSON Lines. Empty lines and unknown fields are passed over.
///
/// # Errors
/// When the input fails, or a line is not as the [format](super) says.
pub fn read(input: impl BufRead) -> Result<Timeline, ReadError> {
    let catalog = Catalog::new(Lang::En);
    let mut timeline: Option<Timeline> = None;
    for (index, text) in input.lines().enumerate() {
        let text = text?;
        if text.trim().is_empty() {
            continue;
        }
        let problem = |problem| ReadError::Line { line: index + 1, problem };
        let record = Record::parse(&text).map_err(problem)?;
        match &mut timeline {
            None => timeline = Some(Timeline { hosts: record.hosts().map_err(problem)?, events: Vec::new() }),
            Some(timeline) => {
                let event = record.event(&timeline.hosts, &catalog).map_err(problem)?;
                timeline.events.push(event);
            }
        }
    }
    timeline.ok_or_else(|| ReadError::Line { line: 1, problem: "the file is empty".to_owned() })
}

impl Record {
    fn hosts(&self) -> Result<Vec<Host>, String> {
        let schema: u64 = self.number("schema").map_err(|_| {
            "this is no timeline: its first line must be an object with \"schema\":1".to_owned()
        })?;
        if schema != SCHEMA {
            return Err(format!("schema {schema} is unknown; this program reads schema {SCHEMA}"));
        }
        let Some(Value::Array(hosts)) = self.0.get("hosts") else {
            return Err("the field \"hosts\" must be a list".to_owned());
        };
        hosts.iter().map(host).collect()
    }

    fn event(&self, hosts: &[Host], catalog: &Catalog) -> Result<Event, String> {
        let kind = match self.string("kind")? {
            "call" => Kind::Call(self.call()?),
            "state" => Kind::State {
                connection: self.connection()?,
                from: self.state("from")?,
                to: self.state("to")?,
                rule: self.rule()?,
            },
            "sent" => Kind::Sent {
                id: self.packet_id()?,
                packet: self.packet()?,
                rule: self.rule()?,
                retransmission: self.flag("retransmission")?,
            },
            "arrived" => Kind::Arrived { id: self.packet_id()?, packet: self.packet()?, rule: self.rule()? },
            "lost" => Kind::Lost { id: self.packet_id()?, packet: self.packet()?, cause: self.cause()? },
            "timer" => Kind::Timer {
                connection: self.connection()?,
                timer: self.named("timer")?,
                action: self.action()?,
            },
            "queue" => Kind::Queue {
                listener: self.addr("listener")?,
                queue: self.named("queue")?,
                len: self.number("len")?,
                limit: self.number("limit")?,
            },
            "note" => Kind::Note(self.note(catalog)?),
            other => {
                let kinds = ["call", "state", "sent", "arrived", "lost", "timer", "queue", "note"];
                return Err(one_of("kind", other, kinds.iter()));
            }
        };
        Ok(Event {
            at: Instant::from_nanos(self.number("at_ns")?),
            host: self.host(hosts)?,
            evidence: self.named("evidence")?,
            kind,
        })
    }

    fn host(&self, hosts: &[Host]) -> Result<HostId, String> {
        if self.0.contains_key("host_id") {
            return Ok(HostId(self.number("host_id")?));
        }
        let name = self.string("host")?;
        let place = hosts.iter().position(|host| host.name == name);
        let names = || hosts.iter().map(|host| &host.name);
        place.map(|place| HostId(place as u16)).ok_or_else(|| one_of("host", name, names()))
    }

    fn state(&self, key: &str) -> Result<State, String> {
        let name = self.string(key)?;
        State::from_name(name).ok_or_else(|| one_of(key, name, State::ALL.iter()))
    }

    fn rule(&self) -> Result<Option<Rule>, String> {
        if !self.0.contains_key("rule") {
            return Ok(None);
        }
        let key = self.string("rule")?;
        Rule::from_key(key).map(Some).ok_or_else(|| format!("field \"rule\": there is no rule {key:?}"))
    }

    fn packet_id(&self) -> Result<PacketId, String> {
        self.number("id").map(PacketId)
    }

    fn packet(&self) -> Result<Packet, String> {
        let (src, dst) = (self.addr("src")?, self.addr("dst")?);
        let transport = match self.0.get("proto") {
            Some(Value::String(name)) if name == "tcp" => Transport::Tcp(self.segment(src, dst)?),
            Some(Value::String(name)) if name == "udp" => Transport::Udp(Datagram {
                src_port: src.port(),
                dst_port: dst.port(),
                checksum: self.number_or_zero("checksum")?,
                len: self.number("len")?,
            }),
            Some(Value::Number(_)) => Transport::Other { protocol: self.number("proto")? },
            _ => return Err("field \"proto\": expected \"tcp\", \"udp\" or a protocol's number".to_owned()),
        };
        let mut defects = Defects::NONE;
        for key in self.strings("defects")? {
            let known = Defect::ALL.iter().find(|defect| defect.key() == key);
            defects.insert(*known.ok_or_else(|| format!("field \"defects\": there is no defect {key:?}"))?);
        }
        let ip = Ip {
            src: src.ip(),
            dst: dst.ip(),
            ttl: self.number("ttl")?,
            tos: self.number_or_zero("tos")?,
            id: self.number_or_zero("ip_id")?,
            dont_fragment: self.flag("df")?,
            total_len: self.number_or_zero("ip_len")?,
        };
        Ok(Packet { ip, transport, payload: Bytes::from(self.octets("payload")?), defects })
    }

    fn segment(&self, src: SocketAddr, dst: SocketAddr) -> Result<Segment, String> {
        let letters = self.string("flags")?;
        let flags = Flags::from_letters(letters).ok_or_else(|| {
            format!("field \"flags\": expected tcpdump's letters such as \"S.\", found {letters:?}")
        })?;
        Ok(Segment {
            src_port: src.port(),
            dst_port: dst.port(),
            seq: SeqNumber(self.number("seq")?),
            ack: SeqNumber(self.number_or_zero("ack")?),
            flags,
            window: self.number("win")?,
            checksum: self.number_or_zero("checksum")?,
            urgent: self.number_or_zero("urgent")?,
            len: self.number("len")?,
            options: Options::from_bytes(&self.octets("options_hex")?),
        })
    }

    fn call(&self) -> Result<Call, String> {
        let operation = match self.string("call")? {
            "socket" => Operation::Socket,
            "bind" => Operation::Bind(self.addr("addr")?),
            "listen" => Operation::Listen { backlog: self.number("backlog")? },
            "accept" => Operation::Accept,
            "connect" => Operation::Connect(self.addr("addr")?),
            "send" => Operation::Send { len: self.number("len")? },
            "recv" => Operation::Recv { max: self.number("max")? },
            "sendto" => Operation::SendTo { len: self.number("len")?, to: self.addr("to")? },
            "recvfrom" => Operation::RecvFrom { max: self.number("max")? },
            "shutdown" => Operation::Shutdown(self.named("how")?),
            "close" => Operation::Close,
            "abort" => Operation::Abort,
            "setsockopt" => Operation::SetOption { name: self.text("name")?, value: self.text("value")? },
            "other" => Operation::Other { name: self.text("name")?, arguments: self.text("arguments")? },
            other => return Err(format!("field \"call\": there is no call {other:?}")),
        };
        let step = match self.string("step")? {
            "entered" => Step::Entered,
            "returned" => Step::Returned(self.outcome()?),
            other => return Err(one_of("step", other, ["entered", "returned"].iter())),
        };
        Ok(Call { socket: SocketId(self.number("socket")?), operation, step })
    }

    fn outcome(&self) -> Result<Outcome, String> {
        Ok(match self.string("result")? {
            "done" => Outcome::Done,
            "value" => Outcome::Value(self.number("returned_value")?),
            "accepted" => {
                Outcome::Accepted { socket: SocketId(self.number("accepted")?), peer: self.addr("peer")? }
            }
            "end" => Outcome::EndOfStream,
            "from" => Outcome::From { len: self.number("received")?, from: self.addr("from")? },
            "failed" => Outcome::Failed(self.named::<Error>("errno")?),
            "failed-other" => Outcome::FailedWith(self.text("errno")?),
            other => return Err(format!("field \"result\": there is no result {other:?}")),
        })
    }

    fn cause(&self) -> Result<LossCause, String> {
        Ok(match self.string("cause")? {
            "fault" => LossCause::Fault(self.text("fault")?),
            "random" => LossCause::Random,
            "host-down" => LossCause::HostDown,
            "no-route" => LossCause::NoRoute,
            "corrupted" => LossCause::Corrupted,
            other => return Err(format!("field \"cause\": there is no cause {other:?}")),
        })
    }

    fn action(&self) -> Result<Action, String> {
        Ok(match self.string("action")? {
            "set" => Action::Set(Duration::from_nanos(self.number("after_ns")?)),
            "fired" => Action::Fired,
            "stopped" => Action::Stopped,
            other => return Err(one_of("action", other, ["set", "fired", "stopped"].iter())),
        })
    }

    fn note(&self, catalog: &Catalog) -> Result<Note, String> {
        Ok(match self.string("note")? {
            "fault" => Note::FaultTouched {
                id: self.packet_id()?,
                fault: self.text("fault")?,
                act: self.text("act")?,
            },
            "crashed" => Note::Crashed,
            "restarted" => Note::Restarted,
            "exited" => Note::Exited { code: self.number("code")? },
            "killed" => Note::Killed { signal: self.text("signal")? },
            "rule" => Note::Rule {
                connection: self.connection()?,
                rule: self.rule()?.ok_or("the field \"rule\" is missing")?,
            },
            "finding" => {
                Note::Finding { id: self.packet_id()?, key: self.text("key")?, numbers: self.numbers()? }
            }
            "message" => {
                let id = self.string("message")?;
                let known = catalog.known_id(id);
                Note::Message(known.ok_or_else(|| format!("field \"message\": there is no message {id:?}"))?)
            }
            "text" => Note::Text(self.string("text")?.to_owned()),
            other => return Err(format!("field \"note\": there is no note {other:?}")),
        })
    }

    fn numbers(&self) -> Result<Vec<(Cow<'static, str>, i64)>, String> {
        let Some(Value::Object(fields)) = self.0.get("numbers") else {
            return Err("the field \"numbers\" must be an object".to_owned());
        };
        let number = |(name, value): (&String, &Value)| Some((Cow::Owned(name.clone()), whole(value)?));
        let numbers: Option<Vec<_>> = fields.iter().map(number).collect();
        numbers.ok_or_else(|| "field \"numbers\": expected whole numbers".to_owned())
    }
}

fn host(value: &Value) -> Result<Host, String> {
    let Value::Object(fields) = value else {
        return Err("each of \"hosts\" must be an object with \"name\" and \"addrs\"".to_owned());
    };
    let record = Record(fields.clone());
    let addr = |text: &str| {
        text.parse::<IpAddr>().map_err(|_| format!("field \"addrs\": {text:?} is no IP address"))
    };
    Ok(Host {
        name: record.string("name")?.to_owned(),
        addrs: record.strings("addrs")?.into_iter().map(addr).collect::<Result<_, _>>()?,
    })
}
