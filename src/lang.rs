//! The two languages, equal in standing, and the messages that every text is written in.
//!
//! Texts live in Fluent files, `locales/{en,zh}/*.ftl`, built into the program. Code names a
//! [`Message`] and its values; a [`Catalog`] writes it in one language. Values that are text are
//! [escaped](escape), so that nothing from a packet, a peer or a file reaches a terminal raw.

mod catalog;
mod escape;
mod files;
mod message;
mod plain;

pub use catalog::{Catalog, FormatError};
pub use escape::{escape, escape_bytes, is_dangerous};
pub use message::{Message, Value};

use std::fmt;

/// A language that every text of this project exists in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Chinese (simplified).
    Zh,
}

impl Lang {
    /// Both languages.
    pub const ALL: [Lang; 2] = [Lang::En, Lang::Zh];

    /// The language's code: `en` or `zh`.
    pub const fn code(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Zh => "zh",
        }
    }

    /// The language of a POSIX locale name such as `zh_CN.UTF-8`; anything unknown is English.
    pub fn from_locale(locale: &str) -> Self {
        if locale.starts_with("zh") { Lang::Zh } else { Lang::En }
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
