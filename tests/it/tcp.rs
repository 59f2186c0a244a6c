//! The engine: its table, its core under exhaustive search, and against a TCP that is not ours.

mod faulty_wire;
mod late_syn;
mod linux;
mod matrix;
mod pair;
mod search;
mod smoltcp_peer;
