//! What timelines look like.

mod ladder;
mod sample;
mod widths;
