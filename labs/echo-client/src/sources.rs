//! The two things that the client waits for at once, each on a thread of its own.

use std::io::{self, BufRead, ErrorKind, IsTerminal, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use common::PeerOutput;

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

/// Whose turn it is to write to the console: the sender's while it sends the end of a line and
/// reports it, the receiver's otherwise.
#[derive(Default)]
pub(crate) struct Turn {
    sending: Mutex<bool>,
    done: Condvar,
}

/// The sender's turn; dropping it ends the turn.
pub(crate) struct Sending<'a>(&'a Turn);

impl Turn {
    pub(crate) fn take(&self) -> Sending<'_> {
        *self.sending.lock().unwrap_or_else(PoisonError::into_inner) = true;
        Sending(self)
    }

    /// Waits for the sender, but not for long: it may be waiting for the server, and the server for
    /// this client to receive.
    fn wait(&self) {
        let sending = self.sending.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = self
            .done
            .wait_timeout_while(sending, Duration::from_secs(1), |sending| *sending);
    }
}

impl Drop for Sending<'_> {
    fn drop(&mut self) {
        *self
            .0
            .sending
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = false;
        self.0.done.notify_all();
    }
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

/// Receives until the server closes, and shows what comes on stdout at once.
pub(crate) fn receive(mut stream: &TcpStream, turn: &Turn, events: &Sender<Result<Event>>) {
    let mut output = PeerOutput::stdout();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let event = match stream.read(&mut buffer) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => Ok(Event::ServerGone(Some(error))),
            Ok(0) => Ok(Event::ServerGone(None)),
            Ok(n_bytes) => {
                let bytes = &buffer[..n_bytes];
                let newline = bytes.contains(&b'\n');
                turn.wait();
                output
                    .show(bytes)
                    .map(|()| Event::Received { n_bytes, newline })
            }
        };
        let last = !matches!(event, Ok(Event::Received { .. }));
        if last {
            // A piece of a character that will never be finished, and the end of the line.
            let _ = output.end();
        }
        if events.send(event).is_err() || last {
            // Nobody shows replies any more: no reason to go on sending.
            let _ = stream.shutdown(Shutdown::Both);
            return;
        }
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
