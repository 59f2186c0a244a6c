//! clap's help in the user's language: the command is built from the typed arguments, then every
//! word of it is taken from the language files.

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Arg, Command};

use super::arguments::Arguments;
use crate::lang::{Catalog, Message, Value};

/// The whole command with its help in the catalogue's language.
pub(super) fn command(catalog: &Catalog) -> Command {
    let command = Arguments::whole().styles(styles());
    let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    let root = localise(command, None, catalog);
    names
        .into_iter()
        .fold(root, |command, name| command.mut_subcommand(&name, |sub| localise(sub, Some(&name), catalog)))
}

fn localise(mut command: Command, name: Option<&str>, catalog: &Catalog) -> Command {
    let id = |part: &str| name.map_or_else(|| format!("cli-{part}"), |name| format!("cli-{part}-{name}"));
    // clap's own usage line has the English word OPTIONS; its slot takes ours.
    let usage = Message::new("cli-heading-usage").with("usage", Value::Verbatim("{usage}".into()));
    let line = usage_line(&command, name, catalog);
    command = command
        .about(catalog.text(&id("about")))
        .subcommand_help_heading(catalog.text("cli-heading-commands"))
        .override_usage(line)
        .help_template(format!("{{about}}\n\n{}\n\n{{all-args}}{{after-help}}", catalog.format(&usage)));
    let after = id("after");
    if catalog.has(&after) {
        command = command.after_help(catalog.format(&Message::new(after)));
    }
    command.mut_args(|arg| {
        let heading = match (arg.is_positional(), name) {
            (true, _) => "cli-heading-arguments",
            (false, Some(_)) => "cli-heading-options",
            (false, None) => "cli-heading-common",
        };
        let help = argument_help(name, &arg, catalog);
        // Under a heading of their own clap would sort arguments by their ids.
        let arg = match arg.get_index() {
            Some(place) => arg.display_order(place),
            None => arg,
        };
        arg.help(help).help_heading(catalog.text(heading))
    })
}

/// `handshake run [OPTIONS] <NAME|FILE>`
fn usage_line(command: &Command, name: Option<&str>, catalog: &Catalog) -> String {
    let mut words = vec!["handshake".to_owned()];
    words.extend(name.map(ToOwned::to_owned));
    words.push(format!("[{}]", catalog.text("cli-value-options")));
    if name.is_none() {
        words.push(format!("[{}]", catalog.text("cli-value-command")));
    }
    for arg in command.get_positionals() {
        let value = arg.get_value_names().and_then(|names| names.first()).map_or("", |name| name.as_str());
        let many = if arg.get_num_args().is_some_and(|range| range.max_values() > 1) { "..." } else { "" };
        let value = if arg.is_last_set() { format!("-- {value}") } else { value.to_owned() };
        words.push(if arg.is_required_set() { format!("<{value}>") } else { format!("[{value}]{many}") });
    }
    words.join(" ")
}

/// The help of one argument: its own in this command, else the common one.
fn argument_help(command: Option<&str>, arg: &Arg, catalog: &Catalog) -> String {
    let own = command.map(|command| format!("cli-{command}-arg-{}", arg.get_id()));
    let common = format!("cli-arg-{}", arg.get_id());
    catalog.text(own.filter(|own| catalog.has(own)).as_deref().unwrap_or(&common))
}

fn styles() -> Styles {
    Styles::styled()
        .header(AnsiColor::Green.on_default().bold())
        .usage(AnsiColor::Green.on_default().bold())
        .literal(AnsiColor::Cyan.on_default().bold())
        .placeholder(AnsiColor::Cyan.on_default())
}
