//! How fast `echo-events --fast` is beside a server in C that does no more than it must
//! (`echo-epoll.c`): `cargo run --release -p bench`.
//!
//! Both are measured in the same run, in turn, round after round, and what counts is the ratio within
//! a round. Each line has the aim beside what came out. The figures of a machine that does something
//! else meanwhile are worth nothing. Linux, with gcc and two processors.

mod cases;
mod programs;

use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};
use clap::Parser;
use serde::Deserialize;

use cases::{CASES, Case};
use programs::Programs;

/// Compares echo-events with a server in C
#[derive(Parser)]
struct Args {
    /// How often everything is measured
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,

    /// Length of one measurement in seconds
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,

    /// Only the cases with this in their name
    #[arg(default_value = "")]
    name: String,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Whether all aims were reached.
fn run(args: &Args) -> Result<bool> {
    let programs = Programs::build()?;
    println!(
        "{:32} {:24} {:>8} {:>17} {:>8}",
        "case", "figure", "median", "of all rounds", "aim"
    );
    let mut all = true;
    for case in CASES.iter().filter(|case| case.name.contains(&args.name)) {
        let rounds = measure(&programs, case, args)?;
        for &(metric, aim) in case.aims {
            let mut ratios: Vec<f64> = rounds.iter().map(|pair| metric.ratio(pair)).collect();
            ratios.sort_by(f64::total_cmp);
            let (low, high) = (ratios[0], ratios[ratios.len() - 1]);
            let median = ratios[ratios.len() / 2];
            let (sign, reached) = aim.judged(median);
            all &= reached;
            println!(
                "{:32} {:24} {median:8.2} {low:8.2}-{high:8.2} {sign:>8}{}",
                case.name,
                metric.name(),
                if reached { "" } else { "  missed" }
            );
        }
    }
    Ok(all)
}

/// What `load compare --json` prints, as far as it is of use here.
#[derive(Deserialize)]
struct Comparison {
    points: Vec<Point>,
}

#[derive(Deserialize)]
struct Point {
    round: usize,
    server: usize,
    report: Option<Report>,
    failure: Option<String>,
}

/// One server's part of a round.
#[derive(Deserialize)]
struct Report {
    answers_per_second: f64,
    errors: u64,
    latency: Option<Latency>,
    server: Option<Use>,
}

#[derive(Deserialize)]
struct Latency {
    p99: f64,
}

#[derive(Deserialize)]
struct Use {
    answers_per_cpu_second: f64,
}

/// A round: the server in C, and ours.
type Pair = [Report; 2];

fn measure(programs: &Programs, case: &Case, args: &Args) -> Result<Vec<Pair>> {
    let mut command = Command::new(&programs.load);
    command.args(["compare", "--json", "--report", "/dev/null", "--lang", "en"]);
    command.args(["--rounds", &args.rounds.to_string()]);
    command.args(["--seconds", &args.seconds.to_string()]);
    command.args(case.load);
    command.args([programs.base(case), programs.ours(case)]);
    let output = command.output().context("run load compare")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let comparison: Comparison = serde_json::from_str(&text)
        .with_context(|| format!("{}: {}", case.name, String::from_utf8_lossy(&output.stderr)))?;
    let mut rounds: Vec<[Option<Report>; 2]> = Vec::new();
    for point in comparison.points {
        ensure!(
            point.failure.is_none() && point.report.as_ref().is_some_and(|it| it.errors == 0),
            "{}: {}",
            case.name,
            point.failure.unwrap_or_else(|| "wrong answers".into())
        );
        rounds.resize_with(rounds.len().max(point.round + 1), Default::default);
        rounds[point.round][point.server] = point.report;
    }
    let pairs = rounds.into_iter().map(|[base, ours]| Some([base?, ours?]));
    pairs.collect::<Option<_>>().context("a round is not whole")
}
