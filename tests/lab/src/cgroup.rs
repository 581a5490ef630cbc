//! Control groups: what a worker and all its programs may use together, held by the kernel.
//!
//! They need root and a hierarchy with the controllers memory and pids that root may write to:
//! cgroups(7), version 2 where the process of the grader or its parent group may have groups below
//! it, else version 1. Where there is none, [`crate::watchdog`] is all there is.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use checks::Limits;

use crate::leftovers;

/// Where hierarchies are mounted.
const MOUNTED: &str = "/sys/fs/cgroup";

/// What the worker itself may take beside its programs.
const WORKER_BYTES: u64 = 256 << 20;
const WORKER_TASKS: u64 = 64;

/// How many processes a run weighs as much as, where others want the processors as well.
const WEIGHT: u32 = 16;

/// How long the last process of a group may take to be gone.
const ENDING: Duration = Duration::from_secs(3);

/// The groups of one run, one in each hierarchy; none if the machine has none to give.
pub(crate) struct Cgroups {
    folders: Vec<PathBuf>,
    limits: Limits,
}

/// The groups of one worker. Dropping them ends whatever still runs in them.
#[derive(Default)]
pub(crate) struct Cell(Vec<PathBuf>);

impl Cgroups {
    /// Makes groups for this run.
    pub(crate) fn new(limits: Limits) -> Self {
        let own = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        let name = leftovers::own_name();
        let is_root = rustix::process::geteuid().is_root();
        let found = if is_root {
            hierarchies(&own)
        } else {
            Vec::new()
        };
        found.iter().for_each(|folder| sweep(folder));
        let folders: Vec<PathBuf> = found.iter().map(|folder| folder.join(&name)).collect();
        let groups = Self { folders, limits };
        for folder in &groups.folders {
            leftovers::expect(folder);
            if fs::create_dir(folder).is_err() {
                return Self::none(limits);
            }
            // Version 2: groups below this one are bounded, too.
            let _ = fs::write(folder.join(DELEGATED), "+memory +pids");
            let _ = fs::write(folder.join(DELEGATED), "+cpu");
            // All workers together weigh as much as so many processes, each as much as the other.
            let _ = fs::write(folder.join("cpu.weight"), (100 * WEIGHT).to_string());
            let _ = fs::write(folder.join("cpu.shares"), (1024 * WEIGHT).to_string());
        }
        groups
    }

    fn none(limits: Limits) -> Self {
        let folders = Vec::new();
        Self { folders, limits }
    }

    /// The groups of one worker, with their limits.
    pub(crate) fn cell(&self, number: u32) -> Cell {
        let folders = self.folders.iter();
        let cell = Cell(folders.map(|own| own.join(number.to_string())).collect());
        let bytes = self.limits.memory + 2 * self.limits.file + WORKER_BYTES;
        let tasks = crate::watchdog::PROGRAMS * self.limits.processes + WORKER_TASKS;
        for folder in &cell.0 {
            let _ = fs::create_dir(folder);
            for (name, value) in [
                ("memory.max", bytes),
                ("memory.swap.max", 0),
                ("memory.limit_in_bytes", bytes),
                ("memory.memsw.limit_in_bytes", bytes),
                ("pids.max", tasks),
            ] {
                // A hierarchy has some of them.
                let _ = fs::write(folder.join(name), value.to_string());
            }
        }
        cell
    }
}

impl Drop for Cgroups {
    fn drop(&mut self) {
        for folder in &self.folders {
            remove(folder);
        }
    }
}

impl Cell {
    /// The folders of the groups.
    pub(crate) fn folders(&self) -> &[PathBuf] {
        &self.0
    }
}

impl Drop for Cell {
    fn drop(&mut self) {
        for folder in &self.0 {
            remove(folder);
        }
    }
}

/// Moves the calling process into a group; what it starts from then on is born there.
pub(crate) fn join(folder: &Path) -> std::io::Result<()> {
    fs::write(folder.join("cgroup.procs"), std::process::id().to_string())
}

/// Whether this is the folder of a group.
pub(crate) fn is_group(folder: &Path) -> bool {
    folder.join("cgroup.procs").exists()
}

