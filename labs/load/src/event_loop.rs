//! The loop in which one thread serves all connections.

use std::io;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use mio::{Events, Poll, Registry};

use crate::crowd::Crowd;
use crate::ready::Ready;
use crate::ticker::{TICK, Ticker};

/// The longest pause between two looks at the flag that says stop.
const LONGEST_WAIT: Duration = Duration::from_millis(100);

/// The shortest time between two ticks of an open loop: more of them would only heat.
const SHORTEST_TICK: Duration = Duration::from_micros(50);

/// Events taken at once.
const EVENTS: usize = 256;

/// The poll, and how it is waited for.
pub(crate) struct EventLoop {
    poll: Poll,
    events: Events,
    /// For messages that are due at a rate.
    ticker: Option<Ticker>,
    spin: bool,
    /// Time in which the poll found nothing, asleep or spinning.
    pub(crate) idle: Duration,
}

impl EventLoop {
    /// A loop that knows of no connection yet; one that spins never sleeps.
    ///
    /// # Errors
    /// If the system has no poll left.
    pub(crate) fn new(spin: bool) -> Result<Self> {
        Ok(Self {
            poll: Poll::new().context("set up the poll")?,
            events: Events::with_capacity(EVENTS),
            ticker: None,
            spin,
            idle: Duration::ZERO,
        })
    }

    /// Waits for events once, no longer than `until`, and lets the connections do what they ask for.
    ///
    /// # Errors
    /// If the system has no poll any more.
    pub(crate) fn turn(&mut self, crowd: &mut Crowd, until: Instant) -> Result<()> {
        crowd.connect();
        let before = Instant::now();
        let wait = self.wait(crowd, until, before);
        match self.poll.poll(&mut self.events, Some(wait)) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => result.context("poll")?,
        }
        if self.events.is_empty() && !crowd.has_more_to_do() {
            self.idle += before.elapsed();
        }
        crowd.visit_again();
        for event in &self.events {
            match &self.ticker {
                Some(ticker) if event.token() == TICK => ticker.heard(),
                _ => crowd.visit(event.token().0, Ready::of(event)),
            }
        }
        if crowd.work.schedule.is_some() {
            crowd.visit_due(Instant::now());
        }
        Ok(())
    }

    fn wait(&self, crowd: &Crowd, until: Instant, now: Instant) -> Duration {
        if self.spin || crowd.has_more_to_do() {
            return Duration::ZERO;
        }
        let mut until = until;
        // Where there is no ticker, the poll's own time-out has to do.
        if let (Some(schedule), false) = (&crowd.work.schedule, cfg!(target_os = "linux")) {
            until = until.min(schedule.next_due());
        }
        until.saturating_duration_since(now).min(LONGEST_WAIT)
    }

    /// What connections register with.
    ///
    /// # Errors
    /// If the system does not share the poll.
    pub(crate) fn registry(&self) -> Result<Registry> {
        let registry = self.poll.registry().try_clone();
        registry.context("share the poll")
    }

    /// Wakes up in time for so many messages per second.
    ///
    /// # Errors
    /// If the system has no timer left.
    pub(crate) fn tick(&mut self, rate: u32) -> Result<()> {
        if !self.spin {
            let interval = Duration::from_secs_f64(1.0 / f64::from(rate)).max(SHORTEST_TICK);
            self.ticker = Some(Ticker::start(self.poll.registry(), interval)?);
        }
        Ok(())
    }
}
