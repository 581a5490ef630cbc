//! A clock that wakes the poll: its own time-out counts in milliseconds (epoll_wait(2)), in which a
//! server answers a hundred messages.

#[cfg(target_os = "linux")]
use std::fs::File;
use std::time::Duration;

use anyhow::Result;
use mio::{Registry, Token};

/// The token of the ticks, which no connection has.
pub(crate) const TICK: Token = Token(usize::MAX);

/// Ticks until it is dropped.
#[cfg(target_os = "linux")]
pub(crate) struct Ticker {
    timer: File,
}

#[cfg(target_os = "linux")]
impl Ticker {
    /// Makes the poll return every `interval`, with an event of token [`TICK`].
    ///
    /// # Errors
    /// If the system has no timer left.
    pub(crate) fn start(registry: &Registry, interval: Duration) -> Result<Self> {
        use std::os::fd::AsRawFd;

        use anyhow::Context;
        use mio::Interest;
        use mio::unix::SourceFd;
        use rustix::time::{
            Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
            timerfd_settime,
        };

        let timer = timerfd_create(
            TimerfdClockId::Monotonic,
            TimerfdFlags::CLOEXEC | TimerfdFlags::NONBLOCK,
        );
        let timer = timer.context("timerfd_create")?;
        let interval = Timespec::try_from(interval)?;
        let times = Itimerspec {
            it_interval: interval,
            it_value: interval,
        };
        timerfd_settime(&timer, TimerfdTimerFlags::empty(), &times).context("timerfd_settime")?;
        registry
            .register(&mut SourceFd(&timer.as_raw_fd()), TICK, Interest::READABLE)
            .context("register with the poll")?;
        Ok(Self {
            timer: File::from(timer),
        })
    }

    /// Takes note of a tick: a timer that is not read does not go on (timerfd_create(2)).
    pub(crate) fn heard(&self) {
        use std::io::Read;

        // `WouldBlock`, the only failure, means that there was no tick: none is lost.
        let _ = (&self.timer).read(&mut [0; 8]);
    }
}

/// Elsewhere messages go out up to a millisecond late, and their latency says so.
#[cfg(not(target_os = "linux"))]
pub(crate) struct Ticker;

#[cfg(not(target_os = "linux"))]
impl Ticker {
    /// Does nothing.
    ///
    /// # Errors
    /// Never.
    pub(crate) fn start(_registry: &Registry, _interval: Duration) -> Result<Self> {
        Ok(Self)
    }

    /// Does nothing.
    pub(crate) fn heard(&self) {}
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn ticks_again_and_again() {
        let mut poll = mio::Poll::new().unwrap();
        let ticker = Ticker::start(poll.registry(), Duration::from_millis(1)).unwrap();
        let mut events = mio::Events::with_capacity(4);
        for _ in 0..3 {
            poll.poll(&mut events, Some(Duration::from_secs(20)))
                .unwrap();
            assert!(events.iter().any(|event| event.token() == TICK));
            ticker.heard();
        }
    }
}
