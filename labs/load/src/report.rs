//! What was measured.

use serde::Serialize;

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
