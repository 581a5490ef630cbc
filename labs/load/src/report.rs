//! What was measured.

use std::time::Duration;

use anyhow::{Result, bail};
use common::tr;
use serde::Serialize;

use crate::plan::Plan;
use crate::process::Usage;
use crate::work::Tally;

/// The result of one measurement; the JSON that `--json` prints.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Report {
    /// Connections at once.
    pub(crate) connections: usize,
    /// Bytes of one message.
    pub(crate) size: usize,
    pub(crate) pipeline: usize,
    /// How long was measured.
    pub(crate) seconds: f64,
    /// Answers that came whole and right.
    pub(crate) answers: u64,
    pub(crate) answers_per_second: f64,
    /// Bytes of answers, in units of 1,000,000.
    pub(crate) megabytes_per_second: f64,
    /// Connections opened while it was measured, for plans that open new ones.
    pub(crate) connects_per_second: f64,
    /// Connections that failed, and answers that were wrong.
    pub(crate) errors: u64,
    /// The first error, if any.
    pub(crate) first_error: Option<String>,
    /// Connections that asked and got not one byte while it was measured, so that the latencies know
    /// nothing of them. Who asked in the last second does not count; 0 for plans that open new ones.
    pub(crate) unanswered: u64,
    /// Nothing for a plan without messages.
    pub(crate) latency: Option<Latency>,
    /// The load generator's own processor time, as a share of one processor.
    pub(crate) load_cpu: f64,
    /// Whether the load generator, not the server, may have been what limited the figures.
    pub(crate) load_is_bottleneck: bool,
    /// What was read of the server's process.
    pub(crate) server: Option<ServerUse>,
}

/// From the moment a message was due to its whole answer, in microseconds.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Latency {
    pub(crate) p50: f64,
    pub(crate) p90: f64,
    pub(crate) p99: f64,
    pub(crate) p999: f64,
    pub(crate) max: f64,
    /// How it was corrected for coordinated omission.
    pub(crate) correction: &'static str,
    /// The same without the correction.
    pub(crate) p99_as_seen: f64,
}

/// The server's process while it was measured.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ServerUse {
    pub(crate) cpu_seconds: f64,
    pub(crate) answers_per_cpu_second: f64,
    /// Memory in use at the end, resident set and page tables, in KiB.
    pub(crate) memory_kib: u64,
    pub(crate) threads: u32,
}

/// Share of a processor from which on the generator counts as the limit.
const BUSY: f64 = 0.95;

/// From how long a wait on a connection belongs to no measurement of that many: the server, which
/// meanwhile answers others, does not serve it. A shorter one is latency.
pub(crate) const PATIENCE: Duration = Duration::from_secs(1);

/// Answers that the others had, on average and for each place in a pipeline, before a connection
/// without any is one that is not served: by chance alone one of 20,000 misses ten turns.
const ROUNDS: u64 = 10;

impl Report {
    /// The report itself, if its figures are those of all connections.
    ///
    /// # Errors
    /// If some got nothing in a second or more, while the others asked and were answered again and
    /// again: then the figures are those of the others. A server that had no time for so many answers
    /// is slow, and its figures say so.
    pub(crate) fn of_all_connections(self) -> Result<Self> {
        let long_enough = self.seconds >= PATIENCE.as_secs_f64();
        match self.who_is_missing() {
            Some(missing) if long_enough && self.others_went_on() => bail!(missing),
            _ => Ok(self),
        }
    }

    /// How many connections got nothing, and what to think of it; nothing if there are none.
    pub(crate) fn who_is_missing(&self) -> Option<String> {
        let (n, of) = (self.unanswered, self.connections);
        if n == 0 {
            return None;
        }
        Some(match self.others_went_on() {
            true => tr!(
                "{n} of {of} connections had no answer while it was measured: does the server serve so many at once? see its --max-clients",
                "соединений, не получивших ответа за время измерения: {n} из {of}; обслуживает ли сервер столько сразу? см. его --max-clients"
            ),
            false => tr!(
                "{n} of {of} connections had no answer while it was measured: was there time to answer them all? see --seconds",
                "соединений, не получивших ответа за время измерения: {n} из {of}; хватило ли времени ответить всем? см. --seconds"
            ),
        })
    }

