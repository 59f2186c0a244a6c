//! One language's messages, found and parsed only when they are asked for.
//!
//! A short run prints a few dozen of many hundred messages, so a file is not parsed as a whole: a
//! scan finds where each message stands, and Fluent's parser sees a message when it is first used.
//! Patterns of text and plain variables, which is nearly all of them, are written directly; those
//! with selectors go through Fluent's resolver. Messages do not refer to each other.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::OnceLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use fluent_syntax::ast;

use super::{Lang, Message, Value, escape, files, plain};

/// The messages of one language.
pub struct Catalog {
    lang: Lang,
    files: [OnceLock<Index>; files::COUNT],
    resolver: OnceLock<FluentBundle<FluentResource>>,
}

type Pattern = ast::Pattern<&'static str>;
/// The messages of a file, sorted by id.
type Index = Vec<Entry>;

struct Entry {
    id: &'static str,
    source: &'static str,
    parsed: OnceLock<Option<Box<ast::Message<&'static str>>>>,
}

/// Why a message could not be written whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// No file of the language has this message, or the message lacks this attribute.
    #[error("no message {id:?} in language {lang}")]
    NoMessage {
        /// The id asked for.
        id: String,
        /// The language searched.
        lang: Lang,
    },
    /// The message uses a variable that it was not given, or is not valid Fluent.
    #[error("message {id:?} in language {lang}: {problem}")]
    BadMessage {
        /// The message's id.
        id: String,
        /// Its language.
        lang: Lang,
        /// What is wrong, in Fluent's words.
        problem: String,
    },
}

impl Catalog {
    /// The messages of `lang`. Nothing is read yet.
    pub fn new(lang: Lang) -> Self {
        Catalog { lang, files: [const { OnceLock::new() }; files::COUNT], resolver: OnceLock::new() }
    }

    /// The language.
    pub fn lang(&self) -> Lang {
        self.lang
    }

    /// The message in this language. An attribute (`id.attribute`) that is not there gives the
    /// message's own text; a message that is not there gives its id, so that the gap is seen.
    pub fn format(&self, message: &Message) -> String {
        let mut out = String::new();
        if self.write(&mut out, message).is_ok() {
            return out;
        }
        if out.is_empty()
            && let Some((id, _)) = message.id.split_once('.')
            && self.write_pattern(&mut out, id, None, &message.args).is_ok()
        {
            return out;
        }
        if out.is_empty() { format!("⟦{}⟧", escape(&message.id)) } else { out }
    }

    /// The message with this id, which needs no values.
    pub fn text(&self, id: &str) -> String {
        self.format(&Message { id: Cow::Owned(id.to_owned()), args: Vec::new() })
    }

    /// The message in this language, without any fallback.
    ///
    /// # Errors
    /// When there is no such message or attribute, or a variable lacks its value.
    pub fn try_format(&self, message: &Message) -> Result<String, FormatError> {
        let mut out = String::new();
        self.write(&mut out, message)?;
        Ok(out)
    }

    /// Appends the message to `out`, without any fallback.
    ///
    /// # Errors
    /// As [`try_format`](Self::try_format); then `out` holds as much as could be written.
    pub fn write(&self, out: &mut String, message: &Message) -> Result<(), FormatError> {
        let (id, attribute) = split_id(&message.id);
        self.write_pattern(out, id, attribute, &message.args)
    }

    /// Whether there is a message, or attribute of a message, with this id.
    pub fn has(&self, id: &str) -> bool {
        let (id, attribute) = split_id(id);
        self.pattern(id, attribute).is_ok()
    }

    /// The ids of all messages and of their attributes (`id.attribute`), file by file, in the order
    /// of the files. Reads everything: for tests and tools.
    pub fn ids(&self) -> Vec<String> {
        let mut ids = Vec::new();
        for (file, index) in (0..files::COUNT).filter_map(|file| Some((file, self.index(file)?))) {
            for (id, _) in scan(files::text(self.lang, file)) {
                let message = find(index, id).and_then(Entry::message);
                ids.push(id.to_owned());
                let attributes = message.iter().flat_map(|message| &message.attributes);
                ids.extend(attributes.map(|attribute| format!("{id}.{}", attribute.id.name)));
            }
        }
        ids
    }

