//! The TCP of RFC 9293, sans-IO: no clock, no socket, no randomness of its own.
//!
//! Time, initial sequence numbers and entropy are arguments. What *decides* is pure and works on a
//! small [`Copy`] control block; buffers, estimators and deadlines stand beside it.

mod error;
mod rule;
mod state;

pub use error::Error;
pub use rule::Rule;
pub use state::State;
