//! The scenarios that come with the program.

macro_rules! scenarios {
    ($($name:literal),+ $(,)?) => {
        /// Name and text of every built-in scenario, in the order in which they are best learned.
        const BUILTIN: &[(&str, &str)] = &[$(
            ($name, include_str!(concat!("../../scenarios/", $name, ".toml"))),
        )+];
    };
}

scenarios! {
    "three-way",
}

/// Name and text of every built-in scenario, in the order in which they are best learned.
pub fn builtin() -> &'static [(&'static str, &'static str)] {
    BUILTIN
}
