//! The command line: typed arguments, then what the environment adds, then one file per subcommand.
//!
//! Data goes to stdout (or `-o`), messages to stderr. Exit codes: 0 fine · 1 a check found a
//! difference · 2 bad usage or input · 3 the system does not permit it. A closed pipe is no error.

mod arguments;
mod capture;
mod capture_file;
mod completions;
mod demo;
mod failure;
mod lab;
mod list;
#[cfg(all(feature = "live", target_os = "linux"))]
mod live_failure;
mod localise;
mod man;
mod output;
mod pace;
mod read;
mod run;
mod scenario_file;
mod show;
mod surroundings;
mod test;
mod usage;
mod watch;

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::ValueEnum;
use clap::error::ErrorKind;

use arguments::{Arguments, ColorChoice, Command, LangChoice, List};
use failure::{Exit, Failure};
use output::Output;
use surroundings::{Colored, Surroundings, early_value};

use crate::lang::{Catalog, Lang};

/// What every subcommand is given: the user's language and how to write.
struct Context {
    catalog: Catalog,
    output: Output,
    /// Whether to colour data.
    color: bool,
    /// Whether to colour messages.
    color_messages: bool,
    /// Whether to draw with ASCII characters only.
    ascii: bool,
    /// The columns there are.
    width: u16,
}

/// Does what the process's arguments ask for.
pub fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().collect();
    let surroundings = Surroundings::of_process();
    let parsed = Arguments::parse(&words);
    // The catalogue reads nothing yet: a text costs only when it is used.
    let lang = early_lang(&words).unwrap_or_else(|| surroundings.lang());
    let result = match parsed {
        Ok(arguments) => run(arguments, &surroundings, lang),
        Err(error) => refused(&error, &words, &surroundings, lang),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let mut text = failure.text(&Catalog::new(lang));
            if lang == Lang::En && surroundings.ascii_only() {
                text = output::drawn_in_ascii(&text).into_owned();
            }
            // Nobody listens on stderr: then nothing can be told.
            let _ = io::stderr().write_all(text.as_bytes());
            failure.exit_code()
        }
    }
}

fn run(arguments: Arguments, surroundings: &Surroundings, lang: Lang) -> Result<(), Failure> {
    let global = arguments.global;
    let to_file = global.output.is_some();
    let choice = global.color.unwrap_or_default();
    let ascii = lang == Lang::En && surroundings.ascii_only() && !to_file;
    let mut context = Context {
        catalog: Catalog::new(lang),
        color: surroundings.color(choice, if to_file { Colored::File } else { Colored::Stdout }),
        color_messages: surroundings.color(choice, Colored::Stderr),
        ascii,
        width: global.width.unwrap_or_else(|| surroundings.width(to_file)),
        output: Output::new(global.output, ascii),
    };
    match arguments.command.unwrap_or_else(|| Command::List(List::default())) {
        Command::List(arguments) => list::run(&arguments, &mut context)?,
        Command::Completions(arguments) => completions::run(&arguments, &mut context)?,
        Command::Capture(arguments) => capture::run(&arguments, &mut context)?,
        Command::Watch(arguments) => watch::run(&arguments, &mut context)?,
        Command::Lab(arguments) => lab::run(&arguments, &mut context)?,
        Command::Demo(arguments) => demo::run(&arguments, &mut context)?,
        Command::Man(arguments) => man::run(&arguments, &mut context)?,
        Command::Help(arguments) => help(arguments.command.as_deref(), &mut context)?,
        Command::Read(arguments) => read::run(&arguments, &mut context)?,
        Command::Run(arguments) => run::run(&arguments, &mut context)?,
        Command::Test(arguments) => test::run(&arguments, &mut context)?,
    }
    context.output.finish()
}

/// The page of a command, or of the program.
fn help(name: Option<&str>, context: &mut Context) -> Result<(), Failure> {
    let mut command = localise::command(&context.catalog);
    command.build();
    let page = match name.and_then(|name| command.find_subcommand_mut(name)) {
        Some(sub) => sub.render_help(),
        None => command.render_help(),
    };
    let text = if context.color { page.ansi().to_string() } else { page.to_string() };
    context.output.text(&text)
}

/// What clap did not take as arguments: a wish for help or the version, or a mistake.
fn refused(
    error: &clap::Error,
    words: &[OsString],
    surroundings: &Surroundings,
    lang: Lang,
) -> Result<(), Failure> {
    let catalog = Catalog::new(lang);
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let choice =
                early_value(words, "--color").and_then(|name| ColorChoice::from_str(name, false).ok());
            let mut output = Output::new(None, lang == Lang::En && surroundings.ascii_only());
            let page = if error.kind() == ErrorKind::DisplayHelp {
                // The same question once more, to the command that speaks the user's language.
                let again = localise::command(&catalog).try_get_matches_from(words);
                again.err().map_or_else(|| error.render(), |error| error.render())
            } else {
                error.render()
            };
            let color = surroundings.color(choice.unwrap_or_default(), Colored::Stdout);
            output.text(&if color { page.ansi().to_string() } else { page.to_string() })?;
            output.finish()
        }
        _ => Err(Failure::Written(Exit::BadInput, usage::explain(error, &catalog))),
    }
}

/// The language asked for by `--lang`, even on a line that cannot be understood otherwise.
fn early_lang(words: &[OsString]) -> Option<Lang> {
    early_value(words, "--lang").and_then(|name| LangChoice::from_str(name, false).ok()).map(Lang::from)
}
