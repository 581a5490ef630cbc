//! When messages are due in an open loop: at a fixed rate, whether or not the server keeps up.

use std::time::{Duration, Instant};

/// Message `i` is due `i / rate` seconds after the start, on connection `i mod n`.
///
/// So what a connection owes follows from how much it has sent, and no queue can grow while the
/// server is slow.
pub(crate) struct Schedule {
    start: Instant,
    rate: f64,
    /// For each connection, how many of its messages have been taken.
    taken: Vec<u64>,
    /// The first message whose time had not come.
    next: u64,
}

impl Schedule {
    pub(crate) fn new(rate: u32, connections: usize, start: Instant) -> Self {
        Self {
            start,
            rate: rate.into(),
            taken: vec![0; connections],
            next: 0,
        }
    }

    /// The moment at which the next message of a connection was due, if it is now; the message then
    /// counts as taken.
    pub(crate) fn take(&mut self, connection: usize, now: Instant) -> Option<Instant> {
        let n_connections = self.taken.len() as u64;
        let taken = &mut self.taken[connection];
        let message = *taken * n_connections + connection as u64;
        let due = self.start + Duration::from_secs_f64(message as f64 / self.rate);
        if due > now {
            return None;
        }
        *taken += 1;
        Some(due)
    }

    /// A connection that has messages due since this was last asked. Asked until it says `None`, it
    /// names each connection once at most, however many of its messages are due: a rate that nobody
    /// can reach would otherwise leave no time for anything but the schedule.
    pub(crate) fn next_connection(&mut self, now: Instant) -> Option<usize> {
        if self.next_due() > now {
            return None;
        }
        let n_connections = self.taken.len() as u64;
        let n_due = (now.duration_since(self.start).as_secs_f64() * self.rate) as u64 + 1;
        self.next = self.next.max(n_due.saturating_sub(n_connections));
        let connection = (self.next % n_connections) as usize;
        self.next += 1;
        Some(connection)
    }

    /// When [`Schedule::next_connection`] has another one.
    pub(crate) fn next_due(&self) -> Instant {
        self.start + Duration::from_secs_f64(self.next as f64 / self.rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(schedule: &mut Schedule, now: Instant) -> Vec<usize> {
        std::iter::from_fn(|| schedule.next_connection(now)).collect()
    }

    #[test]
    fn messages_go_round_and_a_late_one_keeps_its_time() {
        let start = Instant::now();
        let after = |milliseconds| start + Duration::from_millis(milliseconds);
        let mut schedule = Schedule::new(100, 2, start);

        assert_eq!(due(&mut schedule, after(15)), [0, 1]);
        assert_eq!(due(&mut schedule, after(25)), [0]);
        assert_eq!(schedule.next_due(), after(30));

        assert_eq!(schedule.take(0, after(25)), Some(after(0)));
        assert_eq!(schedule.take(0, after(25)), Some(after(20)));
        assert_eq!(schedule.take(0, after(25)), None);
        assert_eq!(schedule.take(1, after(500)), Some(after(10)));
    }

    #[test]
    fn nobody_is_named_twice_however_much_is_due() {
        let start = Instant::now();
        let mut schedule = Schedule::new(10_000_000, 3, start);
        for seconds in [1, 2, 3600] {
            let now = start + Duration::from_secs(seconds);
            let mut named = due(&mut schedule, now);
            named.sort_unstable();
            assert_eq!(named, [0, 1, 2], "after {seconds} s");
            assert!(schedule.next_due() > now);
        }
        // Whom it passes over owes as much as before.
        assert_eq!(schedule.take(0, start), Some(start));
    }
}
