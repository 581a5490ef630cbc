//! stdout, for what a program exists to print.

use std::fmt;
use std::io::{self, ErrorKind, IsTerminal, Write};

use anyhow::{Context, Result};

use crate::{escape, incomplete_tail};

/// stdout for what a peer sent: byte by byte as it came in a pipe or a file, [`escape`]d on a
/// terminal, where only line feeds keep their effect.
pub struct PeerOutput<W: Write = io::Stdout> {
    sink: W,
    terminal: bool,
    /// The beginning of a character whose rest has not come yet.
    begun: Vec<u8>,
    at_line_start: bool,
}

impl PeerOutput {
    /// The process's stdout.
    pub fn stdout() -> Self {
        let terminal = io::stdout().is_terminal();
        Self {
            sink: io::stdout(),
            terminal,
            begun: Vec::new(),
            at_line_start: true,
        }
    }
}

impl<W: Write> PeerOutput<W> {
    /// Shows the next bytes of a stream at once; a character that is cut in two waits for its rest.
    ///
    /// # Errors
    /// [`StdoutClosed`], or what writing failed with.
    pub fn show(&mut self, bytes: &[u8]) -> Result<()> {
        if !self.terminal {
            return self.write(bytes);
        }
        let mut text = std::mem::take(&mut self.begun);
        text.extend_from_slice(bytes);
        self.begun = text.split_off(text.len() - incomplete_tail(&text));
        self.at_line_start = if text.is_empty() {
            self.at_line_start
        } else {
            text.ends_with(b"\n")
        };
        let lines: Vec<String> = text.split(|&byte| byte == b'\n').map(escape).collect();
        self.write(lines.join("\n").as_bytes())
    }

    /// Shows the beginning of a character that was never finished; on a terminal, ends the line.
    ///
    /// # Errors
    /// As [`PeerOutput::show`].
    pub fn end(&mut self) -> Result<()> {
        let begun = std::mem::take(&mut self.begun);
        self.write(escape(&begun).as_bytes())?;
        if self.terminal && !(self.at_line_start && begun.is_empty()) {
            self.at_line_start = true;
            self.write(b"\n")?;
        }
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        written(self.sink.write_all(bytes).and_then(|()| self.sink.flush()))
    }
}

/// Writes a line to stdout at once.
///
/// # Errors
/// [`StdoutClosed`], or what writing failed with.
pub fn print_line(line: &str) -> Result<()> {
    let mut stdout = io::stdout().lock();
    written(writeln!(stdout, "{line}").and_then(|()| stdout.flush()))
}

fn written(result: io::Result<()>) -> Result<()> {
    match result {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(StdoutClosed.into()),
        result => result.context("write stdout"),
    }
}

/// Nobody reads stdout any more (`| head`): no failure, but a reason to end. [`crate::exit_code`]
/// makes it 0.
#[derive(Debug)]
pub struct StdoutClosed;

impl fmt::Display for StdoutClosed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("stdout is closed")
    }
}

impl std::error::Error for StdoutClosed {}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(terminal: bool, parts: &[&[u8]]) -> Vec<u8> {
        let mut output = PeerOutput {
            sink: Vec::new(),
            terminal,
            begun: Vec::new(),
            at_line_start: true,
        };
        for part in parts {
            output.show(part).unwrap();
        }
        output.end().unwrap();
        output.sink
    }

    #[test]
    fn a_pipe_gets_the_bytes_as_they_came() {
        assert_eq!(shown(false, &[b"\x1b[2J\xff", b"\n"]), b"\x1b[2J\xff\n");
    }

    #[test]
    fn a_terminal_gets_whole_characters_and_no_controls() {
        assert_eq!(
            shown(true, &["п".as_bytes(), b"\xd1", b"\x80\n"]),
            "пр\n".as_bytes()
        );
        assert_eq!(shown(true, &[b"\x1b[2J\n\xd1"]), b"\\u{1b}[2J\n\\xd1\n");
        assert_eq!(shown(true, &[b"no end"]), b"no end\n");
        assert_eq!(shown(true, &[b"a\n\n"]), b"a\n\n");
        assert_eq!(shown(true, &[]), b"");
    }
}
