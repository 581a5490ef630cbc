//! What is shown of a server at a number of connections, on the terminal and on the page.

use std::collections::BTreeMap;

use common::tr;

use What::{MemoryPerConnection, Ratio, Value};

use super::figures::Comparison;
use super::metric::{
    Metric, load_cpu, memory, p99, p99_as_seen, per_cpu_second, threads, throughput,
};
use super::numbers::{count, plain, spread};
use super::rounds::Point;
use crate::report::Report;

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
        column(
            true,
            Ratio(per_cpu_second),
            tr!("ratio per CPU s", "отн. за с ЦП"),
        ),
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

/// What must be known of the figures of a server at a number of connections: failures, errors,
/// connections that took no part, and whether the load generator was the limit.
pub(crate) fn notes(comparison: &Comparison, server: usize, connections: usize) -> Vec<String> {
    let points: Vec<&Point> = comparison.at(server, connections).collect();
    let mut rounds_of: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for point in &points {
        for problem in problems(point) {
            let rounds = rounds_of.entry(common::escape(problem.as_bytes()));
            rounds.or_default().push((point.round + 1).to_string());
        }
    }
    let mut notes: Vec<String> = Vec::new();
    for (problem, rounds) in rounds_of {
        let rounds = rounds.join(", ");
        notes.push(tr!(
            "round {rounds}: {problem}",
            "раунд {rounds}: {problem}"
        ));
    }
    let mut reports = points.iter().filter_map(|point| point.report.as_ref());
    if reports.any(|report| report.load_is_bottleneck) {
        notes.push(tr!(
            "the load generator was the limit: the server may be able to do more",
            "предел дал генератор нагрузки: сервер, возможно, способен на большее"
        ));
    }
    notes
}

/// Why a point has no figures, or what was wrong while they were taken.
fn problems(point: &Point) -> Vec<String> {
    let failure = point.failure.as_ref();
    let failure = failure.map(|why| tr!("not measured: {why}", "не измерено: {why}"));
    let report = point.report.as_ref();
    let errors = report.and_then(|report| {
        let (n, first) = (report.errors, report.first_error.as_ref()?);
        Some(tr!(
            "errors: {n}, the first: {first}",
            "ошибок: {n}, первая: {first}"
        ))
    });
    let missing = report.and_then(Report::who_is_missing);
    [failure, errors, missing].into_iter().flatten().collect()
}

/// What the load was, in words.
pub(crate) fn load(comparison: &Comparison) -> String {
    let load = &comparison.load;
    let (rounds, seconds) = (comparison.rounds, plain(load.seconds));
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
