//! What the environment and the terminal ask for: language, colour, width, drawn characters.

use std::env;
use std::ffi::OsString;
use std::io::IsTerminal;

use super::arguments::ColorChoice;
use crate::lang::Lang;

/// The environment, looked at once.
#[derive(Clone, Debug)]
pub(super) struct Surroundings {
    variable: fn(&str) -> Option<String>,
    stdout_is_terminal: bool,
    stderr_is_terminal: bool,
}

/// What can be coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Colored {
    /// Data on stdout.
    Stdout,
    /// Messages.
    Stderr,
    /// Data in a file.
    File,
}

impl Surroundings {
    /// Those of this process.
    pub(super) fn of_process() -> Self {
        let variable = |name: &str| env::var_os(name).map(|value| value.to_string_lossy().into_owned());
        Surroundings {
            variable,
            stdout_is_terminal: std::io::stdout().is_terminal(),
            stderr_is_terminal: std::io::stderr().is_terminal(),
        }
    }

    fn filled(&self, name: &str) -> Option<String> {
        (self.variable)(name).filter(|value| !value.is_empty())
    }

    /// The language of the locale: the first of `LC_ALL`, `LC_MESSAGES`, `LANG` that says something.
    pub(super) fn lang(&self) -> Lang {
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| self.filled(name));
        Lang::from_locale(&locale.unwrap_or_default())
    }

    /// Whether the locale says that the terminal knows only ASCII: `C`, `POSIX`, or a character set
    /// that is not UTF-8. A locale that is not set at all says nothing, and nearly every terminal of
    /// today shows UTF-8.
    pub(super) fn ascii_only(&self) -> bool {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| self.filled(name));
        let Some(locale) = locale else { return false };
        let charset = locale.split_once('.').map(|(_, rest)| rest.split('@').next().unwrap_or(rest));
        match charset {
            Some(charset) => !["utf-8", "utf8"].contains(&charset.to_ascii_lowercase().as_str()),
            None => ["C", "POSIX"].contains(&locale.as_str()),
        }
    }

    /// Whether to colour what goes there. `NO_COLOR` stands above
    /// `CLICOLOR_FORCE`, and an argument above both.
    pub(super) fn color(&self, choice: ColorChoice, what: Colored) -> bool {
        let forced = self.filled("CLICOLOR_FORCE").is_some_and(|value| value != "0");
        match choice {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto if self.filled("NO_COLOR").is_some() => false,
            ColorChoice::Auto if forced => true,
            ColorChoice::Auto => {
                let dumb = self.filled("TERM").is_some_and(|term| term == "dumb");
                let off = self.filled("CLICOLOR").is_some_and(|value| value == "0");
                let seen = match what {
                    Colored::Stdout => self.stdout_is_terminal,
                    Colored::Stderr => self.stderr_is_terminal,
                    Colored::File => false,
                };
                seen && !dumb && !off
            }
        }
    }

    /// The columns to write: those of `COLUMNS`, else of the terminal, else 80.
    pub(super) fn width(&self, to_file: bool) -> u16 {
        let said = self.filled("COLUMNS").and_then(|columns| columns.parse().ok());
        let terminal = || {
            let seen = self.stdout_is_terminal && !to_file;
            seen.then(terminal_size::terminal_size).flatten().map(|(width, _)| width.0)
        };
        said.or_else(terminal).filter(|width| *width > 0).unwrap_or(80).clamp(20, 1000)
    }
}

/// The value of a long option before the arguments are understood: its last value on the line, for
/// telling in the right language that they cannot be.
pub(super) fn early_value<'a>(arguments: &'a [OsString], option: &str) -> Option<&'a str> {
    let mut found = None;
    let mut rest = arguments.iter().skip(1).map_while(|word| {
        let word = word.to_str().unwrap_or_default();
        (word != "--").then_some(word)
    });
    while let Some(word) = rest.next() {
        if word == option {
            found = rest.next();
        } else if let Some(value) = word.strip_prefix(option).and_then(|tail| tail.strip_prefix('=')) {
            found = Some(value);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(variable: fn(&str) -> Option<String>) -> Surroundings {
        Surroundings { variable, stdout_is_terminal: false, stderr_is_terminal: false }
    }

    #[test]
    fn locales() {
        let mixed = with(|name| match name {
            "LC_ALL" => Some(String::new()),
            "LANG" => Some("zh_CN.UTF-8".to_owned()),
            _ => None,
        });
        assert_eq!(mixed.lang(), Lang::Zh);
        assert!(!mixed.ascii_only());
        assert!(with(|_| Some("C".to_owned())).ascii_only());
        assert!(with(|_| Some("en_US.ISO-8859-1".to_owned())).ascii_only());
        assert!(!with(|_| Some("C.utf8".to_owned())).ascii_only());
        assert!(!with(|_| None).ascii_only());
    }

    #[test]
    fn colours() {
        let forced = with(|name| (name == "CLICOLOR_FORCE").then(|| "1".to_owned()));
        let both = with(|_| Some("1".to_owned()));
        assert!(forced.color(ColorChoice::Auto, Colored::File));
        assert!(!forced.color(ColorChoice::Never, Colored::Stdout));
        assert!(!both.color(ColorChoice::Auto, Colored::Stderr));
        assert!(both.color(ColorChoice::Always, Colored::File));
        assert!(!with(|_| None).color(ColorChoice::Auto, Colored::Stdout));
    }

    #[test]
    fn early_values() {
        let words = |line: &str| line.split(' ').map(OsString::from).collect::<Vec<_>>();
        assert_eq!(early_value(&words("x run --lang zh y"), "--lang"), Some("zh"));
        assert_eq!(early_value(&words("x --lang=en --lang=zh"), "--lang"), Some("zh"));
        assert_eq!(early_value(&words("x -- --lang zh"), "--lang"), None);
        assert_eq!(early_value(&words("x --language zh --lang"), "--lang"), None);
    }
}
