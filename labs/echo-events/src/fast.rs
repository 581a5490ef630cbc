//! What speed needs beyond the lesson: `--fast`.
//!
//! A server with one client spends its time on falling asleep and being woken: the kernel needs some
//! tens of microseconds for both, an answer needs one. So [`Pace`] looks for news again and again for
//! a while before it sleeps, and stops doing so when that does not pay. [`Thrift`] saves system calls:
//! answers to several portions go out in one `send`, and no `recv` asks for what cannot have come.

use std::io;
use std::time::{Duration, Instant};

use mio::{Events, Poll};

/// How long news are looked for before the loop sleeps: about what waking up costs.
const SPIN: Duration = Duration::from_micros(100);

/// After so many spins in vain the loop sleeps at once, until a sleep turns out to be a short one.
const PATIENCE: u32 = 8;

/// How the loop waits.
pub(crate) struct Pace {
    spins: bool,
    in_vain: u32,
}

impl Pace {
    pub(crate) fn new(fast: bool) -> Self {
        Self {
            spins: fast,
            in_vain: 0,
        }
    }

    /// Waits until there are `events`, at most for `limit`.
    pub(crate) fn wait(
        &mut self,
        poll: &mut Poll,
        events: &mut Events,
        limit: Option<Duration>,
    ) -> io::Result<()> {
        if !self.spins {
            return poll.poll(events, limit);
        }
        let start = Instant::now();
        if self.in_vain < PATIENCE {
            while start.elapsed() < SPIN {
                poll.poll(events, Some(Duration::ZERO))?;
                if !events.is_empty() || limit.is_some_and(|limit| limit.is_zero()) {
                    self.in_vain = 0;
                    return Ok(());
                }
            }
            self.in_vain += 1;
        }
        poll.poll(events, limit)?;
        if start.elapsed() < 2 * SPIN {
            self.in_vain = 0;
        }
        Ok(())
    }
}

/// Which system calls a turn does without.
#[derive(Clone, Copy)]
pub(crate) struct Thrift {
    /// Answers are sent when there are more bytes of them, or when the turn is over.
    pub(crate) gather: usize,
    /// An answer of at most so many bytes is sent after all clients have been read from: while one
    /// client is being woken, the answers to the others are on their way already.
    pub(crate) defer: usize,
    /// A portion that is not full was all that had come. So it is with epoll and kqueue (epoll(7),
    /// question 9); the IOCP of Windows wants to see WSAEWOULDBLOCK.
    pub(crate) trusts_short_reads: bool,
}

impl Thrift {
    pub(crate) fn new(fast: bool) -> Self {
        Self {
            gather: if fast { 64 << 10 } else { 0 },
            defer: if fast {
                std::env::var("DEFER").map_or(1024, |d| d.parse().unwrap_or(0))
            } else {
                0
            },
            trusts_short_reads: fast && cfg!(unix),
        }
    }
}
