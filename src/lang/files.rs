//! The Fluent files, built into the program.

use super::Lang;

macro_rules! files {
    ($($stem:literal),+ $(,)?) => {
        /// Each file's stem and its text in English and in Chinese. A message is looked for first in
        /// the file whose stem begins with the first word of its id: `rule-…` in `rules`.
        const FILES: &[(&str, &str, &str)] = &[$((
            $stem,
            include_str!(concat!("../../locales/en/", $stem, ".ftl")),
            include_str!(concat!("../../locales/zh/", $stem, ".ftl")),
        )),+];
    };
}

files! {
    "rules", "segments", "findings", "defects", "notes", "render", "cli", "scenario", "demo", "live",
}

/// How many files a language has.
pub(super) const COUNT: usize = FILES.len();

/// The text of the file at `index`.
pub(super) fn text(lang: Lang, index: usize) -> &'static str {
    let Some((_, en, zh)) = FILES.get(index) else { return "" };
    match lang {
        Lang::En => en,
        Lang::Zh => zh,
    }
}

/// The file where a message of this id belongs, by the first word of the id.
pub(super) fn likely(id: &str) -> Option<usize> {
    let word = id.split('-').next()?;
    FILES.iter().position(|(stem, ..)| stem.starts_with(word))
}
