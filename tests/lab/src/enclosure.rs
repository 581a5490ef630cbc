//! How a worker is kept apart from the machine, and from other workers: namespaces of its own for
//! users, network, mounts and processes, by unshare(1), in which it is root and can do no harm.
//!
//! The grader's own root first becomes an unprivileged user. That user can read neither root's files
//! nor root's interpreters, so that the submission is copied, and the interpreters are bound, to where
//! it can: that takes one step more, [`enclose`], while still root.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, bail};
use checks::{Limits, Sandbox};
use common::tr;

use crate::cgroup::{self, Cgroups};
use crate::copy::copy_confined;
use crate::interpreters::interpreters;
use crate::job::SandboxJob;
use crate::leftovers;
use crate::watchdog::Watchdog;

/// Users that nobody is: workers of root become one each. The range is the one that systemd gives to
/// services for as long as they run.
const FIRST_USER: u32 = 61_184;
const N_USERS: u32 = 4_000;

/// The ways into a namespace of one's own for everything, in which this user is root.
const UNSHARE: &[&str] = &[
    "unshare",
    "--user",
    "--map-root-user",
    "--net",
    "--mount",
    "--pid",
    "--ipc",
    "--fork",
    "--kill-child",
    "--mount-proc",
    "--",
];

/// What all workers of one run have in common.
pub struct Enclosure {
    /// Everything temporary of this run.
    folder: PathBuf,
    cgroups: Cgroups,
    limits: Limits,
    is_root: bool,
    /// Where interpreters are.
    interpreters: Vec<PathBuf>,
    n_cells: AtomicU32,
}

/// A place for one submission.
pub struct Cell {
    /// The copy of the submission.
    pub home: PathBuf,
    /// What the worker has to know.
    pub job: SandboxJob,
    folder: PathBuf,
    cgroup: cgroup::Cell,
    user: u32,
}

impl Enclosure {
    /// Prepares the place, and tries it out with a program that does nothing.
    ///
    /// # Errors
    /// If the machine does not let a worker be kept apart, with the reason.
    pub fn new(limits: Limits) -> anyhow::Result<Self> {
        let folder = leftovers::folder().context("make a temporary folder")?;
        let is_root = rustix::process::geteuid().is_root();
        let enclosure = Self {
            folder,
            cgroups: Cgroups::new(limits),
            limits,
            is_root,
            interpreters: interpreters(),
            n_cells: AtomicU32::new(0),
        };
        enclosure.prepare().context("prepare the sandbox")?;
        enclosure.try_out()?;
        Ok(enclosure)
    }

    fn prepare(&self) -> anyhow::Result<()> {
        fs::set_permissions(&self.folder, fs::Permissions::from_mode(0o711))?;
        fs::write(self.executable(), "")?;
        for (index, path) in self.interpreters.iter().enumerate() {
            if path.is_dir() {
                fs::create_dir(self.bound(index))?;
            } else {
                fs::write(self.bound(index), "")?;
            }
        }
        Ok(())
    }

    /// Where the grader itself is bound for its workers.
    fn executable(&self) -> PathBuf {
        self.folder.join("lab")
    }

    /// Where interpreters are bound for the workers of root.
    fn bound(&self, index: usize) -> PathBuf {
        self.folder.join(format!("interpreters-{index}"))
    }

    fn try_out(&self) -> anyhow::Result<()> {
        let cell = self.empty_cell()?;
        let mut command = self.command(&cell, "trial")?;
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().with_context(|| {
            let program = command.get_program().to_string_lossy().into_owned();
            format!("start {program}")
        })?;
        let job = serde_json::to_string(&cell.job)?;
        if let Some(mut stdin) = child.stdin.take() {
            // A trial that has failed does not read it, and says why.
            let _ = stdin.write_all(job.as_bytes());
        }
        let output = child.wait_with_output()?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("{}", said.trim());
    }

    /// A place for the submission in `source`, which is copied there.
    ///
    /// # Errors
    /// If it cannot be copied, or has a link that leaves it.
    pub fn cell(&self, source: &Path) -> anyhow::Result<Cell> {
        let cell = self.empty_cell()?;
        copy_confined(source, &cell.home)?;
        if self.is_root {
            own(&cell.home, cell.user)?;
        }
        Ok(cell)
    }

