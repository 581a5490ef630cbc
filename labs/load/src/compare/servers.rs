//! The server that runs at the moment: its start, and its end in every case.

use std::io;
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use common::tr;

use super::command::Command;
use super::listening;
use super::processors::Processors;

/// How long a server may take to end when it is asked to.
const TO_END: Duration = Duration::from_secs(5);

/// How long a process may take from its last sign of life to its end.
pub(crate) const LAST_BREATH: Duration = Duration::from_secs(1);

/// How often a server that is to end is looked at.
const LOOK: Duration = Duration::from_millis(5);

/// The server that runs, at most one. Shared with the thread that waits for Ctrl-C, so every lock
/// is held for a moment only.
#[derive(Default)]
pub(crate) struct Running(Mutex<State>);

#[derive(Default)]
struct State {
    child: Option<Child>,
    /// The program is about to end, so nothing may start.
    over: bool,
}

/// A server that listens. Dropping it ends its process, and waits for that.
pub(crate) struct Server {
    running: Arc<Running>,
    pub(crate) pid: u32,
    /// Where it can be reached from this machine.
    pub(crate) address: SocketAddr,
}

impl Running {
    /// Starts a server on its `processors` and waits until it listens.
    ///
    /// # Errors
    /// If it cannot be started, ends, does not listen in time, or listens where only other machines
    /// can reach it.
    pub(crate) fn start(
        self: &Arc<Self>,
        command: &Command,
        processors: Option<&Processors>,
    ) -> Result<Server> {
        let (pid, stdout) = self.spawn(command, processors)?;
        let mut server = Server {
            running: Arc::clone(self),
            pid,
            address: SocketAddr::from(([0, 0, 0, 0], 0)),
        };
        server.address = match listening::wait(stdout)? {
            Some(address) => address,
            None => return Err(server.ended_early()),
        };
        Ok(server)
    }

    /// Starts the process. A child runs where the thread that started it may run, from its first
    /// instruction on (sched_setaffinity(2)).
    fn spawn(
        &self,
        command: &Command,
        processors: Option<&Processors>,
    ) -> Result<(u32, ChildStdout)> {
        let mut state = self.state();
        if state.over {
            bail!(tr!("interrupted", "прервано"));
        }
        if let Some(processors) = processors {
            processors
                .of_the_server()
                .context("choose the server's processors")?;
        }
        let mut process = command.process();
        process
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let spawned = process.spawn();
        if let Some(processors) = processors {
            processors
                .of_the_load()
                .context("choose the load generator's processor")?;
        }
        let mut child = spawned.with_context(|| format!("start {}", command.line))?;
        let stdout = child.stdout.take();
        let pid = child.id();
        state.child = Some(child);
        Ok((pid, stdout.context("the server's stdout")?))
    }

    /// Ends the server at once, and lets no other one start.
    pub(crate) fn end_for_good(&self) {
        let mut state = self.state();
        state.over = true;
        if let Some(mut child) = state.child.take() {
            kill(&mut child);
            let _ = child.wait();
        }
    }

    /// How the process ended, if it did; `None` for one that runs or that is gone already.
    fn status(&self) -> io::Result<Option<ExitStatus>> {
        let mut state = self.state();
        let status = state.child.as_mut().map_or(Ok(None), Child::try_wait)?;
        if status.is_some() {
            state.child = None;
        }
        Ok(status)
    }

    fn wait(&self, longest: Duration) -> Option<ExitStatus> {
        let end = Instant::now() + longest;
        loop {
            match self.status() {
                Ok(None) if self.state().child.is_some() && Instant::now() < end => {
                    thread::sleep(LOOK)
                }
                status => return status.ok().flatten(),
            }
        }
    }

    /// No step leaves the state half changed, so a panic elsewhere does not matter.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Server {
    /// How the process ended, if it ended by itself; waits for that so long at most.
    pub(crate) fn ended(&self, within: Duration) -> Option<ExitStatus> {
        self.running.wait(within)
    }

    /// Why its stdout ended before the line came.
    fn ended_early(&self) -> anyhow::Error {
        match self.ended(LAST_BREATH) {
            Some(status) => anyhow!(tr!(
                "it ended before it listened: {status} (started by hand, it says why)",
                "сервер завершился, не начав слушать: {status} (запущенный вручную, он скажет почему)"
            )),
            None => anyhow!(tr!(
                "it closed its stdout before it listened",
                "сервер закрыл stdout, не начав слушать"
            )),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = self.running.state().child.as_mut() {
            ask_to_end(child);
        }
        self.running.wait(TO_END);
        if let Some(mut child) = self.running.state().child.take() {
            kill(&mut child);
            let _ = child.wait();
        }
    }
}

#[cfg(unix)]
fn ask_to_end(child: &mut Child) {
    signal(child, rustix::process::Signal::TERM);
}

/// Windows has no signal that asks a process without a console window.
#[cfg(windows)]
fn ask_to_end(child: &mut Child) {
    kill(child);
}

/// Kills the server and the processes that it has started.
fn kill(child: &mut Child) {
    #[cfg(unix)]
    signal(child, rustix::process::Signal::KILL);
    // It fails only where the process has ended.
    let _ = child.kill();
}

/// To the server's process group; it fails only where nobody is left in it.
#[cfg(unix)]
fn signal(child: &Child, signal: rustix::process::Signal) {
    let pid = i32::try_from(child.id())
        .ok()
        .and_then(rustix::process::Pid::from_raw);
    if let Some(group) = pid {
        let _ = rustix::process::kill_process_group(group, signal);
    }
}
