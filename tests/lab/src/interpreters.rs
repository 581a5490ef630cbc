//! Where interpreters and compilers are that the system's own folders do not hold.

use std::env;
use std::path::{Path, PathBuf};

/// What a sandbox shows anyway.
const SYSTEM: &[&str] = &["/usr", "/bin", "/sbin", "/lib", "/opt"];

/// The folders that programs on `PATH` need, each with the place where they look for it. Of a home
/// folder only the part that a tool made for itself: `~/.pyenv`, `~/.rustup`, `~/.cargo/bin`.
pub(crate) fn interpreters() -> Vec<(PathBuf, PathBuf)> {
    let path = env::var_os("PATH").unwrap_or_default();
    let home = env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let on_path = env::split_paths(&path).filter(|folder| folder.is_absolute());
    let mut found: Vec<PathBuf> = Vec::new();
    for folder in on_path
        .map(|folder| part_of(&folder, &home))
        .chain([rustup_home()])
    {
        let is_system = SYSTEM.iter().any(|system| folder.starts_with(system));
        let is_known = found.iter().any(|known| folder.starts_with(known));
        if folder.is_dir() && !is_system && !is_known && folder != home && folder != Path::new("/")
        {
            found.push(folder);
        }
    }
    found
        .into_iter()
        .map(|folder| (folder.clone(), folder))
        .collect()
}

/// Where rustup keeps the compilers, whatever a sandbox takes for the home folder.
pub(crate) fn rustup_home() -> PathBuf {
    let home = || env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    env::var_os("RUSTUP_HOME").map_or_else(|| home().join(".rustup"), PathBuf::from)
}

/// What has to be seen for a folder on `PATH` to be of use.
fn part_of(folder: &Path, home: &Path) -> PathBuf {
    let Some(tool) = folder
        .strip_prefix(home)
        .ok()
        .and_then(|rest| rest.iter().next())
    else {
        // `bin` beside `lib`.
        return folder
            .parent()
            .filter(|_| folder.ends_with("bin"))
            .unwrap_or(folder)
            .to_owned();
    };
    // cargo keeps credentials beside its programs.
    if tool == ".cargo" || tool == ".local" || tool == "bin" {
        folder.to_owned()
    } else {
        home.join(tool)
    }
}
