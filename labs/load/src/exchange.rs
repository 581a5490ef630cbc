//! What is said on one connection to an echo server: one stream of messages, and all of it back.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Write};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use common::tr;
use mio::net::TcpStream;

use crate::ready::SHORT_IS_ALL;
use crate::work::{Phase, Work};

/// The messages of one connection.
#[derive(Default)]
pub(crate) struct Exchange {
    /// Messages that are sent, or begun, and not answered.
    on_their_way: VecDeque<Message>,
    /// Messages begun so far.
    n_begun: u64,
    /// Bytes of the stream, in each direction.
    pub(crate) sent: u64,
    pub(crate) received: u64,
    /// When a byte came last.
    heard: Option<Instant>,
}

struct Message {
    due: Instant,
    sent: Instant,
}

impl Exchange {
    /// Begins as many messages as are due and may be on their way at once, on the connection of
    /// `slot`, which was `wanted` at that time.
    pub(crate) fn begin(&mut self, slot: usize, wanted: Instant, work: &mut Work) {
        let may_begin = work.pipeline.saturating_sub(self.on_their_way.len());
        let left = (work.per_connection - self.n_begun).min(may_begin as u64);
        if left == 0 {
            return;
        }
        let now = Instant::now();
        for _ in 0..left {
            let message = match &mut work.schedule {
                Some(schedule) => match schedule.take(slot, now) {
                    Some(due) => Message { due, sent: now },
                    None => break,
                },
                // Who opens a connection for a message waits for the connection, too.
                None if work.reopens && self.received == 0 => Message {
                    due: wanted,
                    sent: now,
                },
                None => Message {
                    due: now,
                    sent: now,
                },
            };
            self.on_their_way.push_back(message);
            self.n_begun += 1;
        }
    }

    /// Sends a piece of what the messages begun still lack. Whether another piece can follow at once.
    pub(crate) fn send(&mut self, stream: &mut TcpStream, work: &Work) -> io::Result<bool> {
        let lacking = self.n_begun * work.size - self.sent;
        if lacking == 0 {
            return Ok(false);
        }
        let piece = work.question.piece(self.sent, lacking as usize);
        match stream.write(piece) {
            Ok(n_bytes) => {
                self.sent += n_bytes as u64;
                let all = n_bytes as u64 == lacking;
                Ok(!all && (n_bytes == piece.len() || !SHORT_IS_ALL))
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(false),
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// Takes in the first bytes of the buffer, which came next.
    ///
    /// # Errors
    /// If they are not what belongs there.
    pub(crate) fn take(&mut self, n_bytes: usize, work: &mut Work) -> Result<()> {
        let after = self.received + n_bytes as u64;
        ensure!(
            after <= self.sent,
            tr!(
                "the answer is longer than the question: {after} bytes and {}",
                "ответ длиннее запроса: байтов {after} и {}",
                self.sent
            )
        );
        work.answer.verify(&work.buffer[..n_bytes], self.received)?;
        let n_answers = after / work.size - self.received / work.size;
        self.received = after;

        // One reading of the clock, 25 ns, for all answers of one `recv`, 2 us.
        let now = Instant::now();
        self.heard = Some(now);
        for message in self.on_their_way.drain(..n_answers as usize) {
            work.tally.latencies.record(message.due, message.sent, now);
        }
        work.tally.answers += n_answers;
        work.tally.bytes += n_bytes as u64;
        Ok(())
    }

    /// Whether messages are on their way, or begun.
    pub(crate) fn awaits_answers(&self) -> bool {
        !self.on_their_way.is_empty()
    }

    /// Whether not a byte has come since `start`, although a message has waited for `patience`.
    pub(crate) fn is_unanswered(&self, start: Instant, patience: Duration) -> bool {
        let oldest = self.on_their_way.front();
        let waits = oldest.is_some_and(|message| message.sent.elapsed() >= patience);
        waits && self.heard.is_none_or(|heard| heard < start)
    }

    /// Whether everything is asked and answered.
    pub(crate) fn is_over(&self, work: &Work) -> bool {
        let last = work.phase == Phase::Ending || self.n_begun == work.per_connection;
        last && !self.awaits_answers()
    }
}
