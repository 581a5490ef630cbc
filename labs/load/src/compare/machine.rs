//! Where and when it was measured: figures of different machines cannot be compared.

use std::fs;
use std::thread;

use common::tr;
use serde::Serialize;
use time::OffsetDateTime;

use super::processors::Processors;

/// The machine and the day.
#[derive(Debug, Serialize)]
pub(crate) struct Machine {
    /// Processors that this process may use.
    pub(crate) n_processors: usize,
    /// Their name, where the system tells.
    pub(crate) model: Option<String>,
    /// The operating system, with its version where it tells.
    pub(crate) system: String,
    /// In UTC.
    pub(crate) date: String,
    /// `None`: both run where the system puts them.
    pub(crate) processors: Option<Processors>,
}

impl Machine {
    /// The machine that this runs on.
    pub(crate) fn this_one(processors: Option<Processors>) -> Self {
        let now = OffsetDateTime::now_utc();
        Self {
            n_processors: thread::available_parallelism().map_or(1, usize::from),
            model: model(),
            system: system(),
            date: format!("{} {:02}:{:02} UTC", now.date(), now.hour(), now.minute()),
            processors,
        }
    }

    /// Who ran where, in words.
    pub(crate) fn placement(&self) -> String {
        let Some(processors) = &self.processors else {
            return tr!(
                "server and load generator shared all processors",
                "сервер и генератор нагрузки делили все процессоры"
            );
        };
        let server: Vec<String> = processors.server.iter().map(ToString::to_string).collect();
        let (server, load) = (server.join(", "), processors.load);
        tr!(
            "server on processor {server}, load generator on processor {load}",
            "сервер на процессоре {server}, генератор нагрузки на процессоре {load}"
        )
    }
}

/// See proc_cpuinfo(5).
fn model() -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(common::escape(line.split_once(':')?.1.trim().as_bytes()))
}

/// `Linux version 6.1.0` of the long line in /proc/version (proc_version(5)); elsewhere the name
/// alone.
fn system() -> String {
    let Ok(text) = fs::read_to_string("/proc/version") else {
        return std::env::consts::OS.into();
    };
    let words: Vec<&str> = text.split_whitespace().take(3).collect();
    common::escape(words.join(" ").as_bytes())
}
