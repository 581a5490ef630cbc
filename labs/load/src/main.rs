//! Load generator for the servers of the labs.
//!
//! It shows how a measurement is made that can be believed: every answer is verified, latency
//! counts from the moment a message was due, and the generator says when it was the limit itself.
//! One thread serves all connections with `epoll`. Run `cargo run --release -p echo-server -- -q`
//! in one terminal and `cargo run --release -p load -- echo` in another, with the server's process
//! id after `--pid`. Try `--connections 1` with and without `--spin`, `--pipeline 16`,
//! `--per-connection 1`, and `--rate` a little above what the server can do.

mod compare;
mod connection;
mod crowd;
mod descriptors;
mod latency;
mod message;
mod plan;
mod process;
mod report;
mod run;
mod schedule;
mod show;
mod target;
mod ticker;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Parser, Subcommand, value_parser};
use common::{Lang, Transform, event, tr};

use message::Alphabet;
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

/// Whom to load, and how much.
#[derive(Args)]
struct Target<const PORT: u16> {
    /// Name or address of the server
    #[arg(default_value = "localhost", value_parser = NonEmptyStringValueParser::new())]
    host: String,

    /// Port of the server
    #[arg(default_value_t = PORT, value_parser = value_parser!(u16).range(1..))]
    port: u16,

    /// Connections at once
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = value_parser!(u32).range(1..=60_000))]
    connections: u32,

    /// How long to measure, at most an hour
    #[arg(long, value_name = "T", default_value = "5", value_parser = measuring_time)]
    seconds: Duration,

    /// Process id of the server, to read its processor time and memory (Linux)
    #[arg(long, value_parser = value_parser!(u32).range(1..))]
    pid: Option<u32>,

    /// Poll without sleeping: takes a whole processor, but nothing of the latency is the generator's
    /// own wake-up
    #[arg(long)]
    spin: bool,

    /// Print one JSON object
    #[arg(long)]
    json: bool,

    /// Allow a server on another machine: the very HOST again
    #[arg(long, value_name = "HOST")]
    beyond_loopback: Option<String>,
}

/// What to send.
#[derive(Args)]
struct Messages {
    /// Bytes of one message, at most 16 MiB
    #[arg(long, value_name = "S", default_value_t = 64, value_parser = value_parser!(u32).range(1..=16 << 20))]
    size: u32,

    /// Messages that one connection has on their way at once
    #[arg(long, value_name = "P", default_value_t = 1, value_parser = value_parser!(u32).range(1..=1024))]
    pipeline: u32,

    /// Messages per second over all connections, whether or not answers come [default: the next one
    /// goes out when an answer is in]
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..=10_000_000))]
    rate: Option<u32>,

    /// Messages of one connection, after which it is closed and a new one opened
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..))]
    per_connection: Option<u32>,

    /// What the server does to the text
    #[arg(long, value_enum, default_value_t = Transform::Upper)]
    transform: Transform,

    /// The letters of the text
    #[arg(long, value_enum, default_value_t = Alphabet::Ascii)]
    text: Alphabet,
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

impl<const PORT: u16> Target<PORT> {
    /// # Errors
    /// If the server cannot be reached, or may not be.
    fn plan(&self, kind: Kind) -> Result<Plan> {
        let address = target::find(&self.host, self.port, self.beyond_loopback.as_deref())?;
        let pid = self.pid.filter(|_| cfg!(target_os = "linux"));
        if self.pid != pid {
            event!(
                "what the server uses can be read on Linux only",
                "расход ресурсов сервера можно прочитать только в Linux"
            );
        }
        Ok(Plan {
            connections: self.connections as usize,
            duration: self.seconds,
            pid,
            spin: self.spin,
            ..Plan::new(kind, address)
        })
    }
}

impl Messages {
    fn add_to(&self, plan: &mut Plan) {
        plan.size = self.size as usize;
        plan.pipeline = self.pipeline as usize;
        plan.rate = self.rate;
        plan.per_connection = self.per_connection;
        plan.transform = self.transform;
        plan.alphabet = self.text;
    }
}

/// Carries out the plan and prints the report, what was measured until Ctrl-C, too.
///
/// # Errors
/// If it could not be measured, or something was wrong with the answers.
fn measure(plan: &Plan, json: bool) -> Result<()> {
    let stop = stop_flag().context("install the handler of SIGINT and SIGTERM")?;
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
    Ok(())
}

/// A flag that SIGINT or SIGTERM sets; the second one ends the program at once.
#[cfg(unix)]
fn stop_flag() -> Result<Arc<AtomicBool>> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::flag::{register, register_conditional_shutdown};

    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        register_conditional_shutdown(signal, 1, Arc::clone(&stop))?;
        register(signal, Arc::clone(&stop))?;
    }
    Ok(stop)
}

/// A flag that Ctrl-C sets.
#[cfg(windows)]
fn stop_flag() -> Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    ctrlc::set_handler(move || flag.store(true, std::sync::atomic::Ordering::Relaxed))?;
    Ok(stop)
}

/// Parses a number of seconds between zero and an hour.
fn measuring_time(text: &str) -> Result<Duration, String> {
    const MOST: Duration = Duration::from_secs(3600);
    common::seconds(text).and_then(|time| {
        (!time.is_zero() && time <= MOST)
            .then_some(time)
            .ok_or_else(|| "more than 0 and at most 3600 seconds are needed".into())
    })
}
