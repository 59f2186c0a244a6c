//! RFC 9293's 69 MUSTs: each is cited above the branch that obeys it and above a test, or excepted
//! with a reason.
//!
//! A citation is `//= URL#section-…` followed by `//# words of the RFC`; in a test `//= type=test`
//! stands between. The words must be the RFC's, as `docs/rfc9293-musts.toml` has them.

mod calls;
mod closing;
mod probe;
mod receiving;
mod retransmitting;
mod segments;
mod urgent;
mod windows;

use std::collections::BTreeMap;
use std::path::Path;

use crate::document;

#[derive(serde::Deserialize)]
struct List {
    requirement: Vec<Requirement>,
}

#[derive(serde::Deserialize)]
struct Requirement {
    id: u32,
    section: String,
    text: String,
    exception: Option<String>,
}

/// A block of quoted words and where it stands.
struct Citation {
    place: String,
    section: String,
    words: String,
    in_test: bool,
}

fn citations(folder: &str) -> Vec<Citation> {
    let files = document::rust_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
    let mut found: Vec<Citation> = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let mut open = false;
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if let Some(url) = line.strip_prefix("//= https://www.rfc-editor.org/rfc/rfc9293#section-") {
                let place = format!("{}:{}", file.display(), number + 1);
                found.push(Citation { place, section: url.to_owned(), words: String::new(), in_test: false });
                open = true;
            } else if line == "//= type=test" && open {
                found.last_mut().unwrap().in_test = true;
            } else if let (Some(words), true) = (line.strip_prefix("//#"), open) {
                let citation = found.last_mut().unwrap();
                citation.words.push(' ');
                citation.words.push_str(words);
            } else if !line.starts_with("//=") {
                open = false;
            }
        }
    }
    found
}

fn normal(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace("- ", "-")
        .replace("[(", "(")
        .replace(")]", ")")
}

fn requirements() -> Vec<Requirement> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rfc9293-musts.toml");
    let list: List = toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    list.requirement
}

/// The ids that a quotation names, as `(MUST-10)`.
fn ids_in(words: &str) -> Vec<u32> {
    let ids = words.split("(MUST-").skip(1);
    ids.filter_map(|rest| rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()).collect()
}

#[test]
fn every_must_is_obeyed_and_tested_or_excepted_with_a_reason() {
    let requirements = requirements();
    let ids: Vec<u32> = requirements.iter().map(|requirement| requirement.id).collect();
    assert_eq!(ids, (1..=69).collect::<Vec<u32>>());
    let mut cited: BTreeMap<u32, [usize; 2]> = BTreeMap::new();
    for (folder, in_tests) in [("src", false), ("tests", true)] {
        for citation in citations(folder) {
            assert_eq!(
                citation.in_test, in_tests,
                "{}: `//= type=test` stands in tests alone",
                citation.place
            );
            for id in ids_in(&citation.words) {
                cited.entry(id).or_default()[usize::from(in_tests)] += 1;
            }
        }
    }
    let mut problems = Vec::new();
    let mut obeyed = 0;
    for requirement in &requirements {
        let [in_source, in_tests] = cited.get(&requirement.id).copied().unwrap_or_default();
        match (&requirement.exception, in_source > 0, in_tests > 0) {
            (None, true, true) => obeyed += 1,
            (Some(reason), false, false) if reason.len() > 20 => {}
            (exception, ..) => problems.push(format!(
                "MUST-{} ({}): {in_source} citations in src, {in_tests} in tests, exception {exception:?}",
                requirement.id, requirement.section
            )),
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    println!("{obeyed} of 69 obeyed and tested");
    assert!(obeyed >= 60, "only {obeyed}");
}

#[test]
fn quoted_requirements_say_what_the_rfc_says() {
    let requirements = requirements();
    let mut wrong = Vec::new();
    for citation in citations("src").into_iter().chain(citations("tests")) {
        for id in ids_in(&citation.words) {
            let requirement = requirements.iter().find(|r| r.id == id).unwrap_or_else(|| {
                panic!("{}: there is no MUST-{id}", citation.place);
            });
            if requirement.section != citation.section {
                wrong.push(format!("{}: MUST-{id} stands in {}", citation.place, requirement.section));
            }
            let text = normal(&requirement.text);
            for part in normal(&citation.words).split("[...]").map(str::trim) {
                if !text.contains(part) {
                    wrong
                        .push(format!("{}: not the words of MUST-{id}:\n  {part}\n  {text}", citation.place));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
