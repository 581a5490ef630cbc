//! A small machine for each page: its own network with the loopback interface up, its own processes, its own /tmp.
//!
//! Namespaces (namespaces(7)) keep pages apart that run at the same time: each may listen on port 9090, `pkill` its
//! programs and write to /tmp. The first process of the process namespace reads from a pipe that this process holds.
//! When the pipe closes, for whatever reason, that process ends, and the kernel kills all others with it.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use rustix::event::{PollFd, PollFlags, poll};

/// The programs that a namespace is made with and entered by.
pub(crate) const TOOLS: [&str; 10] = [
    "bash", "cat", "env", "ip", "mount", "nsenter", "setpriv", "setsid", "sh", "unshare",
];

/// The first process. It looks up its own number before /proc shows the new numbers only, and says it when all is set up.
const FIRST_PROCESS: &str = "set -e
read -r pid rest </proc/self/stat
ip link set lo up
mount -t proc proc /proc
if [ \"$1\" = own-tmp ]; then mount -t tmpfs tmpfs /tmp; fi
echo \"$pid\"
exec cat";

/// How long the kernel may take to set up a namespace.
const SET_UP: Duration = Duration::from_secs(30);

/// The namespaces of one page. Dropping it kills everything that runs in them.
pub(crate) struct Namespace {
    holder: Child,
    /// The first process, as it is numbered outside.
    pid: String,
}

impl Namespace {
    /// New namespaces, without root in a user namespace. /tmp stays the machine's where one of `needed` lies in it.
    ///
    /// # Errors
    /// With the reason, if the system refuses.
    pub(crate) fn new(needed: &[PathBuf]) -> Result<Self> {
        let tmp = if needed.iter().any(|path| path.starts_with("/tmp")) {
            "shared-tmp"
        } else {
            "own-tmp"
        };
        let mut unshare = Command::new("unshare");
        if !is_root() {
            unshare.args(["--user", "--map-root-user"]);
        }
        unshare.args(["--net", "--pid", "--mount", "--fork", "--kill-child"]);
        unshare.args(["sh", "-c", FIRST_PROCESS, "sh", tmp]);
        unshare.stdin(Stdio::piped()).stdout(Stdio::piped());
        let holder = unshare.stderr(Stdio::piped()).spawn();
        let mut namespace = Self {
            holder: holder.context("run unshare")?,
            pid: String::new(),
        };
        namespace.pid = namespace.wait_for_pid()?;
        Ok(namespace)
    }

    fn wait_for_pid(&mut self) -> Result<String> {
        let stdout = self.holder.stdout.take().context("no stdout")?;
        let deadline = SET_UP.try_into().context("set the deadline")?;
        let mut ready = [PollFd::new(&stdout, PollFlags::IN)];
        if poll(&mut ready, Some(&deadline)).context("wait for the namespaces")? == 0 {
            bail!("the namespaces are not ready in time");
        }
        let mut pid = String::new();
        BufReader::new(stdout).read_line(&mut pid)?;
        if pid.is_empty() {
            let mut reason = String::new();
            if let Some(stderr) = &mut self.holder.stderr {
                stderr.read_to_string(&mut reason)?;
            }
            bail!("no namespaces: {}", reason.trim_end().replace('\n', "; "));
        }
        Ok(pid.trim_end().into())
    }

    /// A command that runs `shell_command` in `folder`, in these namespaces, as the leader of a session whose terminal
    /// is its stdin. It writes [`STARTED`] before.
    pub(crate) fn command(&self, folder: &Path, shell_command: &str) -> Command {
        let mut command = self.enter();
        command
            .args([OsStr::new("env"), OsStr::new("-C"), folder.as_os_str()])
            .args(["setsid", "--ctty"])
            .args(["sh", "-c", "echo started; exec \"$@\"", "sh"])
            .args(["bash", "-c", shell_command]);
        command
    }

    /// Runs a program in these namespaces.
    ///
    /// # Errors
    /// With the reason, if there is a way to make namespaces here, but none to enter them.
    pub(crate) fn try_out(&self) -> Result<()> {
        let output = self.enter().arg("true").output().context("run nsenter")?;
        let reason = String::from_utf8_lossy(&output.stderr);
        let reason = reason.trim_end().replace('\n', "; ");
        ensure!(output.status.success(), "no way into namespaces: {reason}");
        Ok(())
    }

    /// A command for something to run in these namespaces, not allowed to bind ports below 1024.
    fn enter(&self) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["--target", &self.pid, "--net", "--pid", "--mount"]);
        if !is_root() {
            command.args(["--user", "--preserve-credentials"]);
        }
        // A shell of the outside is the parent, not nsenter itself: nsenter stops where its child is
        // stopped, and would be left behind when somebody inside lets the child go on.
        command.args(["--no-fork", "sh", "-c", "\"$@\"; exit $?", "sh"]);
        let unprivileged =
            ["--bounding-set", "--inh-caps"].map(|set| format!("{set}=-net_bind_service"));
        command.arg("setpriv").args(unprivileged);
        command
    }
}

/// The line that comes before the output of a [`Namespace::command`]: from now on keys reach it.
pub(crate) const STARTED: &str = "started";

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

impl Drop for Namespace {
    fn drop(&mut self) {
        // The pipe closes; the first process is gone when all others are, and unshare waits for it.
        drop(self.holder.stdin.take());
        if self.pid.is_empty() {
            // It has not got as far as to read the pipe.
            let _ = self.holder.kill();
        }
        // Cannot fail for a child that was not waited for.
        let _ = self.holder.wait();
    }
}
