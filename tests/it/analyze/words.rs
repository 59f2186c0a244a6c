//! Every finding can be said in both languages.

use handshake::analyze::Finding;
use handshake::lang::{Catalog, Lang, Message};

use super::talk::listen;

#[test]
fn every_finding_has_its_words_and_its_numbers() {
    let (reports, _) = listen("0 C P. 500 500 10\n 500 C P. 500 500 10", [1000, 5000]);
    for lang in Lang::ALL {
        let catalog = Catalog::new(lang);
        for finding in Finding::ALL {
            let numbers = reports[1].numbers(*finding);
            let roles: &[&str] =
                if numbers.iter().any(|(name, _)| *name == "side") { &[".client", ".server"] } else { &[""] };
            for role in roles {
                let message = numbers.iter().fold(
                    Message::new(format!("finding-{}{role}", finding.key())),
                    |message, (name, value)| message.with(*name, *value),
                );
                let text = catalog.try_format(&message);
                assert!(text.as_ref().is_ok_and(|text| text.len() > 20), "{lang} {message:?}: {text:?}");
            }
            let name = catalog.try_format(&Message::new(format!("cli-finding-{}", finding.key())));
            assert!(name.is_ok(), "{lang} {}: {name:?}", finding.key());
        }
    }
}

#[test]
fn a_finding_shows_its_arithmetic() {
    let (reports, _) = listen("0 C P. 500 500 10\n 500 C P. 700 500 10", [1000, 5000]);
    let numbers = reports[1].numbers(Finding::LostSegment);
    let message = numbers
        .into_iter()
        .fold(Message::new("finding-lost-segment"), |message, (name, value)| message.with(name, value));
    let text = Catalog::new(Lang::En).format(&message);
    // Without the handshake the first number seen counts as 1.
    assert!(text.contains("201 − 11 = 190"), "{text}");
}
