//! A place for a run of the grader, with what it must not touch.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use libtest_mimic::Failed;
use serde_json::Value;
use tempfile::TempDir;

use crate::containment::{ensure, is_root, wait, zoo};

/// Nothing takes longer than this, whatever a program does.
const DEADLINE: Duration = Duration::from_secs(300);

/// A user that nobody is.
const USER: &str = "65432";

/// A place for a run.
pub(crate) struct Stage {
    pub(crate) folder: TempDir,
    /// Whether root becomes somebody else.
    as_user: bool,
}

pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) seconds: f64,
}

impl Stage {
    pub(crate) fn new(as_user: bool) -> Result<Self, Failed> {
        let folder = TempDir::with_prefix("stage-")?;
        for name in ["", "class", "tmp", "report", "outside", "bin"] {
            let path = folder.path().join(name);
            fs::create_dir_all(&path)?;
            let mode = if as_user { 0o777 } else { 0o755 };
            fs::set_permissions(path, fs::Permissions::from_mode(mode))?;
        }
        let stage = Self { folder, as_user };
        fs::copy(env!("CARGO_BIN_EXE_lab"), stage.path("bin/lab"))?;
        Ok(stage)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn submission(
        &self,
        name: &str,
        manifest: &str,
        files: &[(&str, &str)],
    ) -> Result<PathBuf, Failed> {
        let folder = self.path("class").join(name);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("lab.toml"), manifest)?;
        for (name, text) in files {
            fs::write(folder.join(name), text)?;
        }
        Ok(folder)
    }

    /// A copy of a folder of the zoo; `fill` says what stands for what.
    pub(crate) fn copy(
        &self,
        from: &Path,
        name: &str,
        fill: &[(&str, &str)],
    ) -> Result<(), Failed> {
        let to = self.path("class").join(name);
        fs::create_dir_all(&to)?;
        for entry in fs::read_dir(from)?.flatten() {
            let mut text = fs::read_to_string(entry.path())?;
            for (old, new) in fill {
                text = text.replace(old, new);
            }
            fs::write(to.join(entry.file_name()), text)?;
        }
        Ok(())
    }

    pub(crate) fn good(&self, name: &str) -> Result<(), Failed> {
        self.copy(&zoo("good/first-python"), name, &[])?;
        let manifest = "[time-server]\ncommand = 'python3 time_server.py {port}'\n\
                        [time-client]\ncommand = 'python3 time_client.py {host} {port}'";
        fs::write(self.path("class").join(name).join("lab.toml"), manifest)?;
        Ok(())
    }

    pub(crate) fn lab(&self, words: &[&str]) -> Command {
        let lab = self.path("bin/lab");
        let mut command = if self.as_user && is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid", USER, "--regid", USER, "--clear-groups", "--"]);
            command.arg(lab);
            command
        } else {
            Command::new(lab)
        };
        command.args(words).current_dir(self.folder.path());
        command
            .env("TMPDIR", self.path("tmp"))
            .env("LAB_SECRET", "secret");
        command.env("LANG", "C.UTF-8").env_remove("LC_ALL");
        if self.as_user || !is_root() {
            command.env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin");
        }
        command.stdin(Stdio::null());
        command
    }

    /// Grades the class to its end.
    pub(crate) fn grade(&self, options: &[&str]) -> Result<Ended, Failed> {
        self.run(self.grade_command(options))
    }

    pub(crate) fn grade_command(&self, options: &[&str]) -> Command {
        let mut words = vec!["grade", "class", "--report", "report"];
        words.extend(options);
        self.lab(&words)
    }

    pub(crate) fn run(&self, mut command: Command) -> Result<Ended, Failed> {
        let (out, err) = (self.path("stdout"), self.path("stderr"));
        command
            .stdout(fs::File::create(&out)?)
            .stderr(fs::File::create(&err)?);
        let begun = Instant::now();
        let mut child = command.spawn()?;
        let status = wait(&mut child, DEADLINE)?;
        let text = |path| fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        Ok(Ended {
            status,
            stdout: text(out)?,
            stderr: text(err)?,
            seconds: begun.elapsed().as_secs_f64(),
        })
    }

    pub(crate) fn class(&self) -> Result<Vec<Value>, Failed> {
        let text = fs::read_to_string(self.path("report/class.json"))?;
        let mut class: Value = serde_json::from_str(&text)?;
        match class["submissions"].take() {
            Value::Array(submissions) => Ok(submissions),
            other => Err(format!("no submissions: {other}").into()),
        }
    }

    /// Nothing runs, and nothing lies about, that the grader has started or made.
    pub(crate) fn is_clean(&self) -> Result<(), Failed> {
        let nothing_runs = || self.processes().is_empty().then_some(());
        if harness::wait_for(Duration::from_secs(10), nothing_runs).is_none() {
            return Err(format!("left running: {:?}", self.processes()).into());
        }
        let left: Vec<_> = fs::read_dir(self.path("tmp"))?.flatten().collect();
        ensure(left.is_empty(), || format!("left in the folder: {left:?}"))
    }

    /// The processes whose words or whose folder name this place.
    pub(crate) fn processes(&self) -> Vec<String> {
        let here = self.folder.path().to_string_lossy().into_owned();
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        let processes = entries.map(|entry| entry.path());
        let told = processes.filter_map(|process| {
            let words = fs::read(process.join("cmdline")).ok()?;
            let words = String::from_utf8_lossy(&words).replace('\0', " ");
            let folder = fs::read_link(process.join("cwd")).unwrap_or_default();
            let is_it = words.contains(&here) || folder.to_string_lossy().contains(&here);
            is_it.then(|| format!("{} {words}", process.display()))
        });
        told.collect()
    }
}
