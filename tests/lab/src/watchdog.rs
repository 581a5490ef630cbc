//! What all processes of a sandbox together may use, held by looking: limits of single processes do
//! not add up, and a writable cgroup is rarely at hand.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
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

/// How many processes may want to run at once, and for how many looks: a fork bomb leaves no time for
/// other submissions. A server with a process for each client mostly waits.
const CROWD: usize = 64;
const CROWD_LOOKS: usize = 10;

/// How often the programs of a submission are killed before no more of its checks run.
const PATIENCE: usize = 3;

/// How many bytes the checks' own tools may share.
const SHARED: u64 = 16 << 20;

/// Watches all other processes of this PID namespace, of which the caller is the first one.
pub(crate) struct Watchdog {
    barked: Arc<Mutex<Barked>>,
}

/// Why it had to act.
#[derive(Default)]
struct Barked {
    /// What the programs took too much of, each time.
    excesses: Vec<String>,
    /// How often the machine had no memory left, whoever took it.
    n_short: usize,
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
        let barked = Arc::<Mutex<Barked>>::default();
        let (told, limits) = (Arc::clone(&barked), sandbox.limits);
        let watch = move || {
            let mut n_crowded = 0;
            loop {
                thread::sleep(TICK);
                n_crowded = if is_crowded() { n_crowded + 1 } else { 0 };
                let crowd = || (n_crowded >= CROWD_LOOKS).then(crowd);
                if let Some(reason) = excess(&limits).or_else(crowd) {
                    kill_all_others();
                    lock(&told).excesses.push(reason);
                } else if is_machine_short() {
                    kill_all_others();
                    lock(&told).n_short += 1;
                }
            }
        };
        let watching = thread::Builder::new().name("watchdog".into()).spawn(watch);
        watching.context("start the watchdog")?;
        Ok(Self { barked })
    }

    /// What a failure may be due to, if it had to act.
    pub(crate) fn remark(&self) -> Option<String> {
        lock(&self.barked).excesses.first().cloned()
    }

    /// Why no more checks of the submission should run, if it has been too much.
    pub(crate) fn verdict(&self) -> Option<String> {
        let excesses = &lock(&self.barked).excesses;
        excesses.get(PATIENCE - 1).cloned()
    }

    /// How often all programs of the machine were killed, since it had no memory left.
    pub(crate) fn n_short(&self) -> usize {
        lock(&self.barked).n_short
    }
}

fn lock(barked: &Mutex<Barked>) -> MutexGuard<'_, Barked> {
    barked.lock().unwrap_or_else(PoisonError::into_inner)
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
    (tasks > PROGRAMS * limits.processes).then(|| {
        tr!(
            "its programs together had {tasks} processes and threads: they were killed",
            "у её программ вместе было процессов и потоков: {tasks}; они были завершены"
        )
    })
}

/// Whether many processes want to run at this moment: state R in proc_pid_stat(5).
fn is_crowded() -> bool {
    let runs = |process: &u32| {
        let stat = fs::read_to_string(format!("/proc/{process}/stat"));
        stat.is_ok_and(|stat| stat.contains(") R "))
    };
    processes().nth(CROWD).is_some() && processes().filter(runs).nth(CROWD).is_some()
}

fn crowd() -> String {
    tr!(
        "more than {CROWD} of its processes kept the processors busy: they were killed",
        "больше {CROWD} её процессов занимали процессоры: они были завершены"
    )
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
