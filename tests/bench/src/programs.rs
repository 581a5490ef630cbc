//! The programs that are measured, built for speed.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::cases::{Base, Case};

pub(crate) struct Programs {
    pub(crate) load: String,
    echo_events: String,
    echo_epoll: String,
    _folder: TempDir,
}

impl Programs {
    pub(crate) fn build() -> Result<Self> {
        let folder = TempDir::new().context("make a folder")?;
        let echo_epoll = folder.path().join("echo-epoll");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("echo-epoll.c");
        let mut gcc = Command::new("gcc");
        gcc.args(["-O2", "-o"]).arg(&echo_epoll).arg(source);
        let status = gcc.status().context("run gcc")?;
        ensure!(status.success(), "gcc: {status}");
        Ok(Self {
            load: cargo_build("load")?,
            echo_events: cargo_build("echo-events")?,
            echo_epoll: text(&echo_epoll)?,
            _folder: folder,
        })
    }

    /// The command line of the server that counts as 1.
    pub(crate) fn base(&self, case: &Case) -> String {
        match case.base {
            Base::C => format!("C={}", self.echo_epoll),
            Base::Ours(arguments) => format!("base={}", self.events(arguments)),
        }
    }

    pub(crate) fn ours(&self, case: &Case) -> String {
        format!("ours={}", self.events(case.ours))
    }

    fn events(&self, arguments: &[&str]) -> String {
        let always = "-q -a 127.0.0.1 -p 0 --backlog 4096 --max-clients 10000";
        format!("{} {always} {}", self.echo_events, arguments.join(" "))
    }
}

/// Builds a program of the suite; where it is.
fn cargo_build(package: &str) -> Result<String> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--release", "--locked", "--message-format=json"]);
    cargo.args(["-p", package]).stderr(Stdio::inherit());
    let output = cargo.output().context("run cargo")?;
    ensure!(output.status.success(), "cargo build: {}", output.status);
    let messages = String::from_utf8_lossy(&output.stdout).into_owned();
    let executable = messages.lines().find_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        let is_it = message["target"]["name"] == package;
        let path = message["executable"].as_str()?;
        is_it.then(|| path.to_owned())
    });
    executable.with_context(|| format!("cargo does not tell where {package} is"))
}

fn text(path: &Path) -> Result<String> {
    let text = path.to_str().map(ToOwned::to_owned);
    text.with_context(|| format!("{}: not UTF-8", PathBuf::from(path).display()))
}
