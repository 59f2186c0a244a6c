//! One scenario: what happened on the kernels, packet by packet, beside what the simulator makes of it.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};

use super::comparison;
use super::{End, Lab};
use crate::analyze::{Comparison, Tolerance, compare};
use crate::cli::Context;
use crate::cli::arguments::{Format, StyleChoice};
use crate::cli::failure::{Exit, Failure};
use crate::cli::scenario_file::Loaded;
use crate::cli::{live_failure, output, run as run_command, show};
use crate::lang::{Catalog, Message, escape};
use crate::live::lab::{self, Expected, Judgment, Options, Program, Run, Unsuitable};
use crate::live::watch;
use crate::render;
use crate::scenario::Scenario;
use crate::sim;
use crate::time::{Duration, Instant};
use crate::timeline::{HostId, Timeline};
use crate::wire::LinkType;
use crate::wire::capture::PcapngWriter;

/// How long a lab lasts when nobody says.
const LIMIT: Duration = Duration::from_secs(30);
/// When the lab itself was so late, the machine may be why a run is not as it should be.
const LATE: Duration = Duration::from_millis(1);
/// How often a run is made that a busy machine may have spoilt.
const ATTEMPTS: usize = 4;

/// What came of a scenario.
pub(super) struct Outcome {
    /// The run on the kernels.
    pub(super) run: Run,
    /// What the simulator made of the same.
    pub(super) simulated: Timeline,
    pub(super) comparison: Comparison,
    pub(super) judgment: Judgment,
    /// How often it was run: more than once when the lab itself had been late.
    pub(super) runs: usize,
}

impl Outcome {
    /// How many segments went as in the simulator.
    pub(super) fn same(&self) -> usize {
        self.comparison.rows.iter().filter(|row| row.is_same()).count()
    }
}

/// Runs, shows, compares.
pub(super) fn run(name: &str, arguments: &Lab, context: &mut Context) -> Result<(), Failure> {
    show::only_text_waits(arguments.showing, arguments.format == Format::Text)?;
    if let Some(path) = &arguments.write {
        output::differ(path, Path::new(name))?;
    }
    let loaded = Loaded::find(name, context)?;
    let scenario = &loaded.scenario;
    let checked = options(scenario, arguments)
        .and_then(|options| lab::suitable(scenario, &options).map(|remarks| (options, remarks)));
    let (options, remarks) = checked.map_err(|why| Failure::input(why.0))?;
    lab::enter().map_err(|error| live_failure::failure(&error))?;
    let captures = match &arguments.write {
        Some(path) => create_captures(path, scenario)?,
        None => Vec::new(),
    };
    let outcome = attempt(scenario, &options)?;

    let to_stderr = arguments.format == Format::Json;
    if arguments.format == Format::Json {
        show::json(&outcome.run.timeline, context)?;
    } else {
        if arguments.showing.style == StyleChoice::Ladder {
            let title = escape(scenario.title.get(context.catalog.lang())).into_owned();
            context.output.line(&title)?;
            for line in preface(scenario, &options, &outcome.run, &remarks, &context.catalog) {
                comparison::wrapped(&line, context)?;
            }
            context.output.line("")?;
        }
        show::text(&outcome.run.timeline, arguments.showing, context)?;
    }
    write_captures(captures, scenario, &outcome.run, &context.catalog)?;
    if !arguments.program.is_empty() {
        context.output.flush()?;
        for (host, received) in &outcome.run.received {
            let name = host_name(scenario, *host).to_owned();
            let message = Message::new("live-lab-received").with("host", name);
            let message =
                message.with("octets", received.octets).with("crc", format!("{:08x}", received.crc));
            let _ = writeln!(io::stderr(), "{}", context.catalog.format(&message));
        }
        return after_a_program(&outcome.run, &arguments.program, &context.catalog);
    }
    if !to_stderr {
        context.output.line("")?;
        comparison::show(scenario, &outcome, context)?;
    }
    if outcome.judgment.is_as_known() { Ok(()) } else { Err(Failure::Silent(Exit::Difference)) }
}

