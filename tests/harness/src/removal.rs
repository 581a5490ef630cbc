//! Removing what a program that nobody trusts has left behind.

use std::io;
use std::path::Path;

/// Removes a folder that others may still be busy in: they lose it first.
///
/// # Errors
/// If the system refuses.
pub fn take_away(folder: &Path) -> io::Result<()> {
    let gone = folder.with_extension("gone");
    std::fs::rename(folder, &gone)?;
    remove_all(&gone)
}

/// Removes a folder with all that is in it, however deep.
///
/// What lies deeper is moved up first: a path has an end (`PATH_MAX`, path_resolution(7)), and so
/// have a stack and the table of open files. Nothing else may use the folder at that time.
///
/// # Errors
/// If the system refuses; what could be removed is gone then.
#[cfg(unix)]
pub fn remove_all(root: &Path) -> io::Result<()> {
    let mut n_moved = 0_u64;
    loop {
        let entries: Vec<_> = std::fs::read_dir(root)?.collect::<Result<_, _>>()?;
        if entries.is_empty() {
            return std::fs::remove_dir(root);
        }
        for entry in entries {
            if !entry.file_type()?.is_dir() {
                std::fs::remove_file(entry.path())?;
                continue;
            }
            for child in children(&entry.path())? {
                n_moved += 1;
                std::fs::rename(child, root.join(format!("{n_moved}.moved")))?;
            }
            std::fs::remove_dir(entry.path())?;
        }
    }
}

/// Empties a folder of all but folders, and opens those up: one that may not be written to cannot
/// be moved, as its `..` changes.
#[cfg(unix)]
fn children(folder: &Path) -> io::Result<Vec<std::path::PathBuf>> {
    use std::os::unix::fs::PermissionsExt as _;
    let open = || std::fs::Permissions::from_mode(0o700);
    std::fs::set_permissions(folder, open())?;
    let mut folders = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            std::fs::set_permissions(entry.path(), open())?;
            folders.push(entry.path());
        } else {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(folders)
}

/// Removes a folder with all that is in it.
///
/// # Errors
/// If the system refuses.
#[cfg(not(unix))]
pub fn remove_all(root: &Path) -> io::Result<()> {
    std::fs::remove_dir_all(root)
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    #[test]
    fn removes_what_is_deep_wide_closed_or_a_link() {
        let root = std::env::temp_dir().join(format!("removal-{}", std::process::id()));
        let outside = root.with_extension("outside");
        std::fs::create_dir(&root).unwrap();
        std::fs::create_dir(&outside).unwrap();
        std::fs::write(outside.join("kept"), "").unwrap();
        symlink(&outside, root.join("link")).unwrap();
        let closed = root.join("closed/inner");
        std::fs::create_dir_all(&closed).unwrap();
        std::fs::write(closed.join("file"), "").unwrap();
        std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o000)).unwrap();
        // Deeper than a path can say: each step wraps what is there.
        let deep = root.join("deep");
        std::fs::create_dir(&deep).unwrap();
        for _ in 0..3000 {
            let outer = root.join("outer");
            std::fs::create_dir(&outer).unwrap();
            std::fs::rename(&deep, outer.join("d")).unwrap();
            std::fs::rename(&outer, &deep).unwrap();
        }
        remove_all(&root).unwrap();
        assert!(!root.exists() && outside.join("kept").exists());
        std::fs::remove_dir_all(outside).unwrap();
    }
}
