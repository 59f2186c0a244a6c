//! Reading `[lab]` and `[[lab.known]]`.

use crate::scenario::aim;
use crate::scenario::diagnostic::Problem;
use crate::scenario::model::{Differing, Known, Lab};
use crate::scenario::names::Hosts;
use crate::scenario::reader::{Reader, Value};
use crate::scenario::words::Words;

/// Reads `[lab]`.
pub(super) fn lab(reader: &mut Reader<'_>, value: &Value<'_>, hosts: Hosts<'_>) -> Lab {
    let Some(fields) = reader.table("lab", value, "[lab]", &["limit", "known"]) else {
        return Lab::default();
    };
    let limit = fields.get("limit").and_then(|value| reader.duration("limit", value));
    let known = match fields.get("known") {
        Some(value) => {
            Reader::list(value).into_iter().filter_map(|value| known(reader, value, hosts)).collect()
        }
        None => Vec::new(),
    };
    Lab { limit, known }
}

/// Reads one `[[lab.known]]`.
fn known(reader: &mut Reader<'_>, value: &Value<'_>, hosts: Hosts<'_>) -> Option<Known> {
    let keys = ["segments", "states", "sometimes", "why"];
    let fields = reader.table("known", value, "[[lab.known]]", &keys)?;
    let why = reader.required(&fields, "why").and_then(|value| reader.localized("why", value));
    let sometimes = fields.get("sometimes").and_then(|value| reader.boolean("sometimes", value));
    let (text, what) = match (fields.get("segments"), fields.get("states")) {
        (Some(value), None) => {
            let text = reader.text("segments", value)?;
            let pattern =
                Words::split(&text).and_then(|mut words| aim::pattern(&mut words, hosts, |_, _| Ok(false)));
            (text, reader.keep(pattern).map(Differing::Segments))
        }
        (None, Some(value)) => {
            let text = reader.text("states", value)?;
            let host = Words::split(&text).and_then(|mut words| hosts.named(&words.expect("HOST")?));
            (text, reader.keep(host).map(Differing::States))
        }
        (None, None) => {
            reader.required(&fields, "segments");
            return None;
        }
        (Some(_), Some(value)) => {
            reader.note(Problem::new("known-twice", value.span()));
            return None;
        }
    };
    Some(Known {
        what: what?,
        sometimes: sometimes.unwrap_or(false),
        why: why?,
        shown: text.value.to_owned(),
        span: text.span,
    })
}
