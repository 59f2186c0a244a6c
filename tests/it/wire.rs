//! Frames, packets and capture files.

mod captures;
mod damage;
mod links;
mod oddities;
mod options;
mod packets;
mod sequence;
mod tshark;
