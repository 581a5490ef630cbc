//! What happens to the client, and what is typed.

use std::io::{self, BufRead, IsTerminal, Read, Write};
use std::sync::mpsc::{Receiver, Sender};

use anyhow::{Context, Result};

/// The longest piece of a line that is sent at once: lines may be longer than the memory.
const PIECE: u64 = 64 * 1024;

/// What happens to the client.
pub(crate) enum Event {
    /// A line of the input, or a part of a long one; only the last part ends with a newline.
    Piece(Vec<u8>),
    /// The input ended, or said `exit`.
    EndOfInput,
    /// So many bytes of a reply came and are on stdout; `newline` says whether a line ended.
    Received { n_bytes: usize, newline: bool },
    /// The server closed the connection, or reset it.
    ServerGone(Option<io::Error>),
}

/// Shows that a line may be typed, where somebody can type one.
pub(crate) fn prompt() {
    if io::stdin().is_terminal() {
        let _ = io::stderr().write_all(b"> ");
    }
}

/// Ends the line of a prompt that nobody will answer.
pub(crate) fn end_prompt() {
    if io::stdin().is_terminal() {
        let _ = io::stderr().write_all(b"\n");
    }
}

/// Reads a piece of stdin for each token, until the input ends or says `exit`.
///
/// A last line without a newline gets one: to an echo server the newline is the end of the message.
pub(crate) fn read_input(tokens: &Receiver<()>, events: &Sender<Result<Event>>) {
    let mut inside_line = false;
    while tokens.recv().is_ok() {
        let mut piece = Vec::new();
        let read = io::stdin().lock().take(PIECE).read_until(b'\n', &mut piece);
        let at_end = piece.is_empty();
        if at_end {
            end_prompt();
        }
        let event = match read.context("read stdin") {
            Err(error) => Err(error),
            Ok(_) if at_end && !inside_line => Ok(Event::EndOfInput),
            Ok(_) if !inside_line && piece.trim_ascii() == b"exit" => Ok(Event::EndOfInput),
            Ok(n_bytes) => {
                if (n_bytes as u64) < PIECE && !piece.ends_with(b"\n") {
                    piece.push(b'\n');
                }
                inside_line = !piece.ends_with(b"\n");
                Ok(Event::Piece(piece))
            }
        };
        let last = !matches!(event, Ok(Event::Piece(_)));
        if events.send(event).is_err() || last {
            return;
        }
    }
}
