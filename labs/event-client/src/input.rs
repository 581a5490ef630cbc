//! What is typed, as events.

use std::io::{self, BufRead, IsTerminal, Read, Write};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use anyhow::{Context, Result};
use mio::Waker;

/// The longest piece of a line that is sent at once: lines may be longer than the memory.
const PIECE: u64 = 64 * 1024;

/// What comes from stdin.
pub(crate) enum Input {
    /// A line, or a part of a long one; only the last part ends with a newline.
    Piece(Vec<u8>),
    /// The input ended, or said `exit`.
    End,
}

/// Reads stdin on a thread of its own, at most two pieces ahead, and wakes the poll for each piece.
///
/// stdin cannot be polled everywhere: epoll(7) refuses a file, Windows polls nothing but sockets,
/// and what one `read` leaves in a buffer no poll knows of. A thread can wait for any of them.
///
/// # Errors
/// If there is no thread to be had.
pub(crate) fn start(waker: Arc<Waker>) -> Result<Receiver<Result<Input>>> {
    let (inputs, queue) = sync_channel(1);
    thread::Builder::new()
        .spawn(move || read_input(&inputs, &waker))
        .context("start a thread")?;
    Ok(queue)
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

/// A last line without a newline gets one: to an echo server the newline is the end of the message.
fn read_input(inputs: &SyncSender<Result<Input>>, waker: &Waker) {
    let mut inside_line = false;
    loop {
        let mut piece = Vec::new();
        let read = io::stdin().lock().take(PIECE).read_until(b'\n', &mut piece);
        let at_end = piece.is_empty();
        if at_end {
            end_prompt();
        }
        let input = match read.context("read stdin") {
            Err(error) => Err(error),
            Ok(_) if at_end && !inside_line => Ok(Input::End),
            Ok(_) if !inside_line && piece.trim_ascii() == b"exit" => Ok(Input::End),
            Ok(n_bytes) => {
                if (n_bytes as u64) < PIECE && !piece.ends_with(b"\n") {
                    piece.push(b'\n');
                }
                inside_line = !piece.ends_with(b"\n");
                Ok(Input::Piece(piece))
            }
        };
        let last = !matches!(input, Ok(Input::Piece(_)));
        if inputs.send(input).is_err() || waker.wake().is_err() || last {
            return;
        }
    }
}
