//! What a process uses: the server's, and the load generator's own.

use std::io;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use common::tr;

/// What a process has used so far.
#[derive(Clone, Debug)]
pub(crate) struct Usage {
    pub(crate) cpu: Duration,
    /// Resident set and page tables, in KiB.
    pub(crate) memory_kib: u64,
    pub(crate) threads: u32,
}

/// What the process `pid`, which has not ended, has used.
///
/// # Errors
/// If there is no such process.
pub(crate) fn usage_alive(pid: u32) -> Result<Usage> {
    let usage = usage(pid).with_context(|| format!("read what process {pid} uses"))?;
    ensure!(
        usage.memory_kib > 0,
        tr!("process {pid} has ended", "процесс {pid} завершён")
    );
    Ok(usage)
}

/// What the process `pid` has used, all its threads together, those that have ended too. Processor
/// time comes in units of a clock tick, usually 10 ms (proc_pid_stat(5), proc_pid_status(5)).
///
/// # Errors
/// If there is no such process.
#[cfg(target_os = "linux")]
pub(crate) fn usage(pid: u32) -> io::Result<Usage> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let ticks_per_second = rustix::param::clock_ticks_per_second();
    parse(&stat, &status, ticks_per_second).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// Only Linux has `/proc`.
///
/// # Errors
/// Always.
#[cfg(not(target_os = "linux"))]
pub(crate) fn usage(_pid: u32) -> io::Result<Usage> {
    Err(io::ErrorKind::Unsupported.into())
}

/// The processor time of this process so far; `None` where it cannot be read.
pub(crate) fn own_cpu() -> Option<Duration> {
    #[cfg(unix)]
    {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
        Duration::try_from(time).ok()
    }
    #[cfg(not(unix))]
    None
}

#[cfg(any(test, target_os = "linux"))]
fn parse(stat: &str, status: &str, ticks_per_second: u64) -> Option<Usage> {
    // The second field, the program's name in brackets, may itself contain spaces and brackets.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace();
    let user: u64 = fields.nth(11)?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    // A process that has ended and is not waited for has no memory any more.
    let number = |name: &str| -> u64 {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let value = line.and_then(|line| line.split_ascii_whitespace().next());
        value.and_then(|value| value.parse().ok()).unwrap_or(0)
    };
    Some(Usage {
        cpu: Duration::from_secs_f64((user + system) as f64 / ticks_per_second as f64),
        memory_kib: number("VmRSS:") + number("VmPTE:"),
        threads: number("Threads:") as u32,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_kernel_tells_whatever_the_program_is_called() {
        let stat = "42 (a ) b) S 1 42 42 0 -1 4194560 100 0 0 0 250 50 7 8 20 0 12 0 99 1 2\n";
        let status = "Name:\ta ) b\nVmPTE:\t      44 kB\nVmRSS:\t    1000 kB\nThreads:\t12\n";
        let usage = parse(stat, status, 100).unwrap();
        assert_eq!(usage.cpu, Duration::from_secs(3));
        assert_eq!(usage.memory_kib, 1044);
        assert_eq!(usage.threads, 12);
        assert!(parse("42 (a) S 1", status, 100).is_none());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn reads_its_own_use() {
        let usage = usage(std::process::id()).unwrap();
        assert!(usage.memory_kib > 0 && usage.threads > 0, "{usage:?}");
        assert!(own_cpu().is_some());
    }
}
