//! Socket options by the names and values a C programmer writes.

use std::borrow::Cow;

/// How an option's value is read.
#[derive(Clone, Copy)]
enum Form {
    /// An `int`.
    Number,
    /// `struct linger`.
    Linger,
    /// `struct timeval`.
    Time,
    /// Characters.
    Text,
}

use Form::{Linger, Number, Text, Time};

macro_rules! options {
    ($($level:ident $name:ident $form:ident;)+) => {
        &[$((libc::$level, libc::$name, stringify!($name), $form)),+]
    };
}

const OPTIONS: &[(i32, i32, &str, Form)] = options! {
    SOL_SOCKET SO_REUSEADDR Number;
    SOL_SOCKET SO_REUSEPORT Number;
    SOL_SOCKET SO_KEEPALIVE Number;
    SOL_SOCKET SO_LINGER Linger;
    SOL_SOCKET SO_RCVBUF Number;
    SOL_SOCKET SO_SNDBUF Number;
    SOL_SOCKET SO_RCVTIMEO Time;
    SOL_SOCKET SO_SNDTIMEO Time;
    SOL_SOCKET SO_BROADCAST Number;
    SOL_SOCKET SO_OOBINLINE Number;
    SOL_SOCKET SO_RCVLOWAT Number;
    SOL_SOCKET SO_INCOMING_CPU Number;
    SOL_SOCKET SO_PRIORITY Number;
    IPPROTO_TCP TCP_NODELAY Number;
    IPPROTO_TCP TCP_CORK Number;
    IPPROTO_TCP TCP_QUICKACK Number;
    IPPROTO_TCP TCP_MAXSEG Number;
    IPPROTO_TCP TCP_KEEPIDLE Number;
    IPPROTO_TCP TCP_KEEPINTVL Number;
    IPPROTO_TCP TCP_KEEPCNT Number;
    IPPROTO_TCP TCP_SYNCNT Number;
    IPPROTO_TCP TCP_LINGER2 Number;
    IPPROTO_TCP TCP_DEFER_ACCEPT Number;
    IPPROTO_TCP TCP_WINDOW_CLAMP Number;
    IPPROTO_TCP TCP_USER_TIMEOUT Number;
    IPPROTO_TCP TCP_CONGESTION Text;
    IPPROTO_TCP TCP_FASTOPEN Number;
    IPPROTO_TCP TCP_FASTOPEN_CONNECT Number;
    IPPROTO_TCP TCP_NOTSENT_LOWAT Number;
    IPPROTO_IP IP_TOS Number;
    IPPROTO_IP IP_TTL Number;
    IPPROTO_IP IP_RECVERR Number;
    IPPROTO_IP IP_MTU_DISCOVER Number;
    IPPROTO_IP IP_BIND_ADDRESS_NO_PORT Number;
    IPPROTO_IPV6 IPV6_V6ONLY Number;
    IPPROTO_IPV6 IPV6_RECVERR Number;
};

/// The longest value that is looked at.
pub(super) const VALUE_LEN: usize = 64;

/// The name and value of an option, from `setsockopt()`'s level, name, and the value's octets.
pub(super) fn describe(level: i32, option: i32, value: &[u8]) -> (Cow<'static, str>, Cow<'static, str>) {
    let known = OPTIONS.iter().find(|known| (known.0, known.1) == (level, option));
    let (name, form) = match known {
        Some(&(_, _, name, form)) => (Cow::Borrowed(name), form),
        None => (Cow::Owned(format!("{level}/{option}")), Number),
    };
    (name, show(form, value).into())
}

fn show(form: Form, value: &[u8]) -> String {
    let int = |at: usize| Some(i32::from_ne_bytes(value.get(at..at + 4)?.try_into().ok()?));
    let long = |at: usize| Some(i64::from_ne_bytes(value.get(at..at + 8)?.try_into().ok()?));
    let shown = match form {
        Number => int(0).map(|number| number.to_string()),
        Linger => int(0).zip(int(4)).map(|(on, seconds)| format!("{{{on}, {seconds}}}")),
        Time => long(0).zip(long(8)).map(|(seconds, micros)| format!("{{{seconds}, {micros}}}")),
        Text => {
            let text = value.split(|octet| *octet == 0).next().unwrap_or_default();
            Some(String::from_utf8_lossy(text).into_owned())
        }
    };
    shown.unwrap_or_else(|| "?".to_owned())
}
