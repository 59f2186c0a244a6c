//! Reads the messages that nearly all are: text and plain variables, each on one line.
//!
//! Fluent's own parser takes longer to get ready for its first message (it asks the processor what it
//! can do) than a short run takes for all of its messages. What is read here is read as Fluent reads
//! it, and everything else is left to Fluent.

use fluent_syntax::ast;

/// The message of this source, or `None` where it is for Fluent to say.
pub(super) fn message(source: &'static str) -> Option<ast::Message<&'static str>> {
    let mut lines = source.lines();
    let (name, text) = named(lines.next()?)?;
    let value = if text.is_empty() { None } else { Some(pattern(text)?) };
    let mut attributes = Vec::new();
    for line in lines.filter(|line| !line.trim_matches(' ').is_empty()) {
        let attribute = line.trim_start_matches(' ').strip_prefix('.').filter(|_| line.starts_with(' '))?;
        let (name, text) = named(attribute)?;
        attributes.push(ast::Attribute { id: ast::Identifier { name }, value: pattern(text)? });
    }
    let is_whole = value.is_some() || !attributes.is_empty();
    is_whole.then_some(ast::Message { id: ast::Identifier { name }, value, attributes, comment: None })
}

/// `name = text`
fn named(line: &'static str) -> Option<(&'static str, &'static str)> {
    let (name, text) = line.split_once('=')?;
    let name = name.trim_end_matches(' ');
    is_name(name).then_some((name, text.trim_matches(' ')))
}

/// Text with `{ $variable }` in it.
fn pattern(text: &'static str) -> Option<ast::Pattern<&'static str>> {
    let mut elements = Vec::new();
    let mut rest = text;
    while let Some((before, from_variable)) = rest.split_once('{') {
        let (inside, after) = from_variable.split_once('}')?;
        let name = inside.trim_matches(' ').strip_prefix('$').filter(|name| is_name(name))?;
        push_text(&mut elements, before)?;
        let id = ast::Identifier { name };
        let expression = ast::Expression::Inline(ast::InlineExpression::VariableReference { id });
        elements.push(ast::PatternElement::Placeable { expression });
        rest = after;
    }
    push_text(&mut elements, rest)?;
    (!elements.is_empty()).then_some(ast::Pattern { elements })
}

/// Appends a piece of text, if there is any; `None` if it is more than text.
fn push_text(elements: &mut Vec<ast::PatternElement<&'static str>>, value: &'static str) -> Option<()> {
    if value.contains(['}', '\r']) {
        return None;
    }
    if !value.is_empty() {
        elements.push(ast::PatternElement::TextElement { value });
    }
    Some(())
}

fn is_name(name: &str) -> bool {
    let rest_fits = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_');
    name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.bytes().all(rest_fits)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::catalog::scan;
    use super::super::{Lang, files};
    use super::*;

    #[test]
    fn plain_messages_are_read_as_fluent_reads_them() {
        let sources = Lang::ALL.into_iter().flat_map(|lang| {
            (0..files::COUNT).flat_map(move |file| scan(files::text(lang, file)).map(|(_, source)| source))
        });
        let odd = [
            "a = b\n",
            "a =  b  \n\n  .c = d \n",
            "a=b {$c}{ $d-e } \n",
            "a = b } c\n",
            "a = { $b",
            "a = { b }\n",
            "a = \n    b\n",
            "a = b\n    c\n",
            "a =\n    .b = c\n",
            "a =\n    .b =\n",
            "a =\n",
            "a = b\n.c = d\n",
            "a = b\r\n",
            "a = { \"{\" }\n",
        ];
        let (mut plain, mut others) = (0, 0);
        for source in sources.chain(odd) {
            let Some(read) = message(source) else {
                others += 1;
                continue;
            };
            plain += 1;
            let resource = fluent_syntax::parser::parse_runtime(source).unwrap();
            assert_eq!(resource.body, [ast::Entry::Message(read)], "{source}");
        }
        assert!(others > 0 && plain > 5 * others, "{plain} plain, {others} for Fluent");
    }
}
