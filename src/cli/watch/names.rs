//! What a program is called in its lane: the script rather than its interpreter.

use std::ffi::OsString;
use std::path::Path;

/// The longest name, in characters: two of them and their addresses share a line.
const LONGEST: usize = 20;

/// Programs that run others: what they run is more telling.
const INTERPRETERS: [&str; 14] = [
    "python", "python3", "pypy", "pypy3", "node", "deno", "bun", "ruby", "perl", "php", "lua", "sh", "bash",
    "java",
];

/// A name for each command; equal ones are numbered.
pub(super) fn of(commands: &[&[OsString]]) -> Vec<String> {
    let plain: Vec<String> = commands.iter().map(|command| name(command)).collect();
    let mut names = Vec::with_capacity(plain.len());
    for (place, name) in plain.iter().enumerate() {
        let before = plain.iter().take(place).filter(|other| *other == name).count();
        let alone = plain.iter().filter(|other| *other == name).count() == 1;
        names.push(if alone { name.clone() } else { format!("{name} {}", before + 1) });
    }
    names
}

fn name(command: &[OsString]) -> String {
    let file = |word: &OsString| {
        let path = Path::new(word);
        path.file_name().unwrap_or(word.as_os_str()).to_string_lossy().into_owned()
    };
    let Some(program) = command.first().map(file) else { return String::new() };
    let version = |c: char| c.is_ascii_digit() || c == '.';
    let interprets =
        INTERPRETERS.contains(&program.trim_end_matches(version)) || INTERPRETERS.contains(&program.as_str());
    let script = command.get(1).filter(|_| interprets).map(file);
    // An option (`-c`, `-m`) tells nothing; what follows it may be a whole program.
    let name = script.filter(|script| !script.starts_with('-')).unwrap_or(program);
    let short: String = name.chars().take(LONGEST).collect();
    if short.len() < name.len() { format!("{short}…") } else { short }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(commands: &[&str]) -> Vec<String> {
        let words = |command: &&str| command.split(' ').map(OsString::from).collect::<Vec<_>>();
        let commands: Vec<Vec<OsString>> = commands.iter().map(words).collect();
        of(&commands.iter().map(Vec::as_slice).collect::<Vec<_>>())
    }

    #[test]
    fn a_script_names_the_lane_and_equal_names_are_numbered() {
        assert_eq!(named(&["python3 /home/a/server.py 80", "./client"]), ["server.py", "client"]);
        assert_eq!(
            named(&["/usr/bin/python3.11 -c x", "python3.11 -m http.server"]),
            ["python3.11 1", "python3.11 2"]
        );
        assert_eq!(named(&["curl http://127.0.0.1/", "curl x", "nc"]), ["curl 1", "curl 2", "nc"]);
    }
}
