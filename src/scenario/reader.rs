//! Typed access to the TOML tree, every mistake noted with its place.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::time::Duration;

use super::diagnostic::Problem;
use super::model::{Localized, Span};
use super::units;
use super::words::Text;

/// A value of the tree with its place.
pub(super) type Value<'i> = Spanned<DeValue<'i>>;

/// Reads values and keeps what is wrong with them.
#[derive(Debug)]
pub(super) struct Reader<'s> {
    /// The file's text.
    pub source: &'s str,
    /// What was wrong so far.
    pub problems: Vec<Problem>,
}

/// The entries of a table in the order of the file.
#[derive(Debug)]
pub(super) struct Fields<'a, 'i> {
    /// Key, its place, value.
    pub entries: Vec<(&'a str, Span, &'a Value<'i>)>,
    /// The whole table.
    pub span: Span,
    place: &'static str,
}

impl<'a, 'i> Fields<'a, 'i> {
    /// The entries of a table.
    pub(super) fn new(table: &'a DeTable<'i>, span: Span, place: &'static str) -> Self {
        let mut entries: Vec<_> =
            table.iter().map(|(key, value)| (key.get_ref().as_ref(), key.span(), value)).collect();
        entries.sort_by_key(|(_, span, _)| span.start);
        Fields { entries, span, place }
    }

    /// The value of a key.
    pub(super) fn get(&self, key: &str) -> Option<&'a Value<'i>> {
        self.entries.iter().find(|(known, ..)| *known == key).map(|(.., value)| *value)
    }
}

impl<'s> Reader<'s> {
    /// Notes a problem.
    pub(super) fn note(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// Keeps the value, or notes the problem.
    pub(super) fn keep<T>(&mut self, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|problem| self.note(problem)).ok()
    }

    /// Notes that a value has the wrong type; `expected` is a word that the message translates.
    pub(super) fn wrong_type<T>(
        &mut self,
        key: &str,
        value: &Value<'_>,
        expected: &'static str,
    ) -> Option<T> {
        self.note(
            Problem::new("wrong-type", value.span())
                .text("key", key)
                .text("expected", expected)
                .text("found", value.get_ref().type_str()),
        );
        None
    }

    /// The entries of a table; keys outside of `known` are noted.
    pub(super) fn table<'a, 'i>(
        &mut self,
        key: &str,
        value: &'a Value<'i>,
        place: &'static str,
        known: &[&str],
    ) -> Option<Fields<'a, 'i>> {
        let Some(table) = value.get_ref().as_table() else { return self.wrong_type(key, value, "table") };
        let fields = Fields::new(table, value.span(), place);
        self.unknown_keys(&fields, known);
        Some(fields)
    }

    /// Notes the keys that mean nothing here.
    pub(super) fn unknown_keys(&mut self, fields: &Fields<'_, '_>, known: &[&str]) {
        for (key, span, _) in &fields.entries {
            if !known.contains(key) {
                self.note(
                    Problem::new("unknown-key", span.clone())
                        .text("key", *key)
                        .text("place", fields.place)
                        .choices(key, known.iter().copied()),
                );
            }
        }
    }

    /// The value of a key that must be there.
    pub(super) fn required<'a, 'i>(
        &mut self,
        fields: &Fields<'a, 'i>,
        key: &'static str,
    ) -> Option<&'a Value<'i>> {
        let value = fields.get(key);
        if value.is_none() {
            // A whole table is too much to underline: its first line is enough.
            let text = self.source.get(fields.span.clone()).unwrap_or_default();
            let first_line = text.find('\n').unwrap_or(text.len());
            let span = fields.span.start..fields.span.start + first_line;
            self.note(Problem::new("missing-key", span).text("key", key).text("place", fields.place));
        }
        value
    }

    /// A string.
    pub(super) fn text<'a>(&mut self, key: &str, value: &'a Value<'_>) -> Option<Text<'a>>
    where
        's: 'a,
    {
        match value.get_ref().as_str() {
            Some(text) => Some(Text::new(self.source, text, value.span())),
            None => self.wrong_type(key, value, "string"),
        }
    }

    /// A list, or a single value as a list of one.
    pub(super) fn list<'a, 'i>(value: &'a Value<'i>) -> Vec<&'a Value<'i>> {
        value.get_ref().as_array().map_or_else(|| vec![value], |array| array.iter().collect())
    }

