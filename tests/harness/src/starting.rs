//! Starting programs in one thread while another one writes them.
//!
//! A program that is open for writing anywhere cannot be started: ETXTBSY, execve(2). And a process
//! that is being started has a copy of every open file of this one until its own exec, those of other
//! threads included. So nothing is started while a thread writes what may be a program.

use std::io;
use std::process::{Child, Command};
#[cfg(unix)]
use std::sync::Arc;
use std::sync::{Once, PoisonError, RwLock};

/// Held for reading by those who write programs, for writing by those who start one.
static STARTING: RwLock<()> = RwLock::new(());

static HEEDS_INTERRUPTS: Once = Once::new();

/// A shell starts what it puts into the background with SIGINT ignored, and that lasts through exec
/// (signal(7)): a program would never see a Ctrl-C. A signal that has a handler goes back to its
/// default with exec, so one that does nothing is all that it takes.
#[cfg(unix)]
fn heed_interrupts() {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mut lines = status.lines();
    let ignored = lines.find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    let signal = signal_hook::consts::SIGINT;
    if mask.is_some_and(|mask| mask & (1 << (signal - 1)) != 0) {
        let _ = signal_hook::flag::register(signal, Arc::default());
    }
}

#[cfg(not(unix))]
fn heed_interrupts() {}

/// Calls `write`, which writes files that may be programs, or opens what no other process should have,
/// while nothing is started.
pub fn write_programs<T>(write: impl FnOnce() -> T) -> T {
    let _nothing_starts = STARTING.read().unwrap_or_else(PoisonError::into_inner);
    write()
}

/// Starts a command while nobody writes a program.
///
/// # Errors
/// If it cannot be started.
pub fn start(command: &mut Command) -> io::Result<Child> {
    HEEDS_INTERRUPTS.call_once(heed_interrupts);
    // `spawn` returns when the exec is done.
    let _nobody_writes = STARTING.write().unwrap_or_else(PoisonError::into_inner);
    command.spawn()
}
