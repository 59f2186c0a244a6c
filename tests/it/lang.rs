//! The language files and what is made of them.

mod escaping;
mod files;
