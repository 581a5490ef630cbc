//! The report as text, for people.

use std::io::{self, IsTerminal, Write};

use common::tr;

use crate::decimal::decimal;
use crate::plan::{Kind, Plan};
use crate::report::{Latency, Report};

/// A few lines that say what was measured.
pub(crate) fn text(plan: &Plan, report: &Report) -> String {
    let mut lines = vec![setting(plan, report)];
    if plan.kind != Kind::Hold {
        lines.push(tr!(
            "answers: {} right, {:.0} per second, {} MB/s",
            "ответы: верных {}, в секунду {:.0}, {} МБ/с",
            report.answers,
            report.answers_per_second,
            tenths(report.megabytes_per_second)
        ));
    }
    if plan.reopens() {
        let connects = report.connects_per_second;
        lines.push(tr!(
            "connections opened: {connects:.0} per second",
            "открыто соединений в секунду: {connects:.0}"
        ));
    }
    if let Some(latency) = &report.latency {
        lines.extend(latency_lines(plan, latency));
    }
    lines.push(match &report.first_error {
        None => tr!("errors: none", "ошибок нет"),
        Some(first) => tr!(
            "errors: {}, the first: {first}",
            "ошибок: {}, первая: {first}",
            report.errors
        ),
    });
    lines.extend(missing_line(report));
    lines.extend(server_line(report));
    lines.extend(load_lines(plan, report));
    lines.join("\n")
}

fn setting(plan: &Plan, report: &Report) -> String {
    let (address, connections) = (plan.address, report.connections);
    let seconds = tenths(report.seconds);
    match plan.kind {
        Kind::Echo => tr!(
            "{address}: connections {connections}, message {}, pipeline {}, {seconds} s",
            "{address}: соединений {connections}, сообщение {}, конвейер {}, {seconds} с",
            common::bytes(report.size),
            report.pipeline
        ),
        Kind::Time | Kind::Hold => tr!(
            "{address}: connections {connections}, {seconds} s",
            "{address}: соединений {connections}, {seconds} с"
        ),
    }
}

fn latency_lines(plan: &Plan, latency: &Latency) -> [String; 2] {
    let &Latency {
        p50,
        p90,
        p99,
        p999,
        max,
        ..
    } = latency;
    let [p50, p90, p99, p999, max] = [p50, p90, p99, p999, max].map(tenths);
    let as_seen = tenths(latency.p99_as_seen);
    let table = tr!(
        "latency, us: 50 % {p50}, 90 % {p90}, 99 % {p99}, 99.9 % {p999}, max {max}",
        "задержка, мкс: 50 % {p50}, 90 % {p90}, 99 % {p99}, 99,9 % {p999}, максимум {max}"
    );
    let note = if plan.rate.is_some() {
        tr!(
            "  from the moment a message was due; from the moment it was sent: 99 % {as_seen}",
            "  с момента, когда сообщение следовало отправить; с момента отправки: 99 % {as_seen}"
        )
    } else {
        tr!(
            "  corrected for coordinated omission with the mean interval of a connection; as seen: 99 % {as_seen}",
            "  с поправкой на пропуск запросов во время заминок (coordinated omission) по среднему интервалу соединения; без неё: 99 % {as_seen}"
        )
    };
    [table, note]
}

/// As many digits as a measurement on a busy machine can keep.
fn tenths(value: f64) -> String {
    decimal(value, 1)
}

fn missing_line(report: &Report) -> Option<String> {
    let missing = report.who_is_missing()?;
    Some(tr!(
        "note: {missing}\n  the latencies leave them out",
        "внимание: {missing}\n  в задержках их нет"
    ))
}

fn server_line(report: &Report) -> Option<String> {
    let server = report.server.as_ref()?;
    let share = 100.0 * server.cpu_seconds / report.seconds;
    let memory = tenths(server.memory_kib as f64 / 1024.0);
    let threads = server.threads;
    let mut line = tr!(
        "server: {share:.0} % of a processor, {memory} MiB, threads {threads}",
        "сервер: {share:.0} % процессора, {memory} МиБ, потоков {threads}"
    );
    let efficiency = server.answers_per_cpu_second;
    if report.answers > 0 && efficiency.is_finite() {
        line += &tr!(
            ", {efficiency:.0} answers per second of it",
            ", ответов за секунду его работы {efficiency:.0}"
        );
    }
    Some(line)
}

fn load_lines(plan: &Plan, report: &Report) -> Vec<String> {
    let mut lines = Vec::new();
    if report.load_cpu.is_finite() {
        let share = 100.0 * report.load_cpu;
        lines.push(tr!(
            "load generator: {share:.0} % of a processor",
            "генератор нагрузки: {share:.0} % процессора"
        ));
    }
    if report.load_is_bottleneck {
        lines.push(bottleneck(report));
    }
    if let Some(rate) = plan.rate {
        if report.answers_per_second < 0.95 * f64::from(rate) {
            lines.push(tr!(
                "note: {rate} messages per second were asked for, and not reached",
                "внимание: заданная частота, {rate} сообщений в секунду, не достигнута"
            ));
        }
    }
    lines
}

fn bottleneck(report: &Report) -> String {
    let cpu = report
        .server
        .as_ref()
        .map(|server| server.cpu_seconds / report.seconds);
    match cpu {
        Some(share) if share < 0.8 * report.load_cpu => {
            let share = 100.0 * share;
            tr!(
                "note: the load generator was the limit, not the server, which used only {share:.0} % of a processor",
                "внимание: пределом был генератор нагрузки, а не сервер, который занял лишь {share:.0} % процессора"
            )
        }
        _ => tr!(
            "note: the load generator had no time left and may have been the limit, not the server",
            "внимание: генератор нагрузки работал без передышки; возможно, пределом был он, а не сервер"
        ),
    }
}

/// One line on a terminal that changes every second; nothing elsewhere.
pub(crate) struct Progress {
    kind: Kind,
    shown: bool,
    previous: (f64, u64),
}

impl Progress {
    pub(crate) fn new(kind: Kind) -> Self {
        Self {
            kind,
            shown: io::stderr().is_terminal(),
            previous: (0.0, 0),
        }
    }

    pub(crate) fn show(&mut self, seconds: f64, count: u64) {
        let (seconds_before, count_before) = self.previous;
        self.previous = (seconds, count);
        if !self.shown {
            return;
        }
        let line = match self.kind {
            Kind::Hold => tr!(
                "{seconds:.0} s: connections {count}",
                "{seconds:.0} с: соединений {count}"
            ),
            Kind::Echo | Kind::Time => {
                let rate = (count - count_before) as f64 / (seconds - seconds_before);
                tr!(
                    "{seconds:.0} s: {rate:.0} answers per second",
                    "{seconds:.0} с: ответов в секунду {rate:.0}"
                )
            }
        };
        // ECMA-48: CSI K erases what is left of the longer line before.
        let _ = write!(io::stderr(), "\r{line}\x1b[K");
    }

    /// Takes the line away.
    pub(crate) fn end(&self) {
        if self.shown {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
