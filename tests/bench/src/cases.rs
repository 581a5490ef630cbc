//! What is measured, and what is aimed at.

use crate::{Pair, Report};

/// One kind of load.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// Arguments of `load compare`.
    pub(crate) load: &'static [&'static str],
    /// What the first server is.
    pub(crate) base: Base,
    /// Arguments of echo-events beside those that all cases have.
    pub(crate) ours: &'static [&'static str],
    pub(crate) aims: &'static [(Metric, Aim)],
}

/// What ours is compared with.
pub(crate) enum Base {
    /// The server in C, with portions of 1 KiB.
    C,
    /// Echo-events itself, with other arguments.
    Ours(&'static [&'static str]),
}

/// A figure, as a ratio of ours to the other one.
#[derive(Clone, Copy)]
pub(crate) enum Metric {
    Throughput,
    PerCpuSecond,
    P99,
}

#[derive(Clone, Copy)]
pub(crate) enum Aim {
    AtLeast(f64),
    AtMost(f64),
}

use Aim::{AtLeast, AtMost};
use Metric::{P99, PerCpuSecond, Throughput};

const BUSY: &[(Metric, Aim)] = &[
    (Throughput, AtLeast(1.0)),
    (PerCpuSecond, AtLeast(1.05)),
    (P99, AtMost(1.1)),
];

pub(crate) const CASES: &[Case] = &[
    Case {
        name: "1 connection",
        load: &["--connections", "1", "--size", "64"],
        base: Base::C,
        ours: &["--fast"],
        aims: &[(Throughput, AtLeast(2.5))],
    },
    Case {
        name: "50 connections",
        load: &["--connections", "50", "--size", "64"],
        base: Base::C,
        ours: &["--fast"],
        aims: BUSY,
    },
    Case {
        name: "1,000 connections",
        load: &["--connections", "1000", "--size", "64"],
        base: Base::C,
        ours: &["--fast"],
        aims: BUSY,
    },
    Case {
        name: "short connections",
        load: &[
            "--connections",
            "50",
            "--size",
            "64",
            "--per-connection",
            "1",
        ],
        base: Base::C,
        ours: &["--fast"],
        aims: &[(Throughput, AtLeast(1.15)), (PerCpuSecond, AtLeast(1.0))],
    },
    Case {
        name: "bulk, portions of 1 KiB",
        load: BULK,
        base: Base::C,
        ours: &["--fast", "--portion", "1024"],
        aims: &[(Throughput, AtLeast(1.2))],
    },
    Case {
        name: "bulk, large portions",
        load: BULK,
        base: Base::C,
        ours: &["--fast", "--portion", "262144"],
        aims: &[(Throughput, AtLeast(12.0))],
    },
    Case {
        name: "upper beside ascii, 50",
        load: &["--connections", "50", "--size", "64"],
        base: Base::Ours(&["--fast", "--transform", "ascii"]),
        ours: &["--fast", "--transform", "upper"],
        aims: &[(Throughput, AtLeast(0.95)), (PerCpuSecond, AtLeast(0.95))],
    },
    Case {
        name: "upper beside ascii, bulk",
        load: BULK,
        base: Base::Ours(&["--fast", "--transform", "ascii", "--portion", "262144"]),
        ours: &["--fast", "--transform", "upper", "--portion", "262144"],
        aims: &[(Throughput, AtLeast(0.95)), (PerCpuSecond, AtLeast(0.95))],
    },
];

/// One connection that sends as much as it can.
const BULK: &[&str] = &["--connections", "1", "--size", "262144", "--pipeline", "8"];

impl Metric {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Throughput => "answers/s",
            PerCpuSecond => "answers/server CPU s",
            P99 => "p99",
        }
    }

    pub(crate) fn ratio(self, [base, ours]: &Pair) -> f64 {
        let value = |report: &Report| match self {
            Throughput => report.answers_per_second,
            PerCpuSecond => report
                .server
                .as_ref()
                .map_or(f64::NAN, |it| it.answers_per_cpu_second),
            P99 => report.latency.as_ref().map_or(f64::NAN, |it| it.p99),
        };
        value(ours) / value(base)
    }
}

impl Aim {
    /// The aim in short, and whether `ratio` reaches it.
    pub(crate) fn judged(self, ratio: f64) -> (String, bool) {
        match self {
            AtLeast(aim) => (format!(">= {aim}"), ratio >= aim),
            AtMost(aim) => (format!("<= {aim}"), ratio <= aim),
        }
    }
}
