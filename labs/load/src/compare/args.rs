//! The command line of `load compare`.

use std::path::PathBuf;
use std::time::Duration;

use super::command::Command;

/// Servers that a plot can still tell apart.
const MOST_SERVERS: usize = 16;

/// Compare servers: the same load for each in turn, as ratios to the first one
///
/// Example: load compare 'target/release/echo-server -q -p 0 --max-clients 10000'
/// 'events=target/release/echo-events -q -p 0 --max-clients 10000'
#[derive(clap::Args)]
pub(crate) struct CompareArgs {
    /// Command line of a server that prints `listening on ADDR:PORT`; NAME=CMD gives it a name
    #[arg(value_name = "CMD", required = true, num_args = 1..=MOST_SERVERS)]
    pub(crate) commands: Vec<Command>,

    /// Numbers of connections at once
    #[arg(long, value_name = "N,...", value_delimiter = ',', default_value = "1,10,100,1000,10000",
          value_parser = clap::value_parser!(u32).range(1..=20_000))]
    pub(crate) connections: Vec<u32>,

    /// Bytes of one message
    #[arg(long, value_name = "BYTES", default_value_t = 64,
          value_parser = clap::value_parser!(u32).range(1..=1_048_576))]
    pub(crate) size: u32,

    /// Messages that one connection has on their way at once
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub(crate) pipeline: u32,

    /// Length of one measurement, at most 60
    #[arg(long, default_value = "2", value_parser = measurable)]
    pub(crate) seconds: Duration,

    /// How often everything is measured
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) rounds: u32,

    /// Messages of one connection, then a new one is opened [default: no end]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) per_connection: Option<u32>,

    /// Page to write
    #[arg(long, value_name = "FILE.html", default_value = "comparison.html")]
    pub(crate) report: PathBuf,

    /// Write each plot to a file of its own as well
    #[arg(long, value_name = "DIR")]
    pub(crate) svg_dir: Option<PathBuf>,

    /// Print everything as JSON instead of a table
    #[arg(long)]
    pub(crate) json: bool,

    /// Fail if server and load generator cannot have processors of their own; without it they get
    /// them where the system is Linux and has several
    #[arg(long, overrides_with = "no_pin")]
    pub(crate) pin: bool,

    /// Let both run where the system puts them
    #[arg(long)]
    pub(crate) no_pin: bool,
}

/// A time that a measurement may take: long enough to measure something, short enough to wait for.
fn measurable(text: &str) -> Result<Duration, String> {
    let seconds = common::seconds(text)?;
    let allowed = Duration::from_millis(100)..=Duration::from_secs(60);
    if allowed.contains(&seconds) {
        Ok(seconds)
    } else {
        Err("0.1 to 60 seconds are possible".into())
    }
}
