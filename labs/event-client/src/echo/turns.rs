//! Whose turn it is: a line goes out, its reply comes back, until `exit` or the end of the input.

use std::net::Shutdown;
use std::sync::mpsc::TryRecvError;
use std::time::Instant;

use anyhow::{Result, anyhow, bail};
use common::{bytes, event, tr};

use super::{Echo, GOODBYE, State};
use crate::input::Input;

impl Echo {
    /// Something may have been typed: takes it, if it is the input's turn.
    pub(crate) fn typed(&mut self) -> Result<()> {
        while matches!(self.state, State::Typing | State::Closed) {
            let input = match self.input.try_recv() {
                Ok(input) => input?,
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => Input::End,
            };
            match input {
                Input::End => self.leave(),
                Input::Piece(_) if matches!(self.state, State::Closed) => return self.gone(),
                Input::Piece(piece) => {
                    self.line_ends = piece.ends_with(b"\n");
                    self.n_sent += piece.len();
                    self.outgoing = piece;
                    self.enter(State::Sending);
                    // Mostly there is room at once.
                    self.ready_write()?;
                }
            }
        }
        Ok(())
    }

    /// Nothing has happened until the [`Echo::deadline`].
    pub(crate) fn time_out(&mut self) -> Result<()> {
        match self.state {
            State::Sending => bail!(
                "send {}: {}",
                self.server,
                tr!("the server does not read", "сервер не читает")
            ),
            State::Receiving if self.n_received == 0 => bail!(
                "recv {}: {}",
                self.server,
                tr!("no reply in time", "нет ответа за отведённое время")
            ),
            State::Receiving => {
                event!("the reply has no end of line", "в ответе нет конца строки");
                self.reply_ended();
                // A line that was typed ahead has woken the loop before it was its turn.
                return self.typed();
            }
            State::Closed => return self.gone(),
            State::Leaving(_) => self.enter(State::Done),
            State::Typing | State::Done => {}
        }
        Ok(())
    }

    pub(super) fn next_line(&mut self) {
        common::prompt();
        self.n_sent = 0;
        self.enter(State::Typing);
    }

    /// A piece of the input is sent.
    pub(super) fn sent(&mut self) {
        if !self.line_ends {
            return self.enter(State::Typing);
        }
        let (n_bytes, server) = (bytes(self.n_sent), self.server);
        event!(
            "data sent: {n_bytes} to {server}",
            "данные отправлены: {n_bytes}, {server}"
        );
        self.enter(State::Receiving);
    }

    /// Shows what came, which takes as long as the reader of stdout needs: no fault of the server's.
    pub(super) fn received(&mut self, n_bytes: usize) -> Result<()> {
        let begun = Instant::now();
        let received = &self.buffer[..n_bytes];
        let newline = received.contains(&b'\n');
        self.output.show(received)?;
        self.since = match self.state {
            State::Sending => self.since + begun.elapsed(),
            _ => Instant::now(),
        };
        self.n_received += n_bytes;
        if newline {
            self.reply_ended();
        }
        Ok(())
    }

    fn reply_ended(&mut self) {
        let (n_bytes, server) = (bytes(std::mem::take(&mut self.n_received)), self.server);
        event!(
            "data received: {n_bytes} from {server}",
            "данные получены: {n_bytes} от {server}"
        );
        if matches!(self.state, State::Receiving) {
            self.next_line();
        }
    }

    pub(super) fn server_closed(&mut self) -> Result<()> {
        match self.state {
            // A server may close after its last reply, if the input ends here as well.
            State::Typing => self.enter(State::Closed),
            State::Sending | State::Receiving => return self.gone(),
            State::Leaving(_) => self.enter(State::Done),
            State::Closed | State::Done => {}
        }
        Ok(())
    }

    fn gone(&self) -> Result<()> {
        if matches!(self.state, State::Closed) {
            common::end_prompt();
        }
        Err(anyhow!(tr!(
            "the server closed the connection",
            "сервер закрыл соединение"
        ))
        .context(format!("recv {}", self.server)))
    }

    /// Half-close: the server sees the end of the stream, and may still send what it owes.
    fn leave(&mut self) {
        if matches!(self.state, State::Closed) {
            return self.enter(State::Done);
        }
        // It fails if the connection is gone already.
        let _ = self.stream.shutdown(Shutdown::Write);
        self.enter(State::Leaving(Instant::now() + GOODBYE));
    }
}
