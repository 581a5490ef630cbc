//! What speed needs beyond the lesson: `--fast`.
//!
//! A server with one client spends its time on falling asleep and being woken: the kernel needs some
//! tens of microseconds for both, an answer needs one. So [`Pace`] looks for news again and again for
//! a while before it sleeps, and stops doing so when that does not pay. [`Thrift`] saves system calls:
//! answers to several portions go out in one `send`, those to many clients one after another, and no
//! `recv` asks for what cannot have come.

use std::io;
use std::time::{Duration, Instant};

use mio::{Events, Poll};

/// How long news are looked for before the loop sleeps: about what waking up costs.
const SPIN: Duration = Duration::from_micros(100);

/// After so many spins in vain the loop sleeps at once, until a sleep turns out to be a short one.
const PATIENCE: u32 = 8;

/// With more news than this at a time there is enough to do: a sleep costs nobody much, and lets more
/// news gather.
const FEW: usize = 2;

/// How the loop waits.
pub(crate) struct Pace {
    spins: bool,
    in_vain: u32,
    n_news: usize,
}

impl Pace {
    pub(crate) fn new(fast: bool) -> Self {
        Self {
            spins: fast,
            in_vain: 0,
            n_news: 0,
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
        if self.in_vain < PATIENCE && self.n_news <= FEW {
            while start.elapsed() < SPIN {
                poll.poll(events, Some(Duration::ZERO))?;
                self.n_news = events.iter().count();
                if self.n_news > 0 || limit.is_some_and(|limit| limit.is_zero()) {
                    self.in_vain = 0;
                    return Ok(());
                }
            }
            self.in_vain += 1;
        }
        poll.poll(events, limit)?;
        self.n_news = events.iter().count();
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
    /// An answer of at most so many bytes is sent when all clients have been read from: one wake-up of
    /// the other side then serves many answers.
    pub(crate) defer: usize,
    /// A portion that is not full was all that had come. So it is with epoll and kqueue (epoll(7),
    /// question 9), but for urgent data (MSG_OOB), at which a portion ends as well; the IOCP of Windows
    /// wants to see WSAEWOULDBLOCK.
    pub(crate) trusts_short_reads: bool,
}

impl Thrift {
    pub(crate) fn new(fast: bool) -> Self {
        Self {
            gather: if fast { 64 << 10 } else { 0 },
            defer: if fast { 1024 } else { 0 },
            trusts_short_reads: fast && cfg!(unix),
        }
    }
}
