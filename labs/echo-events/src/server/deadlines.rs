//! What the loop does because of the time: no event tells of a client that is silent.

use std::time::{Duration, Instant};

use super::EchoServer;

impl EchoServer {
    /// How long nothing is to be done unless an event comes; `None`: for ever.
    pub(super) fn longest_sleep(&mut self) -> Option<Duration> {
        if !self.unfinished.is_empty() {
            return Some(Duration::ZERO);
        }
        if self.connections.is_empty() {
            self.stop.all_are_gone();
        }
        let of_clients = [self.look_at, self.stop.end()].into_iter().flatten();
        let of_clients = of_clients.filter(|_| !self.connections.is_empty());
        let first = of_clients.chain(self.accept_at).min();
        first.map(|at| at.saturating_duration_since(self.now))
    }

    /// Whether a moment has come, if there is one.
    pub(super) fn is_time(&self, at: Option<Instant>) -> bool {
        at.is_some_and(|at| at <= self.now)
    }

    /// Gives up those that have been silent, or have not read, for too long. One look at all of them
    /// now and then is cheaper than a clock for each.
    pub(super) fn disconnect_overdue(&mut self) {
        let Some(limit) = self.idle_timeout else {
            return;
        };
        self.look_at = Some(self.now + limit / 8);
        for token in self.tokens() {
            if let Some(error) = self.connections[token.0].overdue(self.now, limit) {
                self.error(token, &error);
            }
        }
    }
}
