//! What is shown of a server at a number of connections, on the terminal and on the page.

use common::tr;

use What::{MemoryPerConnection, Ratio, Value};

use super::figures::Comparison;
use super::metric::{
    Metric, load_cpu, memory, p99, p99_as_seen, per_cpu_second, threads, throughput,
};
use super::numbers::{count, number, spread};

/// A column of figures.
pub(crate) struct Column {
    /// With the unit.
    pub(crate) title: String,
    /// Also on the terminal, which is narrower than a page.
    pub(crate) on_terminal: bool,
    what: What,
}

/// What stands in a column.
enum What {
    Value(Metric),
    Ratio(Metric),
    MemoryPerConnection,
}

/// From left to right.
pub(crate) fn columns() -> Vec<Column> {
    let column = |on_terminal, what, title| Column {
        title,
        on_terminal,
        what,
    };
    let ratio = || tr!("ratio", "отношение");
    let per_cpu = tr!("answers per CPU second", "ответов за секунду процессора");
    let as_seen = tr!("p99 as seen, ms", "p99 без поправки, мс");
    let load = tr!("load generator's CPU, %", "процессор генератора, %");
    vec![
        column(true, Value(throughput), tr!("answers/s", "ответов/с")),
        column(true, Ratio(throughput), ratio()),
        column(false, Value(per_cpu_second), per_cpu),
        column(true, Ratio(per_cpu_second), tr!("per CPU s", "на с ЦП")),
        column(true, Value(p99), tr!("p99, ms", "p99, мс")),
        column(true, Ratio(p99), ratio()),
        column(false, Value(p99_as_seen), as_seen),
        column(false, Value(memory), tr!("memory, KiB", "память, КиБ")),
        column(true, MemoryPerConnection, tr!("KiB/conn.", "КиБ/соед.")),
        column(false, Value(threads), tr!("threads", "потоки")),
        column(false, Value(load_cpu), load),
    ]
}

impl Column {
    /// The figure of a server at a number of connections, as text.
    pub(crate) fn cell(
        &self,
        comparison: &Comparison,
        server: usize,
        connections: usize,
    ) -> String {
        match self.what {
            Value(metric) => spread(comparison.spread(server, connections, metric)),
            Ratio(metric) => match comparison.ratio(server, connections, metric) {
                // To itself, in every round.
                Some(_) if server == 0 => "1".into(),
                ratio => spread(ratio),
            },
            MemoryPerConnection => spread(comparison.memory_per_connection(server, connections)),
        }
    }
}

/// What must be known of the figures of a server at a number of connections: failures, errors, and
/// whether the load generator was the limit.
pub(crate) fn notes(comparison: &Comparison, server: usize, connections: usize) -> Vec<String> {
    let points: Vec<_> = comparison.at(server, connections).collect();
    let mut notes: Vec<String> = Vec::new();
    for point in &points {
        let error = point
            .report
            .as_ref()
            .and_then(|report| report.first_error.as_ref());
        let reason = match (&point.failure, error) {
            (Some(failure), _) => tr!("not measured: {failure}", "не измерено: {failure}"),
            (None, Some(error)) => {
                let n_errors = point.report.as_ref().map_or(0, |report| report.errors);
                tr!(
                    "errors: {n_errors}, the first one: {error}",
                    "ошибок: {n_errors}, первая: {error}"
                )
            }
            (None, None) => continue,
        };
        let round = point.round + 1;
        let reason = common::escape(reason.as_bytes());
        notes.push(tr!("round {round}: {reason}", "раунд {round}: {reason}"));
    }
    let busy = points.iter().filter_map(|point| point.report.as_ref());
    if busy.into_iter().any(|report| report.load_is_bottleneck) {
        notes.push(tr!(
            "the load generator was busy all the time: the server may be able to do more",
            "генератор нагрузки был занят всё время: сервер, возможно, способен на большее"
        ));
    }
    notes
}

/// What the load was, in words.
pub(crate) fn load(comparison: &Comparison) -> String {
    let load = &comparison.load;
    let (rounds, seconds) = (comparison.rounds, number(load.seconds));
    let (size, pipeline) = (count(load.size), load.pipeline);
    let text = tr!(
        "rounds: {rounds}, {seconds} s each; message: {size} B; on their way at once: {pipeline}",
        "раундов: {rounds}, по {seconds} с; сообщение: {size} Б; в пути одновременно: {pipeline}"
    );
    let Some(messages) = load.per_connection else {
        return text;
    };
    tr!(
        "{text}; messages of a connection: {messages}",
        "{text}; сообщений на соединение: {messages}"
    )
}
