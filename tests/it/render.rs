//! What timelines look like.

mod json;
mod ladder;
mod sample;
mod widths;
