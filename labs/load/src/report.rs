//! What was measured.

use std::time::Duration;

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

/// What was measured beside the tally.
pub(crate) struct Measured {
    /// How long was measured.
    pub(crate) seconds: f64,
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
