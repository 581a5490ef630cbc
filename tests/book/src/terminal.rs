//! A program on a terminal of its own, and what it prints there.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};
use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};
use rustix::termios::{
    LocalModes, OptionalActions, OutputModes, Winsize, tcgetattr, tcsetattr, tcsetwinsize,
};

use crate::namespace::STARTED;

/// The prompt of our clients. It may stand before any line that is printed after it.
const PROMPT: &[u8] = b"> ";

/// More lines, or a longer line, than a page ever waits for: the program prints without end.
const TOO_MUCH: usize = 1 << 20;

/// How many bytes of what a terminal has shown are kept for a failure message, and how many lines are told.
const SHOWN: usize = 8 * 1024;
const SHOWN_LINES: usize = 40;

/// A program on a pseudo-terminal. Dropping it kills its direct child, not what runs in a namespace.
pub(crate) struct Terminal {
    keyboard_and_screen: File,
    child: Child,
    ended: bool,
    /// Lines that were printed and not yet taken.
    lines: VecDeque<String>,
    /// The beginning of a line whose end has not come yet.
    begun: Vec<u8>,
    shown: Vec<u8>,
}

impl Terminal {
    /// Starts `command` with all three standard streams on a new terminal, 100 columns wide, without echo.
    ///
    /// # Errors
    /// If there is no terminal left, or no such program.
    pub(crate) fn start(mut command: Command) -> Result<Self> {
        let (keyboard_and_screen, program_side) = open_pty().context("open a terminal")?;
        command.stdin(program_side.try_clone()?);
        command.stdout(program_side.try_clone()?);
        command.stderr(Stdio::from(program_side));
        let name = command.get_program().to_string_lossy().into_owned();
        let child = command.spawn().with_context(|| format!("run {name}"))?;
        Ok(Self {
            keyboard_and_screen,
            child,
            ended: false,
            lines: VecDeque::new(),
            begun: Vec::new(),
            shown: Vec::new(),
        })
    }

    /// Types `text` and Enter.
    ///
    /// # Errors
    /// If the program has not read what was typed before, and no more fits.
    pub(crate) fn type_line(&mut self, text: &str) -> Result<()> {
        self.end_begun_line();
        self.press(format!("{text}\n").as_bytes())
    }

    /// The interrupt key: SIGINT to the program in the foreground.
    ///
    /// # Errors
    /// As [`Terminal::type_line`].
    pub(crate) fn interrupt(&mut self) -> Result<()> {
        self.end_begun_line();
        self.press(b"\x03")
    }

    /// Ends the input.
    ///
    /// # Errors
    /// As [`Terminal::type_line`].
    pub(crate) fn end_input(&mut self) -> Result<()> {
        self.end_begun_line();
        self.press(b"\x04")
    }

    fn press(&self, keys: &[u8]) -> Result<()> {
        match (&self.keyboard_and_screen).write_all(keys) {
            // Nobody listens any more: what the terminal shows then is told by the next expectation.
            Err(error) if is_hangup(&error) => Ok(()),
            result => result.context("type on the terminal"),
        }
    }

    /// Takes in what the program has printed since; never blocks.
    ///
    /// # Errors
    /// If the terminal cannot be read, or the program prints without end. That it has ended is no error.
    pub(crate) fn read(&mut self) -> Result<()> {
        let mut buffer = [0; 4096];
        match (&self.keyboard_and_screen).read(&mut buffer) {
            Ok(0) => self.end(),
            Err(error) if is_hangup(&error) => self.end(),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            result => self.show(&buffer[..result.context("read the terminal")?]),
        }
        if self.lines.len().max(self.begun.len()) > TOO_MUCH {
            bail!("the program prints without end");
        }
        Ok(())
    }

    fn show(&mut self, bytes: &[u8]) {
        self.shown.extend_from_slice(bytes);
        let too_much = self.shown.len().saturating_sub(SHOWN);
        self.shown.drain(..too_much);
        for part in bytes.split_inclusive(|&byte| byte == b'\n') {
            self.begun.extend_from_slice(part);
            if part.ends_with(b"\n") {
                let line = std::mem::take(&mut self.begun);
                self.lines.extend(line_of(&line));
            }
        }
    }

