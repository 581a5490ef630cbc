//! Files that a program under check may have changed: a folder for them, and a way to look at them.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The most that is read of a log.
const MOST_BYTES: u64 = 16 << 20;

/// A temporary folder in which a program may leave anything; dropping it removes all.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new() -> io::Result<Self> {
        // No link stands in its path: see [`read_log`].
        let folder = tempfile::TempDir::new()?.keep().canonicalize()?;
        Ok(Self(folder))
    }

    /// The part that the program has in its hands.
    pub(crate) fn files(&self) -> PathBuf {
        self.0.join("files")
    }

    /// A new place beside it, which the program never sees.
    pub(crate) fn beside(&self, number: usize) -> PathBuf {
        self.0.join(number.to_string())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed goes with the machine's temporary files.
        let _ = harness::remove_all(&self.0);
    }
}

/// The beginning of a log, as far as it is a file: the program may have put there a link to somebody
/// else's, in its name or in its path, or a pipe that never ends.
pub(crate) fn read_log(path: &Path) -> io::Result<Vec<u8>> {
    let file = open(path)?;
    let mut bytes = Vec::new();
    if file.metadata()?.is_file() {
        file.take(MOST_BYTES).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// Removes a file, if it is in that place and not behind a link.
#[cfg(target_os = "linux")]
pub(crate) fn remove_file(path: &Path) -> io::Result<()> {
    use rustix::fs::{AtFlags, OFlags, unlinkat};
    let (folder, name) = path
        .parent()
        .zip(path.file_name())
        .ok_or(io::ErrorKind::InvalidInput)?;
    let folder = open_without_links(folder, OFlags::PATH | OFlags::DIRECTORY)?;
    Ok(unlinkat(folder, name, AtFlags::empty())?)
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn remove_file(path: &Path) -> io::Result<()> {
    std::fs::remove_file(path)
}

#[cfg(target_os = "linux")]
fn open(path: &Path) -> io::Result<File> {
    use rustix::fs::OFlags;
    open_without_links(path, OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY)
}

#[cfg(not(target_os = "linux"))]
fn open(path: &Path) -> io::Result<File> {
    // Where there is no sandbox, a program can do worse.
    let is_file = path.symlink_metadata()?.is_file();
    is_file
        .then(|| File::open(path))
        .unwrap_or_else(|| Err(io::ErrorKind::InvalidInput.into()))
}

/// openat2(2) with RESOLVE_NO_SYMLINKS: no part of the path may be a symbolic link.
#[cfg(target_os = "linux")]
fn open_without_links(path: &Path, flags: rustix::fs::OFlags) -> io::Result<File> {
    use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, openat2};
    let (flags, resolve) = (flags | OFlags::CLOEXEC, ResolveFlags::NO_SYMLINKS);
    Ok(openat2(CWD, path, flags, Mode::empty(), resolve)?.into())
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_log_is_neither_a_link_nor_a_pipe_nor_behind_a_link() {
        let scratch = Scratch::new().unwrap();
        let (files, outside) = (scratch.files(), scratch.beside(0));
        std::fs::create_dir(&files).unwrap();
        std::fs::create_dir(&outside).unwrap();
        let secret = outside.join("secret");
        std::fs::write(&secret, "secret").unwrap();
        symlink(&secret, files.join("link")).unwrap();
        symlink(&outside, files.join("folder")).unwrap();
        let pipe = files.join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        assert_eq!(read_log(&secret).unwrap(), b"secret");
        assert!(read_log(&files.join("link")).is_err());
        assert!(read_log(&files.join("folder/secret")).is_err());
        assert_eq!(read_log(&pipe).unwrap(), b"");
        assert!(remove_file(&files.join("folder/secret")).is_err());
        assert!(remove_file(&files.join("link")).is_ok() && secret.exists());
    }
}
