//! How the wish to stop comes to the loop, which sleeps in `poll` and nowhere else.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Sender};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use mio::{Poll, Token, Waker};

/// How long clients may take to receive what they are owed.
const GRACE: Duration = Duration::from_secs(1);

/// What the loop knows of the wish to stop.
pub(crate) struct Stop {
    serves: Arc<AtomicBool>,
    all_gone: Sender<()>,
    /// When the grace ends, once the wish has come.
    end: Option<Instant>,
}

impl Stop {
    /// Wakes `poll` with `token` at SIGINT or SIGTERM. Then the process ends once the loop has said
    /// [`Stop::all_are_gone`], or a little more than a second later.
    pub(crate) fn on_signal(poll: &Poll, token: Token) -> Result<Self> {
        let waker = Waker::new(poll.registry(), token).context("make a waker")?;
        let (all_gone, gone) = mpsc::channel();
        let serves = Arc::new(AtomicBool::new(false));
        let is_serving = Arc::clone(&serves);
        common::on_stop(move || {
            // At a prompt there is no loop to wake, and nobody to wait for.
            if is_serving.load(Ordering::Acquire) && waker.wake().is_ok() {
                let _ = gone.recv_timeout(GRACE + GRACE / 4);
            }
        })?;
        Ok(Self {
            serves,
            all_gone,
            end: None,
        })
    }

    /// The loop begins.
    pub(crate) fn serving(&self) {
        self.serves.store(true, Ordering::Release);
    }

    /// The wish has come: nobody is accepted any more.
    pub(crate) fn begin(&mut self, now: Instant) {
        self.end = Some(now + GRACE);
    }

    pub(crate) fn has_begun(&self) -> bool {
        self.end.is_some()
    }

    /// When the clients that have not taken what they are owed lose it.
    pub(crate) fn end(&self) -> Option<Instant> {
        self.end
    }

    /// No client is left.
    pub(crate) fn all_are_gone(&self) {
        if self.has_begun() {
            let _ = self.all_gone.send(());
        }
    }
}
