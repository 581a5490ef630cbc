//! Runs the console blocks of a page, from top to bottom, and compares.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::retry_on_intr;

use crate::format::{Action, Console, blocks};
use crate::namespace::{Namespace, STARTED};
use crate::pattern::Names;
use crate::terminal::Terminal;

/// Where and how the commands of a page run.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The working directory of every command.
    pub folder: PathBuf,
    /// Cargo's target folder, so that nothing is built twice.
    pub target: PathBuf,
    /// `LANG` for the commands.
    pub locale: String,
    /// How long an expected line, or the end of a program, may take.
    pub patience: Duration,
    /// The same for a `cargo` command, which may have to compile, until its first expected line.
    pub build_patience: Duration,
}

/// Why a page is not true.
#[derive(Debug)]
pub struct Failure {
    line: usize,
    terminal: String,
    cause: String,
    shown: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            line,
            terminal,
            cause,
            shown,
        } = self;
        write!(f, ":{line}: terminal {terminal}: {cause}")?;
        if !shown.is_empty() {
            write!(f, "\nthe terminal has shown:{shown}")?;
        }
        Ok(())
    }
}

/// Runs every console block of `page`. All that it started has ended when this returns.
///
/// # Errors
/// A [`Failure`] at the first line that does not come true. It is shown as `:LINE: ...`, to be put behind a file name.
pub fn run(page: &str, setting: &Setting) -> Result<(), Failure> {
    let failed = |line, terminal: &str, cause| Failure {
        line,
        terminal: terminal.into(),
        cause,
        shown: String::new(),
    };
    let session = Session::new(setting);
    let mut session = session.map_err(|error| failed(1, "-", format!("{error:#}")))?;
    for block in blocks(page) {
        let console = block.console();
        let console = console.map_err(|error| failed(block.line, "-", format!("{error:#}")))?;
        if let Some(console) = console {
            session.block(&console)?;
        }
    }
    Ok(())
}

/// A page that is being run. Dropping it kills what still runs.
struct Session<'s> {
    // Dropped first: with the namespace die all programs, and the terminals have nothing to wait for.
    namespace: Namespace,
    terminals: BTreeMap<String, Running>,
    names: Names,
    setting: &'s Setting,
}

/// The program of a terminal.
struct Running {
    terminal: Terminal,
    /// `...` was the last line: others may come before the next expected one.
    gap: bool,
    patience: Duration,
}

impl<'s> Session<'s> {
    fn new(setting: &'s Setting) -> Result<Self> {
        Ok(Self {
            namespace: Namespace::new(&needed_folders(setting))?,
            terminals: BTreeMap::new(),
            names: Names::default(),
            setting,
        })
    }

    fn block(&mut self, console: &Console) -> Result<(), Failure> {
        let name = &console.terminal;
        let mut steps = console.steps.iter().peekable();
        while let Some(step) = steps.next() {
            let input_follows = steps.peek().is_some_and(|next| next.action.is_input());
            let done = self.step(name, &step.action, input_follows);
            done.map_err(|error| Failure {
                line: step.line,
                terminal: name.clone(),
                cause: format!("{error:#}"),
                shown: match self.terminals.get(name) {
                    Some(running) => running.terminal.shown(),
                    None => String::new(),
                },
            })?;
        }
        Ok(())
    }

    fn step(&mut self, name: &str, action: &Action, input_follows: bool) -> Result<()> {
        if let Action::Run(command) = action {
            self.finish(name)?;
            return self.start(name, command);
        }
        if let Action::Expect(line) = action {
            let expected = self.expect(name, line, input_follows);
            return expected.map_err(|error| {
                let explanation = self.names.explain(line);
                anyhow!("{error:#}; expected:\n    {line}{explanation}")
            });
        }
        let running = self.running(name)?;
        match action {
            Action::Type(text) => running.terminal.type_line(text),
            Action::Interrupt => running.terminal.interrupt(),
            Action::EndOfInput => running.terminal.end_input(),
            _ => {
                running.gap = true;
                Ok(())
            }
        }
    }

    fn running(&mut self, name: &str) -> Result<&mut Running> {
        let running = self.terminals.get_mut(name);
        running.context("nothing was started in this terminal; its first line begins with `$ `")
    }

    /// Waits for the end of the terminal's program, and for all its output to have been expected.
    fn finish(&mut self, name: &str) -> Result<()> {
        let Some(running) = self.terminals.get(name) else {
            return Ok(());
        };
        let (patience, gap) = (running.patience, running.gap);
        let deadline = Instant::now() + patience;
        while !self.running(name)?.terminal.ended() {
            if !self.wait(deadline)? {
                bail!("the program before still runs after {patience:?}");
            }
        }
        match self.running(name)?.terminal.take_line() {
            Some(line) if !gap => bail!("the program before has printed more: {line:?}"),
            _ => Ok(()),
        }
    }

