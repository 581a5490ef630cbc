//! `class.json`: everything, for programs; `tests/lab/schemas/class.schema.json` describes it.

use anyhow::Result;
use serde::Serialize;

use super::columns::columns;
use super::text::verdict_name;
use crate::results::Class;

/// The number changes when a reader of the old format would go wrong.
const FORMAT: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    format: u32,
    /// The language of all texts.
    language: &'static str,
    /// Where the other reports of each submission are, in the order of the submissions.
    folders: &'a [String],
    #[serde(flatten)]
    class: &'a Class,
    labs: Vec<Lab>,
    checks: Vec<Check>,
}

#[derive(Serialize)]
struct Lab {
    name: &'static str,
    title: &'static str,
    tasks: Vec<Task>,
}

#[derive(Serialize)]
struct Task {
    id: &'static str,
    title: &'static str,
}

/// What a check is about, and how it went in the class.
#[derive(Serialize)]
struct Check {
    program: String,
    id: String,
    level: Option<&'static str>,
    task: &'static str,
    title: Option<&'static str>,
    guide: Option<String>,
    /// How many submissions came to each verdict.
    verdicts: std::collections::BTreeMap<&'static str, usize>,
}

/// The document.
///
/// # Errors
/// If a number is not finite.
pub(super) fn class(class: &Class, folders: &[String]) -> Result<String> {
    let labs = checks::LABS.iter().map(|lab| Lab {
        name: lab.name,
        title: lab.title.text(),
        tasks: lab
            .tasks
            .iter()
            .map(|task| Task {
                id: task.id,
                title: task.title.text(),
            })
            .collect(),
    });
    let document = Document {
        format: FORMAT,
        language: match common::lang() {
            common::Lang::En => "en",
            common::Lang::Ru => "ru",
        },
        folders,
        class,
        labs: labs.collect(),
        checks: checks(class),
    };
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

fn checks(class: &Class) -> Vec<Check> {
    let described = columns(class).into_iter().map(|column| {
        let mut verdicts = std::collections::BTreeMap::new();
        let results = class
            .submissions
            .iter()
            .filter_map(|graded| column.result(graded));
        for result in results {
            *verdicts.entry(verdict_name(result.verdict)).or_default() += 1;
        }
        Check {
            level: column.check.map(|check| match check.level {
                checks::Level::Must => "must",
                checks::Level::Should => "should",
                checks::Level::Note => "note",
            }),
            task: column.task(),
            title: column.check.map(|check| check.title.text()),
            guide: column.check.map(|check| check.guide()),
            program: column.program,
            id: column.id,
            verdicts,
        }
    });
    described.collect()
}
