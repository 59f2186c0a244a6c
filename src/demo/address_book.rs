//! Friends and where they listen.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::ops::Range;
use std::path::Path;

use toml::Spanned;

use super::address::Address;
use super::error::Error;

/// Names and addresses, in the order in which they were written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressBook(Vec<Friend>);

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Friend {
    /// The name, unescaped.
    pub name: String,
    /// Where the friend's server listens.
    pub address: SocketAddr,
}

/// The lecture's friends, each with a server of its own on this machine.
const FRIENDS: [(&str, u16); 4] = [("乔治", 8081), ("james", 8082), ("苯环", 8083), ("岳岳", 8084)];

/// The port of an entry that names none.
pub const DEFAULT_PORT: u16 = 8081;

impl Default for AddressBook {
    fn default() -> Self {
        let address = |port| SocketAddr::from(([127, 0, 0, 1], port));
        Self(FRIENDS.map(|(name, port)| Friend { name: name.to_owned(), address: address(port) }).to_vec())
    }
}

impl AddressBook {
    /// Reads a file of lines `name = "host:port"` (TOML; names that are not plain ASCII in quotes).
    ///
    /// # Errors
    /// [`Error::Friends`] when it can't be read or is no such list, with the place.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let file = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&file, &text),
            Err(source) => Err(Error::Friends { file, place: None, problem: source.to_string() }),
        }
    }

    /// Reads the text of such a file; `file` is its name in messages.
    ///
    /// # Errors
    /// [`Error::Friends`] when it is no such list, with the place.
    pub fn parse(file: &str, text: &str) -> Result<Self, Error> {
        let wrong = |span: Option<Range<usize>>, problem: &str| Error::Friends {
            file: file.to_owned(),
            place: span.map(|span| place(text, span.start)),
            problem: problem.lines().next().unwrap_or_default().to_owned(),
        };
        let entries: BTreeMap<Spanned<String>, Spanned<String>> =
            toml::from_str(text).map_err(|error| wrong(error.span(), error.message()))?;
        let mut entries: Vec<_> = entries.into_iter().collect();
        entries.sort_by_key(|(name, _)| name.span().start);
        let friend = |(name, given): (Spanned<String>, Spanned<String>)| {
            let at = |error: &Error| wrong(Some(given.span()), &error.to_string());
            let address = Address::parse(given.get_ref(), DEFAULT_PORT).map_err(|error| at(&error))?;
            let address = address.resolve().map_err(|error| at(&error))?[0];
            Ok(Friend { name: name.into_inner().trim().to_owned(), address })
        };
        let friends: Vec<Friend> = entries.into_iter().map(friend).collect::<Result<_, Error>>()?;
        if friends.is_empty() { Err(wrong(None, "no friend in it")) } else { Ok(Self(friends)) }
    }

    /// The friend of this name; failing that, of this place in the list, counted from 1, for
    /// keyboards without Chinese.
    pub fn find(&self, name: &str) -> Option<&Friend> {
        let named = self.0.iter().find(|friend| friend.name == name);
        named.or_else(|| self.0.get(name.parse::<usize>().ok()?.checked_sub(1)?))
    }

    /// The friend whose server has this address.
    pub fn at(&self, address: SocketAddr) -> Option<&Friend> {
        self.0.iter().find(|friend| friend.address == address)
    }

    /// All friends.
    pub fn friends(&self) -> &[Friend] {
        &self.0
    }
}

/// Line and column of a byte, counted from 1.
fn place(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}
