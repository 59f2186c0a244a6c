//! What the analysis says about packets.

mod findings;
mod live;
mod oracle;
mod states;
mod talk;
