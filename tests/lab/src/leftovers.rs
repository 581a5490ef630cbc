//! What has to go when the grader goes, by Ctrl-C or SIGTERM as well: its temporary folder and its
//! control groups. After SIGKILL they stay; but nothing runs on, since workers end with their stdin.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, Once, PoisonError};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

/// What may be there, in the order in which it came.
static EXPECTED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Whether signals are waited for already.
static WAITS: Once = Once::new();

/// Remembers a folder, to be removed if a signal ends the grader.
pub(crate) fn expect(folder: &Path) {
    let mut expected = EXPECTED.lock().unwrap_or_else(PoisonError::into_inner);
    expected.push(folder.to_owned());
    drop(expected);
    WAITS.call_once(|| {
        // Without it the folder stays, and that is all.
        if let Ok(signals) = signal_hook::iterator::Signals::new([SIGHUP, SIGINT, SIGTERM]) {
            std::thread::spawn(|| end_with_the_first(signals));
        }
    });
}

/// Goes on unless a signal is ending the grader: what has come of a worker then is no result.
pub(crate) fn go_on() {
    drop(EXPECTED.lock());
}

fn end_with_the_first(mut signals: signal_hook::iterator::Signals) {
    if let Some(signal) = signals.forever().next() {
        let expected = EXPECTED.lock().unwrap_or_else(PoisonError::into_inner);
        // Groups came last: what runs in them is gone before its files.
        expected.iter().rev().for_each(|folder| remove(folder));
        let _ = signal_hook::low_level::emulate_default_handler(signal);
    }
}

fn remove(folder: &Path) {
    if crate::cgroup::is_group(folder) {
        return crate::cgroup::remove(folder);
    }
    let _ = harness::take_away(folder);
}
