//! Frames, packets and capture files.

mod packets;
