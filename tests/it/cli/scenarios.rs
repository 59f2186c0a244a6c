//! `list` and `test`: finding scenarios, and what is wrong with one.

use handshake::scenario::{Scenario, builtin};

use super::program::{command, file, finish, run, run_with};

const THREE_WAY: &str = include_str!("../../../scenarios/three-way.toml");

#[test]
fn the_list_names_every_scenario_in_a_group() {
    let bare = run("");
    assert_eq!(bare.fine().stdout, run("list").fine().stdout);
    let more = bare.stdout.split_once("\nMore\n").map_or("", |(_, more)| more);
    assert_eq!(more, "", "scenarios that stand in no group of src/cli/list.rs");
    let chinese = run("list --lang zh").stdout;
    for (name, text) in builtin() {
        let scenario = Scenario::parse(name, text).unwrap();
        let line = |title: &str| bare.stdout.lines().any(|line| line.contains(name) && line.contains(title));
        assert!(line(&scenario.title.en), "{name} is not listed");
        assert!(chinese.contains(&scenario.title.zh), "{name} is not listed in Chinese");
    }
    for line in bare.stdout.lines().chain(chinese.lines()) {
        assert!(unicode_width::UnicodeWidthStr::width(line) <= 80, "{line}");
    }
    let json = run("list --format json");
    assert_eq!(json.fine().stdout.lines().count(), builtin().len());
}

#[test]
fn every_built_in_scenario_is_as_expected() {
    let ran = run("test");
    ran.fine();
    let sum = format!("{0} of {0} as expected.\n", builtin().len());
    assert!(ran.stdout.ends_with(&sum), "{}", ran.stdout);
}

#[test]
fn a_difference_is_pointed_at_and_exits_1() {
    let (_guard, path) = file("later.toml", THREE_WAY.replace("at=11ms", "at=12ms").as_bytes());
    let ran = run_with("test", &path);
    ran.code(1);
    assert_eq!(ran.stderr, "");
    for part in ["DIFFERS  later", "later.toml:", "at=12ms", "0 of 1 as expected."] {
        assert!(ran.stdout.contains(part), "no {part:?} in:\n{}", ran.stdout);
    }
    let json = run_with("test --format json", &path);
    let record: serde_json::Value = serde_json::from_str(json.code(1).stdout.trim()).unwrap();
    assert_eq!(record["as_expected"], false);
    let line = THREE_WAY.lines().position(|line| line.contains("at=11ms")).unwrap() + 1;
    assert_eq!(record["differences"][0]["line"], line);
}

#[test]
fn a_fault_that_never_matched_is_a_difference() {
    let dead = format!("{THREE_WAY}\n[[fault]]\nmatch = \"client FIN #1\"\nact = \"lose\"\n");
    let (_guard, path) = file("dead.toml", dead.as_bytes());
    let ran = run_with("test", &path);
    ran.code(1);
    assert!(ran.stdout.contains("never touched a packet"), "{}", ran.stdout);
}

#[test]
fn a_typo_is_pointed_at_in_both_languages_and_exits_2() {
    let (_guard, path) = file("typo.toml", THREE_WAY.replace("profile =", "profil =").as_bytes());
    for command in ["run", "test"] {
        let ran = run_with(command, &path);
        ran.failed(2, &["typo.toml:3:1", "profil = ", "Did you mean “profile”?"]);
        run_with(&format!("{command} --lang zh"), &path).failed(2, &["typo.toml:3:1", "是不是想写“profile”"]);
    }
    let ascii = finish(command("test").arg(&path).env("LC_ALL", "C"));
    assert!(ascii.stderr.is_ascii(), "{}", ascii.stderr);
}

#[test]
fn an_unknown_name_suggests_near_ones() {
    for command in ["run", "test"] {
        run(&format!("{command} three-wey")).failed(2, &["\"three-wey\"", "Did you mean three-way"]);
        run(&format!("{command} zzzz")).failed(2, &["\"zzzz\"", "handshake list", "./zzzz.toml"]);
        run(&format!("{command} zzzz --lang zh")).failed(2, &["没有“zzzz”这个场景"]);
        run(&format!("{command} no/such.toml")).failed(2, &["no/such.toml", "no such file"]);
        run(&format!("{command} src")).failed(2, &["src is a directory"]);
        run(&format!("{command} tests/data/loopback.pcap"))
            .failed(2, &["not text", "handshake read tests/data"]);
    }
}
