//! What happens to the client, and what is typed.

use std::io;
use std::sync::mpsc::{Receiver, Sender};

use anyhow::Result;
use common::Typed;

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

/// Reads a piece of stdin for each token, until the input ends or says `exit`.
pub(crate) fn read_input(tokens: &Receiver<()>, events: &Sender<Result<Event>>) {
    let mut typed = Typed::default();
    while tokens.recv().is_ok() {
        let event = typed.next_piece();
        let event = event.map(|piece| piece.map_or(Event::EndOfInput, Event::Piece));
        let last = !matches!(event, Ok(Event::Piece(_)));
        if events.send(event).is_err() || last {
            return;
        }
    }
}
