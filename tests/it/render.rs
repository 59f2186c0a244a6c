//! What timelines look like.

mod json;
mod ladder;
mod sample;
mod scenarios;
mod widths;