    fn start(&mut self, name: &str, shell_command: &str) -> Result<()> {
        let setting = self.setting;
        let mut command = self.namespace.command(&setting.folder, shell_command);
        set_environment(&mut command, setting);
        let terminal = Terminal::start(command)?;
        let running = Running {
            terminal,
            gap: false,
            patience: setting.patience,
        };
        self.terminals.insert(name.into(), running);
        self.expect(name, STARTED, false)?;
        let running = self.running(name)?;
        if shell_command.starts_with("cargo ") {
            running.patience = setting.build_patience;
        }
        Ok(())
    }

    /// Waits for the next line of the terminal and compares; after a gap, for the next one that is as `expected`.
    fn expect(&mut self, name: &str, expected: &str, input_follows: bool) -> Result<()> {
        let patience = self.running(name)?.patience;
        let deadline = Instant::now() + patience;
        loop {
            if self.has_come(name, expected, input_follows)? {
                let patience = self.setting.patience;
                let running = self.running(name)?;
                (running.gap, running.patience) = (false, patience);
                return Ok(());
            }
            if self.running(name)?.terminal.ended() {
                bail!("the program has ended without this line");
            }
            if !self.wait(deadline)? {
                bail!("this line has not come in {patience:?}");
            }
        }
    }

    /// Whether the line is among those that have come; takes it and, in a gap, those before it.
    fn has_come(&mut self, name: &str, expected: &str, input_follows: bool) -> Result<bool> {
        let running = self.terminals.get_mut(name);
        let running = running.context("no such terminal")?;
        while let Some(line) = running.terminal.take_line() {
            if self.names.matches(expected, &line)? {
                return Ok(true);
            }
            if !running.gap {
                bail!("another line has come: {line:?}");
            }
        }
        if let Some(question) = running.terminal.question()
            && input_follows
            && self.names.matches(expected, &question)?
        {
            running.terminal.take_question();
            return Ok(true);
        }
        Ok(false)
    }

    /// Waits until something is printed in any terminal, or a program ends; `false` if the deadline comes first.
    fn wait(&mut self, deadline: Instant) -> Result<bool> {
        let limit = deadline.saturating_duration_since(Instant::now());
        if limit.is_zero() {
            return Ok(false);
        }
        let limit = limit.try_into().context("set the deadline")?;
        let alive = self.terminals.values_mut().map(|one| &mut one.terminal);
        let mut alive: Vec<&mut Terminal> = alive.filter(|one| !one.ended()).collect();
        let fds = alive.iter().map(|one| PollFd::new(&**one, PollFlags::IN));
        let mut fds: Vec<PollFd> = fds.collect();
        let n_ready = retry_on_intr(|| poll(&mut fds, Some(&limit)));
        let n_ready = n_ready.context("wait for the terminals")?;
        let ready: Vec<bool> = fds.iter().map(|fd| !fd.revents().is_empty()).collect();
        for (terminal, _) in alive.iter_mut().zip(ready).filter(|(_, ready)| *ready) {
            terminal.read()?;
        }
        Ok(n_ready > 0)
    }
}

/// The folders without which `cargo` and other programs cannot work.
fn needed_folders(setting: &Setting) -> Vec<PathBuf> {
    let homes = ["HOME", "CARGO_HOME", "RUSTUP_HOME"].map(std::env::var_os);
    let homes = homes.into_iter().flatten().map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = homes.chain(std::env::split_paths(&path));
    let here = [setting.folder.clone(), setting.target.clone()];
    folders.chain(here).collect()
}

/// What a student has in the environment, and nothing that `cargo test` has put there.
fn set_environment(command: &mut Command, setting: &Setting) {
    for (name, _) in std::env::vars_os().filter(|(name, _)| is_foreign(name)) {
        command.env_remove(name);
    }
    command
        .env("LANG", &setting.locale)
        // Other programs' messages stay as they are where the Russian locale is installed.
        .env("LANGUAGE", "en")
        .env("TERM", "dumb")
        .env("NO_COLOR", "1")
        .env("CARGO_TERM_COLOR", "never")
        .env("CARGO_TERM_PROGRESS_WHEN", "never")
        .env("CARGO_NET_OFFLINE", "true")
        .env("CARGO_TARGET_DIR", &setting.target);
}

/// Whether a variable comes from `cargo test` or would change what programs print.
fn is_foreign(name: &OsStr) -> bool {
    const PREFIXES: [&str; 7] = [
        "CARGO_BIN_",
        "CARGO_MANIFEST_",
        "CARGO_PKG_",
        "LAB_",
        "LC_",
        "MDBOOK_",
        "NEXTEST",
    ];
    const NAMES: [&str; 9] = [
        "CARGO",
        "CARGO_CRATE_NAME",
        "CARGO_PRIMARY_PACKAGE",
        "CARGO_TARGET_TMPDIR",
        "RUST_BACKTRACE",
        "RUST_LOG",
        "RUST_RECURSION_COUNT",
        "RUST_TEST_THREADS",
        "TMPDIR",
    ];
    let name = name.to_string_lossy();
    NAMES.contains(&&*name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}
