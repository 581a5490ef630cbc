//! How long answers took, and what a closed loop does not see of it.
//!
//! A generator that waits for an answer before it asks again asks nothing while the server stalls:
//! the many messages that would have waited are missing, and one bad value stands for all of them.
//! Gil Tene calls this coordinated omission.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use hdrhistogram::Histogram;

use crate::report::Latency;

/// For programs that read the JSON; people read what `show` and the comparison's page say.
const CLOSED: &str = "closed loop: HdrHistogram's correction, with the mean time between two \
    messages of one connection (of one place in its pipeline) as the expected interval";
const OPEN: &str = "open loop: measured from the moment a message was due, so nothing is omitted; \
    as seen is from the moment it was sent";

/// An hour, in nanoseconds: the longest that is told apart.
const LONGEST: u64 = 3_600_000_000_000;

/// The latencies of one measurement, in nanoseconds, with three digits.
pub(crate) struct Latencies {
    from_due: Histogram<u64>,
    /// In an open loop only.
    from_sent: Option<Histogram<u64>>,
}

impl Latencies {
    /// Nothing measured yet; `open_loop` if messages are due at times that do not depend on answers.
    ///
    /// # Errors
    /// If there is no memory for the histogram.
    pub(crate) fn new(open_loop: bool) -> Result<Self> {
        let histogram =
            || Histogram::new_with_bounds(1, LONGEST, 3).context("set up the histogram");
        Ok(Self {
            from_due: histogram()?,
            from_sent: open_loop.then(histogram).transpose()?,
        })
    }

    pub(crate) fn clear(&mut self) {
        self.from_due.reset();
        if let Some(from_sent) = &mut self.from_sent {
            from_sent.reset();
        }
    }

    /// Counts one answer.
    pub(crate) fn record(&mut self, due: Instant, sent: Instant, answered: Instant) {
        let nanoseconds = |since| answered.saturating_duration_since(since).as_nanos() as u64;
        self.from_due.saturating_record(nanoseconds(due));
        if let Some(from_sent) = &mut self.from_sent {
            from_sent.saturating_record(nanoseconds(sent));
        }
    }

    /// The percentiles; in a closed loop corrected with the `interval` at which one connection would
    /// have gone on asking. Nothing if there was no answer.
    pub(crate) fn summary(&self, interval: Duration) -> Option<Latency> {
        if self.from_due.is_empty() {
            return None;
        }
        match &self.from_sent {
            Some(from_sent) => Some(percentiles(&self.from_due, from_sent, OPEN)),
            None => {
                // Zero would mean no correction at all.
                let interval = interval.as_nanos().max(1) as u64;
                let corrected = self.from_due.clone_correct(interval);
                Some(percentiles(&corrected, &self.from_due, CLOSED))
            }
        }
    }
}

fn percentiles(
    latencies: &Histogram<u64>,
    as_seen: &Histogram<u64>,
    correction: &'static str,
) -> Latency {
    let at = |histogram: &Histogram<u64>, quantile| {
        histogram.value_at_quantile(quantile) as f64 / 1000.0
    };
    Latency {
        p50: at(latencies, 0.5),
        p90: at(latencies, 0.9),
        p99: at(latencies, 0.99),
        p999: at(latencies, 0.999),
        max: latencies.max() as f64 / 1000.0,
        correction,
        p99_as_seen: at(as_seen, 0.99),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 99 answers after 1 ms each, then one after 100 ms; in an open loop the last one was sent 1 ms
    /// before it came.
    fn one_stall(open_loop: bool) -> Latency {
        let mut latencies = Latencies::new(open_loop).unwrap();
        let start = Instant::now();
        let (quick, slow) = (Duration::from_millis(1), Duration::from_millis(100));
        for _ in 0..99 {
            latencies.record(start, start, start + quick);
        }
        latencies.record(start, start + slow - quick, start + slow);
        latencies.summary(quick).unwrap()
    }

    fn near(value: f64, milliseconds: f64) -> bool {
        (value / 1000.0 / milliseconds - 1.0).abs() < 0.01
    }

    #[test]
    fn a_stall_counts_for_all_that_would_have_waited() {
        let latency = one_stall(false);
        // 99 of 1 ms, and 100, 99, 98 ... 2, 1 ms: 90 % of the 199 are at most 81 ms.
        assert!(near(latency.p50, 1.0), "{latency:?}");
        assert!(near(latency.p90, 81.0), "{latency:?}");
        assert!(near(latency.max, 100.0), "{latency:?}");
        assert!(near(latency.p99_as_seen, 1.0), "{latency:?}");
    }

    #[test]
    fn an_open_loop_needs_no_correction() {
        let latency = one_stall(true);
        assert!(near(latency.p90, 1.0), "{latency:?}");
        assert!(near(latency.max, 100.0), "{latency:?}");
        assert!(near(latency.p99_as_seen, 1.0), "{latency:?}");
    }

    #[test]
    fn without_answers_there_is_no_latency() {
        let latencies = Latencies::new(false).unwrap();
        assert!(latencies.summary(Duration::ZERO).is_none());
    }
}
