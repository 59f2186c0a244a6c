//! Every mistake is pointed at: file, line and column, what was found, and the way out, in both languages.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use handshake::lang::{Catalog, Lang};
use handshake::scenario::{Scenario, check};
use handshake::sim;

use super::{scenario_text, shown};

/// A step that makes a scenario complete.
const STEP: &str = "[[script]]\ndo = \"server listen 80\"\n";

fn refused(text: &str) -> String {
    let refused = Scenario::parse("lesson", text).expect_err("this scenario has a mistake");
    let english = shown(refused, Lang::En);
    let refused = Scenario::parse("lesson", text).expect_err("the same mistake");
    let chinese = shown(refused, Lang::Zh);
    assert!(!english.contains('⟦') && !chinese.contains('⟦'), "a message is missing:\n{english}{chinese}");
    format!("{english}\n{chinese}")
}

/// Every mistake a file can have, one by one.
const MISTAKES: &[(&str, &str)] = &[
    ("not-toml", "[link\ndelay = \"1ms\"\n"),
    ("unknown-key", "[link]\ndelai = \"1ms\"\n"),
    ("unknown-key-top", "sead = 1\n"),
    ("wrong-type", "[link]\ndelay = true\n"),
    ("wrong-type-list", "[expect]\nsegments = \"client SYN\"\n"),
    ("time-without-unit", "[link]\ndelay = 10\n"),
    ("time-negative", "[[script]]\nat = \"-5ms\"\ndo = \"client connect server:80\"\n"),
    ("time-unknown-unit", "[[script]]\nat = \"5sec\"\ndo = \"client connect server:80\"\n"),
    ("time-not-a-number", "[[script]]\nat = \"soon\"\ndo = \"client connect server:80\"\n"),
    ("time-too-long", "[[script]]\nat = \"9999999h\"\ndo = \"client connect server:80\"\n"),
    ("after-the-end", "until = \"1s\"\n[[script]]\nat = \"2s\"\ndo = \"client connect server:80\"\n"),
    (
        "two-triggers",
        "[[script]]\nat = \"2s\"\nwhen = \"server LISTEN\"\ndo = \"client connect server:80\"\n",
    ),
    ("bad-chance", "[link]\nloss = 1.5\n"),
    ("bad-bandwidth", "[link]\nbandwidth = \"fast\"\n"),
    ("unknown-profile", "variant = \"three_way\"\n"),
    ("bad-topic", "teaches = [\"question 11\"]\n"),
    ("unknown-host", "[[script]]\ndo = \"cleint connect server:80\"\n"),
    ("host-missing", "[[script]]\ndo = \"connect server:80\"\n"),
    ("unknown-verb", "[[script]]\ndo = \"client conect server:80\"\n"),
    ("unknown-target", "[[script]]\ndo = \"client connect sever:80\"\n"),
    ("port-missing", "[[script]]\ndo = \"client connect server\"\n"),
    ("bad-port", "[[script]]\ndo = \"server listen 80000\"\n"),
    ("word-missing", "[[script]]\ndo = \"client send\"\n"),
    ("word-left-over", "[[script]]\ndo = \"client close please\"\n"),
    ("bad-payload", "[[script]]\ndo = \"client send hello\"\n"),
    ("unclosed-quote", "[[script]]\ndo = \"client send 'hello\"\n"),
    ("unknown-socket", "[[script]]\ndo = [\"client c1 connect server:80\", \"client c2 close\"]\n"),
    ("bad-socket-name", "[[script]]\ndo = \"client c/1 connect server:80\"\n"),
    ("unknown-option", "[[script]]\ndo = \"client set nodeley on\"\n"),
    ("unknown-word", "[[script]]\ndo = \"client shutdown writing\"\n"),
    ("bad-direction", "[[script]]\ndo = \"inject client RST seq=1\"\n"),
    ("unknown-flags", "[[script]]\ndo = \"inject client>server RTS seq=1\"\n"),
    ("unknown-variable", "[[script]]\ndo = \"inject client>server RST seq=server.rcv_next\"\n"),
    ("bad-sequence-number", "[[script]]\ndo = \"inject client>server RST seq=many\"\n"),
    ("unknown-fault", "[[script]]\ndo = \"release old\"\n"),
    ("empty-text", "[[script]]\ndo = \"\"\n"),
    ("unknown-packet-word", "[[fault]]\nmatch = \"client SIN\"\nact = \"lose\"\n"),
    ("unknown-condition", "[[fault]]\nmatch = \"client SYN sek=1\"\nact = \"lose\"\n"),
    ("second-kind", "[[fault]]\nmatch = \"client SYN ACK\"\nact = \"lose\"\n"),
    ("bad-count", "[[fault]]\nmatch = \"client SYN #0\"\nact = \"lose\"\n"),
    ("unknown-act", "[[fault]]\nmatch = \"client SYN\"\nact = \"loose\"\n"),
    ("missing-act", "[[fault]]\nmatch = \"client SYN\"\n"),
    (
        "until-before-from",
        "[[fault]]\nmatch = \"client SYN\"\nact = \"lose\"\nfrom = \"2s\"\nuntil = \"1s\"\n",
    ),
    ("unknown-condition-word", "[[script]]\nwhen = \"server ESTABLISHD\"\ndo = \"server close\"\n"),
    ("unknown-expectation", "[expect]\nclinet = [\"SYN-SENT\"]\n"),
    ("unknown-state", "[expect]\nclient = [\"SYN-SEND\"]\n"),
    ("unknown-call", "[expect]\nreturns = [\"client conect ok\"]\n"),
    ("unknown-outcome", "[expect]\nreturns = [\"client connect ECONREFUSED\"]\n"),
    ("unknown-rule", "[expect]\nrules = [\"client syn-time-out\"]\n"),
    ("count-in-list", "[expect]\nsegments = [\"client SYN #2\"]\n"),
];

