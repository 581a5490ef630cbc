//! What a run has found, for people and for other programs: a page for the class and one for each
//! submission, JSON, CSV, JUnit XML, and the formats of Gradescope and GitHub Classroom.
//!
//! Points are never counted here: every format takes them from [`crate::results::Score`].
//!
//! Names, messages and transcripts hold what students wrote. In every format but `class.json`, which
//! is for programs, invisible characters are spelled out, so that no terminal, parser or eye stumbles
//! over them; then each writer escapes what its own format gives a meaning to.

mod classroom;
mod columns;
mod csv;
mod diagram;
mod gradescope;
mod html;
mod json;
mod junit;
mod names;
mod page;
mod shell;
mod summary;
mod text;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::results::Class;

/// Writes all reports of `class` into `folder`, which comes into being if need be:
/// `index.html`, `class.json`, `class.csv`, `junit.xml`, and for each submission, in a folder of its
/// name, `index.html`, `results.json` for Gradescope, `classroom.json` and `classroom.output` for
/// GitHub Classroom.
///
/// A name that is no safe name of a folder is changed; `class.json` says for each submission what
/// its folder is called, and so does what is returned. A file is there as a whole or not at all.
///
/// # Errors
/// If something cannot be written.
pub fn write(class: &Class, folder: &Path) -> Result<Vec<String>> {
    let folders = names::folders(class.submissions.iter().map(|graded| graded.name.as_str()));
    let save = |name: &str, content: &str| save(&folder.join(name), content);
    for (graded, name) in class.submissions.iter().zip(&folders) {
        let own = |file: &str, content: &str| save(&format!("{name}/{file}"), content);
        own("index.html", &page::page(class, graded))?;
        own("results.json", &gradescope::results(class, graded)?)?;
        let classroom = classroom::result(graded)?;
        own("classroom.json", &classroom)?;
        own("classroom.output", &classroom::output(&classroom))?;
    }
    save("class.json", &json::class(class, &folders)?)?;
    save("class.csv", &csv::table(class)?)?;
    save("junit.xml", &junit::xml(class)?)?;
    let links: Vec<String> = folders
        .iter()
        .map(String::as_str)
        .map(names::link)
        .collect();
    save("index.html", &html::page(class, &links))?;
    Ok(folders)
}

/// Writes a new file and gives it the name when it is complete, so that nobody reads half of it.
fn save(path: &Path, content: &str) -> Result<()> {
    let write = || {
        fs::create_dir_all(path.parent().unwrap_or(Path::new("")))?;
        let unfinished = path.with_extension("unfinished");
        fs::write(&unfinished, content)?;
        fs::rename(unfinished, path)
    };
    write().with_context(|| format!("write {}", path.display()))
}
