//! What all processes of a sandbox together may use, held by looking: limits of single processes do
//! not add up, and a writable cgroup is rarely at hand.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::Context;
use checks::Limits;
use common::tr;

use crate::job::SandboxJob;

/// How often it looks. A process fills 2 GB in no less than half a second.
const TICK: Duration = Duration::from_millis(100);

/// How many processes there may be, in multiples of the limit of one started program: several
/// checks run at once.
pub(crate) const PROGRAMS: u64 = 4;

/// How many files and folders there may be, with all copies of the submission.
const MOST_FILES: u64 = 200_000;

/// How many bytes the checks' own tools may share.
const SHARED: u64 = 16 << 20;

/// Watches all other processes of this PID namespace, of which the caller is the first one.
pub(crate) struct Watchdog {
    barked: Arc<Mutex<Option<String>>>,
}

impl Watchdog {
    /// Mounts the bounded file system that copies of the submission go to, brings up loopback, and
    /// begins to watch.
    ///
    /// # Errors
    /// If the system refuses.
    pub(crate) fn start(sandbox: &SandboxJob) -> anyhow::Result<Self> {
        mount_scratch(sandbox)?;
        harness::raise_loopback()?;
        let barked = Arc::new(Mutex::new(None));
        let (told, limits) = (Arc::clone(&barked), sandbox.limits);
        let watch = move || {
            loop {
                thread::sleep(TICK);
                if let Some(reason) = excess(&limits) {
                    kill_all_others();
                    told.lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .get_or_insert(reason);
                }
            }
        };
        let watching = thread::Builder::new().name("watchdog".into()).spawn(watch);
        watching.context("start the watchdog")?;
        Ok(Self { barked })
    }

    /// What a failure may be due to, if it had to act.
    pub(crate) fn remark(&self) -> Option<String> {
        self.barked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// What the programs use too much of.
fn excess(limits: &Limits) -> Option<String> {
    let own = std::process::id();
    let (mut bytes, mut tasks) = (0, 0);
    for process in processes().filter(|&process| process != own) {
        bytes += resident(process).unwrap_or(0);
        tasks +=
            fs::read_dir(format!("/proc/{process}/task")).map_or(0, |tasks| tasks.count() as u64);
    }
    if bytes > limits.memory {
        let limit = limits.memory >> 20;
        return Some(tr!(
            "its programs together took more than {limit} MiB of memory: they were killed",
            "её программы вместе заняли больше {limit} МиБ памяти и были завершены"
        ));
    }
    if is_machine_short() {
        return Some(tr!(
            "the machine had hardly any memory left: its programs were killed",
            "на машине почти не осталось памяти: её программы были завершены"
        ));
    }
    (tasks > PROGRAMS * limits.processes).then(|| {
        tr!(
            "its programs together had {tasks} processes and threads: they were killed",
            "у её программ вместе было процессов и потоков: {tasks}; они были завершены"
        )
    })
}

/// Whether less than a sixteenth of the machine's memory is available: proc_meminfo(5). Not all that
/// programs take is seen at a process: not files in memory that are mapped nowhere, nor what waits
/// in sockets.
fn is_machine_short() -> bool {
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kilobytes = |name: &str| -> Option<u64> {
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse().ok()
    };
    let both = kilobytes("MemAvailable:").zip(kilobytes("MemTotal:"));
    both.is_some_and(|(available, total)| available < total / 16)
}

fn processes() -> impl Iterator<Item = u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// Field 2 of proc_pid_statm(5): pages in memory.
fn resident(process: u32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{process}/statm")).ok()?;
    let pages: u64 = text.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as u64)
}

/// Signals to -1 reach all processes of the namespace but the sender: kill(2).
fn kill_all_others() {
    let processes = processes().filter(|process| *process != std::process::id());
    for process in processes.filter_map(|process| i32::try_from(process).ok()) {
        if let Some(process) = rustix::process::Pid::from_raw(process) {
            let _ = rustix::process::kill_process(process, rustix::process::Signal::KILL);
        }
    }
}

/// File systems in memory: one as large as a few programs may fill, for everything temporary, and one
/// for what the checks' own tools share, by names that tell workers apart no more than their process
/// ids do: faketime(1).
fn mount_scratch(sandbox: &SandboxJob) -> anyhow::Result<()> {
    mount_memory(&sandbox.scratch, 2 * sandbox.limits.file)?;
    mount_memory(Path::new("/dev/shm"), SHARED)
}

fn mount_memory(place: &Path, size: u64) -> anyhow::Result<()> {
    let options = format!("size={size},nr_inodes={MOST_FILES},mode=755");
    let options = std::ffi::CString::new(options)?;
    let flags = rustix::mount::MountFlags::NOSUID | rustix::mount::MountFlags::NODEV;
    rustix::mount::mount("scratch", place, "tmpfs", flags, options.as_c_str())
        .with_context(|| format!("mount {}", place.display()))
}
