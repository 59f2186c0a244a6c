//! Scenario files: what is read, what is refused and how it is pointed at, what is expected.

mod builtin;
