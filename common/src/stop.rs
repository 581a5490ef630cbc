//! The end of a server: SIGINT (Ctrl-C) and SIGTERM, on Windows Ctrl-C and Ctrl-Break.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::event;

/// How long the clean-up may take.
const LONGEST: Duration = Duration::from_secs(3);

/// Runs `clean_up` when the server is told to stop, logs "server stopped" and ends the process with
/// exit code 0; three seconds later it ends in any case.
///
/// It happens on a thread of its own, so that `clean_up` may lock, wait and log, as a signal
/// handler may not (signal-safety(7)); the rest of the program goes on until it is done.
///
/// # Errors
/// If the system refuses the handler.
pub fn on_stop(clean_up: impl FnOnce() + Send + 'static) -> Result<()> {
    when_told_to_stop(move || {
        let (done, finished) = mpsc::channel();
        let work = move || {
            clean_up();
            event!("server stopped", "сервер остановлен");
            let _ = done.send(());
        };
        // A console that nobody reads can block the log for ever; the end does not wait for it.
        if thread::Builder::new().spawn(work).is_ok() {
            let _ = finished.recv_timeout(LONGEST);
        }
        std::process::exit(0);
    })
    .context("install the handler of SIGINT and SIGTERM")
}

#[cfg(unix)]
fn when_told_to_stop(stop: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM])?;
    let wait = move || {
        if signals.forever().next().is_some() {
            stop();
        }
    };
    std::thread::Builder::new()
        .name("stop".into())
        .spawn(wait)
        .map(drop)
}

#[cfg(windows)]
fn when_told_to_stop(stop: impl FnOnce() + Send + 'static) -> Result<(), ctrlc::Error> {
    let mut stop = Some(stop);
    ctrlc::set_handler(move || {
        if let Some(stop) = stop.take() {
            stop();
        }
    })
}
