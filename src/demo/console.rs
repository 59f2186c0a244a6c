//! What the demos say, and where: the conversation on the standard output, everything about it
//! (prompts, what listens where, why something happened) on the standard error, so that
//! `… | tee log` keeps the conversation alone.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::{self, IsTerminal, Write};
use std::os::fd::BorrowedFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use super::error::Error;
use super::line_input::{Input, LineInput};
use super::stop::Stop;
use super::text_stream::{Shown, show};
use crate::lang::{Catalog, Lang, Message, Value};

/// Longer texts are cut on a terminal (never in a file or pipe): ten megabytes on a projector
/// teach nothing.
const LONGEST_ON_TERMINAL: usize = 2000;

/// Longer typed lines are cut when they are repeated after the prompt.
const LONGEST_ECHO: usize = 200;

/// Where a demo speaks, in one language.
pub struct Console {
    catalog: Catalog,
    out: Mutex<Box<dyn Write + Send>>,
    explained: Mutex<BTreeSet<Cow<'static, str>>>,
    /// The prompt that the cursor stands behind.
    prompt: Mutex<Option<String>>,
    /// Done before a prompt is written.
    before_prompts: OnceLock<Box<dyn Fn() + Send + Sync>>,
    /// The wish to end came at a prompt, whose line has been left.
    left_prompt: AtomicBool,
    cut_long: bool,
    /// Stands before each line, where several programs share a terminal.
    lane: String,
}

impl Console {
    /// Speaks this language on the standard output and error.
    pub fn new(lang: Lang) -> Self {
        Self { cut_long: io::stdout().is_terminal(), ..Self::writing_to(lang, Box::new(io::stdout())) }
    }

    /// Writes the conversation to `out`, and everything about it to the standard error.
    pub fn writing_to(lang: Lang, out: Box<dyn Write + Send>) -> Self {
        Self {
            catalog: Catalog::new(lang),
            out: Mutex::new(out),
            explained: Mutex::default(),
            prompt: Mutex::default(),
            before_prompts: OnceLock::new(),
            left_prompt: AtomicBool::new(false),
            cut_long: false,
            lane: String::new(),
        }
    }

