//! The house rules of `ARCHITECTURE.md`, checked against the sources themselves: the table of
//! floors is read from that file, so that the drawing and the code cannot part.

mod source;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use source::{Source, Token};

use crate::document;

/// The modules that must build without the system.
const CORE: [&str; 9] = ["time", "lang", "rfc", "wire", "tcp", "timeline", "scenario", "analyze", "render"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources_under(directory: &str) -> Vec<Source> {
    let paths = document::rust_files(&root().join(directory));
    assert!(!paths.is_empty(), "no source under {directory}");
    paths.iter().map(|path| Source::read(&root(), path)).collect()
}

/// One row of the table: floor number, and the modules that may be imported.
struct Row {
    floor: u32,
    imports: Vec<String>,
}

/// The table of floors: rows of the form ``| 4 | `scenario` | time wire | …``.
fn floors() -> BTreeMap<String, Row> {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let mut rows = BTreeMap::new();
    for line in text.lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, floor, module, imports, ..] = cells[..] else { continue };
        let Ok(floor) = floor.parse() else { continue };
        let imports = imports.split_whitespace().map(str::to_owned).collect();
        let twice = rows.insert(module.trim_matches('`').to_owned(), Row { floor, imports });
        assert!(twice.is_none(), "{module} stands twice in ARCHITECTURE.md");
    }
    assert!(rows.len() >= 10, "the table of floors in ARCHITECTURE.md was not found");
    rows
}

fn fail_on(complaints: &[String]) {
    assert!(complaints.is_empty(), "{} complaints:\n{}", complaints.len(), complaints.join("\n"));
}

#[test]
fn every_row_lists_only_rows_above_it() {
    let floors = floors();
    let mut complaints = Vec::new();
    for (module, row) in &floors {
        for import in &row.imports {
            match floors.get(import) {
                Some(target) if target.floor < row.floor => {}
                // Of two neighbours on one floor, one may build on the other, but not both.
                Some(target) if target.floor == row.floor && !target.imports.contains(module) => {}
                Some(_) => complaints.push(format!("{module} lists {import}, which is not above it")),
                None => complaints.push(format!("{module} lists {import}, which has no row")),
            }
        }
    }
    fail_on(&complaints);
}

#[test]
fn imports_follow_the_floors() {
    let floors = floors();
    let mut complaints = Vec::new();
    let mut seen = 0;
    for source in sources_under("src") {
        let Some(module) = source.top_module() else {
            if source.path == "src/lib.rs" {
                for (line, name) in source.mentioned_modules(|name| floors.contains_key(name)) {
                    complaints.push(format!("src/lib.rs:{line}: imports {name}; it may only declare"));
                }
            }
            continue;
        };
        let Some(row) = floors.get(&module) else {
            complaints.push(format!("{}: module `{module}` has no row in ARCHITECTURE.md", source.path));
            continue;
        };
        for (line, name) in source.mentioned_modules(|name| floors.contains_key(name)) {
            seen += 1;
            if name != module && !row.imports.contains(&name) {
                complaints.push(format!("{}:{line}: `{module}` must not import `{name}`", source.path));
            }
        }
    }
    assert!(seen > 3, "the reader of imports saw only {seen}");
    fail_on(&complaints);
}

#[test]
fn files_are_short_headed_and_well_named() {
    const BAD_NAMES: [&str; 6] = ["utils", "util", "helpers", "helper", "common", "manager"];
    let mut complaints = Vec::new();
    let mut long = Vec::new();
    for source in sources_under("src").into_iter().chain(sources_under("tests")) {
        let path = &source.path;
        let lines = source.text.lines().count();
        match lines {
            601.. => complaints.push(format!("{path}: {lines} lines, more than 600")),
            401.. => long.push(format!("{path}: {lines} lines")),
            _ => {}
        }
        if !source.text.starts_with("//! ") {
            complaints.push(format!("{path}: has no `//!` header in its first line"));
        }
        let stem = Path::new(path).file_stem().unwrap().to_str().unwrap();
        if BAD_NAMES.contains(&stem) {
            complaints.push(format!("{path}: a module is named after what it is about, not `{stem}`"));
        }
        if stem == "mod" {
            complaints.push(format!("{path}: use `name.rs` beside `name/` instead of `mod.rs`"));
        }
    }
    for line in &long {
        println!("warning: over 400 lines: {line}");
    }
    fail_on(&complaints);
}

#[test]
fn nothing_is_left_to_do_and_unsafe_stays_in_live() {
    let mut complaints = Vec::new();
    for source in sources_under("src") {
        let live = source.top_module().as_deref() == Some("live");
        for pair in source.tokens.windows(2) {
            let Token { text, line } = &pair[0];
            if ["todo", "unimplemented"].contains(&text.as_str()) && pair[1].text == "!" {
                complaints.push(format!("{}:{line}: {text}!", source.path));
            }
            if text == "unsafe" && !live {
                complaints.push(format!("{}:{line}: `unsafe` outside `live`", source.path));
            }
        }
    }
    fail_on(&complaints);
}

#[test]
fn the_core_touches_neither_clock_nor_system_nor_chance() {
    // Paths that would make two runs differ, or that a browser does not have.
    const FORBIDDEN: [&[&str]; 8] = [
        &["std", "::", "fs"],
        &["std", "::", "env"],
        &["std", "::", "process"],
        &["std", "::", "thread"],
        &["std", "::", "time"],
        &["SystemTime"],
        &["RandomState"],
        &["std", "::", "collections", "::", "HashMap"],
    ];
    let mut complaints = Vec::new();
    for source in sources_under("src") {
        let Some(module) = source.top_module() else { continue };
        if !CORE.contains(&module.as_str()) && module != "sim" && module != "explore" {
            continue;
        }
        for path in FORBIDDEN {
            for window in source.tokens.windows(path.len()) {
                if window.iter().map(|token| token.text.as_str()).eq(path.iter().copied()) {
                    complaints.push(format!(
                        "{}:{}: `{}` in the core",
                        source.path,
                        window[0].line,
                        path.concat()
                    ));
                }
            }
        }
    }
    fail_on(&complaints);
}

#[test]
fn main_is_five_lines() {
    let text = fs::read_to_string(root().join("src/main.rs")).unwrap();
    let code = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with("//")).count();
    assert!(code <= 5, "src/main.rs has {code} lines of code");
}
