//! The command line of a measurement.

use std::time::Duration;

use anyhow::Result;
use clap::builder::NonEmptyStringValueParser;
use clap::{Args, value_parser};
use common::{Transform, event};

use crate::message::Alphabet;
use crate::plan::{Kind, Plan};
use crate::target;

/// Whom to load, and how much.
#[derive(Args)]
pub(crate) struct Target<const PORT: u16> {
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
    pub(crate) json: bool,

    /// Allow a server on another machine: the very HOST again
    #[arg(long, value_name = "HOST")]
    beyond_loopback: Option<String>,
}

/// What to send.
#[derive(Args)]
pub(crate) struct Messages {
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

impl<const PORT: u16> Target<PORT> {
    /// What is to be measured; the server is looked for.
    ///
    /// # Errors
    /// If the server cannot be reached, or may not be.
    pub(crate) fn plan(&self, kind: Kind) -> Result<Plan> {
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
    /// Makes them a part of the plan.
    pub(crate) fn add_to(&self, plan: &mut Plan) {
        plan.size = self.size as usize;
        plan.pipeline = self.pipeline as usize;
        plan.rate = self.rate;
        plan.per_connection = self.per_connection;
        plan.transform = self.transform;
        plan.alphabet = self.text;
    }
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