/// A host's name.
pub(super) fn host_name(scenario: &Scenario, host: HostId) -> &str {
    scenario.hosts.get(host.0 as usize).map_or("?", |host| host.name.as_str())
}

/// The options of a run: who plays whom, for how long.
pub(super) fn options(scenario: &Scenario, arguments: &Lab) -> Result<Options, Unsuitable> {
    let mut engines = Vec::new();
    for (place, (name, end)) in
        [("client", arguments.client), ("server", arguments.server)].iter().enumerate()
    {
        if *end == End::Engine {
            let no_such = || Unsuitable(Message::new("live-lab-no-host").with("host", *name));
            engines.push(end_called(scenario, name, place).ok_or_else(no_such)?);
        }
    }
    let program = match arguments.program.as_slice() {
        [] => None,
        words => {
            let hosts = (0..scenario.hosts.len() as u16).map(HostId);
            let host = hosts.into_iter().find(|host| !engines.contains(host));
            let host = host.ok_or_else(|| Unsuitable(Message::new("live-lab-nobody")))?;
            Some(Program { host, words: words.to_vec() })
        }
    };
    let asked = arguments.limit.map(|limit| Duration::from_nanos(limit.as_nanos() as u64));
    Ok(Options {
        seed: arguments.seed.unwrap_or(scenario.seed),
        limit: asked.or(scenario.lab.limit).unwrap_or(LIMIT),
        engines,
        program,
        ..Options::default()
    })
}

/// The host that is called client or server; where no host is called either, the first and the second.
fn end_called(scenario: &Scenario, name: &str, place: usize) -> Option<HostId> {
    let named = |name: &str| scenario.host(name);
    let neither = named("client").is_none() && named("server").is_none();
    let in_order = || scenario.hosts.get(place).map(|_| HostId(place as u16));
    named(name).or_else(|| neither.then(in_order).flatten())
}

/// Runs the scenario on the kernels and in the simulator. Where they differ and the lab itself was late,
/// it is run again.
pub(super) fn attempt(scenario: &Scenario, options: &Options) -> Result<Outcome, Failure> {
    let adapted = lab::adapted(scenario, &options.engines);
    let asked = sim::Options { seed: Some(options.seed), ..sim::Options::default() };
    // What a program does the simulator cannot know.
    let simulated = if options.program.is_some() {
        Timeline::default()
    } else {
        sim::run(&adapted, &asked).map_err(|error| run_command::endless(scenario, &error))?.timeline
    };
    let expected = options.program.is_none().then(|| Expected::of(&simulated));
    let options = Options { expected, ..options.clone() };
    let mut runs = 0;
    loop {
        runs += 1;
        let run = lab::run(&adapted, &options).map_err(|error| live_failure::failure(&error))?;
        let horizon = Some(Instant::ZERO + run.lasted);
        let comparison = compare(&simulated, &run.timeline, Tolerance::default(), horizon);
        let judgment = lab::judge(scenario, &comparison, &simulated, &run.timeline);
        let spoilt = !judgment.is_as_known() && run.late > LATE && options.program.is_none();
        if !spoilt || runs == ATTEMPTS {
            return Ok(Outcome { run, simulated, comparison, judgment, runs });
        }
    }
}

