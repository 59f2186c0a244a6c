//! Reading `[link]`.

use crate::scenario::diagnostic::Problem;
use crate::scenario::link::{Link, Links};
use crate::scenario::names::Hosts;
use crate::scenario::reader::{Fields, Reader, Value};
use crate::scenario::words::Word;

/// Reads `[link]`: the keys of one link for all, and `"FROM>TO" = "DELAY"` or a table for one direction.
pub(super) fn links(reader: &mut Reader<'_>, value: &Value<'_>, hosts: Hosts<'_>) -> Links {
    const KEYS: [&str; 7] = ["delay", "jitter", "bandwidth", "loss", "duplicate", "reorder", "corrupt"];
    let mut links = Links::default();
    let Some(table) = value.get_ref().as_table() else {
        let _: Option<()> = reader.wrong_type("link", value, "table");
        return links;
    };
    let fields = Fields::new(table, value.span(), "[link]");
    let direction = |key: &str| key.contains('>');
    for (key, span, value) in &fields.entries {
        if KEYS.contains(key) {
            link_field(reader, &mut links.common, key, value);
        } else if !direction(key) {
            reader.note(
                Problem::new("unknown-key", span.clone())
                    .text("key", *key)
                    .text("place", "[link]")
                    .choices(key, KEYS),
            );
        }
    }
    for (key, span, value) in fields.entries.iter().filter(|(key, ..)| direction(key)) {
        let (from, to) = key.split_once('>').unwrap_or((key, ""));
        let word = |text: &str| Word { text: text.trim().to_owned(), span: span.clone(), quoted: false };
        let (from, to) = (reader.keep(hosts.named(&word(from))), reader.keep(hosts.named(&word(to))));
        let mut link = links.common;
        if value.get_ref().is_str() {
            link_field(reader, &mut link, "delay", value);
        } else if let Some(fields) = reader.table(key, value, "[link]", &KEYS) {
            for (key, _, value) in &fields.entries {
                link_field(reader, &mut link, key, value);
            }
        }
        if let (Some(from), Some(to)) = (from, to) {
            links.directions.push((from, to, link));
        }
    }
    links
}

fn link_field(reader: &mut Reader<'_>, link: &mut Link, key: &str, value: &Value<'_>) {
    fn set<T>(slot: &mut T, value: Option<T>) {
        if let Some(value) = value {
            *slot = value;
        }
    }
    match key {
        "delay" => set(&mut link.delay, reader.duration(key, value)),
        "jitter" => set(&mut link.jitter, reader.duration(key, value)),
        "bandwidth" => set(&mut link.bandwidth, reader.bandwidth(key, value).map(Some)),
        "loss" => set(&mut link.loss, reader.chance(key, value)),
        "duplicate" => set(&mut link.duplicate, reader.chance(key, value)),
        "reorder" => set(&mut link.reorder, reader.chance(key, value)),
        "corrupt" => set(&mut link.corrupt, reader.chance(key, value)),
        _ => {}
    }
}