#[test]
fn every_mistake_is_pointed_at() {
    let mut all = String::new();
    for (name, rest) in MISTAKES {
        let rest = if rest.contains("[[script]]") { (*rest).to_owned() } else { format!("{rest}{STEP}") };
        let _ = writeln!(all, "=== {name}\n{}", refused(&scenario_text(&rest)));
    }
    insta::assert_snapshot!(all);
}

#[test]
fn mistakes_about_hosts_are_pointed_at() {
    let texts = [
        ("address-taken", "a = \"10.0.0.1\"\nb = \"10.0.0.1\"\n"),
        ("bad-address", "a = \"10.0.0.256\"\n"),
        ("bad-host-name", "any = \"10.0.0.1\"\n"),
        ("missing-addr", "a = { isn = 1 }\n"),
        ("bad-isn", "a = { addr = \"10.0.0.1\", isn = 4294967296 }\n"),
        ("unknown-setting", "a = { addr = \"10.0.0.1\", recieve_buffer = 1 }\n"),
        ("number-too-small", "a = { addr = \"10.0.0.1\", receive_buffer = 0 }\n"),
        ("no-hosts", ""),
        ("twice", "a = \"10.0.0.1\"\na = \"10.0.0.2\"\n"),
    ];
    let mut all = String::new();
    for (name, hosts) in texts {
        let text = format!(
            "title = {{ en = \"A test\", zh = \"测试\" }}\nnotes = {{ en = \"x\", zh = \"x\" }}\n[hosts]\n{hosts}[[script]]\ndo = \"a listen 80\"\n"
        );
        let _ = writeln!(all, "=== {name}\n{}", refused(&text));
    }
    let mixed = "title = { en = \"A test\", zh = \"测试\" }\nnotes = { en = \"x\", zh = \"x\" }\n[hosts]\na = \"10.0.0.1\"\nb = \"fd00::1\"\n[[script]]\ndo = \"a connect b:80\"\n";
    let _ = writeln!(all, "=== no-common-family\n{}", refused(mixed));
    insta::assert_snapshot!(all);
}

#[test]
fn all_mistakes_of_a_file_are_told_at_once_in_its_order() {
    let text = "title = { en = \"A test\" }\n[hosts]\nclient = \"10.0.0.1\"\n[link]\nloss = 2\n[[script]]\ndo = \"client conect x:80\"\n";
    let refused = Scenario::parse("lesson", text).unwrap_err();
    let keys: Vec<&str> = refused.problems().iter().map(|problem| problem.key).collect();
    assert_eq!(keys, ["missing-key", "missing-key", "bad-chance", "unknown-verb"]);
}

#[test]
fn an_empty_file_is_told_what_it_lacks() {
    let refused = Scenario::parse("empty", "").unwrap_err();
    let keys: BTreeSet<&str> = refused.problems().iter().map(|problem| problem.key).collect();
    assert_eq!(keys, BTreeSet::from(["missing-key"]));
    assert!(shown(refused, Lang::En).contains("title"));
}

