//! Reading `[[fault]]`.

use crate::scenario::aim;
use crate::scenario::diagnostic::Problem;
use crate::scenario::model::{Act, Fault};
use crate::scenario::names::Hosts;
use crate::scenario::reader::{Reader, Value};
use crate::scenario::units;
use crate::scenario::words::{Text, Word, Words};
use crate::time::{Duration, Instant};

/// Reads one `[[fault]]`.
pub(super) fn fault(reader: &mut Reader<'_>, value: &Value<'_>, hosts: Hosts<'_>) -> Option<Fault> {
    let fields = reader.table("fault", value, "[[fault]]", &["name", "match", "act", "from", "until"])?;
    let aimed = reader.required(&fields, "match").and_then(|value| reader.text("match", value));
    let act = reader.required(&fields, "act").and_then(|value| reader.text("act", value));
    let name =
        fields.get("name").and_then(|value| reader.text("name", value)).map(|text| text.value.to_owned());
    let time = |reader: &mut Reader<'_>, key: &str| {
        fields.get(key).and_then(|value| reader.duration(key, value)).map(|time| Instant::ZERO + time)
    };
    let (from, until) = (time(reader, "from"), time(reader, "until"));
    if let (Some(start), Some(end)) = (from, until)
        && end <= start
    {
        let span = fields.get("until").map_or(0..0, toml::Spanned::span);
        reader.note(Problem::new("until-before-from", span));
    }
    let (aimed, act) = (aimed?, act?);
    let pattern =
        Words::split(&aimed).and_then(|mut words| aim::pattern(&mut words, hosts, |_, _| Ok(false)));
    let pattern = reader.keep(pattern);
    let parsed = self::act(&act);
    let parsed = reader.keep(parsed);
    Some(Fault {
        name,
        pattern: pattern?,
        act: parsed?,
        from,
        until,
        shown: format!("{} {}", act.value, aimed.value),
        act_shown: act.value.to_owned(),
        span: aimed.span,
    })
}

/// `lose`, `delay 200ms`, `duplicate [N] [after 5ms]`, `reorder N`, `corrupt`, `hold`.
fn act(text: &Text<'_>) -> Result<Act, Problem> {
    let mut words = Words::split(text)?;
    words.usage = "lose | delay TIME | duplicate [N] [after TIME] | reorder [N] | corrupt | hold";
    let verb = words.expect("lose|delay|duplicate|reorder|corrupt|hold")?;
    let time = |word: Word| {
        units::duration(&word.text)
            .map_err(|reason| Problem::new(reason.key(), word.span).text("found", word.text))
    };
    let count = |words: &mut Words| match words.peek() {
        Some(word) if word.text.starts_with(|c: char| c.is_ascii_digit()) => {
            let number = word.number(1_000)?;
            words.next();
            Ok(number as u32)
        }
        _ => Ok(1),
    };
    let act = match verb.text.as_str() {
        "lose" => Act::Lose,
        "delay" => Act::Delay(time(words.expect("TIME")?)?),
        "duplicate" => {
            let copies = count(&mut words)?;
            let after = if words.take("after") { time(words.expect("TIME")?)? } else { Duration::ZERO };
            Act::Duplicate { copies, after }
        }
        "reorder" => Act::Reorder(count(&mut words)?),
        "corrupt" => Act::Corrupt,
        "hold" => Act::Hold,
        other => {
            return Err(Problem::new("unknown-act", verb.span.clone())
                .text("found", other)
                .choices(other, ["lose", "delay", "duplicate", "reorder", "corrupt", "hold"]));
        }
    };
    words.finish()?;
    Ok(act)
}
