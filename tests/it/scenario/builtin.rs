//! Every built-in scenario keeps its word.

use std::collections::BTreeSet;

use handshake::lang::Lang;
use handshake::scenario::{Scenario, builtin, check};
use handshake::sim;

fn parse(name: &str, text: &str) -> Scenario {
    Scenario::parse(name, text).unwrap_or_else(|refused| panic!("{name}: {:?}", refused.problems()))
}

#[test]
fn every_scenario_does_what_it_expects() {
    let mut complaints = Vec::new();
    for (name, text) in builtin() {
        let scenario = parse(name, text);
        let run = sim::run(&scenario, &sim::Options::default()).unwrap();
        let mut problems = run.problems;
        problems.extend(check(&scenario, &run.timeline));
        for problem in problems {
            let line = text[..problem.span.start].lines().count();
            complaints.push(format!("{name}.toml:{line}: {} {:?}", problem.key, problem.args));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn every_scenario_expects_something() {
    for (name, text) in builtin() {
        let expect = parse(name, text).expect;
        assert!(expect.segments.is_some(), "{name} says nothing about its segments");
        assert!(
            !(expect.states.is_empty() && expect.rules.is_empty() && expect.delivered.is_empty()),
            "{name} expects only segments"
        );
    }
}

#[test]
fn every_file_is_built_in() {
    let files: BTreeSet<String> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios"))
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    let known: BTreeSet<String> = builtin().iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(files, known);
}

#[test]
fn every_scenario_teaches_in_both_languages() {
    let is_chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    for (name, text) in builtin() {
        let scenario = parse(name, text);
        assert!(!scenario.teaches.is_empty(), "{name} teaches nothing");
        for localized in [&scenario.title, &scenario.notes] {
            assert!(!localized.get(Lang::En).contains(is_chinese), "{name}: Chinese in the English text");
            assert!(localized.get(Lang::Zh).contains(is_chinese), "{name}: no Chinese in the Chinese text");
        }
        assert!(scenario.title.en.chars().count() <= 60, "{name}: the title is too long for a list");
        assert!(scenario.title.zh.chars().count() <= 30, "{name}: the Chinese title is too long for a list");
    }
}

/// Each of the 55 questions of the bank.
#[test]
fn the_interview_questions_have_their_scenarios() {
    let asked: BTreeSet<u32> =
        builtin().iter().flat_map(|(name, text)| parse(name, text).questions().collect::<Vec<_>>()).collect();
    let missing: Vec<u32> = (1..=55).filter(|number| !asked.contains(number)).collect();
    assert!(missing.is_empty(), "no scenario teaches {missing:?}");
}
