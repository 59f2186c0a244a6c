//! What timelines look like.

mod json;
mod ladder;
mod numbers;
mod sample;
mod scenarios;
mod widths;
