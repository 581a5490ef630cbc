//! What has to go when the grader goes, by Ctrl-C or SIGTERM as well: its temporary folder and its
//! control groups. After SIGKILL they stay until the next grader comes; but nothing runs on, since workers
//! end with their stdin.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, Once, PoisonError};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use tempfile::TempDir;

/// What may be there, in the order in which it came.
static EXPECTED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Whether signals are waited for already.
static WAITS: Once = Once::new();

/// What all names begin with that graders of this process namespace give: in two of them there may be
/// graders of the same number.
fn prefix() -> String {
    let namespace = std::fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    let digits = namespace.to_string_lossy();
    let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
    format!("lab-{digits}-")
}

/// What the grader of this number calls what is its own.
pub(crate) fn name_of(grader: u32) -> String {
    prefix() + &grader.to_string()
}

/// What this grader calls what is its own.
pub(crate) fn own_name() -> String {
    name_of(std::process::id())
}

/// Whether a grader of this namespace has left it behind: its name says whose it is.
pub(crate) fn is_left(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let number = name.strip_prefix(prefix().as_str());
    let number = number.and_then(|rest| rest.split(['-', '.']).next());
    number.is_some_and(|number| {
        let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        is_number && !Path::new("/proc").join(number).exists()
    })
}

/// A new temporary folder; those of this user that killed graders have left go.
///
/// # Errors
/// If the system refuses.
pub(crate) fn folder() -> io::Result<PathBuf> {
    sweep(&std::env::temp_dir());
    let folder = TempDir::with_prefix(own_name() + "-")?.keep();
    expect(&folder);
    Ok(folder)
}

fn sweep(temporary: &Path) {
    let user = rustix::process::geteuid().as_raw();
    let entries = std::fs::read_dir(temporary).into_iter().flatten().flatten();
    let is_own = |path: &PathBuf| {
        let about = path.symlink_metadata();
        about.is_ok_and(|about| about.is_dir() && about.uid() == user)
    };
    let left = entries
        .map(|entry| entry.path())
        .filter(|path| is_left(path));
    for folder in left.filter(is_own) {
        // Another grader may be at it as well.
        let _ = harness::take_away(&folder);
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_graders_that_are_gone_are_swept() {
        let temporary = TempDir::new().unwrap();
        let folder = |name: String| {
            let folder = temporary.path().join(name);
            std::fs::create_dir_all(folder.join("cell-0")).unwrap();
            folder
        };
        // No process has the largest number.
        let gone = name_of(u32::MAX);
        let left = [format!("{gone}-aB3"), format!("{gone}-x.gone")].map(folder);
        let others = [
            own_name() + "-aB3",
            format!("lab-1-{}-a", u32::MAX),
            "lab-2".into(),
        ];
        let kept = others.map(folder);
        let link = temporary.path().join(format!("{gone}-link"));
        std::os::unix::fs::symlink(&kept[0], &link).unwrap();
        sweep(temporary.path());
        assert!(left.iter().all(|folder| !folder.exists()));
        assert!(kept.iter().all(|folder| folder.join("cell-0").exists()));
        assert!(link.symlink_metadata().is_ok());
    }
}