    /// A whole number of at most `max`.
    pub(super) fn integer(&mut self, key: &str, value: &Value<'_>, max: u64) -> Option<u64> {
        let Some(integer) = value.get_ref().as_integer() else {
            return self.wrong_type(key, value, "integer");
        };
        let number = i128::from_str_radix(integer.as_str(), integer.radix()).unwrap_or(i128::MAX);
        let fits = u64::try_from(number).ok().filter(|number| *number <= max);
        if fits.is_none() {
            let found = integer.to_string();
            self.note(Problem::new("bad-number", value.span()).text("found", found).number("max", max));
        }
        fits
    }

    /// A switch.
    pub(super) fn boolean(&mut self, key: &str, value: &Value<'_>) -> Option<bool> {
        value.get_ref().as_bool().or_else(|| self.wrong_type(key, value, "boolean"))
    }

    /// A span of time, such as `"1.5s"`.
    pub(super) fn duration(&mut self, key: &str, value: &Value<'_>) -> Option<Duration> {
        match value.get_ref() {
            DeValue::String(text) => match units::duration(text) {
                Ok(duration) => Some(duration),
                Err(reason) => {
                    self.note(Problem::new(reason.key(), value.span()).text("found", text.to_string()));
                    None
                }
            },
            DeValue::Integer(integer)
                if integer.as_str().trim_start_matches('-').trim_matches('0').is_empty() =>
            {
                Some(Duration::ZERO)
            }
            DeValue::Integer(_) | DeValue::Float(_) => {
                let found = self.source.get(value.span()).unwrap_or_default().to_owned();
                let key = if found.starts_with('-') { "time-negative" } else { "time-without-unit" };
                self.note(Problem::new(key, value.span()).text("found", found));
                None
            }
            _ => self.wrong_type(key, value, "time"),
        }
    }

    /// A chance, as a number from 0 to 1 or a text such as `"20%"`.
    pub(super) fn chance(&mut self, key: &str, value: &Value<'_>) -> Option<f64> {
        let text = match value.get_ref() {
            DeValue::String(text) => text.as_ref(),
            DeValue::Float(float) => float.as_str(),
            DeValue::Integer(integer) => integer.as_str(),
            _ => return self.wrong_type(key, value, "chance"),
        };
        let chance = units::chance(text);
        if chance.is_none() {
            self.note(Problem::new("bad-chance", value.span()).text("found", text));
        }
        chance
    }

    /// A rate, such as `"10Mbit"`.
    pub(super) fn bandwidth(&mut self, key: &str, value: &Value<'_>) -> Option<u64> {
        let text = self.text(key, value)?;
        let bits = units::bandwidth(text.value);
        if bits.is_none() {
            self.note(Problem::new("bad-bandwidth", value.span()).text("found", text.value));
        }
        bits
    }

    /// A text in both languages: `{ en = "…", zh = "…" }`.
    pub(super) fn localized(&mut self, key: &'static str, value: &Value<'_>) -> Option<Localized> {
        if !value.get_ref().is_table() {
            return self.wrong_type(key, value, "localized");
        }
        let fields = self.table(key, value, key, &["en", "zh"])?;
        let mut read = |lang: &'static str| {
            let value = self.required(&fields, lang)?;
            let text = self.text(lang, value)?;
            if text.value.trim().is_empty() {
                self.note(Problem::new("empty-text", value.span()));
            }
            Some(text.value.trim().to_owned())
        };
        let (en, zh) = (read("en"), read("zh"));
        Some(Localized { en: en?, zh: zh? })
    }

    /// One of a few words, by its name.
    pub(super) fn choice<T: Copy>(
        &mut self,
        key: &'static str,
        value: &Value<'_>,
        choices: &[(&'static str, T)],
    ) -> Option<T> {
        let text = self.text(key, value)?;
        let found = choices.iter().find(|(name, _)| *name == text.value).map(|(_, choice)| *choice);
        if found.is_none() {
            self.note(
                Problem::new("unknown-choice", value.span())
                    .text("key", key)
                    .text("found", text.value)
                    .choices(text.value, choices.iter().map(|(name, _)| *name)),
            );
        }
        found
    }
}
