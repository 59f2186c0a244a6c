//! The READMEs show what the program prints, and name only commands that it has.

use super::program::run;

fn read(name: &str) -> String {
    std::fs::read_to_string(format!("{}/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// The contents of the fenced blocks with this info string.
fn blocks(text: &str, info: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut open: Option<(bool, String)> = None;
    for line in text.lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(word), None) => open = Some((word == info, String::new())),
            (Some(_), Some((wanted, block))) => {
                if *wanted {
                    blocks.push(std::mem::take(block));
                }
                open = None;
            }
            (None, Some((_, block))) => {
                block.push_str(line);
                block.push('\n');
            }
            (None, None) => {}
        }
    }
    blocks
}

#[test]
fn the_pictures_are_what_the_program_prints() {
    for (name, arguments) in [("README.md", "run three-way"), ("README.zh-CN.md", "run three-way --lang zh")]
    {
        let printed = run(arguments).fine().stdout.clone();
        let text = read(name);
        let shown = blocks(&text, "text");
        // As for snapshots: asked to, take the new picture.
        if std::env::var("INSTA_UPDATE").is_ok_and(|wish| wish == "always") && shown.len() == 1 {
            let path = format!("{}/{name}", env!("CARGO_MANIFEST_DIR"));
            std::fs::write(path, text.replace(&shown[0], &printed)).unwrap();
            continue;
        }
        assert_eq!(shown, [printed], "{name}: INSTA_UPDATE=always takes what `handshake {arguments}` prints");
    }
}

#[test]
fn every_command_in_the_readmes_is_there() {
    for name in ["README.md", "README.zh-CN.md"] {
        let mut seen = 0;
        for line in blocks(&read(name), "").concat().lines() {
            let Some(rest) = line.strip_prefix("handshake ") else { continue };
            seen += 1;
            let command = rest.split('#').next().unwrap().split(" -- ").next().unwrap().trim();
            // Asked for help, the program has to understand everything before it.
            run(&format!("{command} --help")).fine();
            if command.starts_with("run ") {
                let scenario = command.split(' ').nth(1).unwrap();
                run(&format!("test {scenario}")).fine();
            }
        }
        assert!(seen >= 5, "{name}: only {seen} commands");
    }
}
