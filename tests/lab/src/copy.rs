//! A submission's folder, copied to where it can do no harm.

use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, bail};
use common::tr;

/// The most that a submission may have.
const MOST_BYTES: u64 = 100 << 20;
const MOST_FILES: usize = 10_000;
const MOST_LEVELS: usize = 48;

/// What nobody hands in on purpose, and programs make themselves.
const LEFT_OUT: &[&str] = &[".git", "node_modules", "__pycache__", ".venv", "venv"];

/// Copies the folder `from` with all that is in it to the new folder `to`; what is made by tools
/// stays behind.
///
/// # Errors
/// If a symbolic link leaves the folder, something in it is neither file nor folder, or it is too
/// large.
pub fn copy_confined(from: &Path, to: &Path) -> anyhow::Result<()> {
    let root = from
        .canonicalize()
        .with_context(|| from.display().to_string())?;
    let mut copying = Copying {
        root: root.clone(),
        n_bytes: 0,
        n_files: 0,
        n_levels: 0,
    };
    copying.folder(&root, to)
}

struct Copying {
    root: PathBuf,
    n_bytes: u64,
    n_files: usize,
    n_levels: usize,
}

impl Copying {
    fn folder(&mut self, from: &Path, to: &Path) -> anyhow::Result<()> {
        fs::create_dir(to)?;
        // A folder is not kept open while those in it are copied: there may be many.
        let entries: Vec<_> = fs::read_dir(from)?.collect::<Result<_, _>>()?;
        for entry in entries {
            let name = entry.file_name();
            let is_built = name == "target" && from.join("Cargo.toml").exists();
            if !is_built && LEFT_OUT.iter().all(|left_out| name != *left_out) {
                self.entry(&entry.path(), &to.join(entry.file_name()))?;
            }
        }
        Ok(())
    }

    fn entry(&mut self, from: &Path, to: &Path) -> anyhow::Result<()> {
        let meta = from.symlink_metadata()?;
        let shown = from.strip_prefix(&self.root).unwrap_or(from).display();
        self.n_files += 1;
        self.n_bytes += meta.len();
        if self.n_files > MOST_FILES || self.n_bytes > MOST_BYTES {
            let most = MOST_BYTES >> 20;
            bail!(tr!(
                "the folder is too large: more than {MOST_FILES} files or {most} MiB",
                "папка слишком велика: больше {MOST_FILES} файлов или {most} МиБ"
            ));
        }
        if meta.is_dir() {
            return self.inner_folder(from, to);
        }
        if meta.is_file() {
            fs::copy(from, to).with_context(|| shown.to_string())?;
            return Ok(());
        }
        if !meta.is_symlink() {
            bail!(tr!(
                "{shown} is neither a file nor a folder",
                "{shown} — не файл и не папка"
            ));
        }
        let target = fs::read_link(from)?;
        if !self.stays_inside(from, &target) {
            bail!(tr!(
                "the symbolic link {shown} leaves the folder",
                "символическая ссылка {shown} ведёт за пределы папки"
            ));
        }
        link(&target, to)
    }

    fn inner_folder(&mut self, from: &Path, to: &Path) -> anyhow::Result<()> {
        self.n_levels += 1;
        if self.n_levels > MOST_LEVELS {
            bail!(tr!(
                "the folder is too deep: more than {MOST_LEVELS} levels",
                "папка слишком глубока: больше {MOST_LEVELS} уровней"
            ));
        }
        self.folder(from, to)?;
        self.n_levels -= 1;
        Ok(())
    }

    /// Whether a link in this place leads to something in the folder, without passing outside.
    fn stays_inside(&self, link: &Path, target: &Path) -> bool {
        if target.is_absolute() {
            return false;
        }
        let Some(folder) = link
            .parent()
            .and_then(|folder| folder.strip_prefix(&self.root).ok())
        else {
            return false;
        };
        let mut depth = folder.components().count();
        for part in target.components() {
            match part {
                Component::ParentDir if depth == 0 => return false,
                Component::ParentDir => depth -= 1,
                Component::Normal(_) => depth += 1,
                _ => {}
            }
        }
        // A link to a link that leaves is found at that one; one that leads nowhere harms nobody.
        let whole = link
            .parent()
            .map(|folder| folder.join(target).canonicalize());
        whole.is_none_or(|whole| {
            whole.is_ok_and(|path| path.starts_with(&self.root)) || !link.exists()
        })
    }
}

#[cfg(unix)]
fn link(target: &Path, to: &Path) -> anyhow::Result<()> {
    Ok(std::os::unix::fs::symlink(target, to)?)
}

#[cfg(not(unix))]
fn link(_target: &Path, to: &Path) -> anyhow::Result<()> {
    bail!("{}: symbolic links are not supported here", to.display())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;
    use tempfile::TempDir;

    /// Copies a folder with one link to `target`, from a folder in it.
    fn with_link(target: &str) -> anyhow::Result<()> {
        let (from, to) = (TempDir::new()?, TempDir::new()?);
        fs::create_dir(from.path().join("sub"))?;
        fs::write(from.path().join("server.py"), "")?;
        symlink(target, from.path().join("sub/link"))?;
        copy_confined(from.path(), &to.path().join("copy"))
    }

    #[test]
    fn links_that_leave_the_folder_are_refused() {
        assert!(with_link("../server.py").is_ok());
        for target in ["/etc/passwd", "../../x", "a/../../../etc/passwd", "/"] {
            let error = with_link(target).unwrap_err().to_string();
            assert!(error.contains("sub/link"), "{target}: {error}");
        }
    }

    #[test]
    fn a_folder_that_is_too_deep_or_has_a_pipe_is_refused() {
        let (from, to) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        let deep = vec!["d"; MOST_LEVELS + 1].join("/");
        fs::create_dir_all(from.path().join(&deep)).unwrap();
        let error = copy_confined(from.path(), &to.path().join("one")).unwrap_err();
        assert!(error.to_string().contains("too deep"), "{error}");
        fs::remove_dir(from.path().join(deep)).unwrap();
        copy_confined(from.path(), &to.path().join("two")).unwrap();
        let pipe = std::process::Command::new("mkfifo")
            .arg(from.path().join("pipe"))
            .status();
        assert!(pipe.unwrap().success());
        let error = copy_confined(from.path(), &to.path().join("three")).unwrap_err();
        assert!(error.to_string().contains("pipe is neither"), "{error}");
    }

    #[test]
    fn what_tools_have_made_stays_behind() {
        let (from, to) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        fs::create_dir(from.path().join(".git")).unwrap();
        fs::create_dir(from.path().join("src")).unwrap();
        fs::write(from.path().join("src/a.c"), "int x;").unwrap();
        let copy = to.path().join("copy");
        copy_confined(from.path(), &copy).unwrap();
        assert_eq!(fs::read_to_string(copy.join("src/a.c")).unwrap(), "int x;");
        assert!(!copy.join(".git").exists());
    }
}
