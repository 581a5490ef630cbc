//! What is typed, as events.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use anyhow::{Context, Result};
use common::Typed;
use mio::Waker;

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

fn read_input(inputs: &SyncSender<Result<Input>>, waker: &Waker) {
    let mut typed = Typed::default();
    loop {
        let input = typed.next_piece();
        let input = input.map(|piece| piece.map_or(Input::End, Input::Piece));
        let last = !matches!(input, Ok(Input::Piece(_)));
        if inputs.send(input).is_err() || waker.wake().is_err() || last {
            return;
        }
    }
}
