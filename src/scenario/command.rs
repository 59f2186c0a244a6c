//! Reading steps: `client connect server:80`, `server web accept as c1`, `inject client>server RST seq=…`.

use std::net::SocketAddr;

use crate::timeline::{HostId, Shutdown};

use super::aim;
use super::diagnostic::Problem;
use super::model::{Action, HostSpec, Inject, Number, Payload, SocketName, Step};
use super::names::Hosts;
use super::option;
use super::words::{Text, Word, Words};

/// Each verb and how it is used.
const VERBS: [(&str, &str); 15] = [
    ("listen", "HOST [NAME] listen PORT [backlog N]"),
    ("connect", "HOST [NAME] connect HOST:PORT [from PORT] [fastopen [TEXT|N]]"),
    ("accept", "HOST [LISTENER] accept [as NAME] [forever]"),
    ("send", "HOST [NAME] send \"TEXT\"|N"),
    ("recv", "HOST [NAME] recv [N] [all]"),
    ("shutdown", "HOST [NAME] shutdown [write|read|both]"),
    ("close", "HOST [NAME] close"),
    ("abort", "HOST [NAME] abort"),
    ("set", "HOST [NAME] set OPTION VALUE"),
    ("udp", "HOST [NAME] udp bind PORT | udp send \"TEXT\"|N to HOST:PORT|back | udp recv"),
    ("kill", "HOST kill"),
    ("crash", "HOST crash"),
    ("restart", "HOST restart [isn N]"),
    ("inject", "[HOST] inject HOST[:PORT]>HOST[:PORT] FLAGS seq=N [ack=N] [win=N] [data=\"TEXT\"|N] [mss=N]"),
    ("release", "release [NAME]"),
];

/// The verbs of the network, which no host stands before.
const NETWORK_VERBS: [&str; 2] = ["inject", "release"];

fn verbs() -> impl Iterator<Item = &'static str> {
    VERBS.iter().map(|(verb, _)| *verb)
}

/// Octets of room where a `recv` names none.
const RECV_ROOM: u32 = 65_536;

/// Reads the steps of one text; one text is one step, but `set` may set several options.
pub(super) fn steps(text: &Text<'_>, specs: &mut [HostSpec]) -> Result<Vec<Step>, Problem> {
    let mut words = Words::split(text)?;
    words.usage = "HOST [NAME] VERB …";
    let span = text.place(0..text.value.len());
    let first = words.expect("HOST")?;
    let network = NETWORK_VERBS.contains(&first.text.as_str());
    let host = if network { None } else { Some(host_of(&first, specs)?) };
    let mut name = None;
    let mut verb = if network { first } else { words.expect("VERB")? };
    let after = words.peek().map(|word| word.text.clone());
    if !is_verb(&verb.text) && after.is_some_and(|after| is_verb(&after)) {
        name = Some(verb);
        verb = words.expect("VERB")?;
    }
    let Some((_, usage)) = VERBS.iter().find(|(known, _)| *known == verb.text) else {
        return Err(Problem::new("unknown-verb", verb.span.clone())
            .text("found", verb.text.as_str())
            .choices(&verb.text, verbs()));
    };
    words.usage = usage;
    // A last word `now` asks for the call at once.
    let now = words.take_last("now");
    let mut command = Command { words, host, specs, name };
    let actions = command.actions(&verb)?;
    command.words.finish()?;
    let steps =
        actions.into_iter().map(|(socket, action)| Step { host, socket, now, action, span: span.clone() });
    Ok(steps.collect())
}

/// Whether a word is a verb, which no host or socket may be called.
pub(super) fn is_verb(word: &str) -> bool {
    verbs().any(|verb| verb == word)
}

fn host_of(word: &Word, specs: &[HostSpec]) -> Result<HostId, Problem> {
    Hosts(specs).named(word).map_err(|problem| {
        // A verb in the place of a host means that the host was forgotten.
        if is_verb(&word.text) {
            Problem::new("host-missing", word.span.clone()).text("verb", word.text.as_str())
        } else {
            problem
        }
    })
}

struct Command<'a> {
    words: Words,
    host: Option<HostId>,
    specs: &'a mut [HostSpec],
    name: Option<Word>,
}

type Actions = Vec<(SocketName, Action)>;