    fn empty_cell(&self) -> anyhow::Result<Cell> {
        let number = self.n_cells.fetch_add(1, Ordering::Relaxed);
        let folder = self.folder.join(format!("cell-{number}"));
        let (home, scratch) = (folder.join("home"), folder.join("scratch"));
        // Two graders of one machine begin somewhere else.
        let user = FIRST_USER + (std::process::id().wrapping_add(number)) % N_USERS;
        fs::create_dir(&folder)?;
        fs::create_dir(&scratch)?;
        if self.is_root {
            own(&folder, user)?;
            fs::set_permissions(&folder, fs::Permissions::from_mode(0o700))?;
        }
        let bound = |(index, path): (usize, &PathBuf)| {
            let from = if self.is_root {
                self.bound(index)
            } else {
                path.clone()
            };
            (from, path.clone())
        };
        let job = SandboxJob {
            read_only: self.interpreters.iter().enumerate().map(bound).collect(),
            limits: self.limits,
            scratch,
        };
        Ok(Cell {
            home,
            job,
            folder,
            cgroup: self.cgroups.cell(number),
            user,
        })
    }

    /// How the worker in `cell` is started.
    ///
    /// # Errors
    /// If the grader does not know its own executable.
    pub fn command(&self, cell: &Cell, what: &str) -> anyhow::Result<Command> {
        let own = std::env::current_exe().context("find the grader itself")?;
        let mut words: Vec<PathBuf> = Vec::new();
        if self.is_root {
            words.extend(
                ["unshare", "--mount", "--propagation", "private", "--"].map(PathBuf::from),
            );
            words.extend([own.clone(), "enclose".into()]);
            words.extend([
                what.into(),
                cell.user.to_string().into(),
                std::env::join_paths(cell.cgroup.folders())?.into(),
                own,
                self.executable(),
            ]);
            for (index, path) in self.interpreters.iter().enumerate() {
                words.extend([path.clone(), self.bound(index)]);
            }
        } else {
            words.extend(UNSHARE.iter().map(PathBuf::from));
            words.extend([own, what.into()]);
        }
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).current_dir("/").env_clear();
        // Where rustup looks by itself, which is another place when HOME is another.
        command.env("RUSTUP_HOME", crate::interpreters::rustup_home());
        for name in ["PATH", "LANG"] {
            command.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        command
            .env("TMPDIR", &cell.job.scratch)
            .env("HOME", &cell.job.scratch);
        Ok(command)
    }
}

impl Drop for Cell {
    fn drop(&mut self) {
        // What is left goes with the folder of the run.
        let _ = harness::remove_all(&self.folder);
    }
}

impl Drop for Enclosure {
    fn drop(&mut self) {
        // What cannot be removed goes with the machine's temporary files.
        let _ = harness::remove_all(&self.folder);
    }
}

/// The last step of root: binds the grader and the interpreters to where the worker can read them,
/// becomes the user, and goes into namespaces of its own.
///
/// `words` are what to run there, the user's number, the control groups as a list of paths, and pairs
/// of paths: what to bind, and where.
///
/// # Errors
/// If the system refuses; it does not return otherwise.
pub fn enclose(words: &[String]) -> anyhow::Result<()> {
    let [what, user, groups, binds @ ..] = words else {
        bail!("enclose WHAT USER GROUPS FROM TO ...");
    };
    for group in std::env::split_paths(groups).filter(|group| group.is_absolute()) {
        cgroup::join(&group).with_context(|| format!("join {}", group.display()))?;
    }
    for pair in binds.chunks_exact(2) {
        let (from, to) = (&pair[0], &pair[1]);
        rustix::mount::mount_bind(from, to).with_context(|| format!("bind {from} to {to}"))?;
    }
    let executable = binds.get(1).context("the grader itself")?;
    let error = Command::new("setpriv")
        .args(["--reuid", user, "--regid", user, "--clear-groups", "--"])
        .args(UNSHARE)
        .args([executable, what])
        .exec();
    Err(error).context("start setpriv")
}

/// Inside the enclosure: whether a program can be started in a sandbox; the job is on stdin.
///
/// # Errors
/// If it cannot, with what the sandbox says.
pub fn trial() -> anyhow::Result<()> {
    let job: SandboxJob = serde_json::from_reader(std::io::stdin())?;
    let _watchdog = Watchdog::start(&job)?;
    let sandbox = Sandbox {
        read_only: job.read_only,
        limits: job.limits,
    };
    let tried = sandbox.try_out(&job.scratch);
    tried.with_context(|| tr!("start bwrap (bubblewrap)", "запуск bwrap (bubblewrap)"))
}

/// Gives a folder with all that is in it to a user.
fn own(path: &Path, user: u32) -> anyhow::Result<()> {
    std::os::unix::fs::lchown(path, Some(user), Some(user))?;
    if path.symlink_metadata()?.is_dir() {
        for entry in fs::read_dir(path)? {
            own(&entry?.path(), user)?;
        }
    }
    Ok(())
}