    /// The variables that a message or attribute uses, sorted, each once.
    ///
    /// # Errors
    /// When there is no such message or it is not valid Fluent.
    pub fn variables(&self, id: &str) -> Result<Vec<&'static str>, FormatError> {
        let (id, attribute) = split_id(id);
        let mut names = Vec::new();
        collect_variables(self.pattern(id, attribute)?, &mut names);
        names.sort_unstable();
        names.dedup();
        Ok(names)
    }

    /// The id as it stands in the language files, for keeping without a copy; `None` when unknown.
    pub fn known_id(&self, id: &str) -> Option<&'static str> {
        self.entry(id).map(|entry| entry.id)
    }

    fn index(&self, file: usize) -> Option<&Index> {
        let slot = self.files.get(file)?;
        Some(slot.get_or_init(|| {
            let found = scan(files::text(self.lang, file));
            let mut index: Index =
                found.map(|(id, source)| Entry { id, source, parsed: OnceLock::new() }).collect();
            index.sort_unstable_by_key(|entry| entry.id);
            index
        }))
    }

    fn entry(&self, id: &str) -> Option<&Entry> {
        let find = |file| find(self.index(file)?, id);
        files::likely(id).and_then(find).or_else(|| (0..files::COUNT).find_map(find))
    }

    fn pattern(&self, id: &str, attribute: Option<&str>) -> Result<&Pattern, FormatError> {
        let full = || attribute.map_or_else(|| id.to_owned(), |attribute| format!("{id}.{attribute}"));
        let missing = || FormatError::NoMessage { id: full(), lang: self.lang };
        let entry = self.entry(id).ok_or_else(missing)?;
        let message = entry.message().ok_or_else(|| FormatError::BadMessage {
            id: full(),
            lang: self.lang,
            problem: "not valid Fluent".to_owned(),
        })?;
        match attribute {
            None => message.value.as_ref(),
            Some(name) => {
                message.attributes.iter().find(|known| known.id.name == name).map(|known| &known.value)
            }
        }
        .ok_or_else(missing)
    }

    fn write_pattern(
        &self,
        out: &mut String,
        id: &str,
        attribute: Option<&str>,
        args: &[(Cow<'static, str>, Value)],
    ) -> Result<(), FormatError> {
        let pattern = self.pattern(id, attribute)?;
        let problem = if is_plain(pattern) {
            write_plain(out, pattern, args)
        } else {
            self.resolve(out, pattern, args)
        };
        problem.map_or(Ok(()), |problem| {
            Err(FormatError::BadMessage { id: id.to_owned(), lang: self.lang, problem })
        })
    }

    fn resolve(
        &self,
        out: &mut String,
        pattern: &Pattern,
        args: &[(Cow<'static, str>, Value)],
    ) -> Option<String> {
        let resolver = self.resolver.get_or_init(|| {
            let tag = match self.lang {
                Lang::En => unic_langid::LanguageIdentifier::from_bytes(b"en"),
                Lang::Zh => unic_langid::LanguageIdentifier::from_bytes(b"zh-CN"),
            };
            let mut bundle = FluentBundle::new_concurrent(vec![tag.unwrap_or_default()]);
            bundle.set_use_isolating(false);
            bundle
        });
        let mut values = FluentArgs::with_capacity(args.len());
        for (name, value) in args {
            values.set(
                name.clone(),
                match value {
                    Value::Number(number) => FluentValue::from(*number),
                    Value::Text(text) => FluentValue::from(escape(text)),
                    Value::Verbatim(text) => FluentValue::from(&**text),
                },
            );
        }
        let mut errors = Vec::new();
        out.push_str(&resolver.format_pattern(pattern, Some(&values), &mut errors));
        errors.first().map(ToString::to_string)
    }
}

impl Entry {
    fn message(&self) -> Option<&ast::Message<&'static str>> {
        let parse = || {
            if let Some(message) = plain::message(self.source) {
                return Some(Box::new(message));
            }
            let resource = fluent_syntax::parser::parse_runtime(self.source).ok()?;
            resource.body.into_iter().find_map(|entry| match entry {
                ast::Entry::Message(message) => Some(Box::new(message)),
                _ => None,
            })
        };
        self.parsed.get_or_init(parse).as_deref()
    }
}

fn find<'a>(index: &'a Index, id: &str) -> Option<&'a Entry> {
    let place = index.binary_search_by_key(&id, |entry| entry.id).ok()?;
    index.get(place)
}

