//! What the analysis says about packets.

mod compare;
mod findings;
mod live;
mod oracle;
mod recorder;
mod simulated;
mod states;
mod talk;
mod words;
