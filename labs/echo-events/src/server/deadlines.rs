//! What the loop does because of the time: no event tells of a client that is silent.

use std::time::Duration;

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
        let look_at = (!self.connections.is_empty()).then_some(self.look_at);
        let first = [self.accept_at, look_at].into_iter().flatten().min();
        first.map(|at| at.saturating_duration_since(self.now))
    }

    /// Gives up those that have been silent, or have not read, for too long. One look at all of them
    /// now and then is cheaper than a clock for each.
    pub(super) fn disconnect_overdue(&mut self) {
        let limit = self.stop.grace().or(self.idle_timeout);
        let Some(limit) = limit else { return };
        self.look_at = self.now + limit / 8;
        for token in self.tokens() {
            if let Some(error) = self.connections[token.0].overdue(self.now, limit) {
                self.error(token, &error);
            }
        }
    }
}
