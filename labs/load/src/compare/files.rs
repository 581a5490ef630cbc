//! The files that a comparison writes.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use common::tr;

use super::say;

/// The old page stands until the new one is complete. What is no file, such as a link or /dev/stdout,
/// stays what it is, and is written to.
pub(super) fn write(path: &Path, text: &str) -> Result<()> {
    let is_special = fs::symlink_metadata(path).is_ok_and(|found| !found.is_file());
    let written = if is_special {
        fs::write(path, text)
    } else {
        let mut new = path.as_os_str().to_owned();
        new.push(".new");
        fs::write(&new, text).and_then(|()| fs::rename(&new, path))
    };
    written.with_context(|| format!("write {}", path.display()))?;
    let path = path.display();
    say(&tr!("written: {path}", "записано: {path}"));
    Ok(())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    #[test]
    fn a_link_stays_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let [page, link] = ["page.html", "link.html"].map(|name| folder.path().join(name));
        std::os::unix::fs::symlink(&page, &link).unwrap();
        write(&link, "text").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        write(&page, "another").unwrap();
        assert_eq!(fs::read_to_string(&link).unwrap(), "another");
    }
}
