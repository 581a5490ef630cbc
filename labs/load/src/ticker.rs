//! A clock that wakes the poll: its own time-out counts in milliseconds (epoll_wait(2)), in which a
//! server answers a hundred messages.

use std::time::Duration;

use anyhow::Result;
use mio::Registry;

/// Ticks until it is dropped.
#[cfg(target_os = "linux")]
pub(crate) struct Ticker {
    _timer: std::os::fd::OwnedFd,
}

#[cfg(target_os = "linux")]
impl Ticker {
    /// Makes the poll return every `interval`, with an event of a token that no connection has.
    ///
    /// # Errors
    /// If the system has no timer left.
    pub(crate) fn start(registry: &Registry, interval: Duration) -> Result<Self> {
        use std::os::fd::AsRawFd;

        use anyhow::Context;
        use mio::unix::SourceFd;
        use mio::{Interest, Token};
        use rustix::time::{
            Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
            timerfd_settime,
        };

        let timer = timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::CLOEXEC);
        let timer = timer.context("timerfd_create")?;
        let interval = Timespec::try_from(interval)?;
        let times = Itimerspec {
            it_interval: interval,
            it_value: interval,
        };
        timerfd_settime(&timer, TimerfdTimerFlags::empty(), &times).context("timerfd_settime")?;
        // Edge-triggered, so every tick is told although nobody reads the timer.
        registry
            .register(
                &mut SourceFd(&timer.as_raw_fd()),
                Token(usize::MAX),
                Interest::READABLE,
            )
            .context("register with the poll")?;
        Ok(Self { _timer: timer })
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
}
