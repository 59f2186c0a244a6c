//! Socket options as a script sets them: `nodelay on`, `linger 0`, `keepalive idle 10s interval 1s count 3`.

use crate::tcp::{Keepalive, Settings};
use crate::time::Duration;

use super::diagnostic::Problem;
use super::units;
use super::words::{Word, Words, size};

/// An option of one socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SocketOption {
    /// `TCP_NODELAY`: Nagle's algorithm is off.
    NoDelay(bool),
    /// `SO_KEEPALIVE`.
    KeepAlive(bool),
    /// `TCP_KEEPIDLE`.
    KeepIdle(Duration),
    /// `TCP_KEEPINTVL`.
    KeepInterval(Duration),
    /// `TCP_KEEPCNT`.
    KeepCount(u32),
    /// `SO_LINGER`; `None` is off.
    Linger(Option<Duration>),
    /// `TCP_USER_TIMEOUT`; `None` is off.
    UserTimeout(Option<Duration>),
    /// `SO_RCVBUF`.
    ReceiveBuffer(u32),
    /// `SO_SNDBUF`.
    SendBuffer(u32),
    /// `SO_REUSEADDR`: nothing to the simulator, whose ports are free once their connections are gone.
    ReuseAddr(bool),
    /// `TCP_QUICKACK`: acknowledgments are not delayed.
    QuickAck(bool),
}

impl SocketOption {
    /// Changes what the option says in a socket's settings.
    pub fn apply(self, settings: &mut Settings) {
        // What Linux uses where nothing else is said: two hours, 75 s, nine probes.
        let usual =
            Keepalive { idle: Duration::from_secs(7200), interval: Duration::from_secs(75), count: 9 };
        let keepalive = settings.keepalive.unwrap_or(usual);
        match self {
            SocketOption::NoDelay(on) => settings.nagle = !on,
            SocketOption::KeepAlive(on) => settings.keepalive = on.then_some(keepalive),
            SocketOption::KeepIdle(idle) => settings.keepalive = Some(Keepalive { idle, ..keepalive }),
            SocketOption::KeepInterval(interval) => {
                settings.keepalive = Some(Keepalive { interval, ..keepalive });
            }
            SocketOption::KeepCount(count) => settings.keepalive = Some(Keepalive { count, ..keepalive }),
            SocketOption::Linger(time) => settings.linger_zero = time == Some(Duration::ZERO),
            SocketOption::UserTimeout(limit) => settings.user_timeout = limit,
            SocketOption::ReceiveBuffer(octets) => settings.receive_buffer = octets,
            SocketOption::SendBuffer(octets) => settings.send_buffer = octets,
            SocketOption::ReuseAddr(_) => {}
            SocketOption::QuickAck(on) => {
                if on {
                    settings.delayed_ack = None;
                }
            }
        }
    }
}

/// The options and how they are written.
const OPTIONS: [(&str, &str); 8] = [
    ("nodelay", "set nodelay on|off"),
    ("keepalive", "set keepalive on|off | set keepalive [idle TIME] [interval TIME] [count N]"),
    ("linger", "set linger TIME|off"),
    ("user_timeout", "set user_timeout TIME|off"),
    ("rcvbuf", "set rcvbuf N"),
    ("sndbuf", "set sndbuf N"),
    ("reuseaddr", "set reuseaddr on|off"),
    ("quickack", "set quickack on|off"),
];

