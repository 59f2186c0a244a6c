//! One capture from its first frame to its last: written down, analyzed, given out.

use std::io::{self, BufWriter, Write};
use std::time::{Duration, Instant as Clock};

use super::{Capture, Frame, finish_checksum};
use crate::analyze::{Analyzer, Config, PacketReport, Summary};
use crate::live::{Result, clock};
use crate::time::Instant;
use crate::wire::capture::PcapngWriter;
use crate::wire::{Packet, decode_frame};

/// How often to see whether it is over.
const TICK: Duration = Duration::from_millis(10);
/// How much is gathered before it is written to the file.
const BUFFER: usize = 1 << 20;
/// A ring shows a frame later than this only when no frame is left.
const LINGER: Duration = Duration::from_millis(50);
/// How long a frame may wait for being written.
const FLUSH: Duration = Duration::from_millis(500);

/// When to end.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// After so many frames.
    pub count: Option<u64>,
    /// After so long.
    pub duration: Option<Duration>,
}

/// A packet, as it is given out.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Its number in the capture, from 1.
    pub number: u64,
    /// When the kernel saw it.
    pub at: Instant,
    /// The packet.
    pub packet: Packet,
    /// What the analysis says about it; `None` for anything but TCP.
    pub report: Option<PacketReport>,
}

/// What a capture came to.
#[derive(Debug)]
pub struct Tally {
    /// Frames captured.
    pub frames: u64,
    /// Frames that the kernel had to drop, because they came faster than they were taken.
    pub dropped: u64,
    /// The capture as a whole.
    pub summary: Summary,
    /// What kept the file from being written whole.
    pub write_error: Option<io::Error>,
}

type File = PcapngWriter<BufWriter<Box<dyn Write + Send>>>;

/// A capture under way.
pub struct Session {
    capture: Capture,
    limits: Limits,
    /// What comes later does not count.
    end: Option<Instant>,
    analyzer: Analyzer,
    /// The file and the interface's number in it.
    file: Option<(File, u32)>,
    frames: u64,
    write_error: Option<io::Error>,
    room: Vec<u8>,
}

impl Session {
    /// Begins; frames of `interface` also go to the file, if there is one.
    ///
    /// # Errors
    /// When the file's beginning cannot be written.
    pub fn new(
        capture: Capture,
        interface: &str,
        limits: Limits,
        file: Option<Box<dyn Write + Send>>,
    ) -> io::Result<Session> {
        let file = match file {
            None => None,
            Some(file) => {
                let mut file = PcapngWriter::new(BufWriter::with_capacity(BUFFER, file))?;
                let interface = file.add_interface(capture.link(), interface)?;
                file.flush()?;
                Some((file, interface))
            }
        };
        let analyzer = Analyzer::new(Config::default());
        Ok(Session {
            capture,
            limits,
            end: None,
            analyzer,
            file,
            frames: 0,
            write_error: None,
            room: Vec::new(),
        })
    }

    /// Captures until a limit is reached, the file cannot be written, or `over` says so, which is asked
    /// about every 10 ms. `give` gets every packet that can be read, in the order of capture.
    ///
    /// # Errors
    /// The interface is down or gone.
    pub fn run(mut self, mut over: impl FnMut() -> bool, mut give: impl FnMut(Seen)) -> Result<Tally> {
        let begin = Clock::now();
        let (mut asked, mut flushed) = (begin, begin);
        let enough = |session: &Session| {
            session.write_error.is_some() || session.limits.count.is_some_and(|count| session.frames >= count)
        };
        while !enough(&self) {
            let now = Clock::now();
            let left = self.limits.duration.map(|duration| duration.saturating_sub(now - begin));
            if left.is_some_and(|left| left.is_zero()) {
                break;
            }
            if now - asked >= TICK {
                asked = now;
                if over() {
                    break;
                }
            }
            if now - flushed >= FLUSH {
                flushed = now;
                self.flush();
            }
            self.receive(left.map_or(TICK, |left| left.min(TICK)), &mut give)?;
        }
        if !enough(&self) {
            self.drain(&mut give)?;
        }
        self.flush();
        let dropped = self.capture.dropped();
        let summary = self.analyzer.finish();
        Ok(Tally { frames: self.frames, dropped, summary, write_error: self.write_error })
    }

    /// What came before the end, and was not taken yet because the machine was busy, still counts.
    fn drain(&mut self, give: &mut impl FnMut(Seen)) -> Result<()> {
        self.end = Some(clock::now());
        loop {
            let before = self.frames;
            self.receive(LINGER, give)?;
            if self.frames == before {
                return Ok(());
            }
        }
    }

    fn receive(&mut self, at_most: Duration, give: &mut impl FnMut(Seen)) -> Result<()> {
        let Session { capture, limits, end, analyzer, file, frames, write_error, room } = self;
        let link = capture.link();
        capture.receive(at_most, |frame: Frame<'_>| {
            let is_late = end.is_some_and(|end| frame.at > end);
            if is_late || limits.count.is_some_and(|count| *frames >= count) || write_error.is_some() {
                return;
            }
            *frames += 1;
            if let Some((file, interface)) = file {
                room.clear();
                room.extend_from_slice(frame.data);
                finish_checksum(link, room);
                *write_error = file.write_cut(*interface, frame.at, room, frame.original_len, None).err();
            }
            if let Ok(packet) = decode_frame(link, frame.data) {
                let report = analyzer.push(*frames, frame.at, &packet);
                give(Seen { number: *frames, at: frame.at, packet: packet.to_owned(), report });
            }
        })
    }

    fn flush(&mut self) {
        if let Some((file, _)) = &mut self.file
            && let Err(error) = file.flush()
        {
            self.write_error.get_or_insert(error);
        }
    }
}