fn split_id(id: &str) -> (&str, Option<&str>) {
    id.split_once('.').map_or((id, None), |(id, attribute)| (id, Some(attribute)))
}

/// The messages of a file: id and source. A message begins with a letter in the first column and
/// ends before the next line that has anything but white space or a closing brace there.
pub(super) fn scan(text: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let begins =
        |line: &str| line.bytes().next().is_some_and(|first| !first.is_ascii_whitespace() && first != b'}');
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let mut end = 0;
            // Up to the next line that begins something, which the first line does itself.
            while end < rest.len() && (end == 0 || !begins(&rest[end..])) {
                end += rest[end..].find('\n').map_or(rest.len() - end, |newline| newline + 1);
            }
            let (source, after) = rest.split_at_checked(end).filter(|(source, _)| !source.is_empty())?;
            rest = after;
            let is_id = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_');
            let id_len = source.bytes().position(|octet| !is_id(octet));
            if source.starts_with(|c: char| c.is_ascii_alphabetic())
                && let Some(id) = id_len.and_then(|len| source.get(..len))
            {
                return Some((id, source));
            }
        }
    })
}

fn is_plain(pattern: &Pattern) -> bool {
    pattern.elements.iter().all(|element| {
        matches!(
            element,
            ast::PatternElement::TextElement { .. }
                | ast::PatternElement::Placeable {
                    expression: ast::Expression::Inline(
                        ast::InlineExpression::VariableReference { .. }
                            | ast::InlineExpression::StringLiteral { .. }
                    )
                }
        )
    })
}

/// Writes a plain pattern; tells of the first variable without a value, written as `{$name}`.
fn write_plain(out: &mut String, pattern: &Pattern, args: &[(Cow<'static, str>, Value)]) -> Option<String> {
    let mut problem = None;
    for element in &pattern.elements {
        match element {
            ast::PatternElement::TextElement { value } => out.push_str(value),
            ast::PatternElement::Placeable { expression: ast::Expression::Inline(inline) } => match inline {
                ast::InlineExpression::StringLiteral { value } => {
                    fluent_syntax::unicode::unescape_unicode(out, value).ok()?;
                }
                ast::InlineExpression::VariableReference { id } => {
                    match args.iter().find(|(name, _)| name == id.name) {
                        Some((_, Value::Number(number))) => {
                            let _ = write!(out, "{number}");
                        }
                        Some((_, Value::Text(text))) => out.push_str(&escape(text)),
                        Some((_, Value::Verbatim(text))) => out.push_str(text),
                        None => {
                            let _ = write!(out, "{{${}}}", id.name);
                            problem.get_or_insert_with(|| format!("no value for ${}", id.name));
                        }
                    }
                }
                _ => {}
            },
            ast::PatternElement::Placeable { .. } => {}
        }
    }
    problem
}

fn collect_variables(pattern: &Pattern, names: &mut Vec<&'static str>) {
    for element in &pattern.elements {
        if let ast::PatternElement::Placeable { expression } = element {
            collect_from_expression(expression, names);
        }
    }
}

fn collect_from_expression(expression: &ast::Expression<&'static str>, names: &mut Vec<&'static str>) {
    match expression {
        ast::Expression::Inline(inline) => collect_from_inline(inline, names),
        ast::Expression::Select { selector, variants } => {
            collect_from_inline(selector, names);
            for variant in variants {
                collect_variables(&variant.value, names);
            }
        }
    }
}

fn collect_from_inline(inline: &ast::InlineExpression<&'static str>, names: &mut Vec<&'static str>) {
    match inline {
        ast::InlineExpression::VariableReference { id } => names.push(id.name),
        ast::InlineExpression::Placeable { expression } => collect_from_expression(expression, names),
        ast::InlineExpression::FunctionReference { arguments, .. } => {
            for argument in &arguments.positional {
                collect_from_inline(argument, names);
            }
        }
        _ => {}
    }
}
