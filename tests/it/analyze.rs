//! What the analysis says about packets.

mod oracle;
