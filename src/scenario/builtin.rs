//! The scenarios that come with the program.

macro_rules! scenarios {
    ($($name:literal),+ $(,)?) => {
        /// Name and text of every built-in scenario, in the order in which they are best learned.
        const BUILTIN: &[(&str, &str)] = &[$(
            ($name, include_str!(concat!("../../scenarios/", $name, ".toml"))),
        )+];
    };
}

scenarios! {
    "three-way",
    "data",
    "teardown",
    "three-segment-close",
    "simultaneous-open",
    "simultaneous-close",
    "half-close",
    "ipv6",
    "options",
    "no-mss",
    "sequence-wrap",
    "udp-echo",
    "same-port",
    "self-connect",
    "states",
    "syn-lost",
    "syn-lost-forever",
    "syn-lost-forever-linux",
    "synack-lost",
    "third-ack-lost",
    "third-ack-lost-then-data",
    "fin-lost",
    "fin-ack-lost",
    "peer-fin-lost",
    "last-ack-lost",
    "fin-before-data",
    "closed-port",
    "wrong-ack-in-syn-sent",
    "old-duplicate-syn",
    "two-way",
    "fixed-isn",
    "reboot",
    "blind-reset",
    "no-rst-check",
    "time-wait-syn",
    "time-wait-rst",
    "no-time-wait",
    "time-wait-ports",
    "connections",
    "time-wait-reuse",
    "address-in-use",
    "fin-wait-2-timeout",
    "close-wait",
    "close-with-unread-data",
    "linger-zero",
    "write-after-reset",
    "kill",
    "crash",
    "keepalive",
    "backlog",
    "accept-queue-full",
    "listener-closed",
    "syn-flood",
    "syn-cookies",
    "fast-open",
    "timeout-retransmit",
    "fast-retransmit",
    "reorder",
    "zero-window",
    "nagle-delayed-ack",
}

/// Name and text of every built-in scenario, in the order in which they are best learned.
pub fn builtin() -> &'static [(&'static str, &'static str)] {
    BUILTIN
}
