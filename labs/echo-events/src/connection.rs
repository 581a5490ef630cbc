//! One client's connection: how its portions are answered without waiting for anybody.

use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Error, Result, anyhow};
use common::{Text, Transform, events, tr};
use mio::net::TcpStream;

use crate::buffers::Buffers;

/// How many portions of one client are answered before it is the next client's turn.
const PORTIONS: usize = 64;

/// What a client's turn has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Nothing can be done until the client sends, or takes its answers.
    Waits,
    /// The turn was too short for all that has come.
    Unfinished,
    /// The answer is ready, and is sent when all clients have had their turn.
    Owes,
    /// The client has ended its half, and has all that it was owed.
    Ended,
}

/// A client.
pub(crate) struct Connection {
    pub(crate) stream: TcpStream,
    pub(crate) peer: SocketAddr,
    text: Text,
    /// Answers that the socket had no room for. While there are some, nothing more is received: who
    /// does not read cannot make the server keep more and more.
    owed: Vec<u8>,
    /// The end of the stream has come.
    at_end: bool,
    /// There may be more to receive than has been.
    unread: bool,
    /// The server knows that it has to come back to this client.
    pub(crate) is_queued: bool,
    /// What has not come yet is not waited for: the server is about to stop.
    is_last_turn: bool,
    /// The client has ended its half, or the connection is broken: there is no more news to wait for.
    hung_up: bool,
    received: usize,
    sent: usize,
    /// When bytes last went through.
    active: Instant,
}

impl Connection {
    pub(crate) fn new(
        stream: TcpStream,
        peer: SocketAddr,
        transform: Transform,
        now: Instant,
    ) -> Self {
        Self {
            stream,
            peer,
            text: Text::new(transform),
            owed: Vec::new(),
            at_end: false,
            unread: false,
            is_queued: false,
            is_last_turn: false,
            hung_up: false,
            received: 0,
            sent: 0,
            active: now,
        }
    }

    // ANCHOR: answer
    /// Answers portion by portion, until nothing more is there, the client takes no more answers, or
    /// its turn is over.
    pub(crate) fn answer(&mut self, buffers: &mut Buffers, now: Instant) -> Result<Turn> {
        let Buffers {
            portion,
            answers,
            thrift,
        } = buffers;
        answers.clear();
        self.unread = true;
        for _ in 0..PORTIONS {
            if self.is_owed() || self.at_end {
                break;
            }
            let Some(n_bytes) = self.receive(portion, now)? else {
                self.unread = false;
                break;
            };
            if n_bytes == 0 {
                self.at_end = true;
                answers.extend(self.text.end());
            } else {
                answers.extend_from_slice(&self.text.portion(&mut portion[..n_bytes]));
            }
            if answers.len() > thrift.gather {
                self.send(answers, now)?;
            }
            if n_bytes < portion.len() && thrift.trusts_short_reads && !self.hung_up {
                self.unread = false;
                break;
            }
        }
        if !answers.is_empty() && answers.len() <= thrift.defer {
            self.owed.extend_from_slice(answers);
            return Ok(Turn::Owes);
        }
        self.send(answers, now)?;
        Ok(self.rest())
    }

    /// Sends what the client is owed, as far as it takes it.
    pub(crate) fn pay(&mut self, now: Instant) -> Result<Turn> {
        let mut owed = std::mem::take(&mut self.owed);
        self.send(&mut owed, now)?;
        Ok(self.rest())
    }

    /// What a turn has come to, when all has been sent that could be.
    fn rest(&self) -> Turn {
        match (self.is_owed(), self.at_end, self.unread) {
            (false, true, _) => Turn::Ended,
            (false, false, true) => Turn::Unfinished,
            _ => Turn::Waits,
        }
    }

    /// Takes what has come, at most a full `portion`; 0 is the end of the stream, `None` that nothing
    /// has come yet.
    fn receive(&mut self, portion: &mut [u8], now: Instant) -> Result<Option<usize>> {
        let n_bytes = loop {
            match self.stream.read(portion) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock && self.is_last_turn => {
                    break 0;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                result => break result.context("recv")?,
            }
        };
        self.active = now;
        self.received += n_bytes;
        events::data_received(self.peer, &portion[..n_bytes]);
        Ok(Some(n_bytes))
    }

    /// Sends as much of `answer` as the socket has room for, and owes the rest.
    fn send(&mut self, answer: &mut Vec<u8>, now: Instant) -> Result<()> {
        let mut unsent = &answer[..];
        while !unsent.is_empty() {
            match self.stream.write(unsent) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                result => {
                    let (sent, rest) = unsent.split_at(result.context("send")?);
                    self.active = now;
                    self.sent += sent.len();
                    events::data_sent(self.peer, sent);
                    unsent = rest;
                }
            }
        }
        self.owed.extend_from_slice(unsent);
        answer.clear();
        Ok(())
    }
    // ANCHOR_END: answer

    pub(crate) fn is_owed(&self) -> bool {
        !self.owed.is_empty()
    }

    /// The loop has told that something has come; if it `is_over`, the end of the stream or an error,
    /// after which it has no more to tell.
    pub(crate) fn has_news(&mut self, is_over: bool) {
        self.unread = true;
        self.hung_up |= is_over;
    }

    /// What has come by now is the last that is answered.
    pub(crate) fn last_turn(&mut self) {
        self.is_last_turn = true;
        self.hung_up = true;
    }

    /// Why the client is given up, if no byte has gone through for `limit`.
    pub(crate) fn overdue(&self, now: Instant, limit: Duration) -> Option<Error> {
        if now.duration_since(self.active) < limit {
            return None;
        }
        Some(if self.is_owed() {
            anyhow!(tr!("the client does not read", "клиент не читает")).context("send")
        } else {
            anyhow!(tr!("nothing came in time", "вовремя ничего не пришло")).context("recv")
        })
    }

    /// Says that it is over.
    pub(crate) fn report_end(&self) {
        events::client_disconnected(self.peer, self.received, self.sent);
    }
}
