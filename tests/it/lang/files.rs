//! English and Chinese are equal: the same messages, with the same variables, all valid.

use std::collections::BTreeSet;

use handshake::lang::{Catalog, FormatError, Lang, Message};
use handshake::tcp::Rule;
use handshake::wire::Defect;

#[test]
fn both_languages_have_the_same_messages() {
    let [en, zh] = Lang::ALL.map(|lang| Catalog::new(lang).ids().into_iter().collect::<BTreeSet<_>>());
    let only = |these: &BTreeSet<String>, those: &BTreeSet<String>| -> Vec<String> {
        these.difference(those).cloned().collect()
    };
    assert_eq!(only(&en, &zh), Vec::<String>::new(), "only in English");
    assert_eq!(only(&zh, &en), Vec::<String>::new(), "only in Chinese");
}

#[test]
fn no_message_stands_twice() {
    for lang in Lang::ALL {
        let mut seen = BTreeSet::new();
        for id in Catalog::new(lang).ids() {
            assert!(seen.insert(id.clone()), "{id} stands twice in {lang}");
        }
    }
}

#[test]
fn both_languages_use_the_same_variables() {
    let [en, zh] = Lang::ALL.map(Catalog::new);
    for id in en.ids() {
        // A message may consist of attributes alone.
        let variables = |catalog: &Catalog| match catalog.variables(&id) {
            Err(FormatError::NoMessage { .. }) => None,
            found => Some(found.unwrap_or_else(|error| panic!("{error}"))),
        };
        assert_eq!(variables(&en), variables(&zh), "variables of {id}");
    }
}

#[test]
fn every_defect_has_its_words() {
    for lang in Lang::ALL {
        let catalog = Catalog::new(lang);
        for defect in Defect::ALL {
            let text = catalog.try_format(&Message::new(format!("defect-{}", defect.key())));
            assert!(text.is_ok_and(|text| text.len() > 10), "defect-{} in {lang}", defect.key());
        }
    }
}

#[test]
fn chinese_texts_are_chinese_and_english_texts_are_not() {
    let is_chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    for prefix in ["rule-", "defect-", "segment-"] {
        let (en, zh) = (Catalog::new(Lang::En), Catalog::new(Lang::Zh));
        for id in en.ids().iter().filter(|id| id.starts_with(prefix)) {
            assert!(zh.format(&Message::new(id.clone())).contains(is_chinese), "{id} is not Chinese");
            assert!(!en.format(&Message::new(id.clone())).contains(is_chinese), "{id} is Chinese");
        }
    }
}

#[test]
fn a_gap_is_seen() {
    let catalog = Catalog::new(Lang::En);
    assert_eq!(catalog.text("no-such-message"), "⟦no-such-message⟧");
    let missing = catalog.try_format(&Message::new("no-such-message"));
    assert_eq!(
        missing.unwrap_err(),
        FormatError::NoMessage { id: "no-such-message".to_owned(), lang: Lang::En }
    );
    assert!(catalog.try_format(&Message::new("defect-cut-off.nothing")).is_err());
    // For the reader a message stands in for an attribute it lacks.
    assert_eq!(catalog.text("defect-cut-off.nothing"), catalog.text("defect-cut-off"));
}

#[test]
fn numbers_are_plain_and_text_is_escaped() {
    let catalog = Catalog::new(Lang::En);
    let message = Message::new("note-lost-fault").with("fault", "lose \u{1b}[31m\nall\u{202e}");
    let text = catalog.try_format(&message).unwrap();
    assert!(text.contains(r"lose \x1b[31m\nall\u{202e}"), "{text}");
    assert!(!text.contains(['\u{1b}', '\n', '\u{2068}', '\u{2069}']), "{text}");

    let queue = Message::new("render-queue-syn").with("len", 4_294_967_295_u32).with("limit", 1_000_000_u32);
    let text = catalog.try_format(&queue).unwrap();
    assert!(text.contains("4294967295/1000000"), "{text}");

    let error = catalog.try_format(&Message::new("note-lost-fault")).unwrap_err();
    assert!(error.to_string().contains("no value for $fault"), "{error}");
}

#[test]
fn every_rule_has_its_words() {
    for lang in Lang::ALL {
        let catalog = Catalog::new(lang);
        for rule in Rule::ALL {
            let text = catalog.try_format(&Message::new(format!("rule-{}", rule.key())));
            assert!(text.as_ref().is_ok_and(|text| text.len() > 10), "{text:?}");
        }
        let rules = catalog.ids().into_iter().filter(|id| id.starts_with("rule-") && !id.contains('.'));
        for id in rules {
            let key = id.trim_start_matches("rule-");
            assert!(Rule::from_key(key).is_some(), "{id} in {lang} is about no rule");
        }
    }
}

#[test]
fn rules_use_only_variables_that_explanations_give() {
    const OF_ANY: [&str; 8] = ["flags", "seq", "ack", "len", "win", "end", "ends", "acks"];
    const OF_SENT: [&str; 2] = ["waited", "count"];
    const OF_ARRIVED: [&str; 4] = ["expected", "last", "una", "nxt"];
    let catalog = Catalog::new(Lang::En);
    for id in catalog.ids().iter().filter(|id| id.starts_with("rule-") || id.starts_with("segment-")) {
        let given: Vec<&str> = match id.split_once('.') {
            Some((_, "arrived")) => OF_ANY.into_iter().chain(OF_ARRIVED).collect(),
            Some((_, "sent")) => OF_ANY.into_iter().chain(OF_SENT).collect(),
            Some((_, other)) => panic!("{id}: unknown attribute {other}"),
            None if id.starts_with("rule-") => Vec::new(),
            None => OF_ANY.into_iter().chain(OF_SENT).collect(),
        };
        for variable in catalog.variables(id).unwrap() {
            assert!(given.contains(&variable), "{id} uses ${variable}");
        }
    }
}

/// Messages that sources put into timelines have no values to be filled with.
#[test]
fn messages_in_notes_exist_and_stand_alone() {
    let mut found = 0;
    let mut directories = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
    let catalog = Catalog::new(Lang::En);
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
                continue;
            }
            let source = std::fs::read_to_string(&path).unwrap();
            for rest in source.split("Note::Message(\"").skip(1) {
                let id = rest.split('"').next().unwrap();
                found += 1;
                assert_eq!(catalog.variables(id), Ok(Vec::new()), "{} says {id}", path.display());
            }
        }
    }
    assert!(found > 0);
}
