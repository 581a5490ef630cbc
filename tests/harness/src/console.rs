//! What a program prints, read while it runs, a line at a time.

use std::io::Read;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use common::tr;

use crate::code_page::decoded;
use crate::prompts::Prompts;
use crate::{Failure, Transcript, What};

/// The most bytes and lines that are read of one output: at the end of it the pipe is closed, as by
/// a reader that has seen enough.
const MOST_BYTES: usize = 16 << 20;
const MOST_LINES: usize = 200_000;

/// Where a line was printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// A line that the program printed, without its end.
#[derive(Clone, Debug)]
pub struct Line {
    /// Where.
    pub source: Source,
    /// The text, [`decoded`].
    pub text: String,
}

/// What the program has printed so far.
#[derive(Debug, Default)]
pub(crate) struct Console {
    state: Mutex<Printed>,
    pub(crate) changed: Condvar,
}

/// The same, while it is looked at.
#[derive(Debug, Default)]
pub(crate) struct Printed {
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
    pub(crate) lines: Vec<Line>,
    /// How many of the outputs have ended.
    pub(crate) closed: u8,
}

impl Printed {
    /// What stands behind the last line end of each output. At its end all that was printed is lines.
    pub(crate) fn unfinished(&self) -> Vec<String> {
        let outputs = [&self.stdout, &self.stderr].into_iter();
        let tails = outputs.filter_map(|output| output.rsplit(|&byte| byte == b'\n').next());
        let open = tails.filter(|tail| !tail.is_empty() && self.closed < 2);
        open.map(|tail| decoded(tail).into_owned()).collect()
    }
}

impl Console {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Printed> {
        lock(&self.state)
    }

    /// Answers prompts until all are answered, the program has closed its outputs, or `type_in` says
    /// that it reads no more.
    pub(crate) fn answer(&self, mut prompts: Prompts, type_in: impl Fn(&str) -> bool) {
        let mut printed = self.lock();
        while !prompts.are_all_answered() {
            let outputs = [&printed.stdout, &printed.stderr].map(Vec::as_slice);
            let text = prompts.next(outputs);
            if text.is_none() && printed.closed == 2 {
                return;
            }
            printed = match text {
                Some(text) => {
                    drop(printed);
                    if !type_in(&text) {
                        return;
                    }
                    self.lock()
                }
                None => {
                    let waited = self.changed.wait(printed);
                    waited.unwrap_or_else(PoisonError::into_inner)
                }
            };
        }
    }
}

/// Reads one output of a program to its end, on a thread of its own.
pub(crate) struct Reader {
    source: Source,
    name: String,
    transcript: Transcript,
    console: Arc<Console>,
    /// The line that has not ended yet.
    line: Vec<u8>,
}

impl Reader {
    /// A reader of the output `source` of the program `name`.
    pub(crate) fn new(
        source: Source,
        name: &str,
        transcript: &Transcript,
        console: &Arc<Console>,
    ) -> Self {
        Self {
            source,
            name: name.to_owned(),
            transcript: transcript.clone(),
            console: Arc::clone(console),
            line: Vec::new(),
        }
    }

    /// Begins to read.
    pub(crate) fn start(mut self, pipe: impl Read + Send + 'static) -> Result<(), Failure> {
        let spawned = thread::Builder::new().spawn(move || self.read(pipe));
        spawned
            .map(drop)
            .map_err(|error| Failure::inconclusive("no thread", &error))
    }

    fn read(&mut self, mut pipe: impl Read) {
        let mut buffer = vec![0; 64 << 10];
        while let Ok(n_bytes @ 1..) = pipe.read(&mut buffer) {
            if !self.keep(&buffer[..n_bytes]) {
                let note = tr!(
                    "prints without end: nobody reads it any more",
                    "печатает без конца: вывод больше не читается"
                );
                self.transcript.add(&self.name, What::Note(note));
                break;
            }
        }
        if !self.line.is_empty() {
            self.keep_lines(b"\n");
        }
        self.console.lock().closed += 1;
        self.console.changed.notify_all();
    }

    /// Keeps what was printed; false if that is enough.
    fn keep(&mut self, bytes: &[u8]) -> bool {
        let mut printed = self.console.lock();
        let kept = match self.source {
            Source::Stdout => &mut printed.stdout,
            Source::Stderr => &mut printed.stderr,
        };
        kept.extend_from_slice(bytes);
        let is_enough = kept.len() >= MOST_BYTES || printed.lines.len() >= MOST_LINES;
        drop(printed);
        self.keep_lines(bytes);
        self.console.changed.notify_all();
        !is_enough
    }

    fn keep_lines(&mut self, bytes: &[u8]) {
        for part in bytes.split_inclusive(|&byte| byte == b'\n') {
            self.line.extend_from_slice(part);
            if self.line.ends_with(b"\n") {
                let line = decoded(&self.line);
                let text = line.trim_end_matches(['\n', '\r']).to_owned();
                self.line.clear();
                // Of a line of megabytes the transcript needs the beginning only.
                let shown = text.chars().take(300).collect();
                self.transcript.add(&self.name, What::Line(shown));
                self.console.lock().lines.push(Line {
                    source: self.source,
                    text,
                });
            }
        }
    }
}

/// The guard, whatever has happened to another holder.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_line_end_is_unfinished_until_the_output_ends() {
        let mut printed = Printed {
            stdout: b"one\ntwo ".to_vec(),
            stderr: b"three\n".to_vec(),
            ..Printed::default()
        };
        assert_eq!(printed.unfinished(), ["two "]);
        printed.closed = 2;
        assert!(printed.unfinished().is_empty());
    }
}