#[test]
fn a_caret_finds_its_word_behind_escapes_and_chinese() {
    let rest = "[[script]]\ndo = \"client send '\\u4f60\\t好' extra\"\n";
    let text = scenario_text(rest);
    let refused = Scenario::parse("lesson", &text).unwrap_err();
    assert_eq!(&text[refused.problems()[0].span.clone()], "extra");
}

#[test]
fn what_is_said_in_vain_is_pointed_at_after_a_run() {
    let text = scenario_text(
        r#"[[script]]
do = ["server listen 80", "client connect server:80"]
[[script]]
when = "server CLOSE-WAIT"
do = "server close"
[[script]]
do = "server accept as x"
[[script]]
do = "server x recv"
[[script]]
after = "1s"
do = "client close"
[[fault]]
match = "client SYN #3"
act = "lose"
[[fault]]
match = "server RST"
act = "delay 1s"
"#,
    );
    let scenario = Scenario::parse("lesson", &text).unwrap();
    let run = sim::run(&scenario, &sim::Options::default()).unwrap();
    let mut all = String::new();
    for lang in Lang::ALL {
        let diagnostic = scenario.diagnostic(run.problems.clone()).unwrap();
        all.push_str(&shown(diagnostic, lang));
    }
    insta::assert_snapshot!(all);
}

#[test]
fn every_difference_is_pointed_at() {
    let text = scenario_text(
        r#"[[script]]
do = ["server listen 80", "server accept", "server recv"]
[[script]]
at = "1ms"
do = ["client connect server:80", "client send 'hello'"]
[expect]
client = ["SYN-SENT", "ESTABLISHED", "FIN-WAIT-1"]
server = ["LISTEN"]
segments = ["client SYN", "server SYN,ACK seq=+1", "..."]
returns = ["client connect ECONNREFUSED", "server recv end"]
delivered = { server = "hallo", client = 3 }
rules = ["server syn-challenged"]
"#,
    );
    let mut all = String::new();
    let more = [
        "segments = [\"client SYN\", \"server SYN,ACK\", \"client ACK\", \"client data\"]",
        "segments = [\"client SYN\", \"server SYN,ACK\", \"client ACK\", \"client data\", \"server ACK\", \"client FIN\"]",
        "segments = [\"client SYN lost\", \"...\"]",
        "segments = [\"client SYN at=5ms\", \"...\"]",
    ];
    let first_line = text.lines().find(|line| line.starts_with("segments")).unwrap();
    let variants =
        std::iter::once(text.clone()).chain(more.iter().map(|line| text.replace(first_line, line)));
    for (index, text) in variants.enumerate() {
        let scenario = Scenario::parse("lesson", &text).unwrap();
        let run = sim::run(&scenario, &sim::Options::default()).unwrap();
        let mut differences = check(&scenario, &run.timeline);
        if index > 0 {
            differences.retain(|difference| difference.key.starts_with("segment"));
        }
        for lang in Lang::ALL {
            let diagnostic = scenario.diagnostic(differences.clone()).unwrap();
            all.push_str(&shown(diagnostic, lang));
        }
    }
    insta::assert_snapshot!(all);
}

/// No problem can be told without its three texts: the sources are searched for the keys.
#[test]
fn every_problem_has_its_texts() {
    let mut keys = BTreeSet::new();
    for source in sources("src/scenario").into_iter().chain(sources("src/sim")) {
        for part in source.split("Problem::new(\"").skip(1) {
            keys.insert(part.split('"').next().unwrap().to_owned());
        }
        for part in source.split("=> \"time-").skip(1) {
            keys.insert(format!("time-{}", part.split('"').next().unwrap()));
        }
    }
    // These are chosen between by what was found.
    for key in ["states", "segment"] {
        keys.extend(["differs", "missing", "extra"].map(|end| format!("{key}-{end}")));
    }
    keys.remove("states-differs");
    keys.extend(["states-differ", "dead-fault", "dead-fault-count"].map(ToOwned::to_owned));
    assert!(keys.len() > 50, "the keys were not found: {keys:?}");
    for lang in Lang::ALL {
        let catalog = Catalog::new(lang);
        for key in &keys {
            for part in ["", ".label", ".help"] {
                assert!(catalog.has(&format!("scenario-{key}{part}")), "{lang}: scenario-{key}{part}");
            }
        }
    }
}

/// The sources below a directory.
fn sources(directory: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(directory)];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            found.push(std::fs::read_to_string(path).unwrap());
        }
    }
    found
}
