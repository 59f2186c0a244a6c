//! Every text of the demos fits 80 columns with usual values, in both languages.

use handshake::lang::{Catalog, Lang, Message, Value};
use unicode_width::UnicodeWidthStr;

#[test]
fn texts_fit_80_columns() {
    let (mut checked, mut too_wide) = (0, Vec::new());
    for lang in Lang::ALL {
        let catalog = Catalog::new(lang);
        for id in catalog.ids().into_iter().filter(|id| id.starts_with("demo-")) {
            let mut message = Message::new(id.clone());
            // A message made of attributes alone has no text of its own.
            let Ok(variables) = catalog.variables(&id) else { continue };
            for name in variables {
                let value: Value = match name {
                    "address" => "127.0.0.1:49152".into(),
                    "host" => "127.0.0.1".into(),
                    "bytes" | "announced" | "have" | "longest" => 10_000_u32.into(),
                    "reason" => "EIO: I/O error".into(),
                    "name" | "call" | "letters" | "text" | "given" | "demo" => "connect".into(),
                    "option" => "--concurrent".into(),
                    "fits" => "tcp-echo server, tcp-chat server".into(),
                    "file" => "friends.toml".into(),
                    "problem" => "expected a string".into(),
                    _ => 50_u32.into(),
                };
                message = message.with(name, value);
            }
            let text = catalog.try_format(&message).unwrap_or_else(|error| panic!("{error}"));
            // What stands before it: `  -- ` an explanation, two spaces a way out, `error: ` an error.
            let before = match id.as_str() {
                id if id.contains("-why-") || id.contains('.') => 5,
                id if id.contains("-error-") || id.contains("-usage-") => 7,
                _ => 0,
            };
            for line in text.lines() {
                let columns = before + line.width();
                if columns > 80 {
                    too_wide.push(format!("{id} in {lang}: {columns} columns: {line}"));
                }
                checked += 1;
            }
        }
    }
    assert!(too_wide.is_empty(), "{}", too_wide.join("\n"));
    assert!(checked > 200, "only {checked} lines were found");
}
