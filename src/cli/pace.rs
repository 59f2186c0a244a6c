//! Showing a timeline block by block: at once, at a scaled pace, or on the key Enter.

use std::io::{self, BufRead, IsTerminal, Write};

use super::failure::Failure;
use super::output::Output;
use crate::lang::Message;
use crate::time::{Duration, Instant};

/// How fast scaled time runs: thousandths of real time, so `2x` is 2000.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pace {
    thousandths: u64,
}

impl Pace {
    /// Reads `2x`, `2`, `0.5x`: above 0, at most 1000000, with at most three decimals.
    ///
    /// # Errors
    /// With anything else; the text is for programmers, users get the message `cli-expected-pace`.
    pub(super) fn parse(text: &str) -> Result<Pace, String> {
        let bad = || format!("{text:?} is not a pace such as 2x or 0.5x");
        let digits = |text: &str| text.bytes().all(|octet| octet.is_ascii_digit());
        let number = text.strip_suffix(['x', 'X', '×']).unwrap_or(text);
        let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
        let unreadable = number.is_empty() || number == "." || decimals.len() > 3 || whole.len() > 7;
        if unreadable || !digits(whole) || !digits(decimals) {
            return Err(bad());
        }
        let thousandths = format!("{whole}{decimals:0<3}").parse::<u64>().map_err(|_| bad())?;
        if (1..=1_000_000_000).contains(&thousandths) { Ok(Pace { thousandths }) } else { Err(bad()) }
    }

    /// How long to wait for so much time to pass.
    fn wait(self, span: Duration) -> std::time::Duration {
        let nanos = u128::from(span.as_nanos()) * 1000 / u128::from(self.thousandths.max(1));
        std::time::Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }
}

/// What holds a block back until its turn.
pub(super) enum Pacer {
    /// Nothing.
    AtOnce,
    /// The key Enter, after this prompt.
    OnEnter {
        /// The prompt, already in the user's language.
        prompt: String,
        /// Whether the line of the prompt can be taken back once Enter was pressed.
        erase: bool,
    },
    /// Time.
    Timed {
        /// How fast.
        pace: Pace,
        /// When the block before stood.
        last: Option<Instant>,
    },
}

/// Whether to show more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// The block's turn has come.
    Show,
    /// The user has seen enough.
    Stop,
}

impl Pacer {
    /// The pacer that the arguments ask for.
    pub(super) fn new(step: bool, pace: Option<Pace>, catalog: &crate::lang::Catalog) -> Self {
        if step {
            let prompt = catalog.format(&Message::new("cli-step-prompt"));
            let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
            let erase = io::stdin().is_terminal() && io::stderr().is_terminal() && !dumb;
            Pacer::OnEnter { prompt, erase }
        } else {
            pace.map_or(Pacer::AtOnce, |pace| Pacer::Timed { pace, last: None })
        }
    }

    /// Waits for the turn of a block that stands at `at`; what was written before is shown first.
    ///
    /// # Errors
    /// When what was written cannot be shown.
    pub(super) fn before(&mut self, at: Instant, output: &mut Output) -> Result<Next, Failure> {
        match self {
            Pacer::AtOnce => return Ok(Next::Show),
            Pacer::OnEnter { prompt, erase } => {
                output.flush()?;
                // A prompt that cannot be shown is no reason to stop.
                let mut messages = io::stderr().lock();
                let _ = write!(messages, "{prompt}").and_then(|()| messages.flush());
                let mut line = String::new();
                match io::stdin().lock().read_line(&mut line) {
                    // The end of input shows the rest: nobody is there to press Enter.
                    Ok(0) | Err(_) => {
                        let _ = writeln!(messages);
                        *self = Pacer::AtOnce;
                    }
                    Ok(_) if line.trim() == "q" => return Ok(Next::Stop),
                    Ok(_) if *erase => {
                        // Up to the prompt's line and clear it, so that the timeline stays whole.
                        let _ = write!(messages, "\x1b[1A\r\x1b[2K");
                    }
                    Ok(_) => {}
                }
            }
            Pacer::Timed { pace, last } => {
                if let Some(last) = *last
                    && at > last
                {
                    output.flush()?;
                    std::thread::sleep(pace.wait(at.since(last)));
                }
                *last = Some(at);
            }
        }
        Ok(Next::Show)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paces() {
        for (text, thousandths) in
            [("2x", 2000), ("2", 2000), ("0.5x", 500), (".25", 250), ("10×", 10_000), ("3.x", 3000)]
        {
            assert_eq!(Pace::parse(text), Ok(Pace { thousandths }), "{text}");
        }
        for text in ["", "x", ".", "0", "0.0x", "-1", "1e3", "0.0001", "99999999", "２x", "1.2.3"] {
            assert!(Pace::parse(text).is_err(), "{text}");
        }
        assert_eq!(Pace { thousandths: 500 }.wait(Duration::from_millis(10)).as_millis(), 20);
        assert!(Pace { thousandths: 1 }.wait(Duration::from_nanos(u64::MAX)).as_secs() > 1_000_000);
    }
}
