//! Where the time of reading a capture goes: records, packets, analysis, each on top of the one before.

use std::fs::File;
use std::hint::black_box;
use std::io;
use std::path::Path;
use std::time::Instant;

use handshake::analyze::{Analyzer, Config};
use handshake::wire::capture::Reader;

/// Prints the least time of several runs for each phase, in nanoseconds a record.
///
/// # Errors
/// When the file cannot be read.
pub fn show(path: &Path) -> io::Result<()> {
    for (name, run) in PHASES {
        let mut least = f64::MAX;
        let mut count = 0;
        for _ in 0..7 {
            let began = Instant::now();
            count = run(path)?;
            least = least.min(began.elapsed().as_nanos() as f64);
        }
        println!("{name:<10} {:>7.1} ns a record, {:.3} s", least / count as f64, least / 1e9);
    }
    Ok(())
}

/// Reads the whole file and says how many records it has.
type Phase = fn(&Path) -> io::Result<u64>;

const PHASES: [(&str, Phase); 3] = [("records", records), ("packets", packets), ("analysis", analysis)];

fn each(path: &Path, mut take: impl FnMut(&handshake::wire::capture::Record<'_>)) -> io::Result<u64> {
    let mut reader = Reader::open(File::open(path)?).map_err(io::Error::other)?;
    let mut count = 0;
    while let Some(record) = reader.next_record().map_err(io::Error::other)? {
        take(&record);
        count += 1;
    }
    Ok(count)
}

fn records(path: &Path) -> io::Result<u64> {
    each(path, |record| {
        black_box(record);
    })
}

fn packets(path: &Path) -> io::Result<u64> {
    each(path, |record| {
        let _ = black_box(&record.packet());
    })
}

fn analysis(path: &Path) -> io::Result<u64> {
    let mut analyzer = Analyzer::new(Config::default());
    let count = each(path, |record| {
        if let Ok(packet) = &record.packet() {
            black_box(&analyzer.push(record.number, record.at, packet));
        }
    })?;
    black_box(analyzer.finish());
    Ok(count)
}
