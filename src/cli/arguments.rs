//! The arguments as they are typed. Their words stand in `locales/*/cli.ftl`, not here: the message
//! `cli-about-COMMAND` for a command, `cli-COMMAND-arg-ID` or `cli-arg-ID` for an argument.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::error::ErrorKind;
use clap::{ArgAction, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum, ValueHint};

use super::capture::Capture;
use super::demo::Demo;
use super::lab::Lab;
use super::pace::Pace;
use super::watch::Watch;
use crate::lang::Lang;

/// Everything on the command line.
#[derive(Debug, Parser)]
#[command(
    name = "handshake",
    version,
    disable_help_flag = true,
    disable_help_subcommand = true,
    disable_version_flag = true
)]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) global: Global,
    #[arg(short = 'V', long, action = ArgAction::Version)]
    version: Option<bool>,
    /// Read by [`Arguments::parse`], which knows which commands there are.
    #[arg(skip)]
    pub(super) command: Option<Command>,
}

/// A command's name, and what gives it its arguments.
type Named = (&'static str, fn(clap::Command) -> clap::Command);

/// The commands of [`Command`], in the order of the help.
const COMMANDS: [Named; 11] = [
    ("list", List::augment_args),
    ("run", Run::augment_args),
    ("test", Test::augment_args),
    ("read", Read::augment_args),
    ("capture", Capture::augment_args),
    ("watch", Watch::augment_args),
    ("lab", Lab::augment_args),
    ("demo", Demo::augment_args),
    ("completions", Completions::augment_args),
    ("man", Man::augment_args),
    ("help", Help::augment_args),
];

impl Arguments {
    /// What clap is to understand, with every command.
    pub(super) fn whole() -> clap::Command {
        Arguments::with(&COMMANDS)
    }

    fn with(commands: &[Named]) -> clap::Command {
        let subs = commands.iter().map(|(name, arguments)| arguments(clap::Command::new(name)));
        Arguments::command().subcommands(subs)
    }

    /// Understands a command line, which begins with the program's name.
    ///
    /// # Errors
    /// clap's, also for a wish for help or the version.
    pub(super) fn parse(words: &[OsString]) -> Result<Self, clap::Error> {
        // To make all commands' arguments takes a fifth of a short run, and a line has one command: it is tried
        // with the first that it names. Only where that fails can the others make a difference.
        let command = |word: &OsString| COMMANDS.into_iter().find(|(name, _)| word == name);
        let named = words.iter().skip(1).find_map(command);
        Arguments::parse_with(named.as_slice(), words).or_else(|error| match error.kind() {
            ErrorKind::DisplayVersion => Err(error),
            _ => Arguments::parse_with(&COMMANDS, words),
        })
    }

    fn parse_with(commands: &[Named], words: &[OsString]) -> Result<Self, clap::Error> {
        let mut matches = Arguments::with(commands).try_get_matches_from(words)?;
        let mut arguments = Arguments::from_arg_matches_mut(&mut matches)?;
        if matches.subcommand_name().is_some() {
            arguments.command = Some(Command::from_arg_matches_mut(&mut matches)?);
        }
        Ok(arguments)
    }
}

/// What every command understands.
#[derive(Args, Debug)]
pub(super) struct Global {
    #[arg(long, global = true, value_name = "en|zh", value_enum, hide_possible_values = true)]
    pub(super) lang: Option<LangChoice>,
    #[arg(long, global = true, value_name = "auto|always|never", value_enum, hide_possible_values = true)]
    pub(super) color: Option<ColorChoice>,
    #[arg(long, global = true, value_name = "COLUMNS", value_parser = clap::value_parser!(u16).range(20..=1000))]
    pub(super) width: Option<u16>,
    #[arg(short, long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) output: Option<PathBuf>,
    #[arg(short, long, global = true, action = ArgAction::Help)]
    help: Option<bool>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    List(List),
    Run(Run),
    Test(Test),
    Read(Read),
    Capture(Capture),
    Watch(Watch),
    Lab(Lab),
    Demo(Demo),
    Completions(Completions),
    Man(Man),
    Help(Help),
}

#[derive(Args, Debug, Default)]
pub(super) struct List {
    #[arg(long, value_name = "text|json", value_enum, default_value = "text")]
    #[arg(hide_possible_values = true, hide_default_value = true)]
    pub(super) format: Format,
}

#[derive(Args, Debug)]
pub(super) struct Run {
    #[arg(value_name = "NAME|FILE", value_hint = ValueHint::FilePath)]
    pub(super) scenario: String,
    #[command(flatten)]
    pub(super) showing: Showing,
    #[arg(long, value_name = "text|json", value_enum, default_value = "text")]
    #[arg(hide_possible_values = true, hide_default_value = true)]
    pub(super) format: Format,
    #[arg(short, long, value_name = "FILE.pcapng", value_hint = ValueHint::FilePath)]
    pub(super) write: Option<PathBuf>,
    #[arg(long, value_name = "N")]
    pub(super) seed: Option<u64>,
    #[arg(long, value_name = "rfc9293|linux|classic", value_enum, hide_possible_values = true)]
    pub(super) profile: Option<ProfileChoice>,
}

/// How a timeline is shown, whatever it was made from.
#[derive(Args, Clone, Copy, Debug)]
pub(super) struct Showing {
    #[arg(long, value_name = "ladder|tcpdump|rfc", value_enum, default_value = "ladder")]
    #[arg(hide_possible_values = true, hide_default_value = true)]
    pub(super) style: StyleChoice,
    #[arg(long)]
    pub(super) absolute: bool,
    #[arg(long, conflicts_with = "pace")]
    pub(super) step: bool,
    #[arg(long, value_name = "2x", value_parser = Pace::parse)]
    pub(super) pace: Option<Pace>,
}

#[derive(Args, Debug)]
pub(super) struct Test {
    #[arg(value_name = "NAME|FILE", value_hint = ValueHint::FilePath)]
    pub(super) scenarios: Vec<String>,
    #[arg(long, value_name = "text|json", value_enum, default_value = "text")]
    #[arg(hide_possible_values = true, hide_default_value = true)]
    pub(super) format: Format,
    #[arg(long, value_name = "N")]
    pub(super) seed: Option<u64>,
    #[arg(long, value_name = "rfc9293|linux|classic", value_enum, hide_possible_values = true)]
    pub(super) profile: Option<ProfileChoice>,
}

#[derive(Args, Debug)]
pub(super) struct Read {
    #[arg(value_name = "CAPTURE", value_hint = ValueHint::FilePath)]
    pub(super) capture: PathBuf,
    #[arg(short, long, value_name = "N")]
    pub(super) connection: Option<u32>,
    #[arg(long, value_name = "PORT")]
    pub(super) port: Option<u16>,
    #[arg(long, value_name = "ADDRESS")]
    pub(super) host: Option<std::net::IpAddr>,
    #[arg(long, value_name = "text|tsv|json", value_enum, default_value = "text")]
    #[arg(hide_possible_values = true, hide_default_value = true)]
    pub(super) format: ReadFormat,
    #[command(flatten)]
    pub(super) showing: Showing,
}

#[derive(Args, Debug)]
pub(super) struct Completions {
    #[arg(value_name = "SHELL", value_enum, hide_possible_values = true)]
    pub(super) shell: clap_complete::Shell,
}

#[derive(Args, Debug)]
pub(super) struct Man {
    #[arg(value_name = "COMMAND", value_parser = PossibleValuesParser::new(SHOWN_COMMANDS))]
    #[arg(hide_possible_values = true)]
    pub(super) command: Option<String>,
}

#[derive(Args, Debug)]
pub(super) struct Help {
    #[arg(value_name = "COMMAND", value_parser = PossibleValuesParser::new(SHOWN_COMMANDS))]
    #[arg(hide_possible_values = true)]
    pub(super) command: Option<String>,
}

/// The commands that have a page of their own.
pub(super) const SHOWN_COMMANDS: [&str; 10] =
    ["list", "run", "test", "read", "capture", "watch", "lab", "demo", "completions", "man"];

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum LangChoice {
    En,
    Zh,
}

impl From<LangChoice> for Lang {
    fn from(choice: LangChoice) -> Self {
        match choice {
            LangChoice::En => Lang::En,
            LangChoice::Zh => Lang::Zh,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorChoice {
    #[default]
    Auto,
    Always,
    Never,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    #[default]
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum ReadFormat {
    #[default]
    Text,
    Tsv,
    Json,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum StyleChoice {
    #[default]
    Ladder,
    Tcpdump,
    Rfc,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ProfileChoice {
    Rfc9293,
    Linux,
    Classic,
}
