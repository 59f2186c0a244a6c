//! A text that is not yet in any language: which message, with which values.

use std::borrow::Cow;

/// A message of the language files and the values it is filled with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The message's id, such as `rule-open-active`, or an attribute of it: `rule-open-active.sent`.
    pub id: Cow<'static, str>,
    /// Its variables by name. More than the message uses do no harm.
    pub args: Vec<(Cow<'static, str>, Value)>,
}

/// A value of a message's variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A whole number; written plain, without grouping.
    Number(i64),
    /// Text from anywhere; it is escaped when written.
    Text(Cow<'static, str>),
    /// Text that this program made itself, which may hold line breaks; written as it is.
    Verbatim(Cow<'static, str>),
}

impl Message {
    /// The message with this id, without values.
    pub fn new(id: impl Into<Cow<'static, str>>) -> Self {
        Message { id: id.into(), args: Vec::new() }
    }

    /// The same message with one more value.
    #[must_use]
    pub fn with(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Value>) -> Self {
        self.args.push((name.into(), value.into()));
        self
    }

    /// The value of a variable, if it has one.
    pub fn arg(&self, name: &str) -> Option<&Value> {
        self.args.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }
}

macro_rules! from_numbers {
    ($($type:ty),+) => {
        $(impl From<$type> for Value {
            fn from(number: $type) -> Self {
                Value::Number(number as i64)
            }
        })+
    };
}
from_numbers!(u8, u16, u32, u64, usize, i32, i64);

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::Text(text.into())
    }
}

impl From<&'static str> for Value {
    fn from(text: &'static str) -> Self {
        Value::Text(text.into())
    }
}

impl From<Cow<'static, str>> for Value {
    fn from(text: Cow<'static, str>) -> Self {
        Value::Text(text)
    }
}
