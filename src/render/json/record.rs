//! One line's object, and its fields with the types they must have.

use std::borrow::Cow;
use std::fmt::Display;
use std::net::SocketAddr;
use std::str::FromStr;

use serde_json::{Map, Value};

use super::names::Named;
use crate::timeline::ConnectionId;

/// The fields of a line. A complaint names the field, what was expected and what was found.
pub(super) struct Record(pub(super) Map<String, Value>);

impl Record {
    /// The object in a line's text.
    pub(super) fn parse(text: &str) -> Result<Record, String> {
        match serde_json::from_str(text) {
            Ok(Value::Object(fields)) => Ok(Record(fields)),
            Ok(other) => Err(format!("expected a JSON object, found {}", brief(&other))),
            Err(error) => Err(format!("not JSON: {error}")),
        }
    }

    fn get<T>(&self, key: &str, expected: &str, read: impl FnOnce(&Value) -> Option<T>) -> Result<T, String> {
        let value = self.0.get(key).ok_or_else(|| format!("the field \"{key}\" is missing"))?;
        read(value).ok_or_else(|| format!("field \"{key}\": expected {expected}, found {}", brief(value)))
    }

    pub(super) fn string(&self, key: &str) -> Result<&str, String> {
        match self.0.get(key) {
            Some(Value::String(text)) => Ok(text),
            Some(other) => Err(format!("field \"{key}\": expected a string, found {}", brief(other))),
            None => Err(format!("the field \"{key}\" is missing")),
        }
    }

    pub(super) fn text(&self, key: &str) -> Result<Cow<'static, str>, String> {
        self.string(key).map(|text| Cow::Owned(text.to_owned()))
    }

    /// A number that fits into `T`.
    pub(super) fn number<T: TryFrom<i128>>(&self, key: &str) -> Result<T, String> {
        self.get(key, "a whole number in range", whole)
    }

    /// A number, zero when there is none.
    pub(super) fn number_or_zero<T: TryFrom<i128> + Default>(&self, key: &str) -> Result<T, String> {
        if self.0.contains_key(key) { self.number(key) } else { Ok(T::default()) }
    }

    /// Whether a field is there and true.
    pub(super) fn flag(&self, key: &str) -> Result<bool, String> {
        if self.0.contains_key(key) { self.get(key, "true or false", Value::as_bool) } else { Ok(false) }
    }

    /// A value written as text.
    pub(super) fn parsed<T: FromStr>(&self, key: &str, expected: &str) -> Result<T, String> {
        self.get(key, expected, |value| value.as_str()?.parse().ok())
    }

    pub(super) fn addr(&self, key: &str) -> Result<SocketAddr, String> {
        self.parsed(key, "an address and port such as 10.0.0.1:80")
    }

    pub(super) fn connection(&self) -> Result<ConnectionId, String> {
        Ok(ConnectionId { local: self.addr("local")?, remote: self.addr("remote")? })
    }

    /// One of a list of names.
    pub(super) fn named<T: Named>(&self, key: &str) -> Result<T, String> {
        let name = self.string(key)?;
        let all = || T::NAMES.iter().map(|(_, name)| *name);
        T::named(name).ok_or_else(|| one_of(key, name, all()))
    }

    /// A list of strings, empty when there is none.
    pub(super) fn strings(&self, key: &str) -> Result<Vec<&str>, String> {
        let list = match self.0.get(key) {
            Some(Value::Array(list)) => list.iter().map(Value::as_str).collect(),
            None => Some(Vec::new()),
            Some(_) => None,
        };
        list.ok_or_else(|| format!("field \"{key}\": expected a list of strings"))
    }

    /// Octets in hexadecimal, none when there is no such field.
    pub(super) fn octets(&self, key: &str) -> Result<Vec<u8>, String> {
        if !self.0.contains_key(key) {
            return Ok(Vec::new());
        }
        self.get(key, "an even number of hexadecimal digits", |value| {
            let digits = value.as_str()?.as_bytes();
            let digit = |octet: &u8| (*octet as char).to_digit(16);
            let pair = |pair: &[u8]| match pair {
                [high, low] => Some((digit(high)? * 16 + digit(low)?) as u8),
                _ => None,
            };
            digits.chunks(2).map(pair).collect()
        })
    }
}

/// A number of any width.
pub(super) fn whole<T: TryFrom<i128>>(value: &Value) -> Option<T> {
    let number = value.as_i64().map(i128::from).or_else(|| value.as_u64().map(i128::from))?;
    T::try_from(number).ok()
}

pub(super) fn one_of(key: &str, found: &str, known: impl Iterator<Item = impl Display>) -> String {
    let known: Vec<String> = known.map(|name| name.to_string()).collect();
    format!("field \"{key}\": expected one of {}, found {found:?}", known.join(", "))
}

/// A value as it is shown in a complaint.
fn brief(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= 40 {
        text
    } else {
        format!("{}…", text.chars().take(40).collect::<String>())
    }
}