/// What is to be known before the timeline: which kernel, what was done otherwise than written.
fn preface(
    scenario: &Scenario,
    options: &Options,
    run: &Run,
    remarks: &[lab::Remark],
    catalog: &Catalog,
) -> Vec<String> {
    let names = |ours: bool| -> String {
        let hosts = scenario.hosts.iter().enumerate();
        let hosts = hosts.filter(|(index, _)| options.engines.contains(&HostId(*index as u16)) == ours);
        let names: Vec<&str> = hosts.map(|(_, host)| host.name.as_str()).collect();
        names.join(&catalog.text("live-lab-separator"))
    };
    let (kernels, engines) = (names(false), names(true));
    let kernel = match (kernels.is_empty(), engines.is_empty()) {
        (_, true) => Message::new("live-lab-kernel").with("release", lab::kernel_release()),
        (true, false) => Message::new("live-lab-kernel-none"),
        (false, false) => Message::new("live-lab-kernel-some")
            .with("release", lab::kernel_release())
            .with("hosts", kernels)
            .with("engines", engines),
    };
    let kernel = kernel.with("setup", rounded(run.setup));
    let mut lines = vec![catalog.format(&kernel)];
    lines.extend(remarks.iter().map(|remark| catalog.format(&remark.0)));
    lines.extend(run.refused.iter().map(|refused| {
        let message = Message::new("live-lab-refused").with("host", refused.host.clone());
        catalog.format(&message.with("setting", refused.setting).with("reason", refused.reason.clone()))
    }));
    lines.extend(
        run.dead_faults
            .iter()
            .map(|fault| catalog.format(&Message::new("live-lab-dead-fault").with("fault", fault.clone()))),
    );
    lines
}

/// A time that nobody needs to the last microsecond: tenths of a millisecond.
fn rounded(span: Duration) -> String {
    Duration::from_nanos(span.as_nanos().div_ceil(100_000) * 100_000).to_string()
}

/// The end when a program of the user's played a host: its exit code tells whether all was well.
fn after_a_program(run: &Run, words: &[OsString], catalog: &Catalog) -> Result<(), Failure> {
    let message = match &run.program_ended {
        None => Message::new("live-watch-stopped"),
        Some(status) => match (status.code(), status.signal()) {
            (Some(code), _) => Message::new("live-watch-exited").with("code", code),
            (None, signal) => {
                Message::new("live-watch-killed").with("signal", watch::signal_name(signal.unwrap_or(0)))
            }
        },
    };
    let program = words.first().map(|word| word.to_string_lossy().into_owned()).unwrap_or_default();
    let _ = writeln!(io::stderr(), "{}", catalog.format(&message.with("program", program)));
    match &run.program_ended {
        Some(status) if status.success() => Ok(()),
        _ => Err(Failure::Silent(Exit::Difference)),
    }
}

/// A capture file of a host.
type Capture = (PathBuf, File);

/// The files of `-w`, one for each host: made before the lab begins, so that nobody waits for a path that
/// cannot be.
fn create_captures(path: &Path, scenario: &Scenario) -> Result<Vec<Capture>, Failure> {
    let paths = scenario.hosts.iter().map(|host| beside(path, &host.name));
    paths
        .map(|path| match File::create(&path) {
            Ok(file) => Ok((path, file)),
            Err(error) => Err(Failure::writing(&path, &error)),
        })
        .collect()
}

/// One capture for each host, with what it sent and got, as its own end of the cable carried it; each
/// packet with what there is to say about it.
fn write_captures(
    captures: Vec<Capture>,
    scenario: &Scenario,
    run: &Run,
    catalog: &Catalog,
) -> Result<(), Failure> {
    let comments = render::pcapng::comments(&run.timeline, catalog);
    for (index, ((path, file), host)) in captures.into_iter().zip(&scenario.hosts).enumerate() {
        let own = run.frames.iter().filter(|frame| frame.host == HostId(index as u16));
        let write = || -> io::Result<()> {
            let mut file = PcapngWriter::new(BufWriter::new(file))?;
            let interface = file.add_interface(LinkType::Ethernet, &host.name)?;
            for frame in own {
                let comment = comments.get(&frame.id).map(String::as_str);
                file.write(interface, frame.at, &frame.bytes, comment)?;
            }
            file.finish()?.flush()
        };
        write().map_err(|error| Failure::writing(&path, &error))?;
    }
    Ok(())
}

/// `talk.pcapng` for the host `client` is `talk.client.pcapng`. A host's name may hold anything.
fn beside(path: &Path, host: &str) -> PathBuf {
    let plain: String =
        host.chars().map(|c| if c.is_alphanumeric() || "-_".contains(c) { c } else { '_' }).collect();
    let extension = path.extension().map(|extension| extension.to_string_lossy().into_owned());
    path.with_extension(extension.map_or_else(|| plain.clone(), |extension| format!("{plain}.{extension}")))
}