/// An option, with its name and value as a C programmer writes them.
pub(super) type Shown = (SocketOption, (&'static str, String));

/// Reads what follows `set`.
pub(super) fn options(words: &mut Words) -> Result<Vec<Shown>, Problem> {
    let name = words.expect("OPTION")?;
    let Some((_, usage)) = OPTIONS.iter().find(|(known, _)| *known == name.text) else {
        return Err(Problem::new("unknown-option", name.span.clone())
            .text("found", name.text.as_str())
            .choices(&name.text, OPTIONS.iter().map(|(known, _)| *known)));
    };
    words.usage = usage;
    let one = |option, shown, value: String| Ok(vec![(option, (shown, value))]);
    match name.text.as_str() {
        "nodelay" => switch(words, "TCP_NODELAY", SocketOption::NoDelay),
        "reuseaddr" => switch(words, "SO_REUSEADDR", SocketOption::ReuseAddr),
        "quickack" => switch(words, "TCP_QUICKACK", SocketOption::QuickAck),
        "keepalive" => keepalive(words),
        "linger" => {
            let time = time_or_off(words)?;
            let value =
                time.map_or("{0, 0}".to_owned(), |time| format!("{{1, {}}}", time.as_millis() / 1000));
            one(SocketOption::Linger(time), "SO_LINGER", value)
        }
        "user_timeout" => {
            let time = time_or_off(words)?;
            let value = time.map_or(0, Duration::as_millis).to_string();
            one(SocketOption::UserTimeout(time), "TCP_USER_TIMEOUT", value)
        }
        "rcvbuf" => {
            let octets = octets(words)?;
            one(SocketOption::ReceiveBuffer(octets), "SO_RCVBUF", octets.to_string())
        }
        _ => {
            let octets = octets(words)?;
            one(SocketOption::SendBuffer(octets), "SO_SNDBUF", octets.to_string())
        }
    }
}

fn switch(
    words: &mut Words,
    shown: &'static str,
    option: impl Fn(bool) -> SocketOption,
) -> Result<Vec<Shown>, Problem> {
    let on = on_or_off(&words.expect("on|off")?)?;
    Ok(vec![(option(on), (shown, u8::from(on).to_string()))])
}

fn on_or_off(word: &Word) -> Result<bool, Problem> {
    match word.text.as_str() {
        "on" | "1" | "true" => Ok(true),
        "off" | "0" | "false" => Ok(false),
        other => Err(Problem::new("unknown-word", word.span.clone())
            .text("found", other)
            .choices(other, ["on", "off"])),
    }
}

fn time(word: &Word) -> Result<Duration, Problem> {
    units::duration(&word.text)
        .map_err(|reason| Problem::new(reason.key(), word.span.clone()).text("found", word.text.as_str()))
}

fn time_or_off(words: &mut Words) -> Result<Option<Duration>, Problem> {
    let word = words.expect("TIME|off")?;
    if word.text == "off" { Ok(None) } else { time(&word).map(Some) }
}

fn octets(words: &mut Words) -> Result<u32, Problem> {
    let word = words.expect("N")?;
    match size(&word.text).and_then(|octets| u32::try_from(octets).ok()) {
        Some(octets) if octets > 0 => Ok(octets),
        _ => Err(Problem::new("bad-number", word.span.clone())
            .text("found", word.text.as_str())
            .number("max", u64::from(u32::MAX))),
    }
}

/// `on`, `off`, or the times that switch it on.
fn keepalive(words: &mut Words) -> Result<Vec<Shown>, Problem> {
    let switch = |on: bool| (SocketOption::KeepAlive(on), ("SO_KEEPALIVE", u8::from(on).to_string()));
    let first = words.expect("on|off|idle TIME")?;
    if !matches!(first.text.as_str(), "idle" | "interval" | "count") {
        return Ok(vec![switch(on_or_off(&first)?)]);
    }
    let mut options = vec![switch(true)];
    let mut key = Some(first);
    while let Some(word) = key {
        let value = words.expect("TIME|N")?;
        options.push(match word.text.as_str() {
            "idle" => {
                let idle = time(&value)?;
                (SocketOption::KeepIdle(idle), ("TCP_KEEPIDLE", seconds(idle)))
            }
            "interval" => {
                let interval = time(&value)?;
                (SocketOption::KeepInterval(interval), ("TCP_KEEPINTVL", seconds(interval)))
            }
            "count" => {
                let count = value.number(1_000)? as u32;
                (SocketOption::KeepCount(count), ("TCP_KEEPCNT", count.to_string()))
            }
            other => {
                return Err(Problem::new("unknown-word", word.span.clone())
                    .text("found", other)
                    .choices(other, ["idle", "interval", "count"]));
            }
        });
        key = words.next();
    }
    Ok(options)
}

fn seconds(time: Duration) -> String {
    (time.as_millis() / 1000).to_string()
}