    /// Whether the connections that were answered went through their pipelines [`ROUNDS`] times.
    fn others_went_on(&self) -> bool {
        let answered = (self.connections as u64).saturating_sub(self.unanswered);
        self.answers >= ROUNDS * answered.max(1) * self.pipeline as u64
    }
}

/// What was measured beside the tally.
pub(crate) struct Measured {
    /// How long was measured.
    pub(crate) seconds: f64,
    /// See [`Report::unanswered`].
    pub(crate) unanswered: u64,
    /// Time in which the poll found nothing, asleep or spinning.
    pub(crate) idle: Duration,
    /// Processor time of the load generator; `None` where it cannot be read.
    pub(crate) load_cpu: Option<Duration>,
    /// What the server had used before, and had used after that.
    pub(crate) server: Option<(Usage, Usage)>,
}

impl Measured {
    /// The report, in which the errors are still missing.
    pub(crate) fn report(&self, plan: &Plan, tally: &Tally) -> Report {
        let seconds = self.seconds;
        let per_second = |n: u64| n as f64 / seconds;
        // A connection has so many places in its pipeline, and each of them asks on its own.
        let n_places = (plan.connections * plan.pipeline) as f64;
        let interval = Duration::from_secs_f64(seconds * n_places / tally.answers.max(1) as f64);
        // NaN, in JSON null, where it cannot be read.
        let load_cpu = self
            .load_cpu
            .map_or(f64::NAN, |cpu| cpu.as_secs_f64() / seconds);
        // Spinning takes processor time, too, and yet is no work.
        let spun = if plan.spin {
            self.idle.as_secs_f64() / seconds
        } else {
            0.0
        };
        Report {
            connections: plan.connections,
            size: plan.size,
            pipeline: plan.pipeline,
            seconds,
            answers: tally.answers,
            answers_per_second: per_second(tally.answers),
            megabytes_per_second: per_second(tally.bytes) / 1e6,
            connects_per_second: per_second(tally.connects),
            errors: 0,
            first_error: None,
            unanswered: self.unanswered,
            latency: tally.latencies.summary(interval),
            load_cpu,
            load_is_bottleneck: load_cpu - spun >= BUSY,
            server: self.server_use(tally.answers),
        }
    }

    fn server_use(&self, answers: u64) -> Option<ServerUse> {
        let (before, after) = self.server.as_ref()?;
        let cpu_seconds = after.cpu.saturating_sub(before.cpu).as_secs_f64();
        Some(ServerUse {
            cpu_seconds,
            answers_per_cpu_second: answers as f64 / cpu_seconds,
            memory_kib: after.memory_kib,
            threads: after.threads,
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::compare::fake;

    #[test]
    fn figures_of_fewer_connections_are_no_measurement() {
        let of_all = |seconds: f64, answers: u64, unanswered: u64| {
            let mut report = fake::report(10, 1000.0);
            (report.seconds, report.answers) = (seconds, answers);
            report.unanswered = unanswered;
            report.of_all_connections().map(drop)
        };
        assert!(of_all(1.0, 1000, 0).is_ok());
        let error = of_all(1.0, 1000, 3).unwrap_err().to_string();
        assert!(
            error.starts_with("3 of 10 connections had no answer"),
            "{error}"
        );
        assert!(error.ends_with("see its --max-clients"), "{error}");
        // Too short to be more than a latency, and too slow for ten answers to each of the others.
        assert!(of_all(0.9, 1000, 3).is_ok());
        assert!(of_all(5.0, 70, 3).is_err());
        assert!(of_all(5.0, 69, 3).is_ok());
    }

    #[test]
    fn a_server_without_time_for_all_is_not_said_to_refuse_them() {
        let mut report = fake::report(10, 1000.0);
        (report.answers, report.unanswered) = (9, 3);
        let text = report.who_is_missing().unwrap();
        assert!(text.ends_with("see --seconds"), "{text}");
    }
}