/// Removes a group with all below it; what runs there is killed.
pub(crate) fn remove(folder: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for below in entries
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
    {
        remove(&below);
    }
    let deadline = Instant::now() + ENDING;
    while fs::remove_dir(folder).is_err() && folder.exists() && Instant::now() < deadline {
        kill_all(folder);
        thread::sleep(Duration::from_millis(5));
    }
}

/// Removes the empty groups of graders that were killed.
fn sweep(folder: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for group in entries.map(|entry| entry.path()) {
        if leftovers::is_left(&group) {
            let cells = fs::read_dir(&group).into_iter().flatten().flatten();
            for cell in cells.filter(|cell| cell.path().is_dir()) {
                let _ = fs::remove_dir(cell.path());
            }
            let _ = fs::remove_dir(&group);
        }
    }
}

fn kill_all(folder: &Path) {
    let members = fs::read_to_string(folder.join("cgroup.procs")).unwrap_or_default();
    let members = members.lines().filter_map(|line| line.parse().ok());
    for member in members.filter_map(rustix::process::Pid::from_raw) {
        let _ = rustix::process::kill_process(member, rustix::process::Signal::KILL);
    }
}

/// Version 2: the controllers that groups below this one have.
const DELEGATED: &str = "cgroup.subtree_control";

/// Where this process may make groups, as /proc/self/cgroup tells: lines of
/// `number:controllers:path`, the one of version 2 without controllers.
fn hierarchies(own: &str) -> Vec<PathBuf> {
    let lines: Vec<[&str; 2]> = own.lines().filter_map(controllers_and_path).collect();
    let of = |wanted: &str| {
        let mut lines = lines.iter();
        let line = lines.find(|[names, _]| names.split(',').any(|name| name == wanted));
        line.map(|[names, path]| below(&Path::new(MOUNTED).join(names), path))
    };
    let unified = of("").and_then(|own| {
        // A group with processes of its own has no bounded groups below it, but its parent may.
        let _ = fs::write(own.join(DELEGATED), "+memory +pids");
        let parent = own.parent().filter(|parent| parent.starts_with(MOUNTED));
        [Some(own.as_path()), parent]
            .into_iter()
            .flatten()
            .find(|folder| delegates(folder))
            .map(Path::to_owned)
    });
    if let Some(unified) = unified {
        return vec![unified];
    }
    // Version 1: the processors are shared out fairly, where there is a hierarchy for it.
    match (of("memory"), of("pids")) {
        (Some(memory), Some(pids)) => [memory, pids].into_iter().chain(of("cpu")).collect(),
        _ => Vec::new(),
    }
}

fn controllers_and_path(line: &str) -> Option<[&str; 2]> {
    let (_, rest) = line.split_once(':')?;
    rest.split_once(':').map(Into::into)
}

/// An absolute path seen from a folder.
fn below(folder: &Path, path: &str) -> PathBuf {
    folder.join(path.trim_start_matches('/'))
}

fn delegates(folder: &Path) -> bool {
    let delegated = fs::read_to_string(folder.join(DELEGATED)).unwrap_or_default();
    let has = |wanted| delegated.split_whitespace().any(|name| name == wanted);
    has("memory") && has("pids")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_of_graders_that_are_gone_are_swept() {
        let hierarchy = tempfile::TempDir::new().unwrap();
        let group = |name: String| {
            let folder = hierarchy.path().join(name);
            fs::create_dir_all(folder.join("1")).unwrap();
            folder
        };
        // No process has the largest number, and another namespace is nobody's to judge.
        let gone = group(leftovers::name_of(u32::MAX));
        let here = group(leftovers::own_name());
        let elsewhere = group(format!("lab-1-{}", u32::MAX));
        sweep(hierarchy.path());
        assert!(!gone.exists() && here.exists() && elsewhere.exists());
    }

    #[test]
    fn finds_the_hierarchies_of_version_1() {
        let own =
            "9:name=systemd:/\n8:pids:/a\n4:memory:/a/b\n2:cpu,cpuacct:/\n0::/nowhere/at/all\n";
        let expected =
            ["memory/a/b", "pids/a", "cpu,cpuacct/"].map(|path| below(Path::new(MOUNTED), path));
        assert_eq!(hierarchies(own), expected);
        assert!(hierarchies("8:pids:/\n").is_empty() && hierarchies("").is_empty());
    }
}