impl Command<'_> {
    fn actions(&mut self, verb: &Word) -> Result<Actions, Problem> {
        let one = |socket, action| Ok(vec![(socket, action)]);
        match verb.text.as_str() {
            "listen" => {
                let port = self.words.expect("PORT")?.port()?;
                let backlog = if self.words.take("backlog") { self.number("N")? } else { 128 };
                one(self.made(SocketName::LISTENER)?, Action::Listen { port, backlog })
            }
            "connect" => {
                let action = self.connect()?;
                one(self.made(SocketName::CONNECTION)?, action)
            }
            "accept" => {
                let listener = self.used(SocketName::LISTENER)?;
                let made = if self.words.take("as") { Some(self.words.expect("NAME")?) } else { None };
                self.name = made;
                let name = self.made(SocketName::CONNECTION)?;
                let forever = self.words.take("forever");
                one(listener, Action::Accept { name, forever })
            }
            "send" => {
                let payload = self.words.expect("\"TEXT\"|N")?.payload()?;
                self.words.take("bytes");
                one(self.used(SocketName::CONNECTION)?, Action::Send(payload))
            }
            "recv" => {
                let max = match self.words.peek() {
                    Some(word) if word.text != "all" => self.number("N")?.max(1),
                    _ => RECV_ROOM,
                };
                let to_end = self.words.take("all");
                one(self.used(SocketName::CONNECTION)?, Action::Recv { max, to_end })
            }
            "shutdown" => {
                let how = self.shutdown()?;
                one(self.used(SocketName::CONNECTION)?, Action::Shutdown(how))
            }
            "close" => one(self.used(SocketName::CONNECTION)?, Action::Close),
            "abort" => one(self.used(SocketName::CONNECTION)?, Action::Abort),
            "set" => {
                let socket = self.used(SocketName::CONNECTION)?;
                let options = option::options(&mut self.words)?;
                Ok(options
                    .into_iter()
                    .map(|(option, shown)| (socket, Action::Set { option, shown }))
                    .collect())
            }
            "udp" => self.udp(),
            "kill" => one(SocketName::CONNECTION, Action::Kill),
            "crash" => one(SocketName::CONNECTION, Action::Crash),
            "restart" => {
                let isn = if self.words.take("isn") { Some(self.number("N")?) } else { None };
                one(SocketName::CONNECTION, Action::Restart { isn })
            }
            "inject" => one(SocketName::CONNECTION, Action::Inject(self.inject()?)),
            _ => {
                let fault = self.words.next().map(|word| word.text);
                one(SocketName::CONNECTION, Action::Release { fault })
            }
        }
    }

    fn number(&mut self, what: &'static str) -> Result<u32, Problem> {
        self.words.expect(what)?.number(u64::from(u32::MAX)).map(|number| number as u32)
    }

    fn spec(&mut self) -> Option<&mut HostSpec> {
        let host = self.host?;
        self.specs.get_mut(host.0 as usize)
    }

    /// The socket that this step makes: the one named, or the default one.
    fn made(&mut self, default: SocketName) -> Result<SocketName, Problem> {
        let Some(word) = self.name.take() else { return Ok(default) };
        let plain = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
        if is_verb(&word.text) || !word.text.chars().all(plain) {
            return Err(Problem::new("bad-socket-name", word.span.clone()).text("found", word.text.as_str()));
        }
        let Some(spec) = self.spec() else { return Ok(default) };
        if let Some(known) = spec.sockets.iter().position(|known| *known == word.text) {
            return Ok(SocketName(known as u16));
        }
        spec.sockets.push(word.text);
        Ok(SocketName((spec.sockets.len() - 1) as u16))
    }

    /// The socket that this step is about, which an earlier line made.
    fn used(&mut self, default: SocketName) -> Result<SocketName, Problem> {
        let Some(word) = self.name.take() else { return Ok(default) };
        let Some(spec) = self.spec() else { return Ok(default) };
        match spec.sockets.iter().position(|known| *known == word.text) {
            Some(known) => Ok(SocketName(known as u16)),
            None => Err(Problem::new("unknown-socket", word.span.clone())
                .text("found", word.text.as_str())
                .text("host", spec.name.clone())
                .choices(&word.text, spec.sockets.iter().map(String::as_str))),
        }
    }

    fn endpoint(&mut self) -> Result<SocketAddr, Problem> {
        let word = self.words.expect("HOST:PORT")?;
        Hosts(self.specs).endpoint_with_port(&word, self.host)
    }

    fn connect(&mut self) -> Result<Action, Problem> {
        let to = self.endpoint()?;
        let from = if self.words.take("from") { Some(self.words.expect("PORT")?.port()?) } else { None };
        let fast_open = if self.words.take("fastopen") {
            Some(match self.words.next() {
                Some(word) => word.payload()?,
                None => Payload::Text(Vec::new()),
            })
        } else {
            None
        };
        Ok(Action::Connect { to, from, fast_open })
    }

    fn shutdown(&mut self) -> Result<Shutdown, Problem> {
        let Some(word) = self.words.next() else { return Ok(Shutdown::Write) };
        match word.text.as_str() {
            "write" => Ok(Shutdown::Write),
            "read" => Ok(Shutdown::Read),
            "both" => Ok(Shutdown::Both),
            other => Err(Problem::new("unknown-word", word.span.clone())
                .text("found", other)
                .choices(other, ["write", "read", "both"])),
        }
    }

    fn udp(&mut self) -> Result<Actions, Problem> {
        let verb = self.words.expect("bind|send|recv")?;
        let action = match verb.text.as_str() {
            "bind" => Action::UdpBind(self.words.expect("PORT")?.port()?),
            "recv" => Action::UdpRecv,
            "send" => {
                let payload = self.words.expect("\"TEXT\"|N")?.payload()?;
                let to = if self.words.take("back") {
                    None
                } else if self.words.take("to") {
                    Some(self.endpoint()?)
                } else {
                    return Err(self.words.missing("to HOST:PORT|back"));
                };
                Action::UdpSend { to, payload }
            }
            other => {
                return Err(Problem::new("unknown-word", verb.span.clone())
                    .text("found", other)
                    .choices(other, ["bind", "send", "recv"]));
            }
        };
        Ok(vec![(self.made(SocketName::UDP)?, action)])
    }

    /// `client:40000>server:80 SYN seq=300`.
    fn inject(&mut self) -> Result<Inject, Problem> {
        let path = self.words.expect("HOST>HOST")?;
        let Some((src, dst)) = path.text.split_once('>') else {
            return Err(Problem::new("bad-direction", path.span.clone()).text("found", path.text.as_str()));
        };
        let part = |start: usize, text: &str| Word {
            text: text.to_owned(),
            span: path.span.start + start..path.span.start + start + text.len(),
            quoted: false,
        };
        let (src, dst) = (part(0, src), part(src.len() + 1, dst));
        let hosts = Hosts(self.specs);
        let to = hosts.endpoint(&dst, None)?;
        let src_host = src.text.split(':').next().and_then(|name| hosts.find(name));
        let src_addr = hosts.endpoint(&src, None)?;
        // The claimed source must be of the destination's family.
        let to = if to.is_ipv4() == src_addr.is_ipv4() { to } else { hosts.endpoint(&dst, src_host)? };
        let flags = self.words.expect("FLAGS")?.flags()?;
        let mut inject = Inject {
            src: src_addr,
            dst: to,
            flags,
            seq: Number::Absolute(0),
            ack: None,
            window: 65_535,
            payload: Payload::Count(0),
            mss: None,
        };
        let mut has_seq = false;
        while let Some(word) = self.words.next() {
            let keys = ["seq", "ack", "win", "data", "mss"];
            let found = keys.into_iter().find_map(|key| Some((key, word.value_of(key)?)));
            let Some((key, value)) = found else {
                return Err(Problem::new("unknown-condition", word.span.clone())
                    .text("found", word.text.as_str())
                    .choices(word.text.split('=').next().unwrap_or_default(), keys));
            };
            match key {
                "seq" => {
                    inject.seq = aim::number(&value, hosts, true)?;
                    has_seq = true;
                }
                "ack" => inject.ack = Some(aim::number(&value, hosts, true)?),
                "win" => inject.window = value.number(65_535)? as u16,
                "mss" => inject.mss = Some(value.number(65_535)? as u16),
                // Text need not be quoted here, because no white space can stand in a word.
                _ => {
                    inject.payload =
                        value.payload().unwrap_or_else(|_| Payload::Text(value.text.clone().into_bytes()));
                }
            }
        }
        if !has_seq {
            return Err(self.words.missing("seq=N"));
        }
        Ok(inject)
    }
}