    /// Puts this name before each line.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        Self { lane: format!("{name}: "), ..self }
    }

    /// A line of the conversation.
    ///
    /// # Errors
    /// [`Error::Output`] when the standard output takes nothing more.
    pub fn say(&self, message: &Message) -> Result<(), Error> {
        self.leave_prompt();
        let line = format!("{}{}\n", self.lane, self.catalog.format(message));
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        out.write_all(line.as_bytes()).and_then(|()| out.flush()).map_err(Error::Output)
    }

    /// Something about the conversation: what listens where, who has left.
    pub fn tell(&self, message: &Message) {
        self.leave_prompt();
        write_error(&format!("{}{}\n", self.lane, self.catalog.format(message)));
    }

    /// The last line. A terminal has shown `^C` where the cursor stood, which no line may follow.
    pub fn bye(&self, stop: &Stop) {
        if stop.is_raised() && !self.left_prompt.load(Ordering::Relaxed) && io::stderr().is_terminal() {
            write_error("\n");
        }
        self.tell(&Message::new("demo-bye"));
    }

    /// An error that ends a conversation but not the program, and the first time its way out.
    pub fn tell_error(&self, error: &Error) {
        self.tell_way_out(&error.message());
    }

    /// Something about the conversation, and the first time the way out: the message's `help`.
    pub fn tell_way_out(&self, message: &Message) {
        self.tell(message);
        let help = format!("{}.help", message.id);
        if self.catalog.has(&help) {
            self.explain(&Message { id: help.into(), args: message.args.clone() });
        }
    }

    /// From now on this is done before a prompt is written: what [`show`](Self::show) has to tell should
    /// not come after it. Only the first caller is heard.
    pub fn before_prompts(&self, work: impl Fn() + Send + Sync + 'static) {
        self.before_prompts.get_or_init(|| Box::new(work));
    }

    /// Lines that are ready to be shown, beside the conversation; a prompt is asked again.
    pub fn show(&self, lines: &[String]) {
        if lines.is_empty() {
            return;
        }
        let prompt = self.prompt.lock().unwrap_or_else(PoisonError::into_inner);
        let text = lines.join("\n");
        match &*prompt {
            Some(asked) => write_error(&format!("\n{text}\n{asked}")),
            None => write_error(&format!("{text}\n")),
        }
    }

    /// Why something happened, said the first time it happens.
    pub fn explain(&self, message: &Message) {
        let mut explained = self.explained.lock().unwrap_or_else(PoisonError::into_inner);
        if explained.insert(message.id.clone()) {
            self.leave_prompt();
            let text = self.catalog.format(message);
            write_error(&format!("  -- {}\n", text.replace('\n', "\n     ")));
        }
    }

    /// What is unusual about a text, said the first time.
    pub fn explain_text(&self, shown: &Shown) {
        let count = |id: &'static str, name, count: usize| Message::new(id).with(name, count);
        if shown.controls {
            self.explain(&Message::new("demo-why-escaped"));
        }
        if shown.strange > 0 {
            self.explain(&count("demo-why-not-utf8", "bytes", shown.strange));
        }
        if shown.kept > 0 {
            self.explain(&count("demo-why-cut-character", "bytes", shown.kept));
        }
    }

    /// Why nothing happens, said when this has lived so long.
    #[must_use = "dropped, it keeps silent"]
    pub fn remind(self: &Arc<Self>, after: Duration, message: Message) -> Reminder {
        let (sender, receiver) = channel();
        let console = self.clone();
        // Without a thread left there is no reminder; the conversation does not need it.
        let waiting = std::thread::Builder::new().name("reminder".into()).spawn(move || {
            if receiver.recv_timeout(after) == Err(RecvTimeoutError::Timeout) {
                console.explain(&message);
            }
        });
        Reminder(waiting.is_ok().then_some(sender))
    }

    /// A text for a message, cut on a terminal when it is very long. It is harmless already.
    pub fn text(&self, shown: &Shown) -> Value {
        let Some((cut, _)) = shown.text.char_indices().nth(LONGEST_ON_TERMINAL).filter(|_| self.cut_long)
        else {
            return Value::Verbatim(shown.text.clone().into());
        };
        let more = shown.text[cut..].chars().count();
        let more = self.catalog.format(&Message::new("demo-text-goes-on").with("more", more));
        Value::Verbatim(format!("{}{more}", &shown.text[..cut]).into())
    }

    /// Asks, and waits for a line; meanwhile also for `beside`, which counts first.
    ///
    /// # Errors
    /// [`Error::Input`] when the input can't be read.
    pub fn ask(
        &self,
        prompt: &Message,
        input: &mut LineInput,
        stop: &Stop,
        beside: Option<BorrowedFd<'_>>,
    ) -> Result<Input, Error> {
        // Nobody has to be asked for what is known beforehand.
        let asks = !input.is_script();
        let prompt = format!("{}{} ", self.lane, self.catalog.format(prompt));
        if asks && !self.is_at_prompt() {
            if let Some(before) = self.before_prompts.get() {
                before();
            }
            let mut asked = self.prompt.lock().unwrap_or_else(PoisonError::into_inner);
            if asked.is_none() {
                write_error(&prompt);
                *asked = Some(prompt.clone());
            }
        }
        let given = input.next(stop, beside).map_err(Error::Input)?;
        match &given {
            // A terminal has shown the line itself, and its end.
            Input::Line(_) if input.is_terminal() => self.answered(""),
            Input::Line(line) => {
                let echo: String = show(line).text.chars().take(LONGEST_ECHO).collect();
                let before = if asks { "" } else { &prompt };
                self.answered(&format!("{before}{echo}\n"));
            }
            Input::End | Input::Stopped => {
                self.leave_prompt();
                self.left_prompt.store(true, Ordering::Relaxed);
            }
            Input::Beside => {}
        }
        Ok(given)
    }

    fn is_at_prompt(&self) -> bool {
        self.prompt.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Nothing is written behind a prompt but the answer to it.
    fn leave_prompt(&self) {
        let mut asked = self.prompt.lock().unwrap_or_else(PoisonError::into_inner);
        if asked.take().is_some() {
            write_error("\n");
        }
    }

    fn answered(&self, text: &str) {
        let mut asked = self.prompt.lock().unwrap_or_else(PoisonError::into_inner);
        *asked = None;
        write_error(text);
    }
}

/// Explains why one waits, unless it is dropped before.
pub struct Reminder(#[expect(dead_code, reason = "its end is the news")] Option<Sender<()>>);

/// Whoever closes the standard error does not want to hear; that is no reason to end.
fn write_error(text: &str) {
    io::stderr().lock().write_all(text.as_bytes()).ok();
}
