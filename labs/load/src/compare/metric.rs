//! The figures of a measurement that are compared.

use crate::report::Report;

/// Takes a figure out of a report, if it has it.
pub(crate) type Metric = fn(&Report) -> Option<f64>;

/// Answers per second.
pub(crate) fn throughput(report: &Report) -> Option<f64> {
    Some(report.answers_per_second)
}

/// Answers for each second that the server kept a processor busy; nothing where the system, which
/// counts in clock ticks, saw no use of a processor.
pub(crate) fn per_cpu_second(report: &Report) -> Option<f64> {
    let answers = report.server.as_ref()?.answers_per_cpu_second;
    (answers.is_finite() && answers > 0.0).then_some(answers)
}

/// In milliseconds, corrected.
pub(crate) fn p99(report: &Report) -> Option<f64> {
    report.latency.as_ref().map(|latency| latency.p99 / 1000.0)
}

/// In milliseconds, without the correction.
pub(crate) fn p99_as_seen(report: &Report) -> Option<f64> {
    let latency = report.latency.as_ref();
    latency.map(|latency| latency.p99_as_seen / 1000.0)
}

/// In KiB.
pub(crate) fn memory(report: &Report) -> Option<f64> {
    report.server.as_ref().map(|used| used.memory_kib as f64)
}

/// At the end of the measurement.
pub(crate) fn threads(report: &Report) -> Option<f64> {
    report.server.as_ref().map(|used| f64::from(used.threads))
}

/// Of the load generator, in percent of one processor.
pub(crate) fn load_cpu(report: &Report) -> Option<f64> {
    Some(100.0 * report.load_cpu)
}
