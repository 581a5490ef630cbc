//! What is typed at a client's console, or comes to it through a pipe.

use std::io::{self, BufRead, IsTerminal, Read, Write};

use anyhow::{Context, Result};

/// The longest piece of a line that is taken at once: lines may be longer than the memory.
const PIECE: u64 = 64 * 1024;

/// Stdin, piece by piece, until it ends or says `exit`.
#[derive(Debug, Default)]
pub struct Typed {
    inside_line: bool,
}

impl Typed {
    /// The next line, or a part of a long one, of which only the last part ends with a newline; `None`
    /// at the end of the input and for the line `exit`. Blocks until it is there.
    ///
    /// A last line without a newline gets one: to an echo server the newline is the end of the message.
    ///
    /// # Errors
    /// If stdin cannot be read.
    pub fn next_piece(&mut self) -> Result<Option<Vec<u8>>> {
        let mut piece = Vec::new();
        let read = io::stdin().lock().take(PIECE).read_until(b'\n', &mut piece);
        if piece.is_empty() {
            end_prompt();
        }
        let n_bytes = read.context("read stdin")?;
        if !self.inside_line && (piece.is_empty() || piece.trim_ascii() == b"exit") {
            return Ok(None);
        }
        if (n_bytes as u64) < PIECE && !piece.ends_with(b"\n") {
            piece.push(b'\n');
        }
        self.inside_line = !piece.ends_with(b"\n");
        Ok(Some(piece))
    }
}

/// Shows that a line may be typed, where somebody can type one.
pub fn prompt() {
    if io::stdin().is_terminal() {
        let _ = io::stderr().write_all(b"> ");
    }
}

/// Ends the line of a prompt that nobody will answer.
pub fn end_prompt() {
    if io::stdin().is_terminal() {
        let _ = io::stderr().write_all(b"\n");
    }
}
