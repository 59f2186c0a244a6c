//! Frames, packets and capture files.

mod captures;
mod packets;
