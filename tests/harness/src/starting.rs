//! Starting programs in one thread while another one writes them.
//!
//! A program that is open for writing anywhere cannot be started: ETXTBSY, execve(2). And a process
//! that is being started has a copy of every open file of this one until its own exec, those of other
//! threads included. So nothing is started while a thread writes what may be a program.

use std::io;
use std::process::{Child, Command};
use std::sync::{PoisonError, RwLock};

/// Held for reading by those who write programs, for writing by those who start one.
static STARTING: RwLock<()> = RwLock::new(());

/// Calls `write`, which writes files that may be programs, while nothing is started.
pub fn write_programs<T>(write: impl FnOnce() -> T) -> T {
    let _nothing_starts = STARTING.read().unwrap_or_else(PoisonError::into_inner);
    write()
}

/// Starts a command while nobody writes a program.
///
/// # Errors
/// If it cannot be started.
pub fn start(command: &mut Command) -> io::Result<Child> {
    // `spawn` returns when the exec is done.
    let _nobody_writes = STARTING.write().unwrap_or_else(PoisonError::into_inner);
    command.spawn()
}
