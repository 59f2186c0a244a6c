//! Scenario files: what is read, what is refused and how it is pointed at, what is expected.

mod builtin;
mod errors;
mod expectations;
mod reading;

use handshake::lang::Lang;
use handshake::scenario::{Diagnostic, Scenario};

/// A scenario around the given lines, with a client and a server.
fn scenario_text(rest: &str) -> String {
    let head = r#"title = { en = "A test", zh = "测试" }
notes = { en = "Nothing to learn.", zh = "没有要学的。" }
profile = "classic"
"#;
    let hosts = r#"[hosts]
client = { addr = "10.0.0.1", isn = 1000 }
server = { addr = "10.0.0.2", isn = 5000 }
"#;
    let first_table =
        if rest.starts_with('[') { 0 } else { rest.find("\n[").map_or(rest.len(), |at| at + 1) };
    let (top, tables) = rest.split_at(first_table);
    format!("{head}{top}{hosts}{tables}")
}

fn parse(rest: &str) -> Scenario {
    Scenario::parse("test", &scenario_text(rest)).unwrap_or_else(|refused| panic!("{:?}", refused.problems()))
}

/// What a person sees, without colours and frames.
fn shown(diagnostic: Diagnostic, lang: Lang) -> String {
    let mut text = String::new();
    miette::NarratableReportHandler::new()
        .with_context_lines(0)
        .render_report(&mut text, &diagnostic.in_lang(lang))
        .unwrap();
    text
}
