//! Load generator for the servers of the labs.
//!
//! It shows how a measurement is made that can be believed: every answer is verified, latency
//! counts from the moment a message was due, connections that nobody answers are counted, and the
//! generator says when it was the limit itself.
//! One thread serves all connections with `epoll`. Run `cargo run --release -p echo-server -- -q`
//! in one terminal and `cargo run --release -p load -- echo` in another, with the server's process
//! id after `--pid`. Try `--connections 1` with and without `--spin`, `--pipeline 16`,
//! `--per-connection 1`, and `--rate` a little above what the server can do.

mod args;
mod compare;
mod connect;
mod connection;
mod crowd;
mod decimal;
mod descriptors;
mod event_loop;
mod exchange;
mod latency;
mod message;
mod plan;
mod process;
mod ready;
mod report;
mod run;
mod schedule;
mod show;
mod stop;
mod target;
mod ticker;
mod work;

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::{Parser, Subcommand};
use common::{Lang, tr};

use args::{Messages, Target};
use plan::{Kind, Plan};
use show::Progress;

/// Puts a server under load and measures it
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,

    /// Language of the report and of errors [default: from LC_ALL, LC_MESSAGES or LANG]
    #[arg(long, value_enum, global = true)]
    lang: Option<Lang>,
}

#[derive(Subcommand)]
enum Command {
    /// Sends text to an echo server and verifies every byte that comes back
    Echo {
        #[command(flatten)]
        target: Target<9090>,
        #[command(flatten)]
        messages: Messages,
    },
    /// Asks a time server again and again, each time over a new connection
    Time {
        #[command(flatten)]
        target: Target<8888>,
    },
    /// Holds connections open and says nothing
    Hold {
        #[command(flatten)]
        target: Target<9090>,
    },
    Compare(compare::CompareArgs),
}

fn main() -> ExitCode {
    common::exit_code(run(Cli::parse()))
}

fn run(cli: Cli) -> Result<()> {
    common::begin(cli.lang, None, false)?;
    match cli.command {
        Command::Echo { target, messages } => {
            let mut plan = target.plan(Kind::Echo)?;
            messages.add_to(&mut plan);
            measure(&plan, target.json)
        }
        Command::Time { target } => measure(&target.plan(Kind::Time)?, target.json),
        Command::Hold { target } => measure(&target.plan(Kind::Hold)?, target.json),
        Command::Compare(args) => compare::compare(args),
    }
}

/// Carries out the plan and prints the report, what was measured until Ctrl-C, too.
///
/// # Errors
/// If it could not be measured, something was wrong with the answers, or there were none for some
/// connections.
fn measure(plan: &Plan, json: bool) -> Result<()> {
    let stop = stop::stop_flag().context("install the handler of SIGINT and SIGTERM")?;
    let mut progress = Progress::new(plan.kind);
    let report = run::run(plan, &mut |seconds, n| progress.show(seconds, n), &stop);
    progress.end();
    let report = report?;
    common::print_line(&if json {
        serde_json::to_string(&report).context("write the report as JSON")?
    } else {
        show::text(plan, &report)
    })?;
    if report.errors > 0 {
        let n = report.errors;
        bail!(tr!(
            "errors: {n}, the report names the first",
            "ошибок: {n}, первая названа в отчёте"
        ));
    }
    if report.answers == 0 && plan.kind != Kind::Hold {
        bail!(tr!(
            "no answer came in time",
            "ни один ответ не пришёл вовремя"
        ));
    }
    report.of_all_connections().map(drop)
}
