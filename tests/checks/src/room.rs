//! Whether the machine has room for ten thousand connections, with a thread each, and their clients.

use std::fs;
use std::path::Path;

use common::tr;
use harness::Failure;

/// How many file descriptors and how many threads ten thousand connections take, with some to spare:
/// so many each process needs.
pub(crate) const ENOUGH: u64 = 12_000;

/// How many mappings the memory of as many threads is made of: four each, mmap(2).
const MAPPINGS: u64 = 4 * ENOUGH;

/// Memory in KiB: threads take 30 to 60 of it each, the kernel's share included, sockets less.
const MEMORY: u64 = 1 << 20;

/// What is too small for it, if anything is.
pub(crate) fn lacking() -> Option<String> {
    let limits = [
        ("/proc/sys/kernel/threads-max", ENOUGH),
        ("/proc/sys/kernel/pid_max", ENOUGH),
        ("/proc/sys/vm/max_map_count", MAPPINGS),
    ];
    let mut files = limits.iter().filter_map(|(path, needed)| {
        let is = fs::read_to_string(path).ok()?.trim().parse().ok()?;
        too_small(path, is, *needed)
    });
    let memory = number("/proc/meminfo", "MemAvailable:").unwrap_or(u64::MAX);
    too_small("ulimit -Hn", descriptors::most(), ENOUGH)
        .or_else(|| files.next())
        .or_else(|| too_small("pids.max", most_of_control_group(), ENOUGH))
        .or_else(|| too_small("MemAvailable, KiB", memory, MEMORY))
}

fn too_small(name: &str, is: u64, needed: u64) -> Option<String> {
    (is < needed).then(|| {
        tr!(
            "no room for 10,000 connections: {name} is {is}, {needed} are needed",
            "нет места для 10 000 соединений: {name} = {is}, нужно {needed}"
        )
    })
}

/// The number after `name` in a file of /proc that has a line for each.
pub(crate) fn number(path: &str, name: &str) -> Option<u64> {
    let text = fs::read_to_string(path).ok()?;
    let value = text.lines().find_map(|line| line.strip_prefix(name))?;
    value.split_whitespace().next()?.parse().ok()
}

/// How many threads this process's control group and those around it may have, cgroups(7).
fn most_of_control_group() -> u64 {
    let own = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let path = own.lines().find_map(|line| line.strip_prefix("0::/"));
    let folder = Path::new("/sys/fs/cgroup").join(path.unwrap_or_default());
    let around = folder
        .ancestors()
        .take_while(|path| path.starts_with("/sys/fs/cgroup"));
    let limits = around.filter_map(|path| fs::read_to_string(path.join("pids.max")).ok());
    // `max` is no number, and no limit.
    let numbers = limits.filter_map(|limit| limit.trim().parse().ok());
    numbers.min().unwrap_or(u64::MAX)
}

/// Gives this process as many file descriptors as the check needs.
///
/// # Errors
/// If the system refuses.
pub(crate) fn raise_descriptor_limit() -> Result<(), Failure> {
    descriptors::raise_to(ENOUGH).map_err(|error| Failure::inconclusive("setrlimit", &error))
}

#[cfg(unix)]
mod descriptors {
    use rustix::process::{Resource, getrlimit, setrlimit};

    /// How many this process may allow itself, getrlimit(2).
    pub(super) fn most() -> u64 {
        getrlimit(Resource::Nofile).maximum.unwrap_or(u64::MAX)
    }

    pub(super) fn raise_to(enough: u64) -> std::io::Result<()> {
        let mut limit = getrlimit(Resource::Nofile);
        limit.current = limit.current.map(|current| current.max(enough));
        Ok(setrlimit(Resource::Nofile, limit)?)
    }
}

#[cfg(not(unix))]
mod descriptors {
    pub(super) fn most() -> u64 {
        u64::MAX
    }

    pub(super) fn raise_to(_: u64) -> std::io::Result<()> {
        Ok(())
    }
}
