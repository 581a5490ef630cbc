//! Where interpreters and compilers are that the system's own folders do not hold.

use std::env;
use std::path::{Path, PathBuf};

/// What a sandbox shows anyway.
const SYSTEM: &[&str] = &["/usr", "/bin", "/sbin", "/lib", "/opt"];

/// What belongs to the programs of a folder `bin` and stands beside it: hier(7), and the mark of a
/// virtual environment of Python. What else is there may be anybody's files.
const BESIDE_BIN: &[&str] = &["bin", "lib", "lib64", "libexec", "include", "pyvenv.cfg"];

/// The folders, and a few files, that programs on `PATH` need. Of a home folder only what a tool made
/// for itself: `~/.pyenv`, `~/.rustup`, `~/.cargo/bin`.
pub(crate) fn interpreters() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let home = env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let on_path = env::split_paths(&path).filter(|folder| folder.is_absolute());
    let needed = on_path.flat_map(|folder| parts_of(&folder, &home));
    let mut found: Vec<PathBuf> = Vec::new();
    for part in needed.chain([rustup_home()]) {
        let is_system = SYSTEM.iter().any(|system| part.starts_with(system));
        let is_known = found.iter().any(|known| part.starts_with(known));
        if part.exists() && !is_system && !is_known && part != home && part != Path::new("/") {
            found.push(part);
        }
    }
    found
}

/// Where rustup keeps the compilers, whatever a sandbox takes for the home folder.
pub(crate) fn rustup_home() -> PathBuf {
    let home = || env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    env::var_os("RUSTUP_HOME").map_or_else(|| home().join(".rustup"), PathBuf::from)
}

/// What has to be seen for a folder on `PATH` to be of use.
fn parts_of(folder: &Path, home: &Path) -> Vec<PathBuf> {
    let in_home = folder.strip_prefix(home).ok();
    if let Some(tool) = in_home.and_then(|rest| rest.iter().next()) {
        // cargo keeps credentials beside its programs, and everybody has something in .local.
        let is_mixed = tool == ".cargo" || tool == ".local";
        if tool.to_string_lossy().starts_with('.') && !is_mixed {
            return vec![home.join(tool)];
        }
    }
    match folder.parent().filter(|_| folder.ends_with("bin")) {
        Some(prefix) => BESIDE_BIN.iter().map(|name| prefix.join(name)).collect(),
        None => vec![folder.to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_programs_shows_no_neighbours() {
        let parts = |folder: &str| parts_of(Path::new(folder), Path::new("/home/ann"));
        assert_eq!(
            parts("/home/ann/.pyenv/shims"),
            [Path::new("/home/ann/.pyenv")]
        );
        assert_eq!(parts("/srv/scripts"), [Path::new("/srv/scripts")]);
        for (folder, prefix) in [
            ("/home/ann/course/bin", "/home/ann/course"),
            ("/home/ann/.cargo/bin", "/home/ann/.cargo"),
            ("/home/ann/bin", "/home/ann"),
            ("/srv/python/bin", "/srv/python"),
        ] {
            let expected: Vec<PathBuf> = BESIDE_BIN
                .iter()
                .map(|name| Path::new(prefix).join(name))
                .collect();
            assert_eq!(parts(folder), expected);
        }
    }
}
