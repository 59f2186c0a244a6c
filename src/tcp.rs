//! The TCP of RFC 9293, sans-IO: no clock, no socket, no randomness of its own.
//!
//! Time, initial sequence numbers and entropy are arguments. What *decides* is pure and works on a
//! small [`Copy`] control block, [`Tcb`]; buffers, estimators and deadlines stand beside it in a
//! connection; a [`Host`] finds the connection for a segment. Every decision names its [`Rule`].

mod arrival;
mod call;
mod challenges;
mod congestion;
mod connection;
mod cookie;
mod decision;
mod error;
mod event;
mod host;
mod isn;
mod line;
mod listener;
mod receive_buffer;
mod rto;
mod rule;
mod scoreboard;
mod send_buffer;
mod settings;
mod state;
mod table;
mod tcb;
mod timers;

pub use arrival::{closed, listen, on_segment};
pub use call::{abort, close, open_active, time_out};
pub use decision::{AckNeed, Decision, Disposition, Reset, Text, Transition};
pub use error::Error;
pub use event::{Event, Log, Notice, Queue, Socket, What};
pub use host::{Host, HostConfig, IcmpError, Transmit, Verdict};
pub use isn::{IsnPolicy, Secret, initial_sequence_number};
pub use rule::Rule;
pub use settings::{Keepalive, Profile, Settings, SynCookies, Variant};
pub use state::State;
pub use table::{declared, is_declared};
pub use tcb::{Arrival, Policy, Tcb};
pub use timers::Timer;
