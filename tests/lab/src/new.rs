//! `cargo lab new`: a starter for a lab, to be finished by a student.
//!
//! The starters are the folders `starters/LAB/LANGUAGE`, part of the grader's binary. They speak two
//! languages line by line: a line that begins with `en|` or `ru|` belongs to one of them, and any
//! other line to both. What [`create`] writes has neither mark.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::ValueEnum;
use common::{Lang, tr};
use include_dir::{Dir, include_dir};

use crate::terminal::say;

static STARTERS: Dir = include_dir!("$CARGO_MANIFEST_DIR/starters");

/// A programming language that there are starters in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// Python 3.8 or newer
    Python,
    /// Rust, with its standard library alone
    Rust,
    /// C, with POSIX
    C,
}

impl Display for Language {
    /// As on the command line.
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        f.write_str(match self {
            Self::Python => "python",
            Self::Rust => "rust",
            Self::C => "c",
        })
    }
}

/// Writes the starter of `lab` into `folder`, in the chosen language, and prints what to do next.
///
/// # Errors
/// As [`make`].
pub fn create(lab: &str, language: Language, folder: &Path) -> anyhow::Result<()> {
    say!("{}", make(lab, language, folder)?.trim_end());
    Ok(())
}

/// Writes the starter of `lab` into `folder`; what was made, and what to do next, in lines.
///
/// # Errors
/// If there is no such lab, if the folder exists and is not empty, or if the system refuses; nothing
/// half done is left behind.
pub fn make(lab: &str, language: Language, folder: &Path) -> anyhow::Result<String> {
    let files = files(lab, language, common::lang())?;
    refuse_if_taken(folder)?;
    write_all(&files, folder)?;
    Ok(next_steps(lab, language, folder, &files))
}

/// The labs that there are starters for.
pub fn labs() -> Vec<String> {
    let mut labs: Vec<String> = STARTERS
        .dirs()
        .map(|lab| lab.path().display().to_string())
        .collect();
    labs.sort();
    labs
}

/// The files of a starter: path in its folder, and text in one language.
///
/// # Errors
/// If there is no such starter.
pub fn files(
    lab: &str,
    language: Language,
    lang: Lang,
) -> anyhow::Result<BTreeMap<PathBuf, String>> {
    let root = format!("{lab}/{language}");
    let Some(starter) = STARTERS.get_dir(&root) else {
        let known = labs().join(", ");
        bail!(tr!(
            "there is no starter for `{lab}`; there are {known}",
            "заготовки для «{lab}» нет; есть {known}"
        ));
    };
    let mut files = BTreeMap::new();
    collect(starter, &mut |path, text| {
        let path = path.strip_prefix(&root).unwrap_or(path);
        files.insert(path.to_owned(), speaking(lang, text));
    });
    Ok(files)
}

fn collect(folder: &Dir, add: &mut impl FnMut(&Path, &str)) {
    for file in folder.files() {
        add(file.path(), file.contents_utf8().unwrap_or_default());
    }
    for inner in folder.dirs() {
        collect(inner, add);
    }
}

/// The text without the lines of the other language, and without the marks.
fn speaking(lang: Lang, text: &str) -> String {
    let (own, other) = match lang {
        Lang::En => ("en|", "ru|"),
        Lang::Ru => ("ru|", "en|"),
    };
    text.lines()
        .filter(|line| !line.starts_with(other))
        .map(|line| line.strip_prefix(own).unwrap_or(line).to_owned() + "\n")
        .collect()
}

fn refuse_if_taken(folder: &Path) -> anyhow::Result<()> {
    let shown = folder.display();
    if !folder.exists() {
        return Ok(());
    }
    let mut entries = fs::read_dir(folder).with_context(|| format!("read {shown}"))?;
    if entries.next().is_none() {
        return Ok(());
    }
    bail!(tr!(
        "{shown} exists and is not empty",
        "папка {shown} уже есть, и она не пуста"
    ))
}

/// Writes the files into a new folder beside `folder`, which then takes its name: either all is there
/// or nothing.
fn write_all(files: &BTreeMap<PathBuf, String>, folder: &Path) -> anyhow::Result<()> {
    let shown = folder.display();
    let parent = match folder.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let made = tempfile::Builder::new()
        .prefix(".lab-new-")
        .tempdir_in(parent)
        // The error names the folder that nobody has asked for.
        .map_err(|error| io::Error::from(error.kind()))
        .with_context(|| format!("make {shown}"))?;
    let inner = made.path().join("starter");
    for (name, text) in files {
        let path = inner.join(name);
        let above = path.parent().unwrap_or(&inner);
        let written = fs::create_dir_all(above).and_then(|()| fs::write(&path, text));
        written.with_context(|| format!("write {}", folder.join(name).display()))?;
    }
    if folder.is_dir() {
        move_all(&inner, folder).with_context(|| format!("write to {shown}"))
    } else {
        fs::rename(&inner, folder).with_context(|| format!("make {shown}"))
    }
}

/// Moves what is in `from` into the empty folder `to`, which may be the current one; on an error it
/// is empty again.
fn move_all(from: &Path, to: &Path) -> io::Result<()> {
    let mut moved = Vec::new();
    let result = fs::read_dir(from)?.try_for_each(|entry| {
        let entry = entry?;
        let target = to.join(entry.file_name());
        fs::rename(entry.path(), &target)?;
        moved.push((target, entry.path()));
        Ok(())
    });
    if result.is_err() {
        for (target, back) in moved {
            let _ = fs::rename(target, back);
        }
    }
    result
}

fn next_steps(
    lab: &str,
    language: Language,
    folder: &Path,
    files: &BTreeMap<PathBuf, String>,
) -> String {
    let shown = folder.display();
    let names = files.keys().map(|path| path.display().to_string());
    let names = names.collect::<Vec<_>>().join(", ");
    let word = quoted(&folder.to_string_lossy());
    let mut lines = vec![
        tr!("made in {shown}: {names}", "создано в {shown}: {names}"),
        tr!("run it:", "запуск:"),
        format!("  cd {word}"),
    ];
    let start = start_lines(language, files);
    lines.extend(start.iter().map(|line| format!("  {line}")));
    lines.push(tr!(
        "check it, from the folder where you are now:",
        "проверка, из папки, в которой вы сейчас:"
    ));
    lines.push(format!("  cargo lab check {word}"));
    let guide = guide(lab);
    lines.push(tr!("the guide: {guide}", "руководство: {guide}"));
    lines.join("\n") + "\n"
}

/// The page of the guide, as a path from the root of the repository.
fn guide(lab: &str) -> String {
    let language = match common::lang() {
        Lang::En => "en",
        Lang::Ru => "ru",
    };
    format!("docs/{language}/src/{lab}.md")
}

/// How the program is started that others talk to.
fn start_lines(language: Language, files: &BTreeMap<PathBuf, String>) -> Vec<String> {
    let stems = files.keys().filter_map(|path| name_without_ending(path));
    let server = stems.filter(|stem| stem.ends_with("server") || stem == "receiver");
    server
        .take(1)
        .flat_map(|stem| match language {
            Language::Python => vec![format!("python3 {stem}.py")],
            Language::Rust => vec![format!("cargo run --bin {stem}")],
            Language::C => vec![format!("cc -Wall -o {stem} {stem}.c"), format!("./{stem}")],
        })
        .collect()
}

fn name_without_ending(path: &Path) -> Option<String> {
    Some(path.file_stem()?.to_string_lossy().into_owned())
}

/// The word as a shell takes it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+:@%,".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}
