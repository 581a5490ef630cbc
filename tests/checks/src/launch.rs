//! How a program under check is started: its copy of the sources, its command, its answers.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use harness::{Failure, Program, plain_environment};

use crate::sandbox::Sandbox;
use crate::subject::{Answer, Start, Subject};

/// The command of `start`, in `folder`; `fill` puts in what its texts leave open.
pub(crate) fn command(
    start: &Start,
    folder: &Path,
    fill: impl Fn(&str) -> String,
    subject: &Subject,
    sandbox: Option<&Sandbox>,
) -> Command {
    let mut command = Command::new(program_path(&start.command[0], folder));
    command
        .args(start.command[1..].iter().map(|word| fill(word)))
        .current_dir(folder);
    plain_environment(&mut command);
    if !subject.is_reference {
        unbuffered(&mut command);
    }
    command.envs(sandbox.map(Sandbox::environment).unwrap_or_default());
    let own = start.environment.iter();
    command.envs(own.map(|(name, value)| (name, fill(value))));
    command
}

/// Types the answers that wait for no prompt, and has the others typed when their prompts appear.
pub(crate) fn answer(
    program: &mut Program,
    answers: &[Answer],
    fill: impl Fn(&str) -> String,
) -> Result<(), Failure> {
    let mut prompted = Vec::new();
    for Answer { prompt, text } in answers {
        let line = format!("{}\n", fill(text));
        match prompt {
            Some(prompt) => prompted.push((prompt.clone(), line)),
            None => program.type_in(line.as_bytes())?,
        }
    }
    if prompted.is_empty() {
        return Ok(());
    }
    program.answer(prompted)
}

/// A path of the command that is relative to the folder is found there, on every system.
fn program_path(program: &str, folder: &Path) -> PathBuf {
    let path = Path::new(program);
    if path.components().count() > 1 && path.is_relative() {
        folder.join(path)
    } else {
        path.into()
    }
}

/// Makes a C program print at once, as it does on a terminal: behind a pipe it would keep its lines in
/// a buffer, and its prompts. What stdbuf(1) does, without a word more on the command line.
fn unbuffered(command: &mut Command) {
    let library = ["/usr/libexec/coreutils", "/usr/lib/coreutils"]
        .map(|folder| Path::new(folder).join("libstdbuf.so"))
        .into_iter()
        .find(|library| library.exists());
    if let Some(library) = library {
        command.env("LD_PRELOAD", library).env("_STDBUF_O", "0");
    }
}

/// Adds the files that the program wants to find, unless they are there; folders end in `/`.
pub(crate) fn add_files(folder: &Path, files: &BTreeMap<PathBuf, String>) -> std::io::Result<()> {
    for (name, text) in files {
        let path = folder.join(name);
        if name.to_string_lossy().ends_with('/') {
            std::fs::create_dir_all(&path)?;
        } else if !path.exists() {
            path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
            std::fs::write(path, text)?;
        }
    }
    Ok(())
}

/// How deep the folders of a submission may be.
const DEEPEST: usize = 64;

/// Copies a folder with all that is in it; links stay links, pipes and `.git` stay behind.
pub(crate) fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    copy_level(from, to, DEEPEST)
}

fn copy_level(from: &Path, to: &Path, levels: usize) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    let entries: Vec<_> = std::fs::read_dir(from)?.collect::<Result<_, _>>()?;
    for entry in entries {
        let (kind, target) = (entry.file_type()?, to.join(entry.file_name()));
        if kind.is_dir() && levels == 0 {
            return Err(std::io::Error::other("folders in folders in folders"));
        }
        if kind.is_dir() && entry.file_name() != ".git" {
            copy_level(&entry.path(), &target, levels - 1)?;
        } else if kind.is_file() {
            harness::write_programs(|| std::fs::copy(entry.path(), target))?;
        } else if kind.is_symlink() {
            #[cfg(unix)]
            std::os::unix::fs::symlink(std::fs::read_link(entry.path())?, target)?;
        }
    }
    Ok(())
}