    fn end(&mut self) {
        self.ended = true;
        self.end_begun_line();
    }

    /// What was typed is not echoed, but Enter takes the cursor to the next line all the same.
    fn end_begun_line(&mut self) {
        let begun = std::mem::take(&mut self.begun);
        if !begun.is_empty() {
            self.lines.extend(line_of(&begun));
        }
    }

    /// The next line that was printed whole and not yet taken, or at the program's end the rest.
    pub(crate) fn take_line(&mut self) -> Option<String> {
        self.lines.pop_front()
    }

    /// A question such as `port [9090]: `: a line that ends with a blank for now, with all lines before it taken.
    pub(crate) fn question(&self) -> Option<String> {
        let asks = self.lines.is_empty() && self.begun.ends_with(b" ");
        asks.then(|| line_of(&self.begun)).flatten()
    }

    /// Takes what [`Terminal::question`] shows.
    pub(crate) fn take_question(&mut self) {
        self.begun.clear();
    }

    /// Whether the program has ended and closed the terminal; all its output is here then.
    pub(crate) fn ended(&self) -> bool {
        self.ended
    }

    /// The last lines that the terminal has shown, with control characters escaped.
    pub(crate) fn shown(&self) -> String {
        let text = String::from_utf8_lossy(&self.shown);
        let lines: Vec<&str> = text.lines().skip_while(|line| *line == STARTED).collect();
        let lines = &lines[lines.len().saturating_sub(SHOWN_LINES)..];
        lines
            .iter()
            .map(|line| format!("\n    | {}", escape(line)))
            .collect()
    }
}

fn escape(line: &str) -> String {
    let escape = |c: char| match c.is_control() {
        true => c.escape_default().to_string(),
        false => c.into(),
    };
    line.chars().map(escape).collect()
}

impl AsFd for Terminal {
    /// Readable when there is something to [`Terminal::read`].
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.keyboard_and_screen.as_fd()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Neither fails for a child that was not waited for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The line as the page shows it: without the prompts before it and the blanks behind it. `None` if it is nothing but
/// prompts, or `cargo` waiting for the `cargo` of another page.
fn line_of(mut bytes: &[u8]) -> Option<String> {
    let had_prompt = bytes.starts_with(PROMPT);
    while let Some(rest) = bytes.strip_prefix(PROMPT) {
        bytes = rest;
    }
    let line = String::from_utf8_lossy(bytes).trim_end().to_owned();
    let waits = line.starts_with("    Blocking waiting for file lock on ");
    let shows_nothing = had_prompt && line.is_empty();
    (!waits && !shows_nothing).then_some(line)
}

/// Both ends of a new terminal; this process's end does not block.
fn open_pty() -> io::Result<(File, File)> {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
    grantpt(&ours)?;
    unlockpt(&ours)?;
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let theirs = ioctl_tiocgptpeer(&ours, flags)?;
    let mut modes = tcgetattr(&theirs)?;
    modes.local_modes.remove(LocalModes::ECHO);
    // ^C must not throw away what was printed and not yet read.
    modes.local_modes.insert(LocalModes::NOFLSH);
    modes.output_modes.remove(OutputModes::ONLCR);
    tcsetattr(&theirs, OptionalActions::Now, &modes)?;
    let size = Winsize {
        ws_row: 30,
        ws_col: 100,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(&theirs, size)?;
    rustix::io::ioctl_fionbio(&ours, true)?;
    Ok((ours.into(), theirs.into()))
}

/// EIO: no process has the other end open.
fn is_hangup(error: &io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_shown_without_prompts() {
        assert_eq!(line_of(b"HELLO\n").unwrap(), "HELLO");
        assert_eq!(line_of(b"> > HELLO \r\n").unwrap(), "HELLO");
        assert_eq!(line_of(b"\n").unwrap(), "");
        assert_eq!(line_of(b"> \n"), None);
        assert_eq!(
            line_of(b"    Blocking waiting for file lock on package cache\n"),
            None
        );
        assert_eq!(line_of(b">quoted\n").unwrap(), ">quoted");
    }
}
